"""What differs between two definitions, step by step."""

from __future__ import annotations

import json

import pytest
from attrs import evolve
from diff_samples import facts, flow, schema, step

from podium.diff import MISSING, Change, diff_definitions
from podium.diff.settings import change_text, settings_between
from podium.model.definitions import SubWorkflowParams, TaskDef, WorkflowDef, WorkflowTask


def switch(name: str, **cases: tuple[WorkflowTask, ...]) -> WorkflowTask:
    """Make a switch on one input."""
    return step(name, "SWITCH", input_parameters={"x": "${workflow.input.speed}"}, decision_cases=cases)


# -- renamed steps -----------------------------------------------------------------------------------------------------


def test_a_step_under_another_name_is_renamed() -> None:
    """Same task and inputs: renamed, and what mentions it is no change if it follows."""
    used = {
        "of": "${b.output.id}",
        "text": "$${b} and ${ b.output.n }",
        "deep": [{"x": "${b.output.x[${b.output.i}]}"}],
    }
    old = flow(step("b", name="charge", input_parameters={"n": 1}), step("c", input_parameters=used))
    follows = {
        "of": "${pay.output.id}",
        "text": "$${b} and ${ pay.output.n }",
        "deep": [{"x": "${pay.output.x[${pay.output.i}]}"}],
    }
    new = flow(step("pay", name="charge", input_parameters={"n": 1}), step("c", input_parameters=follows))
    found = diff_definitions(old, new)

    assert facts(old, new) == {"pay": ("renamed",)}
    assert next(found.changed_steps).old_reference == "b"
    assert "  = b -> pay [SIMPLE] renamed\n" in found.describe()


def test_a_text_that_does_not_follow_is_a_change() -> None:
    """What still has the old name is no change of that step, what differs otherwise is one."""
    old = flow(step("b", name="charge"), step("c", input_parameters={"x": "${b.output.id}", "y": "${b.output.y}"}))
    new = flow(step("pay", name="charge"), step("c", input_parameters={"x": "${pay.output.no}", "y": "${b.output.y}"}))

    assert facts(old, new)["c"] == ("changed", "inputParameters.x: ${b.output.id} -> ${pay.output.no}")


def test_steps_that_could_be_two_others_are_not_renamed() -> None:
    """Two steps that look alike on each side are told apart by their lists; in one list they are added and removed."""
    pair = (step("a", name="ping"), step("b", name="ping"))
    other = (step("c", name="ping"), step("d", name="ping"))
    apart = {change.value for change in (Change.ADDED, Change.REMOVED)}

    assert {fact[0].upper() for fact in facts(flow(*pair), flow(*other)).values()} == apart
    one, two = switch("s", A=pair[:1], B=pair[1:]), switch("s", A=other[:1], B=other[1:])
    assert facts(flow(one), flow(two)) == {"c": ("renamed",), "d": ("renamed",)}


def test_a_step_without_settings_is_renamed_in_its_place_only() -> None:
    """Nothing tells a HUMAN without inputs from another one but the list that it stands in."""
    here, there = flow(step("a", "HUMAN"), switch("s", A=())), flow(switch("s", A=(step("b", "HUMAN"),)))

    assert facts(here, flow(step("b", "HUMAN"), switch("s", A=()))) == {"b": ("renamed", "name: a -> b")}
    assert facts(here, there)["b"] == ("added",)


def test_structures_are_renamed_with_what_is_in_them() -> None:
    """A fork and a loop are known by their steps, the fork's join by what it waits for, and nothing in them moved."""
    condition = "$.{0}['iteration'] < 3 && $['{1}'].n > 1"
    old = flow(
        step("tell", "FORK_JOIN", fork_tasks=((step("a"),), (step("b"), step("c")))),
        step("tell_join", "JOIN", join_on=("a", "c")),
        step("poll", "DO_WHILE", loop_condition=condition.format("poll", "ask"), loop_over=(step("ask", name="x"),)),
    )
    new = flow(
        step("say", "FORK_JOIN", fork_tasks=((step("b"), step("c")), (step("a"), step("d")))),
        step("say_join", "JOIN", join_on=("a", "c")),
        step("look", "DO_WHILE", loop_condition=condition.format("look", "put"), loop_over=(step("put", name="x"),)),
    )

    assert facts(old, new) == {
        "say": ("renamed", "another order of branches", "name: tell -> say"),
        "d": ("added",),
        "say_join": ("renamed", "name: tell_join -> say_join"),
        "look": ("renamed", "name: poll -> look"),
        "put": ("renamed",),
    }


