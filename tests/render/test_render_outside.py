"""What a definition only names: the definitions of its sub-workflows, and the workflow that undoes it."""

from __future__ import annotations

import os
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from render_grammars import parse_dot, parse_mermaid
from render_samples import SNAPSHOTS, attempt, definition, run_of, task

from podium.model.definitions import SubWorkflowParams, WorkflowDef
from podium.model.errors import RenderError
from podium.model.statuses import RunStatus, TaskStatus
from podium.render import dot, graph, mermaid, outline, svg
from podium.render.drawing import drawing
from podium.render.options import read_options
from podium.render.subject import picture_of


def call(reference: str, name: str, version: int | None = None) -> Any:
    """Return a task that starts a workflow by its name."""
    return task(reference, "SUB_WORKFLOW", sub_workflow_param=SubWorkflowParams(name=name, version=version))


def estate() -> tuple[WorkflowDef, ...]:
    """Return an outer workflow, two versions of an inner one, and one that starts itself."""
    return (
        definition(task("a"), call("pack", "packing"), call("old", "packing", 1), name="outer"),
        definition(task("wrap_old"), name="packing", version=1),
        definition(task("wrap"), call("again", "packing", 2), name="packing", version=2),
    )


def undone() -> tuple[WorkflowDef, WorkflowDef]:
    """Return a workflow and the one that undoes it, as the authoring room writes them."""

    def guarded(name: str) -> Any:
        return task(f"if_{name}", "SWITCH", expression="x", decision_cases={"true": (task(f"undo_{name}"),)})

    return (
        definition(
            task("reserve"),
            task("reserve_done", "SET_VARIABLE"),
            task("charge"),
            task("charge_done", "SET_VARIABLE"),
            task("ship"),
            name="order",
            failure_workflow="order_undo",
            failure_workflow_version=1,
        ),
        definition(guarded("charge"), guarded("reserve"), task("tell"), name="order_undo"),
    )


def test_named_sub_workflows_open_where_their_definitions_are_given() -> None:
    """The newest version unless one is named; without the definitions they stay closed."""
    outer = estate()[0]

    assert list(graph(outer, expand=True)) == ["start", "a", "pack", "old", "end"]
    found = list(graph(outer, expand=1, definitions=estate()))
    assert [key for key in found if "/" in key and "end" not in key] == ["pack/wrap", "pack/again", "old/wrap_old"]


def test_a_workflow_that_starts_itself_is_opened_once() -> None:
    """Recursion has no end that could be drawn."""
    found = list(graph(estate()[0], expand=True, definitions=estate()))

    assert "pack/again" in found
    assert not any(key.startswith("pack/again/") for key in found)


@pytest.mark.parametrize("given", [list, lambda all_of_it: {each.name: each for each in all_of_it[1:]}])
def test_definitions_in_several_shapes(given: Any) -> None:
    """A list, a mapping by any key, or objects that have a definition."""
    outer = estate()[0]
    wrapped = [SimpleNamespace(definition=each) for each in estate()]

    assert "pack/wrap" in outline_keys(outer, definitions=given(estate()))
    assert "pack/wrap" in outline_keys(outer, definitions=wrapped)


def outline_keys(subject: Any, **options: Any) -> list[str]:
    """Return the keys of all nodes of an open picture."""
    return [node.key for node in picture_of(subject, read_options({"expand": 1, **options})).nodes]  # type: ignore[typeddict-item]  # any options


def test_authoring_objects_bring_their_definitions() -> None:
    """An object that knows the definitions it needs is asked for them."""
    workflow = SimpleNamespace(definition=estate()[0], definitions=estate())

    assert "pack/wrap" in graph(workflow, expand=1)


def test_runs_take_definitions_too() -> None:
    """A run's sub-workflows open where their definitions are given, without statuses of their own."""
    run = run_of(estate()[0], attempt("a"))

    assert graph(run, expand=1, definitions=estate()).nodes["pack/wrap"]["status"] is None


