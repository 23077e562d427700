"""From a schema and the contents of a form to its fields."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from attrs import evolve

from podium.expressions.schemas import SchemaRefused, located_faults
from podium.model.values import JsonObject, JsonValue
from podium.server.web.forms.fields import ABSENT, NESTED, Field, FieldKind, Option
from podium.server.web.forms.leaves import json_field, leaf, options_of, shown_text
from podium.server.web.forms.schemas import SchemaDocument, UnsupportedSchema, arms_of, type_of, without_null
from podium.server.web.forms.sources import ROWS_MAX, FieldSource, SentField, ValueField

#: How deeply fields stand in fields before JSON is typed instead.
_LEVELS_MAX = 12
#: How deeply unions stand in unions.
_UNIONS_MAX = 4
#: What parts of a document refer to.
_SHARED = frozenset({"$schema", "$defs", "definitions"})
_CLASSES: Mapping[str, type | tuple[type, ...]] = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": (int, float),
    "number": (int, float),
    "boolean": bool,
}
_ARTICLES = {"object": "an object", "array": "a list", "string": "a text", "boolean": "yes or no", "null": "nothing"}
_ARTICLES |= {"integer": "a whole number", "number": "a number"}


def draw_fields(schema: JsonValue, source: FieldSource) -> Field:
    """Return the field of a whole form."""
    base = Field(name=source.name, kind=FieldKind.JSON, is_required=True)
    return _Drawer(SchemaDocument(schema)).field(schema, base, source, 0)


class _Drawer:
    """Draws the fields of one document."""

    def __init__(self, document: SchemaDocument) -> None:
        self._document = document

    def field(self, schema: JsonValue, base: Field, source: FieldSource, level: int) -> Field:
        """Return the field of a schema; *base* says what it is called and whether it must be there."""
        try:
            found, is_nullable = without_null(self._document, self._document.resolved(schema))
            found = self._document.resolved(found)
        except UnsupportedSchema as error:
            return json_field(evolve(base, about=f"The schema of this cannot be drawn: {error}."), source)
        if not source.is_known and "default" in found:
            source = ValueField(source.name, found["default"])
        title, about = found.get("title"), found.get("description")
        is_needed = base.is_required and not is_nullable
        base = evolve(
            base,
            label=title if isinstance(title, str) and title else base.label,
            about=about if isinstance(about, str) else "",
            is_nullable=is_nullable,
            is_given=level == 0 or (is_needed if source.is_given is None else source.is_given),
        )
        if level > _LEVELS_MAX or source.is_raw or self._is_unfit(found, source):
            return json_field(base, source, is_raw=True)
        drawn = self._drawn(found, base, source, level)
        # A whole form that is one line would be JSON in a line.
        return drawn if level or drawn.kind in NESTED else json_field(base, source)

    def _drawn(self, schema: JsonObject, base: Field, source: FieldSource, level: int) -> Field:
        if options_of(schema) is None:
            kind, arms = type_of(schema), self._arms(schema, _UNIONS_MAX)
            if len(arms) == 1:
                return self.field(arms[0], base, source, level + 1)
            if arms:
                return self._variant(arms, base, source, level)
            if kind == "object" and (schema.get("properties") or _is_map(schema)):
                return self._object(schema, base, source, level)
            if kind == "array" and ("items" in schema or "prefixItems" in schema):
                return self._array(schema, base, source, level)
        return leaf(base, schema, source)

    def _is_unfit(self, schema: JsonObject, source: FieldSource) -> bool:
        """Return whether there is a value that the fields could not show."""
        value = source.value
        if value is ABSENT or value is None:
            return False
        if options_of(schema) is not None:
            return value not in [option.value for option in options_of(schema) or ()]
        arms = self._arms(schema, _UNIONS_MAX)
        if arms:
            return not any(self._fits(arm, value) for arm in arms)
        wanted = _CLASSES.get(type_of(schema) or "")
        is_right = wanted is None or (isinstance(value, wanted) and (wanted is bool) is isinstance(value, bool))
        return not is_right

    # -- objects ---------------------------------------------------------------------------------------------------

    def _object(self, schema: JsonObject, base: Field, source: FieldSource, level: int) -> Field:
        properties, required = schema.get("properties"), schema.get("required")
        known: Mapping[str, JsonValue] = properties if isinstance(properties, dict) else {}
        base = evolve(base, kind=FieldKind.OBJECT, can_grow=_is_map(schema) and not known)
        if not base.is_given:
            return base
        needed = required if isinstance(required, list) else []
        rows = source.rows(known) if _is_map(schema) else []
        if len(known) > ROWS_MAX or len(rows) > ROWS_MAX:
            return json_field(base, source, is_raw=True)
        fields = tuple(
            self._inner(each, source.child(key), key, level, is_required=key in needed) for key, each in known.items()
        )
        if _is_map(schema):
            drawn = tuple(self._inner(schema["additionalProperties"], place, key, level) for key, place in rows)
            return evolve(base, fields=fields, rows=drawn, can_grow=len(rows) < ROWS_MAX)
        base = evolve(base, can_grow=False)
        is_open = schema.get("additionalProperties") is not False
        return evolve(base, fields=fields, rest=source.rest(known) if is_open else None)

    def _inner(self, schema: JsonValue, place: FieldSource, key: str, level: int, *, is_required: bool = True) -> Field:
        base = Field(name=place.name, key=key, label=key, kind=FieldKind.JSON, is_required=is_required)
        return self.field(schema, base, place, level + 1)

    # -- lists -----------------------------------------------------------------------------------------------------

    def _array(self, schema: JsonObject, base: Field, source: FieldSource, level: int) -> Field:
        columns = schema.get("prefixItems", schema.get("items"))
        each = columns if not isinstance(columns, list) else True
        options = self._options(each)
        if options is not None and schema.get("uniqueItems") is True:
            chosen = source.many([option.value for option in options])
            limits = _sizes({**schema, "uniqueItems": False})
            return evolve(base, kind=FieldKind.MANY, options=options, chosen=chosen, limits=limits)
        base = evolve(base, kind=FieldKind.LIST, limits=_sizes(schema), can_grow=not isinstance(columns, list))
        if not base.is_given:
            return base
        if isinstance(columns, list):
            fixed = [self._inner(one, source.item(at), str(at + 1), level) for at, one in enumerate(columns)]
            return evolve(base, fields=tuple(fixed))
        count = source.count()
        count = _number(schema, "minItems", 0) if count is None else count
        if count > ROWS_MAX:
            return json_field(base, source, is_raw=True)
        fields = tuple(self._inner(each, source.item(at), str(at + 1), level) for at in range(count))
        room = min(_number(schema, "maxItems", ROWS_MAX), ROWS_MAX)
        return evolve(base, fields=fields, can_grow=count < room, can_drop=True)

    def _options(self, schema: JsonValue) -> tuple[Option, ...] | None:
        try:
            return options_of(self._document.resolved(schema))
        except UnsupportedSchema:
            return None

    # -- one of several ------------------------------------------------------------------------------------------------

    def _arms(self, schema: JsonObject, left: int) -> list[JsonValue]:
        """Return the forms of which one is chosen; those of a union in a union are offered with the others."""
        found: list[JsonValue] = []
        for arm in arms_of(schema):
            inner, is_nullable = self._resolved(arm)
            more = self._arms(inner, left - 1) if left and options_of(inner) is None else []
            found += [*more, {"type": "null"}] if more and is_nullable else more or [arm]
        return found

    def _resolved(self, schema: JsonValue) -> tuple[JsonObject, bool]:
        try:
            return without_null(self._document, self._document.resolved(schema))
        except UnsupportedSchema:
            return {}, False

    def _variant(self, arms: list[JsonValue], base: Field, source: FieldSource, level: int) -> Field:
        at = source.arm([partial(self._fits, arm) for arm in arms])
        if at is None and not base.can_leave:
            at = 0
        options = tuple(Option(self._arm_name(arm, number)) for number, arm in enumerate(arms))
        chosen = evolve(base, kind=FieldKind.VARIANT, options=options, is_given=at is not None)
        if at is None:
            return chosen
        inner = Field(name=base.name, key=base.key, kind=FieldKind.JSON, is_required=True)
        drawn = self.field(arms[at], inner, _without_default(source), level + 1)
        return evolve(chosen, text=str(at), fields=(evolve(drawn, is_given=True),), schema=self._shared(arms[at]))

    def _arm_name(self, arm: JsonValue, number: int) -> str:
        found, _ = self._resolved(arm)
        if isinstance(found.get("title"), str):
            return str(found["title"])
        properties = found.get("properties")
        for key, each in properties.items() if isinstance(properties, dict) else ():
            if isinstance(each, dict) and "const" in each:
                return f"{key}: {shown_text(each['const'])}"
        if "const" in found:
            return shown_text(found["const"])
        ref = _ref(arm)
        return ref or _ARTICLES.get(type_of(found) or "", f"form {number + 1}")

    def _shared(self, schema: JsonValue) -> JsonObject:
        """Return a part of the document as one of its own, in which references lead where they led."""
        root = self._document.root
        shared = {key: each for key, each in root.items() if key in _SHARED} if isinstance(root, dict) else {}
        return {**shared, "allOf": [schema]}

    def _fits(self, arm: JsonValue, value: JsonValue) -> bool:
        try:
            return not located_faults(self._shared(arm), value, 1)
        except (SchemaRefused, RecursionError):
            return False


def _without_default(source: FieldSource) -> FieldSource:
    return source if isinstance(source, SentField) else ValueField(source.name, source.value)


def _ref(arm: JsonValue) -> str:
    """Return the last part of what an arm refers to."""
    if isinstance(arm, dict) and isinstance(arm.get("allOf"), list):
        arm = arm["allOf"][-1]
    found = arm.get("$ref") if isinstance(arm, dict) else None
    return str(found).rpartition("/")[2] if isinstance(found, str) else ""


def _is_map(schema: JsonObject) -> bool:
    """Return whether an object has keys that its author does not know, with values of one kind."""
    others = schema.get("additionalProperties")
    return isinstance(others, dict) and (bool(others) or not schema.get("properties"))


def _number(schema: JsonObject, word: str, otherwise: int) -> int:
    found = schema.get(word)
    return found if isinstance(found, int) and not isinstance(found, bool) and found >= 0 else otherwise


def _sizes(schema: JsonObject) -> str:
    """Return how many items there may be, in words."""
    least, most = _number(schema, "minItems", 0), _number(schema, "maxItems", -1)
    words = [f"{least} to {most}"] if least and most >= 0 else [f"at least {least}"] if least else []
    words += [f"at most {most}"] if most >= 0 and not least else []
    words += ["none twice"] if schema.get("uniqueItems") is True else []
    return ", ".join(words)
