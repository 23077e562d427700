"""Inputs and outputs are held against the schemas of workflows and tasks."""

from __future__ import annotations

from typing import Any

import pytest
from engine_flows import Crew, attempt_of, flow, inline, join, simple, sub, task, terminate

import podium
from podium.engine.limits import Limits
from podium.expressions.schemas import SchemaRefused, schema_faults
from podium.model.definitions import SchemaDef, TaskDef
from podium.model.errors import DefinitionError, InvalidRequest
from podium.model.statuses import RunStatus, SchemaType, TaskStatus
from podium.testing.bench import Bench

AMOUNT = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    "type": "object",
    "properties": {"amount": {"type": "integer", "minimum": 1}, "lines": {"items": {"required": ["sku"]}}},
    "required": ["amount"],
}


def schema(name: str = "amount", data: dict[str, Any] | None = AMOUNT, **fields: Any) -> SchemaDef:
    """Return a schema; without data it is only named."""
    return SchemaDef(name=name, type=fields.pop("type", SchemaType.JSON), data=data, **fields)


def guarded(**definition: Any) -> Any:
    """Return a worker's task whose definition enforces schemas."""
    fields = {"enforce_schema": True, "retry_count": 2, "retry_delay_seconds": 0, **definition}
    return simple("a", inputs={"amount": "${workflow.input.n}"}, task_definition=TaskDef(name="a", **fields))


# -- workflows -------------------------------------------------------------------------------------------------------


def test_a_start_that_does_not_fit_is_refused(bench: Bench) -> None:
    """The caller is told all that is wrong, each with its path; no run is made, and what fits is started."""
    workflow = flow(simple("a"), input_schema=schema())
    with pytest.raises(InvalidRequest) as raised:
        bench.start(workflow, {"amount": "5", "lines": [{"sku": 1}, {}]})
    assert str(raised.value) == (
        "the input of workflow 'flow' does not fit its schema 'amount': "
        "input.amount: a whole number is expected, not a text ('5'); input.lines[1].sku is missing"
    )
    with pytest.raises(InvalidRequest, match=r"input\.amount is missing"):
        bench.start(workflow)
    assert bench.run(bench.start(workflow, {"amount": 5})).status is RunStatus.RUNNING


def test_the_template_counts_and_enforcement_can_be_switched_off(bench: Bench) -> None:
    """What the template gives is part of the input; with enforceSchema false everything goes."""
    bench.start(flow(simple("a"), input_schema=schema(), input_template={"amount": 3}))
    bench.start(flow(simple("a"), input_schema=schema(), enforce_schema=False), {"amount": "no"})


@pytest.mark.parametrize("tasks", [[inline("a", "({amount: 'many'})")], [terminate("t", "COMPLETED")]])
def test_an_output_that_does_not_fit_fails_the_run(bench: Bench, tasks: list[Any]) -> None:
    """Also one that a TERMINATE gives; the output is kept, and a failure workflow is started."""
    bench.register(flow(inline("mop", "1"), name="mop"))
    workflow = flow(*tasks, output_schema=schema(), failure_workflow="mop")
    run = bench.run(bench.start(workflow))
    assert run.status is RunStatus.FAILED
    assert (run.reason_for_incompletion or "").startswith(
        "the output of workflow 'flow' does not fit its schema 'amount': output.amount is missing"
    )
    assert "conductor.failure_workflow" in run.output


def test_a_child_that_does_not_fit_fails_its_task(bench: Bench) -> None:
    """The child is there as FAILED and says why; so do the task and the parent."""
    bench.register(flow(simple("a"), name="child", input_schema=schema()))
    run = bench.run(bench.start(flow(sub("call", "child", inputs={"amount": "x"}), name="parent")))
    call = attempt_of(run, "call")
    assert (run.status, call.status) == (RunStatus.FAILED, TaskStatus.FAILED)
    assert "input.amount: a whole number is expected" in (run.reason_for_incompletion or "")
    assert bench.run(call.sub_workflow_id or "").status is RunStatus.FAILED


# -- tasks -----------------------------------------------------------------------------------------------------------


def test_an_attempt_whose_input_does_not_fit_never_begins(bench: Bench) -> None:
    """It fails for good, with the path; no worker sees it."""
    crew = Crew(bench, "a")
    run = bench.run(bench.start(flow(guarded(input_schema=schema())), {"n": 0}))
    attempt = attempt_of(run, "a")
    assert (run.status, attempt.status) == (RunStatus.FAILED, TaskStatus.FAILED_WITH_TERMINAL_ERROR)
    assert attempt.reason_for_incompletion == (
        "the input of task 'a' does not fit its schema 'amount': input.amount: 0 is less than the minimum of 1"
    )
    assert crew.waiting == []


