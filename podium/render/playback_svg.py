"""
The frames of a playback in one SVG.

What is the same in every frame is there once; what changes is there once for each stretch of frames in which it looks
the same, so that a playback is little larger than a picture.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from attrs import evolve, field, frozen

from podium.render.drawing import drawing, xml
from podium.render.options import Options
from podium.render.picture import Picture

#: Seconds that a frame is shown, and the last one longer.
FRAME_S: Final = 0.7
_LAST_S: Final = 2.0

#: The element itself, and what is told about the whole, which is that of the last frame.
_STATIC: Final = ("<svg", "<title", "<desc")
_ID: Final = re.compile(r'^<g id="([^"]*)"')


@frozen(kw_only=True)
class Shown:
    """One frame as it is drawn."""

    #: Epoch milliseconds.
    at_ms: int
    #: What a reader is told: the time since the start, and what happened.
    caption: str
    picture: Picture


@frozen(kw_only=True)
class Frames:
    """The frames of a run and their common shape."""

    title: str
    #: In the order of time; the last is the run as it is.
    frames: tuple[Shown, ...]
    #: The same nodes, lines and boxes as every frame, with the longest texts that they ever have.
    shape: Picture
    options: Options = field(factory=Options)


def frame_lines(playback: Frames, id_prefix: str) -> Iterator[str]:
    """
    Yield the lines of the SVG, changing parts wrapped.

    A wrapped part is ``<g class="{id_prefix}v" data-from=… data-to=…>``: it is seen from the one frame to before the
    other. Parts that the last frame does not show carry ``visibility="hidden"``, so without style or script the last
    frame is seen.
    """
    options = evolve(playback.options, legend=playback.options.legend is not False)
    drawn = [
        drawing(frame.picture, options, id_prefix=id_prefix, shape=playback.shape).splitlines()
        for frame in playback.frames
    ]
    keyed = [_by_key(lines) for lines in drawn]
    count = len(keyed)
    for key in keyed[-1]:
        stretches = _stretches([frame[key] for frame in keyed])
        if len(stretches) == 1 or keyed[-1][key].startswith(_STATIC):
            yield keyed[-1][key]
            continue
        for start, end, line in stretches:
            hidden = "" if end == count else ' visibility="hidden"'
            # An id may be there once only, and a style sheet looks for classes.
            body = _ID.sub(rf'<g id="\1-f{start}"', line)
            yield f'<g class="{id_prefix}v" data-from="{start}" data-to="{end}"{hidden}>{body}</g>'


def _by_key(lines: list[str]) -> Mapping[str, str]:
    """Return each line by its id, or by its number among those without one: only lines with an id change places."""
    found: dict[str, str] = {}
    number = 0
    for line in lines:
        named = _ID.match(line)
        if named:
            found[named.group(1)] = line
        else:
            found[str(number)] = line
            number += 1
    return found


def _stretches(lines: list[str]) -> list[tuple[int, int, str]]:
    """Return (first frame, frame after the last, line) for each stretch of equal lines."""
    found: list[tuple[int, int, str]] = []
    for number, line in enumerate(lines):
        if found and found[-1][2] == line:
            found[-1] = (found[-1][0], number + 1, line)
        else:
            found.append((number, number + 1, line))
    return found


def animated_svg(playback: Frames, *, id_prefix: str, seconds: float | None) -> str:
    """Return an SVG that plays by itself, by style alone."""
    count = len(playback.frames)
    total = seconds if seconds is not None else FRAME_S * (count - 1) + _LAST_S
    begins = [100 * FRAME_S * frame / (FRAME_S * (count - 1) + _LAST_S) for frame in range(count)]
    lines = list(frame_lines(playback, id_prefix))
    stretches = sorted({(int(a), int(b)) for line in lines for a, b in _WRAPPED.findall(line)})
    rules = [
        f'.{id_prefix}v[data-from="{start}"][data-to="{end}"]{{animation:{id_prefix}k{start}_{end} {total:g}s step-end '
        f"infinite}}@keyframes {id_prefix}k{start}_{end}{{{_steps(start, end, begins)}}}"
        for start, end in stretches
    ]
    reduced = f"@media (prefers-reduced-motion:reduce){{.{id_prefix}v{{animation:none!important}}}}"
    style = f"<style>{''.join(rules)}{reduced}</style>"
    lines.insert(1, style)
    return "".join(f"{line}\n" for line in lines)


_WRAPPED: Final = re.compile(r'data-from="(\d+)" data-to="(\d+)"')


def _steps(start: int, end: int, begins: list[float]) -> str:
    """Return the key frames of what is seen from one frame to before another; *begins* are percents of a round."""
    steps = [(0.0, start == 0)]
    if start:
        steps.append((begins[start], True))
    if end < len(begins):
        steps.append((begins[end], False))
    steps.append((100.0, end == len(begins)))
    return "".join(f"{at:.3f}%{{visibility:{'visible' if seen else 'hidden'}}}" for at, seen in steps)


def captions(playback: Frames) -> str:
    """Return the captions as a JSON list that an attribute can hold."""
    import json

    return xml(json.dumps([frame.caption for frame in playback.frames], ensure_ascii=False))
