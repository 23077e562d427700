"""Estates: which workflow runs which, as a graph and as a picture."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from render_samples import CORPUS, definition, task

from podium import fan_out, load, wait, workflow
from podium.model.definitions import SubWorkflowParams, WorkflowDef
from podium.model.errors import RenderError
from podium.render import dot, mermaid, mimebundle, outline, svg
from podium.render.drawing import drawing
from podium.render.estate import CallKind, Estate, EstateCall, estate, read_folder
from podium.render.layout import layout
from podium.render.options import Options
from podium.render.subject import picture_of


def _runs(reference: str, name: str | None = None, version: int | None = None, inline: Any = None) -> Any:
    params = SubWorkflowParams(name=name or reference, version=version, workflow_definition=inline)
    return task(reference, "SUB_WORKFLOW", sub_workflow_param=params)


def _estate() -> Estate:
    begin = task("audit", "START_WORKFLOW", input_parameters={"startWorkflow": {"name": "audit", "version": "3"}})
    return estate(
        [
            definition(_runs("pay", "charge", 2), begin, name="order", version=1, owner_email="o@example.com"),
            definition(_runs("pay", "charge"), name="order", version=4, failure_workflow="undo_order"),
            definition(task("card"), task("post"), name="charge", version=1),
            definition(
                _runs("chosen", "${workflow.input.next}"),
                _runs("held", "held", inline=definition(_runs("again", "charge"), name="held")),
                _runs("back", "order"),
                name="refund",
            ),
        ],
    )


def test_all_versions_of_a_workflow_are_one_node() -> None:
    """The newest tells the number of tasks and the owner; what is called and not known is marked."""
    nodes = _estate().nodes

    assert nodes["order"] == {
        "kind": "workflow",
        "versions": (1, 4),
        "tasks": 1,
        "owner": None,
        "label": "order",
    }
    assert {name: nodes[name]["kind"] for name in ("charge", "audit", "undo_order")} == {
        "charge": "workflow",
        "audit": "missing",
        "undo_order": "missing",
    }


def test_each_line_knows_the_places_of_its_calls() -> None:
    """How, where, from which version and to which; a version that is not there is missing."""
    graph = _estate()
    how = CallKind.SUB_WORKFLOW

    assert graph.edges["order", "charge"] == {
        "kinds": ("sub-workflow",),
        "calls": (
            EstateCall(kind=how, reference="pay", caller_version=1, version=2, missing=True),
            EstateCall(kind=how, reference="pay", caller_version=4),
        ),
        "missing": True,
    }
    assert graph.edges["order", "audit"]["kinds"] == ("start-workflow",)
    assert graph.edges["order", "audit"]["calls"][0].version == 3
    assert graph.edges["order", "undo_order"]["kinds"] == ("failure-workflow",)


def test_what_a_run_decides_is_unknown() -> None:
    """An expression is a node of its own, since two of the same text need not mean the same workflow."""
    graph = _estate()
    asked = definition(task("a"), name="asked", failure_workflow="$workflow.input.undo")

    assert graph.nodes["refund/chosen"]["label"] == "${workflow.input.next}"
    assert graph.nodes["refund/chosen"]["kind"] == "unknown"
    assert estate([asked]).nodes["asked/failureWorkflow"]["kind"] == "unknown"


def test_an_inline_definition_belongs_to_its_holder() -> None:
    """It is no node, and its calls are the holder's."""
    graph = _estate()

    assert "held" not in graph
    assert [call.reference for call in graph.edges["refund", "charge"]["calls"]] == ["held/again"]


def test_authoring_objects_bring_the_workflows_that_they_call() -> None:
    """Sub-workflows, starts and fan-outs of a workflow in Python are found without being named."""

    @workflow
    def child(item: str) -> None:
        wait("pause", duration="1 seconds")

    @workflow(version=2)
    def parent(items: list[str]) -> None:
        child("a")
        child.as_("other").start("b")
        fan_out("all", child, [{"item": "c"}])

    graph = estate([parent])

    assert list(graph) == ["child", "parent"]
    assert graph.edges["parent", "child"]["kinds"] == ("sub-workflow", "start-workflow", "fan-out")
    assert not graph.edges["parent", "child"]["missing"]


def test_only_definitions_make_an_estate() -> None:
    """The message names what was given instead."""
    with pytest.raises(RenderError, match="int"):
        estate([3])


def test_an_estate_is_drawn_in_every_form(tmp_path: Path) -> None:
    """The word, not only the shape, says what is missing and what a run decides; lines say how."""
    graph = _estate()
    text = outline(graph)

    assert text.startswith("3 workflows, 2 missing, 1 decided by the run\n")
    assert "- undo_order [MISSING]" in text
    assert "on failure" in mermaid(graph)
    assert "missing version 2" in dot(graph)
    ET.fromstring(svg(graph))
    assert list(mimebundle(graph)) == ["text/plain", "image/svg+xml"]
    assert graph._repr_mimebundle_(include=["text/plain"]) == {"text/plain": text}
    assert Path(graph.render(tmp_path / "estate.mmd")).read_text() == mermaid(graph)


@pytest.mark.parametrize("direction", ["TB", "LR"])
def test_an_estate_is_drawn_without_graphviz(direction: Any) -> None:
    """Every box and line has its place, also in circles; no two boxes overlap."""
    loop = [definition(_runs("x", other), name=name) for name, other in (("a", "b"), ("b", "a"), ("c", "c"))]
    for graph in (_estate(), estate(loop), estate([])):
        picture = picture_of(graph)
        root = ET.fromstring(drawing(picture, Options(direction=direction)))
        ids = {element.get("id") for element in root.iter()}
        assert {node.id for node in picture.nodes} <= ids
        assert {edge.id for edge in picture.edges} <= ids
        boxes = list(layout(picture, left_to_right=direction == "LR").nodes.values())
        for number, one in enumerate(boxes):
            for other in boxes[number + 1 :]:
                apart_x = one.x + one.width <= other.x or other.x + other.width <= one.x
                apart_y = one.y + one.height <= other.y or other.y + other.height <= one.y
                assert apart_x or apart_y


