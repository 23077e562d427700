"""
The differences that are on purpose, one rule for each: what it recognises, and no more.

A rule's id is that of its row in ``docs/differences.md``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from attrs import frozen

from podium.testing.oracle.comparison import ABSENT, Difference, equal
from podium.testing.oracle.scene import Json, Scene, child_of, parent_of, within

_BAD = frozenset({"FAILED", "FAILED_WITH_TERMINAL_ERROR", "TIMED_OUT"})

#: What a SUB_WORKFLOW's attempt holds in its input beside the child's.
_CONTROL = frozenset(
    {
        "subWorkflowName",
        "subWorkflowVersion",
        "subWorkflowTaskToDomain",
        "subWorkflowDefinition",
        "priority",
        "idempotencyKey",
        "idempotencyStrategy",
        "workflowInput",
    }
)

_TASK = re.compile(r"(\bTask|\bby TERMINATE task:) <task [^<>]*?:([^<>#]+)#\d+>")


@frozen
class Rule:
    """One difference on purpose: its row in ``docs/differences.md``, and how it is recognised."""

    id: str
    explains: Callable[[Difference, Scene], bool]


def _at(difference: Difference, *names: str) -> bool:
    """Return whether a difference is in a certain field of an attempt."""
    return difference.task is not None and difference.place[2 : 2 + len(names)] == names


def _optional_last(d: Difference, scene: Scene) -> bool:
    """The last failure of an optional task."""
    told = _at(d, "status") and d.theirs in _BAD and d.ours == "COMPLETED_WITH_ERRORS"
    return told and scene.place(d.task or "").get("optional") is True


def _template_in_parent(d: Difference, scene: Scene) -> bool:
    """A value of the child's inputTemplate in the input of the parent's attempt."""
    if not _at(d, "inputData") or not scene.is_type(d.run, d.task or "", "SUB_WORKFLOW"):
        return False
    *_, key = d.place
    template = scene.workflow(child_of(d.run, d.task or "")).get("inputTemplate") or {}
    filled = key in template and equal(d.theirs, template[key]) and d.ours in {ABSENT, None}
    if d.place[3:] == ("workflowInput", key):
        return filled
    given = scene.record(scene.theirs, d.run, d.task or "").get("inputData", {}).get("workflowInput")
    return d.place[3:] == (key,) and filled and given == {}


def _control_fields(d: Difference, scene: Scene) -> bool:
    """The call's own fields in the input of a child that is given nothing."""
    run, key = parent_of(d.run)
    given = scene.record(scene.ours, run, key).get("inputData", {}).get("workflowInput")
    told = d.place[:1] == ("input",) and d.place[1:2] and d.place[1] in _CONTROL
    return bool(told) and given == {} and d.ours == ABSENT and scene.is_type(run, key, "SUB_WORKFLOW")


def _retried_child(d: Difference, scene: Scene) -> bool:
    """Another attempt of a SUB_WORKFLOW: what the parameters give now stands beside the child's input."""
    if not _at(d, "inputData") or len(d.place) != 4 or (d.task or "").endswith("#0"):
        return False
    given = scene.record(scene.ours, d.run, d.task or "").get("inputData", {}).get("workflowInput")
    told = scene.is_type(d.run, d.task or "", "SUB_WORKFLOW") and isinstance(given, Mapping) and d.ours == ABSENT
    return told and d.place[3] in given and equal(d.theirs, given[d.place[3]])


def _join_reason(d: Difference, scene: Scene) -> bool:
    """A JOIN that its queue met after the end of the run, or in it: it gives that, or what it saw, as its reason."""
    if not _at(d, "reason") or not scene.is_type(d.run, d.task or "", "JOIN") or not scene.is_cut(d.run):
        return False
    met = re.fullmatch(r"Workflow is in \w+ state", str(d.theirs)) is not None
    joined = scene.record(scene.theirs, d.run, d.task or "").get("inputData", {}).get("joinOn") or ()
    seen = (_newest(scene.theirs, d.run, ref) for ref in joined)
    reasons = [str(one["reason"]) for one in seen if one.get("status") in _BAD | {"CANCELED"} and one.get("reason")]
    return d.ours is None and (met or d.theirs == " ".join(reasons))


