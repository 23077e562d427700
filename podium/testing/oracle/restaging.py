"""
The differences on purpose that spread through a run: each finds what is to be staged as on the server.

The ids are those of the rows in ``docs/differences.md``, as in `podium.testing.oracle.rules`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from attrs import evolve, frozen

from podium.testing.oracle.comparison import Difference, equal
from podium.testing.oracle.scene import Json, Scene
from podium.testing.oracle.staging import Staging

_BAD = frozenset({"FAILED", "FAILED_WITH_TERMINAL_ERROR", "COMPLETED_WITH_ERRORS"})
#: What the server's jq, a port of version 1.5, says of what it lacks.
_LACKING = re.compile(r'Function \w+/\d does not exist|For input string: "-?\d+"')


@frozen
class Restaging:
    """One difference on purpose that spreads: its row, and how it changes the staging; None if it is not there."""

    id: str
    change: Callable[[Sequence[Difference], Scene, Staging], Staging | None]


def _worded_by_jq(found: Sequence[Difference], scene: Scene, staging: Staging) -> Staging | None:
    """The same query fails on both sides in other words."""
    for theirs, ours in _failures(found, scene):
        given = theirs["inputData"]
        if ours["status"] in _BAD:
            return staging.with_result(given["queryExpression"], given, str(theirs["reason"]))
    return None


def _lacking_in_jq(found: Sequence[Difference], scene: Scene, staging: Staging) -> Staging | None:
    """A query fails on the server for what its jq lacks."""
    for theirs, ours in _failures(found, scene):
        given, reason = theirs["inputData"], str(theirs["reason"])
        if ours["status"] == "COMPLETED" and _LACKING.fullmatch(reason):
            return staging.with_result(given["queryExpression"], given, reason)
    return None


def _floats_of_jq(found: Sequence[Difference], scene: Scene, staging: Staging) -> Staging | None:
    """A query gives 2.0 on the server, and 2 here."""
    for d in found:
        if d.task is None or d.place[2:3] != ("outputData",):
            continue
        theirs, ours = scene.record(scene.theirs, d.run, d.task), scene.record(scene.ours, d.run, d.task)
        is_query = theirs.get("taskType") == "JSON_JQ_TRANSFORM" and equal(theirs["inputData"], ours["inputData"])
        if (
            is_query
            and theirs["status"] == ours["status"] == "COMPLETED"
            and theirs["outputData"] == ours["outputData"]
        ):
            given = theirs["inputData"]
            return staging.with_result(given["queryExpression"], given, theirs["outputData"]["resultList"])
    return None


def _without_template(found: Sequence[Difference], scene: Scene, staging: Staging) -> Staging | None:
    """A workflow that is started with nothing keeps nothing, whatever its inputTemplate says."""
    for d in found:
        definition = scene.workflow(d.run)
        name = definition.get("name")
        is_empty = scene.theirs.get(d.run, {}).get("input") == {} and d.place[:1] == ("input",)
        if is_empty and definition.get("inputTemplate") and name not in staging.without_template:
            return evolve(staging, without_template=staging.without_template | {str(name)})
    return None


RESTAGINGS: tuple[Restaging, ...] = (
    Restaging("template-of-an-empty-input", _without_template),
    Restaging("jq-errors", _worded_by_jq),
    Restaging("jq-gaps", _lacking_in_jq),
    Restaging("jq-floats", _floats_of_jq),
)


def _failures(found: Sequence[Difference], scene: Scene) -> Iterator[tuple[Json, Json]]:
    """Yield the queries that failed on the server, and here with the same input did not, or for another reason."""
    for d in found:
        if d.task is None or d.place[2:] != ("reason",):
            continue
        theirs, ours = scene.record(scene.theirs, d.run, d.task), scene.record(scene.ours, d.run, d.task)
        is_query = theirs.get("taskType") == ours.get("taskType") == "JSON_JQ_TRANSFORM"
        if is_query and theirs["status"] in _BAD and equal(theirs["inputData"], ours["inputData"]):
            yield theirs, ours
