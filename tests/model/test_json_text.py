"""JSON as text: strict in, the same bytes out."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podium.model import json_text
from podium.model.codec import from_dict, from_json
from podium.model.definitions import WorkflowDef
from podium.model.errors import DefinitionError
from podium.model.values import JsonValue

_ANY_TEXT = st.text(st.characters(exclude_categories=()))
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | _ANY_TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_ANY_TEXT, inner, max_size=3),
    max_leaves=8,
)


@given(_VALUES)
def test_what_is_written_is_read_as_what_it_was(value: JsonValue) -> None:
    """Every value of JSON survives, also whole numbers beyond 64 bits; what was read is written the same again."""
    text = json_text.write(json.loads(json.dumps(value)))

    assert json_text.write(json_text.parse(text)) == text
    assert json_text.parse(text.encode()) == json.loads(json.dumps(value))


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_a_number_that_json_does_not_have_is_refused(number: str) -> None:
    """It would be written as null, and nobody would know."""
    with pytest.raises(ValueError, match="a number that JSON does not have"):
        json_text.parse(f'{{"a": [{number}]}}')
    with pytest.raises(ValueError, match="a number that JSON does not have"):
        json_text.check({"a": (math.inf,)})


@pytest.mark.parametrize("levels", [json_text.LEVELS_MAX + 2, 100_000])
def test_what_is_nested_too_deeply_is_refused(levels: int) -> None:
    """Deeper values could be read, but neither compared nor written."""
    with pytest.raises(ValueError, match="nested more than 250 levels deep"):
        json_text.parse("[" * levels + "]" * levels)


def test_the_deepest_value_that_is_read_can_be_written() -> None:
    """The limit lies below that of writing."""
    text = "[" * json_text.LEVELS_MAX + "]" * json_text.LEVELS_MAX

    assert json.loads(json_text.write(json_text.parse(text))) == json.loads(text)


def test_halves_of_a_surrogate_pair_are_written_as_they_were_read() -> None:
    """UTF-8 cannot hold them, JSON can; other characters stay readable beside them."""
    assert json_text.write(json_text.parse(r'["\ud800ü"]')) == '[\n  "\\ud800ü"\n]'


def test_a_definition_that_is_nested_too_deeply_is_no_definition() -> None:
    """It is refused as any other wrong definition is, from text and from data."""
    tasks: list[JsonValue] = [{"name": "leaf", "taskReferenceName": "leaf"}]
    for index in range(150):
        case = {"A": tasks}
        tasks = [{"name": "s", "taskReferenceName": f"s{index}", "type": "SWITCH", "decisionCases": case}]
    document = {"name": "deep", "tasks": tasks}

    with pytest.raises(DefinitionError, match="nested too deeply"):
        from_dict(document, WorkflowDef)
    with pytest.raises(DefinitionError, match="nested more than 250 levels deep"):
        from_json(json.dumps(document), WorkflowDef)
