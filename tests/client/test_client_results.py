"""Results that come in through a client are held against what their steps are declared to give."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs
import pytest
from kinds import called

import podium
from podium import TaskResult, human, loop, wait, workflow
from podium.model.errors import InvalidRequest
from podium.model.statuses import RunStatus, TaskStatus


@attrs.frozen
class Approval:
    """What a person says."""

    approved: bool
    by: str | None = None


@workflow
def asking() -> Approval:
    """Ask a person."""
    return human("approve", returns=Approval).output


@workflow
def carrying() -> Approval:
    """Ask through a workflow that is called, and one that is carried along."""
    asking()
    return asking.as_("inner").inline().output


@pytest.mark.parametrize(
    ("output", "said"),
    [
        (None, "the result of 'approve' is declared as Approval: result.approved is missing"),
        ({"aproved": True}, "result.approved is missing"),
        ({"approved": "yes"}, "result.approved: true or false is expected, not a text ('yes')"),
        ({"approved": True, "by": 1}, "result.by: a text is expected, not a number (1)"),
    ],
)
def test_a_person_gives_what_the_step_returns(url: str, output: Mapping[str, Any] | None, said: str) -> None:
    """A completion that does not fit is refused, and the task goes on waiting for a right one."""
    with podium.connect(url) as client:
        run_id = client.start(asking)
        with pytest.raises(InvalidRequest) as raised:
            client.complete_task(run_id, "approve", output)
        assert said in str(raised.value)
        client.complete_task(run_id, "approve", {"approved": True})
        assert client.wait(run_id, 10).output == {"approved": True, "by": None}


def test_a_result_by_the_id_of_its_attempt_is_held_against_it_too(url: str) -> None:
    """By name, what was given before counts; a failure needs no result."""
    with podium.connect(url) as client:
        run_id = client.start(asking)
        attempt = client.get(run_id).tasks[0]
        given = TaskResult(workflow_instance_id=run_id, task_id=attempt.task_id, status=TaskStatus.COMPLETED)
        with pytest.raises(InvalidRequest, match="approved is missing"):
            client.update_task(given)
        client.complete_task(run_id, "approve", {"approved": False}, status=TaskStatus.IN_PROGRESS)
        client.complete_task(run_id, "approve", {"by": "Ann"})
        assert client.wait(run_id, 10).output == {"approved": False, "by": "Ann"}

        failing = client.start(asking)
        client.complete_task(failing, "approve", status=TaskStatus.FAILED_WITH_TERMINAL_ERROR)
        assert client.wait(failing, 10).status is RunStatus.FAILED


def test_steps_of_called_and_embedded_workflows_are_known_too(url: str) -> None:
    """The child's run is found by its workflow's name."""
    with podium.connect(url) as client:
        run_id = client.start(carrying)
        for reference_name in ("asking", "inner"):
            child = called(client, run_id, reference_name)
            with pytest.raises(InvalidRequest, match="approved is missing"):
                client.complete_task(child, "approve", {})
            client.complete_task(child, "approve", {"approved": True})
        assert client.wait(run_id, 10).status is RunStatus.COMPLETED


def test_scalars_stand_under_result_also_in_loops(url: str) -> None:
    """Each iteration's task is held against the step."""

    @workflow
    def counting() -> None:
        with loop("each", max_iterations=1):
            wait("count", returns=int)

    with podium.connect(url) as client:
        run_id = client.start(counting)
        for wrong, said in (({}, "result is missing"), ({"result": "1"}, "a whole number is expected")):
            with pytest.raises(InvalidRequest, match=said):
                client.complete_task(run_id, "count__1", wrong)
        client.complete_task(run_id, "count__1", {"result": 1})
        assert client.wait(run_id, 10).status is RunStatus.COMPLETED


def test_a_client_that_knows_only_the_json_takes_everything(url: str) -> None:
    """JSON holds no types."""
    with podium.connect(url) as client:
        run_id = client.start(asking.definition)
        client.complete_task(run_id, "approve")
        assert client.wait(run_id, 10).status is RunStatus.COMPLETED


@attrs.frozen
class Ticket:
    """What may be sold out."""

    seat: int
    row: str | None = None


@podium.task
def sell(wanted: int) -> Ticket | None:
    """Sell a ticket, if there is one."""
    return Ticket(wanted) if wanted else None


@podium.task
def told(ticket: Ticket | None) -> str:
    """Say what has come."""
    return repr(ticket)


@workflow
def buying(wanted: int) -> Ticket | None:
    """Buy, tell, and give what was bought."""
    ticket = sell(wanted).output
    told(ticket)
    return ticket


@workflow
def buying_for(wanted: int) -> str:
    """Tell what another workflow has bought."""
    return told(buying(wanted).output).output


@pytest.mark.parametrize(("wanted", "ticket"), [(7, Ticket(7)), (0, None)])
def test_a_record_or_none_arrives_as_what_it_was(wanted: int, ticket: Ticket | None) -> None:
    """At the next task, as the result of the run, and at a task behind a sub-workflow."""
    run = buying.run(wanted=wanted)
    assert run.result == ticket
    assert run.tasks[-1].output_data == {"result": repr(ticket)}
    assert buying_for.run(wanted=wanted).result == repr(ticket)


def test_a_misspelt_record_is_not_taken_for_none() -> None:
    """Only an object without other keys is."""

    @podium.task(name="sell")
    def sold_wrongly(wanted: int) -> dict[str, int]:
        return {"seats": wanted}

    run = buying.run(workers=[sold_wrongly], wanted=1)
    assert run.failing_task is not None
    assert run.failing_task.reason_for_incompletion == "the input does not fit: ticket.seat is missing"


def test_a_person_who_may_give_nothing_gives_nothing(url: str) -> None:
    """A step that returns a record or None is completed without an output."""

    @workflow
    def asked() -> Ticket | None:
        return human("which", returns=Ticket | None).output

    with podium.connect(url) as client:
        run_id = client.start(asked)
        client.complete_task(run_id, "which")
        assert client.wait(run_id, 10).output == {"seat": None, "row": None}
