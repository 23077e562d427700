"""What can be done to a run: what each verb would do, in words, and how it is done."""

from __future__ import annotations

from collections.abc import Sequence

import networkx as nx

from podium.model.attempts import TaskRun
from podium.model.errors import InvalidRequest
from podium.model.runs import WorkflowRun
from podium.model.statuses import TaskStatus, TaskType
from podium.model.walk import walk
from podium.server.web.run_verbs import CHOICES_MAX, DialogField, VerbPlan, counted, json_field, live_of, named
from podium.server.web.visits import Fields, Visit
from podium.server.web.writing import pretty

#: What takes no input of its own.
_STRUCTURE = frozenset(
    {
        *(TaskType.SWITCH, TaskType.DECISION, TaskType.FORK_JOIN, TaskType.FORK_JOIN_DYNAMIC),
        *(TaskType.JOIN, TaskType.EXCLUSIVE_JOIN, TaskType.DO_WHILE),
    }
)


def plan_pause(visit: Visit, run: WorkflowRun, form: Fields) -> VerbPlan:
    """Return what pausing would do to the run."""
    at_work = [each.reference_task_name for each in run.tasks if each.status is TaskStatus.IN_PROGRESS]
    goes_on = f"What is at work may end: {named(at_work)}." if at_work else "Nothing is at work now."
    return VerbPlan(tells=("Nothing new begins until the run is resumed.", goes_on))


def pause(visit: Visit, run_id: str, form: Fields) -> str:
    """Pause the run; return what its page says of it."""
    visit.client.pause(run_id)
    return "The run is paused."


def plan_resume(visit: Visit, run: WorkflowRun, form: Fields) -> VerbPlan:
    """Return what going on would do to the run."""
    return VerbPlan(
        tells=("The run goes on from where it was paused; what has become ready meanwhile begins at once.",)
    )


def resume(visit: Visit, run_id: str, form: Fields) -> str:
    """Resume the run; return what its page says of it."""
    visit.client.resume(run_id)
    return "The run goes on."


def plan_terminate(visit: Visit, run: WorkflowRun, form: Fields) -> VerbPlan:
    """Return what terminating would do to the run."""
    live = live_of(run)
    tells = [f"The run ends now, as TERMINATED. {_ending(live)}"]
    children = [each for each in live if each.sub_workflow_id]
    if children:
        tells.append(f"{counted(len(children), 'sub-workflow')} end with it.")
    asks = [DialogField(name="reason", label="Reason", hint="It is kept with the run.")]
    failure = run.workflow_definition.failure_workflow if run.workflow_definition else None
    if failure:
        tells.append(f"Its failure workflow, {failure}, does not start unless you say so.")
        asks.append(DialogField(name="failure", label=f"Start {failure}", kind="box", value=False))
    return VerbPlan(tells=tells, asks=asks, is_bad=True)


def _ending(live: Sequence[TaskRun]) -> str:
    if not live:
        return "Nothing is at work."
    return f"Canceled: {named([each.reference_task_name for each in live])}."


def terminate(visit: Visit, run_id: str, form: Fields) -> str:
    """Terminate the run; return what its page says of it."""
    reason = form.text("reason") or None
    visit.client.terminate(run_id, reason, trigger_failure_workflow=form.is_on("failure"))
    return "The run is terminated."


def plan_retry(visit: Visit, run: WorkflowRun, form: Fields) -> VerbPlan:
    """Return what retrying would do to the run."""
    bad = [each for each in run.tasks if each.status.is_terminal and not each.status.is_successful and not each.retried]
    newest = {each.reference_task_name: each for each in bad}
    done = sum(each.status.is_successful and each.status.is_terminal for each in run.tasks)
    tells = [
        f"A new attempt begins of: {named(list(newest))}." if newest else "Nothing of it has failed.",
        f"What ended well stays as it is ({counted(done, 'task')}); the run goes on after it.",
    ]
    asks = []
    if any(each.sub_workflow_id for each in newest.values()):
        label = "Go on inside the failed sub-workflow instead of starting it anew"
        asks.append(DialogField(name="inside", label=label, kind="box", value=True))
    return VerbPlan(tells=tells, asks=[*asks, *_undone(run, tells)])


def _undone(run: WorkflowRun, tells: list[str]) -> list[DialogField]:
    if not run.undone:
        return []
    tells.append(f"Undone when it failed, and not done again: {named(run.undone)}.")
    return [DialogField(name="force", label="Go on although these steps were undone", kind="box", value=False)]


def retry(visit: Visit, run_id: str, form: Fields) -> str:
    """Retry the run; return what its page says of it."""
    visit.client.retry(run_id, resume_subworkflows=form.is_on("inside"), force=form.is_on("force"))
    return "The failed tasks are tried again."


def plan_restart(visit: Visit, run: WorkflowRun, form: Fields) -> VerbPlan:
    """Return what restarting would do to the run."""
    made = counted(len(run.tasks), "attempt")
    tells = [f"The run begins anew under the same id with the same input; its {made} go, with their outputs and logs."]
    asks = []
    newest = max((each.version for each in visit.client.workflows() if each.name == run.workflow_name), default=0)
    if newest:
        label = f"With the newest definition, version {newest}"
        tells.append(f"It keeps its definition, version {run.workflow_version}, unless you say otherwise.")
        asks.append(DialogField(name="latest", label=label, kind="box", value=False))
    return VerbPlan(tells=tells, asks=asks, is_bad=True)


def restart(visit: Visit, run_id: str, form: Fields) -> str:
    """Restart the run; return what its page says of it."""
    visit.client.restart(run_id, use_latest=form.is_on("latest"))
    return "The run has begun anew."


