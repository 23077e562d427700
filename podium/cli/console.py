"""
What the commands write, and where.

Results go to the standard output; progress, hints and complaints to the standard error, so that ``podium run … | jq``
works. Colours are for terminals only, and not where ``NO_COLOR`` is set.
"""

from __future__ import annotations

import io
import json
import logging
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, redirect_stdout

import typer

from podium.model.values import JsonValue

#: The status of a run that should go on, while nobody works on it.
INTERRUPTED = "RUNNING (interrupted)"

#: The colour of each status; those that are not here are written plainly.
COLOURS = {
    "COMPLETED": "green",
    "IN_PROGRESS": "blue",
    "RUNNING": "blue",
    INTERRUPTED: "yellow",
    "PAUSED": "yellow",
    "CANCELED": "yellow",
    "COMPLETED_WITH_ERRORS": "yellow",
    "FAILED": "red",
    "FAILED_WITH_TERMINAL_ERROR": "red",
    "TIMED_OUT": "red",
    "TERMINATED": "red",
}

#: Characters that do something to a terminal; a worker's text must not be able to.
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def prepare_streams() -> None:
    """Let no character break a command: what the terminal's encoding lacks is written as an escape."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def printable(text: str) -> str:
    r"""
    Return a text whose control characters are written as escapes; line ends and tabs stay.

    Example:
        >>> printable("a\x1b[2Jb")
        'a\\x1b[2Jb'
    """
    return _CONTROLS.sub(lambda match: f"\\x{ord(match[0]):02x}", text)


def say(text: str = "", *, colour: str | None = None) -> None:
    """Write a line to the standard error."""
    _write(text, colour=colour, to_stderr=True)


def out(text: str = "", *, colour: str | None = None) -> None:
    """Write a line to the standard output."""
    _write(text, colour=colour, to_stderr=False)


def _write(text: str, *, colour: str | None, to_stderr: bool) -> None:
    styled = typer.style(printable(text), fg=colour) if colour and not os.environ.get("NO_COLOR") else printable(text)
    typer.echo(styled, err=to_stderr)


def out_json(value: JsonValue) -> None:
    """Write JSON to the standard output, as it stands if the encoding can hold it, with escapes otherwise."""
    text = json.dumps(value, indent=2, ensure_ascii=False)
    try:
        text.encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        text = json.dumps(value, indent=2)
    typer.echo(text)


@contextmanager
def stdout_kept_clean() -> Iterator[None]:
    """
    Send to the standard error what authors' code prints, that of programs it starts included.

    The standard output is for the command's own result, which others may parse.
    """
    sys.stdout.flush()
    try:
        own, theirs = sys.stdout.fileno(), sys.stderr.fileno()
    except OSError:  # not a file, as in a test: then there is no program that could write to it
        with redirect_stdout(sys.stderr):
            yield
        return
    kept = os.dup(own)
    os.dup2(theirs, own)
    try:
        with redirect_stdout(sys.stderr):
            yield
    finally:
        sys.stdout.flush()
        os.dup2(kept, own)
        os.close(kept)


class ConsoleLogHandler(logging.Handler):
    """
    Says what Podium logs, but for what is told of the followed runs anyway.

    What comes before the first run is followed waits for it: a run may fail before its id is known here.
    """

    def __init__(self) -> None:
        super().__init__()
        self._followed: set[str] = set()
        self._kept: list[logging.LogRecord] = []

    def follow(self, run_id: str) -> None:
        """Say nothing of a run, which is shown otherwise."""
        with self.lock or nullcontext():
            self._followed.add(run_id)
            kept, self._kept = self._kept, []
        for record in kept:
            self.emit(record)

    def emit(self, record: logging.LogRecord) -> None:
        """Say a line; called under the handler's lock."""
        if not self._followed:
            self._kept.append(record)
        elif getattr(record, "run_id", None) not in self._followed:
            say(f"  {record.getMessage()}", colour="yellow" if record.levelno < logging.ERROR else "red")


@contextmanager
def log_said() -> Iterator[ConsoleLogHandler]:
    """Say what Podium logs meanwhile."""
    log, handler = logging.getLogger("podium"), ConsoleLogHandler()
    log.addHandler(handler)
    try:
        yield handler
    finally:
        log.removeHandler(handler)