def test_an_output_of_a_task_that_does_not_fit_fails_it_for_good(bench: Bench) -> None:
    """Another attempt of the same work would give the same, so there is none; an optional task goes on."""
    crew = Crew(bench, "a", "b")
    run_id = bench.start(flow(guarded(output_schema=schema())), {"n": 1})
    crew.complete("a", {"amount": [1]})
    attempt = attempt_of(bench.run(run_id), "a")
    assert attempt.status is TaskStatus.FAILED_WITH_TERMINAL_ERROR
    assert "output.amount: a whole number is expected, not a list" in (attempt.reason_for_incompletion or "")
    assert bench.run(run_id).status is RunStatus.FAILED


def test_only_good_ends_are_looked_at(bench: Bench) -> None:
    """A failure's output need not fit, and a task definition that does not enforce takes everything."""
    crew = Crew(bench, "a")
    run_id = bench.start(flow(guarded(output_schema=schema(), retry_count=0)), {"n": 1})
    crew.fail("a", "broken")
    assert attempt_of(bench.run(run_id), "a").reason_for_incompletion == "broken"
    run_id = bench.start(flow(guarded(output_schema=schema(), enforce_schema=False)), {"n": 1})
    crew.complete("a", {})
    assert bench.run(run_id).status is RunStatus.COMPLETED


def test_branches_of_a_dynamic_fork_are_held_against_registered_definitions(bench: Bench) -> None:
    """A task definition that names a registered schema is met at run time too."""
    named = TaskDef(name="w", input_schema=schema(data=None), enforce_schema=True)
    bench.kernel.register(podium_register(named, schema()))
    bench.settle()
    forking = task(
        "FORK_JOIN_DYNAMIC",
        "f",
        dynamic_fork_tasks_param="tasks",
        dynamic_fork_tasks_input_param_name="inputs",
        inputs={"tasks": [{"name": "w", "taskReferenceName": "w1", "type": "SIMPLE"}], "inputs": {"w1": {"amount": 0}}},
    )
    run = bench.run(bench.start(flow(forking, join("j"))))
    assert "input.amount: 0 is less than the minimum" in (attempt_of(run, "w1").reason_for_incompletion or "")


def podium_register(*definitions: Any) -> Any:
    """Return a registration of task definitions and schemas."""
    from podium.engine.requests import Register

    schemas = tuple(one for one in definitions if isinstance(one, SchemaDef))
    return Register((), tuple(one for one in definitions if isinstance(one, TaskDef)), schemas)


# -- which schemas ---------------------------------------------------------------------------------------------------


def test_a_named_schema_is_taken_from_the_registry_when_a_run_starts() -> None:
    """By name and version, fixed for the run; a new version of the text reaches new runs only."""
    loose = {**AMOUNT, "required": []}
    with podium.connect() as client:
        workflow = flow(inline("a", "1"), input_schema=schema(data=None, version=2))
        client.register(schema(version=1, data={}), schema(version=2))
        assert [(one.name, one.version) for one in client.schemas()] == [("amount", 1), ("amount", 2)]
        with pytest.raises(InvalidRequest, match=r"input\.amount is missing"):
            client.start(workflow)
        client.register(schema(version=2, data=loose))
        run_id = client.start(workflow)
        assert client.get(run_id).workflow_definition.input_schema == schema(version=2, data=loose)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (schema(data=None), "inputSchema: the schema 'amount', version 1, is not registered: register it"),
        (schema(data={"type": "strin"}), r"inputSchema: no JSON Schema: at \$.type"),
        (schema(data={"pattern": "(?=a)"}), "needs look-around"),
        (schema(type=SchemaType.AVRO), "a schema of type AVRO cannot be enforced: write a JSON schema, or set"),
    ],
)
def test_a_schema_that_cannot_be_enforced_is_refused_at_the_start(bench: Bench, wrong: SchemaDef, words: str) -> None:
    """With its path and what to do instead; where nothing is enforced it is kept as it is."""
    with pytest.raises(DefinitionError, match=words):
        bench.start(flow(simple("a"), input_schema=wrong))
    with pytest.raises(DefinitionError, match=r"tasks\[0\]\.taskDefinition\.inputSchema: "):
        bench.start(flow(guarded(input_schema=wrong)))
    bench.start(flow(simple("a"), input_schema=wrong, enforce_schema=False))


def test_a_schema_that_is_none_is_not_registered() -> None:
    """DefinitionError, and nothing is written; other types than JSON are kept as they are."""
    with podium.connect() as client:
        with pytest.raises(DefinitionError, match=r"schema 'amount' has 1 problem:\n  data: no JSON Schema"):
            client.register(schema(data={"type": 3}))
        client.register(schema(type=SchemaType.AVRO, data={"type": 3}))
        assert len(client.schemas()) == 1


