"""What undoes a failed run is waited for and told, and nobody goes on with what was undone."""

from __future__ import annotations

import logging
import threading

import pytest

from podium import Client, RunStatus, WorkflowRun, human, loop, task, workflow
from podium.model.errors import RunUndone

PATIENCE_S = 30

#: Holds back whoever undoes, until the test lets it go on.
gate = threading.Event()
trace: list[str] = []


@task(retries=0)
def book(what: str) -> str:
    """Book something."""
    trace.append(f"book {what}")
    return what


@task(retries=0)
def cancel(what: str) -> None:
    """Cancel it, when the gate is open."""
    assert gate.wait(PATIENCE_S)
    trace.append(f"cancel {what}")


@task(retries=0)
def cancel_in_vain(what: str) -> None:
    """Fail to cancel it."""
    raise OSError(f"no route to {what}")


solvent = threading.Event()


@task(retries=0)
def pay() -> str:
    """Pay, if there is money."""
    if not solvent.is_set():
        raise ValueError("no money")
    return "paid"


@workflow
def trip() -> str:
    """Book two things, and fail to pay them."""
    room = book.as_("room")("room")
    room.undo(cancel, room.output)
    seat = book.as_("seat")("seat")
    seat.undo(cancel, seat.output)
    return pay().output


@workflow
def half() -> None:
    """Book two things, one of which cannot be undone."""
    room = book.as_("room")("room")
    room.undo(cancel, room.output)
    seat = book.as_("seat")("seat")
    seat.undo(cancel_in_vain, seat.output)
    pay()


@workflow
def tour() -> str:
    """Book something, and take the trip."""
    guide = book.as_("guide")("guide")
    guide.undo(cancel, guide.output)
    return trip().output


TASKS = [book, cancel, cancel_in_vain, pay]


@pytest.fixture(autouse=True)
def fresh() -> None:
    """Open the gate, and take the money away."""
    gate.set()
    solvent.clear()
    trace.clear()


def failed_and_undone(run: WorkflowRun) -> None:
    """Assert that the trip was undone, the last thing first, and that the run says so."""
    assert run.status is RunStatus.FAILED
    assert (run.undone, run.not_undone) == (("seat", "room"), ())
    assert "undone: seat, room" in repr(run)
    assert trace == ["book room", "book seat", "cancel seat", "cancel room"]


def test_a_short_run_waits_for_what_undoes_it(caplog: pytest.LogCaptureFixture) -> None:
    """`.run()` comes back when everything is undone, and says what was."""
    gate.clear()
    threading.Timer(0.3, gate.set).start()

    run = trip.run(timeout=PATIENCE_S)

    failed_and_undone(run)
    assert f"run {run.workflow_id} of trip is FAILED; undone: seat, room" in caplog.messages


def test_a_client_that_closes_early_waits_for_what_undoes(client: Client) -> None:
    """`run` and `wait` come back after it; so do workers that leave when nobody has waited."""
    with client.workers(TASKS):
        failed_and_undone(client.run(trip, timeout=PATIENCE_S))
    trace.clear()
    gate.clear()
    with client.workers(TASKS):
        run_id = client.start(trip)
        while not client.get(run_id).status.is_terminal:
            pass
        threading.Timer(0.3, gate.set).start()

    failed_and_undone(client.get(run_id))


def test_the_timeout_bounds_the_wait_for_what_undoes(client: Client) -> None:
    """The run has ended, so it is given: it says what is not undone yet."""
    gate.clear()
    with client.workers(TASKS):
        run = client.run(trip, timeout=1)
        try:
            assert (run.undone, run.not_undone) == ((), ("seat", "room"))
            with pytest.raises(RunUndone, match="because it is being undone: seat, room; begin anew"):
                client.retry(run.workflow_id)
        finally:
            gate.set()


