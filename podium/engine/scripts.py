"""
Scripts and queries of workflow authors, run so that a slow or hostile one harms nobody else.

A decision is made on the kernel's thread. Formulas over small inputs, which most conditions are, are evaluated right
there: they can do no harm. For everything else the decision breaks off (`podium.engine.missing`) and the script runs in
a child process, for which the kernel waits a short moment. What needs longer runs where one can wait, and the decision
goes on with its result. That is safe because decisions are functions, and a script sees nothing but its input.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from threading import Lock
from typing import Any, TypeAlias

from podium.engine.missing import Missing, ScriptCall, ScriptKind
from podium.expressions import javascript
from podium.expressions.evaluators import EvaluatorError
from podium.expressions.isolation import Isolation, OutOfPatience
from podium.expressions.jq import JqError
from podium.expressions.plain_script import TooMuchWork, plain_script
from podium.expressions.python_script import PythonScripts
from podium.model.errors import Shortage
from podium.model.payloads import dump
from podium.model.shortages import is_shortage
from podium.model.values import JsonValue

#: Seconds that the kernel's thread waits for a script, and that a script may take in all.
PATIENCE_S = 0.05
LIMIT_S = 4.0

#: Scripts that are known to be slow.
_SLOW_MAX = 256
#: Bytes of results, and of what they were made from, that are kept until a decision is made with them. A decision that
#: meets many slow scripts is made again after each, and needs the results of all.
_KEPT_MAX_BYTES = 64 * 1024 * 1024

#: Seconds between two tries to run a script aside when the machine is short of something.
_PAUSE_S = 0.1
#: Tries of a script whose result finds no memory.
_MEMORY_TRIES_MAX = 10

#: What was asked: the kind, the script or query, and its input as JSON.
_Key: TypeAlias = tuple[ScriptKind, str, bytes]


#: For all that run scripts directly: it is started at the first script in Python, and ends with this process.
_direct_python = PythonScripts(processes=1, time_limit_s=LIMIT_S)


class DirectScripts:
    """Runs everything at once, JavaScript and jq in this process; for simulations and tests of one thread."""

    def evaluate(self, script: str, bindings: Mapping[str, JsonValue]) -> JsonValue:
        """Return a script's value; see `podium.engine.ports.Scripts`."""
        return javascript.evaluate(script, bindings, time_limit_s=LIMIT_S)

    def run_python(self, script: str, bindings: Mapping[str, JsonValue]) -> JsonValue:
        """Return what a script in Python returns; see `podium.engine.ports.Scripts`."""
        return _direct_python.evaluate(script, bindings)

    def transform(self, query: str, data: JsonValue) -> tuple[JsonValue, list[JsonValue]]:
        """Return a query's results; see `podium.engine.ports.Scripts`."""
        from podium.expressions import jq

        return jq.transform(query, data)

    def run(self, call: ScriptCall) -> bool:
        """No call is ever missing."""
        return True

    def settled(self) -> None:
        """Nothing is to be forgotten: no answer is kept."""

    def run_aside(self, call: ScriptCall, done: Callable[[], None]) -> None:
        """No script is ever slow."""

    def close(self) -> None:
        """Nothing is to be stopped: scripts run in the caller's thread."""


