"""
One child process for scripts and queries, seen from the process that asks it.

Its program is `podium.expressions.isolation_child`.
"""

from __future__ import annotations

import select
import signal
import struct
import sys
from pathlib import Path

from podium.model.errors import Shortage
from podium.model.shortages import is_shortage

#: A request: what to do, seconds it may take, and the lengths of the three texts that follow, in bytes.
REQUEST = struct.Struct("<cdIII")
#: A reply: how it went, and the length of the text that follows, in bytes.
REPLY = struct.Struct("<cI")
SCRIPT, QUERY = b"J", b"Q"
VALUE, TIMED_OUT, FAILED = b"V", b"T", b"E"
#: What a child says when it can take requests.
READY = b"R"


class ChildCrashed(Exception):
    """A child ended in the middle of a call; the text says how."""


class Killed(ChildCrashed):
    """A child was killed from outside, as the system does when it is short of memory; its limits kill otherwise."""


class ScriptProcess:
    """
    One child process.

    Raises:
        Shortage: It cannot be started for now.
    """

    def __init__(self) -> None:
        # The child finds its packages where this process found them, and nothing else of its surroundings.
        paths = [str(Path(__file__).parents[3]), *sys.path]
        program = f"import sys; sys.path[:] = {paths!r}; from podium.expressions.isolation_child import main; main()"
        try:
            import subprocess  # slow to import, and most processes run no such script

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

    def wait_until_ready(self) -> None:
        """
        Wait until the child takes requests, which a new one does after a moment.

        Raises:
            Shortage: It has ended as it started.
        """
        if not self._is_ready:
            self._is_ready = self._replies.read(1) == READY
            if not self._is_ready:
                self.has_ended = True
                raise Shortage(f"a process for scripts ended with status {self._process.wait()} as it started")

    def send(self, kind: bytes, limit_s: float, blobs: list[bytes]) -> None:
        """Hand a request over; it begins at once."""
        try:
            self._requests.write(REQUEST.pack(kind, limit_s, *(len(blob) for blob in blobs)) + b"".join(blobs))
            self._requests.flush()
        except BrokenPipeError:
            pass  # `reply` tells why

    def has_answered(self, patience_s: float | None) -> bool:
        """Return whether something comes from the child within *patience_s* seconds; True if nobody is in a hurry."""
        if patience_s is None or sys.platform == "win32":
            return True
        # Nothing is buffered between two replies, so the file descriptor tells.
        answered, _, _ = select.select([self._replies], [], [], patience_s)
        return bool(answered)

    def reply(self) -> tuple[bytes, str]:
        """
        Wait for the reply.

        Raises:
            Broken: The child ended, other than by its timer.
        """
        head = self._replies.read(REPLY.size)
        if len(head) == REPLY.size:
            kind, length = REPLY.unpack(head)
            text = self._replies.read(length)
            if len(text) == length:
                return kind, text.decode()
        self.has_ended = True
        return self._explain(self._process.wait())

    def _explain(self, status: int) -> tuple[bytes, str]:
        """Tell why the child ended."""
        alarm = getattr(signal, "SIGALRM", None)
        if alarm is not None and status == -alarm:
            return TIMED_OUT, ""
        kind = Killed if status == -getattr(signal, "SIGKILL", 0) else ChildCrashed
        raise kind(f"InternalError: the interpreter ended with status {status}, probably for lack of memory")

    def stop(self) -> None:
        """End the process, whatever it does."""
        self.has_ended = True
        self._process.kill()
        self._process.wait()
        for stream in (self._requests, self._replies):
            try:
                stream.close()
            except BrokenPipeError:
                # What was still buffered for a process that has gone.
                pass
