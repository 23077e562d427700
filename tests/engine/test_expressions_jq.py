from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podium.expressions.jq import JqError, transform


@pytest.mark.parametrize(
    ("query", "data", "results"),
    [
        (".", {"b": 1, "a": [None, True]}, [{"b": 1, "a": [None, True]}]),
        (".a", {}, [None]),
        (".items[].id", {"items": [{"id": 1}, {"id": 2}]}, [1, 2]),
        ("empty", {}, []),
        (".[] | .x", [{"x": "a\nb"}, {"x": "c"}], ["a\nb", "c"]),
        ("", {"a": 1}, [{"a": 1}]),
        ("# nothing", 1, [1]),
        (".a # comment", {"a": 1}, [1]),
        ("1, 2 | . + 1", None, [2, 3]),
        ("def f: .a; f", {"a": 1}, [1]),
        (". as [$x, $y] | $y", [1, 2], [2]),
        ("if .a then 1 else 2 end", {"a": False}, [2]),
        ("reduce .[] as $i (0; . + $i)", [1, 2, 3], [6]),
        ("limit(2; repeat(1))", None, [1, 1]),
        ('try error("x") catch .', None, ["x"]),
        ('.a // "d"', {}, ["d"]),
        ('"\\(.a) and \\(.b)"', {"a": 1, "b": "x"}, ["1 and x"]),
        ("[.[] | select(. > 1)] | length", [1, 2, 3], [2]),
        ("tojson", {"a": [1]}, ['{"a":[1]}']),
        ("group_by(.k) | map(length)", [{"k": 1}, {"k": 2}, {"k": 1}], [[2, 1]]),
        ("{env: .a}", {"a": 1}, [{"env": 1}]),
        (".env", {"env": 3}, [3]),
        ("{env}", {"env": 3}, [{"env": 3}]),
        ('"$ENV"', None, ["$ENV"]),
        ("$in", None, None),
    ],
)
def test_queries_give_all_their_values(query: str, data: Any, results: list[Any] | None) -> None:
    """The first value, null if there is none, and all of them in order."""
    if results is None:
        with pytest.raises(JqError):
            transform(query, data)
        return

    assert transform(query, data) == (results[0] if results else None, results)


@pytest.mark.parametrize("query", [".id + 1", ".other * 2", ".id * 2", "[.id, .other] | add", "{sum: (.id + 1)}"])
def test_an_integer_that_jq_would_round_is_refused(query: str) -> None:
    """What was computed from integers that no double holds would have wrong last digits."""
    with pytest.raises(JqError, match=r"jq rounds.*worker"):
        transform(query, {"id": 2**53 + 1, "other": 2**60})


def test_integers_that_jq_does_not_round_may_be_computed_with() -> None:
    """Such as those that a double holds, or beside others that are only passed on."""
    assert transform(".ms * 1000000", {"ms": 1767225600000})[0] == 1767225600000000000
    assert transform("{id, price: (.price * 2)}", {"id": 2**53 + 1, "price": 4})[0] == {"id": 2**53 + 1, "price": 8}
    assert transform('"\\(.id)"', {"id": 2**53 + 1})[0] == "9007199254740993"


@pytest.mark.parametrize(
    ("query", "data", "expected"),
    [
        ("4 / 2", None, 2),
        ("1.5 + 0.5", None, 2),
        ("3 / 2", None, 1.5),
        (".", 1, 1),
        (".", 1.0, 1.0),
        (".", 1.5, 1.5),
        (".", 2**53 + 1, 2**53 + 1),
        (".", -(2**63), -(2**63)),
        (".", 2**64, 2**64),
        (".[0]", [10**30], 10**30),
        ("length", [1, 2], 2),
        ("add", [0.5, 0.5], 1),
        ('"5" | tonumber', None, 5),
        ("5 | floor", None, 5),
    ],
)
def test_integral_results_are_integers(query: str, data: Any, expected: float) -> None:
    """Arithmetic that comes out even gives ints; what passes through keeps its type and digits."""
    value, _ = transform(query, data)

    assert value == expected
    assert type(value) is type(expected)


@pytest.mark.parametrize(
    ("query", "data", "message"),
    [
        (".a", "text", 'Cannot index string with string "a"'),
        (".array", "text", 'Cannot index string with string "array"'),
        (".[]", 5, "Cannot iterate over number (5)"),
        ("1 / 0", None, "number (1) and number (0) cannot be divided because the divisor is zero"),
        ('error("why")', None, "why"),
        ("error({a: 1})", None, '{"a": 1}'),
        ("foo", None, "foo/0 is not defined"),
        ("{", None, "syntax error, unexpected end of file"),
        (". as $x", None, "syntax error, unexpected end of file"),
    ],
)
def test_errors_are_short(query: str, data: Any, message: str) -> None:
    """The text is jq's, without the query around it."""
    with pytest.raises(JqError) as caught:
        transform(query, data)

    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    "query",
    [
        "$ENV",
        "$ENV.PATH",
        '"\\($ENV.PATH)"',
        ". as $x | $ENV",
        ".) | ($ENV",
        "env",
        "env.PATH",
        '"\\(env)"',
        "[.[]?] | env",
        "def f: env; f",
        "input",
        "inputs",
        "[inputs]",
        "debug",
        'debug("x")',
        "stderr",
        "halt",
        "halt_error",
        "halt_error(1)",
        "input_line_number",
        "get_search_list",
        "$__prog_args",
        'import "a" as a; 1',
        'include "a"; 1',
        '"a" | modulemeta',
    ],
)
def test_the_process_is_out_of_reach(query: str, capfd: pytest.CaptureFixture[str]) -> None:
    """The environment, further input, output and modules are refused, and nothing is printed."""
    with pytest.raises(JqError):
        transform(query, {"a": 1})

    assert capfd.readouterr() == ("", "")


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | st.text(),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
        max_leaves=10,
    ).filter(lambda value: not (isinstance(value, float) and math.isinf(value)))
)
def test_any_json_passes_through(value: Any) -> None:
    """``.`` gives back what it was given; infinities, which JSON lacks, are null."""
    value, _ = transform(".", value)

    assert transform(".", value)[0] == value
