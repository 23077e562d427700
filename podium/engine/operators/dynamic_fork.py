"""
FORK_JOIN_DYNAMIC: the branches come from data.

Conductor: ``ForkJoinDynamicTaskMapper.java``. Three spellings, the first that matches wins: a list of inputs for one
task or workflow (``forkTaskInputs``); a list of tasks and a map of their inputs (``dynamicForkTasksParam``); the
legacy list (``dynamicForkJoinTasksParam``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple, TypeAlias

from attrs import evolve

from podium.engine import ending
from podium.engine.branches import at_once
from podium.engine.context import DecisionContext
from podium.engine.decision import Decision
from podium.engine.operators.base import Operator
from podium.engine.operators.fork import FORK
from podium.engine.plan import Node, compile_task, inside
from podium.engine.records import TaskRecord
from podium.expressions.text import java_text
from podium.model.codec import from_dict, to_dict
from podium.model.definitions import SubWorkflowParams, TaskDef, WorkflowTask
from podium.model.errors import DefinitionError
from podium.model.json_text import kind_of
from podium.model.statuses import TaskStatus, TaskType
from podium.model.task_types import SYSTEM_TYPES
from podium.model.texts import name_fault, shown
from podium.model.values import JsonValue, list_in
from podium.model.walk import walk


class _Branch(NamedTuple):
    task: WorkflowTask
    inputs: Mapping[str, JsonValue]


class _RefusedError(Exception):
    """The data does not give branches; the text is the run's reason."""


class DynamicForkOperator(Operator):
    """FORK_JOIN_DYNAMIC, with the JOIN that must follow it."""

    makes_branches = True
    is_retried = False
    takes_template = False

    def enter(self, decision: Decision, node: Node, iterations: tuple[int, ...]) -> None:
        """Make the branches from the data; lay out the fork, the branches in order, then the JOIN."""
        follower = node.follower
        if follower is None or follower.task.type != TaskType.JOIN:
            reason = "Dynamic join definition is not followed by a join task.  Check the workflow definition."
            ending.refuse(decision, reason)
            return
        ref = node.ref_in(iterations)
        preparation = decision.state.preparations.get(ref)
        if not isinstance(preparation, _Preparation):
            preparation = decision.state.preparations[ref] = _Preparation(decision, node, iterations)
        try:
            preparation.learn(decision.context)
            for _ in preparation.steps:
                preparation.learn(decision.context)
                if decision.turn.is_over:
                    decision.is_not_ready = True
                    return
        except _RefusedError as error:
            del decision.state.preparations[ref]
            ending.refuse(decision, str(error))
            return
        del decision.state.preparations[ref]
        record = decision.create(
            node,
            iterations,
            task_type=FORK,
            status=TaskStatus.COMPLETED,
            inputs={
                **preparation.inputs,
                "forkedTasks": [task.task_reference_name for task in preparation.tasks],
                "forkedTaskDefs": preparation.definitions,
            },
            task_def_name=FORK,
        )
        if not record.status.is_successful:
            return  # its input is too large
        decision.state.dynamic |= preparation.places
        begun = preparation.tasks[: preparation.at_once]
        for task in begun:
            decision.enter(decision.state.dynamic[task.task_reference_name], iterations)
        decision.state.begun[ref] = len(begun)
        decision.enter(follower, iterations)

    def after(self, decision: Decision, record: TaskRecord) -> None:
        """Nothing follows: the JOIN came with the fork."""


