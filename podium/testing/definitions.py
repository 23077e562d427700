"""
Random workflows that are valid: what simulations run, and what laws are tried on.

One author writes them all, from the random numbers that it is given: simulations have a seed (`make_catalog`), laws a
Hypothesis strategy (`definitions`).
"""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

from attrs import evolve, frozen

from podium.model.definitions import TaskDef, WorkflowDef
from podium.testing.authors import leaves, structures
from podium.testing.authors.pen import DefinitionWriter, limited, task_def
from podium.testing.authors.shapes import PEOPLE, QUEUES, RUN_INPUT, WORKERS, Shape, worker_output

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

__all__ = ["PEOPLE", "QUEUES", "RUN_INPUT", "Catalog", "Shape", "definitions", "make_catalog", "worker_output"]

_KINDS = (*leaves.KINDS, *structures.KINDS)


@frozen(kw_only=True)
class Catalog:
    """Definitions that belong together."""

    main: WorkflowDef
    #: What `main` starts by name; to be registered before it.
    registered: tuple[WorkflowDef, ...] = ()
    task_defs: tuple[TaskDef, ...] = ()


def make_catalog(rng: Random, shape: Shape | None = None) -> Catalog:
    """
    Write a workflow, and what it needs beside it.

    Args:
        rng: All choices come from here.
        shape: The limits.
    """
    shape = shape or Shape()
    task_defs = tuple(task_def(rng, name, shape) for name in WORKERS[:3])
    registered: list[WorkflowDef] = []
    for number in range(rng.randint(0, 2)):
        registered.append(
            DefinitionWriter(rng, shape.small, f"s{number}_", registered, _KINDS).workflow(f"sub{number}")
        )
    main = DefinitionWriter(rng, shape, "", registered, _KINDS).workflow("main")
    task_defs = tuple(limited(rng, one) if rng.random() < 0.25 else one for one in task_defs)
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
