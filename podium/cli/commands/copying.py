"""``podium copy``: what a store holds, into another store."""

from __future__ import annotations

from typing import Annotated

import typer

from podium.cli.console import out, out_json, say
from podium.cli.options import AsJson
from podium.cli.stores import refuse_missing, refuse_server

#: How much of a digest is shown.
_DIGEST_SHOWN = 16


def copy(
    source: Annotated[str, typer.Argument(metavar="SRC", help="The store to copy, such as sqlite:///podium.db.")],
    target: Annotated[
        str,
        typer.Argument(metavar="DST", help="Where to, such as postgresql://user@host/database; made if it is empty."),
    ],
    *,
    merge: Annotated[bool, typer.Option("--merge", help="Add to what DST holds already.")] = False,
    json: AsJson = False,
) -> None:
    """
    Copy definitions, runs and all else that a store holds into another, and compare both.

    Called again after it broke off, it goes on where it was. Stop the engines of both first. Runs that have not ended
    go on at DST.
    """
    from podium.client.copying import copy_store

    for url in (source, target):
        refuse_server(url)
    refuse_missing(source)
    done = copy_store(source, target, merge=merge, tell=lambda name, rows: say(f"{name}: {rows} rows copied"))
    if json:
        tables = [table._asdict() for table in done.tables]
        out_json({"tables": tables, "live_runs": done.live_runs})
    else:
        for table in done.tables:
            if table.rows:
                found = f", {table.found} of them were there" if table.found else ""
                out(f"{table.name}: {table.rows} rows, sha256 {table.digest[:_DIGEST_SHOWN]} in both{found}")
    if done.live_runs:
        say(
            f"{done.live_runs} runs have not ended: they go on at the destination when an engine works there. Let none "
            "work on the source any more, or they go on twice.",
            colour="yellow",
        )
