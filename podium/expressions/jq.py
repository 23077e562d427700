"""
jq for JSON_JQ_TRANSFORM.

Conductor runs jackson-jq 0.0.13, a Java port of jq 1.5; this is jq itself, which knows more and differs in places:

* It also has what jackson-jq lacks: ``path``, ``getpath``, ``setpath``, ``delpaths``, ``label``, ``?//``, ``now`` and
  the date functions, ``ceil``, ``round``, ``abs``, ``@base64d``, ``error/0``, and ``select(...)`` on the left of
  ``|=``.
* ``floor`` and ``sqrt`` give integers where the result is integral (jackson-jq: ``5.0``), and ``"1.0" | tonumber``
  gives 1.0 (jackson-jq: 1). Other integral results are integers in both, and a 1.0 that passes through stays 1.0.
* Integers beyond 2**53 pass through unchanged, but arithmetic on them rounds (jackson-jq has 64 bits): a result that
  was computed so is refused with words, because its last digits may be wrong.
* A query of nothing but definitions is an error (jackson-jq: the same as ``.``).
* Of two functions with one name the later one counts only from its place on; errors read as jq words them.

Neither lets a query see the process: ``$ENV``, ``env``, ``input``, ``debug`` and modules are refused.

A query can run for ever (``[range(1e12)]``, ``def f: f; f``) or take all memory (``"x" * 1e9``), and the binding holds
Python's interpreter lock all the while, so nothing in the process can stop it: measured, other threads get one
hundredth of their time. `podium.expressions.isolation` runs queries where they can be killed.
"""

from __future__ import annotations

import json
import math
import re
from functools import lru_cache
from typing import Any

import orjson

from podium.model import json_text
from podium.model.errors import PodiumError
from podium.model.values import JsonValue

#: Compiled queries that are kept; Conductor keeps as many.
CACHE_MAX = 1000

_REFUSED = "env", "input", "inputs", "debug", "stderr", "input_line_number", "halt", "halt_error", "get_search_list"
#: Definitions in front of every query: they hide jq's own, on one line so that line numbers stay.
_GUARD = "".join(f'def {name}: error("Function {name}/0 does not exist"); ' for name in _REFUSED) + (
    'def debug(f): error("Function debug/1 does not exist"); '
    'def halt_error(f): error("Function halt_error/1 does not exist"); '
    "{} as $ENV | "
)
_PLAIN_STRING = re.compile(r'"(?:[^"\\]|\\[^(])*"')
_BRACKETED_KEY = re.compile(r'(?<=^Cannot index string with string )\(("[^\n]*")\)$')
_NUMBER = re.compile(r"\d+(?:\.\d*)?[eE]\+?\d{1,2}(?!\d)")
_DIGITS = re.compile(r"\d{16,300}")
_EXACT_MAX = 2**53
_COMMENT = re.compile(r"#[^\n]*")


class JqError(PodiumError):
    """A jq query failed."""


def transform(query: str, data: JsonValue) -> tuple[JsonValue, list[JsonValue]]:
    """
    Run a query over a value.

    Args:
        query: The jq program.
        data: What ``.`` is.

    Returns:
        The first result, None if there is none, and all results in order. An integral number is an int, unless it
        came in as a float and passed through untouched.

    Raises:
        JqError: The query does not compile, uses what it must not, or fails on this value.

    Example:
        >>> transform(".items[].id", {"items": [{"id": 1}, {"id": 2}]})
        (1, [1, 2])
    """
    program = _compile(query)
    try:
        results = [json_text.read(text) for text in program.input_text(dump_data(data)).all()]
        _refuse_rounded(data, query, results)
    except (ValueError, TypeError, RecursionError) as exc:
        # jackson-jq writes the key without the brackets that newer versions of jq put around it.
        raise JqError(_BRACKETED_KEY.sub(r"\1", str(exc))) from None
    return (results[0] if results else None), results


def _refuse_rounded(data: JsonValue, query: str, results: list[JsonValue]) -> None:
    """
    Refuse results with an integer whose last digits may be wrong.

    Raises:
        JqError: An integer beyond the exact ones of a double stands in a result, and neither in the data nor in the
            query; and it is none that a double holds, or there are others in the data that no double holds.
    """
    found = _large_integers(results)
    if not found:
        return
    given = _large_integers(data)
    found -= given | {int(float(digits)) for digits in _NUMBER.findall(query)} | set(map(int, _DIGITS.findall(query)))
    is_rounded = any(not _is_double(number) for number in given)
    for number in found:
        if is_rounded or not _is_double(number):
            raise JqError(
                f"{number} was computed beyond 2**53, where jq rounds: pass such integers on as they are, or compute "
                "with them in a worker"
            )


def _large_integers(value: JsonValue) -> set[int]:
    """Collect the integers beyond the exact ones of a double, those that are written as floats as well."""
    found: set[int] = set()
    pending = [value]
    while pending:
        item = pending.pop()
        if isinstance(item, dict | list):
            pending.extend(item.values() if isinstance(item, dict) else item)
        elif isinstance(item, int | float) and abs(item) >= _EXACT_MAX and abs(item) != math.inf:
            found.add(int(item))
    return found


def _is_double(number: int) -> bool:
    try:
        return int(float(number)) == number
    except OverflowError:
        return False


@lru_cache(maxsize=CACHE_MAX)
def _compile(query: str) -> Any:  # the binding ships no annotations
    """Compile a query behind the guard."""
    import jq

    bare = _COMMENT.sub("", _PLAIN_STRING.sub('""', query))
    if re.search(r"\$(?:ENV|__prog_args)\b", bare):
        raise JqError("$ENV is not defined")
    program = _GUARD + (query if bare.strip() else ".")
    try:
        # First as it stands: what comes next could complete a query that ends too early.
        jq.compile(program)
        # Written by jq itself, numbers that passed through keep their digits; the binding would make doubles of them.
        return jq.compile(f"{program}\n| tojson")
    except ValueError as exc:
        raise JqError(str(exc).partition(" at <top-level>")[0].removeprefix("jq: error: ")) from None


def dump_data(data: JsonValue) -> str:
    """Write a query's data as JSON."""
    try:
        return orjson.dumps(data).decode()
    except TypeError:
        # Integers beyond 64 bits or deep nesting, which orjson does not write.
        return json.dumps(data)
