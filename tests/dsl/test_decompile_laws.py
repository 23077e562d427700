"""Laws of generated source: it builds its definition again, whatever that is, and nothing in a definition is code."""

from __future__ import annotations

import ast
import json
from typing import Any

import pytest
from decompile_calls import last_workflow, rebuilt, run_source, sorted_json
from decompile_strategies import FRAGMENTS, PAYLOAD, hostile_definitions
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from podium.decompile import to_package, to_python
from podium.decompile.modules import Module
from podium.dsl import load
from podium.model.definitions import WorkflowDef
from podium.testing.definitions import Catalog, Shape, definitions

_SEND = {"name": "send", "taskReferenceName": "send", "type": "KAFKA_PUBLISH"}

laws = settings(
    max_examples=80,
    deadline=None,
    derandomize=True,  # a build repeats itself
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)

#: What generated modules consist of; anything else would be code that came out of a text.
_STATEMENTS = (ast.ImportFrom, ast.Import, ast.FunctionDef, ast.Assign, ast.AnnAssign)
_IN_FUNCTIONS = (ast.With, ast.Assign, ast.Expr, ast.Return, ast.Raise, ast.Pass)


def assert_nothing_but_definitions(source: str) -> None:
    """See that a source defines constants and functions, that those only build, and that no text became a name."""
    tree = ast.parse(source)
    for statement in tree.body:
        assert isinstance(statement, _STATEMENTS)
        if isinstance(statement, ast.FunctionDef):
            inside = [node for node in ast.walk(statement) if isinstance(node, ast.stmt) and node is not statement]
            assert all(isinstance(node, _IN_FUNCTIONS) for node in inside)
    assert all(node.id != PAYLOAD for node in ast.walk(tree) if isinstance(node, ast.Name))


@laws
@given(hostile_definitions())
def test_any_definition_comes_back(definition: WorkflowDef) -> None:
    """Names that are keywords, texts that look like code, keys of all kinds: the source builds the very same JSON."""
    source = rebuilt(definition)

    assert_nothing_but_definitions(source)
    assert Module(definition).verify({})  # the last way out, all of it as JSON, is not needed


@laws
@given(definitions(Shape()))
def test_workflows_of_the_simulation_come_back(catalog: Catalog) -> None:
    """Valid workflows of every shape come back, each by itself and all as a package."""
    for definition in (catalog.main, *catalog.registered):
        rebuilt(definition)
    assert len(to_package([catalog.main, *catalog.registered]).parts) == 1 + len(catalog.registered)


@laws
@given(hostile_definitions())
def test_generated_source_is_stable(definition: WorkflowDef) -> None:
    """What the source builds gives the same source again, so importing twice changes nothing."""
    source = to_python(definition)

    assert to_python(last_workflow(run_source(source)).definition) == source


def test_a_text_that_stands_twice_has_one_name_whatever_the_order_of_keys() -> None:
    """Builders write keys in an order of their own, and the source must stay the same."""
    text = "one\ntwo\nthree\n"
    request = {"topic": text, "bootStrapServers": text, "value": 1}
    requests = [request, dict(reversed(request.items()))]
    sources = {
        load({"name": "w", "tasks": [{**_SEND, "inputParameters": {"kafka_request": request}}]}).to_python()
        for request in requests
    }

    assert len(sources) == 1
    assert 'SEND_KAFKA_REQUEST_BOOT_STRAP_SERVERS = """' in sources.pop()


