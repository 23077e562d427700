"""Searches that people gave a name to: kept in the store, for all who see its runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from podium.engine.requests import Register
from podium.model.errors import InvalidRequest
from podium.model.json_text import parse
from podium.model.payloads import dump

if TYPE_CHECKING:
    from podium.server.desk import Desk

#: The kind of entries.
VIEW: Final = "view"
_NAME_MAX, _VIEWS_MAX = 60, 100


def views(desk: Desk) -> Mapping[str, str]:
    """Return the addresses of all views by their names, in the order of these."""
    found = {row.name: parse(row.body.decode()) for row in desk.engine.backend.entries(VIEW)}
    return {name: str(body["href"]) for name, body in found.items() if isinstance(body, dict) and "href" in body}


def save_view(desk: Desk, name: str, href: str) -> None:
    """
    Keep the address of a search under a name; one that has the name already gives way.

    Raises:
        InvalidRequest: The name cannot be one, or there are too many.
    """
    if not name or len(name) > _NAME_MAX or not name.isprintable():
        raise InvalidRequest(f"the name of a view has {_NAME_MAX} printable characters at most, and one at least")
    known = views(desk)
    if len(known) >= _VIEWS_MAX and name not in known:
        raise InvalidRequest(f"there are {_VIEWS_MAX} views already; delete one that nobody needs")
    body = dump({"href": href})
    desk.kernel.register(Register(entries=[(VIEW, name, body)])).wait()


def delete_view(desk: Desk, name: str) -> None:
    """Forget a view; one that is not there is no error."""
    desk.kernel.register(Register(gone_entries=[(VIEW, name)])).wait()
