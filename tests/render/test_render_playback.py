"""A run played back: frames in one layout, a slider without widgets, an SVG that plays by itself."""

from __future__ import annotations

import os
import re
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from render_samples import SNAPSHOTS, nasty_run, polled_run, run_of, spread_run
from test_render_children import family
from timeline_samples import START, charging_run, encoding_run, looping_run

from podium.model.errors import InvalidRequest, RenderError
from podium.render import animate, playback
from podium.render.options import Options
from podium.render.overlay import draw_moments, draw_run
from podium.render.playbacks import Playback

_WRAPPED = re.compile(r'data-from="(\d+)" data-to="(\d+)"( visibility="hidden")?')

#: As much of a page as the script of a slider touches.
_DOM = """
function element(attributes) {
  return {
    attributes: attributes, value: attributes.value || "0", textContent: "", listeners: {},
    getAttribute(name) { return this.attributes[name]; },
    setAttribute(name, value) { this.attributes[name] = value; },
    addEventListener(name, done) { this.listeners[name] = done; },
  };
}
var parts = STRETCHES.map(([from, to]) => element({"data-from": from, "data-to": to}));
var slider = element({value: "0"}), said = element({});
var buttons = ["back", "play", "next"].map(what => element({"data-do": what}));
var root = element({"data-captions": CAPTIONS});
root.querySelectorAll = what => what === "button" ? buttons : parts;
root.querySelector = what => what === "input" ? slider : what === "output" ? said : buttons[1];
var document = {getElementById: id => root};
var ticking = null;
function setInterval(done) { ticking = done; return 1; }
function clearInterval() { ticking = null; }
function seen() {
  return parts.filter(part => part.attributes.visibility === "visible").map(part => part.attributes["data-from"]);
}
"""


def stretches(text: str) -> list[tuple[int, int, bool]]:
    """Return the first frame, the frame after the last and whether it is hidden, of every part that changes."""
    return [(int(a), int(b), bool(hidden)) for a, b, hidden in _WRAPPED.findall(text)]


def drawing(found: Playback) -> str:
    """Return the SVG inside the HTML."""
    text = found.html()
    return text[text.index("<svg") : text.index("</svg>") + 6]


def test_two_displays_in_one_page_keep_their_ids_apart() -> None:
    """Else the slider of the second would move the first."""
    texts = [playback(charging_run())._repr_mimebundle_()["text/html"] for _ in range(2)]
    ids = [set(re.findall(r'\bid="([^"]+)"', text)) for text in texts]

    assert ids[0].isdisjoint(ids[1])


def test_frames_have_one_shape() -> None:
    """Nodes, lines and boxes are those of the whole run from the first frame on; what is to come has not started."""
    found = playback(encoding_run(4))
    first, last = found.frames[0].picture, found.frames[-1].picture

    assert {tuple(node.id for node in frame.picture.nodes) for frame in found.frames} == {
        tuple(node.id for node in last.nodes)
    }
    assert first.node("n_encode_3").status == "NOT_STARTED"
    assert last == draw_run(encoding_run(4))
    assert [edge.id for edge in first.edges] == [edge.id for edge in last.edges]


def test_nothing_moves_from_frame_to_frame() -> None:
    """Every part that changes is drawn at the same place: the frames share one layout."""
    svg = ET.fromstring(playback(charging_run()).svg())
    places: dict[str, set[tuple[str | None, ...]]] = {}
    for group in svg.iter("{http://www.w3.org/2000/svg}g"):
        name = (group.get("id") or "").split("-f")[0]
        figure = group.find("{http://www.w3.org/2000/svg}rect[@rx='9']")
        if "_n_" in name and figure is not None:
            places.setdefault(name, set()).add(tuple(figure.get(key) for key in ("x", "y", "width", "height")[:2]))

    middles = {name: len(found) for name, found in places.items()}
    assert middles
    assert all(count <= 2 for count in middles.values())  # the second is the outer outline of a failure


