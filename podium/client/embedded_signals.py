"""The words of `podium.client.signals`, for an engine in this process."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, Unpack

from podium.client.checked import checked_object, checked_strategy_of_return, checked_text
from podium.client.driving import BlockingCall, WithTimeout, blocking
from podium.client.engine import EmbeddedEngine
from podium.client.external_results import OutsideResults
from podium.client.interface import Client
from podium.client.options import Startable, StartOptions
from podium.client.starting import EmbeddedStarter
from podium.dsl import Workflow
from podium.dsl.arguments import checked_verbs
from podium.dsl.known_names import known_names, refuse_unknown, tasks_of
from podium.model.codec import from_json
from podium.model.definitions import WorkflowDef
from podium.model.errors import InvalidRequest, RunNotFound, TaskNotFound
from podium.model.expressions import references
from podium.model.later import later
from podium.model.runs import TaskRun, WorkflowRun
from podium.model.statuses import ReturnStrategy, TaskStatus
from podium.model.texts import shown

if TYPE_CHECKING:
    from podium.model import causes, signals
else:
    causes = later("podium.model.causes")
    signals = later("podium.model.signals")

#: Seconds between two looks at a run that goes on: short at first, then longer.
_LOOK_S, _LOOK_MAX_S = 0.002, 0.1
#: Gives a run, with its tasks, by its id.
Read: TypeAlias = Callable[[str], WorkflowRun]

#: Gives a registered workflow by name and version, under its name.
Registered: TypeAlias = Callable[[str, int | None], dict[str, WorkflowDef]]

#: How often a signal looks for a task again that somebody else has just ended.
_TRIES = 20


class RunStanding(NamedTuple):
    """How a run stands: it has ended, or has come to these tasks, or neither in time."""

    target: WorkflowRun
    blocking: list[tuple[WorkflowRun, TaskRun]]
    is_late: bool


@checked_verbs
class SignallingClient(Client):
    """The part of `podium.client.EmbeddedClient` that is said at `podium.client.signals.Signals`."""

    _engine: EmbeddedEngine
    _results: OutsideResults
    _starter: EmbeddedStarter

    @blocking
    async def execute(
        self,
        workflow: Startable,
        input: Mapping[str, object] | None = None,  # noqa: A002  # the field's own name
        *,
        wait_until_task_ref: str | Iterable[str] = (),
        return_strategy: ReturnStrategy | str = ReturnStrategy.TARGET_WORKFLOW,
        timeout: float = 10.0,
        request_id: str | None = None,
        **options: Unpack[StartOptions],
    ) -> signals.SignalResponse:
        strategy = checked_strategy_of_return(return_strategy)
        refs = asked_refs(wait_until_task_ref)
        if refs:
            await BlockingCall(partial(refuse_unknown_refs, workflow, options.get("version"), refs, self._registered))
        request_id = checked_text(request_id, "request_id")
        run_id = await self._starter.start(workflow, input, options)
        return response_of(await self._settled(run_id, refs, timeout), strategy, request_id)

    @blocking
    async def signal(
        self,
        run_id: str,
        output: Mapping[str, object] | None = None,
        *,
        status: TaskStatus | str = TaskStatus.COMPLETED,
    ) -> None:
        await self._signal(run_id, output, status)

    @blocking
    async def signal_and_wait(
        self,
        run_id: str,
        output: Mapping[str, object] | None = None,
        *,
        status: TaskStatus | str = TaskStatus.COMPLETED,
        return_strategy: ReturnStrategy | str = ReturnStrategy.TARGET_WORKFLOW,
        timeout: float = 5.0,
    ) -> signals.SignalResponse:
        strategy = checked_strategy_of_return(return_strategy)
        await self._signal(run_id, output, status)
        return response_of(await self._settled(run_id, frozenset(), timeout), strategy, None)

    @blocking
    async def settled(
        self,
        run_id: str,
        refs: Iterable[str] = (),
        *,
        return_strategy: ReturnStrategy | str = ReturnStrategy.TARGET_WORKFLOW,
        timeout: float = 10.0,
        request_id: str | None = None,
    ) -> signals.SignalResponse:
        """Wait as `execute` does, for a run that was started before."""
        strategy = checked_strategy_of_return(return_strategy)
        return response_of(await self._settled(run_id, frozenset(refs), timeout), strategy, request_id)

    def query(self, run_id: str, expression: Any) -> Any:
        template = checked_object({"expression": expression}, "the expression")
        if next(references(template), None) is None:
            fault = "its ${ has no }" if "${" in str(expression) else "it holds none"
            words = "a question names what it asks for, such as '${workflow.variables.phase}'"
            raise InvalidRequest(f"{words}; in {shown(expression)} {fault}")
        return self._engine.reader.query(run_id, template["expression"])

    def _registered(self, name: str, version: int | None) -> dict[str, WorkflowDef]:
        row = self._engine.backend.workflow(name, version)
        return {} if row is None else {name: from_json(row.body, WorkflowDef)}

    async def _signal(self, run_id: str, output: Mapping[str, object] | None, status: TaskStatus | str) -> None:
        for _ in range(_TRIES):
            target = await BlockingCall(partial(self._engine.reader.run, run_id))
            found = await BlockingCall(partial(first_blocking, target, self._engine.reader.run))
            if found is None:
                break
            run, task = found
            try:
                await self._results.complete(run.workflow_id, task.reference_task_name, output, status)
            except TaskNotFound:
                continue  # somebody else was faster; the run may wait at another one by now
            return
        raise TaskNotFound(waits_for_nobody(target))

    async def _settled(self, run_id: str, refs: frozenset[str], timeout: float) -> RunStanding:
        kernel = await self._engine.started()
        kernel.hurry()
        deadline, pause = monotonic() + timeout, _LOOK_S
        while True:
            end = kernel.watchers.add(run_id)
            try:
                target = await BlockingCall(partial(self._engine.reader.run, run_id))
                found = await BlockingCall(partial(all_blocking, target, refs, self._engine.reader.run))
                left = deadline - monotonic()
                if target.status.is_terminal or found or left <= 0:
                    return RunStanding(target, found, not (target.status.is_terminal or found))
                kernel.refuse_if_down()
                await WithTimeout(end, min(pause, left))
            finally:
                kernel.watchers.remove(run_id, end)
            pause = min(_LOOK_MAX_S, 1.5 * pause)


def first_blocking(run: WorkflowRun, read: Read) -> tuple[WorkflowRun, TaskRun] | None:
    """
    Return the task that a run waits at, with the run that holds it; None if it waits for nobody.

    The run's own tasks go before those of its sub-workflows, as with Conductor (``TaskServiceImpl.signalTask``).
    """
    own = next(filter(causes.waits_for_somebody, run.tasks), None)
    if own is not None:
        return run, own
    children = (child for task in run.tasks if (child := _child(task, read)) is not None)
    return next(filter(None, (first_blocking(child, read) for child in children)), None)


def all_blocking(run: WorkflowRun, refs: frozenset[str], read: Read) -> list[tuple[WorkflowRun, TaskRun]]:
    """Return the tasks that a run waits at, and those with these names that have ended, its sub-workflows' too."""
    return list(_blocking(run, refs, read))


