"""Forms of JSON Schemas: what is drawn, what is read, and what is said to be wrong."""

from __future__ import annotations

from typing import Any

import pytest
from form_filling import sent_of
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from podium.expressions.schemas import schema_faults
from podium.model.definitions import SchemaDef, WorkflowDef, WorkflowTask
from podium.model.statuses import SchemaType
from podium.server.web.forms import Field, FieldKind, SentForm, answer_schema_of, draw, input_schema_of, read, redraw
from podium.server.web.forms.changing import change

ORDER = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    "type": "object",
    "properties": {
        "id": {"type": "string", "description": "The order's number.", "minLength": 1, "maxLength": 20},
        "amount": {"type": "number", "minimum": 0, "exclusiveMaximum": 1000},
        "count": {"type": "integer", "default": 1, "minimum": 1, "maximum": 9},
        "speed": {"enum": ["NORMAL", "EXPRESS"], "default": "NORMAL"},
        "gift": {"type": "boolean", "default": False},
        "sure": {"type": "boolean"},
        "mail": {"type": "string", "format": "email"},
        "site": {"type": "string", "format": "uri"},
        "day": {"type": "string", "format": "date"},
        "at": {"type": "string", "format": "date-time"},
        "kind": {"const": "order"},
        "address": {"$ref": "#/definitions/Address"},
        "lines": {"type": "array", "items": {"$ref": "#/definitions/Line"}, "minItems": 1},
        "labels": {"type": "object", "additionalProperties": {"type": "string"}},
        "tags": {"type": "array", "items": {"enum": ["a", "b", "c"]}, "uniqueItems": True},
        "note": {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None},
        "pay": {
            "oneOf": [
                {"type": "object", "properties": {"card": {"type": "string"}}, "required": ["card"], "title": "Card"},
                {"type": "object", "properties": {"iban": {"type": "string"}}, "required": ["iban"], "title": "Bank"},
            ]
        },
        "free": {"type": "object"},
        "any": {},
    },
    "required": ["id", "lines"],
    "definitions": {
        "Address": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
        "Line": {
            "type": "object",
            "properties": {
                "sku": {"type": "string"},
                "parts": {"type": "array", "items": {"$ref": "#/definitions/Line"}},
            },
            "required": ["sku"],
        },
    },
}


def _fields(root: Field) -> dict[str, Field]:
    return {each.name.partition("/")[2]: each for each in root.walk()}


def _errors(schema: Any, sent: SentForm) -> dict[str, list[str]]:
    form = read(schema, sent)
    found: dict[str, list[str]] = {}
    for field, error in form.all_errors():
        found.setdefault(field.name if field is not None else "", []).append(error)
    return found


def test_each_kind_of_schema_has_its_kind_of_field() -> None:
    """Texts, numbers, choices, dates, objects, lists, maps, unions: each is drawn as what it is."""
    fields = _fields(draw(ORDER).root)
    kinds = {name: (field.kind.value, field.input_type) for name, field in fields.items()}
    assert kinds["id"] == ("text", "text")
    assert kinds["amount"] == ("number", "number")
    assert kinds["count"] == ("integer", "number")
    assert kinds["speed"][0] == "select"
    assert kinds["gift"][0] == "check"
    assert kinds["sure"][0] == "select"
    assert kinds["mail"][1] == "email"
    assert kinds["site"][1] == "url"
    assert kinds["day"][1] == "date"
    assert kinds["at"][1] == "datetime-local"
    assert kinds["kind"][0] == "select"
    assert kinds["address"][0] == "object"
    assert kinds["lines"][0] == "list"
    assert kinds["lines/0"][0] == "object"
    assert kinds["lines/0/parts"][0] == "list"
    assert kinds["labels"][0] == "object"
    assert kinds["tags"][0] == "many"
    assert kinds["note"][0] == "text"
    assert kinds["pay"][0] == "variant"
    assert kinds["free"][0] == "json"
    assert kinds["any"][0] == "any"
    assert fields["id"].is_required
    assert not fields["address"].is_given
    assert fields["id"].about == "The order's number."
    assert fields["amount"].limits == "at least 0, less than 1000"
    assert dict(fields["count"].attributes) == {"step": "1", "min": "1", "max": "9"}


