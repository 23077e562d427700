"""What a difference means to runs that have begun, and to callers."""

from __future__ import annotations

from typing import Any

import pytest
from diff_samples import flow, for_callers, for_runs, schema, step

from podium.diff import Severity, diff_definitions
from podium.model.definitions import SchemaDef, WorkflowDef
from podium.model.statuses import SchemaType


def reading(*names: str, **fields: Any) -> WorkflowDef:
    """Make a flow that reads inputs and gives one output."""
    inputs = {name: f"${{workflow.input.{name}}}" for name in names}
    fields.setdefault("output_parameters", {"id": "${a.output.id}"})
    return flow(step("a", input_parameters=inputs), **fields)


# -- inputs ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        (
            {"input_parameters": ("x", "y")},
            "breaking: input y is new and has no default; it is null for callers that do not give it",
        ),
        ({}, "unknown: input y is read now and declared nowhere; it is null for callers that do not give it"),
        ({"input_template": {"y": 2}}, "compatible: input y is new and has a default"),
        (
            {"input_schema": {"properties": {"x": {}, "y": {}}, "required": ["y"]}},
            "breaking: input y is new, and the schema requires it",
        ),
        ({"input_schema": {"properties": {"x": {}, "y": {}}}}, "compatible: input y is new and may be left out"),
    ],
)
def test_a_new_input(fields: dict[str, Any], told: str) -> None:
    """It breaks callers if they have to give it."""
    old: dict[str, Any] = {"input_parameters": ("x",)}
    if "input_schema" in fields:
        fields = {**fields, "input_schema": schema(**fields["input_schema"])}
        old["input_schema"] = schema(properties={"x": {}})

    assert for_callers(reading("x", **old), reading("x", "y", **fields)) == [told]


def test_an_input_that_nothing_reads() -> None:
    """It is declared only, so nobody misses it; the same if it is gone."""
    old, new = reading("x", input_parameters=("x",)), reading("x", input_parameters=("x", "y"))

    assert for_callers(old, new) == ["compatible: input y is new, and nothing reads it"]
    assert for_callers(new, old) == ["compatible: input y is gone; callers may go on giving it, nothing reads it"]


def test_an_input_that_the_schema_refuses_from_now_on() -> None:
    """A schema that allows no other fields turns away those who go on giving it."""
    x: dict[str, Any] = {"x": {}}
    both: dict[str, Any] = {"x": {}, "y": {}}
    old = reading("x", "y", input_schema=schema(properties=both, additionalProperties=False))
    new = reading("x", input_schema=schema(properties=x, additionalProperties=False))

    assert for_callers(old, new) == ["breaking: input y is gone, and the schema refuses what it does not know"]


def test_defaults() -> None:
    """A default that is gone breaks those who relied on it; another one is another value."""
    with_default, other = reading("x", input_template={"x": 1}), reading("x", input_template={"x": 2})
    without = reading("x", input_parameters=("x",))
    declared = flow(step("a"), input_parameters=("x",), output_parameters={"id": "${a.output.id}"})

    assert for_callers(with_default, without) == [
        "breaking: input x has no default any more; callers that left it out got 1"
    ]
    assert for_callers(without, with_default) == ["compatible: input x has a default now"]
    assert for_callers(with_default, other) == ["compatible: input x has another default: 1 -> 2"]
    assert for_callers(declared, without)[0].startswith("unknown: input x was declared and is read only now")


@pytest.mark.parametrize(
    "text", ["${workflow.input['y y'].z}", "x ${ workflow.input['y y'] } z", "${$.workflow.input['y y']}"]
)
def test_inputs_are_found_in_every_spelling(text: str) -> None:
    """As part of a text, by a quoted name, and in a condition."""
    new = flow(step("a", "SWITCH", expression=text), output_parameters={"id": "${a.output.id}"})
    old = flow(step("a", "SWITCH"), output_parameters={"id": "${a.output.id}"})

    assert [line[:21] for line in for_callers(old, new)] == ["unknown: input y y is"]


def test_the_whole_input_reads_every_input() -> None:
    """Whoever passes on the whole input passes on what is new."""
    new = flow(step("a", input_parameters={"all": "${workflow.input}"}), input_parameters=("x",))

    assert for_callers(flow(step("a")), new)[0].startswith("breaking: input x is new and has no default")


