"""Finding a node by the name that a person gave."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from podium.model.errors import RenderError
from podium.render.picture import Node, Picture


def node_named(picture: Picture, name: str, option: str) -> Node:
    """
    Return the node with a name: its key, or its reference name.

    Args:
        picture: Where to look.
        name: Such as ``charge``, or ``pack/wrap`` inside an expanded sub-workflow.
        option: What the error says that the name was given for.

    Raises:
        RenderError: There is none; the message has the name that is most like it.
    """
    found: Node | None = None
    for node in picture.nodes:
        if node.key == name:
            return node
        if found is None and node.reference == name:
            found = node
    if found is None:
        names = [known for node in picture.nodes for known in dict.fromkeys((node.key, node.reference)) if known]
        raise RenderError(f"{option} names {name!r}, which is not in this picture{nearest(name, names)}")
    return found


def nearest(name: str, known: Iterable[str]) -> str:
    """Return the end of an error message: the names most like *name*, or all of them if they are few."""
    names = list(dict.fromkeys(known))
    close = get_close_matches(name, names[:5_000], n=3, cutoff=0.5)
    if close:
        return f"; did you mean {' or '.join(repr(match) for match in close)}?"
    return f"; there are {', '.join(names)}" if 0 < len(names) <= 10 else ""
