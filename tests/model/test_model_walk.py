from __future__ import annotations

from typing import Any

from podium.model.definitions import SubWorkflowParams, WorkflowDef, WorkflowTask
from podium.model.walk import blocks, by_reference, every_task, walk


def task(ref: str, kind: str = "SIMPLE", **fields: Any) -> WorkflowTask:
    """Make a task."""
    return WorkflowTask(name=ref, task_reference_name=ref, type=kind, **fields)


CHOICE = task(
    "choice", "SWITCH", decision_cases={"B": (task("b"),), "A": (task("a1"), task("a2"))}, default_case=(task("d"),)
)
SPLIT = task("split", "FORK_JOIN", fork_tasks=((CHOICE,), (task("f"),)))
AGAIN = task("again", "DO_WHILE", loop_over=(SPLIT, task("join", "JOIN")))


def test_every_task_is_visited_once_with_its_path() -> None:
    """Depth first, a structure before its children, cases in the order written, the default last."""
    visits = list(walk((task("first"), AGAIN, task("last"))))
    inner = "tasks[1].loopOver[0].forkTasks[0][0]"
    assert [(visit.task.task_reference_name, visit.path) for visit in visits] == [
        ("first", "tasks[0]"),
        ("again", "tasks[1]"),
        ("split", "tasks[1].loopOver[0]"),
        ("choice", inner),
        ("b", f"{inner}.decisionCases.B[0]"),
        ("a1", f"{inner}.decisionCases.A[0]"),
        ("a2", f"{inner}.decisionCases.A[1]"),
        ("d", f"{inner}.defaultCase[0]"),
        ("f", "tasks[1].loopOver[0].forkTasks[1][0]"),
        ("join", "tasks[1].loopOver[1]"),
        ("last", "tasks[2]"),
    ]


def test_every_task_comes_in_the_order_of_a_walk() -> None:
    """What is asked without places is the same."""
    tasks = (task("first"), AGAIN, task("last", fork_tasks=((task("stray"),),)))
    assert every_task(tasks) == [visit.task for visit in walk(tasks)]


def test_a_visit_knows_the_structures_around_it() -> None:
    """Outermost first."""
    (deep,) = [visit for visit in walk((AGAIN,)) if visit.task.task_reference_name == "a2"]
    assert [parent.task_reference_name for parent in deep.parents] == ["again", "split", "choice"]


def test_lists_that_do_not_belong_to_the_type_are_passed_over() -> None:
    """A stray ``forkTasks`` on a SIMPLE task is ignored, as in Conductor."""
    stray = task("s", fork_tasks=((task("x"),),), loop_over=(task("y"),), default_case=(task("z"),))
    assert [visit.task.task_reference_name for visit in walk((stray,))] == ["s"]
    assert blocks(stray) == ()


def test_inline_sub_workflows_are_not_entered() -> None:
    """They have names of their own."""
    inner = WorkflowDef(name="i", tasks=(task("x"),))
    call = task("call", "SUB_WORKFLOW", sub_workflow_param=SubWorkflowParams(workflow_definition=inner))
    assert len(list(walk((call,)))) == 1


def test_the_lists_of_a_structure() -> None:
    """Kind and label of each."""
    assert [(block.kind, block.label) for block in blocks(CHOICE)] == [("case", "B"), ("case", "A"), ("default", "")]
    assert [(block.kind, block.label) for block in blocks(SPLIT)] == [("branch", "0"), ("branch", "1")]
    assert [(block.kind, len(block.tasks)) for block in blocks(AGAIN)] == [("body", 2)]
    assert [block.kind for block in blocks(task("d", "DECISION"))] == ["default"]


def test_names_lead_to_tasks() -> None:
    """The first wins where a faulty definition repeats one."""
    first, second = task("x", "HTTP"), task("x", "WAIT")
    found = by_reference(WorkflowDef(name="w", tasks=(first, second, AGAIN)))
    assert found["x"] is first
    assert found["a2"].task_reference_name == "a2"
