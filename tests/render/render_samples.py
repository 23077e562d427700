"""Small definitions and runs that the tests of pictures share, and where the corpus is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from podium.model.codec import from_dict
from podium.model.definitions import SubWorkflowParams, WorkflowDef, WorkflowTask
from podium.model.runs import TaskRun, WorkflowRun
from podium.model.statuses import RunStatus, TaskStatus

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"
SNAPSHOTS = Path(__file__).parents[1] / "snapshots" / "render"


def task(reference: str, kind: str = "SIMPLE", **fields: Any) -> WorkflowTask:
    """Make a task whose name is its reference name unless told otherwise."""
    return WorkflowTask(name=fields.pop("name", reference), task_reference_name=reference, type=kind, **fields)


def definition(*tasks: WorkflowTask, name: str = "flow", **fields: Any) -> WorkflowDef:
    """Make a definition of these tasks."""
    return WorkflowDef(name=name, tasks=tasks, **fields)


def attempt(reference: str, status: TaskStatus = TaskStatus.COMPLETED, **fields: Any) -> TaskRun:
    """Make an attempt that took 1.5 s."""
    name = reference.split("__", maxsplit=1)[0]
    kind = fields.pop("task_type", name)
    times = {"start_time": 1_000, "end_time": 2_500} | fields.pop("times", {})
    return TaskRun(reference_task_name=reference, status=status, task_type=kind, task_def_name=name, **times, **fields)


def run_of(
    flow: WorkflowDef | None, *attempts: TaskRun, status: RunStatus = RunStatus.RUNNING, **fields: Any
) -> WorkflowRun:
    """Make a run of a definition."""
    return WorkflowRun(status=status, workflow_id="run-1", tasks=attempts, workflow_definition=flow, **fields)


def shipping() -> WorkflowDef:
    """Return a flow with a switch, one case without tasks, a merge and a termination."""
    speed = {"switchCaseValue": "${workflow.input.speed}"}
    return definition(
        task("reserve", name="reserve_stock"),
        task(
            "shipping",
            "SWITCH",
            evaluator_type="value-param",
            expression="switchCaseValue",
            input_parameters=speed,
            decision_cases={
                "EXPRESS": (task("quote_express"),),
                "PICKUP": (),
                "NEVER": (task("refuse", "TERMINATE", input_parameters={"terminationStatus": "FAILED"}),),
            },
            default_case=(task("quote_post", "HTTP"),),
        ),
        task("shipping_merge", "EXCLUSIVE_JOIN", join_on=("quote_express", "quote_post")),
        name="shipping",
        version=3,
    )


def telling() -> WorkflowDef:
    """Return a flow with a fork whose third branch no join waits for."""
    return definition(
        task(
            "tell",
            "FORK_JOIN",
            fork_tasks=((task("mail"),), (task("charge"), task("audit", optional=True)), (task("sms"),)),
        ),
        task("tell_join", "JOIN", join_on=("mail", "audit")),
        task("thank", "EVENT", sink="kafka:orders"),
        name="telling",
    )


def polling() -> WorkflowDef:
    """Return a flow with a loop, a wait and a person."""
    condition = "if ($.track['state'] == \"DONE\" || $.poll['iteration'] >= 30) { false; } else { true; }"
    gap = task("poll_gap", "WAIT", input_parameters={"duration": "10 seconds"})
    return definition(
        task("poll", "DO_WHILE", loop_condition=condition, loop_over=(task("track", "HTTP"), gap)),
        task("approve", "HUMAN"),
        name="polling",
    )


def spreading() -> WorkflowDef:
    """Return a flow with a dynamic fork."""
    return definition(
        task("encode_all", "FORK_JOIN_DYNAMIC", input_parameters={"forkTaskName": "encode"}),
        task("encode_all_join", "JOIN"),
        task(
            "publish", "DYNAMIC", dynamic_task_name_param="by", input_parameters={"by": "${workflow.input.publisher}"}
        ),
        name="spreading",
    )


def nesting() -> WorkflowDef:
    """Return a flow with a sub-workflow that holds its definition inline."""
    child = definition(task("pack"), task("stop", "TERMINATE"), name="packing", version=2)
    params = SubWorkflowParams(name="packing", version=2, workflow_definition=child)
    return definition(task("pack", "SUB_WORKFLOW", sub_workflow_param=params), task("post"), name="nesting")


def spread_run(count: int, *, bad: int = -1) -> WorkflowRun:
    """Return a failed run of `spreading` with so many branches, one of which may be bad."""
    names = [f"_encode_{i}" for i in range(count)]
    branches = [
        attempt(name, TaskStatus.FAILED, reason_for_incompletion="disk full") if i == bad else attempt(name)
        for i, name in enumerate(names)
    ]
    fork = attempt("encode_all", task_type="FORK", input_data={"forkedTasks": names})
    return run_of(
        spreading(),
        fork,
        *branches,
        attempt("encode_all_join", TaskStatus.FAILED, task_type="JOIN", reason_for_incompletion="disk full"),
        status=RunStatus.FAILED,
        reason_for_incompletion="disk full",
    )


def polled_run() -> WorkflowRun:
    """Return a run of `polling` in its fourth iteration, with a retry there."""
    body = [
        attempt(f"{name}__{i}", iteration=i, task_type=kind)
        for i in (1, 2, 3)
        for name, kind in (("track", "HTTP"), ("poll_gap", "WAIT"))
    ]
    return run_of(
        polling(),
        attempt("poll", TaskStatus.IN_PROGRESS, task_type="DO_WHILE", iteration=4, times={"end_time": 0}),
        *body,
        attempt("track__4", TaskStatus.TIMED_OUT, iteration=4, task_type="HTTP", retried=True),
        attempt("track__4", iteration=4, task_type="HTTP", retry_count=1),
        attempt("poll_gap__4", TaskStatus.IN_PROGRESS, iteration=4, task_type="WAIT", times={"end_time": 0}),
    )


def shipped_run() -> WorkflowRun:
    """Return a completed run of `shipping` through the case without tasks."""
    return run_of(
        shipping(),
        attempt("reserve"),
        attempt("shipping", task_type="SWITCH", output_data={"selectedCase": "PICKUP"}),
        attempt("shipping_merge", task_type="EXCLUSIVE_JOIN"),
        status=RunStatus.COMPLETED,
    )


#: Name to what is drawn; each has its snapshots.
SUBJECTS: dict[str, WorkflowDef | WorkflowRun] = {
    "shipping": shipping(),
    "telling": telling(),
    "polling": polling(),
    "spreading": spreading(),
    "nesting": nesting(),
    "spread_run": spread_run(3, bad=1),
    "polled_run": polled_run(),
    "shipped_run": shipped_run(),
}

NASTY = (
    'quote " back \\ slash',
    "</text><script>alert(1)</script>",
    '"]; evil [label="x',
    "line\nbreak\r\n\ttab \x00\x07 null",
    "a --> b; end",
    "`**md**` _x_ #35; &amp; &lt;",
    "}} subgraph ]) |x| %% c",
    "übergröße 注文 🚚 \u202eright-to-left",
    "-->",
    "\\N \\G \\l",
    "<b>",
    "\ud800",
    "",
    " ",
    "end",
    "1. list",
    "]]>",
    "--",
)


def nasty() -> WorkflowDef:
    """Return a definition whose every text tries to break out of its place."""
    leaves = tuple(task(text, name=text, description=text) for text in NASTY)
    cases = {text: (task(f"case {text}", name=text),) for text in NASTY}
    inline = SubWorkflowParams(name=NASTY[0], workflow_definition=definition(*leaves[:3], name=NASTY[1]))
    return definition(
        *leaves,
        task("s " + NASTY[0], "SWITCH", evaluator_type="javascript", expression=NASTY[1], decision_cases=cases),
        task("l " + NASTY[2], "DO_WHILE", loop_condition=NASTY[2], loop_over=leaves[:2]),
        task("w " + NASTY[3], "SUB_WORKFLOW", sub_workflow_param=inline),
        task("e " + NASTY[4], "EVENT", sink=NASTY[5]),
        task("x", NASTY[6]),
        task("f", "FORK_JOIN", fork_tasks=((task(NASTY[7]),), ())),
        task("j", "JOIN", join_on=(NASTY[7], NASTY[0])),
        name=NASTY[1],
        description=NASTY[0],
    )


def nasty_run() -> WorkflowRun:
    """Return a run whose reasons and run-time names try the same."""
    attempts = [
        attempt(text, TaskStatus.FAILED, reason_for_incompletion=other, task_type=other)
        for text, other in zip(NASTY, reversed(NASTY), strict=True)
    ]
    strangers = [attempt(f"only {text}", reason_for_incompletion=text) for text in NASTY]
    return run_of(nasty(), *attempts, *strangers, status=RunStatus.FAILED, reason_for_incompletion=NASTY[1])


def corpus_subjects() -> list[tuple[str, WorkflowDef | WorkflowRun]]:
    """Read every definition and run of the corpus; skip the test where it is absent."""
    if not CORPUS.is_dir():
        pytest.skip(f"no corpus at {CORPUS}")
    found: list[tuple[str, WorkflowDef | WorkflowRun]] = [
        (path.stem, from_dict(json.loads(path.read_text()), WorkflowDef))
        for path in sorted(CORPUS.glob("definitions/*.json"))
    ]
    for path in sorted(CORPUS.glob("executions/*.json")):
        data = json.loads(path.read_text())
        if "tasks" in data:  # the others are results of searches
            found.append((path.stem, from_dict(data, WorkflowRun)))
    return found
