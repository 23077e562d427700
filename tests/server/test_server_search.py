"""Searches: the grammar of both of Conductor's indexes, sorting, pages, and that nothing masked is found."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from server_calls import one_task

import podium
from podium.model.errors import InvalidRequest, WorkflowNotFound
from podium.server.grammar import RUNS, condition
from podium.testing.serving import RunningServer, running_server

Search = Callable[..., list[str]]


@pytest.fixture(scope="module")
def filled() -> Iterator[tuple[RunningServer, dict[str, str]]]:
    """A server with some runs, by a letter of each."""
    with running_server() as running, httpx.Client(base_url=running.api, timeout=30) as api:
        definitions = [one_task("order"), one_task("order", version=2), one_task("Refund it"), one_task("secretive")]
        definitions[3]["maskedFields"] = ["pin"]
        api.put("/metadata/workflow", json=definitions).raise_for_status()
        ids = {}
        for letter, body in {
            "a": {
                "name": "order",
                "version": 1,
                "createdBy": "ann",
                "correlationId": "c1",
                "input": {"city": "Köln", "n": 1},
            },
            "b": {"name": "order", "priority": 5, "input": {"city": "Rome"}},
            "c": {"name": "Refund it", "correlationId": "c'2"},
            "d": {"name": "secretive", "input": {"pin": "canary-4711", "open": "canary-open"}},
        }.items():
            ids[letter] = api.post("/workflow", json=body).text
        api.delete(f"/workflow/{ids['b']}", params={"reason": "no longer wanted"})
        api.post(f"/tasks/{ids['c']}/work/COMPLETED", json={"result": "paid"}).raise_for_status()
        yield running, ids


@pytest.fixture
def search(filled: tuple[RunningServer, dict[str, str]]) -> Iterator[Search]:
    """What searches, and gives the letters of the runs that are found."""
    running, ids = filled
    letters = {run_id: letter for letter, run_id in ids.items()}
    with httpx.Client(base_url=running.api, timeout=30) as api:

        def search(query: str | None = None, path: str = "/workflow/search", **params: Any) -> list[str]:
            asked = {"sort": "startTime:ASC", **params} | ({} if query is None else {"query": query.format(**ids)})
            answer = api.get(path, params=asked)
            assert answer.status_code == 200, answer.text
            found = answer.json()
            assert found["totalHits"] >= len(found["results"])
            return [letters[each["workflowId"]] for each in found["results"]]

        yield search


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", "abcd"),
        ("*", "abcd"),
        ("workflowType = order", "ab"),
        ("workflowType='order'", "ab"),
        ('workflowType="order"', "ab"),
        ("workflowType = Refund it", "c"),
        ("workflowType = Refund it AND status = COMPLETED", "c"),
        ("workflowType = ORDER", ""),
        ("workflowType IN (order,nothing)", "ab"),
        ("workflowType IN ('order', \"Refund it\")", "abc"),
        ("workflowType IN order", "ab"),
        ("workflowType = (order)", "ab"),
        ("workflowType NOT IN (order)", "cd"),
        ("workflowType IN ()", ""),
        ("workflowType = ord*", "ab"),
        ("workflowType STARTS_WITH 'Ref'", "c"),
        ("workflowType = *e*", "abcd"),
        ("status IN (RUNNING) AND workflowType = order", "a"),
        ("status = TERMINATED OR status = COMPLETED", "bc"),
        ("(status = TERMINATED OR status = COMPLETED) AND workflowType = order", "b"),
        ("status != RUNNING", "bc"),
        ("version = 2", "b"),
        ("version > 1", "b"),
        ("priority >= 5", "b"),
        ("correlationId = 'c1'", "a"),
        ('correlationId = "c\'2"', "c"),
        ("correlationId = 'c''2'", "c"),
        ("correlationId IS NULL", "bd"),
        ("correlationId IS NOT NULL", "ac"),
        ("workflowId = {a}", "a"),
        ("workflowId IN ({a},{c})", "ac"),
        ("startTime > 0 AND startTime < 9999999999999", "abcd"),
        ("startTime BETWEEN 0 AND 5", ""),
        ("endTime > 0", "bc"),
        ("endTime < 9999999999999", "bc"),
        ("endTime IS NULL", "ad"),
        ("modifiedTime > 0", "abcd"),
        ("startTime < 9223372036854775807", "abcd"),
        ("priority IS NULL", ""),
        ("executionTime IS NULL", "ad"),
        ("taskId != nothing", "abcd"),
        ("createdBy = ann", "a"),
        ("createdBy = an*", "a"),
        ("createdBy STARTS_WITH a", "a"),
        ("createdBy IN (bob, ann)", "a"),
        ("reasonForIncompletion = *longer*", "b"),
        ("input = Köln", "a"),
        ("output = paid", "c"),
        ("nobodyKnowsThis = 5", "abcd"),
        ("nobodyKnowsThis = 5 AND status = RUNNING", "ad"),
    ],
)
def test_the_grammar(search: Search, query: str, expected: str) -> None:
    """What Conductor's SQL and Elasticsearch indexes take; unknown fields are passed over."""
    assert "".join(search(query)) == expected


@pytest.mark.parametrize(
    "query",
    [
        *("status", "status =", "= x", "status ~ x", "status IN (a", "(status = a", "status = a)", "status = 'a"),
        *("startTime > yesterday", "status = a AND", "status IS", "startTime BETWEEN 1", "((((((", "version = 1.5"),
        *("createdBy != ann", "createdBy NOT IN (ann)", "createdBy IS NULL", "input != x", "input STARTS_WITH x"),
        *("taskId > 1", "event = *x*", "startTime > 12345678901234567890"),
    ],
)
def test_what_cannot_be_read_is_refused(query: str) -> None:
    """With a message that says where it breaks."""
    with pytest.raises(InvalidRequest):
        condition(query, None, RUNS)


