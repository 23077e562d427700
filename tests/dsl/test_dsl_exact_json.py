"""The spellings for JSON that others wrote: own joins, names of inputs, old forms, keys without an option."""

from __future__ import annotations

from typing import Any

import pytest

from podium.dsl import (
    Workflow,
    decision,
    fork,
    join,
    js,
    loop,
    noop,
    ref,
    sub_workflow,
    switch,
    workflow,
)
from podium.dsl.loops import for_each
from podium.model.definitions import TaskDef, WorkflowDef
from podium.model.errors import AuthoringError


def tasks_of(wf: Workflow[..., Any]) -> list[dict[str, Any]]:
    """Return the compiled tasks as JSON."""
    tasks: list[dict[str, Any]] = wf.to_dict()["tasks"]
    return tasks


def test_json_option_sets_and_takes_away_keys_of_a_step() -> None:
    """What has no option can still be said, in the words of the JSON; None takes a key away."""
    wf = Workflow("w")
    wf >> noop("a").opts(optional=True, json={"rateLimited": True, "fromElsewhere": 1, "optional": None})

    assert tasks_of(wf) == [
        {"name": "a", "taskReferenceName": "a", "type": "NOOP", "rateLimited": True, "fromElsewhere": 1}
    ]


def test_task_definition_option_carries_a_definition_along() -> None:
    """A whole task definition travels with the step, as an object or as JSON, and sets no retries of the step."""
    wf = Workflow("w")
    wf >> noop("a").opts(task_definition={"name": "a", "retryCount": 1})
    wf >> noop("b").opts(task_definition=TaskDef(name="b", retry_count=2))

    assert [task["taskDefinition"] for task in tasks_of(wf)] == [
        {"name": "a", "retryCount": 1},
        {"name": "b", "retryCount": 2},
    ]
    assert all("retryCount" not in task for task in tasks_of(wf))


@pytest.mark.parametrize("options", [{"json": {"optional": "perhaps"}}, {"task_definition": {"retryCount": "many"}}])
def test_json_that_cannot_be_read_is_refused_where_it_is_written(options: Any) -> None:
    """A wrong value is an error at the author's line."""
    with pytest.raises(AuthoringError) as caught:
        noop("a").opts(**options)

    assert caught.value.code == "V1"
    assert caught.value.place is not None
    assert __file__ in caught.value.place


def test_workflow_json_and_listed_inputs_win() -> None:
    """The list of inputs and any key of the definition can be as another tool wrote them."""

    @workflow(listed_inputs=["b"], json={"ownerApp": "shop", "createTime": 5})
    def w(a: str, b: str = "x") -> None:
        noop(a.__class__.__name__.lower())

    document = w.to_dict()
    assert document["inputParameters"] == ["b"]
    assert document["inputTemplate"] == {"b": "x"}
    assert (document["ownerApp"], document["createTime"]) == ("shop", 5)


def test_fork_without_join_leaves_the_waiting_to_the_author() -> None:
    """join=False writes no JOIN, and its output is refused."""
    wf = Workflow("w")
    with wf:
        with fork("f", join=False) as split, split.branch():
            a = noop("a")
        noop("between")
        join("later", on=[a])

    assert [task["type"] for task in tasks_of(wf)] == ["FORK_JOIN", "NOOP", "JOIN"]
    with pytest.raises(AuthoringError, match="join=False"):
        _ = split.output


def test_join_of_a_fork_takes_options_and_computes_its_list() -> None:
    """A join without a list waits for the last steps of the branches, under its own name and options."""
    wf = Workflow("w")
    with wf, fork("f", join=join("all").opts(task_name="gather", optional=True)) as split, split.branch():
        noop("a")
        noop("b")

    assert tasks_of(wf)[1] == {
        "name": "gather",
        "taskReferenceName": "all",
        "type": "JOIN",
        "joinOn": ["b"],
        "optional": True,
    }


