"""Fractions of seconds in JSON whose keys are whole seconds."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podium.model import codec
from podium.model.attempts import TaskResult, TaskRun
from podium.model.definitions import TaskDef, WorkflowDef, WorkflowTask
from podium.model.durations import exact_seconds
from podium.model.exact import EXACT

LENGTHS = st.integers(0, 10_000_000).map(lambda ms: ms / 1000)
BASES: dict[type, dict[str, Any]] = {
    WorkflowDef: {"name": "w", "tasks": ()},
    WorkflowTask: {"name": "a", "task_reference_name": "a"},
    TaskDef: {"name": "a"},
    TaskRun: {"task_type": "a", "status": "SCHEDULED"},
    TaskResult: {"task_id": "a"},
}


@given(st.data())
def test_every_length_comes_back(data: st.DataObject) -> None:
    """What is written and read again is the same, and every key of Conductor's is whole and never shorter."""
    kind = data.draw(st.sampled_from(list(EXACT)))
    lengths = {name: data.draw(LENGTHS) for name in sorted(EXACT[kind])}
    document = codec.to_dict(kind(**BASES[kind], **lengths))
    read: Any = codec.from_dict(document, kind)
    assert {name: getattr(read, name) for name in lengths} == lengths
    assert read.extra == {}
    for name, length in lengths.items():
        whole = document.get(codec.camel(name), getattr(kind(**BASES[kind]), name))
        assert (type(whole), whole or 0) == (int, math.ceil(length)) or (whole is None and length == 0)


def test_whole_seconds_are_written_as_before() -> None:
    """Nothing stands beside them."""
    assert codec.to_dict(TaskDef(name="a", timeout_seconds=5.0)) == {"name": "a", "timeoutSeconds": 5}


@pytest.mark.parametrize("exact", [{"timeoutSeconds": 1.5}, {"timeoutSeconds": "4.5"}, {"other": 4.5}, "4.5", 4.5])
def test_what_does_not_belong_to_its_key_is_kept_and_not_read(exact: Any) -> None:
    """Who edited the whole seconds elsewhere meant them; nothing is lost."""
    document = {"name": "a", "timeoutSeconds": 5, "exactSeconds": exact}
    definition = codec.from_dict(document, TaskDef)
    assert definition.timeout_seconds == 5
    assert codec.to_dict(definition) == document


def test_what_belongs_is_read_beside_what_does_not() -> None:
    """One stale length does not take the others with it."""
    exact = {"timeoutSeconds": 1.5, "retryDelaySeconds": 0.25}
    document: Any = {"name": "a", "timeoutSeconds": 5, "retryDelaySeconds": 1, "exactSeconds": exact}
    definition = codec.from_dict(document, TaskDef)
    assert (definition.timeout_seconds, definition.retry_delay_seconds) == (5, 0.25)
    assert codec.to_dict(definition) == document


@pytest.mark.parametrize(
    ("given_length", "expected"),
    [
        ("250ms", 0.25),
        ("1.5s", 1.5),
        (".5 seconds", 0.5),
        ("0.0004s", 0.001),
        ("2000 ms", 2),
        (0.2, 0.2),
        (2.0, 2),
        (0.0004, 0.001),
        (timedelta(milliseconds=1250), 1.25),
        ("1h 30m", 5400),
        ("5s", 5),
    ],
)
def test_lengths_as_authors_write_them(given_length: Any, expected: float) -> None:
    """To the millisecond, rounded up; an integer where there is no fraction."""
    found = exact_seconds(given_length)
    assert found == expected
    assert isinstance(found, int) == float(expected).is_integer()


@pytest.mark.parametrize("wrong", ["1.5h", "-1s", "1e3s", "1.5", "ms", "", -0.1, float("nan"), True])
def test_what_is_no_length_is_refused(wrong: Any) -> None:
    """A fraction has a unit, and only of seconds and milliseconds."""
    with pytest.raises(ValueError, match="Not valid duration"):
        exact_seconds(wrong)
