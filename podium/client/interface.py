"""What users call, whatever carries it out: an engine in this process today, a server tomorrow."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from itertools import count
from os import PathLike
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol, Self, TypeAlias, Unpack

from podium.client.checked import is_new, whole_search
from podium.client.definitions import Definitions
from podium.client.operations import Operations
from podium.client.options import Startable, StartOptions
from podium.client.signals import Signals
from podium.dsl import Task, Workflow
from podium.model.definitions import WorkflowDef
from podium.model.records import RunList
from podium.model.runs import ResultT, RunSummary, TaskLog, TaskResult, TaskRun, WorkflowRun
from podium.model.statuses import IdempotencyStrategy, RunStatus, TaskStatus

if TYPE_CHECKING:
    from podium.model.explanations import Explanation
    from podium.model.statistics import RunStatistics
    from podium.workers import WorkerPool

#: A first and a last moment; None for no bound.
Span: TypeAlias = "tuple[datetime | None, datetime | None]"


class Client(Definitions, Operations, Signals, Protocol):
    """
    Registers workflows, starts their runs, looks at them, acts on them, and serves their tasks.

    Every method may be called from any thread, and blocks until it is done. `podium.client.AsyncClient` has the same
    methods for event loops.

    Example:
        >>> import podium
        >>> def names(client: podium.Client) -> list[str]:
        ...     return [definition.name for definition in client.workflows()]
        >>> with podium.connect("memory://") as client:
        ...     names(client)
        []
    """

    # -- runs ----------------------------------------------------------------------------------------------------------

    def start(
        self,
        workflow: Startable,
        input: Mapping[str, object] | None = None,  # noqa: A002  # the field's own name
        *,
        version: int | None = None,
        correlation_id: str | None = None,
        priority: int = 0,
        task_to_domain: Mapping[str, str] | None = None,
        idempotency_key: str | None = None,
        idempotency_strategy: IdempotencyStrategy | str = IdempotencyStrategy.FAIL,
        check: bool = True,
    ) -> str:
        """
        Start a run.

        Args:
            workflow: A workflow, which is checked and registered first; a `WorkflowDef`, which is run as it is, without
                being registered; or the name of a registered one.
            input: The run's input; a JSON object. Values that JSON has not are written as workers read them: records,
                times, decimals, sets and their kin.
            version: Of a registered workflow; None for the greatest.
            correlation_id: The caller's own id, to find the run by.
            priority: 0 to 99; larger first.
            task_to_domain: Worker domains by task type.
            idempotency_key: A second start of the same workflow with this key makes no second run.
            idempotency_strategy: What it does instead: FAIL raises, RETURN_EXISTING gives the first run.
                FAIL_ON_RUNNING raises as long as the first run lives; when it has ended the key is the new run's.
            check: False starts a workflow in which `Workflow.check` finds errors. A workflow that has not changed is
                looked at once.

        Returns:
            The run's id. The run is durable when it returns.

        Raises:
            WorkflowNotFound: The name is not registered.
            DefinitionError: The workflow cannot run, or its check finds errors.
            AlreadyExists: The key was used, and the strategy is FAIL, or FAIL_ON_RUNNING and the run lives.
            InvalidRequest: The input is no JSON object or cannot be right (`Workflow.check_input`), or the priority is
                out of range.
        """

    def start_many(
        self,
        workflow: Startable,
        inputs: Iterable[Mapping[str, object]],
        *,
        version: int | None = None,
        check: bool = True,
    ) -> list[str]:
        """
        Start one run per input; they share commits, so many cost little more than one.

        A list is checked as a whole before the first start; a generator is taken one by one, as fast as there is room.

        Returns:
            The runs' ids, in the order of the inputs. All of them are durable when it returns.

        Raises:
            PodiumError: As `start`; those before the refused one have been started.
        """

    def wait(self, run_id: str, timeout: float | None = None, *, include_tasks: bool = True) -> WorkflowRun:
        """
        Wait until a run has ended, and until what undoes it has, if it failed.

        A failure workflow is waited for as long as it goes on by itself, and no longer than *timeout*.
        What needs somebody's help meanwhile, such as a task that nobody serves, is said in the log ``podium``.

        Args:
            run_id: The run.
            timeout: Seconds; None for as long as it takes.
            include_tasks: False for the run without its task attempts, which is quicker for a large run.

        Returns:
            The run as it ended; `WorkflowRun.undone` says what was undone.

        Raises:
            RunNotFound: No run has this id.
            RunTimeout: It has not ended in time (also a ``TimeoutError``); the run goes on. The message says what it
                waits for.
            EngineStopped: The engine was stopped meanwhile, such as by `close` in another thread.
        """

    def run(
        self,
        workflow: Workflow[..., ResultT] | WorkflowDef | str,
        input: Mapping[str, object] | None = None,  # noqa: A002  # the field's own name
        *,
        timeout: float | None = None,
        **options: Unpack[StartOptions],
    ) -> WorkflowRun[ResultT]:
        """
        Start a run and wait for its end; arguments and errors as `start` and `wait` have them.

        Returns:
            The run; ``.result`` is what the workflow returns, with the type that its function declares.
        """

    def get(self, run_id: str, *, include_tasks: bool = True) -> WorkflowRun:
        """
        Return a run as it stands.

        Raises:
            RunNotFound: No run has this id.
        """

    def explain(self, run_id: str) -> Explanation:
        """
        Say what a run waits for and why, or why it has ended.

        A timer, a retry, a worker that is at work or that nobody has, somebody's decision, a message, a limit and who
        holds it, a pause, a failed branch: in the run, and in its sub-workflows. It only looks, and starts no engine.

        Args:
            run_id: The run; or the name of a schedule, of which it says when it starts the next one, or why not.

        Returns:
            The explanation: ``print`` it, or look at its ``causes`` and ``waits``.

        Raises:
            RunNotFound: No run has this id, and no schedule this name.

        Example:
            >>> import podium
            >>> @podium.workflow
            ... def asked() -> None:
            ...     podium.human("approve")
            >>> with podium.connect("memory://") as client:
            ...     print(client.explain(client.start(asked)).waits[0].cause)
            HUMAN
        """

    def live(self, run_id: str, *, interval: float = 0.25) -> Any:
        """
        Show a run while it goes on: what ``client.get(run_id).live()`` does, see `WorkflowRun.live`.

        It only looks: where no engine works on the run's store, such as in a client that only reads, nothing changes.

        Raises:
            RunNotFound: No run has this id.
        """

    def search(
        self,
        *,
        name: str | None = None,
        status: RunStatus | str | None = None,
        correlation_id: str | None = None,
        parent_id: str | None = None,
        version: int | None = None,
        priority: int | None = None,
        reason: str | None = None,
        started: Span | None = None,
        updated: Span | None = None,
        ended: Span | None = None,
        input: Mapping[str, object] | None = None,  # noqa: A002  # the field's own name
        output: Mapping[str, object] | None = None,
        text: str | None = None,
        limit: int = 100,
        offset: int = 0,
    ) -> RunList:
        """
        Return runs, newest first, as a list that also is a table: ``client.search().to_records()``.

        Args:
            name: Of the workflow.
            status: Such as ``RUNNING``.
            correlation_id: As given to `start`.
            parent_id: Only sub-workflows of this run.
            version: Of the workflow.
            priority: As given to `start`.
            reason: A part of the reason why a run is not done or did not end well, letter by letter.
            started: The first and the last moment that it was started at; None for no bound. A datetime without a zone
                is of the local one: ``started=(datetime.now() - timedelta(hours=1), None)``.
            updated: The same for its last change.
            ended: The same for its end; only runs that have ended.
            input: What its input has among other things: ``input={"customer": 7}``; a map within holds a map with fewer
                keys. Each payload is looked at for it, so name the workflow, or a span, where there are many runs.
            output: The same of its output.
            text: A part of its input, output, variables, reason or correlation id, letter by letter; of what is shown,
                so nothing that is masked.
            limit: Most runs to give.
            offset: How many to pass over.

        Raises:
            InvalidRequest: No run can have this status.
        """

    def search_all(self, *, page: int = 500, **conditions: Any) -> Iterator[RunSummary]:
        """
        Yield all runs that `search` would give, newest first, a page at a time; what starts meanwhile is left out.

        Args:
            page: Runs that are asked for at once.
            conditions: As `search` takes them, without ``limit`` and ``offset``.

        Raises:
            InvalidRequest: As `search`; or *page* is no number of runs.

        Example:
            >>> import podium
            >>> with podium.connect("memory://") as client:
            ...     sum(1 for run in client.search_all(status="FAILED"))
            0
        """
        asked, size, seen = whole_search(page, conditions)
        for offset in count(0, size):
            found = self.search(**asked, limit=size, offset=offset)
            yield from (run for run in found if is_new(run, seen))
            if len(found) < size:
                return

    def statistics(
        self, name: str | None = None, *, version: int | None = None, started: Span | None = None, limit: int = 10_000
    ) -> RunStatistics:
        """
        Return what many runs have in common: how often each task ran, how it ended, how long it took and waited.

        The store counts, and reads no payloads. ``client.statistics("order").render("order.svg")`` draws the
        definition, coloured by it.

        Args:
            name: Of the workflow; None for all, whose tasks are then counted by their type.
            version: Of the workflow; without it that of its newest run, or else the greatest.
            started: The first and the last moment that the runs were started at; None for no bound.
            limit: Most runs that count, the newest ones; 200,000 attempts at most. A server that is no Podium does not
                count, so of those the newest 200 are read.

        Raises:
            WorkflowNotFound: There is no such workflow, neither registered nor in a run.

        Example:
            >>> import podium
            >>> with podium.connect("memory://") as client:
            ...     client.statistics().count
            0
        """

    def has_engine(self) -> bool:
        """
        Return whether an engine works on the store: this client's own, or that of another process.

        Where there is none, live runs stand still until a client does something, such as `wait`; asking starts none.
        """

    def pending_humans(self, *, name: str | None = None, limit: int = 100) -> list[TaskRun]:
        """
        Return the HUMAN tasks that wait for somebody; ``client.complete_task(run_id, name, output)`` ends one.

        Every live run is read for it, so it is made for a notebook and not for a loop.

        Args:
            name: Only in runs of this workflow.
            limit: Most runs to look into, the newest ones.

        Returns:
            The attempts, those of the newest run first. Each has the ``workflow_instance_id`` of its run, and in
            ``input_data`` what was to be shown to whoever decides.
        """

    def delete(self, run_id: str, *, force: bool = False) -> None:
        """
        Delete a run that has ended, with its task attempts, logs, idempotency key, and all its sub-workflows.

        Args:
            run_id: The run.
            force: Terminate it first, if it has not ended.

        Raises:
            RunNotFound: No run has this id.
            IllegalTransition: It or a sub-workflow has not ended, or it is itself a sub-workflow: such a run goes with
                its parent.
        """

    def prune(
        self,
        *,
        older_than: timedelta | str,
        workflow: str | None = None,
        dry_run: bool = False,
        archive: str | PathLike[str] | None = None,
    ) -> dict[str, int]:
        """
        Delete all runs that ended some time ago, as `delete` does, a few hundred in a commit.

        A run stays as long as a sub-workflow of it has not ended.

        Args:
            older_than: How long ago they ended at least, such as ``"30 days"``.
            workflow: Only runs of this workflow, and their sub-workflows.
            dry_run: Only count.
            archive: Write the runs, with their attempts and logs, before they are deleted: into a new file such as
                ``"old.jsonl.gz"``, or a folder, which gets a file for each call. `podium.client.read_archive` reads it.

        Returns:
            How many runs of each workflow were deleted, by name; sub-workflows included.

        Raises:
            InvalidRequest: The length of time cannot be read, or no archive can be made there.

        Example:
            >>> import podium
            >>> with podium.connect("memory://") as client:
            ...     client.prune(older_than="30 days", dry_run=True)
            {}
        """

    # -- operations ----------------------------------------------------------------------------------------------------

    def pause(self, run_id: str) -> None:
        """
        Schedule nothing new; what runs may end.

        Raises:
            IllegalTransition: The run has ended.
        """

    def resume(self, run_id: str) -> None:
        """
        Go on after a pause.

        Raises:
            IllegalTransition: The run is not paused.
        """

    def terminate(self, run_id: str, reason: str | None = None, *, trigger_failure_workflow: bool = False) -> None:
        """
        End a run now, its sub-workflows with it.

        Args:
            run_id: The run; one that failed or timed out is TERMINATED from now on.
            reason: Why.
            trigger_failure_workflow: Start the failure workflow too, as if the run had failed by itself.

        Raises:
            IllegalTransition: The run is COMPLETED.
        """

    def retry(self, run_id: str, *, resume_subworkflows: bool = False, force: bool = False) -> None:
        """
        Go on from the failed tasks of an ended run.

        Args:
            run_id: The run.
            resume_subworkflows: Retry inside a failed sub-workflow instead of starting it anew.
            force: Go on although steps were undone when it failed. They are not done again, and count as undone: if the
                run fails once more, only what was done since, or could not be undone, is.

        Raises:
            IllegalTransition: The run lives, is COMPLETED, or has nothing to retry.
            RunUndone: It was undone when it failed, and *force* is not given; or it is being undone just now.
        """

    def restart(self, run_id: str, *, use_latest: bool = False, force: bool = False) -> None:
        """
        Begin an ended run anew under its id, with its input.

        Args:
            run_id: The run.
            use_latest: With the newest registered definition instead of its own.
            force: Also where a run that waits for it, and goes on with it, was undone.

        Raises:
            IllegalTransition: The run lives, or is COMPLETED and its definition not restartable; or a run that waits
                for it was undone when it failed.
        """

    def update_task(self, result: TaskResult) -> None:
        """
        Say how a task attempt stands. What comes too late, or twice, changes nothing.

        Raises:
            TaskNotFound: No attempt has this id.
            InvalidRequest: The status cannot be reported, or the result is not what its step is declared to give, as
                far as this client has registered the workflow.
        """

    def complete_task(
        self,
        run_id: str,
        reference_name: str,
        output: Mapping[str, object] | None = None,
        *,
        status: TaskStatus = TaskStatus.COMPLETED,
    ) -> None:
        """
        End the live attempt of a task by its reference name, such as a WAIT or a HUMAN; the output is merged.

        Raises:
            RunNotFound: No run has this id.
            TaskNotFound: No attempt of that name lives.
            InvalidRequest: The status cannot be reported, or the result is not what the step is declared to give
                (``human("approve", returns=Approval)``), as far as this client has registered the workflow.
        """

    def send_message(self, run_id: str, payload: Mapping[str, object]) -> str:
        """
        Put a message into a run's own queue, from which ``pull_messages`` steps take them, oldest first.

        A step that waits for one has it at once. What nobody takes within a day, or before the run ends, is lost.

        Returns:
            The message's id, which the step sees too.

        Raises:
            RunNotFound: No run has this id.
            IllegalTransition: The run is not RUNNING.
            InboxFull: 1,000 messages wait (``Limits.waiting_messages``).
            InvalidRequest: The payload is no JSON object, or too large.

        Example:
            >>> client.send_message(run_id, {"paid": 5})  # doctest: +SKIP
        """

    def deliver_webhook(self, payload: Mapping[str, object], *, workflow: str | None = None) -> list[tuple[str, str]]:
        """
        Tell the runs of a webhook's call: each ``web.wait_for_webhook`` step whose ``matches`` fit has the payload.

        Args:
            payload: What the webhook was called with, which becomes the step's output.
            workflow: Tell runs of this workflow only.

        Returns:
            The steps that were waiting for it: the run's id, and the step's reference name.

        Raises:
            InvalidRequest: The payload is no JSON object, or too large.

        Example:
            >>> client.deliver_webhook({"event": {"type": "paid", "order": 7}})  # doctest: +SKIP
        """

    def task(self, task_id: str) -> TaskRun:
        """
        Return a task attempt.

        Raises:
            TaskNotFound: No attempt has this id.
        """

    def logs(self, task_id: str) -> tuple[TaskLog, ...]:
        """Return the lines that were logged for a task attempt, oldest first."""

    # -- workers, and the end ------------------------------------------------------------------------------------------

    def workers(
        self,
        tasks: Iterable[Task[..., Any]],
        *,
        concurrency: int = 8,
        domain: str | None = None,
    ) -> AbstractContextManager[WorkerPool]:
        """
        Serve tasks with their functions, as long as the returned context is open.

        It closes when what undoes a run that failed here has ended, or cannot go on by itself; after ten seconds in any
        case, and at once where an exception leaves the block.

        Args:
            tasks: `Task`s made with ``@task``.
            concurrency: Most calls of plain functions at once, and of async functions.
            domain: Serve those tasks only that a run's ``task_to_domain`` gives to this domain; None for those without
                one.
        """

    def close(self) -> None:
        """
        Stop the engine and close the store; live runs stay there. Closing twice is fine.

        HTTP requests that are under way have 2 s to end, so that they need not be repeated.
        """

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None: ...