# -- edges -------------------------------------------------------------------------------------------------------------


def test_cases_are_told_by_their_labels() -> None:
    """Cases that came and went, and one with another label, whose steps are no others."""
    old = flow(switch("s", A=(step("a"), step("b")), B=(), C=(step("c"),)))
    new = flow(switch("s", Z=(step("a"), step("b")), C=(step("c"),), **{"": ()}))

    assert facts(old, new) == {"s": ("changed", "case A -> case Z", "case (empty) added", "case B removed")}


def test_the_order_of_cases_says_nothing_and_that_of_branches_does() -> None:
    """Labels are keys; branches are scheduled in their order. An empty branch is told, too."""
    one, two = (step("a"),), (step("b"),)
    fork = step("f", "FORK_JOIN", fork_tasks=(one, two))

    assert facts(flow(switch("s", A=one, B=two)), flow(switch("s", B=two, A=one))) == {}
    assert facts(flow(fork), flow(evolve(fork, fork_tasks=(two, one))))["f"] == ("changed", "another order of branches")
    assert facts(flow(fork), flow(evolve(fork, fork_tasks=(one, (), two))))["f"] == ("changed", "empty branch added")


def test_join_lists_and_other_settings_keep_their_values() -> None:
    """Old and new value of each setting, null among them; what is not there is told so."""
    old = flow(step("j", "JOIN", join_on=("a", "b"), input_parameters={"x": None, "t": 1, "z": {}}))
    new = flow(step("j", "JOIN", join_on=("b", "a"), input_parameters={"t": True, "y": None, "z": {"q": 1}}))
    settings = {each.path: (each.old, each.new) for each in diff_definitions(old, new).steps[0].settings}

    assert settings == {
        "inputParameters.t": (1, True),
        "inputParameters.y": (MISSING, None),
        "inputParameters.z": ({}, {"q": 1}),
        "joinOn": (["a", "b"], ["b", "a"]),
        "inputParameters.x": (None, MISSING),
    }
    assert facts(old, new)["j"][2] == "inputParameters.y: null (new)"


# -- places ------------------------------------------------------------------------------------------------------------


def test_steps_move_into_and_out_of_structures() -> None:
    """Out of a case, into a branch, into a loop; a structure that was wrapped around them is added."""
    old = flow(step("a"), switch("s", A=(step("b"), step("c"))), step("d"))
    loop = step("l", "DO_WHILE", loop_over=(step("a"),))
    fork = step("f", "FORK_JOIN", fork_tasks=((step("d"),),))
    found = facts(old, flow(loop, switch("s", A=(step("c"),)), step("b"), fork))

    assert found["a"] == ("moved", "from the top to the body of l")
    assert found["b"] == ("moved", "from case A of s to the top")
    assert found["d"] == ("moved", "from the top to a branch of f")
    assert [found[name][0] for name in ("l", "f")] == ["added", "added"]


def test_as_few_steps_as_possible_have_moved() -> None:
    """The last step was put first: that one moved, and not all the others."""
    names = "abcde"

    assert facts(flow(*map(step, names)), flow(*map(step, "eabcd"))) == {
        "e": ("moved", "another order in the workflow")
    }


# -- what steps carry --------------------------------------------------------------------------------------------------


def calling(child: WorkflowDef | None) -> WorkflowTask:
    """Make a step that carries a definition."""
    params = SubWorkflowParams(name="child", version=1, workflow_definition=child)
    return step("call", "SUB_WORKFLOW", sub_workflow_param=params)


def test_embedded_definitions_are_compared_within() -> None:
    """What differs in the definition that a step carries is told below the step, masked fields of the outer one too."""
    old = flow(calling(flow(step("a", input_parameters={"pin": 1}), name="child")), masked_fields=("pin",))
    new = flow(calling(flow(step("a", input_parameters={"pin": 2}), step("b"), name="child")), masked_fields=("pin",))
    found = diff_definitions(old, new)

    assert found.describe().startswith(
        "flow version 1 -> flow version 1: 1 changed\n"
        "  ! call [SUB_WORKFLOW] changed\n"
        "      child version 1 -> child version 1: 1 added, 1 changed\n"
        "        ! a [SIMPLE] changed\n"
        "            inputParameters.pin: (hidden) -> (hidden)\n"
        "        + b [SIMPLE] added\n"
    )
    inner = found.steps[0].inner
    assert inner is not None
    assert found.to_dict()["steps"][0]["inner"] == {
        key: value for key, value in inner.to_dict().items() if key != "compatibility"
    }


