"""The check: each rule with an example that breaks it and one that does not, and the author's place."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from dsl_samples import audit, charge, quote_express, quote_post, send_mail

from podium.dsl import (
    Workflow,
    exclusive_join,
    fork,
    join,
    js,
    load,
    loop,
    noop,
    raw,
    ref,
    switch,
    terminate,
    wait,
    workflow,
)
from podium.model.definitions import WorkflowDef
from podium.model.problems import Problem
from podium.model.values import JsonValue

HERE = Path(__file__).name


def _line() -> int:
    return sys._getframe(1).f_lineno


def _simple(name: str, **inputs: JsonValue) -> dict[str, JsonValue]:
    return {"name": name, "taskReferenceName": name, "inputParameters": inputs}


def _of(tasks: list[dict[str, JsonValue]], **fields: JsonValue) -> list[Problem]:
    return load({"name": "w", "version": 1, "schemaVersion": 2, "tasks": tasks, **fields}).check()


def _codes(problems: list[Problem]) -> list[str]:
    return [problem.code for problem in problems]


def _only(problems: list[Problem]) -> Problem:
    assert len(problems) == 1, [str(problem) for problem in problems]
    return problems[0]


def _built(write: Callable[[Workflow[..., Any]], object]) -> list[Problem]:
    wf = Workflow("w")
    with wf:
        write(wf)
    return wf.check()


def _switched(fast_ends: bool = False) -> dict[str, JsonValue]:
    case = [_simple("fast")]
    if fast_ends:
        case.append(
            {
                "name": "end",
                "taskReferenceName": "end",
                "type": "TERMINATE",
                "inputParameters": {"terminationStatus": "FAILED"},
            }
        )
    return {
        "name": "s",
        "taskReferenceName": "s",
        "type": "SWITCH",
        "evaluatorType": "value-param",
        "expression": "kind",
        "inputParameters": {"kind": "${workflow.input.kind}"},
        "decisionCases": {"A": case},
        "defaultCase": [_simple("slow")],
    }


def _forked(*joined: str) -> list[dict[str, JsonValue]]:
    return [
        {
            "name": "f",
            "taskReferenceName": "f",
            "type": "FORK_JOIN",
            "forkTasks": [[_simple("left"), _simple("left_end")], [_simple("right")]],
        },
        {"name": "j", "taskReferenceName": "j", "type": "JOIN", "joinOn": list(joined)},
    ]


def test_r1_an_unknown_step_is_named_with_the_nearest_one() -> None:
    """The path, the author's line and a suggestion are all there."""
    wf = Workflow("w")
    with wf:
        charge("1", 2.0)
        line = _line() + 1
        audit(ref("chrage.output.id"))

    problem = _only(wf.check())

    assert (problem.code, problem.severity, problem.path) == ("R1", "error", "tasks[1].inputParameters.carrier")
    assert (problem.place or "").endswith(f"{HERE}:{line}")
    assert problem.hint == "did you mean 'charge'?"
    assert str(problem).startswith(str(problem.place))


@pytest.mark.parametrize(
    ("path", "hint"),
    [
        ("workflow.inputs.x", "'input'"),
        ("workflow.order_id", "workflow.input.order_id"),
        ("a.outputs.x", "'output'"),
        ("a.total", "a.output.total"),
        ("a__1.output.x", "without its iteration"),
    ],
)
def test_r1_paths_that_are_always_null(path: str, hint: str) -> None:
    """The first names of a path are checked too."""
    problem = _only(_of([_simple("a"), _simple("b", x=f"${{{path}}}")]))

    assert problem.code == "R1"
    assert hint in (problem.hint or "")


def test_r1_good_paths() -> None:
    """Everything that Conductor resolves is accepted."""
    paths = [
        "workflow.input.any.thing",
        "workflow.workflowId",
        "workflow.variables.x",
        "workflow.secrets.key",
        "workflow.env.URL.x",
        "a.output.list[?(@.id == 3)].x",
        "a.status",
        "$.a.output.x",
        "a['output'].x",
        "CPEWF_TASK_ID",
        "concat($.workflow.input.a, 'x')",
        "",
    ]

    assert _of([_simple("a"), _simple("b", x=[f"${{{path}}}" for path in paths], y="$${nothing}")]) == []


