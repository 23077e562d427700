"""Every field of a definition can be said in Python, or there is a reason why it need not be."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import attrs
import pytest

from podium.dsl import (
    Workflow,
    decision,
    dynamic,
    dynamic_fork,
    event,
    exclusive_join,
    for_each,
    fork,
    join,
    js,
    legacy,
    loop,
    noop,
    ref,
    sub_workflow,
    sub_workflow_from,
    switch,
    task,
    workflow,
)
from podium.model.definitions import (
    CacheConfig,
    RateLimitConfig,
    SchemaDef,
    StateChangeEvent,
    SubWorkflowParams,
    TaskDef,
    WorkflowDef,
    WorkflowTask,
)
from podium.model.walk import walk

BY_THE_SERVER = "the server writes it when the definition is registered"
BESIDE = "unknown keys are said with json={...}, and kept"
#: Fields that need no spelling, by class.
REASONS: Mapping[type, Mapping[str, str]] = {
    WorkflowDef: {
        "create_time": BY_THE_SERVER,
        "update_time": BY_THE_SERVER,
        "created_by": BY_THE_SERVER,
        "updated_by": BY_THE_SERVER,
        "schema_version": "Conductor takes 2 only",
    },
    WorkflowTask: {"script_expression": "no server reads it; LAMBDA reads an input of that name", "extra": BESIDE},
    TaskDef: {
        "owner_app": "task definitions of a workflow's tasks belong to its application",
        "create_time": BY_THE_SERVER,
        "update_time": BY_THE_SERVER,
        "created_by": BY_THE_SERVER,
        "updated_by": BY_THE_SERVER,
        "extra": BESIDE,
    },
    SubWorkflowParams: {"extra": BESIDE},
    RateLimitConfig: {"extra": BESIDE},
    CacheConfig: {"extra": BESIDE},
    StateChangeEvent: {"extra": BESIDE},
    SchemaDef: {
        **dict.fromkeys(
            ("owner_app", "create_time", "update_time", "created_by", "updated_by", "version", "external_ref"),
            "a SchemaDef of the author's own is taken as it is",
        ),
        "extra": BESIDE,
    },
}

text = ref("workflow.input.text", str)
Settings = dict[str, Any]


def _named(name: str) -> WorkflowDef:
    return workflow_with({"description": name}, name)


def workflow_with(settings: Settings, name: str = "w") -> WorkflowDef:
    """Return the definition of a workflow with these settings."""
    made = Workflow(name, **settings)
    made >> noop("nothing")
    return made.definition


@workflow
def with_input(amount: int = 3) -> dict[str, int]:
    """Have an input with a default and an output."""
    noop("nothing")
    return {"amount": amount}


OF_WORKFLOWS: Mapping[str, Callable[[], WorkflowDef]] = {
    "owner_app": lambda: workflow_with({"owner_app": "shop"}),
    "name": lambda: _named("other"),
    "description": lambda: workflow_with({"description": "d"}),
    "version": lambda: workflow_with({"version": 3}),
    "tasks": lambda: workflow_with({}),
    "input_parameters": lambda: with_input.definition,
    "output_parameters": lambda: with_input.definition,
    "input_template": lambda: with_input.definition,
    "failure_workflow": lambda: workflow_with({"failure_workflow": "undo"}),
    "failure_workflow_version": lambda: workflow_with({"failure_workflow": ("undo", 2)}),
    "restartable": lambda: workflow_with({"restartable": False}),
    "workflow_status_listener_enabled": lambda: workflow_with({"status_listener": True}),
    "workflow_status_listener_sink": lambda: workflow_with({"status_listener": "kafka:runs"}),
    "owner_email": lambda: workflow_with({"owner": "a@example.com"}),
    "timeout_policy": lambda: workflow_with({"timeout": "1h"}),
    "timeout_seconds": lambda: workflow_with({"timeout": "1h"}),
    "variables": lambda: workflow_with({"variables": {"a": 1}}),
    "rate_limit_config": lambda: workflow_with({"rate_limit": ("k", 2)}),
    "input_schema": lambda: workflow_with({"input_schema": {"type": "object"}}),
    "output_schema": lambda: workflow_with({"output_schema": {"type": "object"}}),
    "enforce_schema": lambda: workflow_with({"enforce_schema": False}),
    "metadata": lambda: workflow_with({"metadata": {"a": 1}}),
    "cache_config": lambda: workflow_with({"cache": ("k", "1h")}),
    "masked_fields": lambda: workflow_with({"masked_fields": ["card"]}),
    "extra": lambda: workflow_with({"tags": {"team": "shop"}, "overwrite_tags": True}),
}

OF_STEPS: Mapping[str, Callable[[], object]] = {
    "name": lambda: noop("a").opts(task_name="b"),
    "task_reference_name": lambda: noop("a"),
    "description": lambda: noop("a").opts(description="d"),
    "input_parameters": lambda: event("a", "conductor", x=1),
    "type": lambda: noop("a"),
    "dynamic_task_name_param": lambda: dynamic("a", text),
    "case_value_param": lambda: decision("a", text, {"x": [noop("b")]}),
    "case_expression": lambda: decision("a", js("'x'"), {"x": [noop("b")]}),
    "decision_cases": lambda: switch("a", text, {"x": [noop("b")]}),
    "default_case": lambda: switch("a", text, {"x": [noop("b")]}, otherwise=[noop("c")]),
    "dynamic_fork_join_tasks_param": lambda: legacy.dynamic_fork("a", ref("workflow.input.tasks")),
    "dynamic_fork_tasks_param": lambda: dynamic_fork("a", ref("workflow.input.a"), ref("workflow.input.b")),
    "dynamic_fork_tasks_input_param_name": lambda: dynamic_fork("a", ref("workflow.input.a"), ref("workflow.input.b")),
    "fork_tasks": lambda: fork("a", [noop("b")]),
    "start_delay": lambda: noop("a").opts(start_delay="5s"),
    "sub_workflow_param": lambda: sub_workflow("a", "other"),
    "join_on": lambda: fork("a", [noop("b")]),
    "sink": lambda: event("a", "conductor"),
    "optional": lambda: noop("a").opts(optional=True),
    "task_definition": lambda: noop("a").opts(timeout="5s"),
    "rate_limited": lambda: noop("a").opts(rate_limited=True),
    "default_exclusive_join_task": lambda: exclusive_join("a", ["b"], default=["c"]),
    "async_complete": lambda: noop("a").opts(async_complete=True),
    "loop_condition": lambda: loop("a", [noop("b")], max_iterations=2),
    "loop_over": lambda: loop("a", [noop("b")], max_iterations=2),
    "items": lambda: for_each("a", ref("workflow.input.items"), [noop("b")]),
    "retry_count": lambda: noop("a").opts(retries=0),
    "evaluator_type": lambda: join("a", ["b"], script="true"),
    "expression": lambda: join("a", ["b"], script="true"),
    "on_state_change": lambda: noop("a").opts(on_state_change={"onFailed": "told"}),
    "join_status": lambda: join("a", ["b"], status="COMPLETED"),
    "cache_config": lambda: noop("a").opts(cache=("k", "1h")),
    "permissive": lambda: noop("a").opts(permissive=True),
    "join_mode": lambda: join("a", ["b"], mode="SYNC"),
    "metadata": lambda: noop("a").opts(metadata={"a": 1}),
}

OF_TASKS: Mapping[str, Settings] = {
    "name": {"name": "other"},
    "description": {"description": "d"},
    "retry_count": {"retries": 1},
    "timeout_seconds": {"timeout": "5s"},
    "input_keys": {"input_keys": ["a"]},
    "output_keys": {"output_keys": ["b"]},
    "runtime_metadata": {"secrets": ["KEY"]},
    "timeout_policy": {"timeout_policy": "ALERT_ONLY"},
    "retry_logic": {"retry_logic": "EXPONENTIAL_BACKOFF"},
    "retry_delay_seconds": {"retry_delay": "5s"},
    "response_timeout_seconds": {"response_timeout": "5s"},
    "concurrent_exec_limit": {"concurrency_limit": 2},
    "input_template": {"input_template": {"a": 1}},
    "rate_limit_per_frequency": {"rate_limit": (10, "1m")},
    "rate_limit_frequency_in_seconds": {"rate_limit": (10, "1m")},
    "isolation_group_id": {"isolation_group": "g"},
    "execution_name_space": {"execution_namespace": "n"},
    "owner_email": {"owner": "a@example.com"},
    "poll_timeout_seconds": {"poll_timeout": "5s"},
    "backoff_scale_factor": {"backoff_scale": 2},
    "max_retry_delay_seconds": {"max_retry_delay": "5s"},
    "backoff_jitter_ms": {"jitter": "250ms"},
    "base_type": {"base_type": "x"},
    "total_timeout_seconds": {"total_timeout": "5s"},
    "task_status_listener_enabled": {"status_listener": False},
    "input_schema": {"input_schema": {"type": "object"}},
    "output_schema": {"output_schema": {"type": "object"}},
    "enforce_schema": {"enforce_schema": True},
}


def _call(**options: Any) -> SubWorkflowParams | None:
    return _tasks(lambda: sub_workflow("a", "other", 2).opts(**options))[0].sub_workflow_param


def _computed() -> SubWorkflowParams | None:
    return _tasks(lambda: sub_workflow_from("a", ref("workflow.input.plan")))[0].sub_workflow_param


OF_PARTS: Mapping[type, Mapping[str, Callable[[], object]]] = {
    SubWorkflowParams: {
        "name": _call,
        "version": _call,
        "task_to_domain": lambda: _call(task_to_domain={"*": "eu"}),
        "workflow_definition": _computed,
        "idempotency_key": lambda: _call(idempotency_key="k"),
        "idempotency_strategy": lambda: _call(idempotency_strategy="FAIL"),
        "priority": lambda: _call(priority=5),
    },
    RateLimitConfig: dict.fromkeys(
        ("rate_limit_key", "concurrent_exec_limit", "policy"),
        lambda: workflow_with({"rate_limit": ("k", 2, "reject")}).rate_limit_config,
    ),
    CacheConfig: dict.fromkeys(("key", "ttl_in_second"), lambda: workflow_with({"cache": ("k", "1h")}).cache_config),
    StateChangeEvent: dict.fromkeys(
        ("type", "payload"),
        lambda: _tasks(lambda: noop("a").opts(on_state_change={"onFailed": {"type": "told", "payload": {"a": 1}}}))[
            0
        ].on_state_change["onFailed"][0],
    ),
    SchemaDef: dict.fromkeys(("name", "type", "data"), lambda: workflow_with({"input_schema": {"a": 1}}).input_schema),
}


def _tasks(sample: Callable[[], object]) -> list[WorkflowTask]:
    made = Workflow("w")
    with made:
        sample()
    return [visit.task for visit in walk(made.definition.tasks)]


def _fields(kind: Any) -> dict[str, Any]:
    return {each.name: each.default for each in attrs.fields(kind)}


def _is_said(value: Any, default: Any) -> bool:
    factory: Any = attrs.Factory
    return bool(value != (default.factory() if isinstance(default, factory) else default))


@pytest.mark.parametrize(
    ("kind", "spellings"),
    [(WorkflowDef, OF_WORKFLOWS), (WorkflowTask, OF_STEPS), (TaskDef, OF_TASKS), *OF_PARTS.items()],
    ids=lambda each: each.__name__ if isinstance(each, type) else "",
)
def test_every_field_is_spelt_or_has_a_reason(kind: type, spellings: Mapping[str, object]) -> None:
    """A field that is new in the model shows up here, until somebody gives it a spelling or says why not."""
    reasons = REASONS[kind]

    assert sorted({*spellings, *reasons}) == sorted(_fields(kind))
    assert not spellings.keys() & reasons.keys()


@pytest.mark.parametrize("field", OF_WORKFLOWS)
def test_fields_of_workflows_are_said(field: str) -> None:
    """The spelling of each field changes that field."""
    assert _is_said(getattr(OF_WORKFLOWS[field](), field), _fields(WorkflowDef)[field])


@pytest.mark.parametrize("field", OF_STEPS)
def test_fields_of_steps_are_said(field: str) -> None:
    """The spelling of each field changes that field of a task."""
    default = _fields(WorkflowTask)[field]

    assert any(_is_said(getattr(each, field), default) for each in _tasks(OF_STEPS[field]))


@pytest.mark.parametrize("field", OF_TASKS)
def test_fields_of_task_definitions_are_said(field: str) -> None:
    """The setting of each field changes it, at the task and at one step of it alike."""

    def work(a: int = 1) -> None:
        """Do nothing."""

    settings = OF_TASKS[field]
    made = task(work, **settings)
    assert _is_said(getattr(made.task_def, field), _fields(TaskDef)[field])
    if field in {"name", "description"}:
        return  # of a step, these are the task's
    (step,) = _tasks(task(work).opts(**settings))
    said = step.retry_count if field == "retry_count" else getattr(step.task_definition, field)
    assert said == getattr(made.task_def, field)


@pytest.mark.parametrize(("kind", "field"), [(kind, field) for kind, fields in OF_PARTS.items() for field in fields])
def test_fields_of_parts_are_said(kind: type, field: str) -> None:
    """The small objects inside a definition can be said whole."""
    made = OF_PARTS[kind][field]()

    assert isinstance(made, kind)
    assert _is_said(getattr(made, field), _fields(kind)[field])


@pytest.mark.parametrize(
    ("settings", "advice"),
    [
        ({"rate_limit": "k"}, "must be a key and a number"),
        ({"rate_limit": ("k", 2, "drop")}, "must be one of QUEUE, REJECT"),
        ({"cache": "k"}, "a key and a time to live"),
        ({"failure_workflow": ("undo", "2")}, "must be a workflow, its name, or (name, version)"),
        ({"tags": ["a"]}, "must map names to values"),
    ],
)
def test_wrong_settings_of_workflows_are_refused(settings: Settings, advice: str) -> None:
    """A setting of the wrong shape is an error that shows the right one."""
    with pytest.raises(Exception, match="P1") as caught:
        workflow_with(settings)

    assert advice in str(caught.value)


def test_tags_are_written_as_servers_read_them() -> None:
    """Tags are a list of keys and values, beside the fields of the open-source server."""
    made = Workflow("w", tags={"team": "shop"}, overwrite_tags=True)
    made >> noop("nothing")

    document = made.to_dict()
    assert document["tags"] == [{"type": "METADATA", "key": "team", "value": "shop"}]
    assert document["overwriteTags"] is True
