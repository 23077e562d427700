"""Parts of large pictures: collapsed structures, what is near a task, what lies between two, and summaries."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from large_samples import chain, nested, wide
from render_grammars import parse_dot, parse_mermaid
from render_samples import (
    SNAPSHOTS,
    attempt,
    corpus_subjects,
    definition,
    nasty,
    nasty_run,
    polling,
    run_of,
    shipping,
    task,
    telling,
)

from podium.model.errors import RenderError
from podium.model.statuses import RunStatus, TaskStatus
from podium.render import RenderOptions, dot, graph, mermaid, mimebundle, outline, render_file, svg
from podium.render.drawing import drawing
from podium.render.options import read_options
from podium.render.picture import NodeKind, Picture
from podium.render.subject import picture_of


def drawn(subject: Any, **options: Any) -> Picture:
    """Return the picture that a drawing function would draw."""
    return picture_of(subject, read_options(RenderOptions(**options)))


def keys(picture: Picture) -> list[str]:
    """Return the keys of all nodes."""
    return [node.key for node in picture.nodes]


def ways(picture: Picture) -> set[tuple[str, str]]:
    """Return all lines as (from, to)."""
    return {(picture.node(edge.source).key, picture.node(edge.target).key) for edge in picture.edges}


VIEWS: dict[str, tuple[Any, dict[str, Any]]] = {
    "collapsed_fork": (telling(), {"collapse": "tell"}),
    "collapsed_loop": (polling(), {"collapse": True}),
    "collapsed_switch": (shipping(), {"collapse": ["shipping"]}),
    "wide": (wide(14), {}),
    "focus": (wide(14), {"focus": "b3", "hops": 1}),
    "between": (nested(120), {"between": ("s2", "m4")}),
    "nested": (nested(120), {}),
    "summary": (chain(1_500), {}),
}


@pytest.mark.parametrize("form", ["dot", "mmd", "txt", "svg"])
@pytest.mark.parametrize("name", VIEWS)
def test_snapshots_of_views(name: str, form: str) -> None:
    """Each form of each view is what it was when somebody last looked at it (see test_render_forms)."""
    subject, options = VIEWS[name]
    chosen = read_options(RenderOptions(**options))
    text = {
        "dot": lambda: dot(subject, **options),
        "mmd": lambda: mermaid(subject, **options),
        "txt": lambda: outline(subject, **({"collapse": "auto"} | options)),
        "svg": lambda: drawing(picture_of(subject, chosen), chosen),
    }[form]()
    path = SNAPSHOTS / f"view_{name}.{form}"
    if os.environ.get("PODIUM_UPDATE_SNAPSHOTS"):
        path.write_text(text)

    assert path.read_text() == text


@pytest.mark.parametrize("name", VIEWS)
def test_forms_of_views_agree(name: str) -> None:
    """What is written can be read back, and has the nodes and lines of the picture, no more and no less."""
    subject, options = VIEWS[name]
    picture = drawn(subject, **options)

    for nodes, edges, _ in (parse_dot(dot(subject, **options)), parse_mermaid(mermaid(subject, **options))):
        assert sorted(nodes) == sorted(node.id for node in picture.nodes)
        assert edges == [(edge.source, edge.target) for edge in picture.edges]


# -- collapse ----------------------------------------------------------------------------------------------------------


def test_a_collapsed_fork_takes_its_join_with_it() -> None:
    """One node is left, with the fork's name and id and how much is in it; lines lead to and from it."""
    picture = drawn(telling(), collapse="tell")

    assert keys(picture) == ["start", "tell", "thank", "end"]
    assert ways(picture) == {("start", "tell"), ("tell", "thank"), ("thank", "end")}
    fork = picture.node("n_tell")
    assert fork.kind is NodeKind.COLLAPSED
    assert "3 branches, 4 tasks" in [line.text for line in fork.lines]
    assert fork.hidden == 5
    assert picture.summary.startswith("Flow of 7 tasks")


