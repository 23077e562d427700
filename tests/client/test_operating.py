"""The verbs for operators of a client: rerun, skip, fail, update by name, leases, callbacks, many at once, limits."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Mapping
from typing import Any

import pytest
from kinds import called

import podium
from podium import Client, fork, human, task, wait, workflow
from podium.model.definitions import SchemaDef, WorkflowDef, WorkflowTask
from podium.model.errors import IllegalTransition, InvalidRequest, RunNotFound, TaskNotFound
from podium.model.runs import TaskLog, TaskResult
from podium.model.statuses import RunStatus, SchemaType, TaskStatus

PATIENCE_S = 30.0


@task(retries=0)
def add(x: int, y: int = 1) -> int:
    """Add; nothing beyond a hundred."""
    if x > 100:
        raise ValueError("too large")
    return x + y


@task(concurrency_limit=1, response_timeout=60)
def alone(x: int) -> int:
    """Work alone."""
    return x


@workflow
def sums(x: int) -> int:
    """Add twice."""
    once = add(x).as_("once")
    return add(once.output).as_("twice").output


@workflow
def above(x: int) -> int:
    """Call the other, and add once more."""
    below = sums(x).as_("below")
    return add(below.output).as_("last").output


@workflow
def asks(x: int) -> None:
    """Ask somebody, and rest."""
    human("approve")
    wait("rest", duration="1 day")


@workflow
def lonely(x: int) -> int:
    """Call the task that works alone."""
    return alone(x).output


def test_a_run_is_rerun_from_a_task_by_name_or_id(client: Client) -> None:
    """By reference name, by id, with another input; and as a whole with another input and correlation id."""
    with client.workers([add]):
        run = client.run(sums, {"x": 1}, timeout=PATIENCE_S)
        twice = run.task("twice")
        assert twice is not None
        client.rerun(run.workflow_id, from_task="twice", task_input={"x": 10})
        assert client.wait(run.workflow_id, PATIENCE_S).output == {"result": 11}
        client.rerun(run.workflow_id, from_task=run.tasks[0].task_id, task_input={"x": 20})
        assert client.wait(run.workflow_id, PATIENCE_S).output == {"result": 22}
        client.rerun(run.workflow_id, workflow_input={"x": 5}, correlation_id="again")
        assert client.wait(run.workflow_id, PATIENCE_S).output == {"result": 7}
        assert [one.workflow_id for one in client.search(correlation_id="again")] == [run.workflow_id]


def test_a_task_in_a_child_is_found(client: Client) -> None:
    """The name of a task in a sub-workflow is enough; the runs above go on too."""
    with client.workers([add]):
        run = client.run(above, {"x": 1}, timeout=PATIENCE_S)
        assert run.output == {"result": 4}
        client.rerun(run.workflow_id, from_task="once", task_input={"x": 10})
        assert client.wait(run.workflow_id, PATIENCE_S).output == {"result": 13}


@pytest.mark.parametrize("given", [{"x": 10}, {"workflowInput": {"x": 10}}])
def test_a_call_is_rerun_with_another_input_of_the_child(client: Client, given: Mapping[str, Any]) -> None:
    """What is called stays; only who names the input of the call itself replaces that."""
    with client.workers([add]):
        run = client.run(above, {"x": 1}, timeout=PATIENCE_S)
        client.rerun(run.workflow_id, from_task="below", task_input=given)
        assert client.wait(run.workflow_id, PATIENCE_S).output == {"result": 13}


def test_reruns_that_cannot_be_are_refused(client: Client) -> None:
    """A living run, a task that never was, an input without a task."""
    run_id = client.start(asks, {"x": 1})
    with pytest.raises(IllegalTransition, match="not in terminal state"):
        client.rerun(run_id, from_task="approve")
    with pytest.raises(TaskNotFound, match="Task none not found"):
        client.rerun(run_id, from_task="none")
    with pytest.raises(InvalidRequest, match="say which by from_task"):
        client.rerun(run_id, task_input={"x": 1})
    with pytest.raises(RunNotFound):
        client.rerun("none")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"workflow_input": {"x": "five"}}, "input of workflow 'above': x: a whole number is expected, not a text"),
        ({"workflow_input": {"y": 1}}, "input of workflow 'above': it needs x"),
        ({"from_task": "last", "task_input": {"x": "five"}}, "input of task 'last': x: a whole number is expected"),
        ({"from_task": "last", "task_input": {}}, "input of task 'last': it needs x"),
        ({"from_task": "once", "task_input": {"x": None}}, "input of task 'once': x: a whole number is expected"),
        ({"from_task": "below", "task_input": {"y": 1}}, "input of task 'below': it needs x"),
    ],
)
def test_an_input_that_does_not_fit_reruns_nothing(client: Client, options: Mapping[str, Any], words: str) -> None:
    """It is refused as a start with it would be, in a sub-workflow too; the run stays as it is."""
    with client.workers([add]):
        run = client.run(above, {"x": 1}, timeout=PATIENCE_S)
        with pytest.raises(InvalidRequest, match=re.escape(words)):
            client.rerun(run.workflow_id, **options)
        assert client.get(run.workflow_id) == run


def test_another_input_is_held_against_the_schema_and_filled_up(client: Client) -> None:
    """A workflow that is known by its JSON only: its schema refuses, its template gives what is absent."""
    schema = SchemaDef(name="s", version=1, type=SchemaType.JSON, data={"properties": {"x": {"type": "integer"}}})
    rest = WorkflowTask(name="n", task_reference_name="n", type="NOOP")
    client.register(
        WorkflowDef(
            name="plain",
            tasks=(rest,),
            input_schema=schema,
            input_template={"y": 7},
            masked_fields=("x",),
            output_parameters={"sum": "${workflow.input.x} ${workflow.input.y}"},
        )
    )
    run_id = client.run("plain", {"x": 1}, timeout=PATIENCE_S).workflow_id
    with pytest.raises(InvalidRequest, match="the input of workflow 'plain' does not fit its schema") as caught:
        client.rerun(run_id, workflow_input={"x": "secret"})
    assert "secret" not in str(caught.value)
    client.rerun(run_id, workflow_input={"x": 2})
    assert client.wait(run_id, PATIENCE_S).input == {"x": "***", "y": 7}


def test_a_task_to_come_is_skipped(client: Client) -> None:
    """What the run has not come to is passed over, with the output that is given; what it has come to is not."""
    run_id = client.start(asks, {"x": 1})
    with pytest.raises(IllegalTransition, match="has already been processed"):
        client.skip_task(run_id, "approve")
    with pytest.raises(IllegalTransition, match="does not exist in the WorkflowDefinition asks"):
        client.skip_task(run_id, "none")
    client.skip_task(run_id, "rest", input={"why": "late"}, output={"slept": 0})
    client.complete_task(run_id, "approve")
    run = client.wait(run_id, PATIENCE_S)
    assert run.status is RunStatus.COMPLETED
    rest = run.task("rest")
    assert rest is not None
    assert (rest.status, rest.input_data, rest.output_data) == (TaskStatus.SKIPPED, {"why": "late"}, {"slept": 0})
    with pytest.raises(IllegalTransition, match="is not running so the task referenced by rest cannot be skipped"):
        client.skip_task(run_id, "rest")


def test_a_task_is_failed_with_a_reason(client: Client) -> None:
    """FAILED as by its worker; terminal where no retry shall follow."""
    run_id = client.start(lonely, {"x": 1})
    client.fail_task(run_id, "alone", "nobody is there", output={"seen": 1})
    first, second = client.get(run_id).tasks
    assert (first.status, first.reason_for_incompletion) == (TaskStatus.FAILED, "nobody is there")
    assert first.output_data == {"seen": 1}
    assert second.status is TaskStatus.SCHEDULED
    client.fail_task(run_id, "alone", "it is enough", terminal=True)
    assert client.get(run_id).status is RunStatus.FAILED


def test_an_update_by_name_gives_the_run(client: Client) -> None:
    """Outputs are merged, lines kept, the attempt put to rest for the time that is said; then the run is returned."""
    run_id = client.start(lonely, {"x": 1})
    run = client.update_task_by_name(
        run_id,
        "alone",
        TaskStatus.IN_PROGRESS,
        {"a": 1},
        reason="half",
        worker_id="me",
        callback_after=3600,
        logs=["one", "two"],
    )
    attempt = run.tasks[0]
    assert (attempt.status, attempt.callback_after_seconds) == (TaskStatus.SCHEDULED, 3600)
    assert (attempt.worker_id, attempt.reason_for_incompletion) == ("me", "half")
    assert [line.log for line in client.logs(attempt.task_id)] == ["one", "two"]
    client.reset_callbacks(run_id)
    assert client.task(attempt.task_id).callback_after_seconds == 0
    ended = client.update_task_by_name(run_id, "alone", "COMPLETED", {"result": 2})
    assert ended.status is RunStatus.COMPLETED
    assert ended.tasks[0].output_data == {"a": 1, "result": 2}
    with pytest.raises(IllegalTransition, match="its tasks do not wait"):
        client.reset_callbacks(run_id)


def test_an_update_by_id_replaces_the_output(client: Client) -> None:
    """With its lines and the run that the worker started; an extended lease changes nothing else."""
    run_id = client.start(lonely, {"x": 1})
    attempt = client.get(run_id).tasks[0]
    result = TaskResult(
        workflow_instance_id=run_id,
        task_id=attempt.task_id,
        status=TaskStatus.IN_PROGRESS,
        output_data={"a": 1},
        sub_workflow_id="other",
        callback_after_seconds=60,
        logs=(TaskLog(log="line"),),
    )
    client.update_task(result)
    client.extend_lease(attempt.task_id)
    after = client.task(attempt.task_id)
    assert (after.output_data, after.sub_workflow_id) == ({"a": 1}, "other")
    client.terminate(run_id)
    assert client.get(run_id).status is RunStatus.TERMINATED


def test_many_runs_are_asked_at_once(client: Client) -> None:
    """One that refuses stops no other, and its words are given; options go to the verb."""
    runs = [client.start(asks, {"x": n}) for n in range(5)]
    result = client.bulk("pause", [*runs, "none", runs[0]])
    assert result.successful == runs
    assert result.failed == {"none": "No such workflow found by id: none"}
    assert client.bulk("resume", runs[:2]).successful == runs[:2]
    ended = client.bulk("terminate", runs, reason="over")
    assert ended.successful == runs
    assert {client.get(run_id).reason_for_incompletion for run_id in runs} == {"over"}
    assert client.bulk("restart", runs[:1]).successful == runs[:1]
    assert set(client.bulk("delete", runs).failed) == set(runs[:1])
    with pytest.raises(InvalidRequest, match="must be one of pause"):
        client.bulk("wait", runs)  # type: ignore[arg-type]  # wrong on purpose


def test_a_terminated_run_may_start_its_failure_workflow(url: str) -> None:
    """Only where that is asked for."""

    @workflow
    def mourns(reason: str) -> None:
        wait("rest", duration="1 day")

    @workflow(failure_workflow=mourns)
    def dies() -> None:
        wait("rest", duration="1 day")

    with podium.connect(url) as client:
        quiet, loud = client.start(dies), client.start(dies)
        client.terminate(quiet, "over")
        client.terminate(loud, "over", trigger_failure_workflow=True)
        mourning = client.get(loud).output["conductor.failure_workflow"]
        assert client.get(mourning).workflow_name == "mourns"
        assert [one.workflow_id for one in client.search(name="mourns")] == [mourning]
        assert "conductor.failure_workflow" not in client.get(quiet).output


def test_who_holds_and_awaits_a_limit_is_told(client: Client) -> None:
    """The holder of the only slot, and who waits for it, with the ids of run and attempt."""
    assert client.limits() == ()
    entered, leave = threading.Event(), threading.Event()

    @task(concurrency_limit=1)
    def alone(x: int) -> int:
        entered.set()
        leave.wait(PATIENCE_S)
        return x

    with client.workers([alone]):
        both = [client.start(lonely, {"x": n}) for n in range(2)]
        assert entered.wait(PATIENCE_S)
        (use,) = client.limits("alone")
        assert (use.kind, use.most) == ("task", 1)
        # Mostly the first one: it is overtaken where it came to a poll whose time was just up.
        (holder,) = (one.run_id for one in use.holders)
        (waiting,) = (run_id for run_id in both if run_id != holder)
        assert [one.task_id for one in use.waiting] == [client.get(waiting).tasks[0].task_id]
        leave.set()
        for run_id in both:
            assert client.wait(run_id, PATIENCE_S).status is RunStatus.COMPLETED
    assert client.limits() == ()


def test_event_loops_have_the_same_verbs(url: str) -> None:
    """Many at once, and a rerun, awaited."""

    async def main() -> None:
        async with podium.connect_async(url) as client:
            runs = [await client.start(asks, {"x": n}) for n in range(3)]
            result = await client.bulk("terminate", runs)
            assert result.successful == runs
            await client.rerun(runs[0], from_task="approve")
            run = await client.update_task_by_name(runs[0], "approve")
            assert run.task("rest") is not None

    asyncio.run(main())


def test_a_terminated_run_goes_on_inside_its_sub_workflows(client: Client) -> None:
    """With ``resume_subworkflows`` the runs below go on where they were; without it they begin anew."""

    @workflow
    def inner() -> None:
        human("first")
        human("second")

    @workflow
    def outer() -> None:
        with fork("both") as both:
            with both.branch():
                inner().as_("left")
            with both.branch():
                inner().as_("right")

    run_id = client.start(outer)
    left, right = called(client, run_id, "left"), called(client, run_id, "right")
    client.complete_task(left, "first")
    client.terminate(run_id, "by mistake")
    assert client.wait(right, PATIENCE_S).status is RunStatus.TERMINATED
    client.retry(run_id, resume_subworkflows=True)
    assert client.get(run_id).status is RunStatus.RUNNING
    client.complete_task(left, "second")
    for name in ("first", "second"):
        client.complete_task(right, name)
    assert client.wait(run_id, PATIENCE_S).status is RunStatus.COMPLETED


def test_a_run_that_lives_is_deleted_by_force(client: Client) -> None:
    """It is terminated first; without force it stays, and says why."""
    run_id = client.start(asks, {"x": 1})
    with pytest.raises(IllegalTransition):
        client.delete(run_id)
    client.delete(run_id, force=True)
    with pytest.raises(RunNotFound):
        client.get(run_id)
    done = client.start(asks, {"x": 1})
    client.terminate(done)
    client.delete(done, force=True)
    assert client.search() == []


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"reason_for_incompletion": {"a": 1}}, "reason_for_incompletion must be a text, not dict"),
        ({"worker_id": 5}, "worker_id must be a text, not int"),
        ({"sub_workflow_id": []}, "sub_workflow_id must be a text, not list"),
        ({"callback_after_seconds": "soon"}, "callback_after_seconds: a length of time is expected"),
        ({"logs": ("done",)}, r"logs takes lines such as TaskLog\(log='half of it is done'\)"),
        ({"logs": (TaskLog(log=7),)}, "logs takes lines of text, not 7"),
    ],
)
def test_a_result_with_a_wrong_field_is_refused(client: Client, wrong: Any, words: str) -> None:
    """The field is named, and the run goes on as it was: a reason that was no text ended it."""
    run_id = client.start(asks, {"x": 1})
    attempt = client.get(run_id).tasks[0]
    with pytest.raises(InvalidRequest, match=words):
        client.update_task(TaskResult(task_id=attempt.task_id, **{"status": TaskStatus.FAILED, **wrong}))
    assert client.get(run_id).tasks == (attempt,)
    client.terminate(run_id)


def test_lines_that_are_no_texts_are_refused_by_name_too(client: Client) -> None:
    """A text is no list of lines."""
    run_id = client.start(asks, {"x": 1})
    for wrong in ("done", [7]):
        with pytest.raises(InvalidRequest, match="logs"):
            client.update_task_by_name(run_id, "approve", "IN_PROGRESS", logs=wrong)
    client.terminate(run_id)
