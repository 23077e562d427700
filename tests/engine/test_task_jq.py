from __future__ import annotations

from typing import Any

import pytest
from engine_flows import attempt_of, attempts_of, flow, task

from podium.model.definitions import TaskDef, WorkflowDef
from podium.model.statuses import RunStatus, TaskStatus
from podium.testing.bench import Bench


def transform(query: Any, **inputs: Any) -> WorkflowDef:
    """Return a workflow with one JSON_JQ_TRANSFORM."""
    return flow(task("JSON_JQ_TRANSFORM", "t", inputs={"queryExpression": query, **inputs}))


@pytest.mark.parametrize(
    ("query", "every"),
    [
        (".a + 1", [2]),
        (".list[]", [1, 2]),
        ("[.list[] * 2]", [[2, 4]]),
        ("{n: .a, all: (.list | length)}", [{"n": 1, "all": 2}]),
        (".missing", [None]),
        ("empty", []),
        (".queryExpression", [".queryExpression"]),
        ('"\\(.a)!"', ["1!"]),
    ],
)
def test_result_is_the_first_of_all_values(bench: Bench, query: str, every: list[Any]) -> None:
    """``resultList`` has all of them; without any, ``result`` is null."""
    run = bench.run(bench.start(transform(query, a=1, list=[1, 2])))
    assert attempt_of(run, "t").output_data == {"result": every[0] if every else None, "resultList": every}


def test_references_are_resolved_first(bench: Bench) -> None:
    """The whole input is the query's ``.``."""
    definition = transform('.names | join("-")', names="${workflow.input.names}")
    assert bench.run(bench.start(definition, {"names": ["a", "b"]})).output["result"] == "a-b"


@pytest.mark.parametrize("query", [None, "", 5])
def test_a_missing_query_fails(bench: Bench, query: Any) -> None:
    """FAILED with Conductor's words, and no output."""
    record = attempt_of(bench.run(bench.start(transform(query))), "t")
    assert record.status is TaskStatus.FAILED
    assert record.reason_for_incompletion == "Missing 'queryExpression' in input parameters"
    assert record.output_data == {}


@pytest.mark.parametrize("query", [".a.b", "{", "nope(1)"])
def test_an_error_is_reason_and_output(bench: Bench, query: str) -> None:
    """FAILED, at compile time as at run time; no ``result``."""
    record = attempt_of(bench.run(bench.start(transform(query, a="text"))), "t")
    assert record.status is TaskStatus.FAILED
    assert record.reason_for_incompletion
    assert record.output_data == {"error": record.reason_for_incompletion}


def test_an_error_is_retried_by_the_definition(bench: Bench) -> None:
    """Nobody's definition means no retry; a registered one counts."""
    bench.register(TaskDef(name="t", retry_count=2, retry_delay_seconds=1))
    run_id = bench.start(transform(".a.b", a=1))
    bench.advance(2)
    run = bench.run(run_id)
    assert len(attempts_of(run, "t")) == 3
    assert run.status is RunStatus.FAILED