def test_a_collapsed_loop_keeps_its_condition() -> None:
    """Its box is gone, its condition and the number of tasks stand in its node; it leads back no more."""
    picture = drawn(polling(), collapse=["poll"])

    loop = picture.node("n_poll")
    text = " ".join(line.text for line in loop.lines)
    assert loop.kind is NodeKind.LOOP
    assert "until $.track['state'] ==" in text
    assert "2 tasks in the loop" in text
    assert not picture.containers
    assert ways(picture) == {("start", "poll"), ("poll", "approve"), ("approve", "end")}


def test_a_collapsed_switch_still_ends_where_a_case_ends() -> None:
    """A termination inside leads to the end, past what follows."""
    picture = drawn(wide(12), collapse=["s"])

    assert [edge.early for edge in picture.edges if edge.target == "flow_end"] == [True, False]
    assert ways(picture) >= {("s", "end"), ("s", "z"), ("z", "end")}


def test_small_pictures_are_whole() -> None:
    """Up to 60 nodes nothing is collapsed unasked: in no definition of the corpus is a task missing."""
    for name, subject in corpus_subjects():
        whole = drawn(subject, collapse=False)
        if len(whole.nodes) <= 60:
            assert drawn(subject) == whole, name


def test_large_pictures_collapse_from_the_inside() -> None:
    """Over 60 nodes the innermost structures are collapsed first, and no more than is needed."""
    picture = drawn(nested(108))

    assert len(picture.nodes) <= 60
    assert {"loop0", "x0", "y0"} <= set(keys(picture))
    assert "b0" not in keys(picture)
    assert "b0" in keys(drawn(nested(120), collapse=False))
    assert "b0" in keys(drawn(nested(36)))


def test_texts_and_graphs_are_whole_unless_told() -> None:
    """An analysis must not miss tasks; a text has no page that they would not fit on."""
    assert "b0" in graph(nested(120))
    assert "b0" not in graph(nested(120), collapse=True)
    assert "- b0 [SIMPLE]" in outline(nested(120))
    assert "- b0 [SIMPLE]" in mimebundle(nested(120))["text/plain"]


def test_written_outlines_are_whole(tmp_path: Path) -> None:
    """So are files of text."""
    assert outline(nested(120)) == Path(render_file(nested(120), tmp_path / "a.txt")).read_text()


def test_many_branches_are_one_node() -> None:
    """More than 12 branches or cases become one with a count; 12 are drawn."""
    picture = drawn(wide(14))

    assert {"f (14 branches)", "s (14 cases)"} <= set(keys(picture))
    assert {("f", "f (14 branches)"), ("f (14 branches)", "f_join")} <= ways(picture)
    assert "a0" in keys(drawn(wide(12)))
    label = next(edge.label for edge in picture.edges if edge.target.startswith("g_") and edge.cases)
    assert label == "C0 | C1 | C2 | C3 | 10 more"


def test_collapsed_parts_of_a_run_tell_what_is_in_them() -> None:
    """Counts by status, the status of the whole, and the first reason why something failed."""
    flow = wide(14)
    done = [attempt(f"a{i}") for i in range(14)]
    bad = attempt("b5", TaskStatus.FAILED, reason_for_incompletion="disk full")
    picture = drawn(run_of(flow, attempt("f"), *done, attempt("b0"), bad, status=RunStatus.FAILED))

    node = next(node for node in picture.nodes if node.key == "f (14 branches)")
    assert node.status == "FAILED"
    assert [line.text for line in node.lines][-3:] == ["15 done, 1 failed, 12 to come", "✗ failed", "b5: disk full"]
    assert [edge.taken for edge in picture.edges if edge.target == node.id] == [True]


def test_a_run_shows_the_cases_that_it_took() -> None:
    """Among many cases the one that the run took stays in sight."""
    flow = wide(14)
    chosen = attempt("s", output_data={"evaluationResult": ["C3"]})

    picture = drawn(run_of(flow, chosen, attempt("c3")))

    assert "c3" in keys(picture)
    assert "s (13 cases)" in keys(picture)


# -- focus and between -------------------------------------------------------------------------------------------------


def test_focus_shows_what_is_near() -> None:
    """The rest is told by its number; the task itself is marked."""
    picture = drawn(chain(1_000), focus="t500")

    assert keys(picture) == ["start", "t1 … t497", "t498", "t499", "t500", "t501", "t502", "t503 … t1000", "end"]
    assert picture.focus == {"n_t500"}
    assert 'class="node-system focus"' in dot(chain(1_000), focus="t500")
    assert "… 497 tasks" in mermaid(chain(1_000), focus="t500")


