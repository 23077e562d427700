"""``register``: definitions and schedules into the store."""

from __future__ import annotations

from typing import Annotated

import typer

from podium.cli import completing
from podium.cli.commands.definitions import SUBJECT_HELP, refuse_wrong
from podium.cli.console import say
from podium.cli.defaults import DEFAULT_DB
from podium.cli.options import Db
from podium.cli.stores import open_store
from podium.cli.subjects import read_subjects


def register(
    subjects: Annotated[
        list[str],
        typer.Argument(metavar="SUBJECT...", help=SUBJECT_HELP, autocompletion=completing.subjects),
    ],
    unchecked: Annotated[
        bool, typer.Option("--no-check", help="Register it even if 'podium check' finds errors.")
    ] = False,
    db: Db = DEFAULT_DB,
) -> None:
    """
    Put workflows into the store, with the sub-workflows, task definitions and schedules that they name.

    What is there under the same name and version is replaced. A schedule that is paused stays so.
    """
    found = [each for subject in subjects for each in read_subjects(subject)]
    if not unchecked:
        for each in found:
            refuse_wrong(each, "registers")
    with open_store(db) as client:
        for each in found:
            client.register(each.workflow, *each.others, *each.task_defs)
            say(f"registered {each.workflow.name} version {each.workflow.version}")
            for one in each.workflow.schedules:
                say(f"  with its schedule {one.name}: {', '.join(one.cron)} ({one.zone})")