@pytest.mark.parametrize(("on", "closing"), [(["s"], []), (["s", "s_merge"], ["s_merge"]), (None, ["s_merge"])])
def test_branch_that_ends_with_a_switch_is_closed_only_if_somebody_waits(on: Any, closing: list[str]) -> None:
    """The NOOP behind a switch is there for the JOIN; a JOIN with a list of its own that does not name it has none."""
    wf = Workflow("w")
    with wf, fork("f", join=join("j", on)) as split, split.branch():
        switch("s", ref("workflow.input.x"), {"A": [noop("a")]})

    branch = tasks_of(wf)[0]["forkTasks"][0]
    assert [task["taskReferenceName"] for task in branch] == ["s", *closing]


def test_switch_and_decision_name_their_input() -> None:
    """The compared value has the name that the author gives it; DECISION has its own fields."""
    wf = Workflow("w")
    x = wf.input("x")
    wf >> switch("s", x, {"A": [noop("a")]}, input_name="kind")
    wf >> decision("d", x, {"A": [noop("b")]})
    wf >> decision("e", js("$.x > 1", x=x), {"true": [noop("c")]}, otherwise=[noop("f")]).opts(optional=True)

    chosen, old, scripted = tasks_of(wf)
    assert (chosen["inputParameters"], chosen["expression"]) == ({"kind": "${workflow.input.x}"}, "kind")
    assert old == {
        "name": "d",
        "taskReferenceName": "d",
        "inputParameters": {"case": "${workflow.input.x}"},
        "type": "DECISION",
        "caseValueParam": "case",
        "decisionCases": {"A": [{"name": "b", "taskReferenceName": "b", "type": "NOOP"}]},
    }
    assert (scripted["caseExpression"], scripted["optional"]) == ("$.x > 1", True)
    assert "evaluatorType" not in scripted
    assert "expression" not in scripted


def test_decision_refuses_what_it_cannot_say() -> None:
    """A condition made of operators, or several labels for a case, need a switch."""
    with pytest.raises(AuthoringError, match="takes a reference"):
        decision("d", ref("workflow.input.x") == 1)
    wf = Workflow("w")
    wf >> decision("d", ref("workflow.input.x"), {("A", "B"): [noop("a")]})
    with pytest.raises(AuthoringError, match="one value"):
        wf.to_dict()


def test_decision_takes_the_paths_of_old_definitions() -> None:
    """A path without braces, as schemaVersion 1 has it, is a text to DECISION and refused by SWITCH."""
    wf = Workflow("w")
    wf >> decision("d", "task_1.output.mod", {"0": [noop("a")]}, input_name="mod")

    assert tasks_of(wf)[0]["inputParameters"] == {"mod": "task_1.output.mod"}
    with pytest.raises(AuthoringError, match="plain Python value"):
        switch("s", "task_1.output.mod")


def test_for_each_takes_a_script_as_its_condition() -> None:
    """A list loop with a condition of its own stands as it is."""
    wf = Workflow("w")
    items = wf.input("items")
    wf >> for_each("each", items, [noop("a")], while_=js("$.go == 1", go=items))

    (made,) = tasks_of(wf)
    assert (made["items"], made["loopCondition"]) == ("${workflow.input.items}", "$.go == 1")
    assert made["inputParameters"] == {"go": "${workflow.input.items}"}


def test_sub_workflow_of_an_object_leaves_the_version_open() -> None:
    """The newest version of a workflow at hand is called, and it still counts as one that is used."""

    @workflow(version=4)
    def child() -> None:
        noop("a")

    wf = Workflow("w")
    wf >> sub_workflow("first", child) >> sub_workflow("second", child, 0)
    wf >> loop("again", [sub_workflow("third", "other")], max_iterations=2)

    params = [task.get("subWorkflowParam") for task in tasks_of(wf)[:2]]
    assert params == [{"name": "child"}, {"name": "child", "version": 0}]
    assert isinstance(wf.definition, WorkflowDef)
    assert [definition.name for definition in wf.definitions] == ["w", "child"]