def _join_output(d: Difference, scene: Scene) -> bool:
    """What a JOIN of a cut run had seen of what it waits for."""
    if not _at(d, "outputData") or len(d.place) != 4 or not scene.is_type(d.run, d.task or "", "JOIN"):
        return False
    bad = scene.record(scene.ours, d.run, d.task or "").get("status") in {"CANCELED", "FAILED"}
    is_here = d.theirs == ABSENT
    value = d.ours if is_here else d.theirs
    joined = _newest(scene.ours if is_here else scene.theirs, d.run, d.place[3])
    seen = joined.get("taskType") in {"JOIN", "DO_WHILE"} or equal(joined.get("outputData"), value)  # those grow
    return bad and ABSENT in (d.theirs, d.ours) and scene.is_cut(d.run) and seen


def _join_status(d: Difference, scene: Scene) -> bool:
    """A JOIN that was looked at, or not, when its run had been cut; or that was stored again after the run's end."""
    key = d.task or ""
    theirs, ours = (scene.record(side, d.run, key).get("status") for side in (scene.theirs, scene.ours))
    if not scene.is_type(d.run, key, "JOIN") or None in {theirs, ours} or theirs == ours:
        return False
    is_stale = theirs == "IN_PROGRESS" and scene.theirs[d.run]["status"] != "RUNNING"
    return (is_stale or scene.is_cut(d.run)) and d.place[2] in {"status", "reason", "outputData"}


def _join_early(d: Difference, scene: Scene) -> bool:
    """A JOIN that saw an optional task failed before the decision that shrugs."""
    key = d.task or ""
    if not scene.is_type(d.run, key, "JOIN"):
        return False
    theirs, ours = scene.record(scene.theirs, d.run, key), scene.record(scene.ours, d.run, key)
    if (theirs.get("status"), ours.get("status")) != ("COMPLETED", "COMPLETED_WITH_ERRORS"):
        return False
    return d.place[2] == "status" or (
        d.place[2] == "reason" and d.theirs is None and str(d.ours).endswith(" completed with errors")
    )


def _failed_names(d: Difference, scene: Scene) -> bool:
    """Failures in iterations of a loop that ``keepLastN`` has removed."""
    if d.place != ("failed",) or not isinstance(d.theirs, list) or not isinstance(d.ours, list):
        return False
    forgotten = set(d.ours) - set(d.theirs)
    keeping = [loop for loop in scene.loops(d.run) if "keepLastN" in loop.get("inputParameters", {})]
    return set(d.theirs) <= set(d.ours) and all(any(within(loop, f"{ref}#0") for loop in keeping) for ref in forgotten)


def _map_order(d: Difference, _: Scene) -> bool:
    """The order of keys where a map was made a text."""
    return isinstance(d.theirs, str) and isinstance(d.ours, str) and _sorted(d.theirs) == _sorted(d.ours)


def _left_over(d: Difference, scene: Scene) -> bool:
    """An input that no definition of the case names: the recorder's server had another of the task's name."""
    if not _at(d, "inputData") or len(d.place) != 4 or d.ours != ABSENT:
        return False
    place, names = scene.place(d.task or ""), {one["name"] for one in scene.case["taskDefs"]}
    is_worker = scene.record(scene.theirs, d.run, d.task or "").get("taskType") == place.get("name")
    return is_worker and place["name"] not in names and d.place[3] not in place.get("inputParameters", {})


def _no_condition(d: Difference, scene: Scene) -> bool:
    """A list loop without a condition, which the server does not register."""
    lists = [loop for loop in scene.loops("") if loop.get("items") or "_items" in loop.get("inputParameters", {})]
    bare = [loop for loop in lists if loop.get("loopCondition") is None]
    return d.place == ("refused",) and any(
        f"loopCondition field is required for taskType: DO_WHILE taskName: {loop['name']}" in str(d.theirs)
        for loop in bare
    )


def _undecided(d: Difference, scene: Scene) -> bool:
    """A run that the server did not look at again before its recorder gave up: nothing in it is at work."""
    if not scene.is_stuck:
        return False
    idle = [path for path, run in scene.theirs.items() if run["status"] == "RUNNING" and _is_idle(run)]
    if d.place == ("stuck",):
        return bool(idle)
    run = parent_of(d.run)[0] if d.run not in scene.theirs else d.run  # what came of the run in the end
    return any(_is_around(run, path) or (d.run not in scene.theirs and _is_around(path, run)) for path in idle)


