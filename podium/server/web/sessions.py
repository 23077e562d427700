"""Who is signed in: the cookie of a session holds a token of the gate, as programs send it in a header."""

from __future__ import annotations

from podium.server.access import Gate
from podium.server.errors import Refusal
from podium.server.web.visits import Visitor


def who(gate: Gate | None, token: str | None, now: int) -> Visitor | None:
    """
    Return who asks, by the token in the cookie.

    Args:
        gate: Knows who may call; None on a server that asks nobody.
        token: The cookie.
        now: Epoch milliseconds.

    Returns:
        None for who has not signed in, or whose session is over.
    """
    if gate is None:
        return Visitor()
    try:
        caller = gate.caller(token, now)
    except Refusal:
        return None
    return Visitor(name=caller.name or caller.id, roles=caller.roles, id=caller.id)
