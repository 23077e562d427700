"""
Scripts and jq queries in processes that can be killed.

Neither interpreter can be stopped from outside in every case: JavaScript's time limit is not looked at inside built-in
functions, and jq has none at all and holds Python's interpreter lock. What runs here is stopped by the operating
system: each child sets a timer on itself before it starts, so it ends even if this process is gone, and its memory is
limited. A child that was stopped is replaced at the next call.

A call of a script costs its caller about 0.1 ms, less than in this process, because a child makes the next fresh
interpreter while it waits; scripts that follow without a pause cost about 0.3 ms. A query costs 0.05 ms.

Windows has no such timer; there only the interpreters' own limits count.
"""

from __future__ import annotations

import json
import queue
from collections.abc import Callable
from typing import Any, TypeAlias, TypeVar

from podium.expressions.isolation_parent import FAILED, QUERY, SCRIPT, TIMED_OUT, ChildCrashed, Killed, ScriptProcess
from podium.expressions.javascript import TIME_LIMIT_S, Evaluation, ScriptError, ScriptTimeout, read_result
from podium.expressions.jq import JqError, dump_data
from podium.expressions.script_errors import error_text
from podium.model.errors import Shortage
from podium.model.values import JsonObject, JsonValue

#: Asks for a reply, and waits for it.
T = TypeVar("T")
_Ask: TypeAlias = Callable[[], tuple[bytes, str]]
#: Children that go on with what takes long, and idle ones that come back from that.
_LENT_MAX, _SPARES_MAX = 4, 2