def test_what_is_too_large_for_its_schema_says_so(bench: Bench) -> None:
    """To hold a value against a schema takes its time, so there is a limit; the message names it."""
    workflow = flow(simple("a"), input_schema=schema())
    with pytest.raises(InvalidRequest, match=r"too large to be held against its schema 'amount': \d+ bytes as JSON"):
        bench.start(workflow, {"amount": 1, "text": "x" * Limits().schema_bytes})


# -- what schemas say ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "value", "fault"),
    [
        ({"format": "date"}, "2026-02-30", "v: '2026-02-30' is not a 'date'"),
        ({"format": "date-time"}, "2026-02-03T04:05:06+01:00", None),
        ({"format": "uuid"}, "x", "v: 'x' is not a 'uuid'"),
        ({"format": "email"}, "x", None),
        ({"pattern": "^(a+)+$"}, "a" * 5_000 + "b", "does not match"),
        ({"patternProperties": {"^n": {"type": "null"}}}, {"n1": 1, "m": 1}, "v.n1: null is expected, not a number"),
        ({"enum": [1, "b"]}, 2, "v: one of 1, 'b' is expected, not a number (2)"),
        ({"type": ["string", "null"]}, 2, "v: a text or null is expected, not a number (2)"),
        ({"anyOf": [{"type": "null"}, {"minimum": 3}]}, 2, "v: a number (2) is none of what is allowed here"),
        ({"default": {"pattern": "("}, "properties": {"pattern": {"type": "string"}}}, {"pattern": "("}, None),
        ({"$ref": "#/definitions/n", "definitions": {"n": {"type": "integer"}}}, "x", "v: a whole number"),
        ({"$ref": "#"}, 1, "v: it is nested too deeply"),
        ({"items": [{"type": "integer"}], "additionalItems": False}, [1, 2], "v: Additional items are not allowed"),
    ],
)
def test_faults_are_told_in_words(said: dict[str, Any], value: Any, fault: str | None) -> None:
    """Place, what is expected and what was given; patterns take linear time."""
    found = schema_faults(said, value, "v")
    assert (found == []) if fault is None else (len(found) == 1 and fault in found[0])


def test_nothing_is_fetched_for_a_schema() -> None:
    """A reference to elsewhere is refused in words."""
    with pytest.raises(SchemaRefused, match=r"Unresolvable: http://127\.0\.0\.1:9/x"):
        schema_faults({"$ref": "http://127.0.0.1:9/x"}, 1, "v")


def test_many_faults_are_cut() -> None:
    """Ten are told; a long value does not make a long message."""
    found = schema_faults({"items": {"type": "integer"}}, ["x" * 10_000] * 50, "v")
    assert len(found) == 11
    assert all(len(fault) <= 300 for fault in found)


def test_a_schema_that_names_its_parts_over_and_over_is_refused() -> None:
    """Thirty parts of which each names the next one twice would be looked at a thousand million times."""
    parts: dict[str, Any] = {
        f"p{level}": {"allOf": [{"$ref": f"#/definitions/p{level + 1}"}] * 2} for level in range(30)
    }
    much = {"$ref": "#/definitions/p0", "definitions": {**parts, "p30": {"type": "integer"}}}

    with pytest.raises(SchemaRefused, match="too much to say of this value: more than 500000 words"):
        schema_faults(much, 5, "input")


def test_patterns_of_other_fields_take_no_more_time_than_others() -> None:
    """Python's own patterns would not come to an end with this key; where a pattern fits, a field is expected."""
    known = {"patternProperties": {"^(a+)+$": {}}, "additionalProperties": False}
    assert schema_faults(known, {"aaa": 1}, "input") == []

    words = f"input: Additional properties are not allowed ('{'a' * 60}b' was unexpected)"
    assert schema_faults(known, {"a" * 60 + "b": 1}, "input") == [words]


@pytest.mark.parametrize(
    ("items", "are_unique"),
    [
        ([1, True, "1", [1], [True], {"a": 1}, {"a": True}, None, 0, False], True),
        ([1, 1.0], False),
        ([{"a": 1, "b": [2]}, {"b": [2.0], "a": 1}], False),
        ([{"a": [number]} for number in range(20_000)], True),
    ],
)
def test_many_items_are_unique_or_not_at_once(items: list[Any], are_unique: bool) -> None:
    """Equal is what is equal in JSON; twenty thousand objects are not held against each other one by one."""
    assert (schema_faults({"uniqueItems": True}, items, "input") == []) is are_unique
