"""The catalogue of task types: it is whole, it is true of the builders, and the page says the same."""

from __future__ import annotations

import importlib.util
import inspect
import re
import subprocess
import sys
from collections.abc import Iterator
from operator import attrgetter
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from podium.dsl.builders.declaring import declaration_of
from podium.dsl.callables import annotations_of
from podium.dsl.catalogue import builder_named, spellings_of
from podium.dsl.expressions import Script
from podium.dsl.steps import Step
from podium.engine.operators import Operators
from podium.engine.operators.worker import Worker
from podium.model.statuses import TaskType
from podium.model.task_types import (
    FORKS,
    OF_OTHERS,
    SWITCHES,
    TASK_KINDS,
    WITHOUT_BUILDER,
    ServerProduct,
    Spelling,
    TaskKind,
)

ROOT = Path(__file__).parents[2]
CORPUS = ROOT.parent / "shared" / "corpus" / "definitions"

#: What the open-source server and its editor, the Python SDK and Orkes' documentation name.
NAMED = [
    "AGENT",
    "BUSINESS_RULE",
    "CALL_MCP_TOOL",
    "CANCEL_AGENT",
    "CHUNK_TEXT",
    "DECISION",
    "DO_WHILE",
    "DYNAMIC",
    "EVENT",
    "EXCLUSIVE_JOIN",
    "FORK_JOIN",
    "FORK_JOIN_DYNAMIC",
    "GENERATE_AUDIO",
    "GENERATE_IMAGE",
    "GENERATE_PDF",
    "GENERATE_VIDEO",
    "GET_AGENT_CARD",
    "GET_DOCUMENT",
    "GET_SIGNED_JWT",
    "GET_WORKFLOW",
    "GRPC",
    "HELLO",
    "HTTP",
    "HTTP_POLL",
    "HUMAN",
    "INLINE",
    "INTEGRATION",
    "JDBC",
    "JOIN",
    "JSON_JQ_TRANSFORM",
    "JUMP",
    "KAFKA_PUBLISH",
    "LAMBDA",
    "LIST_API_TOOLS",
    "LIST_FILES",
    "LIST_MCP_TOOLS",
    "LLM_CHAT_COMPLETE",
    "LLM_GENERATE_EMBEDDINGS",
    "LLM_GET_EMBEDDINGS",
    "LLM_INDEX_DOCUMENT",
    "LLM_INDEX_TEXT",
    "LLM_SEARCH_EMBEDDINGS",
    "LLM_SEARCH_INDEX",
    "LLM_STORE_EMBEDDINGS",
    "LLM_TEXT_COMPLETE",
    "MCP_REMOTE",
    "NOOP",
    "OPS_GENIE",
    "PARSE_DOCUMENT",
    "PLANNER_CONTEXT_FETCH",
    "PLAN_AND_COMPILE",
    "PULL_WORKFLOW_MESSAGES",
    "QUERY_PROCESSOR",
    "SENDGRID",
    "SET_VARIABLE",
    "SIMPLE",
    "START_WORKFLOW",
    "SUB_WORKFLOW",
    "SWITCH",
    "TERMINATE",
    "TERMINATE_WORKFLOW",
    "UPDATE_SECRET",
    "UPDATE_TASK",
    "USER_DEFINED",
    "WAIT",
    "WAIT_FOR_EVENT",
    "WAIT_FOR_WEBHOOK",
    "YIELD",
]

BUILDERS = [(kind, name) for kind in TASK_KINDS.values() for name in kind.builders]
SPELT = [(kind.name, spelling) for kind, name in BUILDERS for spelling in spellings_of(name)]


def test_every_type_name_has_a_builder_or_a_reason() -> None:
    """Nothing that any of the sources names is missing, and nothing else is there."""
    assert sorted({*TASK_KINDS, *WITHOUT_BUILDER}) == sorted(NAMED)
    assert not TASK_KINDS.keys() & WITHOUT_BUILDER.keys()
    assert {each.value for each in TaskType} <= TASK_KINDS.keys()


