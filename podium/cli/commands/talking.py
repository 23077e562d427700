"""``signal``, ``message`` and ``query``: what somebody says to a run, and asks of it."""

from __future__ import annotations

from typing import Annotated

import typer

from podium.cli.console import out_json, say
from podium.cli.defaults import DEFAULT_DB
from podium.cli.inputs import read_pairs
from podium.cli.options import INPUT_HELP, Db, RunId
from podium.cli.stores import find_run, open_existing
from podium.model.statuses import TaskStatus

Outputs = Annotated[
    list[str] | None,
    typer.Option("-o", "--output", metavar="OUTPUT", help=INPUT_HELP.replace("input", "output")),
]


def signal(
    run_id: RunId,
    outputs: Outputs = None,
    status: Annotated[
        TaskStatus, typer.Option(metavar="STATUS", help="How the task ends, such as FAILED.")
    ] = TaskStatus.COMPLETED,
    db: Db = DEFAULT_DB,
) -> None:
    """
    End the task that a run waits at, here or in a sub-workflow: a WAIT without a time, a HUMAN or a YIELD.

    'podium complete ID REF' ends a task by its name.
    """
    output = read_pairs(outputs or [])
    with open_existing(db) as client:
        whole_id = find_run(client, run_id)
        client.signal(whole_id, output, status=status)
    say(f"run {whole_id} was told")


def message(
    run_id: RunId,
    payload: Annotated[
        list[str] | None,
        typer.Option("-i", "--input", metavar="INPUT", help=INPUT_HELP.replace("input", "message")),
    ] = None,
    db: Db = DEFAULT_DB,
) -> None:
    """Send a message to a run, for its PULL_WORKFLOW_MESSAGES tasks."""
    body = read_pairs(payload or [])
    with open_existing(db) as client:
        whole_id = find_run(client, run_id)
        message_id = client.send_message(whole_id, body)
    say(f"run {whole_id} has the message {message_id}")


def query(
    run_id: RunId,
    expression: Annotated[
        str, typer.Argument(metavar="EXPRESSION", help="Such as '${workflow.variables.phase}', in single quotes.")
    ],
    db: Db = DEFAULT_DB,
) -> None:
    """Write what an expression gives in a run as it stands, as JSON."""
    with open_existing(db) as client:
        found = client.query(find_run(client, run_id), expression)
    out_json(found)
