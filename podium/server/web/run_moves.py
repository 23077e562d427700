"""What moves a live run to another place: to a later task, or to another version of its workflow."""

from __future__ import annotations

from typing import cast

from podium.model.errors import InvalidRequest
from podium.model.runs import WorkflowRun
from podium.model.values import JsonObject
from podium.server import moving
from podium.server.web.run_verbs import CHOICES_MAX, DialogField, VerbPlan, json_field, live_of, named
from podium.server.web.visits import Fields, Visit


def plan_jump(visit: Visit, run: WorkflowRun, form: Fields) -> VerbPlan:
    """Say what it would do."""
    reached = {each.reference_task_name for each in run.tasks}
    own = run.workflow_definition.tasks if run.workflow_definition else ()
    refs = [each.task_reference_name for each in own]
    ahead = [ref for ref in refs if ref not in reached]
    if not ahead:
        raise InvalidRequest("the run has come to each task of its workflow's own list; none is left to jump to")
    chosen = form.text("task", ahead[0])
    between = [ref for ref in refs[: refs.index(chosen)] if ref not in reached] if chosen in refs else []
    live = named([each.reference_task_name for each in live_of(run)])
    tells = [
        f"The run goes on at {chosen}, at once.",
        f"Skipped, with their sub-workflows: {live}." if live else "Nothing is at work now.",
    ]
    if between:
        tells.append(f"Never run: {named(between)}; what would use their output finds nothing.")
    choices = [(ref, ref) for ref in ahead[:CHOICES_MAX]]
    asks = (
        DialogField(name="task", label="To", kind="choice", value=chosen, choices=choices, reloads=True),
        DialogField(name="input", label="Added to its input", kind="json", value="{}"),
    )
    return VerbPlan(tells=tells, asks=asks, is_bad=True)


def jump(visit: Visit, run_id: str, form: Fields) -> str:
    """Let the run jump; return what its page says of it."""
    ref = form.text("task")
    moving.jump(visit.desk, run_id, ref, cast("JsonObject", json_field(form, "input") or {}))
    return f"The run goes on at {ref}."


def plan_upgrade(visit: Visit, run: WorkflowRun, form: Fields) -> VerbPlan:
    """Say what it would do."""
    versions = sorted(
        {each.version for each in visit.client.workflows() if each.name == run.workflow_name} - {run.workflow_version},
        reverse=True,
    )
    if not versions:
        raise InvalidRequest(f"there is no other version of {run.workflow_name} than {run.workflow_version}")
    tells = (
        f"The run goes on from where it is by the version that you choose, instead of version {run.workflow_version}.",
        "All tasks that it has come to must be in it still; what is new before them is skipped.",
    )
    choices = [(str(each), f"version {each}") for each in versions]
    return VerbPlan(tells=tells, asks=(DialogField(name="version", label="Version", kind="choice", choices=choices),))


def upgrade(visit: Visit, run_id: str, form: Fields) -> str:
    """Let the run go on by the other version; return what its page says of it."""
    version = form.number("version", 0)
    moving.upgrade(visit.desk, run_id, version)
    return f"The run goes on by version {version}."
