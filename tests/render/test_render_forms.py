"""DOT, Mermaid, outline and plain SVG: stored as text, read back, and safe from what definitions contain."""

from __future__ import annotations

import os
import re
from xml.etree import ElementTree as ET

import pytest
from render_grammars import parse_dot, parse_mermaid
from render_samples import (
    SNAPSHOTS,
    SUBJECTS,
    corpus_subjects,
    definition,
    nasty,
    nasty_run,
    nesting,
    polling,
    shipped_run,
    task,
)

from podium.model.definitions import WorkflowDef
from podium.model.runs import WorkflowRun
from podium.render import dot, draw, graph, mermaid, outline
from podium.render.drawing import drawing
from podium.render.endings import with_own_ends
from podium.render.layout import layout
from podium.render.options import Options
from podium.render.picture import Picture
from podium.render.program import find_dot, run_dot
from podium.render.subject import picture_of

SVG = "{http://www.w3.org/2000/svg}"


def plain(subject: WorkflowDef | WorkflowRun, **options: object) -> str:
    """Return our own SVG."""
    chosen = Options(**options)  # type: ignore[arg-type]
    return drawing(picture_of(subject, chosen), chosen)


FORMS = {
    "dot": lambda subject: dot(subject, expand=1, legend=True),
    "mmd": lambda subject: mermaid(subject, expand=1),
    "txt": lambda subject: outline(subject, expand=1),
    "svg": lambda subject: plain(subject, expand=1, legend=True),
}