def test_input_types() -> None:
    """What callers may give must go on to be accepted; more may be."""
    old = reading("x", input_schema=schema(properties={"x": {"type": "integer"}}))
    new = reading("x", input_schema=schema(properties={"x": {"type": "number"}}, required=["x"]))
    filled = reading("x", input_template={"x": 1}, input_schema=schema(properties={"x": {"type": "string"}}))

    assert for_callers(old, new) == [
        "breaking: input x is required now",
        "compatible: input x has another type: integer -> number",
    ]
    assert for_callers(new, old) == [
        "compatible: input x is not required any more",
        "breaking: input x has another type: number -> integer",
    ]
    assert for_callers(old, filled) == [
        "compatible: input x has a default now",
        "breaking: input x has another type: integer -> string",
    ]


def test_schemas_that_come_and_go_or_cannot_be_read() -> None:
    """Nothing can be said then."""
    avro = SchemaDef(name="s", type=SchemaType.AVRO, external_ref="1")
    other = SchemaDef(name="s", type=SchemaType.AVRO, external_ref="2")

    assert for_callers(reading("x"), reading("x", input_schema=schema(type="object")))[0].startswith(
        "unknown: input schema is new"
    )
    assert for_callers(reading("x", output_schema=schema(type="object")), reading("x"))[0].startswith(
        "unknown: output schema is gone"
    )
    assert for_callers(reading("x", input_schema=avro), reading("x", input_schema=other)) == [
        "unknown: input schema is another one, of type AVRO, which is not looked into"
    ]


# -- outputs -----------------------------------------------------------------------------------------------------------


def giving(*tasks: Any, **outputs: Any) -> WorkflowDef:
    """Make a flow with outputs."""
    return flow(*(tasks or (step("a"),)), output_parameters=outputs)


def test_outputs_that_come_and_go() -> None:
    """A lost one breaks those who read it, down to the single value."""
    old, new = giving(x=1, o={"p": 1, "q": 2}), giving(y=1, o={"q": 2})

    assert for_callers(old, new) == [
        "compatible: output y is new",
        "breaking: output x is gone",
        "breaking: output o.p is gone",
    ]


def test_outputs_with_another_source() -> None:
    """A constant is compared by its type; what a run makes cannot be told, unless schemas do."""
    typed: dict[str, Any] = {"output_schema": schema(properties={"x": {"type": "string"}})}

    assert for_callers(giving(x=1), giving(x=2)) == ["compatible: output x is another constant: 1 -> 2"]
    assert for_callers(giving(x=1), giving(x="1")) == ['breaking: output x is another constant: 1 -> "1"']
    told = for_callers(giving(x="${a.output.x}"), giving(x="${a.output.y}"))[0]
    assert told.startswith("unknown: output x comes from elsewhere; whether it is of the same type, nothing says: ")
    assert told.endswith(": ${a.output.x} -> ${a.output.y}")
    old = flow(step("a"), output_parameters={"x": "${a.output.x}"}, **typed)
    new = flow(step("a"), output_parameters={"x": "${a.output.y}"}, **typed)
    assert for_callers(old, new) == ["compatible: output x comes from elsewhere, and the schema says what it is"]
    assert for_callers(giving(x="${a.output}"), giving(x={"y": "${a.output.y}"})) == [
        "unknown: output x is put together in another way; whether it has the same fields, nothing says"
    ]


def test_outputs_whose_step_became_another() -> None:
    """Written as before, yet the step is gone, or does something else; a renamed one is the same."""
    old = giving(step("a"), step("b", name="charge"), x="${b.output.x}")

    assert for_callers(old, giving(x="${b.output.x}")) == ["breaking: output x is null: there is no step b any more"]
    assert for_callers(old, giving(step("a"), step("b", "HTTP"), x="${b.output.x}")) == [
        "unknown: output x is made by another task: charge -> HTTP"
    ]
    renamed = giving(step("a"), step("pay", name="charge"), x="${pay.output.x}")
    assert for_callers(old, renamed) == ["compatible: inputs and outputs are the same"]


def test_outputs_of_the_last_task() -> None:
    """Without output parameters it is the last task that gives the output."""
    one, two = flow(step("a"), step("b")), flow(step("a"), step("c"))

    assert for_callers(one, two) == [
        "unknown: the output is that of the last task, b -> c; give output parameters, and it can be told"
    ]
    assert for_callers(one, flow(step("b"), version=2)) == ["compatible: inputs and outputs are the same"]
    assert for_callers(giving(x=1), one)[0].startswith("breaking: the output is that of the last task now")
    assert for_callers(one, giving(x=1, y=2))[0].endswith("consists of x, y now")


