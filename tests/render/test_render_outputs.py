"""Files, notebooks and networkx graphs; with Graphviz and without."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree as ET

import attrs
import networkx as nx
import pytest
from render_samples import definition, nesting, polled_run, polling, shipped_run, shipping, spread_run, task

from podium.model.errors import RenderError
from podium.render import dot, graph, mermaid, mimebundle, outline, render_file, svg
from podium.render.endings import with_own_ends
from podium.render.options import read_options
from podium.render.page import page_of
from podium.render.palette import STYLES, THEMES, Theme
from podium.render.program import find_dot, run_dot
from podium.render.subject import picture_of

SVG = "{http://www.w3.org/2000/svg}"
needs_dot = pytest.mark.skipif(find_dot() is None, reason="Graphviz's dot is not on the PATH")


@pytest.fixture
def without_dot(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make a machine without Graphviz."""
    monkeypatch.setenv("PATH", "")


@needs_dot
@pytest.mark.parametrize(
    ("suffix", "start"), [(".svg", b"<svg"), (".png", b"\x89PNG"), (".pdf", b"%PDF"), (".SVG", b"<svg")]
)
def test_pictures_by_graphviz(tmp_path: Path, suffix: str, start: bytes) -> None:
    """The suffix chooses the form, in either case; the path is given back."""
    path = f"{tmp_path}/run{suffix}"

    assert path == render_file(shipped_run(), path)
    assert Path(path).read_bytes().startswith(start)


@pytest.mark.usefixtures("without_dot")
def test_texts_need_nothing(tmp_path: Path) -> None:
    """DOT, Mermaid and outline are written without Graphviz; the legend is on in files."""
    for suffix, text in {
        ".dot": dot(polled_run(), legend=True),
        ".gv": dot(polled_run(), legend=True),
        ".mmd": mermaid(polled_run()),
        ".mermaid": mermaid(polled_run()),
        ".txt": outline(polled_run()),
    }.items():
        path = render_file(polled_run(), str(tmp_path / f"run{suffix}"))
        assert text == Path(path).read_text()


@pytest.mark.usefixtures("without_dot")
def test_svg_without_graphviz(tmp_path: Path) -> None:
    """An SVG needs no program: it is the same without one."""
    text = Path(render_file(shipping(), str(tmp_path / "a.svg"), legend=False)).read_text()

    assert text == svg(shipping())
    assert ET.fromstring(text).get("role") == "img"


@pytest.mark.usefixtures("without_dot")
@pytest.mark.parametrize("suffix", [".png", ".pdf"])
def test_bitmaps_without_graphviz_say_how_to_get_it(tmp_path: Path, suffix: str) -> None:
    """The error names the missing program, how to install it, and what works without; no file appears."""
    path = tmp_path / f"a{suffix}"

    with pytest.raises(RenderError, match=r"program dot of Graphviz.*apt install graphviz.*\.svg"):
        render_file(shipping(), str(path))
    assert not path.exists()


def test_unknown_suffix_names_the_known_ones(tmp_path: Path) -> None:
    """The error lists every suffix."""
    with pytest.raises(RenderError, match=r"\.svg, \.png, \.pdf, \.dot, \.gv, \.mmd, \.mermaid or \.txt"):
        render_file(shipping(), str(tmp_path / "a.jpeg"))


def test_missing_folder_is_a_render_error(tmp_path: Path) -> None:
    """A path that cannot be written is told as our error."""
    with pytest.raises(RenderError, match="cannot be written"):
        render_file(shipping(), str(tmp_path / "no" / "a.txt"))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"direction": "UP"}, "direction is one of TB, LR, not 'UP'"),
        ({"theme": "pink"}, "theme is one of auto, light, dark"),
        ({"legend": 3}, "legend is True, False or None"),
        ({"expand": -1}, "expand is a number of levels"),
        ({"expand": "all"}, "expand is a number of levels"),
        (
            {"colour": "red"},
            "there is no option 'colour'; the options are direction, theme, legend, expand, iteration, runs",
        ),
    ],
)
def test_wrong_options_are_told(options: dict[str, object], words: str) -> None:
    """An option that cannot be obeyed is an error that says what can."""
    with pytest.raises(RenderError, match=words):
        dot(shipping(), **options)  # type: ignore[arg-type]


