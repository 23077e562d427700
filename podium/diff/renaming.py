"""What a definition says about its steps by name, so that a renamed step changes nothing but its name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from attrs import frozen

from podium.diff.settings import Path, are_same
from podium.model.values import JsonValue

#: The root of a reference, ``${charge.output.id}``; ``$${`` is an escape (see `podium.model.expressions`).
_REFERENCE: Final = re.compile(r"(?<!\$)(\$\{\s*)([^\s.\[\]${}]+)")
#: A step in a script of a loop or a join, which has them as members of ``$`` (Conductor: ``DoWhile.java``).
_MEMBER: Final = re.compile(r"(\$\.|\$\[['\"])([^\W\d]\w*)")

#: Keys of a task whose texts are names of steps.
_NAMES: Final = frozenset({"joinOn", "defaultExclusiveJoinTask"})
#: Keys of a task whose text is a script that sees the steps.
_SCRIPTS: Final = frozenset({"loopCondition"})


@frozen(kw_only=True)
class Renaming:
    """
    Which steps of an old definition have another name in the new one.

    Both names stand for the same word, so that texts of both sides can be compared.
    """

    #: Old name to the word, and new name to the word.
    old: Mapping[str, str]
    new: Mapping[str, str]

    @classmethod
    def of(cls, pairs: Mapping[str, str]) -> Renaming:
        """
        Make one of pairs.

        Args:
            pairs: New name to old name.
        """
        words = {(old, new): f"\0{number}" for number, (new, old) in enumerate(sorted(pairs.items()))}
        old_words = {old: word for (old, _), word in words.items()}
        return cls(old=old_words, new={new: word for (_, new), word in words.items()})

    def alike(self, path: Path, old: JsonValue, new: JsonValue) -> bool:
        """Return whether a value of the old definition is the same as one of the new, but for the names of steps."""
        if not self.old:
            return False
        key = str(path[0]) if path else ""
        return are_same(with_names(key, old, self.old), with_names(key, new, self.new))


def with_names(key: str, value: JsonValue, names: Mapping[str, str]) -> JsonValue:
    """
    Return a value of a task with other names for steps.

    Args:
        key: The key of the task under which the value stands, at any depth.
        value: JSON data.
        names: Name to what takes its place.

    Example:
        >>> with_names("inputParameters", {"id": "${a.output.id}"}, {"a": "b"})
        {'id': '${b.output.id}'}
    """
    if isinstance(value, str):
        if key in _NAMES:
            return names.get(value, value)
        if key in _SCRIPTS:
            value = _replaced(_MEMBER, value, names)
        return _replaced(_REFERENCE, value, names) if "${" in value else value
    if isinstance(value, dict):
        return {name: with_names(key, inner, names) for name, inner in value.items()}
    return [with_names(key, item, names) for item in value] if isinstance(value, list) else value


def names_in(key: str, value: JsonValue) -> Iterator[str]:
    """Yield the names of steps that a value of a task mentions, perhaps among other words."""
    if isinstance(value, str):
        if key in _NAMES:
            yield value
        if key in _SCRIPTS:
            yield from (match[2] for match in _MEMBER.finditer(value))
        yield from (match[2] for match in _REFERENCE.finditer(value))
    elif isinstance(value, dict):
        for inner in value.values():
            yield from names_in(key, inner)
    elif isinstance(value, list):
        for item in value:
            yield from names_in(key, item)


def _replaced(pattern: re.Pattern[str], text: str, names: Mapping[str, str]) -> str:
    return pattern.sub(lambda match: match[1] + names.get(match[2], match[2]), text)
