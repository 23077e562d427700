"""The style with which an SVG goes with the page that it stands in: light, or dark."""

from __future__ import annotations

from typing import Final

from attrs import fields

from podium.render.palette import THEMES, Theme

#: The class of an SVG that has the style.
AUTO_CLASS: Final = "podium-auto"
#: How notebooks say which theme they have; everything else says it by ``prefers-color-scheme``.
_DARK: Final = '[data-jp-theme-light="false"],.vscode-dark'
_LIGHT: Final = '[data-jp-theme-light="true"] *,.vscode-light *'


def auto_rules() -> str:
    """
    Return the rules that put the dark colours in the place of the light ones where the page is dark.

    The colours themselves are attributes, so a program that reads no styles draws the light theme. Each colour of the
    light theme has a spelling of its own, so that none is mistaken for another one, or for that of a status.
    """
    asked = "".join(_rules(f".{AUTO_CLASS}:not({_LIGHT}) "))
    told = "".join(_rules(f":is({_DARK}) .{AUTO_CLASS} "))
    return f"@media (prefers-color-scheme:dark){{{asked}}}{told}"


def _rules(scope: str) -> list[str]:
    light, dark = THEMES["light"], THEMES["dark"]
    pairs = {getattr(light, each.name): getattr(dark, each.name) for each in fields(Theme)}
    out: list[str] = []
    for before, after in pairs.items():
        for name in ("fill", "stroke"):
            # Text in the page's colour is that of a filled status, which stays.
            here = f"{scope}:not(text)" if before == light.page else scope
            out.append(f'{here}[{name}="{before}"]{{{name}:{after}}}')
    return out
