"""``podium prune``: runs that ended long ago, out of the store."""

from __future__ import annotations

from typing import Annotated

import typer

from podium.cli.console import out, out_json, say
from podium.cli.defaults import DEFAULT_DB
from podium.cli.options import AsJson, Db
from podium.cli.stores import open_existing

OlderThan = Annotated[
    str, typer.Option("--older-than", metavar="TIME", help="How long ago they ended at least, such as 30d or '1d 12h'.")
]
OfWorkflow = Annotated[
    str | None, typer.Option("--workflow", metavar="NAME", help="Only runs of this workflow, and their sub-workflows.")
]
ArchiveAt = Annotated[
    str | None,
    typer.Option(
        "--archive",
        metavar="PATH",
        help="Write them there first: a new file such as old.jsonl.gz, or a folder that gets a file.",
    ),
]


def prune(
    *,
    older_than: OlderThan,
    workflow: OfWorkflow = None,
    archive: ArchiveAt = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count them.")] = False,
    json: AsJson = False,
    db: Db = DEFAULT_DB,
) -> None:
    """
    Delete runs that ended some time ago, with their attempts, logs and sub-workflows.

    A run that has not ended stays, and so does one with a sub-workflow that has not. Engines may work on the store
    meanwhile.
    """
    with open_existing(db) as client:
        found = client.prune(older_than=older_than, workflow=workflow, archive=archive, dry_run=dry_run)
    if json:
        out_json(dict(found))
    else:
        for name, count in found.items():
            out(f"{name}: {count}")
    where = f", and are in {archive}" if archive and not dry_run and found else ""
    say(f"{sum(found.values())} runs {'would be' if dry_run else 'are'} deleted{where}")