def test_what_undoes_and_cannot_go_on_by_itself_is_not_waited_for(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    """A failure workflow with a human step, or a task that nobody serves, is named, and the run is given."""

    @workflow
    def alarm() -> None:
        human("doctor")

    @workflow(failure_workflow="alarm")
    def risky() -> None:
        pay()

    client.register(alarm)
    with client.workers(TASKS):
        run = client.run(risky, timeout=PATIENCE_S)

    assert run.status is RunStatus.FAILED
    assert run.undone == ()
    assert any("'doctor' waits for somebody to complete it" in line for line in caplog.messages)


def test_what_failed_to_be_undone_is_said(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    """The step is named as not undone; nothing after it in the undo workflow was undone either."""
    with client.workers(TASKS):
        run = client.run(half, timeout=PATIENCE_S)

    assert (run.undone, run.not_undone) == ((), ("seat", "room"))
    assert any("NOT undone: seat, room" in line for line in caplog.messages)


def test_a_retry_after_the_undo_is_refused(client: Client) -> None:
    """It would charge for what is cancelled: the steps are named, and a restart is offered, which works."""
    with client.workers(TASKS):
        run_id = client.run(trip, timeout=PATIENCE_S).workflow_id
        solvent.set()
        with pytest.raises(RunUndone) as caught:
            client.retry(run_id)
        assert caught.value.steps == ("seat", "room")
        assert "it was undone when it failed: seat, room; begin anew with client.restart(" in str(caught.value)
        assert client.get(run_id).status is RunStatus.FAILED

        client.restart(run_id)
        assert client.wait(run_id, PATIENCE_S).output == {"result": "paid"}
    assert trace.count("book seat") == 2


def test_a_restarted_run_that_fails_early_undoes_only_what_it_did(client: Client) -> None:
    """The notes of the first time are gone."""

    @workflow
    def early() -> None:
        pay.as_("first")()
        room = book("room")
        room.undo(cancel, room.output)
        with loop("twice", max_iterations=1) as twice:
            pay.as_("second")()
            twice.until(twice.iteration > 0)

    with client.workers(TASKS):
        solvent.set()
        run_id = client.start(early)
        assert client.wait(run_id, PATIENCE_S).status is RunStatus.COMPLETED
        solvent.clear()
        trace.clear()
        client.restart(run_id)
        run = client.wait(run_id, PATIENCE_S)

    assert (run.status, run.undone, run.not_undone, trace) == (RunStatus.FAILED, (), (), [])


def test_a_sub_workflow_of_an_undone_run_is_not_taken_up(client: Client) -> None:
    """Retrying or restarting it would let its parent go on, whose work was undone too."""
    with client.workers(TASKS):
        run = client.run(tour, timeout=PATIENCE_S)
        assert run.undone == ("guide",)
        child = run.task("trip")
        assert child is not None
        assert child.sub_workflow_id is not None
        assert client.get(child.sub_workflow_id).undone == ("seat", "room")
        for refused in (
            lambda: client.retry(run.workflow_id),
            lambda: client.retry(run.workflow_id, resume_subworkflows=True),
            lambda: client.retry(child.sub_workflow_id or ""),
            lambda: client.restart(child.sub_workflow_id or ""),
        ):
            with pytest.raises(RunUndone):
                refused()
        solvent.set()
        client.restart(run.workflow_id)
        assert client.wait(run.workflow_id, PATIENCE_S).output == {"result": "paid"}


def test_a_run_that_was_not_undone_is_retried(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    """Nothing is said of undoing where nothing was done that can be."""

    @workflow
    def unpaid() -> str:
        paid = pay()
        paid.undo(cancel, "payment")
        return paid.output

    with caplog.at_level(logging.WARNING, "podium"), client.workers(TASKS):
        run_id = client.run(unpaid, timeout=PATIENCE_S).workflow_id
        solvent.set()
        client.retry(run_id)
        assert client.wait(run_id, PATIENCE_S).output == {"result": "paid"}
    assert not any("undone" in line for line in caplog.messages)
