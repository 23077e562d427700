"""What differs between two answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from attrs import frozen

from podium.model.values import JsonValue
from podium.testing.oracle.recording import Answer

#: Stands for a value that one side lacks.
ABSENT: Final = "<absent>"


@frozen
class Difference:
    """
    One value that is not the same.

    Attributes:
        run: The path of the run; empty for the one that was started.
        place: The keys that lead to the value, from the run: ``("tasks", "u3#0", "outputData", "n")``; of a record that
            one side lacks ``("tasks", "u3#0")``, of a run that one side lacks nothing.
        theirs: What the server has.
        ours: What this engine has.
    """

    run: str
    place: tuple[str, ...]
    theirs: JsonValue
    ours: JsonValue

    @property
    def task(self) -> str | None:
        """The attempt in which it is, such as ``u3#0``."""
        return self.place[1] if self.place[:1] == ("tasks",) else None

    def __str__(self) -> str:
        return f"{'/'.join((self.run or 'root', *self.place))}: {self.theirs!r:.200} here {self.ours!r:.200}"


def keyed(answer: Answer) -> dict[str, dict[str, Any]]:
    """Return the runs of an answer by path, each with its attempts by reference name and number."""
    runs: Mapping[str, Mapping[str, Any]] = answer.get("runs") or {}
    return {
        path: {**run, "tasks": {f"{task['referenceTaskName']}#{task['retryCount']}": task for task in run["tasks"]}}
        for path, run in runs.items()
    }


def compare(theirs: Answer, ours: Answer) -> list[Difference]:
    """
    Return what differs, in no special order.

    Maps are compared key by key, lists of one length item by item; 1, 1.0 and true differ. The order of records is
    compared where the recording has it. A run that only one side has counts if the attempt that started it is there:
    ``keepLastN`` may have removed it before anybody looked.
    """
    found = [
        Difference("", (key,), theirs.get(key, ABSENT), ours.get(key, ABSENT))
        for key in ("stuck", "refused")
        if theirs.get(key) != ours.get(key) and (key == "refused" or "refused" not in theirs)
    ]
    if "refused" in theirs or "refused" in ours:
        return found
    runs, mine = keyed(theirs), keyed(ours)
    for path in {**runs, **mine}:
        one, other = runs.get(path), mine.get(path)
        if one is None or other is None:
            if _is_forgotten(path, runs if other is None else mine):
                continue
            found.append(Difference(path, (), one or ABSENT, other or ABSENT))
            continue
        if "order" not in one:
            other = {key: value for key, value in other.items() if key != "order"}
        if set(one["failed"]) == set(other["failed"]):
            other = {**other, "failed": one["failed"]}
        found += (Difference(path, place, a, b) for place, a, b in _differences(one, other, ()))
    return found


def _is_forgotten(path: str, runs: Mapping[str, Mapping[str, Any]]) -> bool:
    """Return whether the attempt that started a run, or one before it, is not there any more."""
    parent, _, key = path.rpartition("/")
    if not path:
        return False
    if parent not in runs:
        return True
    return ("#" in key and key not in runs[parent]["tasks"]) or _is_forgotten(parent, runs)


def _differences(
    theirs: JsonValue, ours: JsonValue, place: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], JsonValue, JsonValue]]:
    if isinstance(theirs, Mapping) and isinstance(ours, Mapping):
        for key in {**theirs, **ours}:
            yield from _differences(theirs.get(key, ABSENT), ours.get(key, ABSENT), (*place, str(key)))
    elif isinstance(theirs, list) and isinstance(ours, list) and len(theirs) == len(ours) and place != ("order",):
        for index, (one, other) in enumerate(zip(theirs, ours, strict=True)):
            yield from _differences(one, other, (*place, str(index)))
    elif not equal(theirs, ours):
        yield place, theirs, ours


def equal(one: JsonValue, other: JsonValue) -> bool:
    """
    Return whether two values are the same JSON.

    Example:
        >>> equal([1, {"a": 2.0}], [1, {"a": 2.0}]), equal(1, 1.0), equal(1, True)
        (True, False, False)
    """
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(equal(value, other[key]) for key, value in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(equal, one, other))
    return type(one) is type(other) and bool(one == other)