def test_a_form_that_nobody_touched_gives_the_defaults() -> None:
    """Defaults stand in the fields and are sent; what is not required and has none is left out."""
    form = read(ORDER, sent_of(draw(ORDER).root, input__id="o-1", input__lines__0__sku="A"))
    expected = {"id": "o-1", "count": 1, "speed": "NORMAL", "gift": False}
    assert form.value == {**expected, "lines": [{"sku": "A"}]}
    assert form.is_right


WHOLE = {
    "id": "o-1",
    "amount": 12.5,
    "count": 3,
    "speed": "EXPRESS",
    "gift": True,
    "sure": False,
    "mail": "a@example.org",
    "site": "https://example.org/",
    "day": "2026-01-31",
    "at": "2026-01-31T09:30:00Z",
    "kind": "order",
    "address": {"city": "Ulm"},
    "lines": [{"sku": "A", "parts": [{"sku": "A.1", "parts": []}]}, {"sku": "<b>&\"'"}],
    "labels": {"a/b": "1", "c~d": "2", "": "3"},
    "tags": ["a", "c"],
    "note": "zwei\nZeilen",
    "pay": {"iban": "DE"},
    "free": {"x": [1, {"y": None}]},
    "any": "true",
    "unknown": {"kept": 1},
}


def test_a_value_comes_back_from_its_form() -> None:
    """A form drawn of a value gives the value again, with keys that the schema does not know."""
    value = {**WHOLE, "labels": {"a/b": "1", "c~d": "2"}}
    form = read(ORDER, sent_of(draw(ORDER, value).root))
    assert list(form.all_errors()) == []
    assert form.value == value


