"""
What undoes a failed run, as it stands in the run itself.

A step that can be undone notes in the variable ``undo_<step>`` how it has ended; the failure workflow, called
``<workflow>_undo``, undoes it in a task of the same name (see `podium.dsl.undoing`). So anybody who has both runs can
tell what was undone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Final, NamedTuple

from podium.model.attempts import TaskRun
from podium.model.run_facts import RunFacts
from podium.model.statuses import TaskStatus
from podium.model.values import JsonValue

#: The task of an undo workflow that looks up what it needs of the failed run.
FAILED_RUN = "failed_run"
#: Where a failed run's output names the run of its failure workflow (Conductor: ``WorkflowExecutorOps.java``).
FAILURE_RUN_KEY = "conductor.failure_workflow"
#: The variable of a run that was taken up after it was undone: the steps, and when that was, in epoch milliseconds.
UNDONE = "_undone"
_RUN_ID_LENGTH = 36
#: How a step has ended that is to be undone; one that was optional and failed, or was skipped, is not.
_DONE: Final = (TaskStatus.COMPLETED.value, True)  # the latter in runs of definitions made by older versions


class Undoing(NamedTuple):
    """What became of the steps of a failed run that can be undone, the one that was done last first."""

    #: The steps that were undone.
    undone: tuple[str, ...] = ()
    #: The steps that were done, and are still.
    left: tuple[str, ...] = ()


def undo_name(step: str) -> str:
    """Return the name of what undoes a step: the variable that notes it, and the task that does it."""
    return f"undo_{step}"


def each_name(step: str) -> str:
    """Return the name of the loop around what undoes a step that was done several times."""
    return f"each_{step}"


def undo_workflow_name(workflow: str) -> str:
    """Return the name of the workflow that undoes another."""
    return f"{workflow}_undo"


def failure_run_id(run: RunFacts) -> str | None:
    """Return the id of the run that was started because this one failed, None if there is none."""
    found = run.output.get(FAILURE_RUN_KEY)
    is_id = isinstance(found, str) and len(found) == _RUN_ID_LENGTH  # otherwise it tells why none could be started
    return str(found) if is_id and not run.status.is_successful else None


def undoing_of(run: RunFacts, failure_run: RunFacts) -> Undoing:
    """
    Tell what was undone of a failed run.

    Args:
        run: The run.
        failure_run: The run of its failure workflow, with its tasks.
    """
    if failure_run.workflow_name != undo_workflow_name(run.workflow_name):
        return Undoing()  # a failure workflow of the author's own: nobody knows what it undoes
    noted = [name.removeprefix(undo_name("")) for name, value in run.variables.items() if _is_note(name, value)]
    newest = {attempt.reference_task_name: attempt for attempt in failure_run.tasks}
    ends: dict[str, list[bool]] = {step: [] for step in (*reversed(noted), *_found(newest.get(FAILED_RUN)))}
    for name, attempt in newest.items():
        base = name.partition("__")[0]  # in a loop, for a step that was done several times
        for step in (base.removeprefix(prefix) for prefix in (undo_name(""), each_name("")) if base.startswith(prefix)):
            if step in ends:
                ends[step].append(attempt.status is TaskStatus.COMPLETED)
    undone = tuple(step for step, are_good in ends.items() if are_good and all(are_good))
    return Undoing(undone, tuple(step for step in ends if step not in undone))


def _found(lookup: TaskRun | None) -> Iterator[str]:
    """Yield the steps that an undo workflow has found to undo, beside those that are noted."""
    result = lookup.output_data.get("result") if lookup is not None else None
    for lists in (result.get("runs"), result.get("notes")) if isinstance(result, Mapping) else ():
        yield from (step for step, found in lists.items() if found) if isinstance(lists, Mapping) else ()


def without_notes(
    variables: Mapping[str, JsonValue], steps: Collection[str] | None = None, now: int = 0
) -> dict[str, JsonValue]:
    """
    Return a run's variables without the notes of what is to be undone, for a run that begins anew or is taken up again.

    Args:
        variables: The variables.
        steps: The steps whose notes to leave out; None for all, as of a run that forgets its tasks too.
        now: When that is, in epoch milliseconds: what steps in loops have noted until then counts no more.
    """
    if steps is None:
        return {name: value for name, value in variables.items() if not (_is_note(name, value) or name == UNDONE)}
    names = {undo_name(step) for step in steps}
    left = {name: value for name, value in variables.items() if not (_is_note(name, value) and name in names)}
    before = left.get(UNDONE)
    return {**left, UNDONE: {**(before if isinstance(before, Mapping) else {}), **dict.fromkeys(steps, now)}}


def _is_note(name: str, value: JsonValue) -> bool:
    is_named = name.startswith(undo_name(""))
    return is_named and isinstance(value, Mapping) and value.keys() == {"done", "inputs"} and value["done"] in _DONE
