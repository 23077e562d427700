"""The list that a check gives."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from podium import load
from podium.checks import CheckReport, Problem

_BAD = {"name": "w", "tasks": [{"name": "a", "taskReferenceName": "a", "inputParameters": {"x": "${b.output.<i>}"}}]}


def test_a_report_is_a_list() -> None:
    """It compares, counts and tests like the list it always was."""
    good, bad = load({"name": "w", "tasks": [{"name": "a", "taskReferenceName": "a"}]}).check(), load(_BAD).check()

    assert good == []
    assert not good
    assert isinstance(bad, list)
    assert [problem.code for problem in bad] == ["R1"]
    assert list(bad) == bad


def test_a_report_counts_in_words() -> None:
    """Errors and warnings are told apart."""
    error, warning = (Problem(code="X", severity=how, path="", message="m") for how in ("error", "warning"))

    assert CheckReport([error, warning, error]).headline == "2 errors, 1 warning"
    assert [error] == CheckReport([error, warning]).errors
    assert [warning] == CheckReport([error, warning]).warnings
    assert repr(CheckReport()) == "no problems"


def test_a_notebook_shows_a_report_as_a_table() -> None:
    """The text is the report's own; the table is well-formed and holds nothing that the page would run."""
    report = load(_BAD).check()
    shown = report._repr_mimebundle_()

    assert list(shown) == ["text/plain", "text/html"]
    assert repr(report) == shown["text/plain"]
    table = ET.fromstring(shown["text/html"])
    assert "✕ error" in "".join(table.itertext())
    assert "<i>" not in shown["text/html"]


def test_a_notebook_gets_only_the_forms_it_asks_for() -> None:
    """Include and exclude are respected, also for an empty report."""
    assert list(CheckReport()._repr_mimebundle_(include=["text/html"])) == ["text/html"]
    assert list(CheckReport()._repr_mimebundle_(exclude=["text/html"])) == ["text/plain"]
    assert CheckReport()._repr_mimebundle_(include=[]) == {}
