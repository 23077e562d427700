"""A pen: it writes one workflow, list by list, and knows what may be referred to where it stands."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import Any, NamedTuple

from attrs import evolve

from podium.model.definitions import RateLimitConfig, TaskDef, WorkflowDef, WorkflowTask
from podium.model.statuses import RateLimitPolicy, RetryLogic, TaskTimeoutPolicy, TaskType, WorkflowTimeoutPolicy
from podium.model.values import JsonValue
from podium.testing.authors.shapes import RUN_INPUT, Shape


class PlaceContext(NamedTuple):
    """Where a place stands."""

    depth: int = 0
    #: Worker tasks whose good end comes before the place.
    seen: tuple[str, ...] = ()
    #: Other places may run at the same time.
    is_parallel: bool = False
    #: How many loops stand around it.
    loops: int = 0

    def inner(self, *, is_branch: bool = False, is_body: bool = False) -> PlaceContext:
        """Return the scene one structure further in."""
        return self._replace(
            depth=self.depth + 1, is_parallel=self.is_parallel or is_branch, loops=self.loops + is_body
        )


class PlaceKind(NamedTuple):
    """A way to write the next places of a list."""

    weight: int
    write: Callable[[DefinitionWriter, PlaceContext], list[WorkflowTask]]
    #: It holds lists of its own.
    is_structure: bool = False
    #: It may end the run early, or depends on who is first.
    is_mean: bool = False


class DefinitionWriter:
    """
    Writes one workflow.

    Args:
        rng: All choices come from here.
        shape: The limits.
        prefix: Of reference names.
        registered: Workflows that may be called by name.
        kinds: What it can write.
    """

    def __init__(
        self, rng: Random, shape: Shape, prefix: str, registered: Sequence[WorkflowDef], kinds: Sequence[PlaceKind]
    ) -> None:
        self.rng = rng
        self.shape = shape
        self.registered = registered
        self._prefix = prefix
        self._kinds = kinds
        self._left = rng.randint((shape.tasks_max + 2) // 3, shape.tasks_max)
        self._made = 0

    def another(self, prefix: str) -> DefinitionWriter:
        """Return a pen for a small workflow inside of this one."""
        return DefinitionWriter(self.rng, self.shape.small, prefix, self.registered, self._kinds)

    def workflow(self, name: str) -> WorkflowDef:
        """Write the workflow."""
        rng = self.rng
        tasks, seen = self._list(PlaceContext(), length_max=5)
        fields: dict[str, Any] = {
            "name": name,
            "tasks": tuple(tasks),
            "output_parameters": self._outputs(seen),
            "variables": {"v": 0, "w": None},
            "input_template": RUN_INPUT,
        }
        if not self.shape.is_gentle:
            fields |= {
                "failure_workflow": self.registered[0].name if self.registered and rng.random() < 0.3 else None,
                "timeout_seconds": rng.choice((0, 0, 0, 300, 299.5)),
                "timeout_policy": rng.choice(tuple(WorkflowTimeoutPolicy)),
                "rate_limit_config": self._limit() if rng.random() < 0.15 else None,
            }
        return WorkflowDef(**fields)

    def _limit(self) -> RateLimitConfig:
        """Write how many of its runs may go on at once; the key is the same for all."""
        policy = self.rng.choice((RateLimitPolicy.QUEUE, RateLimitPolicy.QUEUE, RateLimitPolicy.REJECT))
        key = "${workflow.input.case}"
        return RateLimitConfig(rate_limit_key=key, concurrent_exec_limit=self.rng.randint(1, 3), policy=policy)

    def _outputs(self, seen: PlaceContext) -> dict[str, JsonValue]:
        """Write what the workflow gives; sometimes nothing, so that it gives what its last task gave."""
        if self.rng.random() < 0.5:
            return {}
        outputs: dict[str, JsonValue] = {"last": "${workflow.variables.v}", "none": "${nobody.output.n}"}
        if self.rng.random() < 0.5:
            outputs |= {"value": self.value(seen), "deep": {"text": "w=${workflow.variables.w}", "list": [None, 1]}}
        return outputs

    # -- lists -------------------------------------------------------------------------------------------------------

    def tasks(self, scene: PlaceContext, length_max: int) -> list[WorkflowTask]:
        """Write a list of at least one place."""
        return self._list(scene, length_max)[0]

    def _list(self, scene: PlaceContext, length_max: int) -> tuple[list[WorkflowTask], PlaceContext]:
        tasks: list[WorkflowTask] = []
        for _ in range(self.rng.randint(1, length_max)):
            fresh = self._choose(scene).write(self, scene)
            tasks += fresh
            workers = tuple(task.task_reference_name for task in fresh if _is_sure_worker(task))
            scene = scene._replace(seen=scene.seen + workers)
            if self._left <= 0:
                break
        return tasks, scene

    def _choose(self, scene: PlaceContext) -> PlaceKind:
        fits = [
            kind
            for kind in self._kinds
            if not (kind.is_structure and (scene.depth >= self.shape.depth_max or self._left <= 1))
            and not (kind.is_mean and self.shape.is_gentle)
        ]
        return self.rng.choices(fits, [kind.weight for kind in fits])[0]

    # -- words -------------------------------------------------------------------------------------------------------

    def ref(self, stem: str) -> str:
        """Return a fresh reference name."""
        self._left -= 1
        self._made += 1
        return f"{self._prefix}{stem}{self._made}"

    def value(self, scene: PlaceContext) -> JsonValue:
        """Write an input."""
        rng = self.rng
        if scene.seen and rng.random() < 0.6:
            ref = rng.choice(scene.seen)
            return rng.choice(
                (
                    f"${{{ref}.output.n}}",
                    f"from ${{{ref}.output.ref}}",
                    f"${{{ref}.output}}",
                    f"${{{ref}.output.items[0].n}}",
                    {"case": f"${{{ref}.output.case}}", "all": [f"${{{ref}.output.n}}/${{{ref}.output.nothing}}"]},
                ),
            )
        return rng.choice((1, "text", "${workflow.input.n}", "${workflow.variables.v}", None, "${workflow.input.no}"))

    def items(self, scene: PlaceContext) -> JsonValue:
        """Write what gives a list."""
        if scene.seen and self.rng.random() < 0.5:
            return f"${{{self.rng.choice(scene.seen)}.output.items}}"
        return self.rng.choice(("${workflow.input.items}", "${workflow.input.none}", [{"n": 7}], [1, 2, 3]))

    def case(self, scene: PlaceContext) -> JsonValue:
        """Write what gives a case."""
        if scene.seen and self.rng.random() < 0.6:
            return f"${{{self.rng.choice(scene.seen)}.output.case}}"
        return self.rng.choice(("A", "B", "C", "${workflow.input.case}", "${workflow.input.no}"))


def _is_sure_worker(task: WorkflowTask) -> bool:
    return task.type == TaskType.SIMPLE and not task.optional and not task.permissive


def system(kind: str, ref: str, **fields: Any) -> WorkflowTask:
    """Return a task of a type; its name is its reference's."""
    return WorkflowTask(name=ref, task_reference_name=ref, type=str(kind), **fields)