def test_focus_keeps_the_structures_around() -> None:
    """A reader sees in which fork he is, and the other branches as one."""
    picture = drawn(wide(14), focus="b3", hops=1)

    assert {"f", "a3", "b3", "f_join"} <= set(keys(picture))
    assert any(line.text == "… 13 branches, 26 tasks" for node in picture.nodes for line in node.lines)


def test_focus_does_not_go_through_the_ends() -> None:
    """All terminations are next to the end, which does not make them neighbours."""
    stop = task("s", "SWITCH", expression="x", decision_cases={"A": (task("stop", "TERMINATE"),)})

    assert "d" not in keys(drawn(definition(stop, *(task(name) for name in "abcd")), focus="stop", hops=2))


def test_between_shows_every_way() -> None:
    """Both ends, and what lies on a way between them."""
    picture = drawn(shipping(), between=("shipping", "shipping_merge"))

    assert {"shipping", "quote_express", "quote_post", "shipping_merge"} <= set(keys(picture))
    assert "refuse" not in keys(picture)
    assert "reserve" not in keys(picture)


def test_between_takes_loops_as_a_whole() -> None:
    """A loop's name means all of it."""
    picture = drawn(nested(120), between=("loop1", "m1"))

    assert {"loop1", "b1", "p1", "s1", "x1", "y1", "m1"} <= set(keys(picture))
    assert "loop2" not in keys(picture)


def test_between_may_go_round_a_loop() -> None:
    """Where only the way back leads from one to the other, it is taken."""
    assert {"poll_gap", "poll", "track"} <= set(keys(drawn(polling(), between=("poll_gap", "track"))))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"focus": "quote_expres"}, "focus names 'quote_expres', which is not in .*; did you mean 'quote_express'"),
        ({"between": ("reserve", "nowhere")}, "between names 'nowhere'"),
        ({"between": ("shipping_merge", "reserve")}, "no way leads from .*; there is one from 'reserve'"),
        ({"collapse": "reserve"}, "names a task that has nothing inside"),
        ({"collapse": ["shiping"]}, "did you mean 'shipping'"),
        ({"collapse": 3}, "collapse is True, False"),
        ({"hops": -1}, "hops is a number"),
        ({"hops": True}, "hops is a number"),
        ({"focus": 1}, "focus is the name of a task"),
        ({"between": "reserve"}, "between is two names"),
        ({"between": ("a",)}, "between is two names of tasks, not 1"),
        ({"focus": "reserve", "between": ("reserve", "shipping")}, "give one of them"),
        ({"definitions": 1}, "definitions is a list"),
        ({"definitions": [1]}, "definitions holds 1"),
        ({"undo": "yes"}, "undo is True or False"),
    ],
)
def test_wrong_views_are_told(options: dict[str, Any], words: str) -> None:
    """An unknown name brings the nearest known one; a wrong value what would be right."""
    with pytest.raises(RenderError, match=words):
        svg(shipping(), **options)


# -- summaries ---------------------------------------------------------------------------------------------------------


def test_thousands_of_tasks_are_summed_up() -> None:
    """About twenty stretches, a table of types and depths, and how to look closer."""
    picture = drawn(chain(10_000))
    note = picture.node("g_about")
    text = "\n".join(line.text for line in note.lines)

    assert len(picture.nodes) == 23
    assert sum(node.hidden for node in picture.nodes) == 10_000
    assert text.startswith("10,000 tasks\n9,000 SIMPLE\n1,000 HTTP\nBy depth\n10,000 at depth 0")
    assert 'focus="t3334", hops=3' in text
    assert 'between=("t1", "t500")' in [line.text for line in picture.nodes[1].lines]
    assert "podium render … --between t1 t500" in picture.nodes[1].tooltip


def test_the_way_in_leads_in() -> None:
    """What a stretch says can be used as it stands, and shows these tasks."""
    stretch = drawn(chain(10_000)).nodes[2]
    first, last = re.findall(r'"(\w+)"', stretch.tooltip[1])

    picture = drawn(chain(10_000), between=(first, last))

    assert {first, last} <= set(keys(picture))
    assert len(picture.nodes) == 504