def test_r1_an_input_that_is_a_slip_of_the_pen() -> None:
    """The list of inputs is documentation; only a name that differs by a slip is reported."""
    inputs = ["order_id", "sku"]
    sku = "${workflow.input.sku}"
    wrong = _of([_simple("a", x="${workflow.input.orderId}", y=sku)], inputParameters=inputs)

    assert (_only(wrong).code, _only(wrong).hint) == ("R1", "did you mean 'order_id'?")
    assert _of([_simple("a", x="${workflow.input.other}", y=sku)], inputParameters=["sku"]) == []


def test_r1_in_outputs_and_conditions() -> None:
    """Output parameters, value-param names and what a script reads are looked at."""
    loop_task = {
        "name": "l",
        "taskReferenceName": "l",
        "type": "DO_WHILE",
        "inputParameters": {"limit": 3, "x": 1},
        "loopCondition": "$.l['iteration'] < $.limt && $.body['x'] && '$.not_read' && $.get('x')",
        "loopOver": [_simple("body")],
    }
    assert _only(_of([_simple("a")], outputParameters={"x": "${b.output}"})).path == "outputParameters.x"
    assert _only(_of([{**_switched(), "expression": "kin"}])).hint == "did you mean 'kind'?"
    assert _only(_of([loop_task])).hint == "did you mean 'limit'?"


def test_d1_a_value_that_one_case_gives() -> None:
    """Behind the switch it may be null; ``merge`` is named. Ending the other cases makes it sure."""
    wf = Workflow("w")
    with wf:
        with switch("shipping", wf.input("speed")) as shipping:
            with shipping.case("EXPRESS"):
                fast = quote_express("1")
            with shipping.otherwise():
                slow = quote_post("1")
        line = _line() + 1
        charge("1", amount=fast.output.price)
        quote = shipping.merge(fast, slow)
        audit(quote.output.carrier)

    problem = _only(wf.check())

    assert (problem.code, problem.severity) == ("D1", "error")
    assert "shipping.merge(" in (problem.hint or "")
    assert (problem.place or "").endswith(f"{HERE}:{line}")


def test_d1_is_sure_if_the_other_cases_end_the_run() -> None:
    """A case that ends with terminate does not come by."""
    reader = _simple("b", x="${slow.output.x}")

    assert _codes(_of([_switched(), reader])) == ["D1"]
    assert _of([_switched(fast_ends=True), reader]) == []
    assert _codes(_of([_switched(fast_ends=True), _simple("b", x="${fast.output.x}")])) == ["D1"]


def test_d1_in_another_case_it_never_exists() -> None:
    """A case cannot see another one's steps, except through an earlier iteration of a loop."""
    both = _switched()
    both["defaultCase"] = [_simple("slow", x="${fast.output.x}")]
    looped = {
        "name": "l",
        "taskReferenceName": "l",
        "type": "DO_WHILE",
        "loopCondition": "$.l['iteration'] < 3",
        "loopOver": [both],
    }

    assert (_only(_of([both])).code, _only(_of([both])).severity) == ("D1", "error")
    assert _of([looped]) == []


def test_d1_in_outputs_is_a_warning() -> None:
    """An output that is null after another case may be meant so."""
    problem = _only(_of([_switched()], outputParameters={"x": "${fast.output.x}"}))

    assert (problem.code, problem.severity, problem.path) == ("D1", "warning", "outputParameters.x")


