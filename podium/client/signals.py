"""What a caller can say to a run that waits for somebody, and ask of one that goes on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Protocol, Unpack

from podium.client.options import Startable, StartOptions
from podium.model.statuses import ReturnStrategy, TaskStatus

if TYPE_CHECKING:
    from podium.model.signals import SignalResponse


class Signals(Protocol):
    """Start and wait, signal and ask."""

    def execute(
        self,
        workflow: Startable,
        input: Mapping[str, object] | None = None,  # noqa: A002  # the field's own name
        *,
        wait_until_task_ref: str | Iterable[str] = (),
        return_strategy: ReturnStrategy | str = ReturnStrategy.TARGET_WORKFLOW,
        timeout: float = 10.0,
        request_id: str | None = None,
        **options: Unpack[StartOptions],
    ) -> SignalResponse:
        """
        Start a run, and wait until it has ended or waits for somebody.

        It waits for somebody at a WAIT without a time, a HUMAN or a YIELD, here or in a sub-workflow.

        Args:
            workflow: As for `start`; so is the input, and so are the options.
            input: The run's input.
            wait_until_task_ref: Also wait no longer when one of these tasks has ended: reference names, or one text
                with commas between them.
            return_strategy: What to return: ``TARGET_WORKFLOW``, the run; ``BLOCKING_WORKFLOW``, the run or the
                sub-workflow that holds the blocking task; ``BLOCKING_TASK``, that task; ``BLOCKING_TASK_INPUT``, its
                input.
            timeout: Seconds; then the run is returned as it is, and goes on.
            request_id: Your own id of the request, given back.

        Raises:
            PodiumError: As `start`.
            InvalidRequest: No task of the workflow, or of what it calls, can have a name that is waited for.

        Example:
            >>> import podium
            >>> @podium.workflow
            ... def confirm(order: str):
            ...     return podium.wait("answer").output
            >>> with podium.connect() as client:
            ...     asked = client.execute(confirm, {"order": "o-1"}, return_strategy="BLOCKING_TASK")
            ...     answered = client.signal_and_wait(asked.workflow_id, {"ok": True})
            >>> asked.task.reference_task_name, answered.target_workflow_status.value
            ('answer', 'COMPLETED')
        """

    def signal(
        self,
        run_id: str,
        output: Mapping[str, object] | None = None,
        *,
        status: TaskStatus | str = TaskStatus.COMPLETED,
    ) -> None:
        """
        End the task that a run waits at: the first WAIT without a time, HUMAN or YIELD, here or in a sub-workflow.

        Args:
            run_id: The run.
            output: Merged into the task's output.
            status: How it ends, such as ``FAILED``.

        Raises:
            RunNotFound: No run has this id.
            TaskNotFound: The run does not wait for anybody.
            InvalidRequest: The status cannot be reported, or the output is not what the step is declared to give.
        """

    def signal_and_wait(
        self,
        run_id: str,
        output: Mapping[str, object] | None = None,
        *,
        status: TaskStatus | str = TaskStatus.COMPLETED,
        return_strategy: ReturnStrategy | str = ReturnStrategy.TARGET_WORKFLOW,
        timeout: float = 5.0,
    ) -> SignalResponse:
        """Signal a run, and wait until it has ended or waits again; see `signal` and `execute`."""

    def query(self, run_id: str, expression: Any) -> Any:
        """
        Return what an expression gives in a run as it stands: what a step of it would get now.

        Nothing of the run changes. Masked fields stay masked, and secrets are named, not shown.

        Args:
            run_id: The run.
            expression: ``"${workflow.variables.phase}"``, a text that holds several, or a map or list of them.

        Raises:
            RunNotFound: No run has this id.
            InvalidRequest: The expression is no JSON value, asks for nothing, or holds a path that is not taken.
        """
