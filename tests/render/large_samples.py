"""Large definitions, made by rule, for the tests of what is drawn of them."""

from __future__ import annotations

from collections.abc import Iterator

from render_samples import definition, task

from podium.model.definitions import WorkflowDef, WorkflowTask


def chain(count: int) -> WorkflowDef:
    """Return tasks ``t1``, ``t2``, … one after the other; every tenth one is of another type."""
    return definition(*(task(f"t{i}", "SIMPLE" if i % 10 else "HTTP") for i in range(1, count + 1)), name="chain")


def wide(branches: int) -> WorkflowDef:
    """Return a fork of many branches of two tasks, and a switch of as many cases, one of which terminates."""
    ends = tuple(f"b{i}" for i in range(branches))
    cases = {f"C{i}": (task(f"c{i}", "TERMINATE" if i == 1 else "SIMPLE"),) for i in range(branches)}
    return definition(
        task("f", "FORK_JOIN", fork_tasks=tuple((task(f"a{i}"), task(f"b{i}")) for i in range(branches))),
        task("f_join", "JOIN", join_on=ends),
        task("s", "SWITCH", expression="x", decision_cases=cases),
        task("z"),
        name="wide",
    )


def nested(count: int) -> WorkflowDef:
    """Return about *count* tasks: rounds of a loop with a fork in it, a switch, and a task between them."""
    return definition(*(each for i in range(count // 12) for each in _round(i)), name="nested")


def _round(i: int) -> Iterator[WorkflowTask]:
    fork = task(f"fork{i}", "FORK_JOIN", fork_tasks=((task(f"p{i}"), task(f"q{i}")), (task(f"r{i}"),)))
    join = task(f"fork{i}_join", "JOIN", join_on=(f"q{i}", f"r{i}"))
    condition = f"if ($.loop{i}['iteration'] < 3) {{ true; }} else {{ false; }}"
    yield task(f"loop{i}", "DO_WHILE", loop_condition=condition, loop_over=(task(f"b{i}"), fork, join))
    yield task(f"s{i}", "SWITCH", expression="x", decision_cases={"A": (task(f"x{i}"),)}, default_case=(task(f"y{i}"),))
    yield task(f"m{i}")
    yield task(f"n{i}", "HTTP")