def test_d2_a_value_of_a_parallel_branch() -> None:
    """Inside the other branch it may not be there yet; behind the join it is."""
    wf = Workflow("w")
    with wf:
        with fork("both") as both:
            with both.branch():
                paid = charge("1", 2.0)
            with both.branch():
                line = _line() + 1
                audit(paid.output.id)
        send_mail(paid.output.id)

    problem = _only(wf.check())

    assert (problem.code, problem.severity) == ("D2", "error")
    assert (problem.place or "").endswith(f"{HERE}:{line}")
    assert "both_join" in (problem.hint or "")


def test_d2_a_join_that_does_not_wait_for_the_branch() -> None:
    """Behind a JOIN with a list of its own, only what it waits for is there."""
    reader = [_simple("b", x="${left.output.x}")]

    assert _of([*_forked("left_end", "right"), *reader]) == []
    assert _of([*_forked("left", "right"), *reader]) == []
    assert _codes(_of([*_forked("right"), *reader])) == ["D2"]


def test_d2_a_join_of_its_own_inside_a_branch() -> None:
    """A branch may wait for the other one by a JOIN; then the value is there."""

    def write(_: Workflow[..., Any]) -> None:
        with fork("both") as both:
            with both.branch():
                paid = charge("1", 2.0)
            with both.branch():
                join("for_charge", on=[paid])
                audit(paid.output.id)

    assert _built(write) == []


def test_d4_a_value_of_a_later_step() -> None:
    """It is always null, unless a loop comes by again."""

    def later(_: Workflow[..., Any]) -> None:
        audit(ref("charge.output.id"))
        charge("1", 2.0)

    def in_loop(_: Workflow[..., Any]) -> None:
        with loop("again", max_iterations=2):
            audit(ref("charge.output.id"))
            charge("1", 2.0)

    assert _codes(_built(later)) == ["D4"]
    assert _built(in_loop) == []


def test_n1_and_n2_in_json() -> None:
    """Names used twice and names that no reference can hold."""
    problems = _of([_simple("a"), _switched(), _simple("a"), _simple("b c"), _simple("workflow"), _simple("x__1")])

    assert [(problem.code, problem.severity) for problem in problems] == [
        ("N1", "error"),
        ("N2", "warning"),
        ("N2", "error"),
        ("N2", "warning"),
    ]
    assert "first at tasks[0]" in problems[0].message


def test_n1_by_an_author_has_the_place() -> None:
    """A mistake that keeps the definition from being made is the check's only finding."""

    @workflow
    def twice(order_id: str) -> None:
        send_mail(order_id)
        send_mail(order_id)

    problem = _only(twice.check())

    assert problem.code == "N1"
    assert HERE in (problem.place or "")


def test_p1_by_an_author_is_found_by_the_check() -> None:
    """``if`` on a reference is reported with its line."""

    @workflow
    def wrong(amount: float) -> None:
        if amount > 3:
            send_mail("1")

    problem = _only(wrong.check())

    assert problem.code == "P1"
    assert (problem.place or "").endswith(f"{HERE}:{wrong.fn.__code__.co_firstlineno + 2}")


def test_s1_joins_that_wait_for_ever() -> None:
    """Unknown names, unselected cases, later steps and itself never come; good lists do."""
    assert _codes(_of(_forked("left_end", "rigt"))) == ["S1"]
    assert _of(_forked("left_end", "right")) == []
    waits = {"name": "j", "taskReferenceName": "j", "type": "JOIN"}
    assert "does not run after the default case" in _only(_of([_switched(), {**waits, "joinOn": ["fast"]}])).message
    assert "starts only after it" in _only(_of([{**waits, "joinOn": ["a"]}, _simple("a")])).message
    assert "is itself" in _only(_of([{**waits, "joinOn": ["j"]}])).message
    assert _of([_simple("a"), {**waits, "joinOn": ["a"]}]) == []


def test_s1_a_join_on_a_switch_does_not_wait_for_its_case() -> None:
    """A hand-written JOIN on a SWITCH ends too early; our own forks put a NOOP behind it."""
    problem = _only(_of([_switched(), {"name": "j", "taskReferenceName": "j", "type": "JOIN", "joinOn": ["s"]}]))

    assert (problem.code, problem.severity) == ("S1", "warning")
    assert "NOOP" in (problem.hint or "")


