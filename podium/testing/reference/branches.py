"""The branches that a dynamic fork makes of its input."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from attrs import evolve

from podium.expressions.text import java_text
from podium.model.codec import from_dict
from podium.model.definitions import SubWorkflowParams, TaskDef, WorkflowTask
from podium.model.task_types import SYSTEM_TYPES


def branches_of(fork: WorkflowTask, given: Mapping[str, Any], *, has_forked: bool) -> list[WorkflowTask]:
    """
    Return the tasks, in order, with their inputs as parameters.

    Args:
        fork: The fork.
        given: Its input.
        has_forked: The run has had a dynamic fork before; names are longer then.
    """
    if isinstance(given.get("forkTaskInputs"), list):
        return _one_per_item(fork, given, has_forked=has_forked)
    if fork.dynamic_fork_tasks_param is not None:
        told = given[fork.dynamic_fork_tasks_input_param_name or ""]
        tasks = [from_dict(one, WorkflowTask) for one in given[fork.dynamic_fork_tasks_param]]
        return [
            evolve(one, input_parameters={**one.input_parameters, **told.get(one.task_reference_name, {})})
            for one in tasks
        ]
    return [_legacy(one) for one in given[fork.dynamic_fork_join_tasks_param or ""]["dynamicTasks"]]


def with_definitions(
    task: WorkflowTask, find: Callable[[str], TaskDef | None], *, is_inner: bool = False
) -> WorkflowTask:
    """Return a branch with task definitions, found by the names of its tasks; without one it is not tried again."""

    def each(tasks: Sequence[WorkflowTask]) -> tuple[WorkflowTask, ...]:
        return tuple(with_definitions(one, find, is_inner=True) for one in tasks)

    fallback = None if is_inner else TaskDef(retry_count=0)
    return evolve(
        task,
        task_definition=task.task_definition or find(task.name) or fallback,
        decision_cases={label: each(body) for label, body in task.decision_cases.items()},
        default_case=each(task.default_case),
        fork_tasks=tuple(map(each, task.fork_tasks)),
        loop_over=each(task.loop_over),
    )


def _one_per_item(fork: WorkflowTask, given: Mapping[str, Any], *, has_forked: bool) -> list[WorkflowTask]:
    kind, child = given.get("forkTaskType"), given.get("forkTaskWorkflow")
    name = given.get("forkTaskName") or (kind if kind in SYSTEM_TYPES else fork.task_reference_name)
    stem = f"_{fork.task_reference_name}_{name}" if has_forked else f"_{name}"
    version = java_text(given.get("forkTaskWorkflowVersion"))
    made = []
    for index, item in enumerate(given["forkTaskInputs"]):
        own = item if isinstance(item, dict) else {"input": item}
        one = WorkflowTask(
            name=str(child or name),
            task_reference_name=f"{stem}_{index}",
            type=str(kind or "SIMPLE"),
            input_parameters={**own, "__index": index},
            optional=fork.optional,
        )
        if child:
            called = SubWorkflowParams(name=str(child), version=int(version) if version.isdigit() else 0)
            one = evolve(one, type="SUB_WORKFLOW", sub_workflow_param=called)
        made.append(one)
    return made


def _legacy(one: Mapping[str, Any]) -> WorkflowTask:
    child = one.get("workflowName")
    return WorkflowTask(
        name=one.get("taskName") or str(child),
        task_reference_name=one.get("referenceName") or one.get("taskName") or str(child),
        type=one.get("type") or ("SUB_WORKFLOW" if child else "SIMPLE"),
        input_parameters=one.get("input") or {},
        sub_workflow_param=SubWorkflowParams(name=str(child), version=0) if child else None,
    )