def agrees(parsed: object, picture: Picture) -> bool:
    """Tell whether a text that was read back says what the picture says, an end behind each termination included."""
    nodes, edges, boxes = parsed  # type: ignore[misc]
    picture = with_own_ends(picture)
    return (
        sorted(nodes) == sorted(node.id for node in picture.nodes)
        and edges == [(edge.source, edge.target) for edge in picture.edges]
        and sorted(boxes) == sorted(box.id for box in picture.containers)
    )


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", SUBJECTS)
def test_snapshots(name: str, form: str) -> None:
    """
    Each form of each sample is what it was when somebody last looked at it.

    PODIUM_UPDATE_SNAPSHOTS=1 writes them anew; look at the difference before you commit it.
    """
    text = FORMS[form](SUBJECTS[name])
    path = SNAPSHOTS / f"{name}.{form}"
    if os.environ.get("PODIUM_UPDATE_SNAPSHOTS"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    assert path.read_text() == text


@pytest.mark.parametrize("form", FORMS)
def test_same_input_same_bytes(form: str) -> None:
    """Nothing in a picture depends on the moment or on memory."""
    assert FORMS[form](shipped_run()) == FORMS[form](shipped_run())


@pytest.mark.parametrize("name", SUBJECTS)
def test_forms_agree(name: str) -> None:
    """DOT and Mermaid have the nodes, lines and boxes of the picture, no more and no less."""
    picture = picture_of(SUBJECTS[name], Options(expand=1))

    assert agrees(parse_dot(dot(SUBJECTS[name], expand=1)), picture)
    assert agrees(parse_mermaid(mermaid(SUBJECTS[name], expand=1)), picture)


def test_drawing_has_the_text_as_its_source() -> None:
    """``draw`` gives the object whose source is ``dot``'s text, so both can be trusted alike."""
    assert dot(nesting(), expand=1, direction="LR") == draw(nesting(), expand=1, direction="LR").source


def test_drawing_can_be_changed_further() -> None:
    """What ``draw`` gives is an ordinary ``graphviz.Digraph``."""
    drawing = draw(polling())
    drawing.node("note", "added")

    assert "\tnote [label=added]\n" in drawing.source


def test_conventions_of_dot() -> None:
    """Stable ids, classes, order and places are what style sheets and other tools rely on."""
    text = dot(polling())

    assert 'id="n_track"' in text
    assert 'class="node-loop"' in text
    assert "layout=nop2" in text
    assert re.search(r'"n_poll" -> "n_track" \[pos="e,[\d., ]+" .*class="edge-back"', text)
    assert re.search(r'"n_track" \[pos="[\d.]+,[\d.]+" width=[\d.]+ height=[\d.]+ ', text)
    assert text.index('"n_track" [') < text.index('"n_poll_gap" [') < text.index('"n_approve" [')


def test_direction_and_theme() -> None:
    """Both are options of every drawn form."""
    assert "rankdir=LR" in dot(polling(), direction="LR")
    assert "flowchart LR" in mermaid(polling(), direction="LR")
    assert 'bgcolor="#0d1117"' in dot(polling(), theme="dark")
    assert 'fill="#0d1117"' in plain(polling(), theme="dark")
    assert 'bgcolor="#ffffff"' in dot(polling())


def test_legend_explains_what_occurs() -> None:
    """A run's legend has its statuses in words, a definition's the meaning of its shapes."""
    text = dot(shipped_run(), legend=True)

    assert "completed</font></td>" in text
    assert "timed out" not in text
    assert "legend [" not in dot(shipped_run())
    assert "g_legend" not in dot(polling())
    shapes = [line.text for line in picture_of(polling(), Options(legend=True)).node("g_legend").lines]
    assert shapes == [
        "square box: a task of the engine",
        "dashed box: a loop, with its condition",
        "ellipse: a wait",
        "house: a person's task",
    ]


@pytest.mark.parametrize("direction", ["TB", "LR"])
@pytest.mark.parametrize("name", SUBJECTS)
def test_things_are_kept_apart(name: str, direction: str) -> None:
    """In the layout no two nodes overlap, and every box holds its nodes."""
    picture = picture_of(SUBJECTS[name], Options(expand=1))
    placed = layout(picture, left_to_right=direction == "LR")

    rects = list(placed.nodes.items())
    for i, (one, a) in enumerate(rects):
        for other, b in rects[i + 1 :]:
            assert not a.meets(b), (one, other)
    for node in picture.nodes:
        if node.container:
            inner, outer = placed.nodes[node.id], placed.boxes[node.container]
            assert outer.x <= inner.x
            assert outer.y <= inner.y
            assert inner.right <= outer.right
            assert inner.bottom <= outer.bottom


def test_plain_drawing_is_accessible() -> None:
    """The whole has a role, a title and a description, every node a title, no text is smaller than 12 px."""
    root = ET.fromstring(plain(shipped_run()))
    groups = {group.get("id"): group for group in root.iter(f"{SVG}g")}

    assert root.get("role") == "img"
    assert [title.text for title in root.findall(f"{SVG}title")] == ["shipping version 3"]
    assert "completed" in (root.findtext(f"{SVG}desc") or "")
    assert "completed" in (groups["n_reserve"].findtext(f"{SVG}title") or "")
    focusable = [name for name, group in groups.items() if group.get("tabindex") == "0"]
    assert focusable == [node.id for node in with_own_ends(picture_of(shipped_run())).nodes]
    assert all(float(text.get("font-size", "0")) >= 12 for text in root.iter(f"{SVG}text"))


@pytest.mark.parametrize("subject", [nasty(), nasty_run()], ids=["definition", "run"])
def test_nothing_breaks_out(subject: WorkflowDef | WorkflowRun) -> None:
    """Texts with quotes, tags, line ends and words of the languages stay texts, in every form."""
    picture = picture_of(subject, Options(expand=1, collapse=False))

    assert agrees(parse_dot(dot(subject, expand=1, collapse=False)), picture)
    explained = picture_of(subject, Options(expand=1, legend=True, collapse=False))
    assert agrees(parse_dot(dot(subject, expand=1, legend=True, collapse=False)), explained)
    assert agrees(parse_mermaid(mermaid(subject, expand=1, collapse=False)), picture)
    root = ET.fromstring(plain(subject, expand=1, legend=True, collapse=False))
    assert {
        f"{SVG}{tag}" for tag in ("svg", "title", "desc", "style", "g", "rect", "text", "path", "polygon", "ellipse")
    } == {element.tag for element in root.iter()}
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    assert len(ids) == len(set(ids))
    outline(subject, expand=1).encode()
    assert len(picture.nodes) == len(graph(subject, expand=1, collapse=False))


def test_outline_keeps_one_line_for_each_task() -> None:
    """A name with a line end does not make a second line."""
    text = outline(definition(task("a\n- b"), task("c")))

    assert text.splitlines() == ["flow version 1", "  - a - b [SIMPLE]", "  - c [SIMPLE]"]


def test_markdown_in_mermaid_labels_is_literal() -> None:
    """Mermaid reads labels as Markdown: lists, emphasis and formulas must not appear."""
    text = mermaid(definition(task("1. first"), task("__init__"), task("- x"), task("a_b"), task("$$x$$")))

    for literal in ('"1#46; first"', '"#95;#95;init#95;#95;"', '"#45; x"', '"a_b"', '"#36;#36;x#36;#36;"'):
        assert literal in text


@pytest.mark.parametrize("direction", ["TB", "LR"])
def test_whole_corpus_in_every_form(direction: str) -> None:
    """Every real definition and run can be drawn, and what is written can be read back."""
    for name, subject in corpus_subjects():
        picture = picture_of(subject, Options(expand=9))
        options = Options(direction=direction, legend=True, expand=9)
        assert agrees(parse_dot(dot(subject, expand=True, direction=direction)), picture), name
        assert agrees(parse_mermaid(mermaid(subject, expand=True)), picture), name
        ET.fromstring(drawing(picture, options))
        assert len(outline(subject, expand=True).splitlines()) > len(picture.steps), name
        assert len(picture.nodes) == len(graph(subject, expand=True)), name


@pytest.mark.parametrize("direction", ["TB", "LR"])
def test_graphviz_accepts_the_whole_corpus(direction: str) -> None:
    """One run of the real ``dot`` over all of it; a complaint would be a mistake of ours."""
    if find_dot() is None:
        pytest.skip("Graphviz's dot is not on the PATH")
    subjects = corpus_subjects()
    texts = [dot(subject, expand=True, direction=direction, legend=True) for _, subject in subjects]

    assert len(subjects) == run_dot("".join(texts), "json").count(b'"directed": true')


@pytest.mark.parametrize("subject", [nasty(), nasty_run(), *SUBJECTS.values()])
def test_graphviz_accepts(subject: WorkflowDef | WorkflowRun) -> None:
    """The real ``dot`` takes our text without a word of complaint and finds our nodes in it."""
    if find_dot() is None:
        pytest.skip("Graphviz's dot is not on the PATH")
    import json
    import subprocess

    done = subprocess.run(["dot", "-Tjson"], input=dot(subject, expand=1).encode(), capture_output=True, check=True)

    found = {thing["name"] for thing in json.loads(done.stdout)["objects"]}
    assert done.stderr == b""
    assert {node.id for node in picture_of(subject, Options(expand=1)).nodes} <= found
