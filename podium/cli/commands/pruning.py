"""``podium prune`` and ``podium retention``: runs that ended long ago, out of the store."""

from __future__ import annotations

from typing import Annotated

import typer
from attrs import asdict

from podium.cli.console import out, out_json, say
from podium.cli.defaults import DEFAULT_DB
from podium.cli.options import AsJson, Db
from podium.cli.stores import open_existing, open_store
from podium.model.errors import InvalidRequest

#: The age of runs that are never deleted.
_FOR_EVER = "forever"


def prune(
    *,
    older_than: Annotated[
        str | None,
        typer.Option("--older-than", metavar="TIME", help="How long ago they ended at least: 30d, '1d 12h'."),
    ] = None,
    workflow: Annotated[
        str | None,
        typer.Option("--workflow", metavar="NAME", help="Only runs of this workflow, and their sub-workflows."),
    ] = None,
    archive: Annotated[
        str | None,
        typer.Option(
            "--archive",
            metavar="PATH",
            help="Write them there first: a new file such as old.jsonl.gz, or a folder that gets a file.",
        ),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count them.")] = False,
    as_json: AsJson = False,
    db: Db = DEFAULT_DB,
) -> None:
    """
    Delete runs that ended some time ago, with their attempts, logs and sub-workflows.

    A run that has not ended stays, and so does one with a sub-workflow that has not. Engines may work on the store
    meanwhile. Without --older-than it does now what the store's policies say; see 'podium retention'.
    """
    if older_than is None and (workflow or archive):
        raise InvalidRequest("--older-than is missing: such as 30d")
    with open_existing(db) as client:
        if older_than is None:
            found = client.retention.apply(dry_run=dry_run)
        else:
            found = client.prune(older_than=older_than, workflow=workflow, archive=archive, dry_run=dry_run)
    if as_json:
        out_json(dict(found))
    else:
        for name, count in found.items():
            out(f"{name}: {count}")
    where = f", and are in {archive}" if archive and not dry_run and found else ""
    say(f"{sum(found.values())} runs {'would be' if dry_run else 'are'} deleted{where}")


retention = typer.Typer(
    rich_markup_mode=None,
    no_args_is_help=True,
    help="Say how long runs stay after their end; engines that work on the store delete them then.",
)


@retention.command("set")
def set_policy(
    age: Annotated[str, typer.Argument(metavar="TIME", help="How long they stay, such as 30d; 'forever' for ever.")],
    workflow: Annotated[
        str | None, typer.Option("--workflow", metavar="NAME", help="The workflow; all that have no policy without it.")
    ] = None,
    archive: Annotated[
        str | None, typer.Option("--archive", metavar="FOLDER", help="Write them there before they are deleted.")
    ] = None,
    db: Db = DEFAULT_DB,
) -> None:
    """Say how long runs stay after their end."""
    with open_store(db) as client:
        is_idle = not client.has_engine()
        client.retention.set(None if age == _FOR_EVER else age, workflow=workflow, archive=archive)
    say(_told(workflow, age, archive))
    if is_idle:
        say("nobody works on this store, so nothing goes; podium worker does", colour="yellow")


@retention.command("list")
def list_policies(as_json: AsJson = False, db: Db = DEFAULT_DB) -> None:
    """List how long runs stay after their end."""
    with open_existing(db) as client:
        policies = client.retention.list()
    if as_json:
        out_json([asdict(policy) for policy in policies])
    elif policies:
        for policy in policies:
            out(_told(policy.workflow, policy.older_than or _FOR_EVER, policy.archive))
    else:
        say("runs stay until they are deleted: there is no policy")


@retention.command("remove")
def remove_policy(
    workflow: Annotated[
        str | None, typer.Option("--workflow", metavar="NAME", help="The workflow; the policy for all without it.")
    ] = None,
    db: Db = DEFAULT_DB,
) -> None:
    """Remove a policy: what it let go stays from now on."""
    with open_existing(db) as client:
        client.retention.remove(workflow)
    say("the policy is gone")


def _told(workflow: str | None, age: str, archive: str | None) -> str:
    where = f", then go into {archive}" if archive else ""
    return f"runs of {workflow or 'all other workflows'} stay {'for ever' if age == _FOR_EVER else age}{where}"
