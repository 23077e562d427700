"""The palette can be told apart by everybody: computed, not believed."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from itertools import combinations
from math import atan2, cos, degrees, exp, hypot, radians, sin, sqrt

import pytest
from render_samples import attempt, run_of, telling

from podium.model.runs import WorkflowRun
from podium.model.statuses import RunStatus, TaskStatus
from podium.render import dot, mermaid
from podium.render.drawing import drawing
from podium.render.options import Options
from podium.render.palette import FILLED, NOT_STARTED, STYLES, THEMES, Style, legend, style_of
from podium.render.subject import picture_of

Colour = tuple[float, float, float]

#: Machado, Oliveira and Fernandes (2009), severity 1.0, on linear RGB.
VISIONS: dict[str, tuple[Colour, Colour, Colour]] = {
    "normal": ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)),
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritanopia": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}


def plain(run: WorkflowRun, **options: object) -> str:
    """Return our own drawing."""
    return drawing(picture_of(run), Options(**options))  # type: ignore[arg-type]  # of any kind here


def linear(text: str) -> Colour:
    """Return linear RGB of ``#rrggbb``."""
    values = [int(text[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    r, g, b = (v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in values)
    return r, g, b


def seen(colour: Colour, vision: str) -> Colour:
    """Return what an eye makes of a colour."""
    r, g, b = (min(1.0, max(0.0, sum(m * c for m, c in zip(row, colour, strict=True)))) for row in VISIONS[vision])
    return r, g, b


def lab(colour: Colour) -> Colour:
    """Return CIE L*a*b* (D65) of linear RGB."""
    r, g, b = colour
    x = (0.4124564 * r + 0.3575761 * g + 0.1804375 * b) / 0.95047
    y = 0.2126729 * r + 0.7151522 * g + 0.0721750 * b
    z = (0.0193339 * r + 0.1191920 * g + 0.9503041 * b) / 1.08883
    fx, fy, fz = (v ** (1 / 3) if v > 216 / 24389 else (24389 / 27 * v + 16) / 116 for v in (x, y, z))
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)


def ciede2000(one: Colour, two: Colour) -> float:
    """Return the distance of two L*a*b* colours (Sharma, Wu and Dalal, 2005)."""
    (l1, a1, b1), (l2, a2, b2) = one, two
    mean_c = (hypot(a1, b1) + hypot(a2, b2)) / 2
    g = 0.5 * (1 - sqrt(mean_c**7 / (mean_c**7 + 25**7)))
    a1, a2 = a1 * (1 + g), a2 * (1 + g)
    c1, c2 = hypot(a1, b1), hypot(a2, b2)
    h1, h2 = degrees(atan2(b1, a1)) % 360, degrees(atan2(b2, a2)) % 360
    dh = 0.0 if c1 * c2 == 0 else (h2 - h1 + 180) % 360 - 180
    d_l, d_c, d_h = l2 - l1, c2 - c1, 2 * sqrt(c1 * c2) * sin(radians(dh / 2))
    light, c = (l1 + l2) / 2, (c1 + c2) / 2
    h = h1 + h2 if c1 * c2 == 0 else (h1 + dh / 2) % 360
    t = (
        1
        - 0.17 * cos(radians(h - 30))
        + 0.24 * cos(radians(2 * h))
        + 0.32 * cos(radians(3 * h + 6))
        - 0.20 * cos(radians(4 * h - 63))
    )
    s_l = 1 + 0.015 * (light - 50) ** 2 / sqrt(20 + (light - 50) ** 2)
    s_c, s_h = 1 + 0.045 * c, 1 + 0.015 * c * t
    turn = -2 * sqrt(c**7 / (c**7 + 25**7)) * sin(radians(60 * exp(-(((h - 275) / 25) ** 2))))
    x, y, z = d_l / s_l, d_c / s_c, d_h / s_h
    return sqrt(x * x + y * y + z * z + turn * y * z)


def contrast(one: str, two: str) -> float:
    """Return the contrast of two colours as WCAG defines it, from 1 to 21."""
    light, dark = sorted((0.2126 * r + 0.7152 * g + 0.0722 * b for r, g, b in map(linear, (one, two))), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize(
    ("one", "two", "distance"),
    [
        ((50.0, 2.6772, -79.7751), (50.0, 0.0, -82.7485), 2.0425),
        ((50.0, 2.5, 0.0), (73.0, 25.0, -18.0), 27.1492),
        ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
        ((90.8027, -2.0831, 1.4410), (91.1528, -1.6435, 0.0447), 1.4441),
    ],
)
def test_distance_is_computed_right(one: Colour, two: Colour, distance: float) -> None:
    """The test's own arithmetic agrees with the published test data."""
    assert distance == pytest.approx(ciede2000(one, two), abs=1e-4)


@pytest.mark.parametrize("vision", VISIONS)
@pytest.mark.parametrize("name", THEMES)
def test_every_two_fills_can_be_told_apart(name: str, vision: str) -> None:
    """No two of the nine fills of a theme are closer than 10, whatever the eye."""
    fills = {style.key: lab(seen(linear(THEMES[name].fill_of(style)), vision)) for style in FILLED}
    distances = {(one, two): ciede2000(fills[one], fills[two]) for one, two in combinations(fills, 2)}

    assert len(distances) == 36
    assert {pair: d for pair, d in distances.items() if d < 10} == {}


@pytest.mark.parametrize("name", THEMES)
@pytest.mark.parametrize("style", dict.fromkeys(STYLES.values()), ids=lambda style: style.key)
def test_text_on_a_fill_is_readable(style: Style, name: str) -> None:
    """Text has a contrast of at least 4.5 on its fill."""
    theme = THEMES[name]

    assert contrast(theme.fill_of(style), theme.text_of(style)) >= 4.5


@pytest.mark.parametrize("name", THEMES)
def test_theme_is_readable(name: str) -> None:
    """Text on the page and in boxes reaches 4.5, lines and outlines that must be seen reach 3."""
    theme = THEMES[name]

    texts = [(theme.ink, theme.page), (theme.muted, theme.page), (theme.box_text, theme.box)]
    lines = [(theme.faint, theme.page), (theme.outline, theme.page)]
    assert all(contrast(one, two) >= 4.5 for one, two in texts)
    assert all(contrast(one, two) >= 3 for one, two in lines)


def test_both_themes_have_the_same_fills() -> None:
    """A status looks the same in the dark; only what has no colour goes with the page."""
    light, dark = THEMES["light"], THEMES["dark"]

    assert {"light", "dark"} == set(THEMES)
    assert [style.key for style in dict.fromkeys(STYLES.values()) if light.fill_of(style) != dark.fill_of(style)] == [
        "not-started",
        "skipped",
    ]


def test_what_has_not_started_does_not_glare() -> None:
    """Its box is hardly brighter than a dark page, and its outline tells it from the page; as on a light one."""
    for theme in THEMES.values():
        assert contrast(theme.fill_of(STYLES[NOT_STARTED]), theme.page) < 1.2
        assert contrast(theme.outline, theme.fill_of(STYLES[NOT_STARTED])) >= 3


@pytest.mark.parametrize("draw", [dot, mermaid, plain], ids=lambda draw: draw.__name__)
def test_dark_pictures_have_no_white_boxes(draw: Callable[..., str]) -> None:
    """No form fills a node of a dark page with white, legend included."""
    run = run_of(telling(), attempt("tell", task_type="FORK"), attempt("sms", TaskStatus.SKIPPED))
    text = draw(run, theme="dark", **({} if draw is mermaid else {"legend": True}))

    assert "#161b22" in text
    assert not re.findall(
        r"""<(?:rect|polygon|ellipse) [^>]*fill="#ffffff|(?:fillcolor|bgcolor)="#ffffff|fill:#ffffff""", text
    )


@pytest.mark.parametrize("icon", sorted({c for style in STYLES.values() for c in style.icon} | {"↻"}))
def test_icons_are_in_common_fonts(icon: str) -> None:
    """Of the fonts of a bare Linux, DejaVu Sans has each icon; those of other systems have the same blocks."""
    lister = shutil.which("fc-list")
    if lister is None or not subprocess.run([lister, "DejaVu Sans"], capture_output=True, check=True).stdout:
        pytest.skip("the font is not here")
    found = subprocess.run([lister, f":charset={ord(icon):x}", "family"], capture_output=True, text=True, check=True)

    assert "DejaVu Sans" in found.stdout


def test_every_status_has_a_look_and_a_second_sign() -> None:
    """Colour is never alone: the nine looks differ also by icon, word or border."""
    assert {NOT_STARTED, *TaskStatus, *RunStatus} == set(STYLES)
    signs = [(style.icon, style.border) for style in dict.fromkeys(STYLES.values())]
    assert len(signs) == len(set(signs))
    assert all(style.icon for style in STYLES.values() if style is not STYLES[NOT_STARTED])


def test_legend_has_each_look_once() -> None:
    """Statuses that look the same share their place."""
    looks = legend({"FAILED", "FAILED_WITH_TERMINAL_ERROR", "COMPLETED", "TERMINATED", "CANCELED"})

    assert [style_of(s) for s in ("COMPLETED", "FAILED", "CANCELED", "TERMINATED")] == list(looks)
