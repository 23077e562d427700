"""What the command line tells of one step of a run, and does to it: ``logs``, ``show``, ``rerun``, ``skip``, …"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from cli_calls import Podium


def test_the_log_of_a_step_is_written_with_times(podium: Podium) -> None:
    """A line for each, with its time; as JSON in Conductor's words; of one attempt if it is named."""
    podium("run", "flows.py:shop")
    result = podium("logs", "last", "pay")
    assert result.exit_code == 0
    assert all(re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d ", line) for line in result.stdout.splitlines())
    assert "TerminalTaskError" in result.stdout
    (entry,) = json.loads(podium("logs", "last", "pay", "--attempt", "1", "--json").stdout)
    assert entry.keys() == {"log", "createdTime", "taskId"}
    assert podium("logs", "last", "hold").stderr == "hold has logged nothing\n"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("logs", "last", "nothing"), "has not come to a step 'nothing'; its steps are: hold,"),
        (("logs", "last", "pay", "--attempt", "7"), "has no attempt 7"),
        (("show", "last", "nothing"), "its steps are: hold,"),
        (("rerun", "last", "--from", "nothing"), "Task nothing not found"),
        (("fail", "last", "pay"), "pay"),
        (("skip", "last", "pay"), "is not running"),
    ],
)
def test_what_a_run_has_not_come_to_is_told(podium: Podium, words: tuple[str, ...], message: str) -> None:
    """Exit code 2; the steps that there are, are named."""
    podium("run", "flows.py:shop")
    result = podium(*words)
    assert result.exit_code == 2
    assert message in result.stderr


def test_a_step_is_shown_with_all_its_attempts(podium: Podium, folder: Path) -> None:
    """Each with status, reason, input, output and log; as JSON with the log as Conductor's list."""
    podium("run", "flows.py:shop")
    (folder / "solvent").touch()
    assert podium("rerun", "last", "flows.py", "--from", "pay", "-i", "amount=3", "--force").exit_code == 0
    shown = podium("show", "last", "pay").stdout
    assert "pay (pay) attempt 1: COMPLETED" in shown
    assert '"amount": 3' in shown
    (attempt,) = json.loads(podium("show", "last", "pay", "--json").stdout)
    assert (attempt["status"], attempt["inputData"], attempt["logs"]) == ("COMPLETED", {"amount": 3}, [])


def test_a_step_of_a_sub_workflow_is_found_by_its_name(podium: Podium) -> None:
    """Its run need not be looked up first."""
    podium("run", "flows.py:mall")
    assert "TerminalTaskError" in podium("logs", "last", "pay").stdout
    assert "pay (pay) attempt 1: FAILED_WITH_TERMINAL_ERROR" in podium("show", "last", "pay").stdout


def test_a_run_begins_again_with_another_input(podium: Podium, folder: Path) -> None:
    """Without a step the input is the run's; steps are done anew, here where their tasks are named."""
    (folder / "solvent").touch()
    podium("run", "flows.py:hello", "-i", "name=Ada")
    again = podium("rerun", "last", "flows.py:hello", "-i", "name=Bob", "-i", "times=1", "--correlation-id", "x")
    assert json.loads(again.stdout) == {"result": "hello Bob "}
    assert json.loads(podium("list", "--json").stdout)[0]["correlationId"] == "x"
    twice = podium("rerun", "last", "-i", "name=Bob", "--workflow-input", "name=Cid")
    assert (twice.exit_code, "leave --workflow-input out" in twice.stderr) == (2, True)


def test_a_step_is_skipped_and_another_failed_by_hand(podium: Podium) -> None:
    """What is skipped gives the output that was said; what is failed by hand ends as its definition says."""
    podium("run", "flows.py:asks", "--timeout", "1s")
    assert podium("skip", "last", "pay", "-o", "result=free").exit_code == 0
    podium("complete", "last", "approval")
    assert json.loads(podium("resume", "last", "flows.py").stdout) == {"result": "free"}
    podium("run", "flows.py:signed", "--timeout", "1s")
    assert podium("fail", "last", "signature", "--reason", "not today", "--terminal").exit_code == 0
    assert "signature (HUMAN): FAILED_WITH_TERMINAL_ERROR\n  not today" in podium("show", "last").stdout


def test_a_run_is_played_back(podium: Podium, folder: Path) -> None:
    """As lines, as a picture that moves, as a page with a slider; not as what no program here makes."""
    podium("run", "flows.py:hello", "-i", "name=Ada")
    told = podium("playback", "last")
    assert "greet completed" in told.stdout
    for name in ("run.svg", "run.html"):
        assert podium("playback", "last", "-o", name, "--count", "2").exit_code == 0
        assert "greet" in (folder / name).read_text()
    assert podium("playback", "last", "-o", "run.gif").exit_code == 2


def test_workflows_are_registered(podium: Podium, folder: Path) -> None:
    """All of a file, with what they call; one that check finds wrong only if asked to."""
    result = podium("register", "flows.py")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "registered hello version 2\n" in result.stderr
    (folder / "wrong.py").write_text(
        "from podium import task, workflow\n\n@task\ndef pay(amount: float) -> str: ...\n\n"
        "@workflow\ndef wrong(amount: str) -> str:\n    return pay(amount).output\n"
    )
    refused = podium("register", "wrong.py")
    assert (refused.exit_code, "--no-check registers it all the same" in refused.stderr) == (2, True)
    assert podium("register", "wrong.py", "--no-check").exit_code == 0
