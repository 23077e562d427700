"""Paths of references that can be followed without running anything."""

from __future__ import annotations

from podium.model.expressions import Reference, SimplePath, parse, simple_path


def path_of(text: str) -> SimplePath | None:
    """
    Return the path between ``${`` and ``}``; None if it is no simple one, or put together from other references.

    Example:
        >>> path_of("a.output.x")
        SimplePath(root='a', segments=('output', 'x'))
        >>> path_of("a.output.${b.output.key}") is None
        True
    """
    return None if "${" in text else simple_path(text)


def whole_path(text: str) -> SimplePath | None:
    """
    Return the path of a text that is one reference and nothing else.

    Example:
        >>> whole_path("${a.output.x}")
        SimplePath(root='a', segments=('output', 'x'))
        >>> whole_path("to ${a.output.x}") is None
        True
    """
    parts = parse(text)
    return path_of(parts[0].text) if len(parts) == 1 and isinstance(parts[0], Reference) else None
