"""The typed lie and its guard rails: references refuse what would need the value now, and say what to write."""

from __future__ import annotations

import copy
import datetime as dt
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from dsl_samples import Fraud, Payment, Probe, charge, check_fraud, probe, reserve

from podium.dsl import Ref, Workflow, inline, is_in, raw, ref, switch, variable, wait, when, workflow
from podium.model.errors import AuthoringError

AMOUNT: Any = ref("workflow.input.amount", float)
#: The task without its types: the guards are for those who use no type checker.
PAY: Any = charge
FRAUD: Any = ref("fraud.output", Fraud)


@pytest.mark.parametrize(
    ("use", "advice"),
    [
        (lambda: bool(AMOUNT), "when"),
        (lambda: AMOUNT and 1, "&"),
        (lambda: not AMOUNT, "when"),
        (lambda: list(AMOUNT), "for_each"),
        (lambda: len(AMOUNT), "len_"),
        (lambda: int(AMOUNT), "int_"),
        (lambda: float(AMOUNT), "float_"),
        (lambda: complex(AMOUNT), "inline"),
        (lambda: round(AMOUNT), "floor"),
        (lambda: math.floor(AMOUNT), "floor"),
        (lambda: range(AMOUNT), "loop"),
        (lambda: [1, 2][AMOUNT], "switch"),
        (lambda: 3 in AMOUNT, "contains"),
        (lambda: {AMOUNT: 1}, "key"),
        (lambda: {"a": 1}[AMOUNT], "switch"),
        (lambda: AMOUNT.upper() + "!", "write upper(value)"),
        (lambda: AMOUNT.get("a"), "write value['key']"),
        (lambda: dict(AMOUNT), "jq"),
        (lambda: AMOUNT.append(1), "set_variable"),
        (lambda: AMOUNT.split(","), "js("),
        (lambda: sorted(AMOUNT), "jq"),
        (lambda: max(AMOUNT, 3), "min_"),
        (lambda: AMOUNT[1:2], "jq"),
        (lambda: f"{AMOUNT:.2f}", "inline"),
        (lambda: setattr(FRAUD, "score", 3), "set_variable"),
        (lambda: bool(AMOUNT > 3), "when"),
        (lambda: 1 < AMOUNT < 3, "parentheses"),
        (lambda: AMOUNT > 1 or AMOUNT < 0, "&"),
        (lambda: AMOUNT in [1, 2], "is_in"),
        (lambda: str(AMOUNT + 1), "inline"),
        (lambda: f"{AMOUNT + 1}", "inline"),
        (lambda: {AMOUNT > 1}, "key"),
        (lambda: float("inf") < AMOUNT, "JSON"),
        (lambda: object() == AMOUNT, "reference"),
        (lambda: PAY("1", amount=AMOUNT * 2), "inline"),
        (lambda: PAY("1", amount="EUR " + ref("workflow.input.text")), "f-string"),
        (lambda: dt.date(2026, 1, 1) < ref("workflow.input.day"), "no times"),
        (lambda: PAY("1", amount=float("nan")), "JSON"),
        (lambda: PAY("1", amount={1: 2}), "key"),
        (lambda: PAY("1", amount={f"{AMOUNT}": 2}), "keys"),
        (lambda: PAY("1", amount=object()), "attrs"),
        (lambda: PAY("1", amount=charge), "call it"),
        (lambda: PAY("1", amount=charge("2", 3.0)), ".output"),
        (lambda: when("w", bool(3)), "plain Python value"),
        (lambda: switch("s", "EXPRESS"), "plain Python value"),
        (lambda: switch("s", charge("2", 3.0)), ".output"),
        (lambda: bool(charge("2", 3.0)), "when"),
        (lambda: inline("i", 3), "script"),
        (lambda: wait("w", duration="1.5 s"), "10 seconds"),
        (lambda: wait("w", duration="1 s", until="2026-01-01"), "not both"),
    ],
)
def test_what_needs_the_value_now_is_refused_at_its_line(use: Callable[[], object], advice: str) -> None:
    """Each raises P1 at the line of the author, and names what to write instead."""
    with pytest.raises(AuthoringError) as caught:
        use()

    assert caught.value.code == "P1"
    assert advice in str(caught.value)
    assert caught.value.place is not None
    assert Path(__file__).name in caught.value.place


def test_a_reference_may_be_copied() -> None:
    """A template that holds references can be copied; they are values."""
    assert copy.deepcopy({"a": [AMOUNT]})["a"][0] is AMOUNT
    assert copy.copy(AMOUNT) is AMOUNT


