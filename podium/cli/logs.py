"""
The log of a command: what the engine and the workers do, a line each, on the standard error.

Podium logs by Python's ``logging``, under the name ``podium``: each start and end of a run and each attempt of a worker
at INFO; failures with what follows, and what needs somebody, at WARNING. As a library it is quiet below WARNING. What a
record is about (``run_id``, ``task_id``, ``workflow``, …) are attributes of it, as `logging` has them.
"""

from __future__ import annotations

import json
import logging
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from podium.cli.console import printable
from podium.cli.options import LogForm

#: What records say beside their line, in the order in which JSON has it.
FIELDS = (
    *("run_id", "task_id", "workflow", "task", "step", "attempt", "status", "reason", "took_ms", "schedule"),
    *("traceback",),
)


class JsonLines(logging.Formatter):
    """
    Writes each record as one JSON object on one line.

    Example:
        >>> record = logging.makeLogRecord({"name": "podium", "levelname": "INFO", "msg": "started", "run_id": "01a2"})
        >>> JsonLines().format(record).partition(", ")[2]
        '"level": "INFO", "logger": "podium", "message": "started", "run_id": "01a2"}'
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        found: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        found |= {field: value for field in FIELDS if (value := getattr(record, field, None)) is not None}
        if record.exc_info and record.exc_info[1] is not None:
            found["traceback"] = "".join(traceback.format_exception(record.exc_info[1])).rstrip()
        return json.dumps(found, default=str)


class PlainLines(logging.Formatter):
    """Writes each record as a line; what it raised follows, for those that say so."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        at = datetime.fromtimestamp(record.created).astimezone().strftime("%H:%M:%S")
        line = f"{at} {record.levelname:<7} {record.getMessage()}"
        if record.exc_info and record.exc_info[1] is not None:
            line += "\n" + "".join(traceback.format_exception(record.exc_info[1])).rstrip()
        return printable(line)


def _handler(form: LogForm) -> logging.Handler:
    if form is LogForm.TEXT and sys.stderr.isatty():
        from rich.console import Console
        from rich.logging import RichHandler

        return RichHandler(
            console=Console(stderr=True), show_path=False, markup=False, highlighter=None, log_time_format="%H:%M:%S"
        )
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines() if form is LogForm.JSON else PlainLines())
    return handler


@contextmanager
def logged(form: LogForm | None, level: int = logging.INFO) -> Iterator[None]:
    """Log what happens meanwhile, from a level on; not at all without a form."""
    if form is None:
        yield
        return
    log, handler = logging.getLogger("podium"), _handler(form)
    before, propagates = log.level, log.propagate
    log.addHandler(handler)
    log.setLevel(level)
    log.propagate = False
    try:
        yield
    finally:
        log.removeHandler(handler)
        log.setLevel(before)
        log.propagate = propagates
