"""The files of the pages: read once, served by a name that has their hash in it, so that browsers keep them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from attrs import frozen

from podium.render.palette import MARKS, STYLES, THEMES, Border
from podium.render.themes import auto_rules

_TYPES = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
    "txt": "text/plain; charset=utf-8",
}
#: The rules that are made of the colours of pictures, so that a status looks the same everywhere.
PICTURES = "pictures.css"
_BORDERS = {Border.THIN: "solid 1px", Border.BOLD: "solid 2px", Border.DOUBLE: "double 3px"}


@frozen
class Asset:
    """A file, as it is served."""

    content: bytes
    kind: str
    #: Its path, with the hash.
    path: str


@cache
def assets() -> Mapping[str, Asset]:
    """Return the files by their names."""
    found = {each.name: each.read_bytes() for each in files(__package__).joinpath("static").iterdir() if each.is_file()}
    found[PICTURES] = _picture_rules().encode()
    return {name: _asset(name, content) for name, content in found.items()}


@cache
def by_path() -> Mapping[str, Asset]:
    """Return the files by the names with their hashes."""
    return {asset.path: asset for asset in assets().values()}


def _asset(name: str, content: bytes) -> Asset:
    stem, _, suffix = name.rpartition(".")
    digest = hashlib.sha256(content).hexdigest()[:12]
    return Asset(content, _TYPES[suffix], f"/static/{stem}.{digest}.{suffix}")


def _picture_rules() -> str:
    """Return what a picture's own style says, and the looks of statuses for badges."""
    rules = [".podium{max-width:100%;height:auto}", auto_rules()]
    light, dark = THEMES["light"], THEMES["dark"]
    for style in dict.fromkeys([*STYLES.values(), *MARKS.values()]):
        border = _BORDERS.get(style.border, f"{style.border.value} 1px")
        told = (
            f"border:{border} {light.outline};"
            if style.is_blank
            else f"border:{border} color-mix(in srgb,{style.fill},currentColor 45%);"
        )
        rules.append(f".badge.is-{style.key}{{background:{light.fill_of(style)};color:{light.text_of(style)};{told}}}")
        rules.append(f".mark.is-{style.key}{{fill:{style.fill};background:{style.fill}}}")
        if style.is_blank:
            there = f"background:{dark.fill_of(style)};color:{dark.text_of(style)};border-color:{dark.outline}"
            rules.append(f'[data-theme="dark"] .badge.is-{style.key}{{{there}}}')
            rules.append(
                "@media (prefers-color-scheme:dark)"
                f'{{:root:not([data-theme="light"]) .badge.is-{style.key}{{{there}}}}}'
            )
    return "\n".join(rules)
