"""What can be done to a run from its page, and what each would do, said before it is done."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from attrs import frozen

from podium.model.errors import InvalidRequest
from podium.model.json_text import parse
from podium.model.runs import TaskRun, WorkflowRun
from podium.model.statuses import RunStatus, TaskStatus, TaskType
from podium.model.walk import walk
from podium.server.errors import Refusal
from podium.server.roles import Role
from podium.server.web.writing import pretty

if TYPE_CHECKING:
    from podium.server.web.visits import Fields, Visit

#: Most names in one sentence, and most tasks of one choice.
_NAMED_MAX, _CHOICES_MAX = 8, 500
_STRUCTURE = frozenset(
    {
        *(TaskType.SWITCH, TaskType.DECISION, TaskType.FORK_JOIN, TaskType.FORK_JOIN_DYNAMIC),
        *(TaskType.JOIN, TaskType.EXCLUSIVE_JOIN, TaskType.DO_WHILE),
    }
)


@frozen(kw_only=True)
class Ask:
    """
    A field of a dialog.

    Attributes:
        name: Of the field.
        label: What it is.
        kind: ``text``, ``json``, ``box`` or ``choice``.
        value: What stands in it; of a box, whether it is ticked.
        choices: Value and words of each choice.
        reloads: The dialog says anew what would be done when another one is chosen.
        hint: What else is to be known.
    """

    name: str
    label: str
    kind: str = "text"
    value: Any = ""
    choices: Sequence[tuple[str, str]] = ()
    reloads: bool = False
    hint: str = ""


@frozen(kw_only=True)
class Plan:
    """
    What a verb would do to a run.

    Attributes:
        tells: Sentences: what will be done, and what will not.
        asks: Fields.
        is_bad: What is lost cannot be had back.
    """

    tells: Sequence[str]
    asks: Sequence[Ask] = ()
    is_bad: bool = False


@frozen(kw_only=True)
class Verb:
    """
    Something that can be done to a run.

    Attributes:
        label: Of its button.
        when: The statuses of runs that can be asked for it.
        plan: Says what it would do, to a run with its attempts, by what has been chosen so far.
        do: Does it; gives the sentence that says so.
    """

    label: str
    when: frozenset[RunStatus]
    plan: Callable[[Visit, WorkflowRun, Fields], Plan]
    do: Callable[[Visit, str, Fields], str]


@frozen
class Offer:
    """A button for a verb."""

    key: str
    label: str
    is_bad: bool = False


def offers(visit: Visit, run: WorkflowRun) -> tuple[Offer, ...]:
    """Return what who asks may do to a run as it stands."""
    if not visit.user.may(Role.EDITOR):
        return ()
    bad = {"terminate", "delete"}
    return tuple(Offer(key, verb.label, key in bad) for key, verb in VERBS.items() if run.status in verb.when)


def verb_of(key: str) -> Verb:
    """
    Return a verb by its key.

    Raises:
        Refusal: 404, there is none.
    """
    verb = VERBS.get(key)
    if verb is None:
        raise Refusal(404, f"nothing is called {key}; there are {', '.join(VERBS)}")
    return verb


def named(names: Sequence[str]) -> str:
    """
    Return names as a list of words.

    Example:
        >>> named(["a", "b"])
        'a, b'
    """
    more = len(names) - _NAMED_MAX
    return ", ".join(names[:_NAMED_MAX]) + (f" and {more} more" if more > 0 else "")


def json_field(form: Fields, name: str) -> Mapping[str, object] | None:
    """
    Return the JSON object of a field; None for an empty one.

    Raises:
        InvalidRequest: It is no JSON object.
    """
    text = form.raw(name).strip()
    if not text:
        return None
    try:
        found = parse(text)
    except ValueError as error:
        raise InvalidRequest(f"{name.replace('_', ' ')}: this is no JSON: {error}") from None
    if not isinstance(found, dict):
        raise InvalidRequest(f'{name.replace("_", " ")}: a JSON object is expected, such as {{"amount": 5}}')
    return found


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _live(run: WorkflowRun) -> list[TaskRun]:
    return [each for each in run.tasks if not each.status.is_terminal]


# -- what each says, and does ------------------------------------------------------------------------------------------


def _plan_pause(visit: Visit, run: WorkflowRun, form: Fields) -> Plan:
    at_work = [each.reference_task_name for each in run.tasks if each.status is TaskStatus.IN_PROGRESS]
    goes_on = f"What is at work may end: {named(at_work)}." if at_work else "Nothing is at work now."
    return Plan(tells=("Nothing new begins until the run is resumed.", goes_on))


def _pause(visit: Visit, run_id: str, form: Fields) -> str:
    visit.client.pause(run_id)
    return "The run is paused."


def _plan_resume(visit: Visit, run: WorkflowRun, form: Fields) -> Plan:
    return Plan(tells=("The run goes on from where it was paused; what has become ready meanwhile begins at once.",))


def _resume(visit: Visit, run_id: str, form: Fields) -> str:
    visit.client.resume(run_id)
    return "The run goes on."


def _plan_terminate(visit: Visit, run: WorkflowRun, form: Fields) -> Plan:
    live = _live(run)
    tells = [f"The run ends now, as TERMINATED. {_ending(live)}"]
    children = [each for each in live if each.sub_workflow_id]
    if children:
        tells.append(f"{_count(len(children), 'sub-workflow')} end with it.")
    asks = [Ask(name="reason", label="Reason", hint="It is kept with the run.")]
    failure = run.workflow_definition.failure_workflow if run.workflow_definition else None
    if failure:
        tells.append(f"Its failure workflow, {failure}, does not start unless you say so.")
        asks.append(Ask(name="failure", label=f"Start {failure}", kind="box", value=False))
    return Plan(tells=tells, asks=asks, is_bad=True)


def _ending(live: Sequence[TaskRun]) -> str:
    if not live:
        return "Nothing is at work."
    return f"Canceled: {named([each.reference_task_name for each in live])}."


def _terminate(visit: Visit, run_id: str, form: Fields) -> str:
    reason = form.text("reason") or None
    visit.client.terminate(run_id, reason, trigger_failure_workflow=form.is_on("failure"))
    return "The run is terminated."


def _plan_retry(visit: Visit, run: WorkflowRun, form: Fields) -> Plan:
    bad = [each for each in run.tasks if each.status.is_terminal and not each.status.is_successful and not each.retried]
    newest = {each.reference_task_name: each for each in bad}
    done = sum(each.status.is_successful and each.status.is_terminal for each in run.tasks)
    tells = [
        f"A new attempt begins of: {named(list(newest))}." if newest else "Nothing of it has failed.",
        f"{_count(done, 'task')} that ended well stay as they are; the run goes on behind them.",
    ]
    asks = []
    if any(each.sub_workflow_id for each in newest.values()):
        label = "Go on inside the failed sub-workflow instead of starting it anew"
        asks.append(Ask(name="inside", label=label, kind="box", value=True))
    return Plan(tells=tells, asks=[*asks, *_undone(run, tells)])


def _undone(run: WorkflowRun, tells: list[str]) -> list[Ask]:
    if not run.undone:
        return []
    tells.append(f"Undone when it failed, and not done again: {named(run.undone)}.")
    return [Ask(name="force", label="Go on although these steps were undone", kind="box", value=False)]


def _retry(visit: Visit, run_id: str, form: Fields) -> str:
    visit.client.retry(run_id, resume_subworkflows=form.is_on("inside"), force=form.is_on("force"))
    return "The failed tasks are tried again."


def _plan_restart(visit: Visit, run: WorkflowRun, form: Fields) -> Plan:
    made = _count(len(run.tasks), "attempt")
    tells = [f"The run begins anew under the same id with the same input; its {made} go, with their outputs and logs."]
    asks = []
    newest = max((each.version for each in visit.client.workflows() if each.name == run.workflow_name), default=0)
    if newest:
        label = f"With the newest definition, version {newest}"
        tells.append(f"It keeps its definition, version {run.workflow_version}, unless you say otherwise.")
        asks.append(Ask(name="latest", label=label, kind="box", value=False))
    return Plan(tells=tells, asks=asks, is_bad=True)


def _restart(visit: Visit, run_id: str, form: Fields) -> str:
    visit.client.restart(run_id, use_latest=form.is_on("latest"))
    return "The run has begun anew."


def _plan_rerun(visit: Visit, run: WorkflowRun, form: Fields) -> Plan:
    newest = {each.reference_task_name: each for each in run.tasks if each.status.is_terminal}
    failing = run.failing_task
    wanted = form.text("from_task", failing.reference_task_name if failing is not None else "")
    chosen = newest.get(wanted)
    choices = [("", "the start")]
    choices += [(ref, f"{ref} ({each.status})") for ref, each in list(newest.items())[-_CHOICES_MAX:]]
    asks = [Ask(name="from_task", label="From", kind="choice", value=wanted, choices=choices, reloads=True)]
    if chosen is None:
        tells = [f"The run begins anew, under the same id; its {_count(len(run.tasks), 'attempt')} are deleted."]
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
                Ask(name="task_input", label=f"Input of {wanted}", kind="json", value=pretty(dict(chosen.input_data)))
            )
    asks.append(Ask(name="workflow_input", label="Input of the run", kind="json", value=pretty(dict(run.input))))
    return Plan(tells=tells, asks=[*asks, *_undone(run, tells)], is_bad=True)


def _what_follows(run: WorkflowRun, chosen: TaskRun) -> list[str]:
    """Return the tasks that the flow came to behind another one."""
    import networkx as nx

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


def _rerun(visit: Visit, run_id: str, form: Fields) -> str:
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


def _plan_skip(visit: Visit, run: WorkflowRun, form: Fields) -> Plan:
    reached = {each.reference_task_name for each in run.tasks}
    visits = walk(run.workflow_definition.tasks) if run.workflow_definition else ()
    ahead = [each.task.task_reference_name for each in visits if each.task.task_reference_name not in reached]
    if not ahead:
        raise InvalidRequest("the run has come to each of its tasks already; none is left to be skipped")
    return Plan(
        tells=(
            "When the run comes to the task, it is SKIPPED: it does not run, and what follows it follows.",
            "What it would have given is what you write here.",
        ),
        asks=(
            Ask(name="task", label="Task", kind="choice", choices=[(ref, ref) for ref in ahead[:_CHOICES_MAX]]),
            Ask(name="output", label="Its output", kind="json", value="{}"),
        ),
    )


def _skip(visit: Visit, run_id: str, form: Fields) -> str:
    ref = form.text("task")
    visit.client.skip_task(run_id, ref, output=json_field(form, "output"))
    return f"{ref} will be skipped."


def _plan_hurry(visit: Visit, run: WorkflowRun, form: Fields) -> Plan:
    resting = [each.reference_task_name for each in run.tasks if each.status is TaskStatus.SCHEDULED]
    rests = f"These wait for a delay or for the time of a retry, and begin at once: {named(resting)}."
    return Plan(tells=(rests if resting else "Nothing of it rests now.",))


def _hurry(visit: Visit, run_id: str, form: Fields) -> str:
    visit.client.reset_callbacks(run_id)
    return "What rested begins now."


def _plan_delete(visit: Visit, run: WorkflowRun, form: Fields) -> Plan:
    children = sum(bool(each.sub_workflow_id) for each in run.tasks)
    with_it = f", and {_count(children, 'sub-workflow')}" if children else ""
    tells = (
        f"The run goes for good, with {_count(len(run.tasks), 'attempt')}, their logs, its idempotency key{with_it}."
    )
    return Plan(tells=(tells,), is_bad=True)


def _delete(visit: Visit, run_id: str, form: Fields) -> str:
    visit.client.delete(run_id)
    return "The run is deleted."


_FAILED = frozenset({RunStatus.FAILED, RunStatus.TIMED_OUT, RunStatus.TERMINATED})
_ENDED = _FAILED | {RunStatus.COMPLETED}
_LIVE = frozenset({RunStatus.RUNNING, RunStatus.PAUSED})

#: What can be done to a run, in the order of the buttons.
VERBS: Mapping[str, Verb] = {
    "pause": Verb(label="Pause", when=frozenset({RunStatus.RUNNING}), plan=_plan_pause, do=_pause),
    "resume": Verb(label="Resume", when=frozenset({RunStatus.PAUSED}), plan=_plan_resume, do=_resume),
    "retry": Verb(label="Retry", when=_FAILED, plan=_plan_retry, do=_retry),
    "rerun": Verb(label="Rerun from…", when=_ENDED, plan=_plan_rerun, do=_rerun),
    "restart": Verb(label="Restart", when=_ENDED, plan=_plan_restart, do=_restart),
    "skip": Verb(label="Skip a task…", when=frozenset({RunStatus.RUNNING}), plan=_plan_skip, do=_skip),
    "hurry": Verb(label="Begin what rests", when=frozenset({RunStatus.RUNNING}), plan=_plan_hurry, do=_hurry),
    "terminate": Verb(label="Terminate", when=_LIVE, plan=_plan_terminate, do=_terminate),
    "delete": Verb(label="Delete", when=_ENDED, plan=_plan_delete, do=_delete),
}