@pytest.mark.parametrize(
    ("typed", "place", "words"),
    [
        ({"input__amount": "12,5"}, "input/amount", "a number is expected"),
        ({"input__amount": "1e999"}, "input/amount", "a number is expected"),
        ({"input__count": "1.5"}, "input/count", "a whole number is expected"),
        ({"input__count": "12"}, "input/count", "12 is greater than the maximum of 9"),
        ({"input__id": ""}, "input/id", "is missing"),
        ({"input__id": "x" * 21}, "input/id", "is too long"),
        ({"input__mail": "nobody"}, "input/mail", "an e-mail address is expected"),
        ({"input__site": "nowhere"}, "input/site", "an address is expected"),
        ({"input__day": "31.1.2026"}, "input/day", "is not a 'date'"),
        ({"input__speed": "7"}, "input/speed", "choose one of the list"),
        ({"input__free": "{"}, "input/free", "not JSON"),
        ({"input__free": "[]"}, "input/free", "an object is expected"),
        ({"rest:input": "[1]"}, "input", "an object is expected"),
        ({"rest:input": '{"id": 1}'}, "input", "'id' has a field of its own"),
        ({"input__lines__0__sku": ""}, "input/lines/0/sku", "is missing"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(typed: dict[str, str], place: str, words: str) -> None:
    """Each fault stands at the field where it is, in words, and the form is not right."""
    right = {"input__id": "o-1", "input__lines__0__sku": "A"}
    sent = sent_of(draw(ORDER).root, **{**right, **typed})
    errors = _errors(ORDER, sent)
    assert list(errors) == [place]
    assert words in errors[place][0]
    assert not read(ORDER, sent).is_right


def test_a_choice_tells_what_is_wrong_with_what_was_chosen() -> None:
    """Of one of several forms the faults are those of the chosen one, not that none fits."""
    sent = sent_of(draw(ORDER, {"id": "1", "lines": [{"sku": "A"}], "pay": {"iban": "DE"}}).root, input__pay__iban="")
    assert _errors(ORDER, sent) == {"input/pay/iban": ["is missing"]}


def test_buttons_add_and_remove() -> None:
    """What may be left out is put in and taken out, lists grow and shrink, and what was typed stays."""
    schema = ORDER
    sent = sent_of(draw(schema, {"id": "1", "lines": [{"sku": "A"}, {"sku": "B"}, {"sku": "C"}]}).root)
    sent = sent_of(read(schema, change(sent, "drop:input/lines/1")).root)
    assert read(schema, sent).value["lines"] == [{"sku": "A"}, {"sku": "C"}]
    sent = sent_of(read(schema, change(sent, "add:input/lines")).root, input__lines__2__sku="D")
    assert read(schema, sent).value["lines"] == [{"sku": "A"}, {"sku": "C"}, {"sku": "D"}]
    sent = sent_of(read(schema, change(sent, "give:input/address")).root, input__address__city="Ulm")
    assert read(schema, sent).value["address"] == {"city": "Ulm"}
    sent = sent_of(read(schema, change(sent, "leave:input/address")).root)
    assert "address" not in read(schema, sent).value
    sent = sent_of(read(schema, change(sent, "give:input/labels")).root)
    sent = sent_of(read(schema, change(sent, "row:input/labels")).root)
    sent = sent_of(read(schema, change(sent, "row:input/labels")).root)
    two = {"key:input/labels/~20": "x", "input/labels/~20": "1", "key:input/labels/~21": "y", "input/labels/~21": "2"}
    sent = SentForm([*((k, v) for k, vs in sent.values.items() for v in vs), *two.items()])
    assert read(schema, sent).value["labels"] == {"x": "1", "y": "2"}
    sent = change(sent, "drop:input/labels/~20")
    assert read(schema, sent).value["labels"] == {"y": "2"}


def test_a_form_is_turned_into_json_and_back() -> None:
    """What was typed into fields stands in the JSON, and what was changed there in the fields; broken JSON stays."""
    sent = sent_of(draw(ORDER, {"id": "1", "lines": [{"sku": "A"}]}).root, input__amount="2")
    as_json = redraw(ORDER, sent, "raw:input").root
    assert as_json.kind is FieldKind.JSON
    assert '"amount": 2' in as_json.text
    again = redraw(ORDER, sent_of(as_json, input='{"id": "2", "lines": []}'), "fields:input").root
    assert _fields(again)["id"].text == "2"
    broken = redraw(ORDER, sent_of(as_json, input="{"), "fields:input").root
    assert (broken.kind, broken.text) == (FieldKind.JSON, "{")
    assert "not JSON" in broken.errors[0]
    unread = redraw(ORDER, sent_of(draw(ORDER, {"id": "1"}).root, input__amount="2x"), "raw:input")
    assert not unread.is_right
    assert _fields(unread.root)["amount"].text == "2x"  # JSON could not hold it, and it would be gone


def test_a_whole_that_is_no_object_of_fields() -> None:
    """One of several forms at the top is a choice; a schema that says nothing is JSON, and nothing typed is {}."""
    arms = [
        {"title": "A", "type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]},
        {"title": "B", "type": "object", "properties": {"b": {"type": "string"}}, "required": ["b"]},
    ]
    root = draw({"oneOf": arms}, {"b": "x"}).root
    assert (root.kind, root.text) == (FieldKind.VARIANT, "1")
    assert read({"oneOf": arms}, sent_of(root)).value == {"b": "x"}
    for schema in ({}, True, {"type": "object"}):
        root = draw(schema).root
        assert root.kind is FieldKind.JSON
        form = read(schema, sent_of(root))
        assert (form.value, form.is_right) == ({}, True)


def test_rows_of_a_map_need_names_that_differ() -> None:
    """A row with a value and no name, and a name that is there twice, are faults."""
    schema = {"type": "object", "additionalProperties": {"type": "integer"}}
    sent = SentForm([("key:input/~20", "a"), ("input/~20", "1"), ("key:input/~21", "a"), ("input/~21", "2")])
    assert _errors(schema, sent) == {"input/~21": ["this name is there already"]}
    assert _errors(schema, SentForm([("key:input/~20", ""), ("input/~20", "1")])) == {
        "input/~20": ["a name is missing"]
    }


def test_what_is_sent_without_marks_is_read_too() -> None:
    """A program that posts fields only, without what the template adds, is understood."""
    pairs = [("input/id", "1"), ("input/lines/0/sku", "A"), ("input/lines/1/sku", "B"), ("input/address/city", "Ulm")]
    value = read(ORDER, SentForm(pairs)).value
    assert value["lines"] == [{"sku": "A"}, {"sku": "B"}]
    assert value["address"] == {"city": "Ulm"}


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "https://example.org/other.json"},
        {"$ref": "#/definitions/none"},
        {
            "definitions": {"a": {"$ref": "#/definitions/b"}, "b": {"$ref": "#/definitions/a"}},
            "$ref": "#/definitions/a",
        },
        {"properties": {"x": False}},
        {"allOf": [{"$ref": "#"}]},
        "no schema",
        False,
    ],
)
def test_schemas_that_cannot_be_drawn_give_json(schema: Any) -> None:
    """What cannot be read as fields is typed as JSON; nothing fails."""
    fields = list(draw(schema, {"x": 1}).root.walk())
    assert any(each.kind is FieldKind.JSON for each in fields)


def test_a_schema_that_holds_itself_ends() -> None:
    """Required fields that go round for ever end in JSON, optional ones when nobody asks for more."""
    endless = {"type": "object", "properties": {"next": {"$ref": "#"}}, "required": ["next"]}
    fields = list(draw(endless).root.walk())
    assert fields[-1].kind is FieldKind.JSON
    assert len(fields) < 20


def test_nested_references_all_of_and_both_drafts() -> None:
    """``$defs``, ``prefixItems``, anchors, ``allOf`` and references with words beside them."""
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$defs": {"named": {"$anchor": "named", "type": "object", "properties": {"name": {"type": "string"}}}},
        "allOf": [{"$ref": "#named"}, {"properties": {"age": {"type": "integer"}}, "required": ["age"]}],
        "properties": {
            "pair": {"type": "array", "prefixItems": [{"type": "string"}, {"type": "integer"}]},
            "kind": {"oneOf": [{"const": 1, "title": "one"}, {"const": 2, "title": "two"}]},
        },
    }
    root = draw(schema, {"pair": ["a", 1], "kind": 2, "name": "x", "age": 5}).root
    assert {field.key: field.kind.value for field in root.fields} == {
        "name": "text",
        "age": "integer",
        "pair": "list",
        "kind": "select",
    }
    assert [option.label for option in root.fields[3].options] == ["one", "two"]
    assert read(schema, sent_of(root)).value == {"pair": ["a", 1], "kind": 2, "name": "x", "age": 5}


