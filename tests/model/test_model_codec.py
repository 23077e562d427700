"""The codec: what was read is written back, up to nulls, defaults and the order of keys."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from functools import cache
from pathlib import Path
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from podium.model.codec import camel, from_dict, from_json, to_dict, to_json
from podium.model.definitions import RateLimitConfig, SubWorkflowParams, TaskDef, WorkflowDef, WorkflowTask
from podium.model.runs import TaskLog, TaskResult, TaskRun, WorkflowRun
from podium.model.statuses import RetryLogic, RunStatus, TaskStatus, TaskTimeoutPolicy

CORPUS = Path(__file__).parents[2].parent / "shared" / "corpus"
DEFINITIONS = sorted((CORPUS / "definitions").glob("*.json"))
EXECUTIONS = [CORPUS / "executions" / f"{name}.json" for name in ("doWhileSwitch", "oneFailed", "success")]

needs_corpus = pytest.mark.skipif(not DEFINITIONS, reason="the corpus of definitions is not here")

#: What Conductor writes beside the fields and ignores when it reads.
DERIVED = {"startTime", "workflowName", "workflowVersion", "queueWaitTime", "loopOverTask", "taskDefinition"}


def plain(value: Any) -> Any:
    """Return a default as JSON has it."""
    if isinstance(value, Enum):
        return value.value
    return list(value) if isinstance(value, tuple) else value


@cache
def fields_of(kind: type) -> dict[str, tuple[Any, Any]]:
    """Return hint and default of each field by its wire name."""
    hints = get_type_hints(kind)
    found = {}
    for one in attrs.fields(kind):
        default = one.default.factory() if isinstance(one.default, attrs.Factory) else one.default  # type: ignore[arg-type]  # attrs calls the class a function
        found[camel(one.name)] = (hints[one.name], plain(default))
    return found


def class_in(hint: Any) -> type | None:
    """Return the class of ours that a hint is about, inside an Optional too."""
    arms = get_args(hint) if get_origin(hint) in {Union, UnionType} else (hint,)
    return next((arm for arm in arms if isinstance(arm, type) and attrs.has(arm)), None)


def differences(given_: Any, written: Any, hint: Any, path: str) -> Iterator[str]:
    """Say where two JSON values differ in meaning, read as *hint* says."""
    kind = class_in(hint)
    if kind is not None and isinstance(given_, Mapping):
        yield from object_differences(given_, written, kind, path)
    elif get_origin(hint) in {tuple, Sequence} and isinstance(given_, list) and len(given_) == len(written or []):
        for index, (one, other) in enumerate(zip(given_, written or [], strict=True)):
            yield from differences(one or [], other, get_args(hint)[0], f"{path}[{index}]")
    elif get_origin(hint) is Mapping and get_args(hint)[1] is not Any and isinstance(given_, Mapping):
        for key in given_:
            yield from differences(given_[key] or [], written[key], get_args(hint)[1], f"{path}.{key}")
    elif given_ != written and str(given_) != str(written):
        yield f"{path}: {given_!r} became {written!r}"


def object_differences(given_: Mapping[str, Any], written: Mapping[str, Any], kind: type, path: str) -> Iterator[str]:
    """Compare two objects of one class."""
    known = fields_of(kind)
    for key in dict.fromkeys((*given_, *written)):
        here = f"{path}.{key}"
        if key not in known:
            if key not in DERIVED and given_.get(key) != written.get(key):
                yield f"{here}: the unknown key became {written.get(key)!r}"
            continue
        hint, default = known[key]
        one, other = (default if side.get(key) is None else side[key] for side in (given_, written))
        yield from differences(one, other, hint, here)


@needs_corpus
@pytest.mark.parametrize("path", DEFINITIONS, ids=lambda path: path.stem)
def test_a_real_definition_comes_back(path: Path) -> None:
    """Equal in meaning, key for key; a second round changes nothing at all."""
    document = json.loads(path.read_text())
    written = to_dict(from_dict(document, WorkflowDef))
    assert list(object_differences(document, written, WorkflowDef, "$")) == []
    assert to_dict(from_dict(written, WorkflowDef)) == written


@needs_corpus
def test_what_satisfied_the_official_schema_still_does() -> None:
    """All but three of the corpus do, and what is written of those does too."""
    schema = json.loads((CORPUS / "schemas" / "WorkflowDef.json").read_text())
    validator = Draft7Validator(schema)
    refused = []
    for path in DEFINITIONS:
        document = json.loads(path.read_text())
        if not validator.is_valid(document):
            refused.append(path.stem)
            continue
        errors = [error.message for error in validator.iter_errors(to_dict(from_dict(document, WorkflowDef)))]
        assert errors == [], path.stem
    assert len(refused) == 3


@needs_corpus
@pytest.mark.parametrize("path", EXECUTIONS, ids=lambda path: path.stem)
def test_a_run_as_the_official_server_gave_it_comes_back(path: Path) -> None:
    """With its tasks, their definitions, and the derived properties."""
    document = json.loads(path.read_text())
    run = from_dict(document, WorkflowRun)
    written = to_dict(run)
    assert list(object_differences(document, written, WorkflowRun, "$")) == []
    assert len(run.tasks) == len(document["tasks"])
    assert run.workflow_name == document["workflowName"]
    for key in ("startTime", "workflowName", "workflowVersion"):
        assert written[key] == document[key]
    assert from_dict(written, WorkflowRun) == run


def test_unknown_keys_survive_at_every_level() -> None:
    """They stand in ``extra`` and are written back where they were."""
    document = {
        "name": "w",
        "version": 1,
        "schemaVersion": 2,
        "tasks": [
            {
                "name": "t",
                "taskReferenceName": "t",
                "type": "SUB_WORKFLOW",
                "x-note": {"a": [1, None]},
                "subWorkflowParam": {"name": "child", "future": True},
                "taskDefinition": {"name": "t", "x": "y"},
            },
        ],
        "x-owner": "me",
    }
    definition = from_dict(document, WorkflowDef)
    assert definition.extra == {"x-owner": "me"}
    assert definition.tasks[0].extra == {"x-note": {"a": [1, None]}}
    assert to_dict(definition) == document


def test_nulls_count_as_absent_for_fields_and_are_kept_in_data() -> None:
    """A field that is null has its default; a null inside an input is a value."""
    definition = from_dict(
        {
            "name": "w",
            "version": None,
            "tasks": [
                {
                    "name": "t",
                    "taskReferenceName": "t",
                    "decisionCases": None,
                    "joinOn": None,
                    "type": None,
                    "inputParameters": {"a": None},
                    "retryCount": None,
                },
            ],
        },
        WorkflowDef,
    )
    (one,) = definition.tasks
    assert (definition.version, one.decision_cases, one.join_on, one.type) == (1, {}, (), "SIMPLE")
    assert (one.input_parameters, one.retry_count) == ({"a": None}, None)
    assert to_dict(one)["inputParameters"] == {"a": None}


def test_defaults_are_left_out_and_identity_is_not() -> None:
    """Name, version, type and schema version say what an object is."""
    definition = WorkflowDef(name="w", tasks=(WorkflowTask(name="t", task_reference_name="t"),))
    assert to_dict(definition) == {
        "name": "w",
        "version": 1,
        "tasks": [{"name": "t", "taskReferenceName": "t", "type": "SIMPLE"}],
        "schemaVersion": 2,
    }


@pytest.mark.parametrize(
    ("kind", "document", "name", "expected"),
    [
        (WorkflowDef, {"name": "w", "tasks": [], "version": "2"}, "version", 2),
        (WorkflowDef, {"name": "w", "tasks": [], "version": 2.0}, "version", 2),
        (WorkflowDef, {"name": "w", "tasks": [], "restartable": "false"}, "restartable", False),
        (TaskDef, {"name": "t", "retryLogic": "LINEAR_BACKOFF"}, "retry_logic", RetryLogic.LINEAR_BACKOFF),
        (TaskDef, {"name": "t", "timeoutPolicy": "RETRY"}, "timeout_policy", TaskTimeoutPolicy.RETRY),
        (TaskDef, {"name": "t"}, "retry_count", 3),
        (TaskResult, {"status": "FAILED"}, "status", TaskStatus.FAILED),
        (
            SubWorkflowParams,
            {"workflowDefinition": "${workflow.input.x}"},
            "workflow_definition",
            "${workflow.input.x}",
        ),
        (RateLimitConfig, {"concurrentExecLimit": 3}, "concurrent_exec_limit", 3),
    ],
)
def test_values_are_read_with_their_types(kind: type, document: dict[str, Any], name: str, expected: Any) -> None:
    """Numbers and booleans that came as text too; choices by their word."""
    assert getattr(from_dict(document, kind), name) == expected


def test_an_inline_definition_is_read_as_one() -> None:
    """And written where it was."""
    inner = {"name": "inner", "version": 1, "tasks": [], "schemaVersion": 2}
    params = from_dict({"workflowDefinition": inner}, SubWorkflowParams)
    assert isinstance(params.workflow_definition, WorkflowDef)
    assert to_dict(params) == {"workflowDefinition": inner}


def test_text_is_canonical() -> None:
    """Two spaces, fields in one order, no final newline; equal objects give equal bytes."""
    scrambled = '{"tasks": [], "version": 1, "name": "ü", "schemaVersion": 2}'
    assert to_json(from_json(scrambled, WorkflowDef)) == (
        '{\n  "name": "ü",\n  "version": 1,\n  "tasks": [],\n  "schemaVersion": 2\n}'
    )


@pytest.mark.parametrize(
    ("name", "wire"), [("name", "name"), ("task_reference_name", "taskReferenceName"), ("ttl_in_second", "ttlInSecond")]
)
def test_names_on_the_wire(name: str, wire: str) -> None:
    """``snake_case`` becomes ``camelCase``."""
    assert camel(name) == wire


WORDS = st.text(min_size=1, max_size=8)
DATA = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
LEAVES = st.builds(
    WorkflowTask,
    name=WORDS,
    task_reference_name=WORDS,
    type=WORDS,
    input_parameters=st.dictionaries(WORDS, DATA, max_size=3),
    optional=st.booleans(),
    retry_count=st.none() | st.integers(0, 9),
    join_on=st.lists(WORDS, max_size=3).map(tuple),
    start_delay=st.integers(0, 9),
)
BODIES = st.lists(LEAVES, max_size=2).map(tuple)
TASKS = LEAVES | st.builds(
    WorkflowTask,
    name=WORDS,
    task_reference_name=WORDS,
    type=st.sampled_from(["SWITCH", "FORK_JOIN", "DO_WHILE"]),
    decision_cases=st.dictionaries(WORDS, BODIES, max_size=2),
    default_case=BODIES,
    fork_tasks=st.lists(BODIES, max_size=2).map(tuple),
    loop_over=BODIES,
)
WORKFLOWS = st.builds(
    WorkflowDef,
    name=WORDS,
    version=st.integers(-5, 99),
    tasks=st.lists(TASKS, max_size=3).map(tuple),
    output_parameters=st.dictionaries(WORDS, DATA, max_size=2),
    timeout_seconds=st.integers(0, 99),
    restartable=st.booleans(),
)


@given(WORKFLOWS)
def test_reading_what_was_written_gives_an_equal_definition(definition: WorkflowDef) -> None:
    """Through plain data and through text."""
    assert from_dict(to_dict(definition), WorkflowDef) == definition
    assert from_json(to_json(definition), WorkflowDef) == definition


@given(
    st.sampled_from(RunStatus),
    st.lists(st.sampled_from(TaskStatus), max_size=4),
    st.dictionaries(WORDS, DATA, max_size=3),
)
def test_reading_what_was_written_gives_an_equal_run(
    status: RunStatus, tasks: list[TaskStatus], data: dict[str, Any]
) -> None:
    """Every status, with any output."""
    run = WorkflowRun(
        status=status,
        workflow_id="w",
        output=data,
        tasks=tuple(TaskRun(task_type="t", status=one, seq=n, output_data=data) for n, one in enumerate(tasks)),
    )
    assert from_json(to_json(run), WorkflowRun) == run


def test_what_a_worker_says_comes_back() -> None:
    """Logs included."""
    result = TaskResult(task_id="t", status=TaskStatus.FAILED, logs=(TaskLog(log="one", created_time=5),))
    assert from_dict(to_dict(result), TaskResult) == result
    assert to_dict(result)["logs"] == [{"log": "one", "createdTime": 5}]
