"""SUB_WORKFLOW and START_WORKFLOW: other runs."""

from __future__ import annotations

from collections.abc import Mapping

from podium.engine import ending
from podium.engine.decision import Decision
from podium.engine.events import ChildEnded, Follow, Start
from podium.engine.ids import task_id
from podium.engine.operators.base import Operator
from podium.engine.plan import Node, Plan
from podium.engine.records import TaskRecord
from podium.engine.start_keys import KeyHolder, KeyTaken
from podium.expressions.text import java_text
from podium.model.codec import to_dict
from podium.model.definitions import WorkflowDef, WorkflowTask
from podium.model.errors import DefinitionError, WorkflowNotFound
from podium.model.json_text import shown
from podium.model.statuses import IdempotencyStrategy, RunStatus, TaskStatus, TaskType
from podium.model.texts import storable
from podium.model.values import JsonObject, JsonValue, object_in

_TASK_STATUS = {
    RunStatus.COMPLETED: TaskStatus.COMPLETED,
    RunStatus.FAILED: TaskStatus.FAILED,
    RunStatus.TERMINATED: TaskStatus.CANCELED,
    RunStatus.TIMED_OUT: TaskStatus.TIMED_OUT,
}


class SubWorkflow(Operator):
    """
    SUB_WORKFLOW: a run of another workflow, started and ended in the same commits as the task.

    Conductor: ``SubWorkflowTaskMapper.java``, ``SubWorkflow.java``. The child's input is what the parameters give,
    also when they give nothing (Conductor hands over its control fields then).
    """

    can_delay = True
    is_queued = True
    is_silent = True
    is_kept = True
    calls_workflow = True
    takes_template = False

    def extras(self, task: WorkflowTask) -> Mapping[str, JsonValue]:
        """Return the parameters that hold expressions."""
        params = task.sub_workflow_param
        if params is None:
            return {}
        inline = params.workflow_definition
        return {
            "name": params.name,
            "taskToDomain": dict(params.task_to_domain or {}),
            "priority": params.priority,
            "idempotencyKey": params.idempotency_key,
            "workflowDefinition": inline if isinstance(inline, str) else None,
        }

    def enter(self, decision: Decision, node: Node, iterations: tuple[int, ...]) -> None:
        """Resolve parameters and inputs; start the child."""
        if node.task.sub_workflow_param is None:
            ending.refuse(
                decision,
                f"Task {node.task.name} is defined as sub-workflow and is missing subWorkflowParams. "
                "Please check the workflow definition",
            )
            return
        inputs = self._inputs(decision, node)
        if inputs["subWorkflowName"] is None and inputs["subWorkflowDefinition"] is None:
            ending.refuse(decision, "SubWorkflow name is null and no workflowDefinition supplied")
            return
        decision.create(
            node,
            iterations,
            task_type=TaskType.SUB_WORKFLOW,
            status=TaskStatus.SCHEDULED,
            inputs=inputs,
        )

    @staticmethod
    def _inputs(decision: Decision, node: Node) -> dict[str, JsonValue]:
        params = node.task.sub_workflow_param
        extras = decision.resolve_extras(node)
        inline: JsonValue = extras.get("workflowDefinition")
        name, version = extras.get("name"), params.version if params else None
        if params is not None and isinstance(params.workflow_definition, WorkflowDef):
            inline = to_dict(params.workflow_definition)
        if isinstance(inline, Mapping):
            name, version = inline.get("name"), None
        elif version is None and name is not None:
            # A definition has its versions since its start; a task that was made at run time has none yet.
            version = _newest_version(decision, java_text(name))
        return {
            "subWorkflowName": name,
            "subWorkflowVersion": version,
            "subWorkflowTaskToDomain": extras.get("taskToDomain") or None,
            "subWorkflowDefinition": inline,
            "priority": extras.get("priority"),
            "idempotencyKey": extras.get("idempotencyKey"),
            "idempotencyStrategy": params.idempotency_strategy if params else None,
            "workflowInput": decision.resolve(node),
        }

    def begin(self, decision: Decision, record: TaskRecord) -> None:
        """Start the child."""
        most = decision.context.limits.nested_runs
        if decision.run.depth + 1 >= most:
            reason = f"a sub-workflow cannot be started here: {most} runs call each other already, which is the limit"
            decision.end(record, TaskStatus.FAILED_WITH_TERMINAL_ERROR, reason=reason)
            return
        try:
            plan = _child_plan(decision, record)
        except (WorkflowNotFound, DefinitionError) as error:
            decision.end(record, TaskStatus.FAILED, reason=str(error))
            return
        if not decision.lets_in(record):
            return
        child_id = decision.context.ids.child_id(record.run_id, record.task_id, record.retry_count)
        try:
            key = _take_key(decision, record, plan, record.input, child_id)
        except KeyTaken as taken:
            self._share(decision, record, taken)
            return
        inputs = dict(object_in(record.input, "workflowInput"))
        if record.input.get("subWorkflowDefinition") is not None:
            inputs["_systemMetadata"] = {"dynamic": True}
        run = decision.run
        priority = record.input.get("priority")
        self._wait_for(decision, record, child_id)
        decision.tell(
            Start(
                child_id,
                plan,
                inputs,
                correlation_id=run.correlation_id,
                priority=_priority(priority if isinstance(priority, int) and not isinstance(priority, bool) else 0),
                task_to_domain=_domains(record.input, "subWorkflowTaskToDomain") or run.task_to_domain,
                parent_id=run.run_id,
                parent_seq=record.seq,
                depth=run.depth + 1,
                idempotency_key=key,
                masks=decision.masks,
                trace=run.trace,
            ),
        )

    @staticmethod
    def _wait_for(decision: Decision, record: TaskRecord, run_id: str) -> None:
        record.status = TaskStatus.IN_PROGRESS
        record.started_at = record.updated_at = decision.context.now
        record.sub_workflow_id = run_id
        record.output = {"subWorkflowId": run_id}
        decision.arm(record)
        decision.state.touch(record)

    def _share(self, decision: Decision, record: TaskRecord, taken: KeyTaken) -> None:
        """Another run has the key of the call: wait for that one, or fail, as the strategy says."""
        holder = taken.holder.run_id
        if not taken.may_share:
            _refuse_key(decision, record, taken)
        elif holder in {decision.run.run_id, decision.run.parent_id}:
            reason = f"{taken}, which waits for this task itself"
            decision.end(record, TaskStatus.FAILED_WITH_TERMINAL_ERROR, reason=reason)
        else:
            record.is_follower = True
            self._wait_for(decision, record, holder)
            decision.tell(Follow(holder, record.run_id, record.seq))

    def child_ended(self, decision: Decision, record: TaskRecord, event: ChildEnded) -> None:
        """The child has ended: so has the task. What the child masks, this run masks too from now on."""
        decision.run.masks = sorted({*decision.run.masks, *event.masks})
        reason = None
        if event.status is not RunStatus.COMPLETED:
            reason = f"Sub workflow {event.child_label} failure reason: {java_text(event.reason)}"
        output = {**event.output, "subWorkflowId": event.child_id}
        decision.end(record, _TASK_STATUS[event.status], output, reason)

    def inputs_again(self, decision: Decision, node: Node, record: TaskRecord) -> dict[str, JsonValue]:
        """Resolve parameters and inputs anew."""
        return self._inputs(decision, node)

    def inputs_given(self, record: TaskRecord, given: Mapping[str, JsonValue]) -> Mapping[str, JsonValue]:
        """Take what is given for the child's input, unless it says what is to be called, and how."""
        is_whole = not given.keys().isdisjoint({"workflowInput", "subWorkflowName", "subWorkflowDefinition"})
        return {**record.input, **(given if is_whole else {"workflowInput": given})}


