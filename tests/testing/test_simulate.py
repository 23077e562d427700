"""Workflows simulated with mocks: results, failures, time-outs and delays, for each attempt and iteration."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from testing_samples import charge, later, look, order, polling, refusing, ship, shop

import podium.testing
from podium import RunStatus, TaskContext, env, http, human, runs, secret, switch, task, wait, workflow
from podium.model.definitions import TaskDef, WorkflowDef, WorkflowTask
from podium.model.errors import InvalidRequest, RunTimeout, TerminalTaskError, WorkflowNotFound
from podium.model.runs import WorkflowRun
from podium.testing import completed, expect, failed, simulate, timed_out

HOUR = 3_600_000
MONTH = 30 * 24 * HOUR


def statuses(run: WorkflowRun) -> list[tuple[str, str]]:
    """Return each attempt with its status."""
    return [(each.reference_task_name, each.status.value) for each in run.tasks]


def test_mocks_stand_in_and_other_tasks_are_real() -> None:
    """What has a mock gives that; what has none is done by its function; a month of waiting takes no time."""
    run = simulate(order, {"amount": 3, "speed": "slow"}, {"charge": "card"})

    expect(run).completed().path("charge", "gap", "ship").output({"result": "shipped card"}, exactly=True)
    assert run.end_time - run.create_time == MONTH


def test_a_list_has_one_element_for_each_attempt() -> None:
    """As in Conductor's test request; the delay of the retry is the definition's, in virtual time."""
    mocks = {"charge": [{"status": "FAILED"}, {"status": "COMPLETED", "output": {"result": "card"}}]}
    run = simulate(order, {"amount": 3, "speed": "slow"}, mocks)

    first, second = run.tasks[:2]
    assert (first.status, second.status) == ("FAILED", "COMPLETED")
    assert second.start_time - first.end_time == HOUR
    assert run.output == {"result": "shipped card"}


def test_a_list_has_one_element_for_each_iteration() -> None:
    """A loop takes them in their order, and one iteration may have its own."""
    run = simulate(polling, mocks={"look": [1, 2, 3]})
    expect(run).completed().output({"result": 3}).path("look", "look", "look")

    run = simulate(polling, mocks={"look": 1, "look__2": 5})
    expect(run).completed().output({"result": 5}).path("look__1", "look__2")


def test_delays_count_in_virtual_time() -> None:
    """``queueWaitTime`` passes before the attempt starts, ``executionTime`` until it ends."""
    mock = {"status": "COMPLETED", "output": {"result": "card"}, "executionTime": 2000, "queueWaitTime": 500}
    attempt = simulate(order, {"amount": 3, "speed": "slow"}, {"charge": [mock]}).tasks[0]

    assert attempt.start_time - attempt.scheduled_time == 500
    assert attempt.end_time - attempt.start_time == 2000
    assert attempt.queue_wait_time == 500


def test_what_takes_longer_than_its_timeout_times_out() -> None:
    """The engine ends it at its moment and retries; the late result changes nothing."""
    mocks = {"charge": [completed("late", takes="11m"), completed("card")]}
    run = simulate(order, {"amount": 3, "speed": "slow"}, mocks)

    assert statuses(run)[:2] == [("charge", "TIMED_OUT"), ("charge", "COMPLETED")]
    assert run.tasks[0].end_time - run.tasks[0].start_time == 600_000
    assert run.output == {"result": "shipped card"}


def test_a_worker_that_is_never_heard_of_again() -> None:
    """A mock that times out takes the attempt and leaves it to its time-out."""
    run = simulate(order, {"amount": 3, "speed": "slow"}, {"charge": [timed_out(), "card"]})

    assert statuses(run)[:2] == [("charge", "TIMED_OUT"), ("charge", "COMPLETED")]


@pytest.mark.parametrize(
    ("mock", "attempts", "reason"),
    [
        (failed("no route"), 4, "no route"),
        (ValueError("broken"), 4, "ValueError: broken"),
        (TimeoutError, 4, "TimeoutError"),
        (TerminalTaskError("no such account"), 1, "no such account"),
        (failed("no such account", terminal=True), 1, "no such account"),
        ({"status": "FAILED_WITH_TERMINAL_ERROR", "reasonForIncompletion": "no such account"}, 1, "no such account"),
    ],
)
def test_failures(mock: object, attempts: int, reason: str) -> None:
    """One that is no list holds for every attempt; exceptions fail as they would in the function."""
    run = simulate(order, {"amount": 3, "speed": "slow"}, {"charge": mock})

    expect(run).failed(reason).attempts("charge", attempts).not_ran("ship")


def test_a_function_does_the_work_instead() -> None:
    """It takes the inputs of the task, by name, and may be asynchronous; other tasks stay as they are."""

    async def fake(amount: int) -> str:
        await asyncio.sleep(0)
        return f"{amount} by card"

    run = simulate(order, {"amount": 3, "speed": "slow"}, {"charge": fake})
    assert run.output == {"result": "shipped 3 by card"}

    other = task(lambda amount: f"a task for {amount}", name="charge")
    assert simulate(order, {"amount": 3, "speed": "slow"}, workers=[other]).output == {"result": "shipped a task for 3"}


def test_people_and_waits_are_mocked_like_tasks() -> None:
    """A HUMAN answers, a WAIT ends at once or after the time that the mock takes."""
    run = simulate(order, {"amount": 3, "speed": "EXPRESS"}, {"charge": "card", "approve": {"by": "Ann"}})
    expect(run).completed().output("approve", {"by": "Ann"})

    run = simulate(order, {"amount": 3, "speed": "slow"}, {"charge": "card", "gap": completed(takes="1 day")})
    assert run.end_time - run.create_time == MONTH // 30


def test_what_nobody_answers_stops_the_run_and_says_why() -> None:
    """As Conductor's test endpoint does; a list that is used up counts as no answer."""
    run = simulate(order, {"amount": 3, "speed": "EXPRESS"}, {"charge": ["card"]})
    assert run.status is RunStatus.RUNNING
    assert "'approve' waits for an answer: no mock was given for it, and no function" in run.explain().text

    run = simulate(order, {"amount": 3, "speed": "slow"}, {"charge": [failed(), failed()]})
    assert statuses(run) == [("charge", "FAILED"), ("charge", "FAILED"), ("charge", "SCHEDULED")]
    assert "'charge' waits for an answer: its 2 mocks are used up" in run.explain().text


