"""``podium schedule``: runs that start by themselves."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from attrs import evolve

from podium.cli import completing
from podium.cli.commands.definitions import SUBJECT_HELP
from podium.cli.console import COLOURS, out, out_json, say
from podium.cli.defaults import DEFAULT_DB
from podium.cli.formats import moment
from podium.cli.inputs import read_pairs
from podium.cli.options import INPUT_HELP, AsJson, Db
from podium.cli.stores import command, left_alone, open_existing, open_store
from podium.cli.subjects import read_subjects
from podium.cli.tables import print_table
from podium.model.errors import InvalidRequest
from podium.model.schedules import CatchUp, Overlap, Schedule, ScheduleInfo

if TYPE_CHECKING:
    from podium.client.showing import ShowingClient

schedule = typer.Typer(
    rich_markup_mode=None,
    no_args_is_help=True,
    help="Start runs by themselves, at moments that cron expressions name.",
)

Name = Annotated[str, typer.Argument(metavar="NAME", help="The schedule's name.", autocompletion=completing.schedules)]


@schedule.command("list")
def list_schedules(
    workflow: Annotated[
        str | None, typer.Option(help="Only those of this workflow.", autocompletion=completing.workflows)
    ] = None,
    as_json: AsJson = False,
    db: Db = DEFAULT_DB,
) -> None:
    """List schedules, and when they are due next."""
    with open_existing(db) as client:
        found = client.schedules.list(workflow=workflow)
        is_idle = bool(found) and not client.has_engine()
    if as_json:
        out_json([info.to_dict() for info in found])
    elif found:
        headers = ["NAME", "WORKFLOW", "CRON", "ZONE", "NEXT", "RUNS", "LAST"]
        print_table(headers, [_row(info) for info in found])
    else:
        say("no schedules")
    if is_idle:
        say("nobody works on this store, so nothing starts; podium worker does", colour="yellow")


def _row(info: ScheduleInfo) -> list[str]:
    schedule = info.schedule
    last = info.history[0] if info.history else None
    return [
        info.name,
        schedule.workflow or "",
        ", ".join(schedule.cron),
        schedule.zone,
        _next(info),
        str(info.started),
        f"{last.outcome} {moment(last.scheduled_at)}" if last else "-",
    ]


def _next(info: ScheduleInfo) -> str:
    if info.schedule.paused:
        return "paused"
    return "never" if info.next_run is None else _shown(info.next_run)


def _shown(at: datetime) -> str:
    return at.isoformat(sep=" ", timespec="seconds")


@schedule.command()
def show(name: Name, as_json: AsJson = False, db: Db = DEFAULT_DB) -> None:
    """Show a schedule, and what became of its last moments."""
    with open_existing(db) as client:
        info = client.schedules.get(name)
    if as_json:
        out_json(info.to_dict())
        return
    of = info.schedule
    state = f"PAUSED{f' ({of.paused_reason})' if of.paused_reason else ''}" if of.paused else f"next {_next(info)}"
    out(f"{info.name}: {state}", colour=COLOURS["PAUSED"] if of.paused else None)
    out(f"  starts {of.workflow}{f' version {of.version}' if of.version else ''} at {', '.join(of.cron)} ({of.zone})")
    out(f"  catch up {of.catch_up}, overlap {of.overlap}")
    if of.description:
        out(f"  {of.description}")
    if of.input:
        out(f"  input {json.dumps(dict(of.input), ensure_ascii=False)}")
    out(f"  {info.started} runs started, {len(info.queued)} wait")
    if info.history:
        out()
        print_table(
            ["MOMENT", "OUTCOME", "RUN", "REASON"],
            [[moment(one.scheduled_at), one.outcome, one.run_id or "", one.reason or ""] for one in info.history],
        )


@schedule.command()
def add(
    subject: Annotated[
        str,
        typer.Argument(
            metavar="SUBJECT",
            help=f"{SUBJECT_HELP} Its workflows are registered with the schedules they say. Or a schedule in "
            "Conductor's JSON; or, with --cron, the name of a registered workflow.",
            autocompletion=completing.subjects,
        ),
    ],
    cron: Annotated[
        list[str] | None, typer.Option("--cron", metavar="EXPR", help="A cron expression; may be repeated.")
    ] = None,
    inputs: Annotated[list[str] | None, typer.Option("-i", "--input", metavar="INPUT", help=INPUT_HELP)] = None,
    *,
    name: Annotated[str | None, typer.Option(help="The schedule's name; the workflow's without it.")] = None,
    zone: Annotated[str, typer.Option(metavar="ZONE", help="Time zone, such as Europe/Berlin.")] = "UTC",
    overlap: Annotated[Overlap, typer.Option(help="While an earlier run has not ended.")] = Overlap.ALLOW,
    catch_up: Annotated[CatchUp, typer.Option(help="What becomes of missed moments.")] = CatchUp.LAST,
    catch_up_within: Annotated[str | None, typer.Option(metavar="TIME", help="How far back, such as '2 days'.")] = None,
    start: Annotated[datetime | None, typer.Option(help="The first moment that counts.")] = None,
    end: Annotated[datetime | None, typer.Option(help="The last moment that counts.")] = None,
    paused: Annotated[bool, typer.Option("--paused", help="It starts nothing until it is resumed.")] = False,
    db: Db = DEFAULT_DB,
) -> None:
    """Put a schedule into the store, or change it."""
    if not cron:
        _add_as_written(subject, db)
        return
    from podium.client.embedded_schedules import checked_schedule  # the client's room is slow to import

    settings: dict[str, Any] = {
        "name": name,
        "zone": zone,
        "input": read_pairs(inputs or []),
        "overlap": overlap,
        "catch_up": catch_up,
        "catch_up_within": catch_up_within,
        "start": start,
        "end": end,
        "paused": paused,
    }
    with open_store(db) as client:
        made = Schedule(cron, workflow=subject, **settings)
        if _is_place(subject):
            (found, *others) = read_subjects(subject)
            if others:
                raise InvalidRequest(f"{subject} has {1 + len(others)} workflows; name one: {found.name}")
            given = read_pairs(inputs or [], found.workflow.annotations if found.is_python else {})
            made = checked_schedule(evolve(made, workflow=found.workflow.name, input=given), found.workflow)
            client.register(found.workflow)
        client.schedules.add(made)
        _say_added(client, [made.named()], db)


def _is_place(subject: str) -> bool:
    return subject.endswith((".py", ".json")) or ":" in subject or subject == "-"


def _add_as_written(subject: str, db: str) -> None:
    """Add the schedules that a file says itself."""
    written = _in_json(subject)
    if not written and not _is_place(subject):
        raise InvalidRequest(f"when is {subject} to start? Write --cron '0 6 1 * *'")
    with open_store(db) as client:
        if written:
            client.schedules.add(*written)
            _say_added(client, [each.named() for each in written], db)
            return
        scheduled = [each.workflow for each in read_subjects(subject) if each.workflow.schedules]
        if not scheduled:
            raise InvalidRequest(f"{subject} says no schedule; write @workflow(schedule='0 6 1 * *'), or --cron here")
        client.schedules.add(*scheduled)
        _say_added(client, [one for each in scheduled for one in each.schedules], db)


def _in_json(subject: str) -> list[Schedule]:
    """Return the schedules of a JSON file in Conductor's form; none of any other."""
    if not subject.endswith(".json"):
        return []
    try:
        data = json.loads(Path(subject).read_bytes())
    except (OSError, ValueError) as error:
        raise InvalidRequest(f"{subject} cannot be read as JSON: {error}") from error
    entries = data if isinstance(data, list) else [data]
    if not all(isinstance(one, dict) and ("cronExpression" in one or "cronSchedules" in one) for one in entries):
        return []
    return [Schedule.from_dict(one) for one in entries]


