"""Pictures of `podium.render` in pages: without styles of their own, which the policy of the pages refuses."""

from __future__ import annotations

import re
from typing import Any

from attrs import frozen
from markupsafe import Markup

from podium.model.definitions import WorkflowDef
from podium.model.runs import WorkflowRun
from podium.render import svg
from podium.render.drawing import COMMON_RULES
from podium.render.themes import auto_rules

_STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)
_COMMON = frozenset({COMMON_RULES + auto_rules(), COMMON_RULES})


@frozen
class PagePicture:
    """
    A picture in a page.

    Attributes:
        markup: The SVG.
        rules: Styles of this picture alone; the page's script puts them in force.
    """

    markup: Markup
    rules: str = ""


def in_page(text: str) -> PagePicture:
    """Return an SVG that `podium.render` has written for a page; it has escaped every text."""
    rules = "".join(each for each in _STYLE.findall(text) if each not in _COMMON)
    # What is focusable stands in no "img": to a screen reader that would have no inside.
    plain = _STYLE.sub("", text).replace('role="img"', 'role="group"', 1)
    return PagePicture(Markup(plain), rules)  # noqa: S704  # the renderer escapes, and tests hold it to that


def run_picture(run: WorkflowRun, **options: Any) -> PagePicture:
    """Return the picture of a run; options as `podium.render.svg` takes them."""
    return in_page(svg(run, **options))


def definition_picture(definition: WorkflowDef, **options: Any) -> PagePicture:
    """Return the picture of a definition; options as `podium.render.svg` takes them."""
    return in_page(svg(definition, **options))