def test_no_function_is_called_where_mocks_are_all() -> None:
    """The workflow's own functions are left alone."""
    run = simulate(order, {"amount": 3, "speed": "slow"}, {"charge": "card"}, only_mocks=True)

    assert statuses(run)[-1] == ("ship", "SCHEDULED")


def test_nothing_goes_out() -> None:
    """A request waits for its mock, and none is sent."""

    @workflow
    def asks() -> int:
        answer = http("ask", "http://example.invalid/")
        return answer.output.status_code

    assert simulate(asks).status is RunStatus.RUNNING
    run = simulate(asks, mocks={"ask": {"response": {"statusCode": 200, "body": "yes"}}})
    assert run.output == {"result": 200}


@pytest.mark.parametrize(
    "mock",
    [{"body": {"ok": 1}}, {"response": {"body": {"ok": 1}}}, {"output": {"response": {"body": {"ok": 1}}}}],
)
def test_the_answer_to_a_request_may_be_given_as_the_step_has_it(mock: object) -> None:
    """With the fields of a response, or with all that is around them."""

    @workflow
    def asking() -> Any:
        return http("ask", "https://example.com/").output.body

    assert simulate(asking, {}, {"ask": mock}).output == {"result": {"ok": 1}}
    with pytest.raises(InvalidRequest, match=r"'ask' gives \{'response': \{...\}\} with statusCode, body"):
        simulate(asking, {}, {"ask": {"ok": 1}})


def test_what_a_child_has_done_is_undone_here_too() -> None:
    """Its run is looked at in the simulation itself; another one is known by a mock only."""
    done: list[str] = []

    @task(retries=0)
    def book(what: str) -> str:
        done.append(f"book {what}")
        return what

    @task
    def cancel(what: str) -> None:
        done.append(f"cancel {what}")

    @workflow
    def stay(what: str) -> None:
        room = book(what)
        room.undo(cancel, room.output)

    @workflow
    def trip() -> None:
        stay("room")
        book.as_("seat")("seat")

    run = simulate(trip, {}, {"seat": failed("none left")})
    assert (done, run.undone) == (["book room", "cancel room"], ("stay",))

    @workflow
    def look() -> str:
        return runs.get("other", id="elsewhere").output.status

    assert simulate(look).status is RunStatus.RUNNING
    other = {"output": {"status": "PAUSED"}}
    assert simulate(look, {}, {"other": other}).output == {"result": "PAUSED"}