def test_undo_is_drawn_when_asked() -> None:
    """A box beside the flow with the tasks that undo it, in their order; dotted lines lead from the steps."""
    order, undo = undone()
    picture = picture_of(order, read_options({"undo": True, "definitions": [undo]}))

    lines = [(edge.source, edge.target) for edge in picture.edges if edge.kind == "undo"]
    assert lines == [
        ("undo_undo_charge", "undo_undo_reserve"),
        ("undo_undo_reserve", "undo_tell"),
        ("n_charge", "undo_undo_charge"),
        ("n_reserve", "undo_undo_reserve"),
    ]
    assert picture.containers[-1].title == "undo: order_undo runs if the workflow fails"
    assert "undo" not in dot(order)


@pytest.mark.parametrize("form", ["dot", "mmd", "txt", "svg"])
def test_snapshots_of_undo(form: str) -> None:
    """Each form is what it was when somebody last looked at it (see test_render_forms)."""
    order, undo = undone()
    options: Any = {"undo": True, "definitions": [undo]}
    chosen = read_options(options)
    text = {
        "dot": lambda: dot(order, **options),
        "mmd": lambda: mermaid(order, **options),
        "txt": lambda: outline(order, **options),
        "svg": lambda: drawing(picture_of(order, chosen), chosen),
    }[form]()
    path = SNAPSHOTS / f"view_undo.{form}"
    if os.environ.get("PODIUM_UPDATE_SNAPSHOTS"):
        path.write_text(text)

    assert path.read_text() == text


def test_forms_of_undo_agree() -> None:
    """DOT and Mermaid say what the picture says, and the SVG is one."""
    order, undo = undone()
    options: Any = {"undo": True, "definitions": [undo]}
    picture = picture_of(order, read_options(options))

    for nodes, edges, boxes in (parse_dot(dot(order, **options)), parse_mermaid(mermaid(order, **options))):
        assert sorted(nodes) == sorted(node.id for node in picture.nodes)
        assert edges == [(edge.source, edge.target) for edge in picture.edges]
        assert boxes == ["c_undo"]
    assert ET.fromstring(svg(order, **options)).get("role") == "img"


def test_a_run_that_was_undone_shows_it() -> None:
    """Its undo is found by its output, and needs no definition; what it did has its status, with the lines to it."""
    order, undo = undone()
    undoing = run_of(undo, attempt("if_charge"), attempt("undo_charge"), status=RunStatus.COMPLETED)
    failed = run_of(
        order,
        attempt("reserve"),
        attempt("charge"),
        attempt("ship", TaskStatus.FAILED),
        status=RunStatus.FAILED,
        output={"conductor.failure_workflow": "undo-1"},
    )
    picture = picture_of(failed, read_options({"undo": True, "runs": {"undo-1": undoing}}))

    assert {node.id: node.status for node in picture.nodes if node.id.startswith("undo_")} == {
        "undo_undo_charge": "COMPLETED",
        "undo_undo_reserve": "NOT_STARTED",
        "undo_tell": "NOT_STARTED",
    }
    assert picture.containers[-1].title == "undo: order_undo ✓ completed"
    assert [edge.taken for edge in picture.edges if edge.kind == "undo"] == [False, False, True, False]
    assert "its undo: run undo-1" in picture.about
    unknown = picture_of(failed, read_options({"undo": True, "definitions": [undo]}))
    assert {node.status for node in unknown.nodes if node.id.startswith("undo_")} == {"NOT_STARTED"}


def test_undo_needs_its_definition() -> None:
    """What is not known cannot be drawn; a workflow without an undo has none to draw."""
    order, _ = undone()

    with pytest.raises(RenderError, match="needs the definition of 'order_undo'"):
        dot(order, undo=True)
    assert dot(estate()[0]) == dot(estate()[0], undo=True)