def test_a_value_that_does_not_fit_is_shown_as_json() -> None:
    """A text where an object is declared is neither lost nor changed, and the fault is said when it is sent."""
    schema = {"type": "object", "properties": {"a": {"type": "object", "properties": {"b": {}}}}}
    root = draw(schema, {"a": "${x}"}).root
    assert (root.fields[0].kind, root.fields[0].text) == (FieldKind.JSON, '"${x}"')
    assert _errors(schema, sent_of(root)) == {"input/a": ["an object is expected, not a text ('${x}')"]}


def test_unenforced_schemas_say_nothing() -> None:
    """Where the engine does not hold values against a schema, the form does not either; what is unreadable it says."""
    schema = {"type": "object", "properties": {"n": {"type": "integer", "maximum": 1}}}
    assert read(schema, SentForm([("input/n", "5")]), is_enforced=False).is_right
    assert not read(schema, SentForm([("input/n", "x")]), is_enforced=False).is_right


def test_without_a_schema_the_definition_says_what_it_asks_for() -> None:
    """Declared inputs, the template's values and ``${workflow.input…}`` make the fields, also nested ones."""
    definition = WorkflowDef(
        name="w",
        tasks=(
            WorkflowTask(name="a", task_reference_name="a", input_parameters={"x": "${workflow.input.customer.name}"}),
        ),
        input_parameters=("id",),
        input_template={"count": 3, "deep": {"a": 1}},
        output_parameters={"y": "${workflow.input.lines[0].sku}"},
    )
    fields = {field.key: field for field in draw(input_schema_of(definition)).root.fields}
    assert {key: field.kind.value for key, field in fields.items()} == {
        "id": "any",
        "count": "integer",
        "deep": "json",
        "customer": "object",
        "lines": "any",
    }
    assert fields["count"].text == "3"


def test_a_registered_schema_is_taken_by_its_name() -> None:
    """A definition that names a schema is drawn by what is registered."""
    named = SchemaDef(name="s", version=2, type=SchemaType.JSON)
    data = {"type": "object", "properties": {"a": {"type": "integer"}}}
    registered = SchemaDef(name="s", version=2, type=SchemaType.JSON, data=data)
    definition = WorkflowDef(name="w", tasks=(), input_schema=named, input_template={"a": 4})
    form = draw(input_schema_of(definition, [registered]))
    assert [(field.key, field.text) for field in form.root.fields] == [("a", "4")]