def test_anything_with_a_definition_can_be_drawn() -> None:
    """An authoring object is drawn by its definition; other things are refused in words."""
    assert outline(shipping()) == outline(SimpleNamespace(definition=shipping()))
    with pytest.raises(RenderError, match="not int"):
        outline(3)


def test_an_svg_is_accessible() -> None:
    """Role, title, description; a title in words on every node and line; no links; our ids."""
    root = ET.fromstring(svg(polled_run(), legend=True))
    groups = {group.get("id"): group for group in root.iter(f"{SVG}g")}

    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == "title desc"
    assert root.findtext(f"{SVG}title") == "polling version 1"
    assert (
        groups["n_track"].findtext(f"{SVG}title") == "track: HTTP track; completed; 2 attempts; iteration 4; took 1.5 s"
    )
    assert groups["e_n_track__n_poll_gap"].findtext(f"{SVG}title") == "track to poll_gap"
    assert "status-completed" in (groups["n_track"].get("class") or "")
    assert {"c_poll", "n_poll", "flow_start", "flow_end", "legend"} <= set(groups)
    assert not list(root.iter(f"{SVG}a"))


def test_an_svg_goes_with_its_page() -> None:
    """Unasked it is light, and dark on a page that is; each colour of the light theme is told from every other one."""
    text = svg(shipped_run(), legend=True)
    light, dark = THEMES["light"], THEMES["dark"]

    assert text.count("<style>") == 1
    assert "@media (prefers-color-scheme:dark)" in text
    assert f'[fill="{light.ink}"]{{fill:{dark.ink}}}' in text
    assert len(set(attrs.astuple(light))) == len(attrs.fields(Theme))
    assert not set(attrs.astuple(light)) - {light.page} & {look.text for look in STYLES.values()}
    for theme in ("light", "dark"):
        assert "prefers-color-scheme" not in svg(shipped_run(), theme=theme)  # type: ignore[arg-type]  # one of the literals


def test_an_svg_fits_its_page() -> None:
    """It is never wider than the page, the cell or the screen that it stands in."""
    root = ET.fromstring(svg(shipping(), theme="light"))

    assert root.get("class") == "podium"
    assert root.findtext(f"{SVG}style") == ".podium{max-width:100%;height:auto}"


def test_tab_key_follows_the_definition() -> None:
    """Nodes come last in the SVG, over the lines, in the order of the definition, and each can have the focus."""
    groups = [group for group in ET.fromstring(svg(shipping())).iter(f"{SVG}g") if group.get("tabindex") == "0"]

    assert [group.get("id") for group in groups] == [node.id for node in with_own_ends(picture_of(shipping())).nodes]
    assert all(group.get("role") == "img" for group in groups)


def test_an_svg_is_the_same_each_time() -> None:
    """Same input, same bytes."""
    assert svg(shipping()) == svg(shipping())


@needs_dot
@pytest.mark.parametrize("direction", ["TB", "LR"])
def test_graphviz_draws_our_places(direction: Any) -> None:
    """Whichever program of Graphviz reads our DOT, everything stays where the SVG has it; one point is one pixel."""
    import json

    flow = polling()
    page = page_of(picture_of(flow), read_options({"direction": direction}))
    for program in ("dot", "neato"):
        done = subprocess.run(
            [program, "-Tjson"], input=dot(flow, direction=direction).encode(), capture_output=True, check=True
        )
        placed = {
            thing["name"]: thing["pos"].split(",") for thing in json.loads(done.stdout)["objects"] if "pos" in thing
        }
        first = page.layout.nodes["flow_start"].middle
        for name, rect in page.layout.nodes.items():
            x, y = (float(placed[name][axis]) - float(placed["flow_start"][axis]) for axis in (0, 1))
            assert x == pytest.approx(rect.middle.x - first.x, abs=0.2)
            assert -y == pytest.approx(rect.middle.y - first.y, abs=0.2)


@needs_dot
def test_failing_program_is_told() -> None:
    """What ``dot`` says when it fails is in the error."""
    with pytest.raises(RenderError, match=r"dot failed: .*syntax error"):
        run_dot("digraph {", "svg")


@needs_dot
def test_slow_program_is_stopped() -> None:
    """A layout that takes too long is an error, not a frozen page."""
    with pytest.raises(RenderError, match="took more than 0 s"):
        run_dot(dot(shipping()), "svg", timeout_s=0)