def test_tasks_inside_sub_workflows() -> None:
    """They take the caller's mocks, or those that were given for what is inside."""
    express = {"charge": "card", "approve": {}}
    expect(simulate(shop, {"amount": 3}, express)).completed().output({"result": "shipped card"})

    inside = {"taskRefToMockOutput": {"charge": [{"output": {"result": "cash"}}]}}
    run = simulate(shop, {"amount": 3}, {**express, "order": inside})
    expect(run).completed().output({"result": "shipped cash"})


def test_a_sub_workflow_as_a_whole() -> None:
    """A result in place of the child's: what it began is ended, whether or not its definition is known."""
    run = simulate(shop, {"amount": 3}, {"order": completed({"result": "done"})})
    expect(run).completed().output({"result": "done"})

    definition = podium.load(
        {
            "name": "calls",
            "tasks": [
                {"name": "s", "taskReferenceName": "sub", "type": "SUB_WORKFLOW", "subWorkflowParam": {"name": "far"}}
            ],
            "outputParameters": {"far": "${sub.output.x}"},
        }
    )
    expect(simulate(definition, mocks={"sub": {"x": 1}})).completed().output({"far": 1})
    with pytest.raises(WorkflowNotFound, match="'far' is not registered"):
        simulate(definition)


def test_the_test_request_of_conductor() -> None:
    """Its input, its mocks and those of its sub-workflows are read as they are sent to the server."""
    request: Mapping[str, Any] = {
        "name": "shop",
        "version": 1,
        "input": {"amount": 5},
        "taskRefToMockOutput": {},
        "subWorkflowTestRequest": {
            "order": {
                "taskRefToMockOutput": {
                    "charge": [{"status": "FAILED"}, {"status": "COMPLETED", "output": {"result": "card"}}],
                    "approve": [{"output": {"by": "Ann"}}],
                }
            }
        },
    }
    expect(simulate(shop, mocks=request)).completed().output({"result": "shipped card"})


def test_definitions_and_json_are_simulated_too() -> None:
    """With their task definitions in *others*."""
    tasks = (WorkflowTask(name="a", task_reference_name="a"),)
    definition = WorkflowDef(name="plain", tasks=tasks, output_parameters={"n": "${a.output.n}"})
    once = TaskDef(name="a", retry_count=0)

    for workflow_ in (definition, {"name": "plain", "tasks": [{"name": "a", "taskReferenceName": "a"}]}):
        expect(simulate(workflow_, mocks={"a": failed()}, others=[once])).failed().attempts("a", 1)
    expect(simulate(definition, mocks={"a": {"n": 1}})).output({"n": 1})


def test_real_functions_see_a_context_and_leave_none_behind() -> None:
    """They know their attempt, log, and fail as in a pool; afterwards the test builds steps again."""

    @task(retries=1, retry_delay="1s")
    def curious(context: TaskContext) -> int:
        context.log("here")
        if context.attempt == 1:
            raise OSError("first")
        return context.attempt

    @workflow
    def curiosity() -> int:
        return curious().output

    run = simulate(curiosity)
    expect(run).completed().attempts("curious", 2).output({"result": 2})
    assert run.tasks[0].reason_for_incompletion == "OSError: first"

    @workflow
    def after() -> int:
        return later(1).output

    assert simulate(after).output == {"result": 2}


def test_a_final_failure_of_a_real_function() -> None:
    """It is not retried."""

    @workflow
    def refused() -> None:
        refusing()

    expect(simulate(refused)).failed("no such account").attempts("refusing", 1)


def test_the_environment_and_its_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    """They come from this process, as with a client; a function sees the secret, the run does not."""
    monkeypatch.setenv("CONDUCTOR_ENV_CITY", "Rome")
    monkeypatch.setenv("CONDUCTOR_SECRET_KEY", "hidden")
    seen: list[str] = []

    @task
    def sign(city: str, key: str) -> str:
        seen.append(key)
        return city

    @workflow
    def signed() -> str:
        return sign(env("CITY"), secret("KEY")).output

    run = simulate(signed)
    assert (run.output, seen) == ({"result": "Rome"}, ["hidden"])
    assert "hidden" not in str(run.tasks[0].input_data)