def test_an_answer_has_the_fields_that_the_workflow_asks_of_it() -> None:
    """What later tasks read of a person's answer are its fields; the cases of a SWITCH are its examples."""
    ask = WorkflowTask(name="ask", task_reference_name="ask", type="HUMAN")
    switch = WorkflowTask(
        name="s",
        task_reference_name="s",
        type="SWITCH",
        input_parameters={"value": "${ask.output.decision}", "note": "${ask.output.note}"},
        expression="value",
        decision_cases={"yes": (), "no": ()},
    )
    schema: Any = answer_schema_of(WorkflowDef(name="w", tasks=(ask, switch)), "ask")
    assert list(schema["properties"]) == ["decision", "note"]
    assert schema["properties"]["decision"]["examples"] == ["yes", "no"]


# -- a law -------------------------------------------------------------------------------------------------------------

_NAMES = st.text("abz/~._ <\"'&:é-01", min_size=0, max_size=4)
_TEXTS = st.text(max_size=6).filter(lambda text: bool(text.strip()) and "\r" not in text)


def _schemas(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    objects = st.dictionaries(_NAMES, inner, max_size=4).map(
        lambda properties: {"type": "object", "properties": properties, "required": list(properties)[:2]}
    )
    lists = inner.map(lambda items: {"type": "array", "items": items})
    maps = inner.map(lambda each: {"type": "object", "additionalProperties": each})
    unions = st.lists(inner, min_size=2, max_size=3).map(lambda arms: {"anyOf": arms})
    return objects | lists | maps | unions


_LEAVES = st.sampled_from(
    [
        {"type": "string"},
        {"type": "integer"},
        {"type": "number"},
        {"type": "boolean"},
        {"enum": ["a", 1, True, [2]]},
        {"type": ["string", "number"]},
        {"type": "array", "items": {"enum": ["x", "y"]}, "uniqueItems": True},
        {"const": 7},
        {"type": "object"},
        {},
    ]
)
SCHEMAS = st.recursive(_LEAVES, _schemas, max_leaves=8)
VALUES = st.recursive(
    st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | _TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_NAMES, inner, max_size=3),
    max_leaves=6,
)


def _value_of(schema: Any, data: st.DataObject) -> Any:
    """Draw a value that may fit a schema."""
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return data.draw(st.sampled_from(schema["enum"]))
    if "anyOf" in schema:
        return _value_of(data.draw(st.sampled_from(schema["anyOf"])), data)
    kind = schema.get("type")
    if kind == "object" and "properties" in schema:
        kept = (
            data.draw(st.lists(st.sampled_from(sorted(schema["properties"])), unique=True))
            if schema["properties"]
            else []
        )
        return {
            key: _value_of(each, data)
            for key, each in schema["properties"].items()
            if key in schema["required"] or key in kept
        }
    if kind == "object" and "additionalProperties" in schema:
        keys = data.draw(st.lists(_NAMES.filter(bool), max_size=2, unique=True))
        return {key: _value_of(schema["additionalProperties"], data) for key in keys}
    if kind == "array":
        if schema.get("uniqueItems"):  # what is ticked: in the order of the boxes
            return data.draw(st.sampled_from([["x"], ["y"], ["x", "y"]]))
        return [_value_of(schema["items"], data) for _ in range(data.draw(st.integers(0, 3)))]
    simple = {
        "string": _TEXTS,
        "integer": st.integers(),
        "number": st.floats(allow_nan=False, allow_infinity=False),
        "boolean": st.booleans(),
        "object": st.dictionaries(_NAMES, VALUES, max_size=2),
    }
    return data.draw(simple.get(kind, VALUES) if isinstance(kind, str) else VALUES if kind is None else _TEXTS)


@settings(deadline=None)  # the first schema loads what validates
@given(st.data(), st.dictionaries(_NAMES, SCHEMAS, min_size=1, max_size=4))
def test_every_value_comes_back(data: st.DataObject, properties: dict[str, Any]) -> None:
    """Whatever the schema, a value that fits it stands in its form and is read out of it unchanged."""
    schema: Any = {"type": "object", "properties": properties, "required": list(properties)[:1]}
    value = _value_of(schema, data)
    assume(not schema_faults(schema, value, "input"))
    form = read(schema, sent_of(draw(schema, value).root))
    assert list(form.all_errors()) == []
    assert form.value == value
