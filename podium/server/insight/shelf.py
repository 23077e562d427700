"""Large runs that were read a moment ago: a page and its parts, which ask for the same one together, read it once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from time import monotonic
from typing import NamedTuple

from podium.model.runs import WorkflowRun

#: Seconds for which what was read is given again, if the run has not changed: what other runs have made of it, such as
#: what was undone, may.
_FRESH_S = 5.0
_KEPT_MAX = 4


class _Kept(NamedTuple):
    revision: int
    read_at: float
    run: Future[WorkflowRun]


class RunShelf:
    """
    Gives runs with their attempts. May be used from any thread.

    Args:
        read: Reads a run.
        revision: Tells in which revision a run is; raises what `read` does.
    """

    def __init__(self, read: Callable[[str], WorkflowRun], revision: Callable[[str], int]) -> None:
        self._read = read
        self._revision = revision
        self._lock = threading.Lock()
        self._kept: dict[str, _Kept] = {}

    def run(self, run_id: str) -> WorkflowRun:
        """
        Return a run as it stands.

        Raises:
            RunNotFound: No run has this id.
        """
        revision = self._revision(run_id)
        with self._lock:
            kept = self._kept.get(run_id)
            is_fresh = kept is not None and kept.revision == revision and monotonic() - kept.read_at < _FRESH_S
            if kept is None or not is_fresh:
                mine: Future[WorkflowRun] = Future()
                self._kept.pop(run_id, None)
                self._kept[run_id] = _Kept(revision, monotonic(), mine)
                while len(self._kept) > _KEPT_MAX:
                    del self._kept[next(iter(self._kept))]
        if kept is not None and is_fresh:
            return kept.run.result()
        try:
            mine.set_result(self._read(run_id))
        except BaseException as error:
            with self._lock:
                self._kept.pop(run_id, None)
            mine.set_exception(error)
            raise
        return mine.result()