def test_a_definition_that_is_no_longer_carried_is_a_setting() -> None:
    """From an embedded definition to one that is only named."""
    path = "subWorkflowParam.workflowDefinition"

    assert facts(flow(calling(flow(step("a"), name="child"))), flow(calling(None)))["call"] == (
        "changed",
        f"{path}: child version 1 (gone)",
    )


# -- the workflow itself -----------------------------------------------------------------------------------------------


def test_the_header_is_told_by_setting() -> None:
    """Version, timeout, inputs, outputs, variables, failure workflow and schemas; times of registration are passed."""
    old = flow(
        step("a"), create_time=1, input_parameters=("x",), variables={"v": 1}, input_schema=schema(type="object")
    )
    new = flow(
        step("a", task_definition=None),
        create_time=2,
        version=2,
        timeout_seconds=60,
        input_parameters=("x", "y"),
        output_parameters={"o": {"p": "${a.output.p}"}},
        failure_workflow="undo",
        variables={"v": 2},
        input_schema=evolve(schema(type="object", required=["x"]), create_time=5),
    )

    assert sorted(str(each) for each in diff_definitions(old, new).settings) == [
        "failureWorkflow: undo (new)",
        "inputParameters: [x] -> [x, y]",
        "inputSchema.data.required: [x] (new)",
        "outputParameters.o.p: ${a.output.p} (new)",
        "timeoutSeconds: 60 (new)",
        "variables.v: 1 -> 2",
        "version: 1 -> 2",
    ]


def test_task_definitions_that_steps_carry_are_compared() -> None:
    """Setting by setting, without the times of their registration."""
    old, new = (
        flow(step("a", task_definition=TaskDef(name="a", retry_count=count, create_time=count))) for count in (1, 2)
    )

    assert facts(old, new) == {"a": ("changed", "taskDefinition.retryCount: 1 -> 2")}


LONG = "x" * 90


# -- texts -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "text"),
    [
        ("a", "b", "a -> b"),
        ("", None, '"" -> null'),
        ("1", 1, '"1" -> 1'),
        ({"a": 1}, [1, "x"], '{"a": 1} -> [1, x]'),
        ("a b", "a  b", "a b (only blanks differ)"),
        (
            f"{'x' * 90} 1 {'y' * 90}",
            f"{'x' * 90} 2 {'y' * 90}",
            f"…{'x' * 14} 1 {'y' * 41}… -> …{'x' * 14} 2 {'y' * 41}…",
        ),
        ("a\u202eb\n", "c", "a b -> c"),
    ],
)
def test_values_are_told_shortly_and_where_they_part(old: object, new: object, text: str) -> None:
    """Long texts are cut around the place at which they differ; a text is told from a number, control signs go."""
    assert change_text(old, new) == text


def test_masked_values_are_hidden_at_any_depth() -> None:
    """Also in lists that are shown as a whole."""
    masked = frozenset({"pin"})
    found = settings_between({"l": [{"pin": 1}]}, {"l": [{"pin": 2}, {"a": 1}]}, masked=masked)

    assert [str(each) for each in found] == ['l: [{"pin": "(hidden)"}] -> [{"pin": "(hidden)"}, {"a": 1}]']


def test_lists_of_objects_are_compared_item_by_item() -> None:
    """If they are of one length; so one message of a prompt can be told."""
    old, new = ({"messages": [{"role": "system"}, {"text": text}]} for text in ("a", "b"))

    assert [str(each) for each in settings_between(old, new)] == ["messages[1].text: a -> b"]


def test_what_json_can_hold_and_texts_cannot() -> None:
    """Half a surrogate pair and a number of any size are told, and can be written."""
    old, new = (flow(step("a\ud800", input_parameters={"é": value})) for value in ("\udfff", 10**30))
    found = diff_definitions(old, new)

    assert json.loads(found.to_json()) == found.to_dict()
    assert found.to_json().isascii()
    assert found.describe().encode()
    assert "é" in diff_definitions(flow(step("é")), new).describe()


def test_a_difference_is_true_if_there_is_one() -> None:
    """For ``if old.diff(new)``; equal differences are equal."""
    old, new = flow(step("a")), flow(step("b"))

    assert diff_definitions(old, new)
    assert not diff_definitions(old, flow(step("a"), create_time=7))
    assert diff_definitions(old, new) == diff_definitions(old, new) != diff_definitions(new, old)