def test_stretches_keep_forks_and_joins_together() -> None:
    """No stretch begins with the join of a fork that is in the one before."""
    rounds = [
        each
        for i in range(600)
        for each in (
            task(f"f{i}", "FORK_JOIN", fork_tasks=((task(f"a{i}"),), (task(f"b{i}"),))),
            task(f"f{i}_join", "JOIN", join_on=(f"a{i}", f"b{i}")),
        )
    ]

    assert not [key for key in keys(drawn(definition(*rounds))) if re.match(r"f\d+_join …", key)]


def test_collapsing_may_be_enough() -> None:
    """A loop with thousands of tasks is one node, with the table beside it."""
    body = tuple(task(f"t{i}") for i in range(3_000))

    picture = drawn(definition(task("l", "DO_WHILE", loop_over=body), task("z")))

    assert keys(picture) == ["start", "l", "z", "(about)", "end"]


def test_mermaid_stays_below_what_pages_draw() -> None:
    """Mermaid refuses more than 50,000 characters or 500 lines; everything is still to be had."""
    text = mermaid(chain(1_000))

    assert len(text) < 50_000
    assert len(parse_mermaid(text).edges) <= 500
    assert len(parse_mermaid(mermaid(chain(1_000), collapse=False)).nodes) == 1_002


def test_notebooks_stay_responsive() -> None:
    """What a cell shows of 10,000 tasks is small."""
    shown = mimebundle(chain(10_000))

    assert all(len(form) < 100_000 for form in shown.values())
    assert "too large to draw one by one" in shown["text/plain"]


# -- any names ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("subject", [nasty(), nasty_run()], ids=["definition", "run"])
def test_nothing_breaks_out_of_views(subject: Any) -> None:
    """Quotes, tags, line ends, right-to-left texts and words of the languages stay texts in every view."""
    whole = drawn(subject, collapse=False)
    views: list[dict[str, Any]] = [{"collapse": True}]
    views += [{"focus": key, "hops": 1} for key in keys(whole)[::5]]
    views += [{"between": ("start", key)} for key in keys(whole)[1:4]]
    for view in views:
        picture = drawn(subject, **view)
        for nodes, edges, _ in (parse_dot(dot(subject, **view)), parse_mermaid(mermaid(subject, **view))):
            assert sorted(nodes) == sorted(node.id for node in picture.nodes)
            assert edges == [(edge.source, edge.target) for edge in picture.edges]
        chosen = read_options(RenderOptions(**view))
        ET.fromstring(drawing(picture, chosen))
        assert len(graph(subject, **({"collapse": "auto"} | view))) == len(picture.nodes)


def test_right_to_left_names_are_drawn_as_they_are() -> None:
    """Hebrew and Arabic stay readable; characters that would reorder what follows are gone."""
    flow = definition(task("תשלום"), task("דחוף\u202eabc"), task("شحن الطلب"))

    for text in (dot(flow), svg(flow), mermaid(flow), outline(flow)):
        assert "תשלום" in text
        assert "شحن الطلب" in text
        assert "\u202e" not in text


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_views_lose_no_task_and_no_way(data: st.DataObject) -> None:
    """Whatever is folded, each task is counted once, and from the start the end is reached as before."""
    subject = data.draw(st.sampled_from([nested(36), wide(14), shipping(), telling(), polling()]))
    whole = drawn(subject, collapse=False)
    names = [node.key for node in whole.nodes if node.reference]
    view = data.draw(
        st.one_of(
            st.fixed_dictionaries({"focus": st.sampled_from(names), "hops": st.integers(0, 4)}),
            st.fixed_dictionaries({"collapse": st.sampled_from([True, "auto"])}),
        )
    )

    picture = drawn(subject, **view)
    network = graph(subject, **({"collapse": "auto"} | view))

    tasks = sum(bool(node.task_type) + node.hidden for node in picture.nodes)
    assert tasks == sum(bool(node.task_type) for node in whole.nodes)
    assert nx.has_path(network, "start", "end")
    assert all(nx.has_path(network, "start", key) for key in network)