def test_s1_forks_without_a_join() -> None:
    """Conductor fails the run there, also for a dynamic fork."""
    assert _codes(_of(_forked("left_end", "right")[:1])) == ["S1"]
    dynamic = {
        "name": "d",
        "taskReferenceName": "d",
        "type": "FORK_JOIN_DYNAMIC",
        "inputParameters": {"forkTaskName": "x", "forkTaskInputs": "${workflow.input.items}"},
    }
    after = {"name": "dj", "taskReferenceName": "dj", "type": "JOIN"}
    assert _codes(_of([dynamic])) == ["S1"]
    assert _of([dynamic, after]) == []


def test_s1_a_merge_without_otherwise() -> None:
    """An EXCLUSIVE_JOIN needs one of its steps on every way to it."""
    merge = {"name": "m", "taskReferenceName": "m", "type": "EXCLUSIVE_JOIN", "joinOn": ["fast", "slow"]}
    partial = {**_switched(), "defaultCase": []}

    assert _of([_switched(), merge]) == []
    assert "otherwise" in (_only(_of([partial, {**merge, "joinOn": ["fast"]}])).hint or "")
    assert _codes(_of([_switched(), {**merge, "joinOn": ["fast", "slwo", "slow"]}])) == ["S1"]
    assert _of([_switched(fast_ends=True), {**merge, "joinOn": ["slow"]}]) == []

    def in_fork(_: Workflow[..., Any]) -> None:
        with fork("both") as both:
            with both.branch():
                one = audit("1").as_("one")
            with both.branch():
                exclusive_join("first", [one])

    assert _built(in_fork) == []


def test_l1_a_loop_without_a_limit() -> None:
    """A condition alone may hold for ever; a limit, a list, or once only is fine."""

    def bounded(condition: str, **fields: JsonValue) -> list[str]:
        task = {
            "name": "l",
            "taskReferenceName": "l",
            "type": "DO_WHILE",
            "loopCondition": condition,
            "loopOver": [_simple("body")],
            **fields,
        }
        return _codes(_of([task]))

    assert bounded("$.body['state'] != 'DONE'") == ["L1"]
    assert bounded("$.body['state'] != 'DONE' && $.l['iteration'] < 9") == []
    assert bounded("true", items="${workflow.input.items}") == []
    assert bounded("false") == []
    assert bounded("true", inputParameters={"keepLastN": "${workflow.input.n}", "_items": [1]}) == ["V1"]


def test_l1_by_an_author_has_the_place() -> None:
    """A loop with ``until`` and no ``max_iterations`` is a warning at its line."""
    wf = Workflow("w")
    with wf:
        line = _line() + 1
        with loop("poll") as poll:
            now = audit("x")
            poll.until(now.output == 1)

    problem = _only(wf.check())

    assert (problem.code, problem.severity) == ("L1", "warning")
    assert (problem.place or "").endswith(f"{HERE}:{line}")


def test_l3_a_loop_inside_a_loop() -> None:
    """Conductor cannot; a workflow of its own can."""

    def write(_: Workflow[..., Any]) -> None:
        with loop("outer", max_iterations=2), loop("inner", max_iterations=2):
            noop("n")

    assert _codes(_built(write)) == ["L3"]


