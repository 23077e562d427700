"""Compensation: with the failed run's values, retries of its own, in order or at once, across workflows, for all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from kinds import Timed

import podium
from podium import (
    Client,
    FailedRun,
    RunStatus,
    TaskContext,
    Workflow,
    at_failure,
    failed_run,
    fan_out,
    for_each,
    fork,
    loop,
    switch,
    task,
    undo_all,
    wait,
    workflow,
)
from podium.model.errors import AuthoringError, RunUndone

PATIENCE_S = 30
trace: list[Any] = []
solvent: list[bool] = []


@task(retries=0)
def book(what: str) -> str:
    """Book something."""
    trace.append(f"book {what}")
    return what


@task(retries=0)
def cancel(what: str, why: str | None = None, more: Mapping[str, Any] | None = None) -> None:
    """Cancel it."""
    trace.append(f"cancel {what}" if why is None and more is None else ("cancel", what, why, more))


@task(retries=0)
def pay(amount: int = 1) -> str:
    """Pay, if there is money."""
    if not solvent:
        raise ValueError("no money")
    return "paid"


@task(retries=0)
def break_down() -> str:
    """Fail for good."""
    raise podium.TerminalTaskError("broken")


@task(retries=0)
def tell(run: FailedRun, text: str) -> None:
    """Tell somebody of a failed run."""
    trace.append((run, text))


@task(retries=0)
def cancel_late(context: TaskContext, what: str) -> None:
    """Cancel something at the third attempt."""
    trace.append(f"attempt {context.attempt}")
    if context.attempt < 3:
        raise OSError("no route")


@pytest.fixture(autouse=True)
def fresh() -> None:
    """Take the money away."""
    trace.clear()
    solvent.clear()


@pytest.fixture
def client(in_time: Timed) -> Client:
    """A client of each kind, of an engine in virtual time."""
    return in_time.client


def run(client: Client, what: Workflow[..., Any], **given: object) -> podium.WorkflowRun:
    """Run a workflow to its end, with its own tasks."""
    with client.workers(what.tasks):
        return client.run(what, given, timeout=PATIENCE_S)


def test_what_undoes_sees_the_failed_run_and_the_step_that_failed(client: Client) -> None:
    """Reason, outputs, and values as they are then, in maps and texts too; what was noted before stays beside them."""

    @workflow
    def trip(city: str) -> str:
        room = book.as_("room")("room")
        paid = pay(2)
        more = {
            "room": room.output,
            "step": failed_run().step.name,
            "input": failed_run().step.input,
            "texts": [at_failure(f"{paid.status} in {city}"), room.output],
        }
        room.undo(cancel, room.output, failed_run().step.reason, more)
        return room.output

    failed = run(client, trip, city="Rome")

    texts = ["FAILED in Rome", "room"]
    assert trace[-1] == (
        *("cancel", "room", "ValueError: no money"),
        {"room": "room", "step": "pay", "input": {"amount": 2}, "texts": texts},
    )
    assert failed.undone == ("room",)


def test_what_undoes_all_runs_last_whatever_was_done(client: Client) -> None:
    """It gets the failed run as a record; outputs of steps that were not reached are null."""

    @workflow
    def trip(city: str) -> str:
        undo_all(tell, failed_run(), text=f"{city}: {at_failure(city)}")
        room = book.as_("room")(city)
        room.undo(cancel, room.output)
        paid = pay()
        late = book.as_("late")(paid.output)
        undo_all(cancel.as_("at_the_end"), "all", more={"late": late.output, "room": room.output})
        return room.output

    failed = run(client, trip, city="Rome")

    assert trace[:2] == ["book Rome", "cancel Rome"]
    assert trace[2] == ("cancel", "all", None, {"late": None, "room": "Rome"})
    seen, text = trace[3]
    assert (seen.workflow_id, seen.status, seen.step.name) == (failed.workflow_id, "FAILED", "pay")
    assert (seen.output, text) == ({"result": "Rome"}, "Rome: Rome")


def test_what_undoes_has_retries_and_a_time_limit_of_its_own(client: Client) -> None:
    """Per step by ``.opts``, for all by ``undo={"each": ...}``; the time of all of it is that of the undo workflow."""

    @workflow(undo={"timeout": "10m", "each": {"retries": 2, "retry_delay": "1h", "timeout": "30s"}})
    def trip() -> str:
        room = book("room")
        room.undo(cancel_late, room.output)
        return pay().output

    @workflow
    def one() -> str:
        room = book("room")
        room.undo(cancel_late.opts(retries=2, retry_delay="1s"), room.output)
        return pay().output

    assert run(client, one).undone == ("book",)
    assert trace == ["book room", "attempt 1", "attempt 2", "attempt 3"]
    failed = run(client, trip)
    assert (failed.undone, failed.not_undone) == ((), ("book",))  # an hour is more than the ten minutes of all
    (undo,) = client.search(name="trip_undo")
    assert undo.status is RunStatus.TIMED_OUT
    definition = trip.definitions[1]
    assert (definition.timeout_seconds, definition.timeout_policy) == (600, "TIME_OUT_WF")


def test_steps_are_undone_at_once_if_wanted(client: Client) -> None:
    """One that cannot be undone does not keep the others from it; the undo workflow fails at its end."""

    @workflow(undo={"order": "parallel"})
    def trip() -> str:
        for name in ("room", "seat", "guide"):
            step = book.as_(name)(name)
            step.undo(break_down) if name == "seat" else step.undo(cancel, step.output)
        undo_all(cancel, "all")
        return pay().output

    failed = run(client, trip)

    assert (failed.undone, failed.not_undone) == (("guide", "room"), ("seat",))
    assert sorted(trace[3:5]) == ["cancel guide", "cancel room"]
    assert trace[5:] == ["cancel all"]
    (undo,) = client.search(name="trip_undo")
    assert undo.status is RunStatus.FAILED
    assert [task.type for task in trip.definitions[1].tasks] == ["FORK_JOIN", "JOIN", "SIMPLE"]


def test_what_was_not_done_is_not_undone(client: Client) -> None:
    """An optional step that failed, or a permissive one, has done nothing."""

    @workflow
    def trip() -> str:
        break_down.opts(optional=True)().as_("tried").undo(cancel, "tried")
        room = book.as_("room")("room").opts(optional=True)
        room.undo(cancel, room.output)
        return pay().output

    @workflow
    def permissive() -> None:
        with fork("two") as two:
            with two.branch():
                break_down.opts(permissive=True)().as_("tried").undo(cancel, "tried")
            with two.branch():
                room = book.as_("room")("room")
                room.undo(cancel, room.output)

    for each in (trip, permissive):
        trace.clear()
        failed = run(client, each)
        assert (failed.undone, failed.not_undone) == (("room",), ())
        assert trace == ["book room", "cancel room"]


@workflow
def leg(where: str) -> str:
    """Book two things."""
    room = book.as_("room")(f"{where} room")
    room.undo(cancel, room.output)
    seat = book.as_("seat")(f"{where} seat")
    seat.undo(cancel, seat.output, at_failure(seat.status))
    return seat.output


@workflow
def country(name: str) -> str:
    """Go on one leg, called in the third generation."""
    return leg(name).output


@workflow
def tour() -> str:
    """Call workflows by name and embedded, and fail."""
    guide = book.as_("guide")("guide")
    guide.undo(cancel, guide.output)
    country("Italy")
    leg.as_("extra").inline("Oslo")
    hat = book.as_("hat")("hat")
    hat.undo(cancel, hat.output)
    return pay().output


def test_a_parents_failure_undoes_what_its_children_have_done(client: Client) -> None:
    """In reverse order, through all generations, with what is asked of the child's run."""
    failed = run(client, tour)

    assert failed.undone == ("hat", "extra", "country", "guide")
    assert trace[6:] == [
        "cancel hat",
        ("cancel", "Oslo seat", "COMPLETED", None),
        "cancel Oslo room",
        ("cancel", "Italy seat", "COMPLETED", None),
        "cancel Italy room",
        "cancel guide",
    ]


