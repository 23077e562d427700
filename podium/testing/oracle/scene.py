"""Both answers to a case beside its definitions, as rules look at them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from podium.model.values import JsonValue
from podium.testing.oracle.comparison import keyed
from podium.testing.oracle.recording import Answer

#: A definition, a task of one, or a record, as JSON.
Json = Mapping[str, Any]

_NUMBERS = re.compile(r"(__\d+)*#\d+$")


class Scene:
    """
    One case with what came of it on both sides.

    Attributes:
        case: What was registered, started and answered.
        theirs: The server's runs by path.
        ours: Ours.
        is_stuck: The server's run did not end before its recorder gave up.
    """

    def __init__(self, case: Json, theirs: Answer, ours: Answer) -> None:
        self.case = case
        self.theirs = keyed(theirs)
        self.ours = keyed(ours)
        self.is_stuck = theirs.get("stuck") is True
        self._places = {one["taskReferenceName"]: one for one in _holding("taskReferenceName", (case, ours, theirs))}
        self._workflows = {one["name"]: one for one in _holding("tasks", case) if "name" in one}

    def place(self, key: str) -> Json:
        """Return the task of the definition whose attempt is *key*, such as ``u3__1#0``; empty if none is known."""
        return self._places.get(_NUMBERS.sub("", key), {})

    def workflow(self, path: str) -> Json:
        """Return the definition of the run with this path; empty if it is not known."""
        parent, _, last = path.rpartition("/")
        if not path:
            return _mapping(self.case["workflow"])
        if last == "failureWorkflow":
            return self._workflows.get(self.workflow(parent).get("failureWorkflow"), {})
        place = self.place(last)
        params = _mapping(place.get("subWorkflowParam"))
        if isinstance(params.get("workflowDefinition"), Mapping):
            return _mapping(params["workflowDefinition"])
        request = _mapping(_mapping(place.get("inputParameters")).get("startWorkflow"))
        return self._workflows.get(params.get("name") or request.get("name"), {})

    def record(self, side: Mapping[str, Json], path: str, key: str) -> Json:
        """Return an attempt of a run on one side; empty if there is none."""
        return _mapping(_mapping(_mapping(side.get(path)).get("tasks")).get(key))

    def is_type(self, path: str, key: str, kind: str) -> bool:
        """Return whether an attempt is of a type, on the side that has it."""
        record = self.record(self.ours, path, key) or self.record(self.theirs, path, key)
        return record.get("taskType") == kind

    def is_cut(self, path: str) -> bool:
        """Return whether a run ended before everything in it did: badly, or by a TERMINATE."""
        run = _mapping(self.ours.get(path))
        tasks = _mapping(run.get("tasks")).values()
        told = any(one["taskType"] == "TERMINATE" and one["status"] == "COMPLETED" for one in tasks)
        return told or run.get("status") in {"FAILED", "TERMINATED", "TIMED_OUT"}

    def loops(self, path: str) -> Iterator[Json]:
        """Yield the DO_WHILE tasks of a run's definition."""
        yield from (one for one in _holding("loopOver", self.workflow(path)) if one.get("type") == "DO_WHILE")


def child_of(path: str, key: str) -> str:
    """Return the path of the run that an attempt of a run started."""
    return f"{path}/{key}" if path else key


def parent_of(path: str) -> tuple[str, str]:
    """Return the path of the run that started a run, and the attempt that did."""
    parent, _, key = path.rpartition("/")
    return parent, key


def within(task: Json, key: str) -> bool:
    """Return whether the attempt *key* is of a task inside a structure."""
    name = _NUMBERS.sub("", key)
    return task.get("taskReferenceName") != name and any(
        one["taskReferenceName"] == name for one in _holding("taskReferenceName", task)
    )


def _mapping(value: JsonValue) -> Json:
    return value if isinstance(value, Mapping) else {}


def _holding(key: str, value: JsonValue) -> Iterator[Json]:
    if isinstance(value, Mapping):
        if isinstance(value.get(key), str | list):
            yield value
        for inner in value.values():
            yield from _holding(key, inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _holding(key, inner)
