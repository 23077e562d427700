"""What a drawing says above itself: whose definition it is and what for; when a run began, and who started it."""

from __future__ import annotations

from podium.model.definitions import WorkflowDef
from podium.model.durations import duration_text
from podium.model.runs import WorkflowRun, as_datetime
from podium.render.naming import clean

#: Where a run's output names the run that undoes it (Conductor: ``WorkflowExecutorOps``).
UNDONE_BY = "conductor.failure_workflow"


def about_definition(definition: WorkflowDef) -> tuple[str, ...]:
    """Return the description of a definition, and its owner."""
    purpose, owner = clean(definition.description or ""), clean(definition.owner_email or "")
    return tuple(text for text in (purpose, owner and f"owner: {owner}") if text and text != clean(definition.name))


def about_run(run: WorkflowRun) -> tuple[str, ...]:
    """Return when a run began and how long it took, who started it, and what undoes it."""
    began = as_datetime(run.create_time)
    when = f"began {began:%Y-%m-%d %H:%M:%S} UTC" if began else ""
    if began and run.status.is_terminal and run.end_time >= run.create_time:
        when += f", took {duration_text(run.end_time - run.create_time)}"
    undone_by = run.output.get(UNDONE_BY)
    undo = clean(f"its undo: run {undone_by}") if isinstance(undone_by, str) and undone_by else ""
    return tuple(text for text in (when, clean(_started(run)), undo) if text)


def _started(run: WorkflowRun) -> str:
    """Say who or what started a run, as far as it knows."""
    known = {
        "by": run.created_by,
        "by event": run.event,
        "by run": run.parent_workflow_id,
        "with correlation id": run.correlation_id,
    }
    words = [f"{word} {value}" for word, value in known.items() if value]
    return f"started {', '.join(words)}" if words else ""
