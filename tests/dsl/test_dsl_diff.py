"""`Workflow.diff`: what an author asks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import podium
from podium import Workflow, switch, task, workflow
from podium.diff import Change, DefinitionDiff, Severity
from podium.model.errors import AuthoringError, DefinitionError, RenderError


@task
def charge(order_id: str, amount: float) -> str:
    """Stand in for a worker."""
    return order_id


@task
def ship(order_id: str) -> str:
    """Stand in for another."""
    return order_id


@workflow
def order(order_id: str, amount: float) -> str:
    """The first version."""
    paid = charge(order_id, amount)
    ship(order_id)
    return paid.output


@workflow(name="order", version=2)
def later(order_id: str, amount: float, gift: str = "no") -> str:
    """The second one: another name of a step, and shipping in a case only."""
    paid = charge.as_("pay")(order_id, amount)
    with switch("wrap", gift) as wrap, wrap.case("yes"):
        ship(order_id)
    return paid.output


def test_the_new_version_may_be_anything_that_is_one(tmp_path: Path) -> None:
    """A workflow, its definition, its JSON as data or text, a file."""
    path = tmp_path / "order.json"
    path.write_text(later.to_json())
    expected = order.diff(later)
    forms: list[Any] = [later.definition, later.to_dict(), later.to_json(), path, str(path), podium.load(path)]

    assert isinstance(expected, DefinitionDiff)
    assert all(order.diff(form) == expected for form in forms)
    assert podium.load(order.to_dict()).diff(later) == expected


def test_what_an_author_reads() -> None:
    """The steps that differ, what became of them, and what it means."""
    found = order.diff(later)

    assert found.summary.startswith("1 added, 1 renamed, 1 moved, ")
    assert [step.reference for step in found.of(Change.MOVED)] == ["ship"]
    assert "  = charge -> pay [SIMPLE] renamed\n" in str(found)
    assert "      from the top to case yes of wrap\n" in str(found)
    assert [str(each) for each in found.compatibility.callers] == ["input gift is new and has a default"]
    assert found.compatibility.severity is Severity.COMPATIBLE


def test_no_difference_is_false() -> None:
    """Also if one of the two went through JSON."""
    assert not order.diff(order.to_json())
    assert order.diff(later)
    assert str(order.diff(order)) == "order version 1 -> order version 1: no difference\n"


def test_a_difference_shows_itself(tmp_path: Path) -> None:
    """As text and picture in a notebook, and in files of every kind."""
    found = order.diff(later)

    assert list(found._repr_mimebundle_()) == ["text/plain", "image/svg+xml"]
    assert "status-renamed" in Path(found.render(tmp_path / "a.svg", direction="LR")).read_text()
    assert "flowchart" in Path(found.render(tmp_path / "a.mmd")).read_text()
    assert json.loads(Path(found.render(tmp_path / "a.json")).read_text()) == found.to_dict()
    assert Path(found.render(tmp_path / "a.txt")).read_text() == found.describe()
    with pytest.raises(RenderError):
        found.render(tmp_path / "a.bmp")


def test_what_cannot_be_compared_says_so(tmp_path: Path) -> None:
    """No definition, no file, no workflow that can be built."""
    with pytest.raises(DefinitionError):
        order.diff({"tasks": []})
    with pytest.raises(OSError, match="nothing"):
        order.diff(tmp_path / "nothing.json")
    with pytest.raises(AuthoringError):
        order.diff(Workflow("empty"))
