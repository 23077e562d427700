"""Every spelling of a condition means on the engine's own evaluator what it means in Python."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Mapping
from typing import Any, Literal, TypedDict

import pytest
from attrs import frozen
from hypothesis import given, settings
from hypothesis import strategies as st

from podium.dsl import (
    Workflow,
    ceil,
    contains,
    ends_with,
    float_,
    floor,
    human,
    if_,
    inline,
    int_,
    is_in,
    is_null,
    len_,
    loop,
    lower,
    max_,
    min_,
    noop,
    not_,
    ref,
    starts_with,
    str_,
    strip,
    switch,
    upper,
    when,
)
from podium.dsl.bindings import ScriptInputs
from podium.dsl.javascript import compile_js
from podium.expressions.javascript import evaluate
from podium.expressions.plain_script import plain_script
from podium.model.errors import AuthoringError


class Line(TypedDict):
    """A line of an order."""

    sku: str
    count: int


@frozen
class Order:
    """An order."""

    lines: list[Line]
    prices: dict[str, float]
    speed: str


#: The type of each input; the test's own data are built by it.
TYPES: Mapping[str, Any] = {"n": int, "m": int, "s": str, "t": str, "yes": bool, "l": list[int], "p": dict[str, int]}
REFS: Mapping[str, Any] = {name: ref(f"workflow.input.{name}", kind) for name, kind in TYPES.items()}
ORDER: Any = ref("workflow.input.order", Order)
SKU: Any = ref("workflow.input.sku", str)
I: Any = ref("workflow.input.i", int)  # noqa: E741  # an index

_ASCII = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=4).filter(lambda text: "${" not in text)
_VALUES = st.fixed_dictionaries(
    {
        "n": st.integers(-9, 9),
        "m": st.integers(-9, 9),
        "s": _ASCII,
        "t": _ASCII,
        "yes": st.booleans(),
        "l": st.lists(st.integers(-3, 3), min_size=1, max_size=4),
        "p": st.fixed_dictionaries({"a": st.integers(-9, 9), "b": st.integers(-9, 9)}),
    }
)


class Pair:
    """An expression, and the function of the inputs that it must be equal to."""

    def __init__(self, made: Any, meaning: Callable[[Mapping[str, Any]], Any]) -> None:
        self.made = made
        self.meaning = meaning

    def __repr__(self) -> str:
        return repr(self.made)


def _input(name: str) -> Pair:
    return Pair(REFS[name], lambda values: values[name])


def _literal(value: object) -> Pair:
    return Pair(value, lambda _: value)


def _apply(ours: Callable[..., Any], pythons: Callable[..., Any]) -> Callable[..., Pair]:
    def build(*of: Pair) -> Pair:
        return Pair(ours(*(each.made for each in of)), lambda values: pythons(*(each.meaning(values) for each in of)))

    return build


def _same(function: Callable[..., Any]) -> Callable[..., Pair]:
    return _apply(function, function)


def _choose(condition: bool, then: Any, otherwise: Any) -> Any:  # the arguments of if_
    return then if condition else otherwise


_NUMBERS = st.deferred(
    lambda: (
        st.sampled_from(["n", "m"]).map(_input)
        | st.integers(-9, 9).map(_literal)
        | st.builds(_same(operator.add), _NUMBERS, _NUMBERS)
        | st.builds(_same(operator.sub), _NUMBERS, _NUMBERS)
        | st.builds(_same(operator.mul), _NUMBERS, st.integers(-3, 3).map(_literal))
        | st.builds(_same(operator.mod), _NUMBERS, st.sampled_from([3, -4]).map(_literal))
        | st.builds(_same(operator.floordiv), _NUMBERS, st.sampled_from([2, -5]).map(_literal))
        | st.builds(_same(operator.neg), _INPUT_NUMBERS)
        | st.builds(_same(abs), _INPUT_NUMBERS)
        | st.builds(_apply(min_, min), _NUMBERS, _NUMBERS)
        | st.builds(_apply(max_, max), _NUMBERS, _NUMBERS)
        | st.builds(_apply(floor, math.floor), _HALVES)
        | st.builds(_apply(ceil, math.ceil), _HALVES)
        | st.builds(_apply(int_, int), _HALVES)
        | st.builds(_apply(len_, len), _LONG)
        | st.builds(_apply(if_, _choose), _CONDITIONS, _NUMBERS, _NUMBERS)
        | st.builds(_same(operator.getitem), st.just(_input("l")), _PLACES)
        | st.builds(_same(operator.getitem), st.just(_input("p")), _KEYS)
    )
)
_INPUT_NUMBERS = st.sampled_from(["n", "m"]).map(_input)
_HALVES = st.builds(_same(operator.truediv), _INPUT_NUMBERS, st.sampled_from([2, 4]).map(_literal))
_LONG = st.sampled_from(["s", "t", "l"]).map(_input)
#: Positions that every list has: the first, written as an expression.
_PLACES = st.builds(_same(operator.mul), _INPUT_NUMBERS, st.just(_literal(0))) | st.just(_literal(0))
_KEYS = st.builds(_apply(if_, _choose), st.just(_input("yes")), st.just(_literal("a")), st.just(_literal("b")))
_TEXTS = st.deferred(
    lambda: (
        st.sampled_from(["s", "t"]).map(_input)
        | _ASCII.map(_literal)
        | st.builds(_same(operator.add), _INPUT_TEXTS, _TEXTS)
        | st.builds(_apply(lower, str.lower), _INPUT_TEXTS)
        | st.builds(_apply(upper, str.upper), _INPUT_TEXTS)
        | st.builds(_apply(strip, str.strip), _INPUT_TEXTS)
        | st.builds(_apply(str_, str), _INPUT_NUMBERS)
        | st.builds(_apply(if_, _choose), _CONDITIONS, _TEXTS, _TEXTS)
    )
)
_INPUT_TEXTS = st.sampled_from(["s", "t"]).map(_input)
_COMPARISONS = st.sampled_from([operator.eq, operator.ne, operator.lt, operator.le, operator.gt, operator.ge])
_CONDITIONS = st.deferred(
    lambda: (
        st.just(_input("yes"))
        | st.builds(lambda compare, a, b: _same(compare)(a, b), _COMPARISONS, _INPUT_NUMBERS, _NUMBERS)
        | st.builds(lambda compare, a, b: _same(compare)(a, b), _COMPARISONS, _INPUT_TEXTS, _TEXTS)
        | st.builds(_apply(starts_with, str.startswith), _INPUT_TEXTS, _TEXTS)
        | st.builds(_apply(ends_with, str.endswith), _INPUT_TEXTS, _TEXTS)
        | st.builds(_apply(contains, operator.contains), _INPUT_TEXTS, _TEXTS)
        | st.builds(_apply(contains, operator.contains), st.just(_input("l")), _NUMBERS)
        | st.builds(_apply(lambda x: is_in(x, [1, -2, 3]), lambda x: x in {1, -2, 3}), _NUMBERS)
        | st.builds(_apply(is_null, lambda x: x is None), _INPUT_TEXTS)
        | st.builds(_apply(not_, operator.not_), _CONDITIONS)
        | st.builds(_apply(lambda a, b: (a > 1) & b, lambda a, b: a > 1 and b), _INPUT_NUMBERS, _CONDITIONS)
        | st.builds(_apply(lambda a, b: (a > 1) | b, lambda a, b: a > 1 or b), _INPUT_NUMBERS, _CONDITIONS)
        | st.builds(_apply(lambda a, b: is_null(a) | b, lambda a, b: a is None or b), _INPUT_TEXTS, _CONDITIONS)
    )
)


def _script(made: Any) -> str:
    return compile_js(made, ScriptInputs())


def _bound(inputs: Mapping[str, Any], data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the inputs of a step with their references replaced."""
    return {name: _read(str(value), data) for name, value in inputs.items()}


