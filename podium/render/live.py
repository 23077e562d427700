"""
A run that is shown while it goes on: a picture that changes in place in a notebook, text on a terminal.

A thread looks at the run and draws it, so the cell that shows it ends at once, and an event loop that runs in the
notebook is left alone. Nothing here waits for the network: where to look is the run's own affair.
"""

from __future__ import annotations

import sys
import threading
import time
from types import TracebackType
from typing import Final, Protocol, Self

from podium.model.errors import InvalidRequest, RunTimeout
from podium.model.runs import WorkflowRun
from podium.render import outline
from podium.render.screens import NotebookScreen, TerminalScreen, in_notebook

#: Seconds between two frames at least: four a second are as many as an eye and a browser take.
_INTERVAL_MIN_S: Final = 0.25
#: Drawing a large run takes a while; it must not take more than one part in this many.
_SHARE: Final = 4


class Screen(Protocol):
    """Where frames are shown."""

    def show(self, run: WorkflowRun) -> None:
        """Show the run in place of the frame before."""


def live(run: WorkflowRun, *, interval: float = _INTERVAL_MIN_S) -> Live:
    """Show a run while it goes on; see `WorkflowRun.live`."""
    return Live(run, interval=interval)


class Live:
    """
    Shows a run until it has ended.

    It starts when a notebook displays it, when `wait` is called, or when it is entered with ``with``; one that was
    started shows itself only once. The thread ends by itself with the run, and it does not keep the process alive.

    Args:
        run: The run as it was seen last.
        interval: Seconds between two looks, at least 0.25.
        screen: Where to show it; None for the notebook, or the standard output where there is none.

    Raises:
        InvalidRequest: The run has not ended and came from no client, or *interval* is too short.
    """

    def __init__(self, run: WorkflowRun, *, interval: float = _INTERVAL_MIN_S, screen: Screen | None = None) -> None:
        if interval < _INTERVAL_MIN_S:
            raise InvalidRequest(f"interval is at least {_INTERVAL_MIN_S} seconds, not {interval!r}")
        if run.source is None and not run.status.is_terminal:
            raise InvalidRequest(
                f"run {run.workflow_id} does not know where it came from, so it will never change; "
                "use client.live(run_id)"
            )
        self._run = run
        self._interval_s = interval
        self._screen = screen
        self._error: Exception | None = None
        self._stopped = threading.Event()
        self._ended = threading.Event()
        self._lock = threading.Lock()
        self._is_started = False

    @property
    def run(self) -> WorkflowRun:
        """The run as it was seen last."""
        return self._run

    @property
    def error(self) -> Exception | None:
        """Why it could not be shown any longer, or None; the last frame stays."""
        return self._error

    def start(self) -> Self:
        """Show the first frame now, and the following ones from a thread; only the first call does something."""
        with self._lock:
            if self._is_started:
                return self
            self._is_started = True
        if self._screen is None:
            self._screen = NotebookScreen() if in_notebook() else TerminalScreen(sys.stdout)
        self._show(self._run)
        if self._run.status.is_terminal or self._error:
            self._ended.set()
        else:
            threading.Thread(target=self._follow, name="podium-live", daemon=True).start()
        return self

    def stop(self) -> None:
        """Look at the run once more and show no further frames; the run goes on."""
        self._stopped.set()
        if self._is_started:
            self._ended.wait()

    def wait(self, timeout: float | None = None) -> WorkflowRun:
        """
        Show the run and wait for its end.

        Args:
            timeout: Seconds; None for as long as it takes.

        Returns:
            The run as it ended, or as it was when `stop` was called.

        Raises:
            RunTimeout: It has not ended in time; it goes on and stays on the screen.
            PodiumError: The run could not be looked at any longer, as the client has it.
        """
        self.start()
        if not self._ended.wait(timeout):
            raise RunTimeout(f"run {self._run.workflow_id} has not ended within {timeout} s; it goes on")
        if self._error is not None:
            raise self._error
        return self._run

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def __repr__(self) -> str:
        return outline(self._run).rstrip()

    def _ipython_display_(self) -> None:
        """Start, where frames can be replaced; IPython on a terminal gets one, for its prompt would be drawn over."""
        if in_notebook():
            self.start()
        else:
            print(repr(self))  # noqa: T201  # IPython asks for the display to be done here

    # -- the thread --------------------------------------------------------------------------------------------------

    def _follow(self) -> None:
        try:
            pause = self._interval_s
            while not self._run.status.is_terminal and not self._error:
                is_last = self._stopped.wait(pause)
                began = time.monotonic()
                self._look()
                pause = max(self._interval_s, (time.monotonic() - began) * _SHARE)
                if is_last:
                    return
        finally:
            self._ended.set()

    def _look(self) -> None:
        try:
            seen = self._run.refresh()
        except Exception as error:  # noqa: BLE001  # whatever keeps it from being seen; `wait` raises it
            self._error = error
            return
        is_new = seen != self._run
        self._run = seen
        if is_new:
            self._show(seen)

    def _show(self, run: WorkflowRun) -> None:
        assert self._screen is not None
        try:
            self._screen.show(run)
        except Exception as error:  # noqa: BLE001  # a screen that has gone must not end the cell, or print into it
            self._error = error
