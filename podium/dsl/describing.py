"""What docstrings say of parameters and fields: the sections ``Args:`` and ``Attributes:`` in Google's style."""

from __future__ import annotations

import dataclasses
import inspect
import re
from typing import Any

import attrs

_SECTION = re.compile(r"^(Args|Arguments|Parameters|Attributes):\s*$")
_ENTRY = re.compile(r"^(\s+)\*{0,2}(\w+)(?: \([^)]*\))?:\s*(.*)$")


def described_names(docstring: str | None) -> dict[str, str]:
    r"""
    Return what a docstring says of each parameter or field.

    Example:
        >>> text = "Add.\n\nArgs:\n    left: One\n        of two.\n    right: The other.\n\nReturns:\n    It."
        >>> described_names(text)
        {'left': 'One of two.', 'right': 'The other.'}
    """
    found: dict[str, list[str]] = {}
    indent: int | None = None
    current: list[str] = []
    is_inside = False
    for line in inspect.cleandoc(docstring or "").splitlines():
        if _SECTION.match(line):
            is_inside, indent = True, None
        elif line and not line[0].isspace():
            is_inside = False
        elif is_inside and line.strip():
            entry = _ENTRY.match(line)
            if entry and (indent is None or len(entry[1]) == indent):
                indent = len(entry[1])
                current = found.setdefault(entry[2], [])
                line = entry[3]  # noqa: PLW2901  # what stands behind the name is the text's first line
            current.append(line.strip())
    return {name: " ".join(filter(None, lines)) for name, lines in found.items() if any(lines)}


def described_record(kind: type[Any]) -> tuple[str | None, dict[str, str]]:
    """
    Return what is said of a record: of the whole, and of its fields.

    Returns:
        The first paragraph of the docstring that the author wrote, and the fields' texts.
    """
    docstring = kind.__dict__.get("__doc__")
    if docstring is not None and docstring.startswith(f"{kind.__name__}("):
        docstring = None  # dataclasses write one
    texts = described_names(docstring)
    if attrs.has(kind):
        texts |= _metadata((field.name, field.metadata) for field in attrs.fields(kind))
    elif dataclasses.is_dataclass(kind):
        texts |= _metadata((field.name, field.metadata) for field in dataclasses.fields(kind))
    first = inspect.cleandoc(docstring or "").partition("\n\n")[0]
    is_text = first and not _SECTION.match(first.splitlines()[0])
    return (" ".join(first.split()) if is_text else None), texts


def _metadata(fields: Any) -> dict[str, str]:
    return {name: notes["description"] for name, notes in fields if isinstance(notes.get("description"), str)}