def _read(text: str, data: Mapping[str, Any]) -> Any:
    if not text.startswith("${"):
        return text
    value: Any = data
    for key in re.findall(r"\w+", text.removeprefix("${workflow.input.")):
        value = value.get(key) if isinstance(value, dict) else value[int(key)]
    return value


@settings(deadline=None)
@given(_CONDITIONS | _NUMBERS | _TEXTS, _VALUES)
def test_a_script_means_what_its_python_means(pair: Pair, values: dict[str, Any]) -> None:
    """Random trees of every operator and function, on random inputs; formulas on the quick way too."""
    inputs = ScriptInputs()
    script = compile_js(pair.made, inputs)
    bound = _bound(inputs.values, values)
    expected = pair.meaning(values)

    assert evaluate(script, bound) == expected
    formula = plain_script(script)
    if formula is not None:
        assert formula.evaluate(bound) == expected


@settings(deadline=None, max_examples=40)
@given(_CONDITIONS, _VALUES)
def test_switches_loops_and_inline_steps_decide_as_python_does(pair: Pair, values: dict[str, Any]) -> None:
    """The scripts around a condition keep its meaning, whatever stands beside it."""
    wf = Workflow("w")
    with wf:
        with when("w1", pair.made):
            noop("a")
        with loop("again", max_iterations=5) as again:
            noop("b")
            again.until(pair.made)
        inline("i", if_(pair.made, "yes", "no"))
    chosen, around, computed = wf.definition.tasks
    is_true = bool(pair.meaning(values))

    def run(task: Any, script: Any, **more: Any) -> Any:
        return evaluate(str(script), _bound(task.input_parameters, values) | more)

    assert run(chosen, chosen.expression) == ("true" if is_true else "false")
    assert run(around, around.loop_condition, again={"iteration": 1}) is (not is_true)
    assert run(around, around.loop_condition, again={"iteration": 5}) is False
    assert run(computed, computed.input_parameters["expression"]) == ("yes" if is_true else "no")


