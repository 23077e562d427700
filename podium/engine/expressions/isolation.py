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
import select
import signal
import struct
import subprocess
import sys
from pathlib import Path

from podium.engine.expressions.javascript import TIME_LIMIT_S, Call, ScriptError, ScriptTimeout, read_result
from podium.engine.expressions.jq import JqError, dump_data
from podium.engine.expressions.script_errors import error_text
from podium.model.errors import Shortage
from podium.model.shortages import is_shortage
from podium.model.values import JsonObject, JsonValue

#: A request: what to do, seconds it may take, and the lengths of the three texts that follow, in bytes.
REQUEST = struct.Struct("<cdIII")
#: A reply: how it went, and the length of the text that follows, in bytes.
REPLY = struct.Struct("<cI")
SCRIPT, QUERY = b"J", b"Q"
VALUE, TIMED_OUT, FAILED = b"V", b"T", b"E"
#: What a child says when it can take requests.
READY = b"R"


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
        Start nothing yet.

        Args:
            processes: Most children; further callers wait for one to be free.
            time_limit_s: The limit of a call that names none, in seconds.
            patience_s: Seconds by the wall clock after which a call is broken off with `OutOfPatience`, whatever its
                limit; None for callers who can wait.
        """
        self._time_limit_s = time_limit_s
        self._patience_s = patience_s
        self._children: queue.LifoQueue[_Child | None] = queue.LifoQueue()
        for _ in range(processes):
            self._children.put(None)
        self._processes = processes

    def evaluate(self, script: str, bindings: JsonObject, *, time_limit_s: float | None = None) -> JsonValue:
        """
        Evaluate a script as `podium.engine.expressions.javascript.evaluate` does.

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
        call = Call.of(script, bindings)
        try:
            kind, text = self._ask(SCRIPT, limit_s, call.script, call.bindings, call.preparation)
        except _Broken as exc:
            raise ScriptError(error_text(str(exc), None)) from None
        if kind == TIMED_OUT:
            raise ScriptTimeout(limit_s)
        if kind == FAILED:
            raise ScriptError(text)
        return read_result(text, script)

    def transform(
        self, query: str, data: JsonValue, *, time_limit_s: float | None = None
    ) -> tuple[JsonValue, list[JsonValue]]:
        """
        Run a query as `podium.engine.expressions.jq.transform` does.

        Raises:
            JqError: The query failed, took too long or too much memory.
            OutOfPatience: The callers' patience ended before the time was up.
            Shortage: No child could be started for now.
        """
        limit_s = self._time_limit_s if time_limit_s is None else time_limit_s
        try:
            kind, text = self._ask(QUERY, limit_s, query, dump_data(data), "")
        except (_Broken, UnicodeEncodeError, RecursionError) as exc:
            raise JqError(str(exc)) from None
        if kind == TIMED_OUT:
            raise JqError(f"Query not evaluated within {limit_s:g} seconds, interrupted.")
        if kind == FAILED:
            raise JqError(text)
        results: list[JsonValue] = json.loads(text)
        return (results[0] if results else None), results

    def close(self) -> None:
        """Stop the children, after the calls that are under way; a later call starts them anew."""
        for _ in range(self._processes):
            child = self._children.get()
            if child is not None:
                child.stop()
        for _ in range(self._processes):
            self._children.put(None)

    def _ask(self, kind: bytes, limit_s: float, *texts: str) -> tuple[bytes, str]:
        """Ask a child, and another one if somebody killed that: scripts change nothing, so they may run twice."""
        blobs = [text.encode() for text in texts]
        try:
            return self._ask_one(kind, limit_s, blobs)
        except _Killed:
            return self._ask_one(kind, limit_s, blobs)

    def _ask_one(self, kind: bytes, limit_s: float, blobs: list[bytes]) -> tuple[bytes, str]:
        """Hand a request to a free child; drop the child unless it answered in full."""
        child = self._children.get()
        kept: _Child | None = None
        try:
            if child is not None and not child.is_running:
                # It ended while nobody looked, such as by the hand of an operator short of memory.
                child.stop()
                child = None
            if child is None:
                child = _Child()
            request = REQUEST.pack(kind, limit_s, *(len(blob) for blob in blobs)) + b"".join(blobs)
            reply = child.ask(request, self._patience_s)
            kept = None if child.has_ended else child
            return reply
        finally:
            if kept is None and child is not None:
                child.stop()
                kept = self._spare()
            self._children.put(kept)

    def _spare(self) -> _Child | None:
        """Start the next child for impatient callers, who shall not wait for that either."""
        if self._patience_s is None:
            return None
        try:
            return _Child()
        except Shortage:
            return None  # the next call tries again


