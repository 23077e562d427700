"""Ids and short texts."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from render_samples import task

from podium.render.labels import detail_of, iteration_limit, kind_of
from podium.render.naming import clean, escape_id, lines_of, shorten
from podium.render.picture import NodeKind

texts = st.text(st.characters() | st.sampled_from("_Z0a-. "), max_size=12)


@given(texts)
def test_ids_are_safe(name: str) -> None:
    """An id holds nothing that any output would have to quote."""
    assert re.fullmatch(r"\w*", escape_id(name), re.ASCII)


@given(texts, texts)
def test_different_names_have_different_ids(one: str, other: str) -> None:
    """Escaping loses nothing."""
    assert (one == other) == (escape_id(one) == escape_id(other))


def test_usual_names_are_their_ids() -> None:
    """A name that is safe stays readable."""
    assert escape_id("quote_express_2") == "quote_express_2"


@given(st.text(max_size=40))
def test_clean_texts_have_one_line(text: str) -> None:
    """No control character, line end or bidirectional override is left."""
    assert not re.search("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]", clean(text))


@given(st.text(max_size=80), st.integers(2, 30), st.integers(1, 4))
def test_broken_texts_keep_their_limits(text: str, width: int, count: int) -> None:
    """Never more lines, never longer ones."""
    lines = lines_of(text, width=width, count=count)

    assert len(lines) <= count
    assert all(0 < len(line) <= width for line in lines)


@given(st.text(max_size=60), st.integers(1, 20))
def test_shortened_texts_keep_their_length(text: str, length: int) -> None:
    """A cut shows."""
    short = shorten(text, length)

    assert len(short) <= length
    assert short == clean(text) or short.endswith("…")


@pytest.mark.parametrize(
    ("condition", "limit"),
    [
        ("$.poll['iteration'] < 30", 30),
        ('$.poll["iteration"] <= 30', 31),
        ("if ($.poll.iteration >= 5) { false; } else { true; }", 5),
        ("$.poll['iteration'] < $.n", 0),
        ("$.other['iteration'] < 30", 0),
        ("$.poll['iteration'] < 3 || $.poll['iteration'] < 4", 0),
        ("", 0),
    ],
)
def test_iteration_limit(condition: str, limit: int) -> None:
    """The limit is read from the usual forms of a condition, and never guessed."""
    assert limit == iteration_limit(task("poll", "DO_WHILE", loop_condition=condition))


@pytest.mark.parametrize(
    ("one", "detail"),
    [
        (
            task("d", "DECISION", case_value_param="p", input_parameters={"p": "${workflow.input.x}"}),
            "workflow.input.x",
        ),
        (task("d", "DECISION", case_expression="$.a ? 'x' : 'y'"), "$.a ? 'x' : 'y'"),
        (task("s", "SWITCH", evaluator_type="value-param", expression="missing"), "missing"),
        (task("s", "SWITCH", evaluator_type="javascript", expression="$.x > 1"), "$.x > 1"),
        (task("l", "DO_WHILE", items="${workflow.input.list}"), "for each of workflow.input.list"),
        (task("l", "DO_WHILE", loop_condition="if ($.a) { true; } else { false; }"), "while $.a"),
        (task("w", "WAIT", input_parameters={"until": "2030-01-01 10:00"}), "until 2030-01-01 10:00"),
        (task("t", "TERMINATE", input_parameters={"terminationStatus": "FAILED"}), "FAILED"),
        (task("h", "HTTP", input_parameters={"http_request": {"uri": "https://u:secret@h"}}), ""),
    ],
)
def test_details(one: object, detail: str) -> None:
    """A node tells the one fact that matters, and never inputs at large."""
    assert detail == detail_of(one)  # type: ignore[arg-type]


def test_unknown_types_are_workers() -> None:
    """An extension's type is a worker's queue to the engine."""
    assert [kind_of(name) for name in ("LLM_CHAT_COMPLETE", "INLINE", "FORK")] == [
        NodeKind.WORKER,
        NodeKind.SYSTEM,
        NodeKind.FORK,
    ]
