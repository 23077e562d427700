"""The embedded client: one interface to an engine on a store."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

import podium
from podium import Client, RunStatus, RunTimeout, TaskDef, TaskResult, WorkflowDef, WorkflowTask, task, workflow
from podium.model.errors import (
    AlreadyExists,
    InvalidRequest,
    RunNotFound,
    TaskNotFound,
    UnknownBackend,
    WorkflowNotFound,
)
from podium.model.statuses import IdempotencyStrategy, TaskStatus


@task
def add_one(x: int) -> int:
    """Add one."""
    return x + 1


@workflow
def twice(x: int) -> int:
    """Add one, twice."""
    first = add_one(x)
    return add_one.as_("again")(first.output).output


def human_step(name: str = "ask") -> WorkflowDef:
    """Return a workflow that waits for somebody."""
    step = WorkflowTask(name="ask", task_reference_name="ask", type="HUMAN")
    return WorkflowDef(name=name, tasks=(step,), output_parameters={"answer": "${ask.output.answer}"})


def test_a_workflow_object_runs_with_its_tasks_as_workers(client: Client) -> None:
    """Registering, starting and waiting take one call; the run can be read and found afterwards."""
    with client.workers([add_one]):
        run = client.run(twice, {"x": 1}, timeout=30, correlation_id="c-1")

    assert run.status is RunStatus.COMPLETED
    assert run.output == {"result": 3}
    assert client.get(run.workflow_id) == run
    assert [found.workflow_id for found in client.search(name="twice", correlation_id="c-1")] == [run.workflow_id]


def test_the_short_form_runs_in_memory() -> None:
    """``workflow.run()`` needs no client and no store."""
    assert twice.run(x=5).output == {"result": 7}


def test_many_starts_share_commits_and_keep_their_order(client: Client) -> None:
    """The ids come back in the order of the inputs."""
    with client.workers([add_one]):
        ids = client.start_many(twice, [{"x": n} for n in range(20)])
        runs = [client.wait(run_id, timeout=30, include_tasks=False) for run_id in ids]

    assert [run.output["result"] for run in runs] == [n + 2 for n in range(20)]
    assert runs[0].tasks == ()


def test_work_that_nobody_serves_waits_for_a_worker_that_comes_later(client: Client) -> None:
    """A task scheduled before its worker was there is taken as soon as it is."""
    run_id = client.start(twice, {"x": 1})
    assert client.get(run_id).tasks[0].status is TaskStatus.SCHEDULED

    with client.workers([add_one]):
        assert client.wait(run_id, timeout=30).output == {"result": 3}


def test_waiting_ends_with_the_callers_patience_and_leaves_the_run_alone(client: Client) -> None:
    """The error is a TimeoutError too; the run goes on and can be answered."""
    run_id = client.start(human_step())

    with pytest.raises(RunTimeout, match="it goes on"):
        client.wait(run_id, timeout=0.01)
    client.complete_task(run_id, "ask", {"answer": 42})

    assert client.wait(run_id, timeout=30).output == {"answer": 42}


def test_a_waiting_thread_is_woken_by_the_end_of_the_run(client: Client) -> None:
    """Somebody who waits without a limit returns when another thread terminates the run."""
    run_id = client.start(human_step())
    seen: list[RunStatus] = []
    waiter = threading.Thread(target=lambda: seen.append(client.wait(run_id).status))
    waiter.start()
    client.terminate(run_id, "enough")
    waiter.join(30)

    assert seen == [RunStatus.TERMINATED]
    assert client.get(run_id).reason == "enough"


def test_an_idempotency_key_starts_one_run(client: Client) -> None:
    """The second start gives the first run, or is refused, as the caller asked."""
    definition = human_step()
    first = client.start(definition, idempotency_key="k")

    again = client.start(
        definition,
        idempotency_key="k",
        idempotency_strategy=IdempotencyStrategy.RETURN_EXISTING,
    )
    assert again == first
    with pytest.raises(AlreadyExists, match=first):
        client.start(definition, idempotency_key="k")
    assert client.start(definition, idempotency_key="other") != first
    assert client.start(definition, idempotency_key="k", idempotency_strategy="RETURN_EXISTING") == first
    with pytest.raises(InvalidRequest, match="FAIL, RETURN_EXISTING"):
        client.start(definition, idempotency_key="k", idempotency_strategy="PERHAPS")


def test_a_run_and_an_attempt_show_themselves_in_one_line(client: Client) -> None:
    """The short form names what they are; the payloads stay out of it."""
    run = client.get(client.start(human_step()))

    assert repr(run) == f"<WorkflowRun ask version 1 RUNNING {run.workflow_id}, 1 tasks>"
    assert repr(run.tasks[0]) == f"<TaskRun ask IN_PROGRESS {run.tasks[0].task_id}>"


def test_what_does_not_exist_is_refused_by_name(client: Client) -> None:
    """Each error names what was asked for."""
    missing = "018bcfe5-6800-7000-8000-000700000000"

    with pytest.raises(WorkflowNotFound, match="nothing"):
        client.start("nothing")
    with pytest.raises(RunNotFound, match=missing):
        client.get(missing)
    with pytest.raises(RunNotFound, match=missing):
        client.pause(missing)
    with pytest.raises(TaskNotFound, match="no-id"):
        client.update_task(TaskResult(task_id="no-id"))
    with pytest.raises(TaskNotFound, match="other"):
        client.complete_task(client.start(human_step()), "other")


@pytest.mark.parametrize(
    ("run_input", "said"),
    [({"a": [1j]}, r"a\[0\] is a value of type complex"), ([1], "object"), ({"a": object()}, "not JSON")],
    ids=["complex", "list", "object"],
)
def test_an_input_that_is_no_json_object_is_refused(url: str, run_input: object, said: str) -> None:
    """The caller learns it at once, and no run exists."""
    with podium.connect(url) as client:
        with pytest.raises(InvalidRequest, match=said):
            client.start(human_step(), run_input)  # type: ignore[arg-type]  # what the test is about
        assert client.search() == []


def test_a_version_is_chosen_when_the_run_starts(client: Client) -> None:
    """The greatest version runs unless one is named; a running run keeps its own."""
    step = WorkflowTask(name="ask", task_reference_name="ask", type="HUMAN")
    client.register(*(WorkflowDef(name="v", version=n, tasks=(step,)) for n in (1, 3, 2)))

    assert client.get(client.start("v")).workflow_version == 3
    assert client.get(client.start("v", version=2)).workflow_version == 2


def test_a_task_definition_in_the_registry_counts(client: Client) -> None:
    """Retries come from the registered definition."""
    client.register(TaskDef(name="add_one", retry_count=7))
    step = WorkflowTask(name="add_one", task_reference_name="a")
    run = client.get(client.start(WorkflowDef(name="w", tasks=(step,))))

    assert run.tasks[0].task_definition is not None
    assert run.tasks[0].task_definition.retry_count == 7


def test_all_runs_are_given_page_by_page(client: Client) -> None:
    """Newest first and each once, also while others start; bounds are for a search that has some."""
    run_ids = client.start_many(human_step(), [{}] * 25)
    found = []
    for run in client.search_all(page=10, name="ask"):
        client.start(human_step())
        found.append(run.workflow_id)

    assert found == sorted(run_ids, reverse=True)
    assert [run.workflow_id for run in client.search_all(status="FAILED")] == []
    for wrong in ({"page": 0}, {"limit": 5}):
        with pytest.raises(InvalidRequest):
            next(client.search_all(**wrong))


def test_reading_starts_no_engine(tmp_path: Path) -> None:
    """A process that only looks takes no run over: the store sees no engine of it."""
    url = f"sqlite:///{tmp_path / 'podium.db'}"
    with podium.connect(url) as writer:
        run_id = writer.start(human_step())
        with podium.connect(url) as reader:
            assert reader.get(run_id).status is RunStatus.RUNNING
            assert len(reader.search(status="RUNNING")) == 1
            assert len(reader._engine.backend.engines()) == 1


def test_two_clients_of_one_file_see_each_others_runs(tmp_path: Path) -> None:
    """One starts, the other serves: the work finds the worker, and the starter sees the end."""
    url = f"sqlite:///{tmp_path / 'podium.db'}"
    with podium.connect(url) as starter, podium.connect(url) as server, server.workers([add_one]):
        run_id = starter.start(twice, {"x": 1})

        assert starter.wait(run_id, timeout=30).output == {"result": 3}


def test_a_closed_store_is_taken_up_by_the_next_client(tmp_path: Path) -> None:
    """A run that was under way when its process ended in order goes on in the next one, at once."""
    url = f"sqlite:///{tmp_path / 'podium.db'}"
    with podium.connect(url) as client:
        run_id = client.start(twice, {"x": 1})

    with podium.connect(url) as client, client.workers([add_one]):
        assert client.wait(run_id, timeout=30).output == {"result": 3}


def test_a_closed_client_says_so(url: str) -> None:
    """Using a closed client is the caller's mistake, not a hang."""
    client = podium.connect(url)
    client.close()
    client.close()

    with pytest.raises(InvalidRequest, match="closed"):
        client.start(human_step())


def test_an_unknown_store_lists_the_known_ones() -> None:
    """A typo in the URL is answered with what can be written."""
    with pytest.raises(UnknownBackend, match="sqlite"):
        podium.connect("sqlight:///x.db")
