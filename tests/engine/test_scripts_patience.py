"""Scripts that need long are run where one can wait."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from podium.engine.expressions.javascript import ScriptError, ScriptTimeout
from podium.engine.scripts import IsolatedScripts, ScriptPending

SLOW = "let n = 0; for (let i = 0; i < 5e6; i++) { n += i % 7 } n > 0 ? $.x : 0"


@pytest.fixture
def scripts() -> Iterator[IsolatedScripts]:
    """Scripts that are stopped in the end."""
    made = IsolatedScripts()
    yield made
    made.close()


def run_aside(scripts: IsolatedScripts, pending: ScriptPending) -> None:
    """Run a script aside and wait for it."""
    done = threading.Event()
    scripts.run_aside(pending, done.set)
    assert done.wait(30)


def test_a_formula_is_evaluated_at_once(scripts: IsolatedScripts) -> None:
    """No process is started for a condition, also in the form that SDKs write."""
    condition = "if ($.poll['iteration'] >= 30) { false; } else { true; }"

    assert scripts.evaluate(condition, {"poll": {"iteration": 3}}) is True


def test_a_formula_over_much_input_runs_as_any_other_script(scripts: IsolatedScripts) -> None:
    """It is given to a child, and gives the same value."""
    condition = " && ".join(["$.a <= $.a"] * 120)
    given = {"a": list(range(20_000)), "unread": object()}

    try:
        assert scripts.evaluate(condition, given) is True
    except ScriptPending as pending:
        run_aside(scripts, pending)
        assert scripts.evaluate(condition, given) is True


def test_a_slow_script_goes_on_while_it_is_waited_for(scripts: IsolatedScripts) -> None:
    """It is not begun again when the kernel's patience ends, and its process serves others afterwards."""
    began = "let n = Date.now(); while (Date.now() < n + 120); [n]"
    with pytest.raises(ScriptPending) as caught:
        scripts.evaluate(began, {})
    before = time.time() * 1000
    run_aside(scripts, caught.value)

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
    with pytest.raises(ScriptPending) as caught:
        scripts.evaluate(SLOW, {"x": 7})
    run_aside(scripts, caught.value)

    assert scripts.evaluate(SLOW, {"x": 7}) == 7


def test_a_result_is_used_by_one_decision_only(scripts: IsolatedScripts) -> None:
    """After the commit the same script with the same input is a new call; a random script must not repeat itself."""
    with pytest.raises(ScriptPending) as caught:
        scripts.evaluate(SLOW, {"x": 7})
    run_aside(scripts, caught.value)
    scripts.evaluate(SLOW, {"x": 7})
    scripts.settled()

    with pytest.raises(ScriptPending):
        scripts.evaluate(SLOW, {"x": 7})


def test_an_endless_script_ends_by_its_limit_and_quick_ones_go_on(scripts: IsolatedScripts) -> None:
    """An endless script holds nobody up: a quick one answers while it runs, and in the end it has timed out."""
    with pytest.raises(ScriptPending) as caught:
        scripts.evaluate("for (;;) {}", {})
    done = threading.Event()
    scripts.run_aside(caught.value, done.set)

    assert scripts.evaluate("[1, 2].map(x => x * $.x)", {"x": 2}) == [2, 4]
    assert done.wait(30)
    with pytest.raises(ScriptTimeout):
        scripts.evaluate("for (;;) {}", {})


def test_an_endless_query_ends_too(scripts: IsolatedScripts) -> None:
    """Jq knows no limit of its own; the process it runs in does."""
    with pytest.raises(ScriptPending) as caught:
        scripts.transform("[range(1e12)] | length", {})

    assert caught.value.kind == "query"
    assert scripts.transform(".x", {"x": 1}) == (1, [1])


def test_a_script_that_cannot_be_run_fails_instead_of_leaving_the_decision_waiting(scripts: IsolatedScripts) -> None:
    """Whatever stops the helper process from being asked, the decision hears of it."""
    scripts._aside.close()
    scripts._aside = None  # type: ignore[assignment]  # stands for anything that breaks
    run_aside(scripts, ScriptPending("script", "[$.x].length", {"x": 1}))

    with pytest.raises(ScriptError, match="could not be run"):
        scripts.evaluate("[$.x].length", {"x": 1})
    scripts._aside = scripts._near
