"""What never happens: steps nothing reaches, cases nobody chooses, loops and recursions that do not end."""

from __future__ import annotations

from typing import Any, Literal

import pytest
from check_samples import call, codes, document, end, fork, loop, only, problems, step, switch

from podium.checks import check
from podium.dsl import Workflow, load, raw, task, workflow
from podium.model.values import JsonValue


def test_s4_behind_an_end() -> None:
    """Nothing comes behind a TERMINATE; it is said once, of the first step, with how many there are."""
    found = only(problems(step("a"), end(), step("b"), switch("s", {"A": [step("c")]}), step("d")))

    assert (found.code, found.severity, found.path) == ("S4", "warning", "tasks[2]")
    assert found.message == "'b' is never reached, nor are the 2 behind it: 'end' ends the run"


def test_s4_behind_a_switch_all_of_whose_cases_end() -> None:
    """With a case that goes on, or without a default, the next step is reached."""
    ended = switch("s", {"A": [end("one")]}, end("two"))

    assert codes(problems(ended, step("b"))) == ["S4"]
    assert problems(switch("s", {"A": [end("one")]}), step("b")) == []
    assert problems(switch("s", {"A": [end("one")]}, step("x")), step("b")) == []


def test_s4_behind_a_fork_whose_join_waits_for_an_end() -> None:
    """A branch that ends the run counts only if the JOIN waits for it: otherwise what is behind may come first."""
    branches = ([step("a"), end()], [step("b")])

    assert only(problems(*fork("f", *branches), step("c"))).path == "tasks[2]"
    assert problems(*fork("f", *branches, on=["b"]), step("c")) == []


def test_s4_behind_a_loop_without_end() -> None:
    """A condition that is always true never lets the run by; a list always does."""
    assert codes(problems(loop("l", "true", step("a")), step("b"))) == ["L1", "S4"]
    assert codes(problems(loop("l", "false", step("a"), end()), step("b"))) == ["S4"]
    assert problems(loop("l", "true", step("a"), items="${workflow.input.items}"), step("b")) == []


def test_s4_is_said_once_for_what_is_inside() -> None:
    """A structure that nothing reaches is named; its children are not named again."""
    inner = switch("s", {"A": [end("one"), step("x")]})

    assert [each.path for each in problems(end(), inner)] == ["tasks[1]"]
    assert [each.path for each in problems(inner)] == ["tasks[0].decisionCases.A[1]"]


@pytest.mark.parametrize(
    ("script", "values"),
    [
        ("$.n > 1 ? 'x' : 'y'", "x y"),
        ("$.n > 1 ? 'x' : $.n > 0 ? 'y' : 'z'", "x y z"),
        ("($.n === 1) ? ('x') : 'y';", "x y"),
        ("if ($.n > 1) { 'x' } else if ($.n == 0) { 'y'; } else { 'z' }", "x y z"),
        ("if ($.n > 1) 'x'; else 'y';", "x y"),
        ("if ($.n > 1) { 'x' }", "null x"),
        ("$.n > 1 && !($.m == 2)", "false true"),
        ("!$.done", "false true"),
        ("function f() { if ($.n) { return 'x'; } return 2; } f();", "2 null x"),
        ("(function () { return $.n > 1 ? 'x' : 'y'; })();", None),
        ("(() => { return 'x'; })()", "null x"),
        ("(function(){ return true; }())", "null true"),
        ("'x' // or 'y'", "x"),
        ("$.kind", None),
        ("$.a || $.b", None),
        ("$.n > 1 || $.b", None),
        ("$.n + 1 ? 'x' : $.y", None),
        ("f('?') ", None),
        ("$.a?.b", None),
        ("$.a ?? 'x'", None),
        ("var x = 'a'; x", None),
        ("$.a.map(x => x > 1)", None),
        ("x => 1", None),
        ("if ($.n > 1) { let a = 1; 'x' } else { 'y' }", None),
        ("", None),
        ("if (", None),
        ("'it''s'", None),
    ],
)
def test_the_values_of_a_script(script: str, values: str | None) -> None:
    """They are told where the text shows all of them, and not guessed where it does not."""
    from podium.checks.results import results_of

    found = results_of(script)

    assert (None if found is None else " ".join(sorted(found))) == values


def test_s3_of_a_script_and_of_a_value_as_it_stands() -> None:
    """A case that the value cannot have is never chosen, nor a default if every value has a case."""
    sized = {"evaluatorType": "javascript", "expression": "$.kind > 9 ? 'large' : 'small'"}
    fixed = {"inputParameters": {"kind": "large"}}

    assert only(problems(switch("s", {"small": [step("a")], "huge": [step("b")]}, **sized))).path.endswith(".huge")
    assert only(problems(switch("s", {"small": [step("a")], "large": [step("b")]}, step("c"), **sized))).code == "S3"
    assert only(problems(switch("s", {"small": [step("a")]}, **fixed))).code == "S3"
    assert problems(switch("s", {"large": [step("a")]}, **fixed)) == []
    assert problems(switch("s", {"small": [step("a")], "large": [step("b")]}, **sized)) == []
    assert problems(switch("s", {"small": [step("a")]}, step("b"))) == []


def test_s3_of_a_reference_that_lost_its_dollar() -> None:
    """What stands in braces was meant as a reference."""
    fixed = {"inputParameters": {"kind": "{workflow.input.kind}"}}

    assert only(problems(switch("s", {"A": [step("a")]}, **fixed))).hint == "did you mean '${workflow.input.kind}'?"