def plan_rerun(visit: Visit, run: WorkflowRun, form: Fields) -> VerbPlan:
    """Return what a rerun would do to the run."""
    newest = {each.reference_task_name: each for each in run.tasks if each.status.is_terminal}
    failing = run.failing_task
    wanted = form.text("from_task", failing.reference_task_name if failing is not None else "")
    chosen = newest.get(wanted)
    choices = [("", "the start")]
    choices += [(ref, f"{ref} ({each.status})") for ref, each in list(newest.items())[-CHOICES_MAX:]]
    asks = [DialogField(name="from_task", label="From", kind="choice", value=wanted, choices=choices, reloads=True)]
    if chosen is None:
        tells = [f"The run begins anew, under the same id; its {counted(len(run.tasks), 'attempt')} are deleted."]
    else:
        again = _what_follows(run, chosen)
        tells = [
            f"A new attempt of {wanted} begins.",
            f"Deleted, and done again as the flow comes to them: {named(again)}."
            if again
            else "Nothing follows it yet.",
            "Branches beside it stay; those of them that failed are tried again.",
        ]
        if chosen.task_type not in _STRUCTURE:
            asks.append(
                DialogField(
                    name="task_input", label=f"Input of {wanted}", kind="json", value=pretty(dict(chosen.input_data))
                )
            )
    asks.append(
        DialogField(name="workflow_input", label="Input of the run", kind="json", value=pretty(dict(run.input)))
    )
    return VerbPlan(tells=tells, asks=[*asks, *_undone(run, tells)], is_bad=True)


def _what_follows(run: WorkflowRun, chosen: TaskRun) -> list[str]:
    """Return the tasks that the flow came to behind another one."""
    flow = run.graph()
    ahead = flow.edge_subgraph([(a, b) for a, b, line in flow.edges(data=True) if line["kind"] != "back"])
    place = chosen.workflow_task.task_reference_name if chosen.workflow_task else chosen.reference_task_name
    behind = nx.descendants(ahead, place) if place in ahead else set()
    reached = dict.fromkeys(
        each.reference_task_name
        for each in run.tasks
        if (each.workflow_task.task_reference_name if each.workflow_task else each.reference_task_name) in behind
    )
    return list(reached)


def rerun(visit: Visit, run_id: str, form: Fields) -> str:
    """Rerun the run; return what its page says of it."""
    run = visit.client.get(run_id)
    given, whole = json_field(form, "task_input"), json_field(form, "workflow_input")
    from_task = form.text("from_task") or None
    before = run.task(from_task) if from_task else None
    visit.client.rerun(
        run_id,
        from_task=from_task,
        # What nobody has changed is computed anew, as the definition says.
        task_input=given if before is not None and given != dict(before.input_data) else None,
        workflow_input=whole if whole != dict(run.input) else None,
        force=form.is_on("force"),
    )
    return f"The run goes on from {from_task or 'its start'}."


def plan_skip(visit: Visit, run: WorkflowRun, form: Fields) -> VerbPlan:
    """Return what skipping a task would do to the run."""
    reached = {each.reference_task_name for each in run.tasks}
    visits = walk(run.workflow_definition.tasks) if run.workflow_definition else ()
    ahead = [each.task.task_reference_name for each in visits if each.task.task_reference_name not in reached]
    if not ahead:
        raise InvalidRequest("the run has come to each of its tasks already; none is left to be skipped")
    return VerbPlan(
        tells=(
            "When the run comes to the task, it is SKIPPED: it does not run, and what follows it follows.",
            "What it would have given is what you write here.",
        ),
        asks=(
            DialogField(name="task", label="Task", kind="choice", choices=[(ref, ref) for ref in ahead[:CHOICES_MAX]]),
            DialogField(name="output", label="Its output", kind="json", value="{}"),
        ),
    )


def skip(visit: Visit, run_id: str, form: Fields) -> str:
    """Skip a task of the run; return what its page says of it."""
    ref = form.text("task")
    visit.client.skip_task(run_id, ref, output=json_field(form, "output"))
    return f"{ref} will be skipped."


def plan_hurry(visit: Visit, run: WorkflowRun, form: Fields) -> VerbPlan:
    """Return what ending its wait now would do to the run."""
    resting = [each.reference_task_name for each in run.tasks if each.status is TaskStatus.SCHEDULED]
    rests = f"These wait for a delay or for the time of a retry, and begin at once: {named(resting)}."
    return VerbPlan(tells=(rests if resting else "Nothing of it waits for a delay now.",))


def hurry(visit: Visit, run_id: str, form: Fields) -> str:
    """End a wait of the run; return what its page says of it."""
    visit.client.reset_callbacks(run_id)
    return "What waited for a delay begins now."


def plan_delete(visit: Visit, run: WorkflowRun, form: Fields) -> VerbPlan:
    """Return what deleting would do to the run."""
    children = sum(bool(each.sub_workflow_id) for each in run.tasks)
    with_it = f", and {counted(children, 'sub-workflow')}" if children else ""
    tells = [
        f"The run goes for good, with its {counted(len(run.tasks), 'attempt')}, logs and idempotency key{with_it}."
    ]
    if run.parent_workflow_id:
        tells.append(f"It is a part of {run.parent_workflow_id}: while that is there, it can go only with it.")
    return VerbPlan(tells=tells, is_bad=True)


def delete(visit: Visit, run_id: str, form: Fields) -> str:
    """Delete the run; return what its page says of it."""
    visit.client.delete(run_id)
    return "The run is deleted."
