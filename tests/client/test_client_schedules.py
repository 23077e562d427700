"""`client.schedules`, for threads and for event loops, and schedules that workflows bring along."""

from __future__ import annotations

import asyncio
from contextlib import nullcontext
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any

import pytest

import podium
from podium.dsl import noop, task
from podium.model.errors import AuthoringError, InvalidRequest, ScheduleNotFound, WorkflowNotFound
from podium.model.schedules import Schedule
from podium.model.statuses import RunStatus

#: A worker has done something.
SAID = Event()


@podium.workflow(schedule="0 6 1 * *")
def billing() -> None:
    """Do nothing that takes time."""
    noop("done")


@podium.task
def say(name: str) -> str:
    """Return a greeting."""
    SAID.set()
    return f"hello {name}"


@podium.workflow(
    schedule=[
        Schedule("*/1 * * * * *", name="each_second", input={"name": "Ada"}, overlap="skip"),
        Schedule("@yearly", name="each_year", input={"name": "Bob"}, zone="Europe/Berlin"),
    ]
)
def greet(name: str, _scheduledTime: int = 0) -> str:  # noqa: N803  # what Conductor calls it
    """Greet."""
    return say(name).output


def test_a_workflow_brings_its_schedule(url: str) -> None:
    """To register it puts the schedule into the store; to start a run of it does not."""
    with podium.connect(url) as client:
        client.run(billing, timeout=10)
        assert client.schedules.list() == ()
        client.register(billing, greet)
        assert [info.name for info in client.schedules.list()] == ["billing", "each_second", "each_year"]
        assert [info.name for info in client.schedules.list(workflow="greet")] == ["each_second", "each_year"]
        assert "schedule" not in billing.to_json(), "a definition says nothing of it"


def test_what_is_wrong_with_a_schedule_is_told_with_the_name_of_its_workflow() -> None:
    """Which is the function's, where the decorator gives none; naming the workflow itself is no mistake."""

    def nightly() -> None:
        podium.noop("nothing")

    with pytest.raises(podium.AuthoringError, match="P1 schedule: two are called 'nightly'; write Schedule"):
        podium.workflow(schedule=["0 0 * * *", "0 1 * * *"])(nightly)
    with pytest.raises(podium.AuthoringError, match="it starts 'billing', and stands at 'nightly'; leave its workflow"):
        podium.workflow(schedule=Schedule("0 0 * * *", workflow="billing"))(nightly)
    [own] = podium.workflow(schedule=Schedule("0 0 * * *", workflow="nightly"))(nightly).schedules
    assert (own.name, own.workflow) == ("nightly", "nightly")


def test_a_schedule_runs_by_itself_in_real_time(url: str) -> None:
    """A run starts at its second, and the workers of the client do its work."""
    SAID.clear()
    with podium.connect(url) as client, client.workers([say]):
        client.register(greet)
        assert SAID.wait(20)
        run_id = client.schedules.get("each_second").history[-1].run_id
        assert run_id is not None
        run = client.wait(run_id, 20)
        assert run.output == {"result": "hello Ada"}
        assert 0 <= run.create_time - run.input["_scheduledTime"] < 5_000


def test_the_verbs_of_schedules(url: str) -> None:
    """Added, looked at by another client, paused, resumed, run by hand and deleted."""
    with podium.connect(url) as client:
        client.register(billing)
        client.schedules.add(Schedule("0 0 * * *", workflow="billing", name="nightly", input={"at": date(2026, 1, 1)}))
        client.schedules.pause("nightly", "audit")
        with nullcontext(client) if url == "memory://" else podium.connect(url) as other:
            info = other.schedules.get("nightly")
            assert (info.schedule.paused, info.schedule.paused_reason, info.next_run) == (True, "audit", None)
            assert info.schedule.input == {"at": "2026-01-01"}
            assert other.schedules.next("nightly") == ()
            assert len(other.schedules.next("billing", 3)) == 3
        run_id = client.schedules.run("nightly")
        assert client.wait(run_id, 20).status is RunStatus.COMPLETED
        client.schedules.resume("nightly")
        found = client.schedules.get("nightly")
        assert found.next_run is not None
        assert timedelta(0) < found.next_run - datetime.now(UTC) <= timedelta(days=1)
        assert found.history[0].run_id == run_id
        client.schedules.delete("nightly")
        for verb in (client.schedules.get, client.schedules.delete, client.schedules.run, client.schedules.next):
            with pytest.raises(ScheduleNotFound, match="no schedule is called 'nightly'"):
                verb("nightly")