class OutOfPatience(Exception):
    """A call has not ended within its callers' patience; it was broken off."""


class _Broken(Exception):
    """A child ended in the middle of a call; the text says how."""


class _Killed(_Broken):
    """A child was killed from outside, as the system does when it is short of memory; its limits kill otherwise."""


class _Child:
    """
    One child process.

    Raises:
        Shortage: It cannot be started for now.
    """

    def __init__(self) -> None:
        # The child finds its packages where this process found them, and nothing else of its surroundings.
        paths = [str(Path(__file__).parents[3]), *sys.path]
        program = (
            f"import sys; sys.path[:] = {paths!r}; from podium.engine.expressions.isolation_child import main; main()"
        )
        try:
            self._process = subprocess.Popen(  # noqa: S603 # our own interpreter with a fixed program
                [sys.executable, "-I", "-S", "-c", program],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=None if sys.platform == "win32" else {},
                start_new_session=True,
            )
        except (OSError, MemoryError) as error:
            if is_shortage(error):
                raise Shortage(f"no process for scripts can be started: {error!r}") from error
            raise
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._requests, self._replies = self._process.stdin, self._process.stdout
        self._is_ready = False
        #: Whether it ended in the middle of a call.
        self.has_ended = False

    @property
    def is_running(self) -> bool:
        """Whether the process is there."""
        return self._process.poll() is None

    def ask(self, request: bytes, patience_s: float | None) -> tuple[bytes, str]:
        """
        Send a request and wait for the reply.

        Raises:
            _Broken: The child ended, other than by its timer.
            OutOfPatience: No reply came within *patience_s* seconds.
            Shortage: The child ended before it could take a request.
        """
        try:
            if not self._is_ready:
                self._is_ready = self._replies.read(1) == READY
                if not self._is_ready:
                    self.has_ended = True
                    raise Shortage(f"a process for scripts ended with status {self._process.wait()} as it started")
            self._requests.write(request)
            self._requests.flush()
            if patience_s is not None and sys.platform != "win32":
                # Nothing is buffered between two replies, so the file descriptor tells.
                answered, _, _ = select.select([self._replies], [], [], patience_s)
                if not answered:
                    raise OutOfPatience
            head = self._replies.read(REPLY.size)
            if len(head) == REPLY.size:
                kind, length = REPLY.unpack(head)
                text = self._replies.read(length)
                if len(text) == length:
                    return kind, text.decode()
        except BrokenPipeError:
            pass
        self.has_ended = True
        return self._explain(self._process.wait())

    def _explain(self, status: int) -> tuple[bytes, str]:
        """Tell why the child ended."""
        alarm = getattr(signal, "SIGALRM", None)
        if alarm is not None and status == -alarm:
            return TIMED_OUT, ""
        kind = _Killed if status == -getattr(signal, "SIGKILL", 0) else _Broken
        raise kind(f"InternalError: the interpreter ended with status {status}, probably for lack of memory")

    def stop(self) -> None:
        """End the process, whatever it does."""
        self._process.kill()
        self._process.wait()
        for stream in (self._requests, self._replies):
            try:
                stream.close()
            except BrokenPipeError:
                # What was still buffered for a process that has gone.
                pass