def _take_key(
    decision: Decision, record: TaskRecord, plan: Plan, data: Mapping[str, JsonValue], run_id: str
) -> str | None:
    """
    Take the idempotency key that a call names for its new run; None if it names none.

    The run that an earlier attempt of the same place has started gives its key up when it has ended: no retry could
    start another one else.

    Raises:
        KeyTaken: Another run has it.
    """
    key = data.get("idempotencyKey")
    if key is None or key == "":
        return None
    text, strategy = storable(java_text(key)), IdempotencyStrategy(str(data.get("idempotencyStrategy") or "FAIL"))

    def gives_up(holder: KeyHolder) -> bool:
        return holder.parent_id is not None and record.retried_task_id == task_id(holder.parent_id, holder.parent_seq)

    decision.context.start_keys.take(plan.definition.name, text, strategy, run_id, gives_up)
    return text


def _refuse_key(decision: Decision, record: TaskRecord, taken: KeyTaken) -> None:
    """Fail a call whose key is taken: for good, unless the key becomes free when the other run ends."""
    status = TaskStatus.FAILED if taken.is_passing else TaskStatus.FAILED_WITH_TERMINAL_ERROR
    decision.end(record, status, reason=str(taken))


def _newest_version(decision: Decision, name: str) -> int | None:
    try:
        return decision.context.library.find(name, None).definition.version
    except (WorkflowNotFound, DefinitionError):
        return None  # the call itself fails of it, and says so