def _waits_for_ever(d: Difference, scene: Scene) -> bool:
    """A run that waits for what can never come, for ever; here it fails with the reason, and its parents with it."""
    theirs, ours = scene.theirs.get(d.run, {}), scene.ours.get(d.run, {})
    if d.place == ("stuck",):
        return any("The workflow cannot go on: " in str(run.get("reason")) for run in scene.ours.values())
    if theirs.get("status") != "RUNNING" or "The workflow cannot go on: " not in str(ours.get("reason")):
        return False
    waiting = scene.record(scene.theirs, d.run, d.task or "").get("status") == "IN_PROGRESS"
    return waiting if d.task is not None else d.place[:1] in {("status",), ("reason",), ("output",), ("failed",)}


def _permissive_order(d: Difference, _: Scene) -> bool:
    """The order of permissive failures in a reason."""
    texts = (_by_name(d.theirs), d.ours)
    if not all(isinstance(text, str) and "'. Task '" in text for text in texts):
        return False
    one, other = (sorted(re.findall(r"[^\s.']+", str(text))) for text in texts)
    return one == other


def _task_by_name(d: Difference, _: Scene) -> bool:
    """A task that is told by its reference name, where the server writes its id."""
    return isinstance(d.theirs, str) and _by_name(d.theirs) == d.ours


def _by_name(text: object) -> object:
    """Return a text of the server's in which the tasks of reasons have names for ids."""
    return _TASK.sub(r"\1 '\2'", text) if isinstance(text, str) else text


def _nested_loops(d: Difference, scene: Scene) -> bool:
    """A run with a loop in a loop, which the server does not support."""
    return any(
        any(within(outer, f"{inner['taskReferenceName']}#0") for inner in scene.loops(d.run))
        for outer in scene.loops(d.run)
    )


RULES: tuple[Rule, ...] = (
    Rule("optional-at-the-end", _optional_last),
    Rule("child-template-in-parent", _template_in_parent),
    Rule("control-fields-as-input", _control_fields),
    Rule("retried-sub-workflow", _retried_child),
    Rule("join-met-after-the-end", _join_reason),
    Rule("join-saw-some", _join_output),
    Rule("join-of-a-cut-run", _join_status),
    Rule("join-before-the-shrug", _join_early),
    Rule("failed-names-of-removed-iterations", _failed_names),
    Rule("map-order-in-texts", _map_order),
    Rule("list-loop-without-condition", _no_condition),
    Rule("failed-task-by-name", _task_by_name),
    Rule("permissive-failures-in-order", _permissive_order),
    Rule("waits-for-ever", _waits_for_ever),
    Rule("run-not-decided", _undecided),
    Rule("left-over-definition", _left_over),
    Rule("nested-loops", _nested_loops),
)


def _newest(side: Mapping[str, Json], run: str, ref: str) -> Json:
    tasks = side.get(run, {}).get("tasks")
    found = [task for key, task in tasks.items() if key.rpartition("#")[0] == ref] if isinstance(tasks, dict) else []
    return max(found, key=lambda task: int(task["retryCount"]), default={})


def _is_around(run: str, other: str) -> bool:
    """Return whether a run is another one, or one of its ancestors."""
    return not run or other == run or other.startswith(f"{run}/")


def _is_idle(run: Mapping[str, object]) -> bool:
    tasks = run["tasks"]
    live = {"SCHEDULED", "IN_PROGRESS"}
    return isinstance(tasks, dict) and not any(task["status"] in live for task in tasks.values())


def _sorted(text: str) -> str:
    """Return a text in which the entries of each map stand in alphabetical order: ``{b=1, a=2}`` as ``{a=2, b=1}``."""
    stack: list[list[str]] = [[""]]
    for part in re.split(r"([{}\[\]]|, )", text):
        if part in {"{", "["}:
            stack.append([""])
        elif part in {"}", "]"} and len(stack) > 1:
            entries = stack.pop()
            closed = sorted(entries) if part == "}" else entries
            stack[-1][-1] += ("{" if part == "}" else "[") + ", ".join(closed) + part
        elif part == ", ":
            stack[-1].append("")
        else:
            stack[-1][-1] += part
    return " ".join(", ".join(entries) for entries in stack)