class _Preparation:
    """
    The branches of one fork in the making: with 40,000 of them that takes longer than a turn.

    It is kept in memory only; whoever takes the run over meanwhile begins anew.
    """

    def __init__(self, decision: Decision, node: Node, iterations: tuple[int, ...]) -> None:
        self.inputs = decision.resolve(node)
        #: How many branches begin by themselves; each of the others when one has ended.
        self.at_once: int | None = None
        self.tasks: list[WorkflowTask] = []
        self.definitions: list[JsonValue] = []
        self.places: dict[str, Node] = {}
        self._names: set[str] = set()
        self._known: dict[str, TaskDef | None] = {}
        self._fallbacks: dict[str, TaskDef] = {}
        self.steps = self._prepare(decision, node, iterations)

    def learn(self, context: DecisionContext) -> None:
        """Look up the task definitions of what was read; not in a step, which would not survive `Missing`."""
        if self._names:
            self._known |= context.library.task_defs(self._names)
            self._names.clear()

    def _fallback(self, name: str) -> TaskDef:
        """Return the definition of a task that has none; one for all, as thousands would hold up the collector."""
        if name not in self._fallbacks:
            self._fallbacks[name] = TaskDef(name=name, retry_count=0, response_timeout_seconds=0)
        return self._fallbacks[name]

    def _prepare(self, decision: Decision, node: Node, iterations: tuple[int, ...]) -> Iterator[None]:
        try:
            self.at_once = at_once(self.inputs)
        except ValueError as error:
            raise _RefusedError(f"Dynamic fork {node.ref!r:.200}: {error}") from error
        most = decision.context.limits.branches
        for branch in _branches(decision, node, self.inputs):
            if branch is not None:
                # Its own parameters are overlaid by its inputs, and resolved again when the branch is entered.
                inputs = {**branch.task.input_parameters, **branch.inputs}
                self.tasks.append(evolve(branch.task, input_parameters=inputs))
                inner = [visit.task for visit in walk((branch.task,))]
                _refuse_nameless(inner)
                self._names.update(task.name for task in inner if task.task_definition is None)
                self._names -= self._known.keys()
            if len(self.tasks) > most:
                raise _RefusedError(f"Dynamic fork {node.ref!r:.200} has more than {most} branches, which is the limit")
            yield
        suffix = "".join(f"__{n}" for n in iterations)
        seen: set[str] = set()
        for number, branch_task in enumerate(self.tasks):
            known = branch_task.task_definition or self._known[branch_task.name] or self._fallback(branch_task.name)
            task = self.tasks[number] = _with_definitions(evolve(branch_task, task_definition=known), self._known)
            _refuse_duplicates(decision, node, suffix, task, seen)
            self.definitions.append(to_dict(task))
            head = compile_task(task, node, number, decision.state.plan.types)
            self.places |= {place.ref: place for place in inside(head.scope)}
            yield


def _refuse_nameless(tasks: Iterable[WorkflowTask]) -> None:
    for task in tasks:
        if not (task.name if task.type == TaskType.SIMPLE else task.type):
            words = f"{task.task_reference_name!r:.200} has no name by which a worker finds it"
            raise _RefusedError(f"Tasks could not be dynamically forked due to invalid input: {words}")
        for name in (task.task_reference_name, task.name, task.type):
            if (fault := name_fault(name)) is not None:
                words = f"the name {shown(name)} {fault}"
                raise _RefusedError(f"Tasks could not be dynamically forked due to invalid input: {words}")


def _refuse_duplicates(decision: Decision, node: Node, suffix: str, task: WorkflowTask, seen: set[str]) -> None:
    for visit in walk((task,)):
        ref = visit.task.task_reference_name
        clashes = ref in seen or decision.attempt_of(ref + suffix) is not None or ref in decision.state.plan.nodes
        if clashes:
            run = decision.run
            raise _RefusedError(
                f"No dynamic tasks could be created for the Workflow: {run.name}.{run.version}/{run.run_id}, "
                f"Dynamic Fork Task: {node.task.name}/{node.ref} attempted to create a duplicate task "
                f"reference name: {ref}",
            )
        seen.add(ref)


def _with_definitions(task: WorkflowTask, known: Mapping[str, TaskDef | None]) -> WorkflowTask:
    """Return a task, and every task inside it, the registered definition of its name."""

    def each(tasks: Iterable[WorkflowTask]) -> tuple[WorkflowTask, ...]:
        return tuple(_with_definitions(one, known) for one in tasks)

    return evolve(
        task,
        task_definition=task.task_definition or known[task.name],
        decision_cases={label: each(body) for label, body in task.decision_cases.items()},
        default_case=each(task.default_case),
        fork_tasks=tuple(each(body) for body in task.fork_tasks),
        loop_over=each(task.loop_over),
    )


#: Branches as they are read from the data; None where another step of the reading is done.
_Branches: TypeAlias = Iterator[_Branch | None]


def _branches(decision: Decision, node: Node, inputs: Mapping[str, JsonValue]) -> _Branches:
    if isinstance(inputs.get("forkTaskInputs"), list):
        return _same_for_each(decision, node, inputs)
    if node.task.dynamic_fork_tasks_param is not None:
        return _listed(node, inputs, node.task.dynamic_fork_tasks_param)
    return _legacy(inputs, node.task.dynamic_fork_join_tasks_param)