def _blocking(run: WorkflowRun, refs: frozenset[str], read: Read) -> Iterator[tuple[WorkflowRun, TaskRun]]:
    for task in run.tasks:
        if causes.waits_for_somebody(task) or (task.status.is_terminal and not refs.isdisjoint(_names(task))):
            yield run, task
        elif (child := _child(task, read)) is not None:
            yield from _blocking(child, refs, read)


def _child(task: TaskRun, read: Read) -> WorkflowRun | None:
    """Return the run of a sub-workflow that goes on, None for every other task."""
    if not task.sub_workflow_id or task.status.is_terminal:
        return None
    try:
        return read(task.sub_workflow_id)
    except RunNotFound:
        return None


def refuse_unknown_refs(workflow: Startable, version: int | None, refs: Iterable[str], registered: Registered) -> None:
    """
    Refuse names of tasks that neither a workflow nor what it calls has, as far as that is known.

    Args:
        workflow: What is to be started.
        version: As `podium.Client.start` takes it.
        refs: The names.
        registered: Gives a registered workflow by name and version, under its name; nothing if there is none.

    Raises:
        InvalidRequest: One can never come.
    """
    if isinstance(workflow, Workflow):
        found = {one.name: one for one in workflow.definitions}
    elif isinstance(workflow, WorkflowDef):
        found = {workflow.name: workflow}
    else:
        found = registered(str(workflow), version)
    left = [*found.values()]
    while left:
        for task in tasks_of(left.pop()):
            called = task.sub_workflow_param
            if called is None or called.workflow_definition is not None or called.name in found:
                continue
            more = registered(called.name or "", called.version)
            if not more:
                return  # it may be there when the step is made
            found |= more
            left += more.values()
    if found:
        refuse_unknown(refs, known_names(found.values(), only_references=True), "wait_until_task_ref")


def asked_refs(given: object) -> frozenset[str]:
    """
    Return the reference names that a caller waits for: several, or one text with commas between them.

    Raises:
        InvalidRequest: Something in it is no text.
    """
    names = given.split(",") if isinstance(given, str) else given
    if not isinstance(names, Iterable) or isinstance(names, bytes | Mapping):
        raise InvalidRequest(f"wait_until_task_ref takes reference names, such as 'charge,ship', not {shown(given)}")
    listed = [*names]
    for name in listed:
        if not isinstance(name, str):
            raise InvalidRequest(f"wait_until_task_ref takes reference names, such as 'charge', not {shown(name)}")
    return frozenset(name.strip() for name in listed if name.strip())


def waits_for_nobody(run: WorkflowRun) -> str:
    """Return why a run cannot be signalled."""
    return f"run {run.workflow_id} is {run.status} and does not wait for anybody: no WAIT, HUMAN or YIELD"


def _names(task: TaskRun) -> set[str]:
    """Return what an attempt may be called: with its iterations, and as its definition calls its place."""
    place = task.workflow_task
    return {task.reference_task_name} if place is None else {task.reference_task_name, place.task_reference_name}


def response_of(standing: RunStanding, strategy: ReturnStrategy, request_id: str | None) -> signals.SignalResponse:
    """Return what a caller gets, of how a run stands."""
    run, task = standing.blocking[0] if standing.blocking else (standing.target, None)
    return signals.SignalResponse(
        response_type=strategy,
        target=standing.target,
        run=standing.target if strategy is ReturnStrategy.TARGET_WORKFLOW else run,
        task=task,
        signal_timeout=standing.is_late,
        request_id=request_id,
    )
