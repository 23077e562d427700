"""``podium signal``, ``message`` and ``query``."""

from __future__ import annotations

import json

from cli_calls import Podium


def test_a_signal_ends_what_the_run_waits_at(podium: Podium) -> None:
    """With its output; a second one finds nothing."""
    podium("run", "flows.py:signed", "--timeout", "0")
    told = podium("signal", "last", "-o", "amount=3")
    assert (told.exit_code, told.stdout) == (0, "")
    assert json.loads(podium("query", "last", "${signature.output.amount}").stdout) == 3
    again = podium("signal", "last")
    assert again.exit_code == 2
    assert "does not wait for anybody" in again.stderr


def test_a_signal_may_be_a_bad_one(podium: Podium) -> None:
    """The status is the task's."""
    podium("run", "flows.py:signed", "--timeout", "0")
    assert podium("signal", "last", "--status", "FAILED_WITH_TERMINAL_ERROR").exit_code == 0
    assert json.loads(podium("query", "last", "${workflow.status}").stdout) == "FAILED"
    assert podium("signal", "last", "--status", "LATER").exit_code == 2


def test_a_message_waits_in_the_run(podium: Podium) -> None:
    """A run that has ended takes none."""
    podium("run", "flows.py:signed", "--timeout", "0")
    assert "has the message" in podium("message", "last", "-i", "word=hello").stderr
    podium("terminate", "last")
    assert podium("message", "last", "-i", "word=hello").exit_code == 2


def test_a_query_gives_json(podium: Podium) -> None:
    """Of any kind; what is not there is null."""
    podium("run", "flows.py:hello", "-i", "name=x")
    assert json.loads(podium("query", "last", "${workflow.input}").stdout)["name"] == "x"
    assert json.loads(podium("query", "last", "${nobody.output}").stdout) is None
    assert podium("query", "nobody", "x").exit_code == 2