def _child_plan(decision: Decision, record: TaskRecord) -> Plan:
    inline = record.input.get("subWorkflowDefinition")
    library = decision.context.library
    if inline is not None:
        return library.brought(inline)
    version = record.input.get("subWorkflowVersion")
    return library.find(java_text(record.input["subWorkflowName"]), version if isinstance(version, int) else None)


def _domains(data: JsonObject, key: str) -> dict[str, str]:
    """Return worker domains by task type; what resolved to null gives none."""
    return {task: java_text(domain) for task, domain in object_in(data, key).items() if domain is not None}


class StartWorkflow(Operator):
    """START_WORKFLOW: start another run and go on; the two are not linked. Conductor: ``StartWorkflow.java``."""

    can_delay = True
    is_queued = True
    takes_template = False
    can_be_named = True

    def begin(self, decision: Decision, record: TaskRecord) -> None:
        """Start the other run."""
        request = record.input.get("startWorkflow")
        if not isinstance(request, Mapping):
            decision.end(record, TaskStatus.FAILED, reason="Missing 'startWorkflow' in input data.")
            return
        fault = _unreadable(request)
        if fault is not None:
            decision.end(record, TaskStatus.FAILED, reason=f"Error reading StartWorkflowRequest. {fault}")
            return
        name, inline = request.get("name"), request.get("workflowDef")
        if not name and not inline:
            reason = "startWorkflow validation failed. 'name' -> Workflow name cannot be null or empty. "
            decision.end(record, TaskStatus.FAILED, reason=reason)
            return
        library = decision.context.library
        try:
            plan = library.brought(inline) if inline else library.find(java_text(name), _number(request.get("version")))
        except (WorkflowNotFound, DefinitionError) as error:
            decision.end(record, TaskStatus.FAILED, reason=str(error))
            return
        run = decision.run
        run_id = decision.context.ids.run_id()
        try:
            key = _take_key(decision, record, plan, request, run_id)
        except KeyTaken as taken:
            if taken.may_share:
                decision.end(record, TaskStatus.COMPLETED, {"workflowId": taken.holder.run_id})
            else:
                _refuse_key(decision, record, taken)
            return
        decision.tell(
            Start(
                run_id,
                plan,
                object_in(request, "input"),
                correlation_id=storable(java_text(request.get("correlationId") or "")) or run.correlation_id,
                priority=_priority(_number(request.get("priority"))),
                task_to_domain=_domains(request, "taskToDomain") or run.task_to_domain,
                idempotency_key=key,
                masks=decision.masks,
                trace=run.trace,
            ),
        )
        decision.end(record, TaskStatus.COMPLETED, {"workflowId": run_id})


def _unreadable(request: Mapping[str, JsonValue]) -> str | None:
    """Say what of a request cannot be read, or None."""
    for key in ("version", "priority"):
        value = request.get(key)
        if value is not None and not _is_int(value):
            return f"{key} must be a whole number, not {shown(value)}"
    if isinstance(request.get("correlationId"), Mapping | list):
        return f"correlationId must be a text, not {shown(request['correlationId'])}"
    strategy = request.get("idempotencyStrategy")
    if strategy is not None and strategy not in list(IdempotencyStrategy):
        return f"idempotencyStrategy must be one of {', '.join(IdempotencyStrategy)}, not {shown(strategy)}"
    for key in ("input", "taskToDomain"):
        value = request.get(key)
        if value is not None and not isinstance(value, Mapping):
            return f"{key} must be an object, not {shown(value)}"
    return None


def _is_int(value: JsonValue) -> bool:
    """Return whether a value is, or spells, an integer as the server has them (32 bits)."""
    try:
        return isinstance(value, int | str) and not isinstance(value, bool) and abs(int(value)) < 2**31
    except ValueError:
        return False


def _priority(given: int) -> int:
    """Return the nearest of the priorities that runs can have."""
    return max(0, min(given, 99))


def _number(value: JsonValue) -> int:
    """Return the integer that a readable value is or spells; 0 for null."""
    return int(value) if isinstance(value, int | str) else 0
