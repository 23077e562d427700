"""Runs that ended lately are shown from the engine's memory, and cannot be told from those of the store."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

import podium
from podium import EmbeddedClient, WorkflowRun, task, workflow
from podium.client.engine import EmbeddedEngine
from podium.engine import library
from podium.engine.reader import Reader
from podium.model.errors import RunNotFound


@task
def note(x: int) -> dict[str, object]:
    """Give something with something in it."""
    return {"words": ["a", {"b": x}]}


@task
def again(noted: dict[str, object]) -> dict[str, object]:
    """Give back what is given."""
    return noted


@task(retries=0)
def fail(x: int) -> int:
    """Fail unless *x* is 0."""
    if x:
        raise ValueError("no")
    return x


@workflow
def twice(x: int) -> object:
    """Note, and pass on what was noted."""
    first = note(x).as_("first")
    return again(first.output).as_("second").output


@workflow
def failing(x: int) -> object:
    """Note, and fail."""
    note(x).as_("first")
    return fail(x).as_("second").output


@pytest.fixture(params=["memory://", "sqlite:///{}/runs.db"])
def client(request: pytest.FixtureRequest, tmp_path: object) -> Iterator[EmbeddedClient]:
    """Yield a client with workers."""
    with podium.connect(request.param.format(tmp_path)) as client, client.workers([note, again, fail]):
        yield client


def _engine(client: EmbeddedClient) -> EmbeddedEngine:
    return client._engine


def _stored(client: EmbeddedClient, run_id: str) -> WorkflowRun:
    return Reader(_engine(client).backend).run(run_id)


def _is_recent(client: EmbeddedClient, run_id: str) -> bool:
    return _engine(client).reader._recent.holds(run_id, with_tasks=True)


@pytest.mark.parametrize("flow", [twice, failing])
def test_a_run_that_has_ended_is_shown_as_the_store_has_it(client: EmbeddedClient, flow: podium.Workflow) -> None:
    """Every field of the run and of its attempts is the same, of one that ended well and of one that failed."""
    run_id = client.start(flow, {"x": 1})

    run = client.wait(run_id, 30)

    assert _is_recent(client, run_id)
    assert run == client.get(run_id) == _stored(client, run_id)
    assert client.wait(run_id, 30, include_tasks=False) == client.get(run_id, include_tasks=False)


def test_who_takes_a_run_apart_changes_nothing_else(client: EmbeddedClient) -> None:
    """What is nested in payloads belongs to whoever got the run: not to another task, nor to who looks next."""
    run_id = client.start(twice, {"x": 1})
    run = client.wait(run_id, 30)

    words = _words(run.tasks[1].input_data)
    words.append("changed")

    assert words != _words(run.tasks[0].output_data)
    assert _is_recent(client, run_id)
    assert client.get(run_id) == _stored(client, run_id)


def _words(payload: Mapping[str, Any]) -> list[Any]:
    """Find the list that `note` gives, under whatever name it was passed on."""
    (value,) = payload.values()
    found: list[Any] = value["words"] if isinstance(value, dict) else value
    return found


def test_a_run_that_goes_on_is_read_anew(client: EmbeddedClient) -> None:
    """After a retry the old end is shown to nobody, whoever asked for the retry."""
    run_id = client.start(failing, {"x": 1})
    assert client.wait(run_id, 30).status == "FAILED"

    client.retry(run_id)

    again = client.wait(run_id, 30)
    assert (again.status, len(again.tasks)) == ("FAILED", 3)
    assert again == _stored(client, run_id)


def test_another_process_is_believed(tmp_path: object) -> None:
    """What another process has done to a run since it ended here is seen at once."""
    url = f"sqlite:///{tmp_path}/runs.db"
    with podium.connect(url) as client, client.workers([note, again, fail]):
        run_id = client.start(failing, {"x": 1})
        client.wait(run_id, 30)
        with podium.connect(url) as other:
            other.delete(run_id)

        with pytest.raises(RunNotFound):
            client.wait(run_id, 30)
        with pytest.raises(RunNotFound):
            client.get(run_id)


def test_who_looks_takes_the_plan_that_the_engine_has(client: EmbeddedClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """To read and compile a definition of a thousand tasks takes longer than all else of showing its run."""
    compiled: list[str] = []
    compile_plan = library.compile_plan

    def counted(definition: podium.WorkflowDef, *rest: Any) -> Any:
        compiled.append(definition.name)
        return compile_plan(definition, *rest)

    monkeypatch.setattr(library, "compile_plan", counted)
    run_id = client.start(twice, {"x": 1})
    client.wait(run_id, 30)
    engine = _engine(client)

    shown = engine.reader.shown(engine.backend.load_runs([run_id])[run_id])

    assert shown.workflow_definition is not None
    assert compiled == ["twice"]