def test_a_misspelt_field_is_refused_with_the_nearest_one() -> None:
    """A record's fields are known while the workflow is written (R2)."""
    with pytest.raises(AuthoringError, match="did you mean 'verdict'") as caught:
        _ = FRAUD.verdit

    assert caught.value.code == "R2"


def test_references_write_paths_that_conductor_reads() -> None:
    """Attributes, keys and positions become one path; odd keys are quoted."""
    anything: Any = ref("step.output")

    assert str(anything.a.b) == "${step.output.a.b}"
    assert str(anything["a"][0]["x y"][-1]) == "${step.output.a[0]['x y'][-1]}"
    assert str(anything["it's"]) == "${step.output['it\\'s']}"
    assert f"score {FRAUD.score}!" == "score ${fraud.output.score}!"
    assert repr(variable("total")) == "<Ref ${workflow.variables.total}>"


def test_output_paths_follow_the_return_annotation() -> None:
    """A record's fields lie in the output itself, any other result lies under ``result``."""
    paid = charge("1", 2.0)
    found = probe("u")

    assert str(paid.output.id) == "${charge.output.id}"
    assert str(found.output.names[0]) == "${probe.output.names[0]}"
    assert str(found.output.profiles[0].rate) == "${probe.output.profiles[0].rate}"
    assert isinstance(paid.output, Ref)
    assert (str(paid.status), str(paid.task_id)) == ("${charge.status}", "${charge.taskId}")


def test_returned_values_become_output_parameters() -> None:
    """A record gives its fields, a reference to a record too, anything else ``result``, None nothing."""

    @workflow
    def record(order_id: str) -> Payment:
        return Payment(id=order_id, amount=charge(order_id, 1.0).output.amount)

    @workflow
    def output(order_id: str) -> Payment:
        return charge(order_id, 1.0).output

    @workflow
    def value(order_id: str) -> str:
        return charge(order_id, 1.0).output.id

    @workflow
    def nothing(order_id: str) -> None:
        charge(order_id, 1.0)

    assert (record.definition.output_parameters) == {
        "id": "${workflow.input.order_id}",
        "amount": "${charge.output.amount}",
    }
    assert output.definition.output_parameters == {"id": "${charge.output.id}", "amount": "${charge.output.amount}"}
    assert value.definition.output_parameters == {"result": "${charge.output.id}"}
    assert nothing.definition.output_parameters == {}


def test_a_wrong_return_is_refused() -> None:
    """A workflow that promises a record and gives a text is wrong."""

    @workflow
    def liar(order_id: str) -> Probe:
        charge(order_id, 1.0)
        return "x"  # type: ignore[return-value]  # the mistake under test

    with pytest.raises(AuthoringError, match="declared to return Probe"):
        _ = liar.definition


def test_validators_of_records_do_not_meet_references() -> None:
    """A record with a validator can be returned with references in it."""
    import attrs

    @attrs.define
    class Strict:
        amount: float = attrs.field(validator=attrs.validators.instance_of(float))

    @workflow
    def strict(order_id: str) -> Strict:
        return Strict(amount=charge(order_id, 1.0).output.amount)

    assert strict.definition.output_parameters == {"amount": "${charge.output.amount}"}
    with pytest.raises(TypeError):
        Strict(amount="x")  # type: ignore[arg-type]  # validators are on again


def test_inputs_of_a_step_may_be_nested_and_hold_records() -> None:
    """Maps, lists and records are taken apart, references inside them become text."""
    step = raw({"name": "n", "taskReferenceName": "n", "inputParameters": {"a": [{"b": AMOUNT}], "p": Payment("1", 2)}})
    wf = Workflow("w") >> step

    assert (wf.definition.tasks[0].input_parameters) == {
        "a": [{"b": "${workflow.input.amount}"}],
        "p": {"id": "1", "amount": 2},
    }


def test_wrong_arguments_are_refused_with_the_nearest_name() -> None:
    """A call is bound against the function's own signature (R3)."""
    with pytest.raises(AuthoringError, match="did you mean 'amount'") as caught:
        charge("1", amuont=2.0)  # type: ignore[call-arg]  # the mistake under test
    with pytest.raises(AuthoringError, match="missing a required argument"):
        reserve("1")  # type: ignore[call-arg]  # the mistake under test

    assert caught.value.code == "R3"


def test_a_membership_can_be_written() -> None:
    """What Python's ``in`` cannot be is written as a function."""
    fraud = check_fraud("1", 2.0)

    assert (
        repr(is_in(fraud.output.verdict, ["OK", "REJECT"]))
    ) == '<Expression ["OK", "REJECT"].includes(${check_fraud.output.verdict})>'