def test_a_part_of_an_estate_can_be_drawn_and_too_much_cannot() -> None:
    """A sub-graph is an estate as well; an unreadable number of boxes is refused with a way out."""
    graph = _estate()
    part = graph.subgraph(["order", "charge"])

    assert outline(part).startswith("2 workflows\n")
    many = estate([WorkflowDef(name=f"w{i}", tasks=()) for i in range(1_001)])
    with pytest.raises(RenderError, match="subgraph"):
        svg(many)
    assert "subgraph" in mimebundle(many)["text/plain"]


def test_the_outline_says_how_workflows_are_called() -> None:
    """Where and how, in the words of the definition; the version that is asked for, if one is."""
    assert (
        outline(_estate())
        == """\
3 workflows, 2 missing, 1 decided by the run
  - charge [WORKFLOW] version 1; 2 tasks
  - order [WORKFLOW] versions 1, 4; 1 task
    START_WORKFLOW audit (version 3):
      - audit [MISSING]
    SUB_WORKFLOW pay (version 2); SUB_WORKFLOW pay:
      - charge [WORKFLOW] version 1; 2 tasks
    failureWorkflow:
      - undo_order [MISSING]
  - refund [WORKFLOW] version 1; 3 tasks
    SUB_WORKFLOW held/again:
      - charge [WORKFLOW] version 1; 2 tasks
    SUB_WORKFLOW back:
      - order [WORKFLOW] versions 1, 4; 1 task
    SUB_WORKFLOW chosen:
      - ${workflow.input.next} [DECIDED BY THE RUN]
"""
    )


def test_what_is_near_a_workflow() -> None:
    """``focus`` and ``hops`` count lines in either direction; what is asked for is marked, the rest counted."""
    flows = [definition(_runs(f"to_{i}", f"w{i + 1}"), name=f"w{i}") for i in range(9)]
    chain = estate(flows)

    assert [node.key for node in picture_of(chain, Options(focus="w4", hops=1)).nodes] == ["w3", "w4", "w5"]
    assert len(picture_of(chain, Options(focus="w4")).nodes) == 5
    picture = picture_of(chain, Options(between=("w2", "w4")))
    assert [node.key for node in picture.nodes] == ["w2", "w3", "w4"]
    assert picture.focus == {"w_w2", "w_w4"}
    assert "left out: 7 more" in outline(chain, focus="w4", hops=1)
    assert "node-sub-workflow focus" in svg(chain, focus="w4")
    with pytest.raises(RenderError, match="there is no workflow 'w44' in this estate; did you mean 'w4'"):
        svg(chain, focus="w44")
    with pytest.raises(RenderError, match="'w4' does not run 'w2'"):
        svg(chain, between=("w4", "w2"))


def test_a_part_of_an_estate_that_is_too_large_can_be_drawn() -> None:
    """The limit is for what is drawn."""
    many = estate([definition(_runs("x", f"w{i + 1}"), name=f"w{i}") for i in range(1_500)])

    assert len(picture_of(many, Options(focus="w700", hops=3)).nodes) == 7


def test_names_cannot_break_a_picture() -> None:
    """Quotes and HTML in names stay text."""
    graph = estate([definition(_runs("r", '"]; <script>'), name="a -->|x| b")])

    assert "<script>" not in svg(graph)
    assert "<script>" not in mermaid(graph)


def test_parts_are_drawn_alike_in_every_process() -> None:
    """Sub-graphs keep their nodes in sets, whose order changes with the seed of the hashes."""
    code = (
        "from podium.model.definitions import WorkflowDef as W; from podium.render import dot; "
        "from podium.render.estate import estate; "
        "g = estate([W(name=f'w{i}', tasks=(), failure_workflow=f'w{i+1}') for i in range(9)]); "
        "print(dot(g.subgraph({f'w{i}' for i in range(4)})))"
    )
    texts = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed, "PATH": ""},
            cwd=Path(__file__).parents[2],
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }

    assert len(texts) == 1


def test_a_folder_is_read_with_what_is_passed_over(tmp_path: Path) -> None:
    """Single definitions and lists of them count; anything else is named with its reason."""
    one, two = ({"name": name, "version": 1, "tasks": []} for name in ("one", "two"))
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "list.json").write_text(json.dumps([one, two]))
    (tmp_path / "task.json").write_text('{"name": "charge", "retryCount": 3}')
    (tmp_path / "torn.json").write_text("{")
    (tmp_path / "wrong.json").write_text('{"name": "w", "tasks": 3}')
    found, passed = read_folder(tmp_path)

    assert [each.name for each in found] == ["one", "two"]
    assert list(passed) == ["task.json", "torn.json", "wrong.json"]
    with pytest.raises(RenderError, match="no folder"):
        read_folder(tmp_path / "nothing")


def test_the_corpus_is_an_estate() -> None:
    """Every definition of the corpus has its place, and the whole can be drawn."""
    folder = CORPUS / "definitions"
    if not folder.is_dir():
        pytest.skip("the corpus is not beside the repository")
    found, _ = read_folder(folder)
    graph = estate(load(each) for each in found)

    assert {each.name for each in found} <= set(graph)
    assert graph.number_of_edges() > 20
    assert "flowchart" in mermaid(graph)