def test_a_query_that_cannot_be_read_is_400(api: httpx.Client) -> None:
    """So are pages that are too large."""
    assert api.get("/workflow/search", params={"query": "status ="}).status_code == 400
    assert api.get("/tasks/search", params={"query": "status ="}).status_code == 400
    assert api.get("/workflow/search", params={"size": 5001}).status_code == 400
    assert api.get("/workflow/search", params={"start": -1}).status_code == 400


def test_free_texts(search: Search) -> None:
    """A part of names, ids, reasons, inputs and outputs, letter by letter."""
    assert search(freeText="Köln") == ["a"]
    assert search(freeText="*Rome*") == ["b"]
    assert search(freeText="no longer") == ["b"]
    assert search(freeText="order") == ["a", "b"]
    assert search(freeText="*") == search(freeText="") == ["a", "b", "c", "d"]
    assert search("status = RUNNING", freeText="order") == ["a"]


def test_what_is_masked_is_found_by_nobody(search: Search) -> None:
    """Neither as free text nor in the input; what stands beside it is found."""
    assert search(freeText="canary-4711") == []
    assert search("input = canary-4711") == []
    assert search(freeText="canary-open") == ["d"]
    assert search("input = canary-4711", path="/workflow/search-by-tasks") == []


def test_sorting_and_pages(search: Search) -> None:
    """By one field or several; what is no sorting is passed over, and the newest come first."""
    assert search(sort="workflowType:ASC|version:DESC") == ["c", "b", "a", "d"]
    assert (
        search(sort="startTime:DESC") == search(sort="startTime") == search(sort="nobody:ASC") == ["d", "c", "b", "a"]
    )
    assert [search(start=start, size=2) for start in (0, 2, 4)] == [["a", "b"], ["c", "d"], []]
    assert search(size=0) == []


def test_summaries(filled: tuple[RunningServer, dict[str, str]]) -> None:
    """Times are ISO texts, payloads texts in Java's notation, and the count is of all."""
    running, ids = filled
    answer = httpx.get(f"{running.api}/workflow/search", params={"query": f"workflowId={ids['a']}"}).json()
    (found,) = answer["results"]
    assert answer["totalHits"] == 1
    assert (found["workflowType"], found["version"], found["status"]) == ("order", 1, "RUNNING")
    assert found["input"] == "{city=Köln, n=1}"
    assert found["startTime"].endswith("Z")
    assert len(found["startTime"]) == len("2026-01-01T00:00:00.000Z")
    assert "endTime" not in found
    assert found["failedReferenceTaskNames"] == ""
    secretive = httpx.get(f"{running.api}/workflow/search", params={"query": "workflowType=secretive"}).text
    assert "canary-4711" not in secretive
    whole = httpx.get(f"{running.api}/workflow/search-v2", params={"query": f"workflowId={ids['a']}"}).json()
    assert (whole["results"][0]["input"], whole["results"][0]["tasks"]) == ({"city": "Köln", "n": 1}, [])


def test_attempts_are_found(search: Search, filled: tuple[RunningServer, dict[str, str]]) -> None:
    """By their own fields and those of their runs; runs are found by their attempts, each once."""
    running, ids = filled

    def tasks(query: str, path: str = "search") -> list[dict[str, Any]]:
        answer = httpx.get(f"{running.api}/tasks/{path}", params={"query": query, "sort": "scheduledTime:ASC"})
        found: list[dict[str, Any]] = answer.json()["results"]
        return found

    (summary,) = tasks("taskType = order AND status = SCHEDULED")
    assert (summary["workflowId"], summary["workflowType"]) == (ids["a"], "order")
    assert summary["scheduledTime"].endswith("Z")
    assert summary["input"] == "{given=null}"
    (whole,) = tasks(f"workflowId = {ids['c']}", "search-v2")
    assert (whole["status"], whole["outputData"]) == ("COMPLETED", {"result": "paid"})
    assert tasks(f"taskId = {whole['taskId']}", "search-v2") == [whole]
    assert tasks("taskId = nonsense") == []
    assert [each["workflowId"] for each in tasks("endTime > 0 AND startTime > 0")] == [ids["c"]]
    assert search("status IN (CANCELED,COMPLETED)", path="/workflow/search-by-tasks") == ["b", "c"]
    assert search("output = paid", path="/workflow/search-by-tasks-v2") == ["c"]


def test_only_runs_at_the_top_or_of_a_class(search: Search) -> None:
    """``topLevelOnly`` leaves sub-workflows out, ``classifier`` other classes."""
    assert search(topLevelOnly=True) == ["a", "b", "c", "d"]
    assert search(classifier="workflow") == ["a", "b", "c", "d"]
    assert search(classifier="agent") == []


def test_a_client_of_the_server_gets_the_same_statistics(server: RunningServer, simple: str, api: httpx.Client) -> None:
    """What the store counts goes over the wire as it is, and a workflow that is nowhere is told as such."""
    for _ in range(3):
        api.post(f"/workflow/{simple}", json={}).raise_for_status()
    assert server.client is not None
    with podium.connect(server.url) as client:
        found = client.statistics(simple)

        assert found == server.client.statistics(simple)
        assert (found.count, [one.attempts for one in found.tasks.values()]) == (3, [{"SCHEDULED": 3}])
        with pytest.raises(WorkflowNotFound, match="it is not registered"):
            client.statistics("nothing")
        with pytest.raises(InvalidRequest, match="limit"):
            client.statistics(simple, limit=-1)
