"""
A playback as a piece of HTML: the frames in one SVG, a slider, buttons.

It needs no widgets, no library and no network, and where scripts do not run it shows the last frame. It does not start
by itself, so nothing moves that nobody asked to move.
"""

from __future__ import annotations

from typing import Final

from podium.render.drawing import xml
from podium.render.playback_svg import FRAME_S, Frames, captions, frame_lines

#: Everything that differs from playback to playback is in attributes, so that the script is the same text always.
_SCRIPT: Final = """
(function () {
  var root = document.getElementById("%(id)s");
  if (!root) { return; }
  var parts = root.querySelectorAll("[data-from]");
  var slider = root.querySelector("input");
  var said = root.querySelector("output");
  var play = root.querySelector("[data-do=play]");
  var captions = JSON.parse(root.getAttribute("data-captions"));
  var timer = null;
  function show(frame) {
    frame = Math.max(0, Math.min(captions.length - 1, frame));
    slider.value = frame;
    slider.setAttribute("aria-valuetext", captions[frame]);
    said.textContent = (frame + 1) + " of " + captions.length + ": " + captions[frame];
    parts.forEach(function (part) {
      var seen = +part.getAttribute("data-from") <= frame && frame < +part.getAttribute("data-to");
      part.setAttribute("visibility", seen ? "visible" : "hidden");
    });
  }
  function stop() {
    clearInterval(timer);
    timer = null;
    play.textContent = "Play";
  }
  function start() {
    if (+slider.value >= captions.length - 1) { show(0); }
    play.textContent = "Pause";
    timer = setInterval(function () {
      show(+slider.value + 1);
      if (+slider.value >= captions.length - 1) { stop(); }
    }, %(pause)d);
  }
  slider.addEventListener("input", function () { stop(); show(+slider.value); });
  root.querySelectorAll("button").forEach(function (button) {
    button.addEventListener("click", function () {
      var what = button.getAttribute("data-do");
      if (what === "play" && !timer) { start(); return; }
      stop();
      if (what !== "play") { show(+slider.value + (what === "next" ? 1 : -1)); }
    });
  });
  show(captions.length - 1);
})();
"""


def playback_html(playback: Frames, *, id_prefix: str) -> str:
    """Return the piece of HTML; ids begin with *id_prefix*, so a page can hold many."""
    colours = playback.options.colours
    last = len(playback.frames) - 1
    root = f"{id_prefix}root"
    caption = f"{last + 1} of {last + 1}: {playback.frames[-1].caption}"
    own = "" if playback.options.adapts else f"background:{colours.page};color:{colours.ink};"
    look = f"{own}font:14px Helvetica,Arial,sans-serif;padding:8px"
    spoken = f'aria-label="Moment of the run" aria-valuetext="{xml(playback.frames[-1].caption)}"'
    controls = [
        '<button type="button" data-do="back">Back</button>',
        '<button type="button" data-do="play">Play</button>',
        '<button type="button" data-do="next">Next</button>',
        f'<input type="range" min="0" max="{last}" step="1" value="{last}" {spoken} style="flex:1;min-width:160px">',
    ]
    bar = f'<div style="display:flex;gap:6px;align-items:center;max-width:760px">{"".join(controls)}</div>'
    said = f'<output style="display:block;padding:4px 0;min-height:1.3em">{xml(caption)}</output>'
    drawing = "".join(f"{line}\n" for line in frame_lines(playback, id_prefix))
    script = _SCRIPT % {"id": root, "pause": round(FRAME_S * 1000)}
    return (
        f'<div id="{root}" class="podium-playback" data-captions="{captions(playback)}" style="{look}">\n'
        f'{bar}\n{said}\n<div style="overflow:auto">\n{drawing}</div>\n</div>\n<script>{script}</script>\n'
    )
