"""Start and wait, signals, and questions to runs."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from typing import Any

import pytest
from kinds import called

import podium
from podium.client import Client
from podium.dsl import fan_out, fork, human, loop, set_variable, task, wait, workflow
from podium.model.errors import InvalidRequest, RunNotFound, TaskNotFound
from podium.model.signals import SignalResponse
from podium.model.statuses import ReturnStrategy, RunStatus, TaskStatus

PATIENCE_S = 20.0


@task
def double(n: int) -> int:
    """Give work that a run waits for."""
    return 2 * n


@workflow
def inner(n: int) -> dict[str, Any]:
    """Wait for somebody."""
    answer = wait("answer")
    return {"said": answer.output, "n": n}


@workflow
def outer(n: int) -> dict[str, Any]:
    """Work, wait below, then wait for a person."""
    twice = double(n)
    below = inner(twice.output)
    asked = human("asked")
    return {"below": below.output, "asked": asked.output}


@pytest.fixture
def client(client: Client) -> Iterator[Client]:
    """A client of each kind that serves the work."""
    with client.workers([double]):
        yield client


def execute(client: Client, strategy: str, **options: Any) -> SignalResponse:
    """Start the outer workflow, and wait."""
    return client.execute(outer, {"n": 4}, return_strategy=strategy, timeout=PATIENCE_S, **options)


def test_each_strategy_returns_what_its_name_says(client: Client) -> None:
    """The run that was named, the sub-workflow that holds the blocking task, that task, or its input."""
    target = execute(client, "TARGET_WORKFLOW")
    assert (target.run.workflow_name, target.run.workflow_id) == ("outer", target.target_workflow_id)
    assert target.task is not None
    assert target.task.reference_task_name == "answer"

    below = execute(client, "BLOCKING_WORKFLOW", request_id="r-1")
    assert (below.run.workflow_name, below.input, below.request_id) == ("inner", {"n": 8}, "r-1")
    assert below.target_workflow_id != below.workflow_id

    blocking = execute(client, "BLOCKING_TASK").to_dict()
    shown = [blocking[key] for key in ("taskType", "referenceTaskName", "status", "workflowType")]
    assert shown == ["WAIT", "answer", "IN_PROGRESS", "inner"]

    given = client.execute(outer, {"n": 1}, return_strategy=ReturnStrategy.BLOCKING_TASK_INPUT, timeout=PATIENCE_S)
    assert given.input == given.task.input_data  # type: ignore[union-attr]  # it is there, as shown above


def test_the_response_has_the_fields_of_the_api(client: Client) -> None:
    """Those of a workflow, or those of a task, and what all have."""
    always = {"responseType", "targetWorkflowId", "targetWorkflowStatus", "workflowId", "input", "output"}
    always |= {"signalTimeout", "priority", "variables", "status", "createTime", "updateTime"}
    assert always | {"tasks"} <= set(execute(client, "TARGET_WORKFLOW").to_dict())
    of_task = {"taskType", "taskId", "referenceTaskName", "retryCount", "taskDefName", "workflowType"}
    assert always | of_task <= set(execute(client, "BLOCKING_TASK").to_dict())


def test_signals_end_what_the_run_waits_at_one_after_the_other(client: Client) -> None:
    """First below, then the person's; the output is the task's, and after the last the run has ended."""
    run_id = execute(client, "TARGET_WORKFLOW").workflow_id
    second = client.signal_and_wait(run_id, {"yes": 1}, return_strategy="BLOCKING_TASK", timeout=PATIENCE_S)
    assert second.task is not None
    assert (second.task.reference_task_name, second.target_workflow_status) == ("asked", RunStatus.RUNNING)
    last = client.signal_and_wait(run_id, {"by": "Ann"}, timeout=PATIENCE_S)
    assert last.target_workflow_status is RunStatus.COMPLETED
    assert last.output == {"result": {"below": {"said": {"yes": 1}, "n": 8}, "asked": {"by": "Ann"}}}
    assert last.task is None
    with pytest.raises(TaskNotFound, match=f"run {run_id} is COMPLETED and does not wait for anybody"):
        client.signal(run_id)


@workflow
def beside(n: int) -> None:
    """Wait below and here at the same time; what is below comes first."""
    with fork("both") as both:
        with both.branch():
            inner(n)
        with both.branch():
            wait("own")


def test_a_signal_is_for_the_run_before_its_sub_workflows(client: Client) -> None:
    """As with Conductor, whatever came first."""
    run_id = client.execute(beside, {"n": 1}, timeout=PATIENCE_S).workflow_id
    client.signal(run_id, {"to": "the run"})
    own = client.get(run_id).task("own")
    assert own is not None
    assert (own.status, own.output_data) == (TaskStatus.COMPLETED, {"to": "the run"})
    called(client, run_id, "inner")
    client.signal(run_id, {"to": "below"})
    run = client.wait(run_id, PATIENCE_S)
    assert run.status is RunStatus.COMPLETED
    assert run.tasks[1].output_data["result"] == {"said": {"to": "below"}, "n": 1}


def test_a_signal_may_end_the_task_badly(client: Client) -> None:
    """The status is the task's; the run goes on as after any failure."""
    run_id = client.execute(inner, {"n": 1}, timeout=PATIENCE_S).workflow_id
    client.signal(run_id, {"why": "no"}, status="FAILED")
    run = client.wait(run_id, PATIENCE_S)
    assert (run.status, run.tasks[0].status, run.tasks[0].output_data) == (
        RunStatus.FAILED,
        TaskStatus.FAILED,
        {"why": "no"},
    )


