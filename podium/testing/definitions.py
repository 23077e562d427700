"""
Random workflows that are valid: what simulations run, and what laws are tried on.

One author writes them all, from the random numbers that it is given: simulations have a seed (`make_catalog`), laws a
Hypothesis strategy (`definitions`).
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from random import Random
from typing import TYPE_CHECKING, Any, NamedTuple

from attrs import evolve, frozen

from podium.model.definitions import SubWorkflowParams, TaskDef, WorkflowDef, WorkflowTask
from podium.model.statuses import RetryLogic, TaskTimeoutPolicy, TaskType, WorkflowTimeoutPolicy
from podium.model.values import JsonValue

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

#: The queues of every worker task in generated definitions. The first three have registered task definitions.
QUEUES = ("w0", "w1", "w2", "w3")

#: What starts of generated definitions are given.
RUN_INPUT: dict[str, JsonValue] = {"n": 2, "case": "A", "items": [{"n": 1}, {"n": 2}], "none": []}


@frozen(kw_only=True)
class Shape:
    """How large generated definitions may be, and how mean."""

    #: Places in one workflow, about; joins and tails come on top.
    tasks_max: int = 14
    #: How deep structures stand in one another.
    depth_max: int = 3
    #: Nothing ends a run early: if its workers complete everything, it completes, whatever their order.
    is_gentle: bool = False


@frozen(kw_only=True)
class Catalog:
    """Definitions that belong together."""

    main: WorkflowDef
    #: What `main` starts by name; to be registered before it.
    registered: tuple[WorkflowDef, ...] = ()
    task_defs: tuple[TaskDef, ...] = ()


def worker_output(ref: str) -> dict[str, JsonValue]:
    """
    Return what a worker answers for an attempt; it depends on the place and its iterations only.

    Example:
        >>> worker_output("a") == worker_output("a")
        True
    """
    draw = zlib.crc32(ref.encode())
    return {
        "n": draw % 4,
        "case": "ABC"[draw // 4 % 3],
        "items": [{"n": number} for number in range(draw // 12 % 4)],
        "ref": ref,
    }


def make_catalog(rng: Random, shape: Shape | None = None) -> Catalog:
    """
    Write a workflow, and what it needs beside it.

    Args:
        rng: All choices come from here.
        shape: The limits.
    """
    shape = shape or Shape()
    task_defs = tuple(_task_def(rng, queue, shape) for queue in QUEUES[:3])
    registered: list[WorkflowDef] = []
    for number in range(rng.randint(0, 2)):
        small = Shape(tasks_max=4, depth_max=1, is_gentle=shape.is_gentle)
        registered.append(_Author(rng, small, f"s{number}_", registered).workflow(f"sub{number}"))
    main = _Author(rng, shape, "", registered).workflow("main")
    return Catalog(main=main, registered=tuple(registered), task_defs=task_defs)


def definitions(shape: Shape | None = None) -> SearchStrategy[Catalog]:
    """
    Return a Hypothesis strategy for catalogs; it shrinks towards few places.

    Args:
        shape: The limits.
    """
    from hypothesis import strategies  # a development dependency, and slow to import

    limits = shape or Shape()

    def catalog(seed: int, tasks_max: int) -> Catalog:
        rng = Random(seed)  # noqa: S311  # reproducible on purpose
        return make_catalog(rng, evolve(limits, tasks_max=tasks_max))

    # Not Hypothesis's own random numbers: they favour the simple so much that most workflows would be one task.
    return strategies.builds(
        catalog,
        seed=strategies.integers(0, 2**32 - 1),
        tasks_max=strategies.integers(1, limits.tasks_max),
    )


def _task_def(rng: Random, name: str, shape: Shape) -> TaskDef:
    definition = TaskDef(
        name=name,
        retry_count=rng.randint(0, 2),
        retry_delay_seconds=rng.choice((0, 0, 1, 5)),
        retry_logic=rng.choice(tuple(RetryLogic)),
        backoff_jitter_ms=rng.choice((0, 0, 700)),
        response_timeout_seconds=rng.choice((5, 20, 600)),
    )
    if shape.is_gentle or rng.random() < 0.6:
        return definition
    return TaskDef(
        name=name,
        retry_count=definition.retry_count,
        retry_delay_seconds=definition.retry_delay_seconds,
        response_timeout_seconds=definition.response_timeout_seconds,
        timeout_seconds=rng.choice((0, 30, 120)),
        timeout_policy=rng.choice(tuple(TaskTimeoutPolicy)),
        poll_timeout_seconds=rng.choice((None, 40)),
        total_timeout_seconds=rng.choice((0, 0, 90)),
    )


class _Kind(NamedTuple):
    """A way to write the next places of a list."""

    weight: int
    write: Callable[[_Scene], list[WorkflowTask]]
    #: It holds lists of its own.
    is_structure: bool = False
    #: It may end the run early, or depends on who is first.
    is_mean: bool = False


class _Scene(NamedTuple):
    """Where a place stands."""

    depth: int
    #: Worker tasks whose end comes before the place.
    seen: tuple[str, ...]
    #: Other places may run at the same time.
    is_parallel: bool = False

    def inner(self, *, is_branch: bool = False) -> _Scene:
        """Return the scene one structure further in."""
        return self._replace(depth=self.depth + 1, is_parallel=self.is_parallel or is_branch)


class _Author:
    """Writes one workflow."""

    def __init__(self, rng: Random, shape: Shape, prefix: str, registered: Sequence[WorkflowDef]) -> None:
        self._rng = rng
        self._shape = shape
        self._prefix = prefix
        self._registered = registered
        self._left = rng.randint((shape.tasks_max + 2) // 3, shape.tasks_max)
        self._made = 0
        self._kinds = [
            _Kind(30, self._worker),
            _Kind(4, self._quick),
            _Kind(4, self._wait),
            _Kind(1, self._human),
            _Kind(2, self._dynamic_name),
            _Kind(6, self._switch, is_structure=True),
            _Kind(7, self._fork, is_structure=True),
            _Kind(4, self._fork_of_inputs, is_structure=True),
            _Kind(4, self._fork_of_tasks, is_structure=True),
            _Kind(7, self._loop, is_structure=True),
            _Kind(4, self._exclusive, is_structure=True),
            _Kind(5, self._sub_workflow, is_structure=True),
            _Kind(1, self._terminate, is_mean=True),
            _Kind(1, self._start_workflow),
        ]

    def workflow(self, name: str) -> WorkflowDef:
        """Write it."""
        rng = self._rng
        tasks = self._list(_Scene(0, ()), length_max=5)
        definition = WorkflowDef(
            name=name,
            tasks=tuple(tasks),
            output_parameters={"last": "${workflow.variables.v}"} if rng.random() < 0.4 else {},
            variables={"v": 0},
            input_template=RUN_INPUT,
        )
        if self._shape.is_gentle:
            return definition
        return WorkflowDef(
            name=name,
            tasks=definition.tasks,
            output_parameters=definition.output_parameters,
            variables=definition.variables,
            input_template=RUN_INPUT,
            failure_workflow=self._registered[0].name if self._registered and rng.random() < 0.3 else None,
            timeout_seconds=rng.choice((0, 0, 0, 300)),
            timeout_policy=rng.choice(tuple(WorkflowTimeoutPolicy)),
        )

    # -- lists -------------------------------------------------------------------------------------------------------

    def _list(self, scene: _Scene, length_max: int) -> list[WorkflowTask]:
        """Write a list of at least one place."""
        tasks: list[WorkflowTask] = []
        for _ in range(self._rng.randint(1, length_max)):
            fresh = self._choose(scene).write(scene)
            tasks += fresh
            workers = tuple(task.task_reference_name for task in fresh if self._is_sure_worker(task))
            scene = scene._replace(seen=scene.seen + workers)
            if self._left <= 0:
                break
        return tasks

    def _choose(self, scene: _Scene) -> _Kind:
        fits = [
            kind
            for kind in self._kinds
            if not (kind.is_structure and (scene.depth >= self._shape.depth_max or self._left <= 1))
            and not (kind.is_mean and self._shape.is_gentle)
        ]
        return self._rng.choices(fits, [kind.weight for kind in fits])[0]

    @staticmethod
    def _is_sure_worker(task: WorkflowTask) -> bool:
        return task.type == TaskType.SIMPLE and not task.optional and not task.permissive

    def _ref(self, stem: str) -> str:
        self._left -= 1
        self._made += 1
        return f"{self._prefix}{stem}{self._made}"

    def _value(self, scene: _Scene) -> JsonValue:
        if scene.seen and self._rng.random() < 0.6:
            ref = self._rng.choice(scene.seen)
            return self._rng.choice((f"${{{ref}.output.n}}", f"from ${{{ref}.output.ref}}", f"${{{ref}.output}}"))
        return self._rng.choice((1, "text", "${workflow.input.n}", "${workflow.variables.v}", None))

    def _items(self, scene: _Scene) -> JsonValue:
        if scene.seen and self._rng.random() < 0.5:
            return f"${{{self._rng.choice(scene.seen)}.output.items}}"
        return self._rng.choice(("${workflow.input.items}", "${workflow.input.none}", [{"n": 7}], [1, 2, 3]))

    def _case(self, scene: _Scene) -> JsonValue:
        if scene.seen and self._rng.random() < 0.6:
            return f"${{{self._rng.choice(scene.seen)}.output.case}}"
        return self._rng.choice(("A", "B", "C", "${workflow.input.case}"))

    # -- leaves ------------------------------------------------------------------------------------------------------

    def _worker(self, scene: _Scene) -> list[WorkflowTask]:
        rng = self._rng
        name = rng.choice(QUEUES)
        fate = rng.random()
        return [
            WorkflowTask(
                name=name,
                task_reference_name=self._ref("t"),
                input_parameters={"in": self._value(scene)},
                optional=fate < 0.1,
                permissive=0.1 <= fate < 0.15,
                retry_count=rng.choice((None, None, 0, 1)),
                start_delay=rng.choice((0, 0, 0, 0, 0, 2)),
                task_definition=_task_def(rng, name, self._shape) if rng.random() < 0.3 else None,
            ),
        ]

    def _quick(self, scene: _Scene) -> list[WorkflowTask]:
        kind = self._rng.choice((TaskType.INLINE, TaskType.JSON_JQ_TRANSFORM, TaskType.SET_VARIABLE, TaskType.NOOP))
        inputs: dict[str, JsonValue] = {"v": self._value(scene)}
        if kind is TaskType.INLINE:
            inputs |= {"evaluatorType": "javascript", "expression": "({same: $.v})"}
        elif kind is TaskType.JSON_JQ_TRANSFORM:
            inputs |= {"queryExpression": "{same: .v}"}
        ref = self._ref("q")
        return [WorkflowTask(name=ref, task_reference_name=ref, type=kind.value, input_parameters=inputs)]

    def _wait(self, _: _Scene) -> list[WorkflowTask]:
        ref = self._ref("wait")
        duration = self._rng.choice(("0 seconds", "1 second", "2 seconds", "3 seconds", "1 minute"))
        return [_system(TaskType.WAIT, ref, input_parameters={"duration": duration})]

    def _human(self, _: _Scene) -> list[WorkflowTask]:
        return [_system(TaskType.HUMAN, self._ref("human"))]

    def _dynamic_name(self, scene: _Scene) -> list[WorkflowTask]:
        name = self._rng.choice((*QUEUES[:3], "NOOP"))
        return [
            _system(
                TaskType.DYNAMIC,
                self._ref("dyn"),
                input_parameters={"which": name, "v": self._value(scene)},
                dynamic_task_name_param="which",
                # Without a definition of its own it has no response timeout: what a worker forgets stays forgotten.
                task_definition=_task_def(self._rng, name, self._shape),
            ),
        ]

    def _terminate(self, _: _Scene) -> list[WorkflowTask]:
        status = self._rng.choice(("COMPLETED", "FAILED", "TERMINATED"))
        inputs = {"terminationStatus": status, "workflowOutput": {"by": "terminate"}}
        return [_system(TaskType.TERMINATE, self._ref("end"), input_parameters=inputs)]

    def _start_workflow(self, scene: _Scene) -> list[WorkflowTask]:
        if not self._registered:
            return self._worker(scene)
        request = {"name": self._rng.choice(self._registered).name, "input": RUN_INPUT}
        return [_system(TaskType.START_WORKFLOW, self._ref("start"), input_parameters={"startWorkflow": request})]

    # -- structures --------------------------------------------------------------------------------------------------

    def _switch(self, scene: _Scene) -> list[WorkflowTask]:
        cases = {label: self._list(scene.inner(), 2) for label in "AB"}
        if self._rng.random() < 0.2:
            cases["B"] = []
        default = self._list(scene.inner(), 2) if self._rng.random() < 0.6 else []
        return [self._switch_over(scene, cases, default)]

    def _switch_over(
        self,
        scene: _Scene,
        cases: dict[str, list[WorkflowTask]],
        default: list[WorkflowTask],
    ) -> WorkflowTask:
        by_script = self._rng.random() < 0.3
        ref = self._ref("switch")
        return WorkflowTask(
            name=ref,
            task_reference_name=ref,
            type=TaskType.SWITCH.value,
            input_parameters={"on": self._case(scene)},
            evaluator_type="javascript" if by_script else "value-param",
            expression="$.on == 'A' ? 'A' : 'B'" if by_script else "on",
            decision_cases={label: tuple(body) for label, body in cases.items()},
            default_case=tuple(default),
        )

    def _exclusive(self, scene: _Scene) -> list[WorkflowTask]:
        """Write a SWITCH whose cases all end in a worker, and the EXCLUSIVE_JOIN that takes over what it said."""
        lists = [self._list(scene.inner(), 1) + self._plain_worker(scene) for _ in "AB-"]
        switch = self._switch_over(scene, {"A": lists[0], "B": lists[1]}, lists[2])
        tails = tuple(body[-1].task_reference_name for body in lists)
        return [switch, _system(TaskType.EXCLUSIVE_JOIN, self._ref("merge"), join_on=tails)]

    def _plain_worker(self, scene: _Scene) -> list[WorkflowTask]:
        ref = self._ref("t")
        return [WorkflowTask(name=self._rng.choice(QUEUES), task_reference_name=ref)]

    def _fork(self, scene: _Scene) -> list[WorkflowTask]:
        branches = [self._branch(scene.inner(is_branch=True)) for _ in range(self._rng.randint(1, 3))]
        tails = [branch[-1].task_reference_name for branch in branches]
        if len(tails) > 1 and not self._shape.is_gentle and self._rng.random() < 0.15:
            tails = tails[1:]  # a JOIN need not wait for every branch
        fork = _system(TaskType.FORK_JOIN, self._ref("fork"), fork_tasks=tuple(map(tuple, branches)))
        return [fork, self._join(fork, tails)]

    def _branch(self, scene: _Scene) -> list[WorkflowTask]:
        tasks = self._list(scene, 2)
        # A SWITCH has ended as soon as it has chosen: a JOIN that shall wait for its cases needs something after it.
        if tasks[-1].type == TaskType.SWITCH:
            tasks.append(_system(TaskType.NOOP, self._ref("tail")))
        return tasks

    def _join(self, fork: WorkflowTask, tails: Sequence[str]) -> WorkflowTask:
        return _system(TaskType.JOIN, f"{fork.task_reference_name}_join", join_on=tuple(tails))

    def _fork_of_inputs(self, scene: _Scene) -> list[WorkflowTask]:
        if self._shape.is_gentle and scene.is_parallel:
            return self._fork_of_tasks(scene)  # how its branches are called depends on which of two forks is first
        inputs = {"forkTaskName": self._rng.choice(QUEUES[:3]), "forkTaskInputs": self._items(scene)}
        if self._registered and self._rng.random() < 0.3:
            inputs["forkTaskWorkflow"] = self._rng.choice(self._registered).name
        fork = _system(TaskType.FORK_JOIN_DYNAMIC, self._ref("each"), input_parameters=inputs)
        return [fork, self._join(fork, ())]

    def _fork_of_tasks(self, scene: _Scene) -> list[WorkflowTask]:
        ref = self._ref("many")
        tasks = [
            {"name": self._rng.choice(QUEUES[:3]), "taskReferenceName": f"{ref}_{number}", "type": "SIMPLE"}
            for number in range(self._rng.randint(0, 3))
        ]
        inputs = {str(task["taskReferenceName"]): {"v": self._value(scene)} for task in tasks}
        fork = _system(
            TaskType.FORK_JOIN_DYNAMIC,
            ref,
            input_parameters={"tasks": tasks, "inputs": inputs},
            dynamic_fork_tasks_param="tasks",
            dynamic_fork_tasks_input_param_name="inputs",
        )
        return [fork, self._join(fork, ())]

    def _loop(self, scene: _Scene) -> list[WorkflowTask]:
        ref = self._ref("loop")
        inputs: dict[str, JsonValue] = {"keepLastN": 1} if self._rng.random() < 0.2 else {}
        body = tuple(self._list(scene.inner(), 2))
        if self._rng.random() < 0.35:
            items = self._items(scene)
            if isinstance(items, str):
                return [_system(TaskType.DO_WHILE, ref, loop_over=body, items=items, input_parameters=inputs)]
            inputs["_items"] = items
            condition = "true"
        else:
            condition = f"$.{ref}['iteration'] < {self._rng.randint(1, 3)}"
        return [_system(TaskType.DO_WHILE, ref, loop_over=body, loop_condition=condition, input_parameters=inputs)]

    def _sub_workflow(self, scene: _Scene) -> list[WorkflowTask]:
        rng = self._rng
        ref = self._ref("sub")
        if self._registered and rng.random() < 0.5:
            params = SubWorkflowParams(name=rng.choice(self._registered).name, version=rng.choice((None, 0, 1)))
        else:
            small = Shape(tasks_max=4, depth_max=1, is_gentle=self._shape.is_gentle)
            inline = _Author(rng, small, f"{ref}_", self._registered).workflow(f"in_{ref}")
            params = SubWorkflowParams(name=inline.name, workflow_definition=inline)
        return [
            _system(
                TaskType.SUB_WORKFLOW,
                ref,
                sub_workflow_param=params,
                input_parameters={**RUN_INPUT, "v": self._value(scene)},
                optional=rng.random() < 0.1,
                retry_count=rng.choice((None, 0, 1)),
            ),
        ]


def _system(kind: TaskType, ref: str, **fields: Any) -> WorkflowTask:
    return WorkflowTask(name=ref, task_reference_name=ref, type=kind.value, **fields)
