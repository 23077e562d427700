"""The declared types of references, as far as the author's annotations tell them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from podium.checks.paths import whole_path
from podium.checks.report import ProblemCollector
from podium.typed import records


def hint_of(report: ProblemCollector, text: str) -> records.Hint:
    """Return the declared type of a text that is one reference, ``Any`` if it is not known."""
    path = whole_path(text)
    if path is None:
        return Any
    if path.root == "workflow":
        if path.segments[:1] != ("input",) or len(path.segments) < 2:
            return Any
        return _inside(report.writing.inputs.get(str(path.segments[1]), Any), path.segments[2:])
    keys, hint = report.writing.gives(path.root)
    if not keys or path.segments[: len(keys)] != keys:
        return Any
    return _inside(hint, path.segments[len(keys) :])


def _inside(hint: records.Hint, segments: tuple[str | int, ...]) -> records.Hint:
    """Follow a path into a type."""
    for segment in segments:
        by_key = _by_key(hint)
        if by_key is None:
            hint = records.item_type(hint) if _has_items(hint, segment) else Any
        else:
            hint = by_key.get(str(segment), Any)
        if hint is Any:
            break
    return hint


def _by_key(hint: records.Hint) -> Mapping[str, records.Hint] | None:
    """Return the types of a record's fields by their keys in the JSON, None for any other type."""
    try:
        return _known_by_key(hint)
    except TypeError:  # an annotation need not be hashable
        return None


@lru_cache(maxsize=256)
def _known_by_key(hint: records.Hint) -> Mapping[str, records.Hint] | None:
    fields = records.fields(hint)
    return None if fields is None else {records.wire_name(hint, name): each for name, each in fields.items()}


def _has_items(hint: records.Hint, segment: str | int) -> bool:
    origin = getattr(records.core(hint), "__origin__", None)
    wanted = (list,) if isinstance(segment, int) else (dict,)
    return isinstance(origin, type) and issubclass(origin, wanted)
