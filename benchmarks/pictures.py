"""
Time pictures of large definitions, figures as JSON lines: ``python -m benchmarks.pictures``.

No engine takes part. The definitions are made by rule: rounds of a loop with a fork in it, a switch, and tasks between.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator

from attrs import asdict

from benchmarks.workloads import Figure
from podium.model.definitions import WorkflowDef, WorkflowTask
from podium.render import svg
from podium.render.dot_source import dot_text
from podium.render.options import read_options
from podium.render.program import find_dot, run_dot
from podium.render.subject import picture_of

_ROUND = 10


def rounds(tasks: int) -> WorkflowDef:
    """Return a definition of so many tasks, a multiple of 10."""
    return WorkflowDef(name=f"rounds_{tasks}", tasks=tuple(each for i in range(tasks // _ROUND) for each in _round(i)))


def _round(i: int) -> Iterator[WorkflowTask]:
    branches = ((_task(f"ask{i}"), _task(f"read{i}")), (_task(f"log{i}"),))
    fork = WorkflowTask(name=f"fork{i}", task_reference_name=f"fork{i}", type="FORK_JOIN", fork_tasks=branches)
    join = WorkflowTask(name=f"join{i}", task_reference_name=f"join{i}", type="JOIN", join_on=(f"read{i}", f"log{i}"))
    yield WorkflowTask(
        name=f"loop{i}",
        task_reference_name=f"loop{i}",
        type="DO_WHILE",
        loop_condition=f"$.loop{i}['iteration'] < 3",
        loop_over=(fork, join),
    )
    yield WorkflowTask(
        name=f"which{i}",
        task_reference_name=f"which{i}",
        type="SWITCH",
        expression="kind",
        decision_cases={"A": (_task(f"first{i}"),)},
        default_case=(_task(f"second{i}"),),
    )
    yield _task(f"next{i}")


def _task(name: str) -> WorkflowTask:
    return WorkflowTask(name=name, task_reference_name=name)


def pictures() -> list[Figure]:
    """Seconds for SVGs: everything of 1,000 tasks, and what is shown of 10,000 unasked."""
    small, large = rounds(1_000), rounds(10_000)
    figures = [
        _timed("picture of 1,000 tasks", lambda: svg(small, collapse=False)),
        _timed("picture of 10,000 tasks: summary", lambda: svg(large)),
        _timed("picture of 10,000 tasks: near one of them", lambda: svg(large, focus="next500", hops=3)),
    ]
    if find_dot() is not None:
        whole = read_options({"collapse": False})
        text = dot_text(picture_of(small, whole), whole)
        figures.append(_timed("picture of 1,000 tasks: PDF by Graphviz", lambda: run_dot(text, "pdf")))
    return figures


def _timed(name: str, draw: Callable[[], str | bytes]) -> Figure:
    began = time.perf_counter()
    draw()
    return Figure(name, time.perf_counter() - began, "s")


def main() -> None:
    """Measure and print."""
    for figure in pictures():
        print(json.dumps(asdict(figure)))


if __name__ == "__main__":
    main()
