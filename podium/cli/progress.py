"""Shows a run while it goes on: a table that changes on a terminal, a line for each change elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self

from attrs import frozen

from podium.cli.attempts import (
    ending_of,
    failure_of,
    is_structural,
    name_of,
    note_of,
    retry_number,
)
from podium.cli.console import COLOURS, printable, say
from podium.cli.formats import first_line, length, now_ms, span
from podium.model.causes import pending_ms, waits_for_somebody
from podium.model.errors import RunTimeout
from podium.model.runs import TaskRun, WorkflowRun
from podium.model.statuses import RunStatus, TaskStatus

if TYPE_CHECKING:
    from rich.console import RenderableType

    from podium.client.showing import ShowingClient

#: Seconds between two looks at a run, at least.
_LOOK_S = 0.25
#: A look at a run of many tasks takes a while; looking must not take more than one part in this many.
_LOOK_SHARE = 20
#: Most tasks that the live table shows.
_ROWS_MAX = 12
#: Columns that names and times keep however narrow the terminal is.
_NAME_MAX = 36
_TIME_WIDTH = len("59 min 59 s")


class Progress(AbstractContextManager["Progress"], Protocol):
    """Something that shows how a run goes; it is shown as long as the context is open."""

    def show(self, run: WorkflowRun) -> None:
        """Show the run as it is now."""


class Watching(Progress, Protocol):
    """The same for somebody who only looks."""

    def warn(self, text: str) -> None:
        """Show what the looker should know; an empty text takes it back."""


@frozen(kw_only=True)
class ProgressStyle:
    """How a run is shown while it goes on."""

    #: Show every step, also those that only put others in order.
    is_verbose: bool = False
    #: What ended before, in epoch milliseconds, is no news.
    since_ms: int = 0
    #: Gives the command that completes a task, by the run's id and the task's name; None where there can be none.
    completing: Callable[[str, str], str] | None = None

    def attempts(self, run: WorkflowRun) -> list[TaskRun]:
        """Return what is shown of a run."""
        return [attempt for attempt in run.tasks if self.is_verbose or not is_structural(attempt)]

    def advice(self, run: WorkflowRun, attempt: TaskRun) -> str:
        """Say what to write to complete an attempt that waits for somebody; empty for any other."""
        if self.completing is None or not waits_for_somebody(attempt):
            return ""
        return f": {self.completing(run.workflow_id, attempt.reference_task_name)}"


def progress(manner: ProgressStyle) -> Progress:
    """Return what fits the standard error: progress goes there, so that the output can be piped."""
    return LiveProgress(manner) if sys.stderr.isatty() else PlainProgress(manner)


def follow(
    client: ShowingClient,
    run_id: str,
    shown: Progress,
    timeout_s: float | None = None,
    *,
    pause: Callable[[float], None] | None = None,
    completing: Callable[[str, str], str] | None = None,
) -> WorkflowRun:
    """
    Wait for a run's end and show it meanwhile, four times a second at most.

    Args:
        client: Where it runs.
        run_id: The run.
        shown: Where to show it.
        timeout_s: Seconds to wait; None for as long as it takes.
        pause: Waits so many seconds for the next look. Without it the client waits for the run, so its engine works.
        completing: Gives the command that completes a task.

    Returns:
        The run as it ended.

    Raises:
        RunNotFound: No run has this id.
        RunTimeout: It has not ended in time; it goes on. The message is what it waits for, if that is known.
    """
    deadline = None if timeout_s is None else time.monotonic() + timeout_s
    waiting = client.waiting(completing) if pause is None else None
    while True:
        began = time.monotonic()
        run = client.get(run_id)
        shown.show(run)
        if run.status.is_terminal:
            return run
        now = time.monotonic()
        patience = max(_LOOK_S, (now - began) * _LOOK_SHARE)
        if deadline is not None:
            if now >= deadline:
                words = waiting.says(run_id) if waiting is not None else ""
                raise RunTimeout(words)
            patience = min(patience, deadline - now)
        if waiting is not None:
            waiting.for_end(run_id, time.monotonic() + patience)  # then it is time for another look
        elif pause is not None:
            pause(patience)


class PlainProgress:
    """
    One line for each attempt that has begun, waits or has ended since the last look.

    Args:
        manner: How it is shown.
        write: Takes each line.
    """

    def __init__(self, manner: ProgressStyle, write: Callable[[str], None] = say) -> None:
        self._manner = manner
        self._write = write
        self._seen: dict[str, TaskStatus] = {}
        self._status = RunStatus.RUNNING

    def show(self, run: WorkflowRun) -> None:
        """Write what is new."""
        now = now_ms()
        news = []
        for attempt in self._manner.attempts(run):
            if self._seen.get(attempt.task_id) is not attempt.status:
                self._seen[attempt.task_id] = attempt.status
                if not 0 < attempt.end_time < self._manner.since_ms:
                    news.append(attempt)
        by_id = {attempt.task_id: attempt for attempt in run.tasks} if news else {}
        retries = {attempt.retried_task_id: attempt for attempt in run.tasks if attempt.retried_task_id and news}
        for attempt in news:
            failed = by_id.get(attempt.retried_task_id or "")
            line = _news(attempt, failed=failed, retry=retries.get(attempt.task_id), now=now)
            if line:
                self._write(f"  {line}{self._manner.advice(run, attempt)}")
        if RunStatus.PAUSED in {run.status, self._status} and run.status is not self._status:
            self._write(f"  the run is {run.status}")
        self._status = run.status

    def warn(self, text: str) -> None:
        """Write it; what has been written stays."""
        if text:
            say(text, colour="yellow")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        return None


def _news(attempt: TaskRun, *, failed: TaskRun | None, retry: TaskRun | None, now: int) -> str:
    """
    Return the line for an attempt that is new or has changed; empty if there is nothing to tell.

    Args:
        attempt: The attempt.
        failed: The attempt that it retries.
        retry: The attempt that retries it.
        now: Epoch milliseconds.
    """
    note = note_of(attempt, now)
    if note and failed is not None and not attempt.poll_count:
        return f"{attempt.reference_task_name}: {failure_of(failed)}; {note}"
    is_again = attempt.poll_count > 1 and not attempt.status.is_terminal
    if attempt.status is TaskStatus.SCHEDULED or is_again:
        return f"{name_of(attempt)}: {note}" if note and not is_again else ""
    if retry is not None and attempt.status.is_terminal:
        # The line of a retry that has to wait says all of this.
        told = f"{failure_of(attempt)}; {retry_number(retry)}"
        return "" if pending_ms(retry, now) else f"{attempt.reference_task_name}: {told}"
    return f"{name_of(attempt)}: {note or ending_of(attempt, now)}"


class LiveProgress:
    """A table of the tasks at work and of those that ended last; it is redrawn at each look."""

    def __init__(self, manner: ProgressStyle) -> None:
        from rich.console import Console
        from rich.live import Live

        self._manner = manner
        self._console = Console(stderr=True, highlight=False)
        self._live = Live(console=self._console, auto_refresh=False)

    def show(self, run: WorkflowRun) -> None:
        """Redraw the table."""
        rows = max(3, min(_ROWS_MAX, self._console.height - 6))
        self._live.update(_table(run, self._manner.attempts(run), rows), refresh=True)

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._live.stop()


def _table(run: WorkflowRun, shown: Sequence[TaskRun], rows: int) -> RenderableType:
    from rich.cells import cell_len
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    now = now_ms()
    chosen = at_work_and_newest(shown, rows)
    table = Table(box=None, pad_edge=False, show_header=False)
    names = [printable(f"  {name_of(attempt)}") for attempt in chosen]
    # A narrow terminal cuts the remarks, which come last, before it cuts names and statuses.
    table.add_column(no_wrap=True, min_width=min(_NAME_MAX, max(map(cell_len, names), default=0)))
    table.add_column(no_wrap=True, min_width=max((len(attempt.status) for attempt in chosen), default=0))
    table.add_column(no_wrap=True, min_width=_TIME_WIDTH)
    table.add_column(no_wrap=True, overflow="ellipsis")
    for name, attempt in zip(names, chosen, strict=True):
        cells = [
            Text(name),
            Text(attempt.status, style=COLOURS.get(attempt.status, "")),
            Text(span(attempt.start_time, attempt.end_time, now)),
            Text(printable(_remark(attempt, now))),
        ]
        table.add_row(*cells)
    return Group(Text(_headline(run, shown, now), style="bold", no_wrap=True, overflow="ellipsis"), table)


def _remark(attempt: TaskRun, now: int) -> str:
    note, reason = note_of(attempt, now), first_line(attempt.reason_for_incompletion)
    return "; ".join(part for part in (note, reason) if part)


def _headline(run: WorkflowRun, shown: Sequence[TaskRun], now: int) -> str:
    newest = [attempt for attempt in shown if not attempt.retried]
    ended = sum(attempt.status.is_terminal for attempt in newest)
    took = length((run.end_time or now) - run.create_time)
    more = "" if run.status.is_terminal else " so far"  # forks and loops make tasks as they go
    return f"{run.workflow_name}  {run.status}  {took}  {ended} of {len(newest)} tasks{more}"


def at_work_and_newest(attempts: Sequence[TaskRun], limit: int) -> list[TaskRun]:
    """
    Choose which attempts to show: those at work before those that wait, then those that ended last.

    Returns:
        At most *limit* attempts, in the order of the run.
    """
    current = [attempt for attempt in attempts if not attempt.retried]
    order = {TaskStatus.IN_PROGRESS: 0, TaskStatus.SCHEDULED: 1}
    ranked = sorted(current, key=lambda attempt: (order.get(attempt.status, 2), -attempt.end_time, attempt.seq))
    return sorted(ranked[:limit], key=lambda attempt: attempt.seq)