def test_s3_of_a_declared_type() -> None:
    """A value with a declared type has the values of that type, and may be missing."""

    @task
    def look(speed: str) -> Literal["FAST", "SLOW"]: ...

    def of(cases: dict[str, list[dict[str, JsonValue]]]) -> Workflow[..., Any]:
        made = Workflow("w")
        with made:
            look(made.input("speed"))
            raw(switch("s", cases, inputParameters={"kind": "${look.output.result}"}))
        return made

    assert only(of({"FAST": [step("a")], "QUICK": [step("b")]}).check()).path.endswith("QUICK")
    assert of({"FAST": [step("a")], "null": [step("b")]}).check() == []


def test_l4_a_condition_that_nothing_changes() -> None:
    """Inputs, earlier steps and constants stay; body steps, variables that are set and iterations change."""

    def of(condition: str, *before: dict[str, JsonValue], body: JsonValue = None, **inputs: JsonValue) -> list[str]:
        return codes(problems(*before, loop("l", condition, *(body or [step("b")]), inputParameters=inputs)))

    assert of("$.state != 'DONE'", state="${workflow.input.state}") == ["L4"]
    assert of("$.state != 'DONE'", step("a"), state="${a.output.state}") == ["L4"]
    assert of("$.n < $.limit", n=1, limit=2) == ["L4"]
    assert of("$.state != 'DONE'", state="${workflow.variables.state}") == ["L4"]
    setting = [{**step("set", state="x"), "type": "SET_VARIABLE"}]
    assert of("$.state != 'x'", body=setting, state="${workflow.variables.state}") == []
    assert of("$.state != 'y'", body=setting, state="${workflow.variables.state}") == ["L1"]
    assert of("$.state != 'DONE'", state="${b.output.state}") == ["L1"]
    assert of("$.b.state != 'DONE'") == ["L1"]
    assert of("$.l.iteration < $.limit", limit=3) == []
    assert of("$.start + 100 > Date.now()", start="${workflow.input.start}") == ["L1"]
    assert of("check($)", state="${workflow.input.state}") == ["L1"]


def test_l4_of_what_runs_beside_the_loop() -> None:
    """A branch beside the loop may change what the condition reads; that it may not be there yet is only a warning."""
    again = loop("l", "$.state != 'DONE'", step("b"), inputParameters={"state": "${other.output.state}"})

    found = problems(*fork("f", [again], [step("other")]))

    assert [(each.code, each.severity) for each in found] == [("D2", "warning"), ("L1", "warning")]


def test_l1_is_not_said_of_a_loop_whose_body_counts() -> None:
    """A body that looks at the loop's own iteration may end it by a variable."""
    counting = {**step("count", n="${l.output.iteration}"), "type": "INLINE"}
    inputs = {"state": "${workflow.variables.state}"}

    assert codes(problems(loop("l", "$.state != 'x'", {**step("v", state="${b.output}"), "type": "SET_VARIABLE"},
                               step("b"), inputParameters=inputs))) == ["L1"]  # fmt: skip
    assert problems(loop("l", "$.state != 'x'", {**step("v", state="${count.output}"), "type": "SET_VARIABLE"},
                         {**counting, "inputParameters": {"n": "${l.output.iteration}", "expression": "$.n"}},
                         inputParameters=inputs)) == []  # fmt: skip


def test_l5_directly_and_through_others() -> None:
    """A workflow that calls itself on every way never ends; one with a way out does."""
    other = load(document(call("w"), name="other"))
    again, too = call("w", kind="A"), {**call("w", kind="B"), "taskReferenceName": "again"}

    assert only(problems(call("w"))).code == "L5"
    assert only(problems(switch("s", {"A": [again]}, too))).code == "L5"
    assert problems(switch("s", {"A": [again]})) == []
    assert problems(switch("s", {"A": [end()]}), again) == []
    assert codes(load(document(call("other"))).check(others=[other])) == ["L5"]
    assert codes(load(document(call("other"))).check()) == []
    assert problems(end(), call("w"))[0].code == "S4"
    assert problems(loop("l", "true", call("w", items=[]), items="${workflow.input.items}")) == []


def test_l5_is_said_of_those_in_the_circle_only() -> None:
    """Who calls an endless workflow is not wrong itself."""
    endless = load(document(call("endless"), name="endless"))
    caller = load(document(call("endless"), name="caller"))

    assert caller.check(others=[endless]) == []
    assert only(endless.check()).message == "on every way through it, 'endless' calls itself: no run ever ends"


def test_l5_of_an_embedded_definition_of_the_same_name() -> None:
    """A definition that is carried along is not the one that has its name."""
    inner = document(step("a"))
    carried = {"type": "SUB_WORKFLOW", "subWorkflowParam": {"name": "w", "workflowDefinition": inner}}

    assert problems({"name": "c", "taskReferenceName": "c", **carried}) == []


def test_l5_in_python_has_the_place() -> None:
    """The call is named with its line."""

    @workflow
    def down(n: int) -> None:
        down(n)

    found = only(down.check())

    assert (found.code, found.place) == ("L5", f"{__file__}:{down.fn.__code__.co_firstlineno + 2}")


def test_s1_a_join_on_a_step_in_a_loop() -> None:
    """In a loop, names get the number of the iteration: a JOIN outside never finds its step."""
    inside = loop("l", "$.l.iteration < 3", step("a"))

    assert "number of the iteration" in only(problems(*fork("f", [inside], [step("b")], on=["a", "b"]))).message
    assert problems(*fork("f", [inside], [step("b")])) == []
    looped = loop("l", "$.l.iteration < 3", *fork("f", [step("a")], [step("b")]))
    assert problems(looped) == []


def test_check_takes_definitions_too() -> None:
    """`podium.check` works on definitions, with others beside."""
    first, second = load(document(call("other"))).definition, load(document(call("w"), name="other")).definition

    assert codes(check(first, others=[second])) == ["L5"]
    assert check(first) == []
