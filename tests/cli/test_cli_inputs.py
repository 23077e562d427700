"""Inputs on the command line, and the small texts of the output."""

from __future__ import annotations

import io
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podium.cli.console import printable
from podium.cli.formats import first_line, length
from podium.cli.inputs import read_pairs
from podium.cli.progress import at_work_and_newest
from podium.cli.stores import command, looks_like_run
from podium.cli.tables import align
from podium.model.errors import InvalidRequest
from podium.model.runs import TaskRun
from podium.model.statuses import TaskStatus


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ([], {}),
        (["a=1"], {"a": 1}),
        (["a=1.5", "b=true", "c=null"], {"a": 1.5, "b": True, "c": None}),
        (['a={"b": [1]}'], {"a": {"b": [1]}}),
        (["a=text", "b=two words", "c="], {"a": "text", "b": "two words", "c": ""}),
        (['a="1"'], {"a": "1"}),
        (["a=x=y"], {"a": "x=y"}),
        (["a=NaN", "b=Infinity", "c=1e999"], {"a": "NaN", "b": "Infinity", "c": "1e999"}),
        (["a=1", "a=2"], {"a": 2}),
        (["支=付"], {"支": "付"}),
    ],
)
def test_values_are_json_or_text(entries: Sequence[str], expected: dict[str, Any]) -> None:
    """What can be read as JSON is, everything else is text; the last one of a name counts."""
    assert read_pairs(entries) == expected


@pytest.mark.parametrize(
    ("hint", "text", "expected"),
    [
        (str, "1", "1"),
        (str, "01234", "01234"),
        (str, '"1"', "1"),
        (str, "null", "null"),
        (str | None, "null", None),
        (str | None, "7", "7"),
        (int, "7", 7),
        (str | int, "7", 7),
        (Any, "7", 7),
    ],
)
def test_what_is_declared_as_text_stays_text(hint: Any, text: str, expected: object) -> None:
    """A number for a parameter that is declared as text needs no quotes."""
    assert read_pairs([f"a={text}"], {"a": hint}) == {"a": expected}


def test_files_give_values_and_objects(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """``@file`` merges an object, ``key=@file`` takes a file's content as the value, ``@-`` is the standard input."""
    monkeypatch.chdir(tmp_path)
    Path("all.json").write_text('\ufeff{"a": 1, "b": 2}', encoding="utf-8")
    Path("note.txt").write_text("dear all,\n", encoding="utf-8")
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b'{"c": 3}')))
    read = read_pairs(["@all.json", "b=5", "note=@note.txt", "list=@all.json", "@-"])
    assert read == {"a": 1, "b": 5, "c": 3, "note": "dear all,\n", "list": {"a": 1, "b": 2}}


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ("novalue", "'novalue' is no input; write KEY=VALUE"),
        ("=1", "'=1' is no input"),
        ("@missing.json", "missing.json cannot be read: No such file"),
        ("a=@missing.json", "missing.json cannot be read: No such file"),
        ("@list.json", "list.json should hold a JSON object"),
        ("@broken.json", "broken.json is not JSON"),
        ("a=@latin.txt", "latin.txt is no text in UTF-8"),
        (os.fsdecode(b"a=\xff"), "is no text in UTF-8"),
        ('a="\\ud800"', "lone surrogate"),
    ],
)
def test_a_wrong_input_is_explained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, entry: str, message: str) -> None:
    """Each way to write an input wrongly has its own message."""
    monkeypatch.chdir(tmp_path)
    Path("list.json").write_text("[1]")
    Path("broken.json").write_text("{")
    Path("latin.txt").write_bytes(b"caf\xe9")
    with pytest.raises(InvalidRequest) as raised:
        read_pairs([entry])
    assert message in str(raised.value)


@given(st.text())
def test_nothing_printable_can_move_the_cursor(text: str) -> None:
    """Only line ends and tabs are left of the control characters, and other text is left alone."""
    shown = printable(text)
    assert all(character in "\n\t" or not (ord(character) < 32 or 127 <= ord(character) < 160) for character in shown)
    if text.isprintable():
        assert shown == text


@given(st.integers(0, 10**12))
def test_lengths_are_short(milliseconds: int) -> None:
    """A length of time has at most two units."""
    assert len(length(milliseconds).split()) in {2, 4}


def test_columns_are_aligned_by_width() -> None:
    """A wide character takes two columns, a control character is written out."""
    assert align([["REF", "N"], ["支付", "1"], ["a\x1b", "2"]]) == ["REF    N", "支付   1", "a\\x1b  2"]


def test_the_first_line_that_says_anything() -> None:
    """Empty lines before a reason are passed over."""
    assert [first_line(text) for text in (None, "", "\n\n  why\nmore")] == ["", "", "why"]


def test_a_command_is_quoted_for_the_shell() -> None:
    """A hint can be copied, and names the database only if it is not the usual one."""
    assert command("show", "1", db="sqlite:///podium.db") == "podium show 1"
    assert command("show", "1", db="sqlite:///a b.db") == "podium show 1 --db 'sqlite:///a b.db'"


@pytest.mark.parametrize("text", ["cafe", "order.py", "order:order", "018bcfe5.json", "-", ""])
def test_a_workflow_is_not_taken_for_a_run(text: str) -> None:
    """Short hexadecimal words may be modules."""
    assert not looks_like_run(text)


def test_what_is_at_work_is_shown_before_what_waits_or_ended() -> None:
    """When there is no room for all, attempts at work come first, then those that wait, then the last that ended."""
    statuses = ["COMPLETED", "COMPLETED", "IN_PROGRESS", "SCHEDULED", "SCHEDULED", "FAILED"]
    attempts = tuple(
        TaskRun(task_type="a", status=status, seq=seq, end_time=seq if status.is_terminal else 0, retried=seq == 6)
        for seq, status in enumerate(map(TaskStatus, statuses), 1)
    )
    assert [attempt.seq for attempt in at_work_and_newest(attempts, 2)] == [3, 4]
    assert [attempt.seq for attempt in at_work_and_newest(attempts, 4)] == [2, 3, 4, 5]
    assert [attempt.seq for attempt in at_work_and_newest(attempts, 9)] == [1, 2, 3, 4, 5]