@given(st.lists(st.sampled_from(FRAGMENTS), min_size=1, max_size=5).map("".join))
@settings(max_examples=150, deadline=None, derandomize=True)
def test_texts_are_data_wherever_they_stand(text: str) -> None:
    """A text in any place of a definition stays that text."""
    document: dict[str, Any] = {
        "name": text,
        "description": text,
        "ownerEmail": text,
        "inputParameters": [text],
        "inputTemplate": {"x": text},
        "variables": {text: text},
        "tasks": [
            {
                "name": text,
                "taskReferenceName": text or "a",
                "type": "SIMPLE",
                "inputParameters": {text: text, "k": text},
            },
            {"name": "h", "taskReferenceName": "h", "type": "HTTP", "inputParameters": {"http_request": {"uri": text}}},
            {
                "name": "s",
                "taskReferenceName": "s",
                "type": "SWITCH",
                "evaluatorType": "javascript",
                "expression": text,
                "decisionCases": {text: [{"name": "i", "taskReferenceName": "i", "type": text or "X"}]},
            },
        ],
        "outputParameters": {"o": text, text: [text]},
    }
    if not text:
        return

    assert_nothing_but_definitions(rebuilt(load(document).definition))


def nested(depth: int) -> dict[str, Any]:
    """Return forks in switches in forks, so many levels deep."""
    inner: dict[str, Any] = {"name": "leaf", "taskReferenceName": "leaf", "type": "SIMPLE"}
    for level in range(depth):
        name = f"level_{level}"
        inner = {
            "name": name,
            "taskReferenceName": name,
            "type": "SWITCH",
            "evaluatorType": "value-param",
            "expression": "switchCaseValue",
            "inputParameters": {"switchCaseValue": "${workflow.input.x}"},
            "decisionCases": {"A": [inner, {"name": f"n_{level}", "taskReferenceName": f"n_{level}", "type": "NOOP"}]},
        }
    return {"name": "deep", "tasks": [inner]}


@pytest.mark.parametrize("depth", [1, 5, 8, 9, 12, 30])
def test_deep_nesting_stays_within_what_python_can_read(depth: int) -> None:
    """Python allows twenty blocks in a function; what is deeper is JSON."""
    source = rebuilt(load(nested(depth)).definition)

    assert ("raw(" in source) == (depth > 8)


def test_deep_data_stays_within_what_python_can_read() -> None:
    """Python's grammar ends at a hundred brackets or so; what is deeper is JSON text."""
    value: Any = "x"
    for _ in range(200):
        value = [value]
    document = {"name": "w", "tasks": [{"name": "a", "taskReferenceName": "a", "inputParameters": {"v": value}}]}

    assert "json.loads(" in rebuilt(load(document).definition)


def test_huge_literals_come_back() -> None:
    """A text of a million characters and a list of thousands of numbers are only long."""
    values = {"text": "word " * 200_000, "numbers": list(range(5000)), "lines": "line\n" * 5000}
    document = {"name": "w", "tasks": [{"name": "a", "taskReferenceName": "a", "inputParameters": values}]}

    definition = load(document).definition
    source = to_python(definition)

    assert sorted_json(last_workflow(run_source(source)).definition) == sorted_json(definition)


def test_numbers_keep_their_kind() -> None:
    """1, 1.0, true, -0.0 and numbers that are larger than 64 bits come back as they are."""
    values = [1, 1.0, True, False, None, -0.0, 1e300, 10**40, -1]
    task = {"name": "a", "taskReferenceName": "a", "inputParameters": {"v": values}}

    definition = load({"name": "w", "tasks": [task]}).definition
    again = last_workflow(run_source(to_python(definition))).definition

    assert json.dumps(again.tasks[0].input_parameters) == json.dumps({"v": values})


@pytest.mark.parametrize("root", ["workflow.input", "before.output"])
def test_a_path_of_any_length_stays_a_path(root: str) -> None:
    """A megabyte of keys is written as the text that it is, in no more time than a text takes."""
    path = f"${{{root}{'.a' * 500_000}}}"
    tasks = [
        {"name": "before", "taskReferenceName": "before", "type": "SIMPLE"},
        {"name": "t", "taskReferenceName": "t", "type": "SIMPLE", "inputParameters": {"p": path}},
    ]
    definition = load({"name": "w", "version": 1, "tasks": tasks}).definition

    assert path[2:-1] in to_python(definition)
