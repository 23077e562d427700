"""``evaluatorType: python``: what scripts see and give, and what becomes of hostile ones."""

from __future__ import annotations

import sys
from typing import Any

import pytest

import podium
from podium.dsl import Step, Workflow
from podium.engine import scripts
from podium.expressions.evaluators import EvaluatorError
from podium.expressions.javascript import ScriptTimeout
from podium.expressions.python_script import PythonScripts
from podium.model.definitions import WorkflowDef, WorkflowTask
from podium.model.runs import TaskRun
from podium.model.statuses import RunStatus, TaskStatus
from podium.testing.bench import Bench

pytest.importorskip("pydantic_monty")


def inlined(expression: str, **inputs: Any) -> TaskRun:
    """Run one INLINE task in Python."""
    made = Workflow("one")
    made >> Step("do", type="INLINE", inputs={"evaluatorType": "python", "expression": expression, **inputs})
    bench = Bench()
    return bench.run(bench.start(made.definition)).tasks[0]


@pytest.mark.parametrize(
    ("script", "result"),
    [
        ("return n + 1", 4),
        ("n + 1", 4),
        ("total = 0\nfor item in items:\n    total += item['price']\nreturn total", 3.5),
        ("n = n * 2\nreturn n", 6),
        ("if n > 5:\n    return 'many'\nreturn 'few'", "few"),
        ("return {'a': [n, None, True], 'b': (1, 2)}", {"a": [3, None, True], "b": [1, 2]}),
        ("x = 1", None),
        ("return expression[:6]", "return"),
        ("return 2 ** 70", 2**70),
        ("return [i['price'] for i in items if i['price'] > 1]", [2.5]),
        ("return 'a\\nb'", "a\nb"),
    ],
)
def test_a_script_is_the_body_of_a_function(script: str, result: Any) -> None:
    """Inputs are global variables, ``return`` gives the result; a single expression needs none."""
    task = inlined(script, n=3, items=[{"price": 1}, {"price": 2.5}])

    assert (task.reason_for_incompletion, task.output_data) == (None, {"result": result})


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("return absent", "NameError: name 'absent' is not defined"),
        ("return (", "SyntaxError"),
        ("return {1, 2}", "a set is no JSON"),
        ("return {1: 2}", "a dict whose keys are not all texts is no JSON"),
        ("return [0] * 10**9", "MemoryError"),
        ("import time\ntime.sleep(60)", "TimeoutError: sleep limit exceeded"),
        ("return open('/etc/passwd').read()", "Error evaluating the script"),
        ("import os\nreturn os.environ['HOME']", "Error evaluating the script"),
        ("import socket\nreturn 1", "Error evaluating the script"),
        ("def f():\n    return f()\nreturn f()", "RecursionError"),
    ],
)
def test_what_goes_wrong_fails_for_good(script: str, words: str) -> None:
    """The reason and ``error`` have Python's words; files, processes and the network are not there."""
    task = inlined(script)

    assert task.status is TaskStatus.FAILED_WITH_TERMINAL_ERROR
    assert words in (task.reason_for_incompletion or "")
    assert task.output_data == {"error": task.reason_for_incompletion}


def test_inputs_whose_names_python_does_not_take_are_left_out() -> None:
    """They break nothing."""
    assert inlined("return n", n=1, **{"a-b": 2, "class": 3}).output_data == {"result": 1}


def test_a_script_that_runs_for_ever_is_stopped() -> None:
    """It fails as a slow script in JavaScript does, and the next one runs."""
    quick = PythonScripts(processes=1, time_limit_s=0.2)
    with pytest.raises(ScriptTimeout, match=r"Script not evaluated within 0\.2 seconds"):
        quick.evaluate("while True:\n    pass", {})

    assert quick.evaluate("1 + n", {"n": 1}) == 2
    quick.close()


def test_switches_choose_by_python() -> None:
    """The value becomes the name of a case as always; an error fails the task."""
    cases = {"True": (WorkflowTask(name="NOOP", task_reference_name="yes", type="NOOP"),)}
    switch = WorkflowTask(
        name="pick",
        task_reference_name="pick",
        type="SWITCH",
        evaluator_type="python",
        expression="return 'True' if n > 1 else 'no'",
        input_parameters={"n": "${workflow.input.n}"},
        decision_cases=cases,
    )
    bench = Bench()
    chosen = bench.run(bench.start(WorkflowDef(name="w", tasks=(switch,)), {"n": 2}))
    failed = bench.run(bench.start(WorkflowDef(name="w", tasks=(switch,)), {"n": "x"}))

    assert [task.reference_task_name for task in chosen.tasks] == ["pick", "yes"]
    assert failed.tasks[0].status is TaskStatus.FAILED


def test_loops_go_on_by_python() -> None:
    """With ``evaluatorType: python`` the condition is Python, over the loop's own counters and the tasks inside."""
    loop = WorkflowTask(
        name="again",
        task_reference_name="again",
        type="DO_WHILE",
        evaluator_type="python",
        loop_condition="return again['iteration'] < most",
        input_parameters={"most": 3},
        loop_over=(WorkflowTask(name="NOOP", task_reference_name="in", type="NOOP"),),
    )
    bench = Bench()
    run = bench.run(bench.start(WorkflowDef(name="w", tasks=(loop,))))

    assert (run.status, run.tasks[0].output_data["iteration"]) == (RunStatus.COMPLETED, 3)


def test_an_engine_runs_them_aside() -> None:
    """In a real engine the run waits for the script while others go on, and the builder writes it."""

    @podium.workflow
    def priced(items: list[float]) -> float:
        """Sum up."""
        return podium.inline("total", podium.python("return sum(prices)", prices=items), returns=float).output

    with podium.connect("memory://") as client:
        run = client.run(priced, {"items": [1.5, 2.5]}, timeout=30)

    assert run.output == {"result": 4.0}


def test_without_the_library_the_reason_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """The task fails for good, with the command."""
    monkeypatch.setitem(sys.modules, "pydantic_monty", None)
    monkeypatch.setattr(scripts, "_direct_python", PythonScripts())
    with pytest.raises(EvaluatorError, match=r"pip install 'podium\[python\]'"):
        PythonScripts().evaluate("return 1", {})
    task = inlined("return 1")

    assert task.status is TaskStatus.FAILED_WITH_TERMINAL_ERROR
    assert "pip install 'podium[python]'" in (task.reason_for_incompletion or "")
