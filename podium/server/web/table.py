"""
The table of pages: what a browser may ask for.

A row says everything of a page once: path, handler, who may have it, its place in the navigation. Requests are routed
by it, roles are held by it, and the tests that every page must pass go through it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from attrs import frozen

from podium.server.roles import Role

if TYPE_CHECKING:
    from podium.server.web.answers import Answer
    from podium.server.web.visits import Visit

    #: What makes a page; called in a thread, so it may block.
    Handler: TypeAlias = Callable[[Visit], Answer]


@frozen(kw_only=True)
class Page:
    """
    One page, or one thing that a page asks for or does.

    Attributes:
        path: From the root; names in braces are segments that handlers find in ``visit.path``. ``{name:path}`` takes
            slashes too.
        handler: Makes it. Errors of the client become pages with their status.
        method: ``GET`` for what shows, ``POST`` for what does; each POST must bring the token against forgery.
        least: The least role that may have it; None for a page that shows nothing, which everybody may have.
        nav: What the navigation calls it; empty for a page that is not there. Rows stand there in the table's order.
        changes: It changes something, and the audit tells of it; of a POST.
        is_part: A fragment of a page, or a file: the tests of whole pages pass it by.
    """

    path: str
    handler: Handler
    method: str = "GET"
    least: Role | None = Role.VIEWER
    nav: str = ""
    changes: bool = False
    is_part: bool = False


def show(path: str, handler: Handler, *, least: Role | None = Role.VIEWER, nav: str = "") -> Page:
    """Return a row for a page that shows something."""
    return Page(path=path, handler=handler, least=least, nav=nav)


def part(path: str, handler: Handler, *, least: Role | None = Role.VIEWER) -> Page:
    """Return a row for a fragment that a page asks for, or for a file."""
    return Page(path=path, handler=handler, least=least, is_part=True)


def act(path: str, handler: Handler, *, least: Role | None = Role.EDITOR, changes: bool = True) -> Page:
    """Return a row for what a form does; one that only looks *changes* nothing."""
    return Page(path=path, handler=handler, method="POST", least=least, changes=changes)
