"""Scripts that need long are run where one can wait."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from podium.engine.missing import Missing, ScriptCall
from podium.engine.scripts import IsolatedScripts
from podium.expressions.javascript import ScriptError, ScriptTimeout
from podium.model.values import JsonValue

SLOW = "let n = 0; for (let i = 0; i < 5e6; i++) { n += i % 7 } n > 0 ? $.x : 0"


@pytest.fixture
def scripts() -> Iterator[IsolatedScripts]:
    """Scripts that are stopped in the end."""
    made = IsolatedScripts()
    yield made
    made.close()


def run_aside(scripts: IsolatedScripts, call: ScriptCall) -> None:
    """Run a script aside and wait for it."""
    done = threading.Event()
    scripts.run_aside(call, done.set)
    assert done.wait(30)


def lacking(scripts: IsolatedScripts, script: str, bindings: dict[str, JsonValue]) -> ScriptCall:
    """Return what a decision lacks that evaluates a script for the first time."""
    with pytest.raises(Missing) as caught:
        scripts.evaluate(script, bindings)
    assert isinstance(caught.value.need, ScriptCall)
    return caught.value.need


def slow(scripts: IsolatedScripts, script: str, bindings: dict[str, JsonValue]) -> ScriptCall:
    """Return the call of a script for which the kernel's thread does not wait."""
    call = lacking(scripts, script, bindings)
    assert not scripts.run(call)
    return call


def test_a_formula_is_evaluated_at_once(scripts: IsolatedScripts) -> None:
    """No process is started for a condition, also in the form that SDKs write."""
    condition = "if ($.poll['iteration'] >= 30) { false; } else { true; }"

    assert scripts.evaluate(condition, {"poll": {"iteration": 3}}) is True


def test_a_formula_over_much_input_runs_as_any_other_script(scripts: IsolatedScripts) -> None:
    """It is given to a child, and gives the same value."""
    condition = " && ".join(["$.a <= $.a"] * 120)
    given = {"a": list(range(20_000)), "unread": object()}

    call = lacking(scripts, condition, given)
    if not scripts.run(call):
        run_aside(scripts, call)
    assert scripts.evaluate(condition, given) is True


def test_a_quick_result_is_used_once(scripts: IsolatedScripts) -> None:
    """The call right after gives it, also for a number that equals nothing; the next call of the same is a new one."""
    given: dict[str, JsonValue] = {"x": float("nan")}
    assert scripts.run(lacking(scripts, "[1].concat($.x)", given))

    assert scripts.evaluate("[1].concat($.x)", {"x": float("nan")}) == [1, None]
    lacking(scripts, "[1].concat($.x)", given)


def test_a_result_is_that_of_its_input(scripts: IsolatedScripts) -> None:
    """The same script with another input is not answered by it."""
    assert scripts.run(lacking(scripts, "[$.x].length + $.x", {"x": 1}))

    assert scripts.run(lacking(scripts, "[$.x].length + $.x", {"x": 2}))
    assert scripts.evaluate("[$.x].length + $.x", {"x": 2}) == 3


def test_a_slow_script_goes_on_while_it_is_waited_for(scripts: IsolatedScripts) -> None:
    """It is not begun again when the kernel's patience ends, and its process serves others afterwards."""
    began = "let n = Date.now(); while (Date.now() < n + 120); [n]"
    call = slow(scripts, began, {})
    before = time.time() * 1000
    run_aside(scripts, call)

    assert scripts.evaluate(began, {})[0] < before
    assert scripts._near._spares.qsize() == 1


def test_all_results_that_a_decision_needs_are_kept(scripts: IsolatedScripts) -> None:
    """However many slow scripts one decision meets; what is too much in bytes goes, the oldest first."""
    for number in range(1000):
        scripts._keep(("script", f"slow({number})", b"{}"), number, None)
    assert [scripts.evaluate(f"slow({number})", {}) for number in range(1000)] == list(range(1000))

    scripts._keep(("script", "large", b"{}"), "x" * 70_000_000, None)
    assert list(scripts._results) == [("script", "large", b"{}")]
    scripts._used.add(("script", "large", b"{}"))
    scripts.settled()
    assert (scripts._kept_bytes, len(scripts._results)) == (0, 0)


def test_a_slow_script_breaks_the_decision_off_and_answers_when_it_is_made_again(scripts: IsolatedScripts) -> None:
    """The first call asks for patience; after the script has run aside, the same call gives its value."""
    call = slow(scripts, SLOW, {"x": 7})
    run_aside(scripts, call)

    assert scripts.evaluate(SLOW, {"x": 7}) == 7


def test_a_result_is_used_by_one_decision_only(scripts: IsolatedScripts) -> None:
    """After the commit the same script with the same input is a new call; a random script must not repeat itself."""
    call = slow(scripts, SLOW, {"x": 7})
    run_aside(scripts, call)
    scripts.evaluate(SLOW, {"x": 7})
    scripts.settled()

    lacking(scripts, SLOW, {"x": 7})


def test_an_endless_script_ends_by_its_limit_and_quick_ones_go_on(scripts: IsolatedScripts) -> None:
    """An endless script holds nobody up: a quick one answers while it runs, and in the end it has timed out."""
    call = slow(scripts, "for (;;) {}", {})
    done = threading.Event()
    scripts.run_aside(call, done.set)

    assert scripts.run(lacking(scripts, "[1, 2].map(x => x * $.x)", {"x": 2}))
    assert scripts.evaluate("[1, 2].map(x => x * $.x)", {"x": 2}) == [2, 4]
    assert done.wait(30)
    with pytest.raises(ScriptTimeout):
        scripts.evaluate("for (;;) {}", {})


def test_an_endless_query_ends_too(scripts: IsolatedScripts) -> None:
    """Jq knows no limit of its own; the process it runs in does."""
    endless = ScriptCall("query", "[range(1e12)] | length", {})
    assert not scripts.run(endless)

    assert scripts.run(ScriptCall("query", ".x", {"x": 1}))
    assert scripts.transform(".x", {"x": 1}) == (1, [1])


def test_a_script_that_cannot_be_run_fails_instead_of_leaving_the_decision_waiting(scripts: IsolatedScripts) -> None:
    """Whatever stops the helper process from being asked, the decision hears of it."""
    scripts._aside.close()
    scripts._aside = None  # type: ignore[assignment]  # stands for anything that breaks
    run_aside(scripts, ScriptCall("script", "[$.x].length", {"x": 1}))

    with pytest.raises(ScriptError, match="could not be run"):
        scripts.evaluate("[$.x].length", {"x": 1})
    scripts._aside = scripts._near
