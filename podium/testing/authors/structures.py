"""Tasks that hold others, and those that wait for others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from podium.model.definitions import SubWorkflowParams, WorkflowTask
from podium.model.statuses import TaskType
from podium.model.values import JsonValue
from podium.testing.authors.leaves import SAME, plain_worker
from podium.testing.authors.pen import DefinitionWriter, PlaceContext, PlaceKind, limited, system, task_def
from podium.testing.authors.shapes import RUN_INPUT, WORKERS

#: How a SWITCH chooses, and the languages of that.
_CHOICES = (
    *(("value-param", "on"),) * 7,
    *(("javascript", "$.on == 'A' ? 'A' : 'B'"),) * 2,
    ("python", "return 'A' if on == 'A' else 'B'"),
)

#: Scripts of a JOIN: each but the last waits for all, as a JOIN without one does, but for what permissive ones mean.
_OVER = "$.joinOn.every(one => $[one] && !['SCHEDULED', 'IN_PROGRESS'].includes($[one].status))"
_JOINS = (
    _OVER,
    f"({_OVER}) ? {{status: 'COMPLETED', outputData: {{n: $.joinOn.map(one => $[one].output.n)}}}} : 0",
    f"({_OVER}) && {{status: $.joinOn.some(one => $[one].status == 'FAILED') ? 'FAILED' : 'COMPLETED_WITH_ERRORS'}}",
    "!$.joinOn.length || $.joinOn.some(one => $[one] && $[one].status == 'COMPLETED')",
)

# -- choices ---------------------------------------------------------------------------------------------------------


def switch(pen: DefinitionWriter, scene: PlaceContext) -> list[WorkflowTask]:
    """Write a choice."""
    cases = {label: pen.tasks(scene.inner(), 2) for label in "AB"}
    if pen.rng.random() < 0.2:
        cases["B"] = []
    if pen.rng.random() < 0.1:
        cases["null"] = pen.tasks(scene.inner(), 1)
    default = pen.tasks(scene.inner(), 2) if pen.rng.random() < 0.6 else []
    return [_switch_over(pen, scene, cases, default)]


def _switch_over(
    pen: DefinitionWriter, scene: PlaceContext, cases: dict[str, list[WorkflowTask]], default: list[WorkflowTask]
) -> WorkflowTask:
    language, expression = pen.rng.choice(_CHOICES)
    return system(
        TaskType.SWITCH,
        pen.ref("switch"),
        input_parameters={"on": pen.case(scene)},
        evaluator_type=language,
        expression=expression,
        decision_cases={label: tuple(body) for label, body in cases.items()},
        default_case=tuple(default),
    )


def decision(pen: DefinitionWriter, scene: PlaceContext) -> list[WorkflowTask]:
    """Write a choice as it was written before SWITCH."""
    by_script = pen.rng.random() < 0.4
    choice: dict[str, Any] = {"case_expression": "$.on == 'A' ? 'A' : 'D'"} if by_script else {"case_value_param": "on"}
    cases = {"A": tuple(pen.tasks(scene.inner(), 2)), "B": ()}
    default = tuple(pen.tasks(scene.inner(), 1)) if pen.rng.random() < 0.6 else ()
    inputs = {"on": pen.case(scene)}
    ref = pen.ref("decide")
    return [
        system(TaskType.DECISION, ref, input_parameters=inputs, decision_cases=cases, default_case=default, **choice)
    ]


def exclusive(pen: DefinitionWriter, scene: PlaceContext) -> list[WorkflowTask]:
    """Write a SWITCH whose cases all end in a worker, and the EXCLUSIVE_JOIN that takes over what it said."""
    lists = [[*pen.tasks(scene.inner(), 1), plain_worker(pen)] for _ in "AB-"]
    choice = _switch_over(pen, scene, {"A": lists[0], "B": lists[1]}, lists[2])
    tails = tuple(body[-1].task_reference_name for body in lists)
    if scene.loops or pen.rng.random() < 0.5:  # a default's name has no iteration
        return [choice, system(TaskType.EXCLUSIVE_JOIN, pen.ref("merge"), join_on=tails)]
    merge = system(TaskType.EXCLUSIVE_JOIN, pen.ref("merge"), join_on=tails[:2], default_exclusive_join_task=tails[2:])
    return [choice, merge]


# -- forks -----------------------------------------------------------------------------------------------------------


def fork(pen: DefinitionWriter, scene: PlaceContext) -> list[WorkflowTask]:
    """Write branches that stand in the definition."""
    branches = [_branch(pen, scene.inner(is_branch=True)) for _ in range(pen.rng.randint(1, 3))]
    tails = [branch[-1].task_reference_name for branch in branches]
    if len(tails) > 1 and not pen.shape.is_gentle and pen.rng.random() < 0.15:
        tails = tails[1:]  # a JOIN need not wait for every branch
    return _with_join(pen, system(TaskType.FORK_JOIN, pen.ref("fork"), fork_tasks=tuple(map(tuple, branches))), tails)


def _branch(pen: DefinitionWriter, scene: PlaceContext) -> list[WorkflowTask]:
    tasks = pen.tasks(scene, 2)
    # A choice has ended as soon as it has chosen: a JOIN that shall wait for its cases needs something after it.
    if tasks[-1].type in {TaskType.SWITCH, TaskType.DECISION}:
        tasks.append(system(TaskType.NOOP, pen.ref("tail")))
    return tasks


def _with_join(
    pen: DefinitionWriter, start: WorkflowTask, tails: Sequence[str], heads: Sequence[str] = ()
) -> list[WorkflowTask]:
    """Write what waits for branches; *heads* are names that are there as soon as it is."""
    join: dict[str, Any] = {"join_on": tuple(tails), "optional": pen.rng.random() < 0.1}
    if pen.rng.random() < 0.15:
        scripts = _JOINS[:1] if pen.shape.is_gentle else _JOINS
        join |= {"evaluator_type": "javascript", "expression": pen.rng.choice(scripts)}
        if heads and pen.rng.random() < 0.3:
            statuses = ", ".join(f"{head}['status']" for head in heads)
            waits = f"return not {{'SCHEDULED', 'IN_PROGRESS'}} & {{{statuses}}}"
            join |= {"evaluator_type": "python", "expression": waits}
    return [start, system(TaskType.JOIN, f"{start.task_reference_name}_join", **join)]


def fork_of_inputs(pen: DefinitionWriter, scene: PlaceContext) -> list[WorkflowTask]:
    """Write one branch for each input."""
    if scene.is_parallel:
        return fork_of_tasks(pen, scene)  # how its branches are called depends on which of two forks is first
    inputs = {"forkTaskName": pen.rng.choice(WORKERS[:3]), "forkTaskInputs": pen.items(scene)}
    if pen.registered and pen.rng.random() < 0.3:
        inputs["forkTaskWorkflow"] = pen.rng.choice(pen.registered).name
    elif pen.rng.random() < 0.2:
        inputs = {"forkTaskType": "NOOP", "forkTaskInputs": pen.items(scene)}
    made = system(TaskType.FORK_JOIN_DYNAMIC, pen.ref("each"), input_parameters=inputs)
    return _with_join(pen, made, ())


def fork_of_tasks(pen: DefinitionWriter, scene: PlaceContext) -> list[WorkflowTask]:
    """Write branches as tasks in an input."""
    ref = pen.ref("many")
    tasks = [_branch_task(pen, f"{ref}_{number}") for number in range(pen.rng.randint(0, 3))]
    inputs = {str(task["taskReferenceName"]): {"v": pen.value(scene), "on": pen.case(scene)} for task in tasks}
    made = system(
        TaskType.FORK_JOIN_DYNAMIC,
        ref,
        input_parameters={"tasks": tasks, "inputs": inputs},
        dynamic_fork_tasks_param="tasks",
        dynamic_fork_tasks_input_param_name="inputs",
    )
    return _with_join(pen, made, (), [str(task["taskReferenceName"]) for task in tasks])


def _branch_task(pen: DefinitionWriter, ref: str) -> dict[str, JsonValue]:
    kind = pen.rng.choice(("SIMPLE", "SIMPLE", "SIMPLE", "INLINE", "SUB_WORKFLOW", "DO_WHILE"))
    name = pen.rng.choice(WORKERS[:3])
    one: dict[str, JsonValue] = {"name": name, "taskReferenceName": ref, "type": kind}
    if kind == "INLINE":
        return {**one, "inputParameters": pen.rng.choice(SAME)}
    if kind == "SUB_WORKFLOW" and pen.registered:
        # Not by a worker's name: it would hold a slot of the limit for which the tasks of its child wait.
        return {**one, "name": ref, "subWorkflowParam": {"name": pen.rng.choice(pen.registered).name}}
    if kind == "DO_WHILE":
        body: list[JsonValue] = [{"name": name, "taskReferenceName": f"{ref}_body", "type": "SIMPLE"}]
        return {**one, "name": ref, "loopCondition": f"$.{ref}['iteration'] < 2", "loopOver": body}
    return {**one, "type": "SIMPLE"}


def fork_as_it_was(pen: DefinitionWriter, scene: PlaceContext) -> list[WorkflowTask]:
    """Write branches by the oldest of the three spellings."""
    ref = pen.ref("old")
    made: list[JsonValue] = [
        {"taskName": pen.rng.choice(WORKERS[:3]), "referenceName": f"{ref}_{number}", "input": {"v": pen.value(scene)}}
        for number in range(pen.rng.randint(1, 2))
    ]
    inputs: dict[str, JsonValue] = {"branches": {"dynamicTasks": made}}
    start = system(TaskType.FORK_JOIN_DYNAMIC, ref, input_parameters=inputs, dynamic_fork_join_tasks_param="branches")
    return _with_join(pen, start, ())


# -- loops, and other runs -------------------------------------------------------------------------------------------


def loop(pen: DefinitionWriter, scene: PlaceContext) -> list[WorkflowTask]:
    """Write a loop: by a condition, over a list that a field names, or over one in its input."""
    rng = pen.rng
    ref = pen.ref("loop")
    inputs: dict[str, JsonValue] = {"keepLastN": rng.randint(1, 2)} if rng.random() < 0.25 else {}
    body = tuple(pen.tasks(scene.inner(is_body=True), 2))
    condition: str | None = f"$.{ref}['iteration'] < {rng.randint(1, 4)}"
    if rng.random() < 0.35:
        items = pen.items(scene)
        if isinstance(items, str):
            return [system(TaskType.DO_WHILE, ref, loop_over=body, items=items, input_parameters=inputs)]
        inputs["_items"] = items
        condition = rng.choice(("true", None, f"$.{ref}.loopItem != 2"))
    elif rng.random() < 0.2:
        condition = f"$.{ref}.iteration < $.most"
        inputs["most"] = rng.choice((2, "${workflow.input.n}"))
    return [system(TaskType.DO_WHILE, ref, loop_over=body, loop_condition=condition, input_parameters=inputs)]


def sub_workflow(pen: DefinitionWriter, scene: PlaceContext) -> list[WorkflowTask]:
    """Write a run of another workflow, registered or written right here."""
    rng = pen.rng
    ref = pen.ref("sub")
    if pen.registered and rng.random() < 0.5:
        params = SubWorkflowParams(name=rng.choice(pen.registered).name, version=rng.choice((None, 0, 1)))
    else:
        inline = pen.another(f"{ref}_").workflow(f"in_{ref}")
        params = SubWorkflowParams(name=inline.name, workflow_definition=inline)
    fate = rng.random()
    return [
        system(
            TaskType.SUB_WORKFLOW,
            ref,
            sub_workflow_param=params,
            input_parameters={**RUN_INPUT, "v": pen.value(scene)},
            optional=fate < 0.1,
            permissive=0.1 <= fate < 0.15,
            retry_count=rng.choice((None, 0, 1)),
            task_definition=limited(rng, task_def(rng, ref, pen.shape)) if rng.random() < 0.25 else None,
        ),
    ]


KINDS = (
    PlaceKind(6, switch, is_structure=True),
    PlaceKind(2, decision, is_structure=True),
    PlaceKind(4, exclusive, is_structure=True),
    PlaceKind(7, fork, is_structure=True),
    PlaceKind(4, fork_of_inputs, is_structure=True),
    PlaceKind(4, fork_of_tasks, is_structure=True),
    PlaceKind(1, fork_as_it_was, is_structure=True),
    PlaceKind(7, loop, is_structure=True),
    PlaceKind(5, sub_workflow, is_structure=True),
)
