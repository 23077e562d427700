"""``podium audit``: who has changed what in a store."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from podium.cli.console import out_json, say
from podium.cli.defaults import DEFAULT_DB
from podium.cli.options import AsJson, Db
from podium.cli.stores import open_existing
from podium.cli.tables import print_table
from podium.model.audit import AuditRecord
from podium.model.errors import InvalidRequest
from podium.model.retention import age_s

#: What says that changes are kept whatever their age.
_FOREVER = "forever"


def audit(
    *,
    db: Db = DEFAULT_DB,
    who: Annotated[str | None, typer.Option(metavar="WHO", help="Only what they did, such as user:ann.")] = None,
    verb: Annotated[str | None, typer.Option(metavar="VERB", help="Only this, such as terminate.")] = None,
    kind: Annotated[str | None, typer.Option(metavar="KIND", help="Only to these, such as run or secret.")] = None,
    name: Annotated[str | None, typer.Option(metavar="NAME", help="Only to what is called so.")] = None,
    run: Annotated[str | None, typer.Option(metavar="ID", help="Only to this run.")] = None,
    result: Annotated[str | None, typer.Option(metavar="RESULT", help="OK, or the name of an error.")] = None,
    since: Annotated[str | None, typer.Option(metavar="AGE", help="Only of the last, such as '2 hours'.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=5_000, help="Most changes to print.")] = 100,
    offset: Annotated[int, typer.Option(min=0, help="How many of the newest to pass over.")] = 0,
    json: AsJson = False,
    keep: Annotated[
        str | None,
        typer.Option(metavar="AGE", help="Keep changes so long from now on, such as '400 days'; or forever."),
    ] = None,
    prune: Annotated[str | None, typer.Option(metavar="AGE", help="Delete what is older, now.")] = None,
) -> None:
    """Print who has changed what, newest first; or say how long that is kept."""
    if keep is not None and prune is not None:
        raise InvalidRequest("--keep says what to do from now on, and --prune does it once: give one of them")
    with open_existing(db) as client:
        if keep is not None:
            client.audit.keep(None if keep == _FOREVER else keep)
            say(f"changes are kept {keep if keep == _FOREVER else f'for {keep}'}")
            return
        if prune is not None:
            say(f"{client.audit.prune(older_than=prune)} changes are deleted")
            return
        began = None if since is None else datetime.now(UTC) - timedelta(seconds=age_s(since))
        found = client.audit.list(
            who=who,
            verb=verb,
            kind=kind,
            name=name,
            run_id=run,
            result=result,
            since=began,
            limit=limit,
            offset=offset,
        )
    if json:
        out_json([each.to_dict() for each in found])
        return
    print_table(["TIME", "WHO", "FROM", "VERB", "KIND", "NAME", "RUN", "RESULT"], [_cells(each) for each in found])


def _cells(one: AuditRecord) -> list[str]:
    at, name, run = f"{one.at.astimezone():%Y-%m-%d %H:%M:%S}", one.name or "-", one.run_id or "-"
    return [at, one.who, one.address, one.verb, one.kind, name, run, one.result]