def test_a_child_that_failed_undoes_itself_once(client: Client) -> None:
    """Its parent leaves it alone, also where it was optional and the parent fails later."""

    @workflow
    def poor() -> str:
        room = book.as_("room")("room")
        room.undo(cancel, room.output)
        return pay().output

    @workflow
    def parent() -> str:
        poor().opts(optional=True)
        return pay.as_("later")().output

    assert run(client, parent).undone == ()
    assert trace == ["book room", "cancel room"]


@workflow
def stay(city: str) -> None:
    """Book, and then stay: for an hour in Rome, and in Pisa only until it fails."""
    room = book.as_("room")(city)
    room.undo(cancel, room.output)
    with switch("where", city) as where:
        with where.case("Rome"):
            wait("long", duration="1 hour")
        with where.case("Pisa"):
            wait("short", duration="1 minute")
            break_down()


def test_runs_that_were_at_work_are_undone_too(client: Client) -> None:
    """A child is terminated with its caller, in whatever generation, and has no failure workflow of its own."""

    @workflow
    def journey(city: str) -> None:
        hat = book.as_("hat")("hat")
        hat.undo(cancel, hat.output)
        stay(city)

    @workflow
    def holidays() -> None:
        with fork("two") as two:
            with two.branch():
                journey("Rome")
            with two.branch():
                wait("rest", duration="1 minute")
                break_down()

    @workflow(timeout="1 minute")
    def hasty() -> None:
        stay("Rome")

    assert run(client, holidays).undone == ("journey",)
    assert trace == ["book hat", "book Rome", "cancel Rome", "cancel hat"]
    trace.clear()
    assert run(client, hasty).undone == ("stay",)
    assert trace == ["book Rome", "cancel Rome"]