def test_execute_waits_until_a_task_has_ended(client: Client) -> None:
    """Any of the names, given as a list or with commas; the task is returned."""
    for names in ("asked, double", ["double"]):
        response = execute(client, "BLOCKING_TASK", wait_until_task_ref=names)
        assert response.task is not None
        assert (response.task.reference_task_name, response.output) == ("double", {"result": 8})


@pytest.mark.parametrize(
    ("names", "words"),
    [
        ("nope", "wait_until_task_ref: the workflow has no task 'nope'; there are answer, asked, double, inner"),
        ("asked,dubble", "the workflow has no task 'dubble'; did you mean 'double'?"),
        (["answer", 3], "wait_until_task_ref takes reference names, such as 'charge', not 3"),
        (3, "wait_until_task_ref takes reference names, such as 'charge,ship', not 3"),
    ],
)
def test_a_task_that_can_never_come_is_not_waited_for(client: Client, names: Any, words: str) -> None:
    """It is refused before the run starts, by the workflow's object and by its name; what it calls counts too."""
    client.register(outer)
    for subject in (outer, "outer", outer.definition):
        with pytest.raises(InvalidRequest, match=re.escape(words)):
            client.execute(subject, {"n": 4}, wait_until_task_ref=names)
    assert list(client.search()) == []


def test_a_task_that_a_run_makes_by_itself_may_be_waited_for(client: Client) -> None:
    """Where a dynamic fork names its tasks at run time, nobody can say that there is none."""

    @workflow
    def spread() -> None:
        fan_out("all", double, [{"n": 1}])

    assert not client.execute(spread, wait_until_task_ref="all_7", timeout=PATIENCE_S).signal_timeout


def test_a_task_in_a_loop_is_waited_for_by_either_name(client: Client) -> None:
    """As the definition calls it, at its first iteration; with the iteration, at that one."""

    @workflow
    def turning() -> None:
        with loop("three", max_iterations=3):
            double(2)

    for name, iterations in (("double", 1), ("double__3", 3)):
        response = client.execute(
            turning, wait_until_task_ref=name, return_strategy="BLOCKING_TASK", timeout=PATIENCE_S
        )
        assert response.task is not None
        assert response.task.iteration == iterations


def test_time_is_over_before_the_run_waits(url: str) -> None:
    """The run is returned as it stands, says so, and goes on."""
    with podium.connect(url) as client:
        response = client.execute(outer, {"n": 1}, timeout=0.05, return_strategy="BLOCKING_TASK")
        assert (response.signal_timeout, response.task) == (True, None)
        assert response.target_workflow_status is RunStatus.RUNNING
        assert response.to_dict()["signalTimeout"] is True


def test_a_timed_wait_is_nothing_to_signal(client: Client) -> None:
    """It ends by itself; a run that is not there, or a wrong word, is refused."""

    @workflow
    def later() -> None:
        wait("night", duration="8h")

    run_id = client.start(later)
    with pytest.raises(TaskNotFound, match="RUNNING and does not wait for anybody: no WAIT, HUMAN or YIELD"):
        client.signal(run_id)
    with pytest.raises(RunNotFound):
        client.signal("018bcfe5-6800-7000-8000-000700000000")
    with pytest.raises(InvalidRequest, match="return_strategy must be one of TARGET_WORKFLOW, BLOCKING_WORKFLOW"):
        client.execute(later, return_strategy="LATER")


def test_a_signal_is_held_against_what_the_step_declares(client: Client) -> None:
    """As any answer that comes in through the client."""

    @workflow
    def asking() -> int:
        return human("count", returns=int).output

    run_id = client.start(asking)
    with pytest.raises(InvalidRequest, match="the result of 'count' is declared as int"):
        client.signal(run_id, {"result": "many"})
    assert client.signal_and_wait(run_id, {"result": 3}, timeout=PATIENCE_S).output == {"result": 3}


def test_a_run_is_asked_what_its_steps_would_see(client: Client) -> None:
    """Variables, outputs of loops and of steps, in the shapes of any input."""

    @workflow
    def busy(city: str) -> None:
        set_variable("note", phase="begun", city=city)
        with loop("three", max_iterations=3):
            double(2)
        wait("end")

    run_id = client.execute(busy, {"city": "Rome"}, timeout=PATIENCE_S).workflow_id
    assert client.query(run_id, "${workflow.variables.phase}") == "begun"
    assert client.query(run_id, {"where": "in ${workflow.variables.city}", "n": ["${double.output.result}"]}) == {
        "where": "in Rome",
        "n": [4],
    }
    assert client.query(run_id, "${three.output.2.double.result}") == 4
    assert client.query(run_id, "${nobody.output}") is None
    for nothing in ("${", "workflow.variables.phase", "${workflow.input.city", 5, {"where": "Rome"}):
        with pytest.raises(InvalidRequest, match="a question names what it asks for, such as"):
            client.query(run_id, nothing)
    with pytest.raises(InvalidRequest, match="the expression cannot be used"):
        client.query(run_id, "${workflow.input[?(@.a =~ /(?=x)/)]}")


def test_event_loops_have_the_same_verbs(url: str) -> None:
    """With await."""

    async def main() -> tuple[str, Any]:
        async with podium.connect_async(url) as client:
            asked = await client.execute(inner, {"n": 2}, timeout=PATIENCE_S)
            answered = await client.signal_and_wait(asked.workflow_id, {"ok": True}, timeout=PATIENCE_S)
            return answered.target_workflow_status, await client.query(asked.workflow_id, "${answer.output.ok}")

    assert asyncio.run(main()) == ("COMPLETED", True)
