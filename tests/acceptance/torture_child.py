"""
The process that `test_sigkill.py` kills: serves two tasks, takes up what is there, starts runs until there are enough.

    python torture_child.py <database url> <journal> <number of runs>
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import podium
from podium import TaskContext, WorkflowDef, fan_out, fork, loop, switch, task, wait, workflow

journal = Path(sys.argv[2])


def note(context: TaskContext) -> None:
    """Write one line that survives the process, in one write."""
    descriptor = os.open(journal, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(descriptor, f"{context.task_id}\n".encode())
    os.close(descriptor)


@task(retries=0)
def add_one(context: TaskContext, x: int) -> int:
    """Add one, and leave a trace."""
    note(context)
    return x + 1


@task(retries=0)
def double(context: TaskContext, input: int) -> int:  # noqa: A002  # the name under which a fan-out hands scalars over
    """Double, and leave a trace."""
    note(context)
    return 2 * input


@workflow
def inner(x: int) -> int:
    """Two steps of a sub-workflow."""
    first = add_one.as_("inner_first")(x=x)
    return add_one.as_("inner_second")(x=first.output).output


@workflow
def outer(x: int) -> int:
    """Every structure once: a chain, a fork, a switch, a loop, a fan-out, a sub-workflow, a timer."""
    start = add_one.as_("start")(x=x)
    with fork("both") as both:
        with both.branch():
            left = add_one.as_("left")(x=start.output)
        with both.branch():
            wait("pause", duration="1 second")
            right = inner(x=start.output)
    with switch("side", x) as side:
        with side.case("1"):
            odd = add_one.as_("odd")(x=left.output)
        with side.otherwise():
            even = add_one.as_("even")(x=right.output)
    chosen = side.merge(odd, even)
    with loop("rounds", max_iterations=3):
        last = add_one.as_("round")(x=chosen.output)
    fan_out("spread", double, [1, 2, 3, 4])
    return last.output


def main() -> None:
    """Bring the store to the wanted number of ended runs."""
    wanted = int(sys.argv[3])
    with podium.connect(sys.argv[1]) as client, client.workers([add_one, double], concurrency=4):
        client.register(outer)
        known = len(client.search(name="outer", limit=10_000))
        client.start_many("outer", [{"x": number % 2} for number in range(known, wanted)])
        for summary in client.search(name="outer", limit=10_000):
            client.wait(summary.workflow_id, timeout=60, include_tasks=False)
    sys.stdout.write("all ended\n")


if __name__ == "__main__":
    assert isinstance(outer.definition, WorkflowDef)
    main()