def _same_for_each(decision: Decision, node: Node, inputs: Mapping[str, JsonValue]) -> _Branches:
    kind = inputs.get("forkTaskType")
    name = inputs.get("forkTaskName")
    if not name:
        name = kind if kind in SYSTEM_TYPES else node.ref  # a system type stands for itself
    has_forked = any(r.node.traits.makes_branches for r in decision.state.newest.values())
    prefix = f"_{node.ref}_{name}" if has_forked else f"_{name}"
    for index, item in enumerate(list_in(inputs, "forkTaskInputs")):
        yield _Branch(
            _branch_task(node, item, java_text(name), f"{prefix}_{index}", inputs),
            {**(item if isinstance(item, Mapping) else {"input": item}), "__index": index},
        )


def _branch_task(
    node: Node,
    item: JsonValue,
    name: str,
    ref: str,
    inputs: Mapping[str, JsonValue],
) -> WorkflowTask:
    kind, child = inputs.get("forkTaskType"), inputs.get("forkTaskWorkflow")
    base = WorkflowTask(task_reference_name=ref)
    if isinstance(item, Mapping):
        # Conductor reads the item as a task too: keys such as ``optional`` or ``retryCount`` in it take effect.
        try:
            base = from_dict({**item, "taskReferenceName": ref}, WorkflowTask)
        except DefinitionError:
            base = WorkflowTask(task_reference_name=ref)
    task = evolve(
        base,
        name=java_text(child or name),
        task_reference_name=ref,
        type=java_text(kind) if kind else TaskType.SIMPLE.value,
        input_parameters={},
        optional=base.optional or node.task.optional,
        extra={},
    )
    if not child:
        return task
    version = java_text(inputs.get("forkTaskWorkflowVersion"))
    number = int(version) if version.isdigit() else 0
    domains = item.get("taskToDomain") if isinstance(item, Mapping) else None
    named = {task: java_text(domain) for task, domain in domains.items()} if isinstance(domains, Mapping) else None
    params = SubWorkflowParams(name=java_text(child), version=number, task_to_domain=named)
    return evolve(task, type=TaskType.SUB_WORKFLOW.value, sub_workflow_param=params)


def _listed(node: Node, inputs: Mapping[str, JsonValue], parameter: str) -> _Branches:
    listed = inputs.get(parameter)
    refused = f"Input '{parameter}' is invalid. Cannot deserialize a list of Workflow Tasks from "
    if not isinstance(listed, list):
        raise _RefusedError(f"{refused}'{java_text(listed)}'")
    tasks = []
    for number, one in enumerate(listed):
        try:
            tasks.append(from_dict(one, WorkflowTask))
        except DefinitionError as error:
            faults = "; ".join(f"[{number}]{f'.{path}' * bool(path)}: {words}" for path, words in error.faults)
            raise _RefusedError(f"{refused}'{java_text(listed)}': {faults}") from error
        yield None
    given = inputs.get(node.task.dynamic_fork_tasks_input_param_name or "")
    if not isinstance(given, Mapping):
        raise _RefusedError(
            f"Input to the dynamically forked tasks is not a map -> expecting a map of K,V  but found {kind_of(given)}",
        )
    for task in tasks:
        own = given.get(task.task_reference_name)
        if own is not None and not isinstance(own, Mapping):
            raise _RefusedError(f"Tasks could not be dynamically forked due to invalid input: {java_text(own)}")
        yield _Branch(task, own or {})


def _legacy(inputs: Mapping[str, JsonValue], parameter: str | None) -> _Branches:
    value = inputs.get(parameter or "")
    listed = value.get("dynamicTasks") if isinstance(value, Mapping) else None
    if not isinstance(listed, list) or not all(isinstance(one, Mapping) for one in listed):
        raise _RefusedError(
            f"Dynamic tasks could not be created. The value of {java_text(parameter)} from task's input "
            f"{java_text(dict(inputs))} has no dynamic tasks to be scheduled",
        )
    for one in listed:
        own = one.get("input") or {}
        if not isinstance(own, Mapping):
            raise _RefusedError(f"Tasks could not be dynamically forked due to invalid input: {java_text(own)}")
        child = one.get("workflowName")
        if not (child or one.get("taskName") or one.get("referenceName")):
            raise _RefusedError(f"Dynamic tasks could not be created: {java_text(one)} has no taskName")
        kind = one.get("type") or (TaskType.SUB_WORKFLOW.value if child else TaskType.SIMPLE.value)
        task = WorkflowTask(
            name=one.get("taskName") or java_text(child or ""),
            task_reference_name=one.get("referenceName") or one.get("taskName") or java_text(child),
            type=kind,
            sub_workflow_param=SubWorkflowParams(name=child, version=0) if child else None,
        )
        yield _Branch(task, own)
