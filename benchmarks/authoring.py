"""
Time the way from Python to JSON, figures as JSON lines: ``python -m benchmarks.authoring``.

No engine takes part. The workflows are written with the builders, as authors do: rounds of a chain, a switch whose
cases are merged, a fork, and a loop, each step with references to earlier ones. Building, checking and exporting are
timed together and apart.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from attrs import asdict, frozen

from benchmarks.workloads import Figure
from podium.dsl import Workflow, fork, loop, switch, task


@frozen
class Quote:
    """What the tasks give and take."""

    carrier: str
    price: float


@task
def ask(order_id: str, price: float = 0.0) -> Quote:
    """Stand for work."""
    return Quote(carrier=order_id, price=price)


@task
def note(carrier: str, price: float) -> bool:
    """Stand for other work."""
    return price > 0 and bool(carrier)


#: Tasks that one round makes: two of the chain, a switch with two cases and its merge, a fork with two branches of two
#: and its join, a loop with two.
_ROUND = 15


def rounds(tasks: int) -> Workflow[..., Any]:
    """Return a workflow of so many tasks at least."""
    made = Workflow(f"rounds_{tasks}")
    with made:
        order_id: Any = made.input("order_id", str)
        last: Any = ask(order_id).as_("first")
        for index in range(-(-tasks // _ROUND)):
            last = _round(index, order_id, last)
    made.returns(last.output)
    return made


def _round(i: int, order_id: Any, last: Any) -> Any:
    asked = ask(order_id, last.output.price).as_(f"ask_{i}")
    noted = note(asked.output.carrier, asked.output.price).as_(f"note_{i}")
    with switch(f"which_{i}", noted.output) as which:
        with which.case("true"):
            good = ask(order_id, asked.output.price).as_(f"good_{i}")
        with which.otherwise():
            poor = ask(order_id, last.output.price).as_(f"poor_{i}")
    merged = which.merge(good, poor)
    with fork(f"both_{i}") as both:
        for side in ("left", "right"):
            with both.branch():
                one = ask(order_id, merged.output.price).as_(f"{side}_{i}")
                note(one.output.carrier, asked.output.price).as_(f"{side}_note_{i}")
    with loop(f"again_{i}", max_iterations=5) as again:
        now = ask(order_id, one.output.price).as_(f"now_{i}")
        note(now.output.carrier, merged.output.price).as_(f"now_note_{i}")
        again.until(now.output.price > 3)
    return now


def authoring() -> list[Figure]:
    """Seconds to build, check and export workflows of 100 and 2,000 tasks."""
    rounds(100).check()  # what is imported at the first use
    figures = []
    for tasks in (100, 2_000):
        made, built = _timed(partial(rounds, tasks))
        problems, checked = _timed(made.check)
        _, exported = _timed(made.to_json)
        assert problems == [], problems
        name = f"workflow of {tasks:,} tasks"
        figures.append(Figure(f"{name}: build, check, export", built + checked + exported, "s"))
        figures.append(Figure(f"{name}: check", checked, "s"))
    return figures


def _timed(work: Callable[[], Any]) -> tuple[Any, float]:
    began = time.perf_counter()
    result = work()
    return result, time.perf_counter() - began


def main() -> None:
    """Measure and print."""
    for figure in authoring():
        print(json.dumps(asdict(figure)))


if __name__ == "__main__":
    main()