def test_in_an_event_loop() -> None:
    """Asynchronous functions run where the test has a loop of its own."""

    @workflow
    def counted() -> int:
        return later(1).output

    async def main() -> object:
        return simulate(counted).output

    assert asyncio.run(main()) == {"result": 2}


def test_what_goes_round_in_circles_is_ended() -> None:
    """A loop that never ends is named as what it is."""

    @workflow
    def endless() -> None:
        from podium import loop

        with loop("again") as again:
            wait("gap", duration="1s")
            again.until(again.iteration < 0)

    from podium.testing import stepper

    limit, stepper.THINGS_MAX = stepper.THINGS_MAX, 200
    try:
        with pytest.raises(RunTimeout, match="has not ended after 200 steps; does a loop never end"):
            simulate(endless, check=False)
    finally:
        stepper.THINGS_MAX = limit


@pytest.mark.parametrize(
    ("mocks", "words"),
    [
        ({"chrge": "card"}, "the workflow has no task 'chrge'; did you mean 'charge'?"),
        ({"zzz": "card"}, "there are approve, charge, gap"),
        ({"charge": {"status": "DONE"}}, "'DONE' is no status of a mock"),
        ({"charge": [{"status": "FAILED", "why": 1}]}, r"mocks\['charge'\]\[0\]: why is no key of a mock"),
        ({"charge": {"output": 3}}, "output is a map, not 3"),
        ({"charge": {"executionTime": "5s"}}, "are milliseconds"),
        ({"taskRefToMockOutput": {"charge": {"status": "FAILED"}}}, "is a list, one element for each attempt"),
        ({"charge": object()}, "cannot be written as JSON"),
        (["charge"], "maps reference names to what their tasks give"),
    ],
)
def test_mocks_that_cannot_be_right_are_refused(mocks: Any, words: str) -> None:
    """Before anything runs, with the place and what is meant."""
    with pytest.raises(InvalidRequest, match=words):
        simulate(order, {"amount": 1, "speed": "x"}, mocks)


def test_a_mock_that_the_function_could_not_have_returned_is_refused() -> None:
    """Whether it stands for a task or a person; an output as it stands is taken as it is."""
    with pytest.raises(InvalidRequest, match="the result of 'charge' is declared as str: result: a text is expected"):
        simulate(order, {"amount": 1, "speed": "x"}, {"charge": 5})

    @workflow
    def asked() -> bool:
        return human("approve", returns=bool).output

    with pytest.raises(InvalidRequest, match="the result of 'approve' is declared as bool"):
        simulate(asked, mocks={"approve": completed("yes")})
    assert simulate(asked, mocks={"approve": True}).output == {"result": True}
    assert simulate(asked, mocks={"approve": {"output": {"result": "yes"}}}).output == {"result": "yes"}


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: simulate(order, {"amount": "much", "speed": "x"}), "amount"),
        (lambda: simulate(order, {"speed": "x"}), "amount"),
        (lambda: simulate(lambda: None), "put @workflow above it"),  # type: ignore[arg-type]  # wrong on purpose, or of several types
        (lambda: simulate(order, {"amount": 1, "speed": "x"}, start="soon"), "a moment is expected"),
    ],
)
def test_other_mistakes_are_refused(call: Callable[[], object], words: str) -> None:
    """Inputs, workflows and options are checked as a client checks them."""
    with pytest.raises(InvalidRequest, match=words):
        call()


def test_the_program_of_the_same_name_does_not_hide_the_function() -> None:
    """``python -m podium.testing.simulate`` is the engine's own simulation; importing the module gives the function."""
    program = "import podium.testing.simulate, podium.testing; podium.testing.simulate; print(podium.testing.simulate)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout.startswith("<function simulate")


def test_public_names_resolve() -> None:
    """Each name of the package is there."""
    assert all(getattr(podium.testing, name) is not None for name in podium.testing.__all__)
    assert list(podium.testing.__all__) == sorted(podium.testing.__all__)
    assert (charge.name, look.name, ship.name, switch.__name__) == ("charge", "look", "ship", "switch")