class Isolation:
    """
    Runs scripts and queries in a few child processes.

    It may be used from any thread. Children are started when they are first needed and end with `close`, or when
    this process does.
    """

    def __init__(
        self,
        *,
        processes: int = 2,
        time_limit_s: float = TIME_LIMIT_S,
        patience_s: float | None = None,
    ) -> None:
        """
        Children are started by the first call, not here.

        Args:
            processes: Most children; further callers wait for one to be free.
            time_limit_s: The limit of a call that names none, in seconds.
            patience_s: Seconds by the wall clock after which a call raises `OutOfPatience`, whatever its limit; None
                for callers who can wait.
        """
        self._time_limit_s = time_limit_s
        self._patience_s = patience_s
        self._children: queue.LifoQueue[ScriptProcess | None] = queue.LifoQueue()
        for _ in range(processes):
            self._children.put(None)
        self._processes = processes
        self._lent: set[ScriptProcess] = set()
        self._spares: queue.LifoQueue[ScriptProcess] = queue.LifoQueue()

    def evaluate(self, script: str, bindings: JsonObject, *, time_limit_s: float | None = None) -> JsonValue:
        """
        Evaluate a script as `podium.expressions.javascript.evaluate` does.

        Args:
            script: JavaScript.
            bindings: What ``$`` is.
            time_limit_s: Seconds of CPU; by the wall clock it is stopped half a second later at the latest.

        Raises:
            ScriptTimeout: The time was up.
            ScriptError: The script failed, or took its interpreter down.
            OutOfPatience: The callers' patience ended before the time was up.
            Shortage: No child could be started for now.
        """
        limit_s = self._time_limit_s if time_limit_s is None else time_limit_s
        call = Evaluation.of(script, bindings)

        def read(ask: _Ask) -> JsonValue:
            try:
                kind, text = ask()
            except ChildCrashed as exc:
                raise ScriptError(error_text(str(exc), None)) from None
            if kind == TIMED_OUT:
                raise ScriptTimeout(limit_s)
            if kind == FAILED:
                raise ScriptError(text)
            return read_result(text, script)

        return self._patiently(read, lambda: self._ask(SCRIPT, limit_s, call.script, call.bindings, call.preparation))

    def transform(
        self, query: str, data: JsonValue, *, time_limit_s: float | None = None
    ) -> tuple[JsonValue, list[JsonValue]]:
        """
        Run a query as `podium.expressions.jq.transform` does.

        Raises:
            JqError: The query failed, took too long or too much memory.
            OutOfPatience: The callers' patience ended before the time was up.
            Shortage: No child could be started for now.
        """
        limit_s = self._time_limit_s if time_limit_s is None else time_limit_s

        def read(ask: _Ask) -> tuple[JsonValue, list[JsonValue]]:
            try:
                kind, text = ask()
            except (ChildCrashed, UnicodeEncodeError, RecursionError) as exc:
                raise JqError(str(exc)) from None
            if kind == TIMED_OUT:
                raise JqError(f"Query not evaluated within {limit_s:g} seconds, interrupted.")
            if kind == FAILED:
                raise JqError(text)
            results: list[JsonValue] = json.loads(text)
            return (results[0] if results else None), results

        return self._patiently(read, lambda: self._ask(QUERY, limit_s, query, dump_data(data), ""))

    def close(self) -> None:
        """Stop the children, after the calls that are under way; a later call starts them anew."""
        for _ in range(self._processes):
            child = self._children.get()
            if child is not None:
                child.stop()
        while self._lent:
            self._lent.pop().stop()
        while not self._spares.empty():
            self._spares.get().stop()
        for _ in range(self._processes):
            self._children.put(None)

    @staticmethod
    def _patiently(read: Callable[[_Ask], T], ask: _Ask) -> T:
        """Read the reply to a request; if that takes too long, say how it can be read later."""
        try:
            return read(ask)
        except OutOfPatience as late:
            finish = late.finish
            raise OutOfPatience(None if finish is None else lambda: read(finish)) from None

    def _ask(self, kind: bytes, limit_s: float, *texts: str) -> tuple[bytes, str]:
        """Ask a child, and another one if somebody killed that: scripts change nothing, so they may run twice."""
        blobs = [text.encode() for text in texts]
        try:
            return self._ask_one(kind, limit_s, blobs)
        except Killed:
            return self._ask_one(kind, limit_s, blobs)

    def _ask_one(self, kind: bytes, limit_s: float, blobs: list[bytes]) -> tuple[bytes, str]:
        """Hand a request to a free child; drop the child unless it answered in full."""
        child = self._children.get()
        kept = used = None
        try:
            if child is not None and not child.is_running:
                # It ended while nobody looked, such as by the hand of an operator short of memory.
                child.stop()
                child = None
            used = child or ScriptProcess()
            used.wait_until_ready()
            used.send(kind, limit_s, blobs)
            if not used.has_answered(self._patience_s):
                late, kept = used, self._spare()
                used = None
                raise OutOfPatience(self._lend(late, kind, limit_s, blobs))
            reply = used.reply()
            kept = None if used.has_ended else used
            return reply
        finally:
            if kept is None and used is not None:
                used.stop()
                kept = self._spare()
            self._children.put(kept)

    def _lend(self, child: ScriptProcess, kind: bytes, limit_s: float, blobs: list[bytes]) -> _Ask | None:
        """Let a child go on with what takes long; where too many do already, stop it."""
        if len(self._lent) >= _LENT_MAX:
            child.stop()
            return None
        self._lent.add(child)

        def finish() -> tuple[bytes, str]:
            if child not in self._lent:
                return self._again(kind, limit_s, blobs)
            try:
                return child.reply()
            except Killed:
                return self._again(kind, limit_s, blobs)
            finally:
                self._take_back(child)

        return finish

    def _take_back(self, child: ScriptProcess) -> None:
        """Keep a child that has come to its end for later, if few are kept."""
        self._lent.discard(child)
        if child.has_ended or self._spares.qsize() >= _SPARES_MAX:
            child.stop()
        else:
            self._spares.put(child)

    @staticmethod
    def _again(kind: bytes, limit_s: float, blobs: list[bytes]) -> tuple[bytes, str]:
        """Ask a child of its own."""
        child = ScriptProcess()
        try:
            child.wait_until_ready()
            child.send(kind, limit_s, blobs)
            return child.reply()
        finally:
            child.stop()

    def _spare(self) -> ScriptProcess | None:
        """Return the next child to impatient callers, who shall not wait for its start either."""
        if self._patience_s is None:
            return None
        try:
            return self._spares.get_nowait()
        except queue.Empty:
            pass
        try:
            return ScriptProcess()
        except Shortage:
            return None  # the next call tries again


class OutOfPatience(Exception):
    """
    A call has not ended within its callers' patience.

    Attributes:
        finish: Waits for its end, in any thread, and gives what the call would have given, or raises that. None if the
            call was broken off.
    """

    def __init__(self, finish: Callable[[], Any] | None) -> None:
        super().__init__("out of patience")
        self.finish = finish