def test_notebook_shows_text_and_picture() -> None:
    """Two forms unasked, more on request, less if excluded."""
    usual = mimebundle(shipping())

    assert list(usual) == ["text/plain", "image/svg+xml"]
    assert outline(shipping()) == usual["text/plain"]
    assert list(mimebundle(shipping(), exclude=["image/svg+xml"])) == ["text/plain"]
    wanted = mimebundle(shipping(), include={"text/vnd.mermaid", "text/vnd.graphviz", "x/unknown"})
    assert {"text/vnd.mermaid": mermaid(shipping()), "text/vnd.graphviz": dot(shipping())} == wanted


@needs_dot
def test_notebook_gives_a_bitmap_on_request() -> None:
    """PNG is made only when it is asked for, and is text as notebooks store it."""
    assert mimebundle(shipping(), include=["image/png"])["image/png"].startswith("iVBOR")


def test_notebook_ids_are_unique_in_a_page() -> None:
    """Different pictures share no id, since a page holds many."""
    one, two = (
        {element.get("id") for element in ET.fromstring(mimebundle(it)["image/svg+xml"]).iter()} - {None}
        for it in (shipping(), shipped_run())
    )

    assert one
    assert not one & two


@pytest.mark.usefixtures("without_dot")
def test_notebook_without_graphviz() -> None:
    """The picture is shown; a bitmap cannot be made and is left out."""
    shown = mimebundle(shipping(), include=["image/svg+xml", "image/png"])

    assert list(shown) == ["image/svg+xml"]
    assert "n_reserve" in shown["image/svg+xml"]


def test_notebook_never_raises() -> None:
    """Even what cannot be drawn has a text."""
    assert mimebundle(3) == {"text/plain": "<int> a workflow, its definition or a run can be drawn, not int"}


def test_notebook_works_in_a_running_event_loop() -> None:
    """Everything is synchronous and starts no loop of its own."""
    import asyncio

    async def cell() -> dict[str, str]:
        return mimebundle(shipping())

    assert "text/plain" in asyncio.run(cell())


def test_graph_of_a_definition() -> None:
    """Reference names are the keys, in definition order; edges know their cases."""
    found = graph(shipping())

    assert list(found) == [
        "start",
        "reserve",
        "shipping",
        "quote_express",
        "refuse",
        "quote_post",
        "shipping_merge",
        "end",
    ]
    assert found.edges["shipping", "quote_express"]["cases"] == ("EXPRESS",)
    assert found.edges["shipping", "quote_post"]["otherwise"]
    node = found.nodes["reserve"]
    assert (node["id"], node["kind"], node["type"], node["name"]) == ("n_reserve", "worker", "SIMPLE", "reserve_stock")
    assert nx.immediate_dominators(found, "start")["shipping_merge"] == "shipping"


def test_graph_of_a_run() -> None:
    """A run's graph adds statuses, attempts, iterations and the path."""
    found = graph(polled_run())

    assert found.graph["status"] == "RUNNING"
    assert tuple(found.nodes["track"][key] for key in ("status", "attempts", "iteration")) == ("COMPLETED", 2, 4)
    assert found.nodes["track"]["container"] == "poll"
    assert found.edges["poll", "track"]["taken"]
    assert found.edges["poll", "track"]["kind"] == "back"
    assert graph(spread_run(3, bad=1)).nodes["_encode_1"]["reason"] == "disk full"


def test_graph_of_an_expanded_sub_workflow() -> None:
    """Inner tasks have the outer name before theirs."""
    assert list(graph(nesting(), expand=True)) == ["start", "pack", "pack/pack", "pack/stop", "pack/end", "post", "end"]


def test_graph_of_an_empty_loop_has_one_edge_to_itself() -> None:
    """All kinds of two edges between one pair of nodes are kept."""
    found = graph(definition(task("l", "DO_WHILE")))

    assert found.edges["l", "l"]["kinds"] == ("back",)


def test_import_is_cheap() -> None:
    """Importing the room loads neither networkx nor graphviz nor the drawing modules."""
    program = (
        "import sys, podium.render\n"
        "bad = [m for m in ('networkx', 'graphviz', 'subprocess', 'xml.etree.ElementTree') if m in sys.modules]\n"
        "print(bad + [m for m in sys.modules if m.startswith('podium.render.flow')])"
    )

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


def test_polling_loop_is_drawn_alike_everywhere() -> None:
    """The functions stay functions after their modules were imported (a module must not take a function's name)."""
    import podium.render as room

    for name in room.__all__:
        assert callable(getattr(room, name))
    assert "poll" in outline(polling())
