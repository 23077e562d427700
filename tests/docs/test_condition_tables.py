"""The tables of conditions in authoring.md say what the code does, and where Python would say something else."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from docs_pages import ROOT

from podium import dsl
from podium.dsl import functions
from podium.dsl.bindings import ScriptInputs
from podium.dsl.javascript import compile_js
from podium.expressions.javascript import evaluate

PAGE = (ROOT / "docs" / "authoring.md").read_text()

#: The inputs that the first table names.
INPUTS: Mapping[str, Any] = {
    name: dsl.ref(f"workflow.input.{name}", kind)
    for name, kind in {
        "count": int,
        "price": float,
        "name": str,
        "tags": list[str],
        "rates": dict[str, float],
        "paid": bool,
    }.items()
}
#: What Python has in place of the functions that the second table uses.
PYTHONS: Mapping[str, Callable[..., Any]] = {
    "is_in": lambda value, options: value in options,
    "if_": lambda condition, then, otherwise: then if condition else otherwise,
    "len_": len,
    "str_": str,
    "int_": int,
}


def _rows(title: str) -> list[list[list[str]]]:
    """Return a table of the page: for each row, for each column, its pieces of code."""
    table = PAGE.split(f"<!-- table: {title} -->\n")[1].split("\n\n")[0]
    return [[_codes(cell) for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in table.splitlines()[2:]]


def _codes(cell: str) -> list[str]:
    return [code.replace("\\|", "|") for code in re.findall(r"`([^`]+)`", cell)]


_SPELLINGS = [pair for row in _rows("spellings") for pair in zip(*row, strict=True)]


@pytest.mark.parametrize(("written", "script"), _SPELLINGS)
def test_each_spelling_becomes_the_javascript_beside_it(written: str, script: str) -> None:
    """The left column compiles to the right one."""
    made = eval(written, {**vars(functions), **INPUTS})

    assert compile_js(made, ScriptInputs()) == script


def test_no_function_is_left_out() -> None:
    """Every function for conditions has its row."""
    offered = {name for name in dsl.__all__ if getattr(getattr(dsl, name), "__module__", "") == functions.__name__}
    shown = set(re.findall(r"\w+", " ".join(written for written, _ in _SPELLINGS)))

    assert offered - shown == set()


@pytest.mark.parametrize("row", _rows("differences"))
def test_each_difference_is_one(row: list[list[str]]) -> None:
    """Python gives or raises what the third column says, the script gives the fourth."""
    (written,), (inputs,), (pythons,), (runs,) = row
    values: dict[str, Any] = json.loads(inputs)
    made = eval(written, {**vars(functions), **{name: dsl.ref(f"workflow.input.{name}") for name in values}})

    given = evaluate(compile_js(made, ScriptInputs()), values)

    assert repr(_in_python(written, values)) == pythons
    assert repr(given) == repr(json.loads(runs))


class _Raised:
    def __init__(self, error: Exception) -> None:
        self._name = type(error).__name__

    def __repr__(self) -> str:
        return self._name


def _in_python(written: str, values: Mapping[str, Any]) -> object:
    try:
        return eval(written, {**PYTHONS, **values})
    except (LookupError, TypeError, ValueError, ZeroDivisionError) as error:
        return _Raised(error)
