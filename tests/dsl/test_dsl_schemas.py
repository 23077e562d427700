"""JSON Schemas from annotations: what they say, and that they agree with what workers read and write."""

from __future__ import annotations

import enum
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Annotated, Any, Generic, Literal, NewType, NotRequired, TypedDict, TypeVar
from uuid import UUID

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft7Validator
from pydantic import BaseModel, Field

from podium import InProgress, Task, TaskDef, Workflow, noop, set_variable, task, workflow
from podium.dsl.schemas import output_schema, schema_of
from podium.model.definitions import SchemaDef
from podium.model.errors import AuthoringError
from podium.model.statuses import SchemaType
from podium.typed.reading import reader_of
from podium.workers.outputs import packer

T = TypeVar("T")
Sku = NewType("Sku", str)


KEY = UUID(int=1)


class Speed(enum.Enum):
    POST = "post"
    EXPRESS = "express"


@attrs.frozen
class Line:
    """
    A line of an order.

    Attributes:
        sku: What is bought,
            as the shop calls it.
    """

    sku: str
    count: Annotated[int, "how many", Field(ge=1, le=9)] = 1
    tags: tuple[str, ...] = ()
    note: str | None = attrs.field(default=None, metadata={"description": "For the packer."})


@dataclass
class Tree:
    name: str
    children: list[Tree] = field(default_factory=list)


class Customer(TypedDict):
    name: str
    born: NotRequired[date]


class Address(BaseModel):
    """Where somebody lives."""

    zip_code: str = Field(alias="zipCode", min_length=4)
    lines: list[str] = []


@attrs.frozen
class Box(Generic[T]):
    inner: T


@attrs.frozen
class Wire:
    __wire_names__ = {"status_code": "statusCode"}  # noqa: RUF012  # as authors write it

    status_code: int


