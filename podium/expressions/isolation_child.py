"""The program of the child processes of `podium.expressions.isolation`."""

from __future__ import annotations

import json
import os
import signal
import sys
from typing import BinaryIO

from podium.expressions.isolation_parent import FAILED, QUERY, READY, REPLY, REQUEST, TIMED_OUT, VALUE
from podium.expressions.javascript import (
    MEMORY_LIMIT_BYTES,
    TIME_LIMIT_S,
    Evaluation,
    Sandbox,
    ScriptError,
    ScriptTimeout,
)
from podium.expressions.jq import JqError, transform

#: Address space of the whole child, in bytes: Python, a script's memory and its result; a query's data and results.
ADDRESS_SPACE_MAX_BYTES = 1024 * 1024 * 1024
#: How long after its limit a call is stopped by the wall clock, in seconds.
GRACE_S = 0.5


def main() -> None:
    """Answer requests until the other end closes."""
    requests = os.fdopen(os.dup(0), "rb")
    replies = os.fdopen(os.dup(1), "wb")
    # A query can print; nothing but replies may reach the other end.
    os.dup2(os.open(os.devnull, os.O_RDWR), 1)
    _limit_resources()
    sandbox = _fresh()
    replies.write(READY)
    replies.flush()
    while True:
        head = requests.read(REQUEST.size)
        if len(head) < REQUEST.size:
            return
        kind, limit_s, *lengths = REQUEST.unpack(head)
        texts = [requests.read(length).decode() for length in lengths]
        _set_timer(limit_s + GRACE_S)
        status, text = _query(texts) if kind == QUERY else _script(sandbox, limit_s, texts)
        _set_timer(0)
        _reply(replies, status, text)
        if kind != QUERY:
            sandbox = _fresh()


def _fresh() -> Sandbox:
    """Make the interpreter of the next script."""
    return Sandbox(TIME_LIMIT_S, MEMORY_LIMIT_BYTES)


def _script(sandbox: Sandbox, limit_s: float, texts: list[str]) -> tuple[bytes, str]:
    """Evaluate a script; reading the result is left to the other end."""
    sandbox.limit(limit_s)
    try:
        return VALUE, sandbox.run(Evaluation(*texts))
    except ScriptTimeout:
        return TIMED_OUT, ""
    except ScriptError as exc:
        return FAILED, str(exc)


def _query(texts: list[str]) -> tuple[bytes, str]:
    """Run a query."""
    try:
        _first, results = transform(texts[0], json.loads(texts[1]))
    except (JqError, MemoryError) as exc:
        return FAILED, str(exc) or "out of memory"
    return VALUE, json.dumps(results)


def _reply(replies: BinaryIO, status: bytes, text: str) -> None:
    """Send a reply."""
    blob = text.encode()
    replies.write(REPLY.pack(status, len(blob)) + blob)
    replies.flush()


def _set_timer(delay_s: float) -> None:
    """Let the operating system end this process after a while; 0 calls that off."""
    if sys.platform != "win32":
        signal.setitimer(signal.ITIMER_REAL, delay_s)


def _limit_resources() -> None:
    """Limit what a runaway can take from the machine."""
    if sys.platform != "win32":
        import resource

        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE_MAX_BYTES, ADDRESS_SPACE_MAX_BYTES))