@pytest.mark.parametrize(
    ("task", "path"),
    [
        ({"name": "", "taskReferenceName": "a"}, "name"),
        ({"name": "a", "taskReferenceName": ""}, "taskReferenceName"),
        ({"name": "a", "taskReferenceName": "a", "startDelay": -1}, "startDelay"),
        ({"type": "EVENT"}, "sink"),
        ({"type": "SWITCH", "expression": "x", "decisionCases": {"A": []}}, "evaluatorType"),
        ({"type": "SWITCH", "evaluatorType": "value-param", "decisionCases": {"A": []}}, "expression"),
        (
            {"type": "SWITCH", "evaluatorType": "javascript", "expression": "1 +", "decisionCases": {"A": []}},
            "expression",
        ),
        ({"type": "SWITCH", "evaluatorType": "javascript", "expression": "1"}, "decisionCases"),
        ({"type": "DECISION", "decisionCases": {"A": []}}, "caseValueParam"),
        ({"type": "DECISION", "caseValueParam": "x"}, "decisionCases"),
        ({"type": "DECISION", "caseExpression": "if (", "decisionCases": {"A": []}}, "caseExpression"),
        ({"type": "DO_WHILE", "loopOver": [{"name": "b", "taskReferenceName": "b"}]}, "loopCondition"),
        ({"type": "DO_WHILE", "loopCondition": "false"}, "loopOver"),
        ({"type": "DYNAMIC"}, "dynamicTaskNameParam"),
        ({"type": "HTTP"}, "inputParameters.http_request"),
        ({"type": "KAFKA_PUBLISH"}, "inputParameters.kafka_request"),
        ({"type": "JSON_JQ_TRANSFORM"}, "inputParameters.queryExpression"),
        ({"type": "SUB_WORKFLOW"}, "subWorkflowParam"),
        ({"type": "SUB_WORKFLOW", "subWorkflowParam": {}}, "subWorkflowParam.name"),
        ({"type": "TERMINATE"}, "inputParameters.terminationStatus"),
        ({"type": "TERMINATE", "optional": True, "inputParameters": {"terminationStatus": "FAILED"}}, "optional"),
        ({"type": "WAIT", "inputParameters": {"duration": "5 parsecs"}}, "inputParameters.duration"),
        ({"type": "WAIT", "inputParameters": {"until": "tomorrow"}}, "inputParameters.until"),
        ({"type": "WAIT", "inputParameters": {"until": "2026-01-01", "duration": "1s"}}, "inputParameters"),
        ({"type": "SIMPLE", "taskDefinition": {}}, "taskDefinition.name"),
        ({"type": "WAIT", "inputParameters": {"wait_until": "2026-01-01"}}, "inputParameters.wait_until"),
        (
            {
                "type": "DO_WHILE",
                "inputParameters": {"items": [1]},
                "loopCondition": "$.a['iteration'] < 2",
                "loopOver": [{"name": "b", "taskReferenceName": "b"}],
            },
            "inputParameters.items",
        ),
    ],
)
def test_v1_what_the_official_server_refuses(task: dict[str, JsonValue], path: str) -> None:
    """Each rule of the server's registration, with the path of the field."""
    problem = _only(_of([{"name": "a", "taskReferenceName": "a", **task}]))

    assert ("V1", f"tasks[0].{path}") == (problem.code, problem.path)


def test_v1_of_the_workflow_itself() -> None:
    """Names, tasks, versions, forks and the spelling of a dynamic failure workflow."""
    fork_task = {"name": "f", "taskReferenceName": "f", "type": "FORK_JOIN"}
    dynamic = {"name": "f", "taskReferenceName": "f", "type": "FORK_JOIN_DYNAMIC"}
    after = {"name": "j", "taskReferenceName": "j", "type": "JOIN", "joinOn": ["f"]}

    assert [problem.path for problem in load({"name": "", "tasks": [], "schemaVersion": 1}).check()] == [
        "name",
        "tasks",
        "schemaVersion",
    ]
    assert _codes(_of([fork_task, after])) == ["V1"]
    assert _codes(_of([{**fork_task, "forkTasks": [[]]}, after])) == ["V1"]
    assert _codes(_of([dynamic, after])) == ["V1"]
    assert _codes(_of([_simple("a")], failureWorkflow="${workflow.input.x}")) == ["V1"]
    assert _only(_of([_simple("a")], version=None)).path == "version"
    assert _only(_of([{**_simple("a"), "retryCount": None}])).path == "tasks[0].retryCount"


