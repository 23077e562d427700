"""The arguments and options that several commands have."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated, TypeAlias

import typer

from podium.cli import completing
from podium.model.errors import InvalidRequest
from podium.model.retention import age_s


class LogForm(StrEnum):
    """How the log is written."""

    TEXT = "text"
    JSON = "json"


def moment_in(text: str) -> datetime:
    """
    Read a point of time, or how long ago it was.

    Raises:
        BadParameter: It is neither.

    Example:
        >>> moment_in("2026-01-31 14:30").minute
        30
    """
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        pass
    try:
        return datetime.now(UTC) - timedelta(seconds=age_s(text))
    except (InvalidRequest, OverflowError):
        advice = "write how long ago, 90s or '2 days', or a time such as '2026-01-31 14:30:05'"
        raise typer.BadParameter(f"{text!r} is no moment; {advice}") from None


Since: TypeAlias = Annotated[
    datetime | None,
    typer.Option(
        parser=moment_in, metavar="TIME", help="Only runs that were started then or later: a time, or how long ago."
    ),
]
Until: TypeAlias = Annotated[
    datetime | None,
    typer.Option(parser=moment_in, metavar="TIME", help="Only runs that were started then or earlier."),
]
Db: TypeAlias = Annotated[
    str,
    typer.Option(
        "--db",
        metavar="URL",
        envvar="PODIUM_DB",
        help="Where the runs are, such as sqlite:///podium.db or memory://; or a server, such as "
        "http://localhost:8080/api, whose key the environment may hold: CONDUCTOR_AUTH_KEY, CONDUCTOR_AUTH_SECRET.",
    ),
]
RunId: TypeAlias = Annotated[
    str,
    typer.Argument(
        metavar="ID",
        help="The run: its id, the beginning of it if no other run has it, or 'last'.",
        autocompletion=completing.runs,
    ),
]
Timeout: TypeAlias = Annotated[
    str | None,
    typer.Option(metavar="TIME", help="How long to wait for the end: seconds, or such as 90s or '1h 30m'."),
]
Verbose: TypeAlias = Annotated[
    bool, typer.Option("-v", "--verbose", help="Show every step, also forks, joins, loops and the like.")
]
Concurrency: TypeAlias = Annotated[int, typer.Option(min=1, help="Most tasks at once.")]
Workers: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--workers",
        metavar="FILE|MODULE",
        help="A Python file or module whose @task functions serve too; may be repeated. They come before those of the "
        "same name that the workflow brings.",
    ),
]
Worked: TypeAlias = Annotated[
    str | None,
    typer.Argument(
        metavar="SUBJECT",
        show_default=False,
        help="Whose tasks to serve: FILE.py or MODULE, either with :NAME of a workflow, or FILE.json.",
        autocompletion=completing.subjects,
    ),
]
AsJson: TypeAlias = Annotated[bool, typer.Option("--json", help="Write JSON, in the form of Conductor's API.")]

Log: TypeAlias = Annotated[
    LogForm | None,
    typer.Option(
        "--log", metavar="text|json", help="Log what happens to the standard error: a line each, or a JSON object each."
    ),
]

INPUT_HELP = (
    "An input: KEY=VALUE, where VALUE is JSON or else plain text; KEY=@FILE for a file's content; @FILE for a JSON "
    "object of inputs (@- reads the standard input). May be repeated; the last one counts."
)