def test_each_run_of_a_fan_out_is_undone(client: Client) -> None:
    """Those that are done and those at work; one that failed undoes itself."""

    @workflow
    def tours(cities: list[str]) -> None:
        fan_out("stays", stay, cities)

    failed = run(client, tours, cities=["Bern", "Rome", "Pisa", "Oslo"])

    assert (failed.undone, failed.not_undone) == (("stays",), ())
    assert sorted(trace[4:]) == ["cancel Bern", "cancel Oslo", "cancel Pisa", "cancel Rome"]
    assert [one for one in trace[4:] if one != "cancel Pisa"] == ["cancel Oslo", "cancel Rome", "cancel Bern"]


def test_a_step_in_a_loop_is_undone_for_each_iteration(client: Client) -> None:
    """So are calls and fan-outs there, the last first; when the run is taken up, what was undone counts as undone."""

    @workflow
    def tours(cities: list[str]) -> None:
        with for_each("each", cities) as each:
            seat = book.as_("seat")(each.item)
            seat.undo(cancel, seat.output, failed_run().step.name)
        with loop("twice", max_iterations=2):
            fan_out("stays", stay, ["Bern"])
        pay()
        with for_each("again", cities) as again:
            stay(again.item)
        break_down()

    first = run(client, tours, cities=["Oslo", "Riga"])

    assert (first.undone, first.not_undone) == (("stays", "seat"), ())
    assert trace[4:6] == ["cancel Bern", "cancel Bern"]
    assert [one[:3] for one in trace[6:]] == [("cancel", "Riga", "pay"), ("cancel", "Oslo", "pay")]
    trace.clear()
    solvent.append(True)
    with client.workers(tours.tasks):
        client.retry(first.workflow_id, force=True)
        again = client.wait(first.workflow_id, PATIENCE_S)
    assert (again.undone, again.not_undone) == (("stay",), ())
    assert trace == ["book Oslo", "book Riga", "cancel Riga", "cancel Oslo"]


