"""What an operator can ask of runs and tasks, beside what `podium.client.interface.Client` says itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol, TypeAlias

from podium.model.runs import WorkflowRun
from podium.model.statuses import TaskStatus

if TYPE_CHECKING:
    from podium.model.limit_use import LimitUse

#: What can be asked of many runs at once: names of a client's methods.
BulkVerb: TypeAlias = Literal["pause", "resume", "terminate", "retry", "restart", "rerun", "delete"]


class BulkResult(NamedTuple):
    """What became of a request for many runs."""

    #: The runs for which it was done, in the order given.
    successful: list[str]
    #: Why it was not done, by run.
    failed: dict[str, str]


class Operations(Protocol):
    """The operations on runs and tasks that most callers never need."""

    def rerun(
        self,
        run_id: str,
        *,
        from_task: str | None = None,
        task_input: Mapping[str, object] | None = None,
        workflow_input: Mapping[str, object] | None = None,
        correlation_id: str | None = None,
        force: bool = False,
    ) -> None:
        """
        Go on in an ended run from one of its tasks, as if what came after that had never been.

        The task has a new attempt; attempts of what follows it are deleted, also in the runs above if it is inside a
        sub-workflow. Branches beside it stay, and those of them that failed are tried again. A sub-workflow that is
        named itself begins anew. Clocks begin anew. Conductor deletes whatever began later, beside the task too, and
        leaves the workflow's clock as it is.

        Args:
            run_id: The run.
            from_task: The task's reference name or id, here or in a sub-workflow; within a loop ``ref__2`` is its
                second iteration, and ``ref`` its last. None to begin from the start, with the attempts deleted.
            task_input: The input of that task's new attempt; None for what its parameters give.
            workflow_input: The input of the run from now on; None keeps it.
            correlation_id: The correlation id of the run from now on; None keeps it.
            force: Go on although steps were undone when the run failed, as in `Client.retry`.

        Raises:
            RunNotFound: No run has this id.
            TaskNotFound: The run has not come to such a task.
            IllegalTransition: The run, or the sub-workflow with the task, has not ended, or was undone when it failed;
                or the task takes no input (a SWITCH, a fork, a loop, a JOIN).
            InvalidRequest: An input is no JSON object.
        """

    def skip_task(
        self,
        run_id: str,
        reference_name: str,
        *,
        input: Mapping[str, object] | None = None,  # noqa: A002  # the field's own name
        output: Mapping[str, object] | None = None,
    ) -> None:
        """
        Pass over a task that the run has not come to: it will be SKIPPED, and what follows it follows.

        Args:
            run_id: A RUNNING run.
            reference_name: The task; within a loop with its iteration, such as ``ref__2``.
            input: What is shown as its input.
            output: What later tasks see as its output.

        Raises:
            RunNotFound: No run has this id.
            IllegalTransition: The run is not RUNNING, has no such task, or has come to it already.
        """

    def fail_task(
        self,
        run_id: str,
        reference_name: str,
        reason: str | None = None,
        *,
        output: Mapping[str, object] | None = None,
        terminal: bool = False,
    ) -> None:
        """
        End the live attempt of a task as FAILED, as its worker would.

        Args:
            run_id: The run.
            reference_name: The task; within a loop ``ref`` is its present iteration.
            reason: Why.
            output: Is merged into what the attempt has given so far.
            terminal: True for no further attempt.

        Raises:
            RunNotFound: No run has this id.
            TaskNotFound: No attempt of that name lives.
        """

    def update_task_by_name(
        self,
        run_id: str,
        reference_name: str,
        status: TaskStatus | str = TaskStatus.COMPLETED,
        output: Mapping[str, object] | None = None,
        *,
        reason: str | None = None,
        worker_id: str | None = None,
        callback_after: float | str | timedelta = 0,
        logs: Iterable[str] = (),
    ) -> WorkflowRun:
        """
        Say how the live attempt of a task stands, and return the run as it is after that.

        Args:
            run_id: The run.
            reference_name: The task; within a loop ``ref`` is its present iteration.
            status: One that a worker may report. IN_PROGRESS gives a worker's task back to its queue.
            output: Is merged into what the attempt has given so far.
            reason: Why it did not end well, or is not done.
            worker_id: Who says so.
            callback_after: For how long an attempt rests that is IN_PROGRESS: seconds, a text such as ``"1m"`` or
                ``"250ms"``, or a timedelta.
            logs: Lines to keep.

        Raises:
            RunNotFound: No run has this id.
            TaskNotFound: No attempt of that name lives.
            InvalidRequest: The status cannot be reported, or the result is not what the step is declared to give.
        """

    def extend_lease(self, task_id: str) -> None:
        """
        Begin the response timeout of an attempt anew, as its worker does that lives; nothing else changes.

        Raises:
            TaskNotFound: No attempt has this id.
        """

    def reset_callbacks(self, run_id: str) -> None:
        """
        Hand out at once what rests in a run: put to rest by a worker, or waiting for a delay or a retry's time.

        Raises:
            RunNotFound: No run has this id.
            IllegalTransition: The run has ended.
        """

    def bulk(self, verb: BulkVerb, run_ids: Iterable[str], /, **options: Any) -> BulkResult:
        """
        Do the same for many runs; one that refuses stops no other.

        Args:
            verb: A method of the client that takes a run's id.
            run_ids: The runs; each is done once.
            options: Of that method, such as ``reason="too late"``.

        Raises:
            InvalidRequest: There is no such verb.

        Example:
            >>> import podium
            >>> with podium.connect("memory://") as client:
            ...     client.bulk("terminate", ["none"], reason="too late").failed
            {'none': 'No such workflow found by id: none'}
        """

    def limits(self, name: str | None = None) -> tuple[LimitUse, ...]:
        """
        Return how limits are used: who holds their slots, and who waits; those that nobody uses are left out.

        Args:
            name: Of a task, or ``workflow:key`` where runs are limited; None for all.
        """
