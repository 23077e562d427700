"""What callers give to the embedded client, and what they keep."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import podium
from podium import EmbeddedClient, WorkflowDef, WorkflowTask
from podium.model.errors import InvalidRequest
from podium.model.statuses import TaskStatus
from podium.model.values import JsonValue


@pytest.fixture
def client() -> Iterator[EmbeddedClient]:
    """A client on a store in memory."""
    with podium.connect("memory://") as made:
        yield made


def waits_then_keeps(**kept: str) -> WorkflowDef:
    """Give a workflow that waits for somebody, then sets variables."""
    ask = WorkflowTask(name="ask", task_reference_name="ask", type="HUMAN")
    keep = WorkflowTask(name="keep", task_reference_name="keep", type="SET_VARIABLE", input_parameters=kept)
    return WorkflowDef(name="keeps", tasks=(ask, keep))


def test_what_a_caller_changes_later_is_not_the_runs(client: EmbeddedClient) -> None:
    """Input and output belong to the engine once they are handed over: a run goes on with what was stored."""
    given: dict[str, JsonValue] = {"a": {"b": 1}}
    answer: dict[str, JsonValue] = {"c": [1]}
    run_id = client.start(waits_then_keeps(x="${workflow.input.a.b}", y="${ask.output.c}"), given)
    given["a"]["b"] = 2

    client.complete_task(run_id, "ask", answer)
    answer["c"].append(2)

    assert client.wait(run_id, 30).variables == {"x": 1, "y": [1]}


def test_only_what_a_worker_may_say_can_be_reported(client: EmbeddedClient) -> None:
    """A task cannot be completed as SKIPPED or TIMED_OUT: those are the engine's words."""
    run_id = client.start(waits_then_keeps())

    with pytest.raises(InvalidRequest, match="as TIMED_OUT; use one of CANCELED, COMPLETED, FAILED,"):
        client.complete_task(run_id, "ask", status=TaskStatus.TIMED_OUT)


def test_a_search_for_an_unknown_status_says_which_there_are(client: EmbeddedClient) -> None:
    """The refusal is one of Podium's own errors and lists the statuses."""
    with pytest.raises(InvalidRequest, match="status must be one of RUNNING, PAUSED, COMPLETED, FAILED,"):
        client.search(status="DONE")
