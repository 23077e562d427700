"""``podium schedule`` and what the shell completes."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from cli_calls import Podium

from podium.cli import completing

FLOWS = """
from podium import task, workflow

@task
def charge(customer: str) -> str:
    return customer

@workflow(schedule="0 6 1 * *")
def billing(customer: str = "all") -> str:
    return charge(customer).output

@workflow
def plain(customer: str) -> str:
    return charge(customer).output
"""


@pytest.fixture
def flows(folder: Path) -> Path:
    """A file with a scheduled and a plain workflow."""
    (folder / "bills.py").write_text(FLOWS)
    return folder / "bills.py"


def test_a_file_brings_its_schedules(podium: Podium, flows: Path) -> None:
    """Its workflows are registered; the list tells when they are due, and that nobody works on the store."""
    added = podium("schedule", "add", "bills.py")
    assert added.exit_code == 0
    assert re.search(r"schedule billing of billing: next \d{4}-\d\d-01 06:00:00\+00:00", added.stderr)
    listed = podium("schedule", "list")
    assert re.search(r"billing +billing +0 6 1 \* \* +UTC +\S+ 06:00:00\+00:00 +0 +-", listed.stdout)
    assert "nobody works on this store" in listed.stderr


def test_a_schedule_is_made_of_a_cron_expression(podium: Podium, flows: Path) -> None:
    """For a workflow of a file or a registered one, with input and policies, shown in Conductor's words."""
    words = ("--cron", "0 0 9 * * MON", "--zone", "Asia/Tokyo", "-i", "customer=7", "--overlap", "queue", "--paused")
    assert podium("schedule", "add", "bills.py:plain", "--name", "weekly", *words).exit_code == 0
    assert podium("schedule", "add", "plain", "--cron", "@daily", "-i", "customer=x").exit_code == 0
    shown = json.loads(podium("schedule", "show", "weekly", "--json").stdout)
    assert (shown["cronExpression"], shown["zoneId"], shown["overlap"]) == ("0 0 9 * * MON", "Asia/Tokyo", "queue")
    assert shown["startWorkflowRequest"] == {"name": "plain", "input": {"customer": "7"}}  # a text, as it is declared
    assert (shown["paused"], shown["nextRunTime"]) == (True, None)
    assert len(json.loads(podium("schedule", "list", "--json").stdout)) == 2


def test_a_schedule_in_conductors_form_is_read(podium: Podium, flows: Path, folder: Path) -> None:
    """Also when it has several expressions, each with a zone of its own."""
    podium("schedule", "add", "bills.py")
    entry = {
        "name": "several",
        "startWorkflowRequest": {"name": "billing", "version": 1},
        "runCatchupScheduleInstances": True,
    }
    entry["cronSchedules"] = [
        {"cronExpression": "0 0 9 * * ?", "zoneId": "Asia/Tokyo"},
        {"cronExpression": "0 0 9 * * ?"},
    ]
    (folder / "schedule.json").write_text(json.dumps([entry]))
    assert podium("schedule", "add", "schedule.json").exit_code == 0
    moments = podium("schedule", "next", "several", "--count", "4").stdout.split("\n")
    assert {moment[11:19] for moment in moments if moment} == {"00:00:00", "09:00:00"}
    assert json.loads(podium("schedule", "show", "several", "--json").stdout)["catchUp"] == "all"


def test_schedules_are_paused_run_and_deleted(podium: Podium, flows: Path) -> None:
    """Each with a line that says how it stands; a name that is not there is the caller's fault."""
    podium("schedule", "add", "bills.py")
    assert "podium schedule resume billing" in podium("schedule", "pause", "billing", "--reason", "audit").stderr
    assert podium("schedule", "show", "billing").stdout.startswith("billing: PAUSED (audit)\n")
    assert "schedule billing: next " in podium("schedule", "resume", "billing").stderr
    assert "run 0" in podium("schedule", "run", "billing").stderr
    assert re.search(r"started +0[0-9a-f-]{35}", podium("schedule", "show", "billing").stdout)
    assert podium("schedule", "delete", "billing").exit_code == 0
    for verb in ("show", "pause", "resume", "run", "delete", "next"):
        result = podium("schedule", verb, "billing")
        assert (result.exit_code, result.stderr) == (2, "error: no schedule is called 'billing'\n")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("add", "plain"), "Write --cron"),
        (("add", "bills.py:plain"), "says no schedule"),
        (("add", "bills.py", "--cron", "@daily"), "has 2 workflows; name one"),
        (("add", "bills.py:plain", "--cron", "0 0 1"), "has 3 fields"),
        (("add", "bills.py:plain", "--cron", "@daily"), "input of workflow 'plain': it needs customer"),
        (("add", "nothing", "--cron", "@daily"), "No such workflow defined. name=nothing"),
        (("next", "0 0 30 2 *"), "cannot be read"),
    ],
)
def test_what_cannot_be_scheduled_is_told(podium: Podium, flows: Path, words: tuple[str, ...], message: str) -> None:
    """Exit code 2, and what to write instead."""
    podium("schedule", "add", "bills.py")
    result = podium("schedule", *words)
    assert result.exit_code == 2
    assert message in result.stderr


class Asked:
    """The part of a command line's context that completion looks at."""

    def __init__(self, **params: object) -> None:
        self.params = params


def test_the_shell_completes_what_is_in_the_store(podium: Podium, flows: Path) -> None:
    """Runs with their workflow, workflows, schedules, and the steps of a run; nothing where there is no store."""
    nowhere = Asked(db="sqlite:///none.db")
    assert completing.runs(nowhere, "") == []  # type: ignore[arg-type]  # as it stands for the context
    podium("schedule", "add", "bills.py")
    podium("run", "bills.py:plain", "-i", "customer=7")
    here = Asked(db=None, run_id="last")
    ((word, note),) = completing.runs(here, "0")  # type: ignore[arg-type]  # as above
    assert (len(word), note) == (36, "plain COMPLETED")
    assert completing.runs(here, "la") == [("last", "the newest run")]  # type: ignore[arg-type]  # as above
    assert [word for word, _ in completing.workflows(here, "")] == ["billing", "plain"]  # type: ignore[arg-type]  # as above
    assert completing.schedules(here, "b") == [("billing", "0 6 1 * *")]  # type: ignore[arg-type]  # as above
    assert completing.steps(here, "") == [("charge", "COMPLETED")]  # type: ignore[arg-type]  # as above


def test_the_shell_completes_workflows_of_a_file(flows: Path) -> None:
    """Files that may be meant, and behind the colon what is decorated there; nobody's code is run for it."""
    flows.write_text(f"raise SystemExit('run!')\n{FLOWS}")
    assert ("bills.py", "") in completing.subjects("b")
    assert [word for word, _ in completing.subjects("bills.py:")] == [
        "bills.py:charge",
        "bills.py:billing",
        "bills.py:plain",
    ]
    assert completing.subjects("bills.py:pl") == [("bills.py:plain", "")]