def test_what_could_not_be_undone_of_several_is_said(client: Client) -> None:
    """The loop stops there, and a retry of the undo workflow goes on with it."""

    @task(retries=0)
    def cancel_if_solvent(what: str) -> None:
        if what == "Riga" and not solvent:
            raise OSError("no route")
        trace.append(f"cancel {what}")

    @workflow
    def tours(cities: list[str]) -> None:
        with for_each("each", cities) as each:
            seat = book.as_("seat")(each.item)
            seat.undo(cancel_if_solvent, seat.output)
        break_down()

    failed = run(client, tours, cities=["Oslo", "Riga", "Bern"])
    assert (failed.undone, failed.not_undone) == ((), ("seat",))
    assert trace[3:] == ["cancel Bern"]
    (undo,) = client.search(name="tours_undo")
    solvent.append(True)
    with client.workers(tours.tasks):
        client.retry(undo.workflow_id)
        client.wait(undo.workflow_id, PATIENCE_S)
    assert client.get(failed.workflow_id).undone == ("seat",)
    assert trace[4:] == ["cancel Riga", "cancel Oslo"]


def test_an_undo_of_its_own_replaces_that_of_the_workflow(client: Client) -> None:
    """The author knows better; a failure workflow of the author's own leaves children alone, too."""

    @workflow
    def parent() -> str:
        leg("x").undo(cancel, "the whole leg")
        return pay().output

    @workflow(failure_workflow="other")
    def plain() -> str:
        return leg("x").output

    assert run(client, parent).undone == ("leg",)
    assert trace[2:] == ["cancel the whole leg"]
    assert [each.name for each in plain.definitions] == ["plain", "leg", "leg_undo"]


def test_circles_of_workflows_are_not_undone_across_calls() -> None:
    """Their definitions are the same, wherever one begins to build them."""

    def made() -> tuple[Workflow[..., Any], Workflow[..., Any]]:
        @workflow
        def ping(n: int) -> None:
            book("ping").undo(cancel, "ping")
            pong(n)

        @workflow
        def pong(n: int) -> None:
            book("pong").undo(cancel, "pong")
            ping(n)
            leg("out")

        return ping, pong

    ping, pong = made()
    forth = ping.definitions
    other_ping, other_pong = made()
    _ = other_pong.definition
    assert forth == other_ping.definitions
    assert [each.task_reference_name for each in pong.definitions[1].tasks] == ["failed_run", "if_leg", "if_book"]
    assert [each.task_reference_name for each in ping.definitions[1].tasks] == ["if_book"]


def test_a_workflow_may_undo_a_step(client: Client) -> None:
    """It is called like a task, with options too."""

    @workflow
    def call_off(what: str) -> None:
        cancel(what)

    @workflow
    def trip() -> str:
        room = book.as_("room")("room")
        room.undo(call_off, room.output)
        seat = book.as_("seat")("seat")
        seat.undo(call_off.opts(optional=True), seat.output)
        return pay().output

    assert run(client, trip).undone == ("seat", "room")
    assert trace[2:] == ["cancel seat", "cancel room"]


def test_undone_work_is_taken_up_by_force_only(client: Client) -> None:
    """What was undone counts as undone: if the run fails again, only what was done since is."""

    @workflow
    def trip() -> str:
        room = book.as_("room")("room")
        room.undo(cancel, room.output)
        pay()
        seat = book.as_("seat")("seat")
        seat.undo(cancel, seat.output)
        return break_down().output

    run_id = run(client, trip).workflow_id
    with client.workers(trip.tasks):
        with pytest.raises(RunUndone, match="or take up what is left with force=True") as refused:
            client.retry(run_id)
        assert refused.value.may_force
        solvent.append(True)
        trace.clear()
        client.retry(run_id, force=True)
        again = client.wait(run_id, PATIENCE_S)

    assert (again.status, again.undone, again.not_undone) == (RunStatus.FAILED, ("seat",), ())
    assert trace == ["book seat", "cancel seat"]