@pytest.mark.parametrize("form", ["svg", "html", "txt"])
def test_snapshots(form: str) -> None:
    """Each form is what it was when somebody last looked at it; PODIUM_UPDATE_SNAPSHOTS=1 writes them anew."""
    found = playback(charging_run(), count=4)
    text = {"svg": found.svg, "html": found.html, "txt": found.describe}[form]()
    path = SNAPSHOTS / f"playback_charging.{form}"
    if os.environ.get("PODIUM_UPDATE_SNAPSHOTS"):
        path.write_text(text)

    assert path.read_text() == text


def test_captions_tell_what_happened() -> None:
    """Each frame says when it was and what changed, so the playback can be read without the picture."""
    lines = playback(charging_run()).describe().splitlines()

    assert lines[0] == "charging version 2"
    assert lines[1:4] == [
        "  +0: reserve scheduled",
        "  +1 s: reserve in progress",
        "  +4 s: reserve completed, gap in progress",
    ]
    assert lines[-1] == "  +1 d 0:01:20: charge failed, mail canceled, end failed"


def test_every_frame_shows_each_part_once() -> None:
    """The stretches of a part follow each other without a gap from the first frame to the last."""
    found = playback(charging_run())
    count = len(found.frames)
    spans = stretches(drawing(found))

    assert spans[0][0] == 0
    for one, two in pairwise(spans):
        assert two[0] == one[1] or (one[1] == count and two[0] == 0)
    assert spans[-1][1] == count
    assert all(hidden == (end < count) for _, end, hidden in spans)


def test_ids_are_there_once() -> None:
    """Neither the parts of one playback nor two playbacks in a page share an id."""
    texts = [drawing(playback(run)) for run in (charging_run(), looping_run(5))]
    ids = [element.get("id") for text in texts for element in ET.fromstring(text).iter() if element.get("id")]

    assert len(ids) == len(set(ids))


def test_slider_works_without_anything() -> None:
    """One piece of HTML: no address is in it but that of SVG itself, and nothing is loaded."""
    text = playback(charging_run()).html()

    assert set(re.findall(r"https?://[^\"'\s]+", text)) == {"http://www.w3.org/2000/svg"}
    assert not re.search(r"<link|<img|src=|@import|url\(", text)
    assert 'aria-label="Moment of the run"' in text
    assert text.count("<script>") == 1


def test_script_of_the_slider() -> None:
    """It starts at the last frame; slider and buttons show frames, play goes to the end and stops."""
    import json

    import quickjs

    found = playback(charging_run())
    text = found.html()
    spans = [[str(a), str(b)] for a, b, _ in stretches(text)]
    captions = json.dumps([frame.caption for frame in found.frames])
    page = quickjs.Context()
    page.eval(_DOM.replace("STRETCHES", json.dumps(spans)).replace("CAPTIONS", json.dumps(captions)))
    page.eval(text[text.index("<script>") + 8 : text.index("</script>")])
    last = len(found.frames) - 1

    def seen() -> list[str]:
        return list(json.loads(page.eval("JSON.stringify(seen())")))

    assert page.eval("said.textContent") == f"{last + 1} of {last + 1}: {found.frames[-1].caption}"
    page.eval("slider.value = '1'; slider.listeners.input()")
    assert page.eval("slider.attributes['aria-valuetext']") == "+1 s: reserve in progress"
    assert seen() == [a for a, b in spans if int(a) <= 1 < int(b)]
    page.eval("buttons[0].listeners.click(); buttons[0].listeners.click()")
    assert page.eval("slider.value") == 0
    page.eval("buttons[1].listeners.click()")
    assert page.eval("buttons[1].textContent") == "Pause"
    page.eval("while (ticking) { ticking(); }")
    assert (page.eval("slider.value"), page.eval("buttons[1].textContent")) == (last, "Play")