def test_outputs_of_a_termination() -> None:
    """A TERMINATE that completes the run gives an output of its own."""
    ends = step("stop", "TERMINATE", input_parameters={"terminationStatus": "COMPLETED", "workflowOutput": {}})
    fails = step("stop", "TERMINATE", input_parameters={"terminationStatus": "FAILED"})

    assert for_callers(giving(x=1), giving(step("a"), ends, x=1))[-1].startswith(
        "unknown: the output may come from stop"
    )
    assert for_callers(giving(x=1), giving(step("a"), fails, x=1)) == ["compatible: inputs and outputs are the same"]


def test_masked_values_are_not_told_to_callers_either() -> None:
    """Neither a default nor a constant."""
    fields: dict[str, Any] = {"masked_fields": ("pin",), "output_parameters": {"pin": 4711}}
    old = reading("pin", input_template={"pin": 4711}, **fields)
    new = reading("pin", input_template={"pin": 4712}, **{**fields, "output_parameters": {"pin": 4712}})

    assert "471" not in diff_definitions(old, new).describe() + diff_definitions(old, new).to_json()
    assert for_callers(old, new) == [
        "compatible: input pin has another default: (hidden)",
        "compatible: output pin is another constant",
    ]


# -- names and runs ----------------------------------------------------------------------------------------------------


def test_a_new_version_does_not_touch_runs() -> None:
    """They keep their definition; what asks for the latest gets the new one."""
    old, new = flow(step("a")), flow(step("a"), version=2)

    told = for_runs(old, new)
    assert {line.partition(":")[0] for line in told} == {"compatible"}
    assert told[0].endswith("not touched: they keep their definition, and version 1 stays as it is")
    assert [line[12:] for line in told[1:4]] == [
        "running parents that call version 0 (the latest) get version 2 if that step begins later",
        "other running parents keep the version that they name, or that was the latest when they began",
        "retry, rerun and a plain restart go on with the definition that the run has",
    ]
    assert "a restart with the latest definition takes this one if no version is higher" in told[4]


def test_another_content_of_the_same_version() -> None:
    """Only Conductor before 2.0 lets it into runs that have begun; a parent's later step takes it everywhere."""
    told = for_runs(flow(step("a")), reading("x", input_parameters=("x",)))

    assert [line.partition(":")[0] for line in told[:3]] == ["compatible", "unknown", "breaking"]
    assert "Podium, Orkes, Conductor since 2.0" in told[0]
    assert "running parents that call version 1 get the new definition" in told[2]


def test_a_restart_is_a_caller_with_an_old_input() -> None:
    """What breaks callers' inputs breaks it; and it keeps the run's variables."""
    old = reading("x", input_parameters=("x",))
    new = reading("x", "y", input_parameters=("x", "y"), version=2, variables={"v": 1})
    told = for_runs(old, new)

    assert told[-2].startswith("breaking: a restart with the latest definition takes this one")
    assert told[-1].endswith("keeps the run's variables, so the first values of v are missing")


def test_an_older_version_is_never_the_latest() -> None:
    """Going back from version 3 to 2: a restart takes the highest."""
    told = for_runs(flow(step("a"), version=3), flow(step("a"), version=2))

    assert told[-1].endswith("takes the highest version, which is 3 at least, and not this one")


def test_workers_of_removed_tasks_are_still_needed() -> None:
    """Runs that have begun go on to ask for them."""
    told = for_runs(flow(step("a"), step("x", name="old_one"), step("h", "HTTP")), flow(step("a"), version=2))

    assert told[-1] == "unknown: the workers for old_one are needed until runs of flow version 1 have ended"


def test_another_name_is_another_workflow() -> None:
    """Nothing that runs is touched, and nobody who starts the old one gets it."""
    old, new = flow(step("a")), flow(step("a"), name="other")

    assert for_runs(old, new) == ["compatible: runs that have begun are not touched: other is another workflow"]
    assert for_callers(old, new) == ["breaking: the name is other now; who starts flow does not get it"]
    assert diff_definitions(old, new).compatibility.severity is Severity.BREAKING