def test_a_child_of_an_undone_parent_is_taken_up_by_force(client: Client) -> None:
    """So are its parents, whose notes are dropped as well."""

    @workflow
    def child() -> str:
        return pay().output

    @workflow
    def parent() -> str:
        room = book.as_("room")("room")
        room.undo(cancel, room.output)
        child()
        return break_down().output

    run_id = run(client, parent).workflow_id
    solvent.append(True)
    with client.workers(parent.tasks):
        with pytest.raises(RunUndone):
            client.retry(run_id, resume_subworkflows=True)
        client.retry(run_id, resume_subworkflows=True, force=True)
        again = client.wait(run_id, PATIENCE_S)

    assert (again.status, again.undone, again.not_undone) == (RunStatus.FAILED, (), ())
    assert trace == ["book room", "cancel room"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"order": "backwards"}, "order='backwards' must be 'reverse' or 'parallel'"),
        ({"ordre": "parallel"}, "'ordre'.*did you mean 'order'"),
        ({"each": {"retrys": 2}}, "'retrys'.*did you mean 'retries'"),
        ({"each": {"timeout": "soon"}}, "timeout='soon' is no duration"),
        ({"timeout": "soon"}, "undo: timeout='soon' is no duration"),
        ("parallel", "undo='parallel' must be a map"),
    ],
)
def test_wrong_settings_are_refused_at_the_decorator(given: Any, said: str) -> None:
    """Each with what to write."""
    with pytest.raises(AuthoringError, match=said) as refused:
        workflow(undo=given)
    assert __file__ in (refused.value.place or "")


def test_mistakes_in_what_undoes_are_refused_at_their_line() -> None:
    """What is known only later has no place elsewhere, and does not mix with what is known now."""

    @workflow
    def elsewhere() -> None:
        cancel(f"{failed_run().reason}")  # an input of an ordinary step

    @workflow
    def mixed() -> None:
        room = book("room")
        room.undo(cancel, f"{room.output} {failed_run().reason}")

    @workflow
    def renamed() -> None:
        book("room").undo(cancel.as_("other"), "x")

    @workflow
    def inside() -> None:
        with fork("two") as two, two.branch():
            undo_all(cancel, "x")

    @workflow(undo={"order": "parallel"})
    def nothing() -> None:
        book("room")

    @workflow
    def twice() -> None:
        undo_all(cancel, "x")
        undo_all(cancel, "y")
        book("room")

    for wrong, said in (
        (elsewhere, r"at_failure\(...\) and failed_run\(\) are for what undoes a run"),
        (mixed, "mixes values of the step that was done with those of the failed run"),
        (renamed, r"what undoes a step is called undo_<step>; take .as_\('other'\) away"),
        (inside, r"undo_all\(cancel\) in branch 1 of fork 'two' has no meaning"),
        (nothing, "has undo=, and nothing in it has an .undo"),
        (twice, "reference name 'cancel' is used twice"),
    ):
        with pytest.raises(AuthoringError, match=said) as refused:
            _ = wrong.definition
        assert __file__ in (refused.value.place or "")
    with pytest.raises(AuthoringError, match="takes a value of the run"):
        at_failure("Rome")
    with pytest.raises(AuthoringError, match="outside of a workflow"):
        undo_all(cancel, "x")
    with pytest.raises(AuthoringError, match=r"undo_all\(\) takes a task, not"):
        undo_all(cancel.fn, "x")  # type: ignore[arg-type]  # the point of the test


def test_a_rerun_of_undone_work_needs_force_too(client: Client) -> None:
    """What is done again may be undone again; what is not, is not."""

    @workflow
    def trip() -> str:
        room = book.as_("room")("room")
        room.undo(cancel, room.output)
        seat = book.as_("seat")("seat")
        seat.undo(cancel, seat.output)
        return break_down().output

    run_id = run(client, trip).workflow_id
    trace.clear()
    with client.workers(trip.tasks):
        with pytest.raises(RunUndone):
            client.rerun(run_id, from_task="seat")
        client.rerun(run_id, from_task="seat", force=True)
        again = client.wait(run_id, PATIENCE_S)

    assert (again.undone, trace) == (("seat",), ["book seat", "cancel seat"])