def test_animated_svg_respects_those_who_want_no_motion() -> None:
    """It plays by style alone; without motion, and without style, the last frame is seen."""
    found = playback(charging_run())
    text = found.svg(seconds=5)

    assert "@media (prefers-reduced-motion:reduce)" in text
    assert "animation:none!important" in text
    assert "<script" not in text
    assert " 5s step-end infinite" in text
    percents = [float(value) for value in re.findall(r"([\d.]+)%\{", text)]
    assert (min(percents), max(percents)) == (0, 100)
    assert ET.fromstring(text).get("role") == "img"
    with pytest.raises(RenderError, match="positive"):
        found.svg(seconds=0)


def test_children_play_too() -> None:
    """Sub-workflows whose runs are given are open in every frame, as they were then."""
    run, runs = family()
    pictures = draw_moments(run, [500, 1_500, None], Options(runs=runs, expand=2))

    assert [picture.node("n_below_Z_below_Z_burn").status for picture in pictures] == [
        "NOT_STARTED", "IN_PROGRESS", "FAILED",
    ]  # fmt: skip
    assert len({tuple(node.id for node in picture.nodes) for picture in pictures}) == 1


def test_legend_explains_every_frame() -> None:
    """Statuses that occur only on the way are explained from the start, so the legend does not jump."""
    text = drawing(playback(charging_run()))

    legend = text[text.index("legend") :]
    for word in ("scheduled", "in progress", "completed", "failed", "canceled", "not started"):
        assert word in legend


def test_files(tmp_path: Path) -> None:
    """The suffix says which; GIF is refused in words that say what does the same."""
    run = charging_run()

    assert Path(animate(run, tmp_path / "a.svg")).read_text() == playback(run).svg()
    assert Path(animate(run, tmp_path / "a.html")).read_text().startswith("<!DOCTYPE html>")
    assert Path(animate(run, tmp_path / "a.txt", count=2)).read_text() == playback(run, count=2).describe()
    with pytest.raises(RenderError, match=r"animated \.svg plays in slides"):
        animate(run, tmp_path / "a.gif")
    with pytest.raises(RenderError, match="cannot be written"):
        animate(run, tmp_path / "no" / "a.svg")


def test_notebook_shows_the_slider() -> None:
    """Text and HTML unasked; the animated SVG on request."""
    found = playback(charging_run())

    assert list(found._repr_mimebundle_()) == ["text/plain", "text/html"]
    assert list(found._repr_mimebundle_(include=["image/svg+xml"])) == ["image/svg+xml"]


def test_count_and_options() -> None:
    """Fewer frames keep the first and the last; options are those of pictures."""
    found = playback(looping_run(30), count=5, theme="dark", iteration={"poll": 2})

    assert [found.frames[0].at_ms, found.frames[-1].at_ms, len(found.frames)] == [START, START + 30_000, 5]
    assert 'fill="#0d1117"' in found.svg()
    assert found.frames[0].picture.node("n_track").status == "NOT_STARTED"
    assert found.frames[-1].picture.node("n_track").iteration == 2
    with pytest.raises(InvalidRequest):
        playback(looping_run(2), count=0)
    with pytest.raises(RenderError, match="not int"):
        playback(3)  # type: ignore[arg-type]
    with pytest.raises(RenderError, match="there is no loop"):
        playback(looping_run(2), iteration={"x": 1})


def test_any_run_can_be_played() -> None:
    """Runs without times, with strangers, with hostile names, and those that have only begun."""
    for run in (nasty_run(), polled_run(), spread_run(13, bad=3), run_of(None), looping_run(3, live=True)):
        found = playback(run)
        ET.fromstring(found.svg())
        ET.fromstring(drawing(found))


def test_a_run_has_the_methods(tmp_path: Path) -> None:
    """``run.playback()`` and ``run.animate()`` are the same."""
    import podium  # noqa: F401  # says where the verbs live

    run = charging_run()

    assert run.playback(count=3).describe() == playback(run, count=3).describe()
    assert Path(run.animate(f"{tmp_path}/a.txt")).read_text() == playback(run).describe()
