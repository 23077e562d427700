"""Names come from definitions, so they are data: whatever they are, every form can hold them and says them."""

from __future__ import annotations

import html
import inspect
import re
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from render_grammars import parse_dot, parse_mermaid
from render_samples import NASTY, definition, task

from podium.model.definitions import WorkflowDef
from podium.render import dot, graph, labels, mermaid, outline, svg
from podium.render.endings import with_own_ends
from podium.render.naming import clean, escape_id
from podium.render.options import Options
from podium.render.program import find_dot, run_dot
from podium.render.subject import picture_of

SVG = "{http://www.w3.org/2000/svg}"
#: Words that Python functions of ours have as parameters, and words of the languages that are written.
WORDS = sorted(
    {name for each in vars(labels).values() if inspect.isfunction(each) for name in inspect.signature(each).parameters}
    | {"self", "cls", "subject", "options", "end", "graph", "node", "subgraph", "class", "style", "click", "default"}
)
SIGNS = st.text(st.sampled_from("\"'`{}[]()<>&%#;:|\\/\n\r\t $*_~-=ab1\u202eשä注🚚"), max_size=12)
NAMES = st.one_of(SIGNS, st.sampled_from([*NASTY, *WORDS]), st.text(max_size=8))


def flow_of(names: list[str]) -> WorkflowDef:
    """Return a flow in which these names stand wherever a name can stand."""
    one, two, three, four = names
    return definition(
        task(one, "DYNAMIC", name=two, dynamic_task_name_param=three, input_parameters={three: four}),
        task(f"s {two}", "SWITCH", expression=three, decision_cases={three: (task(f"a {four}"),), f"{four} x": ()}),
        task(f"l {three}", "DO_WHILE", loop_condition=four, loop_over=(task(f"b {one}", two),)),
        task(f"f {four}", "FORK_JOIN", fork_tasks=((task(f"c {one}"),), (task(f"d {two}", "WAIT"),))),
        task(f"j {one}", "JOIN", join_on=(f"c {one}", f"d {two}")),
        name=one,
        description=two,
        owner_email=three,
    )


@settings(max_examples=60, deadline=None)
@given(st.lists(NAMES, min_size=4, max_size=4))
@example(["task", "task", "task", "prefixes"])
@example(["%%{init: x}%%", "style a:b#c;", "classDef x:y#z", "end"])
def test_every_form_holds_any_name(names: list[str]) -> None:
    """What is written can be read back and has the picture's nodes and lines; an SVG is well-formed."""
    flow = flow_of(names)
    picture = with_own_ends(picture_of(flow, Options(collapse=False)))
    parsed: Any
    for parsed in (parse_dot(dot(flow, collapse=False)), parse_mermaid(mermaid(flow, collapse=False))):
        assert sorted(parsed.nodes) == sorted(node.id for node in picture.nodes)
        assert parsed.edges == [(edge.source, edge.target) for edge in picture.edges]
    assert ET.fromstring(svg(flow, collapse=False)).findtext(f"{SVG}title") == clean(picture.title)
    assert len(graph(flow)) == len(picture_of(flow, Options(collapse=False)).nodes)
    assert len(outline(flow).splitlines()) > len(flow.tasks)


@given(NAMES)
def test_the_title_in_mermaid_is_the_name(name: str) -> None:
    """Mermaid reads entities in its titles, so nothing of a name is lost, and nothing is syntax."""
    line = next(line for line in mermaid(definition(task("a"), name=name)).splitlines() if "accTitle: " in line)
    said = line.split("accTitle: ")[1]

    assert html.unescape(re.sub(r"#(\d+);", r"&#\1;", re.sub(r"#([a-z]+);", r"&\1;", said))) == (
        clean(f"{name} version 1") or "workflow"
    )


@pytest.mark.parametrize("name", ["n" * 20_000, "&" * 20_000, '"' * 20_000, "注" * 20_000, "a b" * 7_000])
def test_names_may_be_long(name: str) -> None:
    """Graphviz takes no text of more than 16,384 characters: ids and tooltips are cut, and stay different."""
    flow = flow_of([name, f"{name}x", f"x{name}", f"{name}y"])
    text = dot(flow, collapse=False)

    assert len({node.id for node in picture_of(flow).nodes}) == len(picture_of(flow).nodes)
    assert escape_id(name) != escape_id(f"{name}x")
    assert max(len(each) for each in re.findall(r'"(?:[^"\\]|\\.)*"', text)) < 16_384
    ET.fromstring(svg(flow))
    mermaid(flow)
    if find_dot() is not None:
        assert run_dot(text, "svg")