def test_every_type_of_the_sdk_has_a_builder() -> None:
    """The list of types in the official Python SDK holds none that is unknown here."""
    if importlib.util.find_spec("conductor") is None:
        pytest.skip("conductor-python is not installed")
    where = importlib.util.find_spec("conductor.client.workflow.task.task_type")
    assert where is not None
    assert where.origin is not None
    # Read, not imported: the SDK's package starts machinery that is not for this process.
    names = re.findall(r'^    [A-Z_]+ = "([A-Z_]+)"', Path(where.origin).read_text(), re.MULTILINE)

    assert len(names) > 30
    assert set(names) <= {*TASK_KINDS, *WITHOUT_BUILDER}


def test_every_type_of_the_corpus_is_known() -> None:
    """Real definitions name no type that looks like a server's own and has no builder."""
    if not CORPUS.exists():
        pytest.skip("the corpus is not here")
    found = {
        name
        for path in CORPUS.glob("*.json")
        for name in re.findall(r'"type"\s*:\s*"([A-Z]+(?:_[A-Z]+)+)"', path.read_text())
    }
    kinds = {name for name in found if not name.startswith(("TIME_OUT", "ALERT"))}

    assert {"FORK_JOIN", "LLM_CHAT_COMPLETE"} <= kinds
    assert kinds <= {*TASK_KINDS, *WITHOUT_BUILDER} | {"CONDUCTOR_USER"}


@pytest.mark.parametrize("kind", TASK_KINDS.values(), ids=TASK_KINDS)
def test_podium_runs_what_the_catalogue_says(kind: TaskKind) -> None:
    """The engine has an operator of its own for the types that Podium is named for, and only for those."""
    is_run = kind.name == TaskType.SIMPLE or type(Operators().of(kind.name)) is not Worker

    assert is_run == (ServerProduct.PODIUM in kind.servers)


@pytest.mark.parametrize(
    "kind", [kind for kind in TASK_KINDS.values() if ServerProduct.PODIUM in kind.servers], ids=attrgetter("name")
)
def test_rows_and_operators_tell_the_same(kind: TaskKind) -> None:
    """What definitions and pictures know of a type is what the engine's operator says of itself."""
    traits = Operators().of(kind.name)

    assert traits.is_choice == (kind.name in SWITCHES)
    assert (traits.has_branches or traits.makes_branches) == (kind.name in FORKS)
    assert traits.is_loop == ("loop_over" in kind.holds)
    assert traits.ends_run == (kind.shape == "terminate")
    assert traits.calls_workflow == (kind.shape == "sub-workflow")
    if traits.is_passive or traits.is_join:
        assert kind.name in OF_OTHERS
    if not traits.is_retried:
        assert kind.name in OF_OTHERS | SWITCHES


@pytest.mark.parametrize(("kind", "name"), BUILDERS, ids=[name for _, name in BUILDERS])
def test_docstrings_say_the_type_and_who_runs_it(kind: TaskKind, name: str) -> None:
    """Each builder's text names its type, the servers, and every parameter."""
    made = builder_named(name)
    text = inspect.getdoc(made) or ""
    servers = ", ".join(kind.servers) or "no server that is documented"
    is_older = name == "legacy.dynamic_fork"
    said = re.search(r"^Run by: (.*?)(?:[.;]| forms)", text, re.MULTILINE)

    assert f"({kind.name}" in text or f"{kind.name})" in text or name in {"call_task", "join"}
    assert said is not None, text
    assert said[1] == ("Podium, Conductor" if is_older else servers)
    for parameter in inspect.signature(made).parameters:
        assert re.search(rf"^    {parameter}: ", text, re.MULTILINE), f"{name} says nothing of {parameter}"


def _declared() -> Iterator[str]:
    for _, name in BUILDERS:
        if declaration_of(builder_named(name)) is not None:
            yield name


@pytest.mark.parametrize("name", list(_declared()))
def test_declared_builders_have_resolved_types(name: str) -> None:
    """Every parameter of a declared builder has a type, so that values are checked against it."""
    declared = declaration_of(builder_named(name))
    assert declared is not None
    takes_settings = any(each.kind is each.VAR_KEYWORD for each in declared.signature.parameters.values())
    hints = annotations_of(builder_named(name))

    assert set(declared.signature.parameters) <= hints.keys()
    assert takes_settings == declared.takes_more or declared.takes_extra or not takes_settings
    assert len({each.key for each in declared.parameters.values()}) == len(declared.parameters)