DATA: Mapping[str, Any] = {
    "order": {"lines": [{"sku": "A", "count": 2}, {"sku": "B", "count": 7}], "prices": {"A": 1.5}, "speed": "POST"},
    "sku": "A",
    "skus": ["A", "C"],
    "digits": "7",
    "i": 1,
}


@pytest.mark.parametrize(
    ("made", "script", "value"),
    [
        (ORDER.prices[SKU] > 1, "$.order_prices[$.sku] > 1", True),
        (ORDER.lines[I].count + 1, "$.order_lines[$.i].count + 1", 8),
        (ORDER.lines[I - 1].sku == "A", '$.order_lines[$.i - 1].sku == "A"', True),
        (ORDER.lines[I]["sku"], "$.order_lines[$.i].sku", "B"),
        (is_null(ORDER.prices["zz"]), "$.order_prices_zz == null", True),
        (is_null(ORDER.lines[I + 9]), "$.order_lines[$.i + 9] == null", True),
        (if_(I > 0, "many", "one"), '$.i > 0 ? "many" : "one"', "many"),
        (if_(if_(I > 5, I > 6, I > 0), 1, 2), "($.i > 5 ? $.i > 6 : $.i > 0) ? 1 : 2", 1),
        (if_(I > 5, "x", if_(I > 0, "y", "z")), '$.i > 5 ? "x" : $.i > 0 ? "y" : "z"', "y"),
        (upper(ORDER.speed)[0] == "P", '$.order_speed.toUpperCase()[0] == "P"', True),
        (max_(I, 3) - min_(I, 0, 2), "Math.max($.i, 3) - Math.min($.i, 0, 2)", 3),
        (len_(strip(lower(ORDER.speed))), "$.order_speed.toLowerCase().trim().length", 4),
        (is_in(SKU, ref("workflow.input.skus", list[str])), "$.skus.includes($.sku)", True),
        (is_in(SKU, {"B", "A"}), '["A", "B"].includes($.sku)', True),
        (is_in(ORDER.prices["zz"], [None, 1]), "[null, 1].includes($.order_prices_zz ?? null)", True),
        (ORDER.lines[I - 1]["sku"][-1], "$.order_lines[$.i - 1].sku.at(-1)", "A"),
        (int_(ref("workflow.input.digits", str)) + 1, "Math.trunc(Number($.digits)) + 1", 8),
        (int_(ORDER.prices["A"]), "Math.trunc(Number($.order_prices_A))", 1),
        (int_(-ORDER.prices["A"]), "Math.trunc(Number(-$.order_prices_A))", -1),
        (float_(ref("workflow.input.digits", str)) / 2, "Number($.digits) / 2", 3.5),
        (SKU + str_(I), "$.sku + String($.i)", "A1"),
    ],
)
def test_what_is_written_reads_as_javascript_would(made: Any, script: str, value: Any) -> None:
    """Indexes known later, choices and methods are written with no more parentheses than they need."""
    assert _script(made) == script
    inputs = ScriptInputs()
    compile_js(made, inputs)
    assert evaluate(script, _bound(inputs.values, DATA)) == value


def test_a_value_that_a_literal_type_does_not_have_is_refused() -> None:
    """As a case of a switch is: such a comparison is never true (S3)."""
    speed: Any = ref("workflow.input.speed", Literal["POST", "EXPRESS"])

    for compare in (lambda: speed == "EXPRES", lambda: "Post" != speed, lambda: is_in(speed, ["POST", "AIR"])):  # noqa: SIM300  # the other way round
        with pytest.raises(AuthoringError, match="can only be one of 'POST', 'EXPRESS'") as caught:
            compare()
        assert caught.value.code == "S3"
    assert _script((speed == "POST") | is_in(speed, ["EXPRESS", None])) == (
        '$.speed == "POST" || ["EXPRESS", null].includes($.speed ?? null)'
    )


