"""Lengths of time with a fraction of a second, from Python to JSON and back."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

import pytest
from decompile_calls import run_source

from podium.decompile import to_package
from podium.dsl import Workflow, load, task, workflow
from podium.model import codec
from podium.model.errors import AuthoringError

SETTINGS: dict[str, Any] = {
    "retry_delay": "250ms",
    "max_retry_delay": 0.5,
    "timeout": "1.5s",
    "response_timeout": timedelta(milliseconds=700),
    "total_timeout": 9.9,
    "poll_timeout": "1ms",
}


def charged() -> Workflow[..., Any]:
    """Return a workflow that has a fraction wherever there may be one."""

    @task(**SETTINGS)
    def charge(amount: int) -> int:
        return amount

    @workflow(timeout="2500ms")
    def pay(amount: int) -> int:
        first = charge(amount).opts(start_delay=0.2)
        return charge(first.output).as_("again").opts(timeout="1.25s").output

    return pay


def test_conductor_reads_whole_seconds_and_we_the_others(caplog: pytest.LogCaptureFixture) -> None:
    """Rounded up in Conductor's keys, exact beside them; there is nothing to warn of."""
    with caplog.at_level(logging.WARNING, logger="podium"):
        made = charged()
        (definition,) = made.task_defs
        document = codec.to_dict(definition)
    assert caplog.messages == []
    assert (document["retryDelaySeconds"], document["timeoutSeconds"], document["totalTimeoutSeconds"]) == (1, 2, 10)
    assert document["exactSeconds"] == {
        "retryDelaySeconds": 0.25,
        "maxRetryDelaySeconds": 0.5,
        "timeoutSeconds": 1.5,
        "responseTimeoutSeconds": 0.7,
        "totalTimeoutSeconds": 9.9,
        "pollTimeoutSeconds": 0.001,
    }
    whole: Any = codec.to_dict(made.definition)
    assert (whole["timeoutSeconds"], whole["exactSeconds"]) == (3, {"timeoutSeconds": 2.5})
    assert (whole["tasks"][0]["startDelay"], whole["tasks"][0]["exactSeconds"]) == (1, {"startDelay": 0.2})


def test_the_python_that_is_written_says_them() -> None:
    """A package of the definitions makes the same JSON again, workflow and tasks."""
    made = charged()
    package = to_package([made.definition], made.task_defs)
    assert "json=" not in "".join(package.files.values())
    tasks = vars(run_source(package.files["tasks.py"]))
    assert tasks["charge"].task_def == made.task_defs[0]
    again = vars(run_source(load(codec.to_dict(made.definition)).to_python()))["pay"]
    assert again.definition == made.definition


def test_a_diff_shows_the_fraction() -> None:
    """A delay of another fraction of the same second is a difference."""
    document: Any = codec.to_dict(charged().definition)
    document["exactSeconds"] = {"timeoutSeconds": 2.75}
    assert "exactSeconds.timeoutSeconds" in str(charged().diff(load(document)))


def test_the_check_notes_what_conductor_rounds() -> None:
    """The workflow's, the step's, the task's, and those of a definition of the step's own; only who asks is told."""
    notes = [(note.code, note.path, note.message) for note in charged().check(notes=True).notes]
    assert charged().check() == []
    said = [message for code, _, message in notes if code == "V3"]
    assert "timeoutSeconds of the workflow is 2.5 s, which Conductor reads as 3 s" in said
    assert "startDelay of 'charge' is 0.2 s, which Conductor reads as 1 s" in said
    assert "retryDelaySeconds of task 'charge' is 0.25 s, which Conductor reads as 1 s" in said
    assert ("tasks[1].taskDefinition.timeoutSeconds") in [path for _, path, _ in notes]


@pytest.mark.parametrize(
    ("settings", "advice"),
    [
        ({"timeout": "1.2s", "response_timeout": "1.3s"}, "must not be longer than timeout"),
        ({"response_timeout": 0}, "response_timeout"),
        ({"retry_delay": "1.5h"}, "no duration"),
    ],
)
def test_limits_are_compared_exactly(settings: Any, advice: str) -> None:
    """What would be equal in whole seconds is not."""

    def charge() -> None:
        """Do nothing."""

    with pytest.raises(AuthoringError, match=advice):
        task(charge, **settings)
