"""
The workflow that undoes another: ``<workflow>_undo``, its failure workflow.

It stands above steps, because what undoes a step is a step itself: of a task or a workflow, with options of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import attrs

from podium.dsl.blocks import closed
from podium.dsl.context import CompileContext
from podium.dsl.failure_refs import UndoneRun, member
from podium.dsl.headers import Header
from podium.dsl.steps import Step
from podium.dsl.undoing import Undo, UndoRun
from podium.dsl.values import render
from podium.model.compensation import each_name, undo_name, undo_workflow_name
from podium.model.definitions import SubWorkflowParams, TaskDef, WorkflowDef, WorkflowTask
from podium.model.errors import AuthoringError
from podium.model.statuses import TaskStatus, TaskTimeoutPolicy, TaskType, WorkflowTimeoutPolicy
from podium.model.walk import walk
from podium.typed.authored import Authored

#: The fork of steps that are undone at once; no step's name can make one of the others of this.
_FORK = "at_once"
#: Seconds that a run gets to be looked at, on servers where somebody must do it.
_LOOK_S = 60
_NOTES = "workflow.input.failedWorkflow.variables"


def with_undo(
    definition: WorkflowDef, header: Header, build: CompileContext, *, place: str | None
) -> tuple[WorkflowDef, ...]:
    """
    Return a definition, and behind it its undo workflow if there is anything that can be undone.

    Args:
        definition: The definition.
        header: What the author says of the workflow.
        build: What was met while it was compiled; the tasks that undo it are noted there.
        place: Where to complain.

    Raises:
        AuthoringError: V1, the author has named another failure workflow too, or says how to undo where nothing can be
            undone; N1, two things that undo have one name.
    """
    if not build.undos and not build.undo_always:
        if header.undo is not None:
            message = f"workflow {definition.name!r} has undo=, and nothing in it has an .undo(...)"
            raise AuthoringError(message, code="V1", place=place)
        return (definition,)
    if definition.failure_workflow is not None:
        message = (
            f"workflow {definition.name!r} has both .undo(...) and failure_workflow=; Conductor starts one only: "
            "call the other one from it, or say undo_all(...) with it"
        )
        raise AuthoringError(message, code="V1", place=place)
    undo = _Undoing(definition, header, build).workflow()
    changed = attrs.evolve(definition, failure_workflow=undo.name, failure_workflow_version=undo.version)
    return changed, undo


class _Undoing:
    """The undo workflow of one definition, while it is written."""

    def __init__(self, definition: WorkflowDef, header: Header, build: CompileContext) -> None:
        self._definition = definition
        self._settings = {} if header.undo is None else header.undo
        self._is_parallel = self._settings.get("order") == "parallel"
        self._build = build
        self._inside = CompileContext(undoes_children=False)
        self._looped = {
            visit.task.task_reference_name
            for visit in walk(definition.tasks)
            if any(around.type == TaskType.DO_WHILE for around in visit.parents)
        }
        self._failed = UndoneRun()

    def workflow(self) -> WorkflowDef:
        """Return it."""
        undos = [self._guarded(step, undo) for step, undo in reversed(self._build.undos.items())]
        always = [each for undo in reversed(self._build.undo_always) for each in self._always(undo)]
        lookup = self._failed.task()
        steps = (
            _at_once(undos) if self._is_parallel and len(undos) > 1 else [task for branch in undos for task in branch]
        )
        order = "all steps at once" if self._is_parallel else "the last step first"
        has_runs = any(isinstance(undo, UndoRun) for undo in self._build.undos.values())
        where = " What called workflows have done is undone where GET_WORKFLOW is run: Podium, Orkes."
        needs = where if has_runs else ""
        for task in self._inside.tasks.values():
            self._build.use_task(task, task.place)
        for workflow in self._inside.workflows:
            self._build.use_workflow(workflow)
        return WorkflowDef(
            name=undo_workflow_name(self._definition.name),
            version=self._definition.version,
            description=f"Undoes what a failed run of {self._definition.name} has done, {order}.{needs}",
            owner_email=self._definition.owner_email,
            tasks=(*([] if lookup is None else [lookup]), *steps, *always),
            **self._limit(),
        )

    def _limit(self) -> dict[str, Any]:
        seconds = self._settings.get("timeout")
        if seconds is None:
            return {}
        return {"timeout_seconds": seconds, "timeout_policy": WorkflowTimeoutPolicy.TIME_OUT_WF}

    def _guarded(self, step: str, undo: Undo | UndoRun) -> list[WorkflowTask]:
        """Return what undoes a step if it was done, as often as it was done."""
        is_listed = step in self._looped or (isinstance(undo, UndoRun) and undo.of_items)
        if isinstance(undo, UndoRun):
            runs = self._failed.runs_of(step, of_items=undo.of_items)
            if is_listed:
                return [_each(step, runs, self._of_run(step, undo, f"{_item(step)}.id"))]
            return [_if(step, f"{runs}[0].done", self._of_run(step, undo, f"{runs}[0].id"))]
        if is_listed:
            return [_each(step, self._failed.notes_of(step), self._of_step(step, undo, _item(step)))]
        return [_if(step, f"{_noted(step)}.done", self._of_step(step, undo, f"{_noted(step)}.inputs"))]

    def _of_step(self, step: str, undo: Undo, noted_at: str) -> tuple[WorkflowTask, ...]:
        inputs = {
            name: self._failed.given(value, f"{noted_at}{member(name)}") for name, value in render(undo.inputs).items()
        }
        return self._compiled(undo.maker.as_(undo_name(step)), inputs, undo.place)

    def _always(self, undo: Undo) -> tuple[WorkflowTask, ...]:
        inputs = {name: self._failed.late(value) for name, value in render(undo.inputs).items()}
        return self._compiled(undo.maker, inputs, undo.place)

    def _compiled(self, maker: Any, inputs: Mapping[str, Authored], place: str | None) -> tuple[WorkflowTask, ...]:
        with closed():
            step: Step[Any] = maker.step_of(inputs)
        step.written_at = place
        step.step_options = {**self._settings.get("each", {}), **step.step_options}
        if self._is_parallel and "optional" not in step.step_options:
            step.step_options.setdefault("permissive", True)  # the others go on, and the run fails at its end
        return step.compile(self._inside)

    def _of_run(self, step: str, undo: UndoRun, id_at: str) -> tuple[WorkflowTask, ...]:
        """Return what undoes the run of a workflow: its undo workflow, given that run as if it had failed."""
        name, run_id = undo_name(step), f"${{{id_at}}}"
        look = WorkflowTask(
            name="get_workflow",
            task_reference_name=f"look_{step}",
            type="GET_WORKFLOW",
            input_parameters={"id": run_id, "includeTasks": undo.reads_tasks},
            # Where no server does it, nobody does: the run that undoes must not wait for ever.
            task_definition=TaskDef(
                name="get_workflow",
                retry_count=0,
                poll_timeout_seconds=_LOOK_S,
                timeout_policy=TaskTimeoutPolicy.RETRY,
            ),
        )
        given = {"failedWorkflow": f"${{look_{step}.output}}", "workflowId": run_id}
        facts = ("reason", "failureStatus")
        call = WorkflowTask(
            name=undo.name,
            task_reference_name=name,
            type=TaskType.SUB_WORKFLOW.value,
            sub_workflow_param=SubWorkflowParams(name=undo.name, version=undo.version),
            input_parameters={**given, **{fact: f"${{workflow.input.{fact}}}" for fact in facts}},
            permissive=self._is_parallel,
        )
        return look, call


def _noted(step: str) -> str:
    return f"{_NOTES}{member(undo_name(step))}"


def _if(step: str, done_at: str, acts: tuple[WorkflowTask, ...]) -> WorkflowTask:
    """Return the SWITCH around what undoes a step that is done once."""
    return WorkflowTask(
        name=f"if_{step}",
        task_reference_name=f"if_{step}",
        type=TaskType.SWITCH.value,
        input_parameters={"switchCaseValue": f"${{{done_at}}}"},
        evaluator_type="value-param",
        expression="switchCaseValue",
        decision_cases={TaskStatus.COMPLETED.value: acts},
    )


def _each(step: str, items_at: str, acts: tuple[WorkflowTask, ...]) -> WorkflowTask:
    """Return the loop around what undoes a step that is done several times."""
    return WorkflowTask(
        name=each_name(step),
        task_reference_name=each_name(step),
        type=TaskType.DO_WHILE.value,
        items=f"${{{items_at}}}",
        loop_condition="true",
        loop_over=acts,
    )


def _item(step: str) -> str:
    return f"{each_name(step)}.output.loopItem"


def _at_once(branches: Sequence[Sequence[WorkflowTask]]) -> list[WorkflowTask]:
    """Return branches that run at the same time; a SWITCH is done before its case, so each ends with a NOOP."""
    closed_branches = []
    for branch in branches:
        name = f"{branch[-1].task_reference_name}_merge"
        closed_branches.append((*branch, WorkflowTask(name=name, task_reference_name=name, type=TaskType.NOOP.value)))
    fork = WorkflowTask(
        name=_FORK, task_reference_name=_FORK, type=TaskType.FORK_JOIN.value, fork_tasks=tuple(closed_branches)
    )
    join = WorkflowTask(
        name=f"{_FORK}_join",
        task_reference_name=f"{_FORK}_join",
        type=TaskType.JOIN.value,
        join_on=tuple(branch[-1].task_reference_name for branch in closed_branches),
    )
    return [fork, join]
