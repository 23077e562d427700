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


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"a": 1} // one', "JSON has no comments"),
        ('{\n  # one\n  "a": 1}', "line 2 column 3 .*JSON has no comments"),
        ("{/* one */}", "JSON has no comments"),
        ("{'a': 1}", "texts and keys stand in double quotes"),
        ("[\"a\", 'b']", "texts and keys stand in double quotes"),
        ("{a: 1}", "keys and texts stand in double quotes"),
        ('{"a": None}', "None is written null"),
        ('{"a": True}', "True and False are written true and false"),
        ('{"a": undefined}', "undefined is written null"),
        ('{"a": 1,}', "no comma before a closing bracket"),
        ("[1, 2, ]", "no comma before a closing bracket"),
        ('{"a": +1}', "numbers are written like 16, 0.5 or -1e3"),
        ('{"a": .5}', "numbers are written like"),
        ('{"a": 0x10}', "numbers are written like"),
        ('{"a": 007}', "numbers are written like"),
        ('{"a": 1_000}', "numbers are written like"),
        ('{"a": "b\nc"}', r"a line end in a text is written \\n"),
        ('{"a": 1}\n{"a": 2}', "one value is expected, not several"),
        ("  ", "it is empty"),
        ('{"a": NaN}', "does not have: NaN; write null, or a text"),
        (b"\xff\xfe1", "it is no UTF-8"),
    ],
)
def test_other_dialects_are_told_what_to_write(text: str | bytes, said: str) -> None:
    """The message has the line, the column and the words for what is there."""
    with pytest.raises(ValueError, match=said):
        json_text.parse(text)


def test_a_byte_order_mark_is_no_fault() -> None:
    """Editors leave it, in texts and in bytes."""
    assert json_text.parse("\ufeff[1]") == json_text.parse(b"\xef\xbb\xbf[1]") == [1]


def test_a_value_is_shown_in_the_words_of_json() -> None:
    """Without Python's None and True, in few characters, whatever it is."""
    knot: list[JsonValue] = []
    for _ in range(100_000):
        knot = [knot]
    assert json_text.described({"a": [None, True]}) == 'an object ({"a": [null, true]})'
    assert (json_text.described(None), json_text.described([False])) == ("null", "a list ([false])")
    assert json_text.described("it's") == 'a text ("it\'s")'
    assert len(json_text.shown(["x"] * 10**6)) == len(json_text.shown("x" * 10**6)) == 60
    assert json_text.shown(knot) == "<list>"


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

    with pytest.raises(DefinitionError, match="nested more than 250 levels deep"):
        from_dict(document, WorkflowDef)
    with pytest.raises(DefinitionError, match="nested more than 250 levels deep"):
        from_json(json.dumps(document), WorkflowDef)
