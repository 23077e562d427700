"""How a run would have gone if some of its steps had gone otherwise."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from podium import WorkflowRun, fork, human, loop, switch, task, wait, workflow
from podium.model.errors import InvalidRequest
from podium.testing import connect, failed, simulate, timed_out, what_if

called: list[str] = []


@task(retries=1, retry_delay="1h", response_timeout="10m")
def charge(amount: int) -> str:
    """Charge, and say so."""
    called.append("charge")
    return f"receipt {amount}"


@task
def refund(receipt: str) -> None:
    """Undo the charge."""
    called.append("refund")


@task
def look(amount: int) -> str:
    """Look where it is."""
    return "HERE"


@task
def ship(receipt: str) -> str:
    """Ship it."""
    return "shipped"


@workflow
def delivery(receipt: str) -> str:
    """Ship, in a workflow of its own."""
    return ship(receipt).output


@workflow
def order(amount: int) -> str:
    """Charge, look for it, deliver; a failure gives the money back."""
    paid = charge(amount)
    paid.undo(refund, receipt=paid.output)
    with loop("search", max_iterations=5) as search:
        found = look(amount)
        search.until(found.output == "HERE")
    with switch("where", found.output) as where:
        with where.case("HERE"):
            delivery(paid.output)
        with where.otherwise():
            human("ask")
    wait("pause", duration="30 days")
    return paid.output


@pytest.fixture(scope="module")
def done() -> Iterator[WorkflowRun]:
    """An order that went well, from a client that is still there."""
    with connect(start="2026-03-01") as client, client.workers(order.tasks):
        client.register(order)
        yield client.run(order, {"amount": 3})


def test_what_if_nothing_changes_what_happened_happens_again(done: WorkflowRun) -> None:
    """The simulated run goes the way of the real one, in the same times, and no function is called."""
    called.clear()
    told = what_if(done)

    assert (told.run.status, told.run.output, told.run.create_time) == ("COMPLETED", done.output, done.create_time)
    assert not told.diff
    assert (told.title, told.assumed, told.undone, called) == ("if all had gone on as it does", frozenset(), (), [])


def test_a_step_that_had_failed_is_retried_and_undoes_the_run(done: WorkflowRun) -> None:
    """Retries are those of the definition, and what would undo the run is simulated too."""
    told = done.what_if({"delivery": failed("no lorry")})

    assert (told.run.status, told.undone, told.assumed) == ("FAILED", ("charge",), frozenset())
    assert told.title == "if 'delivery' had failed: no lorry"
    text = told.describe()
    assert "  happened: COMPLETED\n  would be: FAILED after" in text
    assert "  undone: charge\n" in text
    assert "'delivery' is COMPLETED -> FAILED" in text


def test_a_step_inside_a_sub_workflow_is_named_by_its_way(done: WorkflowRun) -> None:
    """``delivery/ship`` is the step within; everything else in there goes as it went."""
    told = done.what_if({"delivery/ship": failed("torn", terminal=True)})

    assert (told.run.status, told.undone) == ("FAILED", ("charge",))
    assert told.diff.first[0].startswith("inside 'delivery': 'ship' is COMPLETED -> FAILED_WITH_TERMINAL_ERROR: torn")


def test_a_worker_that_was_never_heard_of_again_times_out(done: WorkflowRun) -> None:
    """The time-outs of the step end it, in virtual time."""
    told = done.what_if({"charge": timed_out()})

    assert (told.run.status, told.title) == ("TIMED_OUT", "if 'charge' had timed out")
    assert told.run.end_time - told.run.create_time >= 2 * 600_000


def test_another_value_may_take_another_way(done: WorkflowRun) -> None:
    """What lies on the new way and was never done is taken to end well, and is told not to be certain."""
    told = done.what_if({"look": "AWAY"})

    assert (told.run.status, told.title) == ("COMPLETED", 'if \'look\' had given {"result": "AWAY"}')
    assert told.assumed == {"ask"}
    assert "not certain, for nobody knows what they would give: ask" in str(told)
    assert "'where' came to the case 'HERE' -> the case 'AWAY'; only A came to 'delivery', only B came to 'ask'" in str(
        told
    )


def test_one_turn_of_a_loop_may_go_otherwise(done: WorkflowRun) -> None:
    """A turn is named as in the run; turns that were never made give what the last one gave."""
    told = done.what_if({"look__1": "AWAY"})

    assert told.diff.first[0] == "'search' came to 1 turn -> 2 turns"
    assert (told.run.status, told.assumed) == ("COMPLETED", {"look__2"})


def test_another_input_is_simulated_too(done: WorkflowRun) -> None:
    """The steps give what they gave, so only what the input decides differs."""
    told = done.what_if(input={"amount": 4})

    assert told.title == "if the input had been another"
    assert told.diff.first == ("the input differs: amount: 3 -> 4",)


def test_a_run_that_failed_or_goes_on_can_be_brought_to_its_end() -> None:
    """Of a failed run a step may have gone well; of one that goes on, what is to come is taken to end well."""
    broken = simulate(order, {"amount": 3}, {"charge": failed("no route")})
    waits = simulate(order, {"amount": 3}, {"look": "AWAY", "charge": "r"}, only_mocks=True)

    mended = what_if(broken, {"charge": "r7", "look": "HERE", "delivery": "there"}, others=[order])
    went_on = what_if(waits, others=[order])
    assert (broken.status, mended.run.status, mended.run.output) == ("FAILED", "COMPLETED", {"result": "r7"})
    assert (waits.status, went_on.run.status, went_on.assumed) == ("RUNNING", "COMPLETED", {"ask"})


def test_wrong_questions_are_answered_in_words(done: WorkflowRun) -> None:
    """Unknown steps, mocks that cannot be, and what is no run name what to write instead."""
    with pytest.raises(InvalidRequest, match="did you mean 'charge'"):
        done.what_if({"chargé": failed()})
    with pytest.raises(InvalidRequest, match="is no status of a mock"):
        done.what_if({"charge": {"status": "LOST"}})
    with pytest.raises(InvalidRequest, match="what_if takes a run"):
        what_if("last")  # type: ignore[arg-type]
    with pytest.raises(InvalidRequest, match="without its definition"):
        what_if(evolve(done, workflow_definition=None))


def test_it_is_drawn_with_what_undoes_it(done: WorkflowRun, tmp_path: Path) -> None:
    """What happened and what would have are one picture, and the run that would undo it stands beside it."""
    told = what_if(done, {"delivery": failed("no lorry")})
    for suffix in ("svg", "txt", "json", "mmd"):
        told.render(tmp_path / f"if.{suffix}")
    drawn = (tmp_path / "if.svg").read_text()

    nodes: dict[str, Any] = {node.reference: node for node in told.picture().picture.nodes}
    assert nodes["undo_charge"].status == "COMPLETED"
    assert {"A ✓ completed", "B: no lorry"} <= {line.text for line in nodes["delivery"].lines}
    assert "what if &#39;delivery&#39; had failed: no lorry" in drawn
    assert json.loads((tmp_path / "if.json").read_text())["undone"] == ["charge"]
    assert (tmp_path / "if.txt").read_text() == told.describe()
    assert told._repr_mimebundle_()["text/plain"] == told.describe()


def test_a_simulated_run_knows_what_undoes_it() -> None:
    """The workflows that it was simulated with are at hand, as those of a client are."""
    happened = simulate(order, {"amount": 3})
    assert what_if(happened, {"delivery/ship": failed("no", terminal=True)}).undone == ("charge",)


def test_what_a_failure_cut_off_is_taken_to_end_well() -> None:
    """Nobody knows what it would have given; it is named, and no time-out ends it."""

    @workflow
    def both(amount: int) -> None:
        with fork("at_once") as at_once:
            with at_once.branch():
                human("sign")
            with at_once.branch():
                charge(amount)

    happened = simulate(both, {"amount": 3}, {"charge": failed("no", terminal=True)})
    told = what_if(happened, {"charge": "receipt"})
    assert (told.run.status, told.assumed) == ("COMPLETED", {"sign"})


@pytest.mark.parametrize("wrong", [5, "charge", ["charge"], {3: failed()}])
def test_what_names_no_steps_is_refused(wrong: Any) -> None:
    """In words that say what to write."""
    happened = simulate(order, {"amount": 3})
    with pytest.raises(InvalidRequest, match=r"mocks names steps and how they go instead|mocks=.* is expected"):
        what_if(happened, wrong)
