"""Runs as tables, and where a run came from."""

from __future__ import annotations

import copy
import json
import pickle

import pytest

import podium
from podium import task, workflow
from podium.model.codec import from_json, to_dict, to_json
from podium.model.definitions import WorkflowDef, WorkflowTask
from podium.model.errors import InvalidRequest, RunNotFound
from podium.model.records import RunList
from podium.model.runs import TaskRun, WorkflowRun
from podium.model.statuses import RunStatus, TaskStatus


@task(retries=1, retry_delay="0s")
def fetch(page: int) -> int:
    """Give the next page."""
    return page + 1


@workflow
def crawl(page: int) -> int:
    """Fetch one page."""
    return fetch(page).output


def _looped() -> WorkflowRun:
    flow = WorkflowDef(
        name="poll",
        version=2,
        tasks=(
            WorkflowTask(
                name="poll",
                task_reference_name="poll",
                type="DO_WHILE",
                loop_over=(WorkflowTask(name="track", task_reference_name="track__1"),),
            ),
        ),
    )
    common = {"task_type": "track", "task_def_name": "track"}
    return WorkflowRun(
        status=RunStatus.RUNNING,
        workflow_id="run-1",
        workflow_definition=flow,
        tasks=(
            TaskRun(
                **common,
                status=TaskStatus.FAILED,
                reference_task_name="track__1__2",
                iteration=2,
                seq=1,
                retried=True,
                scheduled_time=1_000,
                start_time=1_200,
                end_time=2_700,
                reason_for_incompletion="no answer",
            ),
            TaskRun(
                **common,
                status=TaskStatus.SCHEDULED,
                reference_task_name="track__1__2",
                iteration=2,
                seq=2,
                retry_count=1,
                scheduled_time=3_000,
            ),
        ),
    )


def test_records_have_one_flat_row_for_each_attempt() -> None:
    """A retry in a loop: names of the run and of the definition, lengths in milliseconds, None for what is to come."""
    first, second = _looped().to_records()

    assert first.keys() == second.keys()
    assert tuple(first[key] for key in ("reference", "step", "attempt", "iteration", "retried")) == (
        "track__1__2",
        "track__1",
        1,
        2,
        True,
    )
    assert (first["wait_ms"], first["duration_ms"], first["reason"]) == (200, 1_500, "no answer")
    assert (second["wait_ms"], second["duration_ms"], second["attempt"]) == (None, None, 2)
    assert (second["workflow"], second["version"], second["run_status"]) == ("poll", 2, "RUNNING")


def test_records_are_plain_json_scalars() -> None:
    """Every value is a text, a number, a boolean or None, no enum and no nested value."""
    rows = _looped().to_records()

    assert {str, int, bool, type(None)} >= {type(value) for row in rows for value in row.values()}
    assert rows == json.loads(json.dumps(rows))


def test_records_of_a_run_without_its_definition() -> None:
    """The name in the definition is then read from the name in the run."""
    run = WorkflowRun(
        status=RunStatus.COMPLETED,
        tasks=(TaskRun(task_type="a", status=TaskStatus.COMPLETED, reference_task_name="a__3", iteration=3),),
    )

    assert run.to_records()[0]["step"] == "a"


def test_search_gives_a_list_that_is_a_table() -> None:
    """What a search found stays a list, and has rows for a data frame."""
    with podium.connect() as client, client.workers([fetch]):
        run = client.run(crawl, {"page": 1}, timeout=10)
        found = client.search(name="crawl")

        assert isinstance(found, list)
        assert isinstance(found, RunList)
        (row,) = found.to_records()
        assert (run.workflow_id, "crawl", "COMPLETED") == (row["workflow_id"], row["workflow"], row["status"])
        assert row["ended_ms"] - row["started_ms"] == row["duration_ms"]


def test_a_run_from_a_client_can_be_seen_again() -> None:
    """`refresh` looks at the run in the store that it came from; the run that was seen before stays as it was."""
    with podium.connect() as client:
        client.register(crawl)
        run = client.get(client.start("crawl", {"page": 1}))
        client.terminate(run.workflow_id, "enough")

        assert run.status is RunStatus.RUNNING
        assert run.refresh().status is RunStatus.TERMINATED
        assert run.refresh().refresh() == client.get(run.workflow_id)


def test_where_a_run_came_from_is_no_part_of_its_value() -> None:
    """It is not compared, shown, written as JSON or sent to another process, and copying a run copies no client."""
    with podium.connect() as client, client.workers([fetch]):
        run = client.run(crawl, {"page": 1}, timeout=10)
        read = from_json(to_json(run), WorkflowRun)

        assert run == read
        assert hash(type(run)) == hash(type(read))
        assert "source" not in to_dict(run)
        assert "source" not in repr(run)
        assert copy.deepcopy(run).source is run.source
        sent = pickle.loads(pickle.dumps(run))
        assert run == sent
        assert sent.source is None


def test_an_unknown_key_called_source_survives_a_round_trip() -> None:
    """The field is no key of the JSON, so a key of that name is kept like any other that Podium does not know."""
    data = {"status": "RUNNING", "source": "elsewhere"}

    assert to_dict(from_json(json.dumps(data), WorkflowRun))["source"] == "elsewhere"


def test_a_run_from_json_says_that_it_has_no_source() -> None:
    """The message says what to call instead."""
    with pytest.raises(InvalidRequest, match=r"client\.get"):
        WorkflowRun(status=RunStatus.RUNNING, workflow_id="run-1").refresh()


def test_a_live_display_of_a_run_that_is_not_there_says_so() -> None:
    """`client.live` has the errors of `client.get`."""
    with podium.connect() as client, pytest.raises(RunNotFound):
        client.live("nothing")
