"""Which role suffices for a page: of those who use pages, each may what the ones below may."""

from __future__ import annotations

from podium.server.roles import Role

#: Who may what another may too.
_RANKS = {Role.ADMIN: 3, Role.EDITOR: 2, Role.VIEWER: 1}


def suffices(roles: tuple[Role, ...], least: Role | None) -> bool:
    """
    Return whether one of the roles may have what asks for a least one; a worker's alone may see no page.

    Example:
        >>> suffices((Role.EDITOR,), Role.VIEWER), suffices((Role.WORKER,), Role.VIEWER)
        (True, False)
    """
    return least is None or any(_RANKS.get(role, 0) >= _RANKS[least] for role in roles)