class IsolatedScripts:
    """
    Runs formulas at once, other scripts and queries in child processes, and slow ones aside.

    The kernel's thread calls everything but what `run_aside` hands to its own threads.
    """

    def __init__(self, threads: int = 4) -> None:
        self._threads = threads
        self._pool: ThreadPoolExecutor | None = None
        self._is_closing = threading.Event()
        self._near = Isolation(processes=1, time_limit_s=LIMIT_S, patience_s=PATIENCE_S)
        self._aside = Isolation(processes=threads, time_limit_s=LIMIT_S)
        self._python = PythonScripts(processes=threads, time_limit_s=LIMIT_S)
        self._results: OrderedDict[_Key, tuple[JsonValue, Exception | None, int]] = OrderedDict()
        self._kept_bytes = 0
        self._keeping = Lock()
        self._used: set[_Key] = set()
        #: What `run` gave for the last call; the decision that asked for it comes right after.
        self._answer: tuple[ScriptCall, JsonValue, Exception | None] | None = None
        #: Scripts that were slow once: they go aside at once.
        self._slow: OrderedDict[str, None] = OrderedDict()

    def evaluate(self, script: str, bindings: Mapping[str, JsonValue]) -> JsonValue:
        """
        Return a script's value; see `podium.engine.ports.Scripts`.

        Raises:
            Missing: It is no formula; call `run` and come again.
        """
        formula = plain_script(script)
        if formula is None:
            return self._look_up("script", script, bindings)
        try:
            return formula.evaluate(bindings)
        except TooMuchWork:
            return self._look_up("script", script, formula.narrowed(bindings))

    def run_python(self, script: str, bindings: Mapping[str, JsonValue]) -> JsonValue:
        """
        Return what a script in Python returns; see `podium.engine.ports.Scripts`.

        Raises:
            Missing: Call `run` and come again.
        """
        return self._look_up("python", script, bindings)

    def transform(self, query: str, data: JsonValue) -> tuple[JsonValue, list[JsonValue]]:
        """
        Return a query's results; see `podium.engine.ports.Scripts`.

        Raises:
            Missing: It is no formula; call `run` and come again.
        """
        found: Any = self._look_up("query", query, data)  # what `Isolation.transform` gave
        results: tuple[JsonValue, list[JsonValue]] = found
        return results

    def _look_up(self, kind: ScriptKind, source: str, given: JsonValue) -> JsonValue:
        if self._answer is not None and _is_same(self._answer[0], kind, source, given):
            _, value, error = self._answer
            self._answer = None  # the same call once more is a new one: a random script must not repeat itself
        elif self._results and (found := self._results.get(key := (kind, source, dump(given)))) is not None:
            self._used.add(key)
            value, error, _ = found
        else:
            raise Missing(ScriptCall(kind, source, given))
        if error is not None:
            raise error
        return value

    def run(self, call: ScriptCall) -> bool:
        """
        Run a script that a decision lacks, for a short moment; the next call of `evaluate` or `transform` gives it.

        Returns:
            False if it needs longer: call `run_aside`.
        """
        # To wait once more for what is known to be slow would stop everybody for as long as the patience lasts.
        # Python's interpreter has no patience that ends before its limit of time.
        if call.kind == "python" or call.source in self._slow:
            return False
        value: JsonValue = None
        failure: Exception | None = None
        try:
            value = _ask(self._near, call)
        except OutOfPatience as late:
            # It is at work already: who waits for it aside takes it over with its process, instead of beginning anew.
            call.finish = late.finish
            self._slow[call.source] = None
            while len(self._slow) > _SLOW_MAX:
                self._slow.popitem(last=False)
            return False
        except (javascript.ScriptError, JqError) as error:
            failure = error
        self._answer = call, value, failure
        return True

    def settled(self) -> None:
        """The decisions that used results are committed: the next run of the same script is a new one."""
        while self._used:
            self._drop(self._used.pop())

    def run_aside(self, pending: ScriptCall, done: Callable[[], None]) -> None:
        """
        Run a script on a thread of its own; *done* is called when its result is there.

        Raises:
            RuntimeError: There can be no thread for now; *done* is not called.
        """
        # The decision that broke off comes again, and needs the results that it has used once more.
        self._used.clear()
        if self._pool is None:
            pool = ThreadPoolExecutor(self._threads, thread_name_prefix="podium-script")
            pool.submit(int)  # one thread takes whatever comes; without any it would be in the pool and never be done
            self._pool = pool
        try:
            self._pool.submit(self._finish, pending, done)
        except RuntimeError as error:
            if not is_shortage(error):  # of threads: an earlier one takes it
                raise

    def _finish(self, pending: ScriptCall, done: Callable[[], None]) -> None:
        value: JsonValue = None
        failure: Exception | None = None
        try:
            value = self._ask_patiently(pending)
        except (javascript.ScriptError, JqError, EvaluatorError) as error:
            failure = error
        except Exception as error:  # noqa: BLE001  # whatever it is, the decision that waits must hear of it
            failure = javascript.ScriptError(f"the script could not be run: {error!r}")
        self._keep((pending.kind, pending.source, dump(pending.given)), value, failure)
        done()

    def _keep(self, key: _Key, value: JsonValue, failure: Exception | None) -> None:
        """Keep a result, and let the oldest go if that is too much."""
        # The same call may have been kept before, by a run that was decided anew: it counts once.
        size = len(key[1]) + len(key[2]) + (len(dump(value)) if failure is None else len(str(failure)))
        with self._keeping:
            self._kept_bytes += size - self._results.pop(key, (None, None, 0))[2]
            self._results[key] = (value, failure, size)
            while self._kept_bytes > _KEPT_MAX_BYTES and len(self._results) > 1:
                _, (_, _, freed) = self._results.popitem(last=False)
                self._kept_bytes -= freed

    def _drop(self, key: _Key) -> None:
        with self._keeping:
            found = self._results.pop(key, None)
            if found is not None:
                self._kept_bytes -= found[2]

    def _ask_patiently(self, pending: ScriptCall) -> JsonValue:
        """Run a script, as soon as the machine can; what needs more memory than there is fails after a while."""
        for tries in count(1):
            try:
                if pending.finish is not None and tries == 1:
                    return pending.finish()
                if pending.kind == "python" and isinstance(pending.given, Mapping):
                    return self._python.evaluate(pending.source, pending.given)
                return _ask(self._aside, pending)
            except Shortage:
                if self._is_closing.wait(_PAUSE_S):
                    raise
            except MemoryError:
                if tries >= _MEMORY_TRIES_MAX or self._is_closing.wait(_PAUSE_S):
                    raise
        raise AssertionError("there are always more tries")

    def close(self) -> None:
        """Stop; what runs is ended by its own limit."""
        self._is_closing.set()
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
        self._near.close()
        self._aside.close()
        self._python.close()


def _is_same(call: ScriptCall, kind: ScriptKind, source: str, given: JsonValue) -> bool:
    # What equals is mostly the same object; NaN equals nothing, so the texts decide in the end.
    return call.kind == kind and call.source == source and (call.given == given or dump(call.given) == dump(given))


def _ask(isolation: Isolation, call: ScriptCall) -> JsonValue:
    if call.kind == "script" and isinstance(call.given, Mapping):
        return isolation.evaluate(call.source, call.given)
    return isolation.transform(call.source, call.given)