def test_what_is_wrong_in_an_embedded_definition_is_found() -> None:
    """Its path goes through the sub-workflow, its place is the step's."""
    inner = {"name": "inner", "tasks": [_simple("x", y="${nobody.output}")]}
    data = {"type": "SUB_WORKFLOW", "subWorkflowParam": {"name": "inner", "workflowDefinition": inner}}
    wf = Workflow("w")
    with wf:
        line = _line() + 1
        raw({"name": "s", "taskReferenceName": "s", **data})

    problem = _only(wf.check())

    assert problem.path == "tasks[0].subWorkflowParam.workflowDefinition.tasks[0].inputParameters.y"
    assert (problem.place or "").endswith(f"{HERE}:{line}")


def test_problems_come_in_document_order() -> None:
    """A reader goes through the definition once."""
    problems = _of(
        [_simple("a", x="${q.output}"), _simple("a", x="${r.output}")], outputParameters={"z": "${s.output}"}
    )

    assert _codes(problems) == ["R1", "N1", "R1", "R1"]
    assert problems[-1].path == "outputParameters.z"


def test_a_sound_workflow_has_no_problems() -> None:
    """Loops, scripts, waits and ends that are right are left alone."""

    def write(wf: Workflow[..., Any]) -> None:
        with loop("poll", max_iterations=9) as poll:
            now = audit("x")
            wait("gap", duration="1 s")
            poll.until(js("$.audit['result'] > $.limit", limit=wf.input("limit")))
        switch("s", poll.iteration, {9: terminate("late", "FAILED", f"{now.output} is too little")})
        send_mail(f"{poll.at(1, now)}")

    assert _built(write) == []


def test_authoring_is_quick() -> None:
    """Workflows of 100 and 2,000 steps with references are built, checked and exported within their budgets."""
    import time

    from benchmarks.authoring import rounds

    rounds(100).check()  # what is imported at the first use
    for steps, budget_s in ((100, 0.2), (2_000, 4.0)):
        started = time.process_time()  # other processes of the machine do not count
        made = rounds(steps)
        assert made.check() == []
        assert made.to_json()
        assert time.process_time() - started < budget_s


def test_many_mistakes_do_not_take_long() -> None:
    """Looking for the nearest name, and for who waits for whom, stays quick where everything is wrong."""
    import time

    tasks: list[dict[str, JsonValue]] = []
    for index in range(300):
        tasks += _forked(f"left_{index}", f"nobody_{index}")
        for branch in tasks[-2]["forkTasks"]:
            for each in branch:
                each["taskReferenceName"] += f"_{index}"
                each["inputParameters"] = {"x": f"${{right_{(index * 7) % 300}.output}} ${{rigth_{index}.output}}"}
        tasks[-2]["taskReferenceName"], tasks[-1]["taskReferenceName"] = f"f_{index}", f"j_{index}"
    started = time.process_time()

    assert len(_of(tasks)) > 1_000
    assert time.process_time() - started < 10


def test_the_check_never_trusts_its_input() -> None:
    """Contradictory and odd definitions give problems, not exceptions."""
    odd = {
        "name": "w",
        "tasks": [
            {"name": "j", "taskReferenceName": "", "type": "JOIN", "joinOn": ["", "j"]},
            {"name": "e", "taskReferenceName": "e", "type": "EXCLUSIVE_JOIN"},
            {"name": "f", "taskReferenceName": "e", "type": "FORK_JOIN", "forkTasks": [[], None]},
            {"name": "w", "taskReferenceName": "w", "type": "WAIT", "inputParameters": {"duration": 5, "until": None}},
            {"name": "s", "taskReferenceName": "${s}", "type": "SWITCH", "inputParameters": {"a": {"b": ["${${x}}"]}}},
        ],
        "outputParameters": {"x": "${e.output} ${ } ${..} ${w.output[*]} ${unclosed"},
    }

    problems = load(odd).check()

    assert all(isinstance(problem, Problem) for problem in problems)
    assert {"V1", "S1", "N1", "N2"} <= set(_codes(problems))
    assert isinstance(load(odd).definition, WorkflowDef)
