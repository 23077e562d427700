"""Ways into pictures of thousands of tasks, and what is refused because nobody would wait for it."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

import networkx as nx
import pytest
from large_samples import chain, nested, wide
from render_samples import definition, task

from podium.model.definitions import WorkflowDef
from podium.model.errors import RenderError
from podium.render import dot, mimebundle, render_file, svg
from podium.render.options import Options
from podium.render.program import find_dot
from podium.render.subject import picture_of

SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("flow", [chain(10_000), nested(3_000)], ids=["chain", "nested"])
def test_a_click_leads_in(flow: WorkflowDef) -> None:
    """In an SVG each block is a link to a drawing of what it stands for, and that has a link back; without scripts."""
    root = ET.fromstring(svg(flow, id_prefix="p_"))
    ids = {element.get("id"): element for element in root.iter() if element.get("id")}
    links = [link for link in root.iter(f"{SVG}a") if link.get("class") == "way-in"]
    style = "".join(element.text or "" for element in root.iter(f"{SVG}style"))

    assert len(links) == 20
    assert len(ids) == len([element for element in root.iter() if element.get("id")])
    for link in links:
        target = link.get("href", "")[1:]
        inside = ids[target]
        assert inside.get("visibility") == "hidden"
        assert f"#{target}:target{{visibility:visible}}" in style
        back = inside.find(f"{SVG}a")
        assert back is not None
        assert ids[back.get("href", "")[1:]] is root
        assert 3 <= len(inside.findall(f".//{SVG}g[@role='img']")) <= 60
    assert not list(root.iter(f"{SVG}script"))


def test_what_is_inside_begins_and_ends_where_the_block_does() -> None:
    """The figures at both ends say which steps are around it, and the run's statuses are there."""
    picture = picture_of(nested(3_000), Options())
    first, second = (picture.inside[node.id]() for node in picture.nodes[1:3])

    assert first.start.name == "start"
    assert first.end.name == f"before {second.nodes[1].name}"
    assert second.start.name.startswith("after ")
    graph_of = nx.DiGraph((edge.source, edge.target) for edge in second.edges)
    assert set(nx.descendants(graph_of, second.start.id)) == {node.id for node in second.nodes[1:]}


def test_a_click_leads_into_collapsed_structures_of_a_large_flow() -> None:
    """Of flows up to 1,000 tasks nothing is doubled: who wants more of them can have all."""

    def looping(count: int) -> WorkflowDef:
        bodies = [tuple(task(f"t{i}_{j}") for j in range(40)) for i in range(count)]
        return definition(*(task(f"l{i}", "DO_WHILE", loop_over=body) for i, body in enumerate(bodies)))

    assert 'href="#in_n_l7"' in svg(looping(30))
    assert "way-in" not in svg(looping(10))


def test_notebooks_have_no_links_into_large_flows() -> None:
    """There, links are the page's own; the calls stand in the blocks."""
    text = mimebundle(chain(2_000))["image/svg+xml"]

    assert "way-in" not in text
    assert "between=(" in text


@pytest.mark.parametrize("suffix", ["png", "pdf"])
def test_what_graphviz_would_take_minutes_for_is_refused_at_once(tmp_path: Path, suffix: str) -> None:
    """The message says what to write instead, and nothing is written."""
    path = tmp_path / f"large.{suffix}"
    with pytest.raises(RenderError, match=r"3,002 nodes are too many .* focus=.*between=.*an \.svg has all of it"):
        render_file(chain(3_000), path, collapse=False)

    assert not path.exists()
    if find_dot() is not None:
        assert Path(render_file(chain(3_000), path)).stat().st_size > 1_000


def test_thousands_of_cases_are_drawn_by_graphviz(tmp_path: Path) -> None:
    """What stands in a tooltip is cut where Graphviz would refuse it."""
    if find_dot() is None:
        pytest.skip("Graphviz's dot is not on the PATH")

    assert Path(render_file(wide(4_000), tmp_path / "wide.png")).stat().st_size > 1_000
    assert max(len(line) for line in dot(wide(4_000)).splitlines()) < 16_000