def test_a_switch_takes_a_choice_between_texts() -> None:
    """A value that is no condition is compared by its text; one that is gives 'true' or 'false'."""
    wf = Workflow("w")
    with wf:
        with switch("size", if_(I > 5, "large", "small")) as size, size.case("large"):
            noop("a")
        with switch("sure", if_(I > 5, I > 6, I > 0)) as sure, sure.case("true"):
            noop("b")
    texts, truths = wf.definition.tasks

    assert texts.expression == '$.i > 5 ? "large" : "small"'
    assert truths.expression == "($.i > 5 ? $.i > 6 : $.i > 0) ? 'true' : 'false'"


def test_a_loop_reads_an_index_of_its_body() -> None:
    """Inside a loop's condition the steps of the body are read by their own names."""
    wf = Workflow("w")
    with wf, loop("ask_all", max_iterations=9) as ask_all:
        asked = human("ask")
        ask_all.until(asked.output.rows[ask_all.iteration].done == True)  # noqa: E712  # compared later
    (made,) = wf.definition.tasks

    assert made.loop_condition == (
        "if ($.ask['rows'][$.ask_all['iteration']].done == true || $.ask_all['iteration'] >= 9) "
        "{ false; } else { true; }"
    )


@pytest.mark.parametrize(
    ("make", "advice"),
    [
        (lambda: REFS["s"] == 5, "text never equals a number"),
        (lambda: REFS["yes"] == "true", "boolean never equals a text"),
        (lambda: REFS["l"] == [1, 2], "lists and maps are never equal"),
        (lambda: REFS["p"] == REFS["p"], "lists and maps are never equal"),
        (lambda: REFS["s"] < 3, "two numbers or two texts"),
        (lambda: REFS["l"] < REFS["l"], "numbers or texts, not a list"),
        (lambda: REFS["s"] + 1, "two numbers or two texts"),
        (lambda: REFS["l"] + [1], "not a list"),  # the operator is the point
        (lambda: REFS["s"] * 2, "takes numbers, not a text"),
        (lambda: REFS["s"] % 2, "takes numbers, not a text"),
        (lambda: -REFS["s"], "takes numbers, not a text"),
        (lambda: (REFS["n"] > 1) & REFS["m"], "takes conditions, not a number"),
        (lambda: ~REFS["s"], "value != ''"),
        (lambda: not_(REFS["l"]), "len_"),
        (lambda: if_(REFS["n"], 1, 2), "a condition, not a number"),
        (lambda: contains(REFS["p"], "a"), "is_null"),
        (lambda: len_(REFS["p"]), "jq"),
        (lambda: len_(ORDER), "jq"),
        (lambda: len_(REFS["n"]), "a text or a list, not a number"),
        (lambda: upper(REFS["n"]), "takes texts, not a number"),
        (lambda: starts_with(REFS["s"], 3), "takes texts, not a number"),
        (lambda: REFS["s"] - 1, "float_"),
        (lambda: int_(REFS["l"]), "a number or a text, not a list"),
        (lambda: str_(REFS["yes"]), "a number or a text, not a boolean"),
        (lambda: is_in(REFS["s"], "abc"), "contains"),
        (lambda: min_(REFS["n"]), "two numbers or more"),
        (lambda: max_(REFS["s"], "b"), "max_ takes numbers, not a text"),
        (lambda: ORDER.lines[I].skuu, "did you mean 'sku'"),
        (lambda: ORDER.lines[I][1.5], "indexed"),
        (lambda: REFS["l"][REFS["n"] : 3], "jq"),
        (lambda: list(REFS["n"] + 1), "for_each"),
        (lambda: len(REFS["n"] + 1), "len_"),
        (lambda: int(REFS["n"] + 1), "int_"),
        (lambda: complex(REFS["n"] + 1), "task"),
        (lambda: range(REFS["n"] + 1), "loop"),
        (lambda: round(REFS["n"] / 2), "floor"),
        (lambda: [1, 2][REFS["n"] + 1], "switch"),
        (lambda: 3 in (REFS["n"] + 1), "contains"),
        (lambda: float(REFS["n"] + 1), "float_"),
        (lambda: upper(REFS["s"]).strip(), "write strip"),
        (lambda: ORDER.lines[I].sku.endswith("x"), "write ends_with"),
        (lambda: (REFS["n"] + 1).real, "task"),
    ],
)
def test_what_javascript_would_do_otherwise_is_refused(make: Callable[[], object], advice: str) -> None:
    """Operators on operands of known types that mean one thing in Python and another in JavaScript."""
    with pytest.raises(AuthoringError, match=advice) as caught:
        make()

    assert caught.value.place is not None
    assert __file__ in caught.value.place
