"""
Scripts of workflow authors, run so that a slow one harms nobody else.

A decision is made on the kernel's thread, so a script gets a short moment there. One that needs longer breaks the
decision off (`ScriptPending`); it is run on a thread of its own, and the decision is made again with its result. That
is safe because decisions are functions and a script sees nothing but its input.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from podium.engine.records import dump
from podium.model.values import JsonValue

if TYPE_CHECKING:
    from collections.abc import Callable

#: Seconds that a script may take on the kernel's thread, and in all.
QUICK_S = 0.05
LIMIT_S = 4.0

_RESULTS_MAX = 256


class ScriptPending(BaseException):  # it is no error: it breaks a decision off, and no handler may swallow it
    """A script needs longer than the kernel's thread can wait."""

    def __init__(self, script: str, bindings: Mapping[str, JsonValue]) -> None:
        super().__init__("a script needs longer than the kernel's thread can wait")
        self.script = script
        self.bindings = bindings


class DirectScripts:
    """Runs every script where it is called, with the whole time limit; for simulations and tests."""

    def settled(self) -> None:
        """Nothing is kept."""

    def run_aside(self, pending: ScriptPending, done: Callable[[], None]) -> None:
        """No script is ever pending."""

    def close(self) -> None:
        """Nothing to stop."""

    def evaluate(self, script: str, bindings: Mapping[str, JsonValue]) -> JsonValue:
        """Give the script's value; see `podium.engine.ports.Scripts`."""
        from podium.engine.expressions import javascript

        return javascript.evaluate(script, bindings, time_limit_s=LIMIT_S)


class PatientScripts:
    """Runs short scripts at once and long ones on threads of their own."""

    def __init__(self, threads: int = 2) -> None:
        self._threads = threads
        self._pool: ThreadPoolExecutor | None = None
        self._results: OrderedDict[tuple[str, bytes], tuple[JsonValue, Exception | None]] = OrderedDict()
        self._used: set[tuple[str, bytes]] = set()

    def evaluate(self, script: str, bindings: Mapping[str, JsonValue]) -> JsonValue:
        """
        Give the script's value; see `podium.engine.ports.Scripts`.

        Raises:
            ScriptPending: It needs longer; call `run_aside` and come again.
        """
        from podium.engine.expressions import javascript

        if self._results:
            key = (script, dump(bindings))
            found = self._results.get(key)
            if found is not None:
                self._used.add(key)
                value, error = found
                if error is not None:
                    raise error
                return value
        try:
            return javascript.evaluate(script, bindings, time_limit_s=QUICK_S)
        except javascript.ScriptTimeout:
            raise ScriptPending(script, dict(bindings)) from None

    def settled(self) -> None:
        """The decisions that used results are committed: the next run of the same script is a new one."""
        while self._used:
            self._results.pop(self._used.pop(), None)

    def run_aside(self, pending: ScriptPending, done: Callable[[], None]) -> None:
        """Run a script on a thread of its own; *done* is called when its result is there."""
        if self._pool is None:
            self._pool = ThreadPoolExecutor(self._threads, thread_name_prefix="podium-script")
        self._pool.submit(self._run, pending, done)

    def _run(self, pending: ScriptPending, done: Callable[[], None]) -> None:
        from podium.engine.expressions import javascript

        value: JsonValue = None
        failure: Exception | None = None
        try:
            value = javascript.evaluate(pending.script, pending.bindings, time_limit_s=LIMIT_S)
        except javascript.ScriptError as error:
            failure = error
        self._results[pending.script, dump(pending.bindings)] = (value, failure)
        while len(self._results) > _RESULTS_MAX:
            self._results.popitem(last=False)
        done()

    def close(self) -> None:
        """Stop; scripts that are running end by their own limit."""
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
