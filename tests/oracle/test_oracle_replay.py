"""Recordings of the official server, played again: each difference is a row of docs/differences.md."""

from __future__ import annotations

import json
import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from podium.testing.oracle.__main__ import main
from podium.testing.oracle.comparison import compare, equal
from podium.testing.oracle.recording import read
from podium.testing.oracle.restaging import RESTAGINGS
from podium.testing.oracle.rules import RULES
from podium.testing.oracle.verdict import Verdict, judge

ROOT = Path(__file__).parents[2]
RECORDINGS = ROOT.parent / "shared" / "corpus" / "oracle"
OWN = Path(__file__).parent / "recordings"
NAMES = (
    "structures.jsonl",
    "minimal.jsonl",
    "default.jsonl.gz",
    "flow.jsonl.gz",
    "workers.jsonl.gz",
    "expr.jsonl.gz",
    "edge.jsonl.gz",
)
IDS = [rule.id for rule in (*RULES, *RESTAGINGS)]


@cache
def verdicts(name: str) -> tuple[Verdict, ...]:
    """Play a recording; once for all tests."""
    path = OWN / name if name.startswith("structures") else RECORDINGS / name
    if not path.exists():
        pytest.skip("the recordings of the official server are not beside the project (../shared/corpus/oracle)")
    return tuple(map(judge, read(path)))


@pytest.mark.parametrize("name", NAMES)
def test_every_difference_from_the_official_server_is_explained(name: str) -> None:
    """Of each case: equal, or a rule says why."""
    left = [f"{one.case.title}: {difference}" for one in verdicts(name) for difference in one.unexplained]
    assert left == []


def test_every_rule_has_its_row() -> None:
    """And each row with a name has a rule."""
    page = (ROOT / "docs" / "differences.md").read_text("utf-8")
    rows = re.findall(r"^\| [^|]*\(`([a-z-]+)`\) \|", page, re.MULTILINE)
    assert sorted(rows) == sorted(IDS)
    assert len(set(IDS)) == len(IDS)


def test_every_rule_still_explains_something() -> None:
    """A rule that explains nothing any more goes, with its row."""
    used = Counter(rule for name in NAMES for one in verdicts(name) for rule in one.rules)
    assert [rule for rule in IDS if not used[rule]] == []


def recording(folder: Path, result: int) -> Path:
    """Write a recording of one case, which gives 1, and say that the server gave *result*."""
    task = {"name": "one", "taskReferenceName": "one", "type": "INLINE", "inputParameters": {"expression": "1"}}
    record = {
        "referenceTaskName": "one",
        "taskType": "INLINE",
        "status": "COMPLETED",
        "retryCount": 0,
        "iteration": 0,
        "inputData": {"expression": "1"},
        "outputData": {"result": result},
        "reason": None,
    }
    run = {"status": "COMPLETED", "reason": None, "input": {}, "output": {"result": result}, "variables": {}}
    line = {
        "case": {
            "seed": 1,
            "profile": "own",
            "serial": False,
            "ordered": False,
            "taskDefs": [],
            "subWorkflows": [],
            "workflow": {"name": "w", "version": 1, "schemaVersion": 2, "tasks": [task]},
            "script": {},
            "start": {"name": "w", "version": 1, "input": {}},
        },
        "answer": {"stuck": False, "errors": [], "runs": {"": {**run, "failed": [], "tasks": [record]}}},
    }
    path = folder / "one.jsonl"
    path.write_text(json.dumps(line) + "\n", encoding="utf-8")
    return path


def test_the_command_counts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It gives 0 when nothing is left to explain."""
    assert main([str(recording(tmp_path, 1))]) == 0
    assert capsys.readouterr().out == "1 cases: 1 equal, 0 explained by rules, 0 unexplained\n"


def test_the_command_says_what_it_cannot_explain(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Where, what the server has, and what is here; then it gives 1."""
    assert main([str(recording(tmp_path, 2))]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert "one.jsonl:1 own 1: root/tasks/one#0/outputData/result: 2 here 1" in lines
    assert lines[-1] == "1 cases: 0 equal, 0 explained by rules, 1 unexplained"


def test_a_line_that_is_no_case_is_named(tmp_path: Path) -> None:
    """With the number of the line."""
    path = tmp_path / "bad.jsonl"
    path.write_text("{}\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"bad\.jsonl:1 is no case of a recording"):
        list(read(path))


def test_numbers_of_other_kinds_are_not_equal() -> None:
    """1 is neither 1.0 nor true, at any depth."""
    assert equal({"a": [1, 2.0]}, {"a": [1, 2.0]})
    assert not equal({"a": [1]}, {"a": [1.0]})
    assert not equal([True], [1])


def test_the_order_of_records_is_compared_where_the_recording_has_it() -> None:
    """Other recordings leave it open."""
    run = {"tasks": [], "failed": []}
    theirs, ours = {"runs": {"": run}}, {"runs": {"": {**run, "order": ["a#0"]}}}
    assert compare(theirs, ours) == []
    (difference,) = compare({"runs": {"": {**run, "order": ["b#0"]}}}, ours)
    assert difference.place == ("order",)
