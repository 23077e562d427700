"""A condition means in JavaScript what it means in Python."""

from __future__ import annotations

import json
import operator
from collections.abc import Callable, Mapping
from typing import Any

import quickjs
from hypothesis import given
from hypothesis import strategies as st

from podium.dsl import Workflow, contains, inline, is_in, len_, noop, not_, ref, when
from podium.dsl.bindings import ScriptInputs
from podium.dsl.javascript import compile_js

NAMES = ("a", "b", "c")
INPUTS: Mapping[str, Any] = {name: ref(f"workflow.input.{name}") for name in NAMES}

#: How to make an expression, given what stands for its variables: references, or numbers.
Maker = Callable[[Mapping[str, Any]], Any]


def _variable(name: str) -> Maker:
    return lambda values: values[name]


def _constant(value: object) -> Maker:
    return lambda _: value


def _binary(combine: Callable[[Any, Any], Any], left: Maker, right: Maker) -> Maker:
    return lambda values: combine(left(values), right(values))


_numbers = st.integers(-20, 20).map(_constant) | st.sampled_from(NAMES).map(_variable)
_arithmetic = st.recursive(
    _numbers,
    lambda inner: (
        st.builds(
            _binary,
            st.sampled_from([operator.add, operator.sub, operator.mul]),
            inner,
            inner,
        )
        | st.builds(
            _binary, st.sampled_from([operator.mod, operator.floordiv]), inner, st.sampled_from([3, -4]).map(_constant)
        )
    ),
    max_leaves=6,
)
_comparisons = st.builds(
    _binary,
    st.sampled_from([operator.eq, operator.ne, operator.lt, operator.le, operator.gt, operator.ge]),
    _arithmetic,
    _arithmetic,
)
_conditions = st.recursive(
    _comparisons,
    lambda inner: (
        st.builds(_binary, st.sampled_from([operator.and_, operator.or_]), inner, inner)
        | inner.map(lambda make: lambda values: not_later(make(values)))
    ),
    max_leaves=5,
)


def not_later(value: Any) -> Any:
    """Negate a truth value of Python, or a condition."""
    return (not value) if isinstance(value, bool) else not_(value)


def _evaluate(script: str, inputs: Mapping[str, Any]) -> Any:
    context = quickjs.Context()
    context.eval(f"var $ = {json.dumps(dict(inputs))};")
    return context.eval(script)


def _script(value: Any) -> str:
    return compile_js(value, ScriptInputs())


@given(_conditions, st.fixed_dictionaries({name: st.integers(-20, 20) for name in NAMES}))
def test_conditions_mean_the_same_in_javascript(make: Maker, values: dict[str, int]) -> None:
    """Comparisons of arithmetic, joined by & | and negated, agree for all values."""
    assert bool(make(values)) == bool(_evaluate(_script(make(INPUTS)), values))


@given(_arithmetic, st.fixed_dictionaries({name: st.integers(-20, 20) for name in NAMES}))
def test_arithmetic_means_the_same_in_javascript(make: Maker, values: dict[str, int]) -> None:
    """Also where Python's rounding differs from JavaScript's own."""
    assert make(values) == _evaluate(_script(make(INPUTS)), values)


@given(st.text(max_size=5), st.lists(st.text(max_size=5), max_size=4))
def test_membership_means_the_same_in_javascript(text: str, options: list[str]) -> None:
    """is_in, contains and len_ agree with Python's own, for any text that JSON can carry."""
    values = {"a": text, "b": options}

    assert (text in options) == _evaluate(_script(is_in(INPUTS["a"], options)), values)
    assert (text in options) == _evaluate(_script(contains(INPUTS["b"], INPUTS["a"])), values)
    assert len(options) == _evaluate(_script(len_(INPUTS["b"])), values)


@given(st.text(max_size=8))
def test_text_literals_survive(text: str) -> None:
    """Quotes, backslashes and line ends in a literal do not break the script."""
    if "${" not in text:
        assert _evaluate(_script(INPUTS["a"] == text), {"a": text})


def test_powers_and_signs_are_valid_javascript() -> None:
    """JavaScript refuses a bare sign before a power; parentheses are added."""
    a, b = INPUTS["a"], INPUTS["b"]

    assert _evaluate(_script((-a) ** 2), {"a": 3}) == 9
    assert _evaluate(_script(-(a**2)), {"a": 3}) == -9
    assert _evaluate(_script(a ** (b**2)), {"a": 2, "b": 3}) == 512
    assert _evaluate(_script((a**b) ** 2), {"a": 2, "b": 3}) == 64
    assert _evaluate(_script(abs(a - 8)), {"a": 3}) == 5
    assert _evaluate(_script(1 / (a - 1)), {"a": 3}) == 0.5


def test_parentheses_are_few() -> None:
    """The script reads as an author would write it."""
    a, b = INPUTS["a"], INPUTS["b"]

    assert _script((a + 1 > 2 * (b - 3)) & ~(a == 4)) == "$.a + 1 > 2 * ($.b - 3) && !($.a == 4)"
    assert _script((a == None) | (b == True) | (a == "x")) == '$.a == null || $.b == true || $.a == "x"'  # noqa: E711, E712  # the comparison is the point


def test_each_reference_gets_an_input_of_its_own() -> None:
    """Names come from the references; where two would be the same, the later one gets its full path."""
    wf = Workflow("w")
    with wf, when("w", (ref("workflow.input.a_b") > 1) & (ref("workflow.input.a.b") > 2) & (ref("a.output.b") > 3)):
        noop("n")

    task = wf.definition.tasks[0]

    assert task.expression == "$.a_b > 1 && $.workflow_input_a_b > 2 && $.a_output_b > 3 ? 'true' : 'false'"
    assert task.input_parameters == {
        "a_b": "${workflow.input.a_b}",
        "workflow_input_a_b": "${workflow.input.a.b}",
        "a_output_b": "${a.output.b}",
    }


def test_an_inline_step_computes_an_expression() -> None:
    """Arithmetic is written as Python and runs as a script."""
    step = inline("total", INPUTS["a"] * 2 + INPUTS["b"], returns=float)

    assert str(step.output) == "${total.output.result}"
    assert _evaluate(step.input_parameters["expression"], {"a": 3, "b": 2}) == 8


@given(st.sampled_from(["DE", "FR", "IT", "null", ""]))
def test_a_case_with_several_values_has_one_name(country: str) -> None:
    """Each of the values gives the first one's case; the others give themselves."""
    from podium.dsl import switch

    wf = Workflow("w")
    with wf, switch("s", wf.input("country")) as chosen, chosen.case("DE", "FR"):
        noop("n")
    task = wf.definition.tasks[0]

    found = _evaluate(task.expression or "", {"switchCaseValue": country})

    assert ("DE" if country in {"DE", "FR"} else country) == found