#: Values that every converter takes.
_VALUES: dict[str, Any] = {
    "status": "COMPLETED",
    "strategy": None,
    "format": "png",
    "method_type": "UNARY",
    "algorithm": "RS256",
    "messages": [],
    "tools": [],
    "script": "1",
    "until": "2026-12-24 18:00",
    "method": "POST",
    "evaluator": "graaljs",
    "sink": "conductor",
}
#: Parameters that exclude others.
_APART = {
    "people.ask": ["form_version"],
    "wait": ["until"],
    "databases.query": ["connection"],
    "databases.change": ["connection"],
}
_APART |= {"runs.update_task": ["task_id"]}


@pytest.mark.parametrize(
    ("type_name", "spelling"), SPELT, ids=[f"{each.builder}{len(each.chosen_by)}" for _, each in SPELT]
)
def test_spellings_are_true(type_name: str, spelling: Spelling) -> None:
    """What the catalogue says of a builder's parameters is what the builder does with them."""
    name = spelling.builder
    for parameter, key in spelling.parameters.items():
        if parameter in _APART.get(name, ()):
            continue
        step = _built(name, spelling, parameter)
        inputs = step.input_parameters[spelling.inside] if spelling.inside else step.input_parameters
        marked = _at(inputs, key)

        assert step.task_type == type_name
        assert marked is not None, f"{parameter} of {name} is not in {key}: {inputs}"
    assert step_type(name, spelling) == type_name


def step_type(name: str, spelling: Spelling) -> str:
    """Build a step with what must be given, and give its type."""
    return _built(name, spelling, None).task_type


def _built(name: str, spelling: Spelling, marked: str | None) -> Step[Any]:
    made = builder_named(name)
    signature = inspect.signature(made)
    needed = {
        each.name
        for each in signature.parameters.values()
        if each.default is each.empty and each.kind not in {each.VAR_KEYWORD, each.VAR_POSITIONAL}
    }
    wanted = {each for each in spelling.parameters if each in needed or each == marked}
    wanted |= {"agents.call": {"text"}, "http": {"uri"}}.get(name, set())
    wanted |= {"integration"} if name.startswith("databases.") else set()
    wanted |= {"workflow_id", "task_ref"} if name == "runs.update_task" else set()
    values = {each: _value(each, spelling) for each in wanted}
    position = [*map(_VALUES.__getitem__, spelling.fields), *(values.pop(each, None) for each in spelling.positional)]
    while position and position[-1] is None:
        position.pop()
    step: Step[Any] = made("x", *position, **values, **spelling.chosen_by)
    return step


def _value(parameter: str, spelling: Spelling) -> Any:
    if parameter in spelling.units:
        return "2m"
    if parameter == "strategy":
        return "FIRE_ALL" if spelling.builder == "rules.evaluate" else "FIXED"
    if parameter == "until" and spelling.builder == "web.poll":
        return Script(text="true")
    if parameter == "duration":
        return "2m"
    return _VALUES.get(parameter, f"${{workflow.input.{parameter}}}")


def _at(inputs: Any, key: str) -> Any:
    for part in key.split("."):
        inputs = inputs.get(part) if isinstance(inputs, dict) else None
    return inputs


def test_units_say_what_a_number_counts() -> None:
    """A length of time is written in the unit that the catalogue names."""
    polled = builder_named("web.poll")("a", "https://example.com", until="true", every="2m", read_timeout="2s")
    ruled = builder_named("rules.evaluate")("b", file="f", inputs={}, outputs=[], cache="2h")

    assert polled.input_parameters["http_request"]["pollingInterval"] == 120
    assert polled.input_parameters["http_request"]["readTimeOut"] == 2000
    assert ruled.input_parameters["cacheTimeoutMinutes"] == 120


def _script() -> ModuleType:
    path = ROOT / "scripts" / "task_types.py"
    spec = importlib.util.spec_from_file_location("task_types_page", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_the_one_of_today() -> None:
    """docs/tasks.md is what scripts/task_types.py writes."""
    assert (ROOT / "docs" / "tasks.md").read_text(encoding="utf-8") == _script().page()


def test_namespaces_load_when_they_are_used() -> None:
    """Authoring loads neither the catalogue nor the namespaces by itself."""
    program = (
        "import podium.dsl, sys; print([name for name in sys.modules if name.startswith('podium.dsl.builders')"
        " or name == 'podium.dsl.catalogue']); from podium import ai; print(ai.chat.__name__)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout.split() == ["[]", "chat"]