def _say_added(client: ShowingClient, schedules: Sequence[Schedule], db: str) -> None:
    for each in schedules:
        info = client.schedules.get(each.name or "")
        say(f"schedule {info.name} of {info.schedule.workflow}: {'next ' if info.next_run else ''}{_next(info)}")
    say(f"it starts runs while somebody works on the store: {command('worker', 'FILE', db=db)}")


@schedule.command()
def pause(
    name: Name,
    reason: Annotated[str | None, typer.Option(metavar="TEXT", help="Why; it is kept with the schedule.")] = None,
    db: Db = DEFAULT_DB,
) -> None:
    """Let a schedule start nothing any more; its runs go on."""
    with open_existing(db) as client:
        client.schedules.pause(name, reason)
    say(f"schedule {name} is paused; go on: {command('schedule', 'resume', name, db=db)}")


@schedule.command()
def resume(name: Name, db: Db = DEFAULT_DB) -> None:
    """Let a paused schedule go on from now."""
    with open_existing(db) as client:
        client.schedules.resume(name)
        info = client.schedules.get(name)
    say(f"schedule {name}: next {_next(info)}")


@schedule.command()
def delete(name: Name, db: Db = DEFAULT_DB) -> None:
    """Remove a schedule; its runs stay."""
    with open_existing(db) as client:
        client.schedules.delete(name)
    say(f"schedule {name} is gone")


@schedule.command("next")
def next_moments(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME|EXPR", help="A schedule, or a cron expression.", autocompletion=completing.schedules
        ),
    ],
    count: Annotated[int, typer.Option(min=1, help="How many.")] = 5,
    zone: Annotated[str, typer.Option(metavar="ZONE", help="Time zone of an expression.")] = "UTC",
    db: Db = DEFAULT_DB,
) -> None:
    """Write the next moments of a schedule, or of a cron expression."""
    if " " in name.strip() or name.startswith("@"):
        moments: Sequence[datetime] = Schedule(name, zone=zone).next(count)
    else:
        with open_existing(db) as client:
            moments = client.schedules.next(name, count)
    for at in moments:
        out(_shown(at))
    if not moments:
        say("never")


@schedule.command()
def run(name: Name, db: Db = DEFAULT_DB) -> None:
    """Start a run of a schedule now, whatever its policies say."""
    with open_existing(db) as client:
        run_id = client.schedules.run(name)
        is_alone = bool(left_alone(client, [client.get(run_id, include_tasks=False)]))
    say(f"run {run_id}")
    if is_alone:
        say(f"nobody works on it; go on: {command('resume', run_id, 'SUBJECT', db=db)}", colour="yellow")