def plain(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return a schema without the name of its dialect."""
    assert schema["$schema"] == "http://json-schema.org/draft-07/schema#"
    Draft7Validator.check_schema(schema)
    return {key: value for key, value in schema.items() if key != "$schema"}


@pytest.mark.parametrize(
    ("hint", "expected"),
    [
        (int, {"type": "integer"}),
        (bool, {"type": "boolean"}),
        (None, {"type": "null"}),
        (Any, {}),
        (object, {}),
        (T, {}),
        (Sku, {"type": "string"}),
        (datetime, {"type": "string", "format": "date-time"}),
        (date, {"type": "string", "format": "date"}),
        (time, {"type": "string", "format": "time"}),
        (timedelta, {"type": "number"}),
        (UUID, {"type": "string", "format": "uuid"}),
        (Decimal, {"type": ["string", "number"]}),
        (Speed, {"type": "string", "enum": ["post", "express"]}),
        (Literal["a", "b"], {"type": "string", "enum": ["a", "b"]}),
        (Literal[1, "b"], {"enum": [1, "b"]}),
        (int | None, {"anyOf": [{"type": "integer"}, {"type": "null"}]}),
        (int | InProgress, {"type": "integer"}),
        (int | Any, {}),
        (list, {"type": "array"}),
        (list[int], {"type": "array", "items": {"type": "integer"}}),
        (Sequence[int], {"type": "array", "items": {"type": "integer"}}),
        (deque[int], {"type": "array", "items": {"type": "integer"}}),
        (set[int], {"type": "array", "items": {"type": "integer"}, "uniqueItems": True}),
        (tuple[int, ...], {"type": "array", "items": {"type": "integer"}}),
        (
            tuple[int, str],
            {"type": "array", "items": [{"type": "integer"}, {"type": "string"}], "minItems": 2, "maxItems": 2},
        ),
        (dict, {"type": "object"}),
        (dict[str, int], {"type": "object", "additionalProperties": {"type": "integer"}}),
        (Annotated[int, "how many"], {"type": "integer", "description": "how many"}),
        (Annotated[str, Field(min_length=2, pattern="^a")], {"type": "string", "minLength": 2, "pattern": "^a"}),
        (Annotated[list[int], Field(max_length=2)], {"type": "array", "items": {"type": "integer"}, "maxItems": 2}),
    ],
)
def test_plain_types(hint: Any, expected: Mapping[str, Any]) -> None:
    """Each type that JSON can carry has the schema of how workers read it."""
    assert plain(schema_of(hint)) == expected


def test_records_have_their_fields_defaults_and_descriptions() -> None:
    """An attrs class is an object; texts come from docstrings, metadata and ``Annotated``, bounds from its notes."""
    assert plain(schema_of(Line)) == {
        "type": "object",
        "description": "A line of an order.",
        "properties": {
            "sku": {"type": "string", "description": "What is bought, as the shop calls it."},
            "count": {"type": "integer", "minimum": 1, "maximum": 9, "description": "how many", "default": 1},
            "tags": {"type": "array", "items": {"type": "string"}, "default": []},
            "note": {"anyOf": [{"type": "string"}, {"type": "null"}], "description": "For the packer."},
        },
        "required": ["sku"],
    }


def test_a_record_that_holds_itself_is_defined_once() -> None:
    """Records inside others stand under ``definitions``, so recursion ends."""
    schema = plain(schema_of(Tree))
    children = {"type": "array", "items": {"$ref": "#/definitions/Tree"}}
    assert schema["properties"]["children"] == schema["definitions"]["Tree"]["properties"]["children"] == children
    assert schema["required"] == ["name"]


def test_typeddicts_know_what_is_required() -> None:
    """``NotRequired`` holds in a module whose annotations are texts, too."""
    schema = plain(schema_of(Customer))
    assert schema["required"] == ["name"]
    assert schema["properties"]["born"] == {"type": "string", "format": "date"}


def test_pydantic_models_describe_themselves() -> None:
    """A model's schema is pydantic's own, under its alias; inside another type it is a definition."""
    schema = plain(schema_of(Address))
    assert schema["properties"]["zipCode"]["minLength"] == 4
    assert schema["description"] == "Where somebody lives."
    nested = plain(schema_of(list[Address]))
    assert nested["items"] == {"$ref": "#/definitions/Address"}
    assert nested["definitions"]["Address"]["required"] == ["zipCode"]


def test_type_parameters_and_wire_names_are_put_in() -> None:
    """A generic record is described with its arguments, a renamed field under the name in the JSON."""
    schema = plain(schema_of(list[Box[int] | Box[str]]))
    assert schema["definitions"]["Box_int"]["properties"] == {"inner": {"type": "integer"}}
    assert schema["definitions"]["Box_str"]["properties"] == {"inner": {"type": "string"}}
    assert list(plain(schema_of(Wire))["properties"]) == ["statusCode"]


def test_two_records_of_one_name_are_kept_apart() -> None:
    """The second one is defined with its module's name."""
    other = attrs.make_class("Line", {"x": attrs.field(type=int)})
    definitions = plain(schema_of(dict[str, Line | other]))["definitions"]
    assert len(definitions) == 2
    assert "Line" in definitions


def test_outputs_are_records_or_a_result() -> None:
    """What workers write decides: a record is spread, with all its fields there; anything else is under ``result``."""
    assert output_schema(Any) is None
    assert plain(output_schema(None) or {}) == {"type": "object"}
    assert plain(output_schema(int) or {}) == {
        "type": "object",
        "properties": {"result": {"type": "integer"}},
        "required": ["result"],
    }
    spread = plain(output_schema(Line) or {})
    assert spread["required"] == ["sku", "count", "tags", "note"]
    assert "default" not in spread["properties"]["count"]
    assert "required" not in plain(output_schema(Line | None) or {})
    assert plain(output_schema(Customer) or {})["required"] == ["name"]
    assert plain(output_schema(Decimal) or {})["properties"]["result"] == {"type": "string"}


def test_a_type_without_json_is_refused_where_the_task_is() -> None:
    """The message names the parameter and what to do; the place is the task's."""

    class Image:
        pass

    @task(schemas=True)
    def scale(image: Image) -> int:
        return 1

    with pytest.raises(
        AuthoringError, match=r"test_dsl_schemas.py:\d+: P1 scale: the parameter image is of type Image"
    ):
        _ = scale.task_def


@task(schemas=True, retries=1)
def pack(order_id: str, lines: list[Line], speed: Speed = Speed.POST, gift: bool | None = None, **more: int) -> Line:
    """
    Pack an order.

    Args:
        order_id: Which one.
        lines: What is in it.
        speed: How fast.
        gift: With a card.
        more: Others.
    """
    return lines[0]


def test_task_schemas() -> None:
    """``schemas=True`` fills the task definition; without it, nothing is written."""
    definition = pack.task_def
    assert definition.retry_count == 1
    taken, given = definition.input_schema, definition.output_schema
    assert taken is not None
    assert given is not None
    assert (taken.name, taken.type, given.name) == ("pack_input", SchemaType.JSON, "pack_output")
    schema = plain(taken.data or {})
    assert schema["required"] == ["order_id", "lines"]
    assert schema["properties"]["order_id"] == {"type": "string", "description": "Which one."}
    assert schema["properties"]["speed"]["default"] == "post"
    assert schema["additionalProperties"] == {"type": "integer"}
    assert plain(given.data or {})["properties"].keys() == {"sku", "count", "tags", "note"}
    assert task(pack.fn).task_def.input_schema is None
    assert pack.as_("other").opts(retries=3).task_def == definition


def test_the_context_is_no_input() -> None:
    """The worker's context is left out of the schema."""

    class TaskContext:
        podium_context = True

    def look(context: TaskContext, path: str) -> int:
        return 1

    schema = plain((Task(look, settings={"schemas": True}).task_def.input_schema or _none()).data or {})
    assert list(schema["properties"]) == ["path"]


def test_schemas_of_the_author_win() -> None:
    """An explicit schema is a type, JSON or a SchemaDef, and ``schemas=True`` leaves it alone."""
    own = SchemaDef(name="lines", version=3, type=SchemaType.JSON, external_ref="https://example.com/lines.json")

    @task(schemas=True, input_schema={"type": "object"}, output_schema=own, enforce_schema=True)
    def sort(lines: list[Line]) -> list[Line]:
        return lines

    definition = sort.task_def
    assert (definition.input_schema or _none()).data == {"type": "object"}
    assert definition.output_schema is own
    assert definition.enforce_schema

    typed = task(input_schema=Line, output_schema=int, name="typed")(sort.fn).task_def
    assert plain((typed.input_schema or _none()).data or {})["required"] == ["sku"]
    assert plain((typed.output_schema or _none()).data or {})["required"] == ["result"]


def test_steps_carry_schemas_of_their_own() -> None:
    """``.opts(output_schema=…)`` embeds a task definition, as every setting of a task does."""
    wf = Workflow("w")
    wf >> pack("1", []).opts(output_schema=Line, enforce_schema=True)
    embedded = wf.definition.tasks[0].task_definition
    assert embedded is not None
    assert embedded.input_schema == pack.task_def.input_schema
    assert plain((embedded.output_schema or _none()).data or {})["required"] == ["sku", "count", "tags", "note"]


def test_workflow_schemas() -> None:
    """``@workflow(schemas=True)`` describes the parameters and what is returned; defaults are in the inputTemplate."""

    @workflow(schemas=True, enforce_schema=False)
    def order(order_id: str, since: datetime | None = None, patience: timedelta = timedelta(hours=1)) -> Line:
        """
        Order something.

        Args:
            order_id: Which one.
            since: Not before.
            patience: How long to wait.
        """
        return pack(order_id, []).output

    data = order.to_dict()
    assert data["inputTemplate"] == {"patience": 3600}
    assert data["enforceSchema"] is False
    taken = plain(data["inputSchema"]["data"])
    assert data["inputSchema"]["name"] == "order_input"
    assert taken["required"] == ["order_id"]
    assert taken["properties"]["order_id"]["description"] == "Which one."
    assert taken["properties"]["patience"]["default"] == 3600
    assert plain(data["outputSchema"]["data"])["required"][0] == "sku"
    assert order.to_json() == workflow(schemas=True, enforce_schema=False)(order.fn).to_json()
    assert "inputSchema" not in workflow(name="bare")(order.fn).to_dict()


def test_a_workflow_written_as_a_value_has_schemas_too() -> None:
    """Its declared inputs are described; what it returns has no type."""
    made = Workflow("w", schemas=True, inputs=["any"])
    made >> pack(made.input("order_id", str), made.input("lines", list[Line]))
    data = made.to_dict()
    taken = plain(data["inputSchema"]["data"])
    assert taken["properties"]["any"] == {}
    assert taken["properties"]["order_id"] == {"type": "string"}
    assert taken["required"] == ["any", "order_id", "lines"]
    assert "outputSchema" not in data


def test_defaults_of_every_kind_stand_in_the_template() -> None:
    """A default is written as a worker would read it."""

    @workflow
    def waits(
        *,
        length: timedelta = timedelta(seconds=1.5),
        at: time = time(8, 30),
        price: Decimal = Decimal("1.20"),
        key: UUID = KEY,
        tags: frozenset[str] = frozenset({"b", "a"}),
        line: Line = Line("a"),
        speed: Speed = Speed.EXPRESS,
        when: datetime = datetime(2026, 1, 2, tzinfo=UTC),
        nothing: int | None = None,
    ) -> None:
        noop("nothing")

    assert waits.to_dict()["inputTemplate"] == {
        "length": 1.5,
        "at": "08:30:00",
        "price": "1.20",
        "key": "00000000-0000-0000-0000-000000000001",
        "tags": ["a", "b"],
        "line": {"sku": "a", "count": 1, "tags": [], "note": None},
        "speed": "express",
        "when": "2026-01-02T00:00:00+00:00",
    }


def test_task_defaults_stand_in_the_template_on_demand() -> None:
    """``input_template=True`` writes the defaults, but for parameters that take null; a map is written as it is."""

    @task(input_template=True)
    def ship(
        order_id: str, speed: Speed = Speed.POST, note: str | None = "x", extra: Any = 1, last: int = 3
    ) -> None: ...

    assert ship.task_def == TaskDef(name="ship", input_template={"speed": "post", "last": 3})
    assert task(ship.fn).task_def.input_template == {}
    assert task(input_template={"last": 4})(ship.fn).task_def.input_template == {"last": 4}


SAMPLES: list[tuple[Any, st.SearchStrategy[Any]]] = [
    (Line, st.builds(Line, st.text(max_size=3), st.integers(1, 9), st.tuples(st.text(max_size=2)), st.none())),
    (
        Tree,
        st.recursive(
            st.builds(Tree, st.text(max_size=2)), lambda inner: st.builds(Tree, st.just("x"), st.lists(inner))
        ),
    ),
    (Customer, st.fixed_dictionaries({"name": st.text(max_size=2)}, optional={"born": st.dates()})),
    (Address, st.builds(Address, zipCode=st.text("0123456789", min_size=4), lines=st.lists(st.text(max_size=2)))),
    (dict[str, timedelta], st.dictionaries(st.text(max_size=2), st.timedeltas(timedelta(0), timedelta(days=9)))),
    (set[int], st.sets(st.integers(-9, 9))),
    (tuple[Decimal, UUID], st.tuples(st.decimals(allow_nan=False, allow_infinity=False), st.uuids())),
    (Speed | int, st.sampled_from(Speed) | st.integers()),
    (list[datetime | None], st.lists(st.none() | st.datetimes())),
]


@given(st.sampled_from(SAMPLES).flatmap(lambda sample: sample[1].map(lambda value: (sample[0], value))))
def test_workers_write_what_the_schema_says_and_read_it_back(sample: tuple[Any, Any]) -> None:
    """The schemas agree with the workers: each output is valid, and a valid output is an input that they read."""
    hint, value = sample
    output = packer(hint, "t")(value)
    Draft7Validator(output_schema(hint) or {}).validate(output)
    inner = output if output_schema(hint) == output_schema(hint) and "result" not in output else output["result"]
    Draft7Validator(schema_of(hint)).validate(inner)
    assert reader_of(hint)(inner, hint) == value


def _none() -> SchemaDef:
    raise AssertionError("there is no schema")


def test_variables_may_be_a_record() -> None:
    """``variables=`` takes a record; what is neither a record nor a map is refused."""
    made = Workflow("w", variables=Line("a", 2))
    made >> set_variable("note", count=3)
    assert made.to_dict()["variables"] == {"sku": "a", "count": 2, "tags": [], "note": None}
    with pytest.raises(AuthoringError, match=r"variables=3 must be a map or a record"):
        Workflow("w", variables=3)
