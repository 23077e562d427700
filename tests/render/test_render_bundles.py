"""What every object that a notebook can show has in common."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from render_samples import attempt, nesting, run_of, shipping

from podium import load, task, workflow
from podium.model.codec import to_dict
from podium.render import diff_picture, notebook, timeline
from podium.render.estate import estate
from podium.render.notebook import forms_bundle, page_prefix

_SHOWN: dict[str, Callable[[], Any]] = {
    "workflow": lambda: load(to_dict(shipping())),
    "run": lambda: run_of(shipping(), attempt("reserve")),
    "report": lambda: load(to_dict(shipping())).check(),
    "timeline": lambda: timeline(run_of(shipping(), attempt("reserve"))),
    "diff": lambda: diff_picture(shipping(), nesting()),
    "estate": lambda: estate([shipping(), nesting()]),
}


@pytest.mark.parametrize("name", _SHOWN)
def test_every_object_respects_what_a_notebook_asks_for(name: str) -> None:
    """There is always a text; include and exclude choose among the forms, and may leave none."""
    shown = _SHOWN[name]()
    forms = shown._repr_mimebundle_()

    assert len(forms) > 1
    assert forms["text/plain"].strip()
    assert list(shown._repr_mimebundle_(include=["text/plain"])) == ["text/plain"]
    assert "text/plain" not in shown._repr_mimebundle_(exclude={"text/plain"})
    assert shown._repr_mimebundle_(include=("text/plain",), exclude=("text/plain",)) == {}


@pytest.mark.parametrize("name", sorted(_SHOWN.keys() - {"report"}))
def test_every_picture_has_ids_of_its_own(name: str) -> None:
    """The same object shown twice in a page repeats no id."""
    first, second = (
        set(re.findall(r'\bid="([^"]+)"', _SHOWN[name]()._repr_mimebundle_()["image/svg+xml"])) for _ in range(2)
    )

    assert first
    assert not first & second


def test_ids_are_the_same_in_the_next_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    """A notebook that is executed anew does not change: what is shown, and how often before, gives the prefix."""
    monkeypatch.setattr(notebook, "_shown", type(notebook._shown)())
    first = [page_prefix(content) for content in ("a", "b", "a")]
    monkeypatch.setattr(notebook, "_shown", type(notebook._shown)())

    assert [page_prefix(content) for content in ("a", "b", "a")] == first
    assert len(set(first)) == 3


def test_a_form_that_cannot_be_made_is_left_out() -> None:
    """A display never raises; if nothing is left there is a text."""

    def fail() -> str:
        raise ValueError("no")

    forms = {"text/plain": lambda: "text", "image/svg+xml": fail}

    assert forms_bundle(forms, None, None, fallback="<x>") == {"text/plain": "text"}
    assert forms_bundle({"text/plain": fail}, None, None, fallback="<x>") == {"text/plain": "<x>"}


def test_a_workflow_that_cannot_be_built_says_why() -> None:
    """The author looks at it right now, and a traceback inside a display would hide the message."""

    @task
    def pack(order: str) -> str:
        return order

    @workflow
    def broken(order: str) -> None:
        if pack(order).output:
            pack(order)

    @workflow
    def failing(order: str) -> None:
        raise KeyError(order)

    assert "when" in broken._repr_mimebundle_()["text/plain"]
    assert failing._repr_mimebundle_()["text/plain"].startswith("<Workflow> KeyError: ")