def task_def(rng: Random, name: str, shape: Shape) -> TaskDef:
    """Write a task definition."""
    definition = TaskDef(
        name=name,
        retry_count=rng.randint(0, 3),
        retry_delay_seconds=rng.choice((0, 0, 1, 5, 0.5)),
        retry_logic=rng.choice(tuple(RetryLogic)),
        backoff_jitter_ms=rng.choice((0, 0, 700)),
        response_timeout_seconds=rng.choice((5.5, 20, 600)),
    )
    if shape.is_gentle or rng.random() < 0.6:
        return definition
    return TaskDef(
        name=name,
        retry_count=definition.retry_count,
        retry_delay_seconds=definition.retry_delay_seconds,
        response_timeout_seconds=definition.response_timeout_seconds,
        timeout_seconds=rng.choice((0, 30.25, 120)),
        timeout_policy=rng.choice(tuple(TaskTimeoutPolicy)),
        poll_timeout_seconds=rng.choice((None, 40)),
        total_timeout_seconds=rng.choice((0, 0, 90)),
    )


def limited(rng: Random, definition: TaskDef) -> TaskDef:
    """Let few attempts of a task be at work at once, or begin in a time."""
    most, often = rng.choice(((1, None), (3, None), (None, 2), (2, 3)))
    return evolve(definition, concurrent_exec_limit=most, rate_limit_per_frequency=often)
