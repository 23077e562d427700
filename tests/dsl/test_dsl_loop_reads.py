"""What a loop's condition reads of its body is null where it is missing, as it is in every other place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from podium.dsl import Step, Workflow, inline, is_null, loop, noop, switch, system_task
from podium.expressions.javascript import evaluate
from podium.expressions.plain_script import plain_script

#: What a condition reads, by what it is called below.
READS: Mapping[str, str] = {
    "state": "$.look['state']",
    "deeper": "$.look['order']?.['lines']",
    "last": "$.look['rows']?.at(-1)",
    "item": "$.look['rows']?.[1]?.['sku']",
    "of_a_case": "$.fast?.['result']",
}


def _condition(name: str) -> str:
    """Return the script of a loop that stops when the value is null."""
    wf = Workflow("w", inputs=["speed"])
    with wf, loop("poll") as poll:
        look: Step[Any] = system_task("look", "HTTP")
        with switch("way", wf.input("speed")) as way:
            with way.case("X"):
                fast = inline("fast", "1")
            with way.otherwise():
                noop("slow")
        values = {
            "state": look.output.state,
            "deeper": look.output.order.lines,
            "last": look.output.rows[-1],
            "item": look.output.rows[1].sku,
            "of_a_case": fast.output,
        }
        poll.until(is_null(values[name]))
    return str(wf.definition.tasks[0].loop_condition)


@pytest.mark.parametrize("name", READS)
def test_members_that_may_be_missing_are_read_with_care(name: str) -> None:
    """The output of a step that always runs is there; what lies inside it, and other steps, need not be."""
    assert _condition(name) == f"if ({READS[name]} == null) {{ false; }} else {{ true; }}"


@pytest.mark.parametrize("name", READS)
def test_a_missing_member_is_null(name: str) -> None:
    """The loop goes on by its condition, where plain members would have failed it."""
    assert evaluate(_condition(name), {"look": {}, "poll": {"iteration": 1}}) is False


@pytest.mark.parametrize("name", READS)
def test_a_member_that_is_there_is_read(name: str) -> None:
    """With all values given, nothing is null; formulas say so on the quick way too."""
    output = {"state": "DONE", "order": {"lines": 3}, "rows": [{}, {"sku": "A"}]}
    given: dict[str, Any] = {"look": output, "fast": {"result": 0}, "poll": {"iteration": 1}}
    formula = plain_script(_condition(name))

    assert evaluate(_condition(name), given) is True
    assert (formula is None) == (name == "last")
    assert formula is None or formula.evaluate(given) is True