def test_schedules_are_awaited_in_event_loops(url: str) -> None:
    """The same verbs, behind ``await``."""

    async def use() -> tuple[Any, ...]:
        async with podium.connect_async(url) as client:
            await client.schedules.add(billing)
            await client.schedules.pause("billing")
            paused = await client.schedules.list()
            await client.schedules.resume("billing")
            run_id = await client.schedules.run("billing")
            run = await client.wait(run_id, 10)
            moments = await client.schedules.next("0 0 1 1 *", 2)
            return paused[0].schedule.paused, run.status, len(moments)

    assert asyncio.run(use()) == (True, RunStatus.COMPLETED, 2)


def test_to_add_sets_going_and_to_register_does_not(url: str) -> None:
    """A schedule that an operator paused goes on by ``add``, and stays paused when its workflow is deployed again."""
    with podium.connect(url) as client:
        client.register(billing)
        client.schedules.pause("billing")
        client.register(billing)
        assert client.schedules.get("billing").schedule.paused
        client.schedules.add(billing)
        assert not client.schedules.get("billing").schedule.paused


def test_wrong_schedules_are_refused_at_once(client: podium.Client) -> None:
    """At the decorator, or when they are put into the store, in words."""
    for wrong, words in (
        ("0 0 1 *", "has 4 fields"),
        (Schedule("@daily", workflow="other"), "it starts 'other'"),
        (["@daily", "@hourly"], "two are called 'w'"),
        (3, "schedule"),
    ):
        with pytest.raises(AuthoringError, match=words):

            @podium.workflow(name="w", schedule=wrong)  # type: ignore[arg-type]  # what is refused
            def refused() -> None: ...

    with pytest.raises(WorkflowNotFound):
        client.schedules.add(Schedule("@daily", workflow="unknown"))
    with pytest.raises(InvalidRequest, match="needs a workflow"):
        client.schedules.add(Schedule("@daily"))
    with pytest.raises(InvalidRequest, match="has no schedule"):
        client.schedules.add(podium.Workflow("plain"))

    @podium.workflow(schedule="@daily")
    def needing(customer: str) -> str:
        noop("done")
        return customer

    with pytest.raises(InvalidRequest, match="customer"):
        client.register(needing)


def test_an_input_that_a_run_could_not_begin_with_is_refused(client: podium.Client) -> None:
    """As a start with it would be: a schedule by the workflow's object or by its name, added or registered."""

    @podium.workflow
    def greeting(customer: str, times: int = 1) -> str:
        noop("done")
        return customer

    client.register(greeting)
    for subject in (greeting, "greeting"):
        for put in (client.schedules.add, client.register):
            with pytest.raises(InvalidRequest, match="input of workflow 'greeting': it needs customer"):
                put(Schedule("@daily", workflow=subject))  # type: ignore[arg-type]  # a converter takes the object
            with pytest.raises(InvalidRequest, match="times: a whole number is expected"):
                put(Schedule("@daily", workflow=subject, input={"customer": "Ann", "times": "x"}))  # type: ignore[arg-type]  # as above
    assert client.schedules.list() == ()
    client.schedules.add(Schedule("@daily", workflow="greeting", input={"customer": "Ann"}))
    other = podium.Schedule("@daily", name="other", workflow="elsewhere", input={"x": 1})
    with pytest.raises(InvalidRequest, match="it needs customer"):
        client.register(greeting, Schedule("@daily", name="bad", workflow="greeting"))
    with pytest.raises(WorkflowNotFound):
        client.register(other)


def test_only_a_workflow_is_started() -> None:
    """A task, or a path, has a name too."""
    for wrong in (task(len, name="count"), Path("billing.py"), 3):
        with pytest.raises(InvalidRequest, match="workflow: a workflow or its name is expected"):
            Schedule("@daily", workflow=wrong)  # type: ignore[arg-type]  # the mistake
