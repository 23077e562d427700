"""Fields that hold no others: how their values are written into them, and read out of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from attrs import evolve

from podium.model.json_text import parse, shown, write
from podium.model.values import JsonObject, JsonValue
from podium.server.web.forms.fields import ABSENT, Field, FieldKind, Given, Option
from podium.server.web.forms.schemas import type_of
from podium.server.web.forms.sources import FieldSource, is_position, position

#: The browser's fields for formats of texts.
_INPUTS = {
    "date": "date",
    "time": "time",
    "date-time": "datetime-local",
    "email": "email",
    "idn-email": "email",
    "uri": "url",
    "url": "url",
    "iri": "url",
    "password": "password",
    "color": "color",
}
_LINES = frozenset({"textarea", "multiline", "markdown", "html"})
#: Longest text that one line is good for.
_LINE_MAX = 200
#: Most choices, and suggestions, of one field.
_OPTIONS_MAX = 700
_LOCAL = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,6})?)?")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S+")


class InvalidText(Exception):
    """A text that is no value of its field; the message says what is expected."""


# -- drawing -----------------------------------------------------------------------------------------------------------


def leaf(base: Field, schema: JsonObject, source: FieldSource) -> Field:
    """Return a field for a schema that holds no others; *base* says what it is called."""
    if "const" in schema and base.is_required:
        return evolve(base, kind=FieldKind.FIXED, value=schema["const"], text=shown_text(schema["const"]))
    options = options_of(schema)
    if options is not None and len(options) <= _OPTIONS_MAX:
        return _select(base, options, source)
    kind = type_of(schema)
    if kind == "boolean":
        return _boolean(base, schema, source)
    if kind in {"integer", "number"}:
        text = source.text(shown_text)
        drawn = FieldKind.INTEGER if kind == "integer" else FieldKind.NUMBER
        bounds = _number_attributes(schema, drawn)
        return evolve(base, kind=drawn, input_type="number", text=text, attributes=bounds, limits=_limits(schema))
    if kind == "string":
        return _string(base, schema, source)
    if kind == "null":
        return evolve(base, kind=FieldKind.FIXED, value=None, text="null")
    if kind in {"object", "array"}:
        return json_field(base, source)
    return evolve(base, kind=FieldKind.ANY, text=source.text(any_text), suggestions=_examples(schema))


def json_field(base: Field, source: FieldSource, *, is_raw: bool = False) -> Field:
    """Return a field for JSON text."""
    return evolve(base, kind=FieldKind.JSON, text=source.text(write), is_raw=is_raw)


def options_of(schema: JsonObject) -> tuple[Option, ...] | None:
    """Return what may be chosen, where a schema lists it: ``enum``, or ``oneOf`` of constants with titles."""
    values = [schema["const"]] if "const" in schema else schema.get("enum")
    if isinstance(values, list):
        return tuple(Option(_option_text(each), each) for each in values)
    for key in ("oneOf", "anyOf"):
        arms = schema.get(key)
        if isinstance(arms, list) and arms and all(isinstance(arm, dict) and "const" in arm for arm in arms):
            found: list[Any] = arms
            return tuple(Option(str(arm.get("title") or _option_text(arm["const"])), arm["const"]) for arm in found)
    return None


def _select(base: Field, options: tuple[Option, ...], source: FieldSource) -> Field:
    values = [option.value for option in options]

    def spelt(value: JsonValue) -> str:
        at = position(values, value)
        return "" if at is None else str(at)

    return evolve(base, kind=FieldKind.SELECT, options=options, text=source.text(spelt))


def _boolean(base: Field, schema: JsonObject, source: FieldSource) -> Field:
    if base.is_required or isinstance(schema.get("default"), bool):
        return evolve(base, kind=FieldKind.CHECK, text=source.text(lambda value: "1" if value is True else "0"))
    return _select(base, (Option("yes", value=True), Option("no", value=False)), source)


def _string(base: Field, schema: JsonObject, source: FieldSource) -> Field:
    wanted = str(schema.get("format") or "")
    text = source.text(_as_local if wanted == "date-time" else shown_text)
    attributes = _string_attributes(schema)
    most = schema.get("maxLength")
    is_long = isinstance(most, int) and most > _LINE_MAX
    if wanted in _LINES or is_long or "\n" in text or len(text) > _LINE_MAX or "contentMediaType" in schema:
        return evolve(base, kind=FieldKind.LINES, text=text, attributes=attributes, limits=_limits(schema))
    shape = _INPUTS.get(wanted, "text")
    if shape == "datetime-local":
        attributes = {"step": "1"}
        if text and not _LOCAL.fullmatch(text):
            shape = "text"
    elif shape in {"date", "time", "color"}:
        attributes = {"step": "1"} if shape == "time" else {}
    limits = "in UTC" if wanted == "date-time" else _limits(schema)
    offered = _examples(schema) if shape == "text" else ()
    base = evolve(base, attributes=attributes, limits=limits, suggestions=offered)
    return evolve(base, kind=FieldKind.TEXT, input_type=shape, text=text)


def _examples(schema: JsonObject) -> tuple[str, ...]:
    found = schema.get("examples")
    return tuple(shown_text(each) for each in found[:_OPTIONS_MAX]) if isinstance(found, list) else ()


def shown_text(value: JsonValue) -> str:
    """Return a text as it is, null as nothing, all else as JSON."""
    return value if isinstance(value, str) else "" if value is None else write(value)


def _option_text(value: JsonValue) -> str:
    return value if isinstance(value, str) and value else shown(value, 100)


def any_text(value: JsonValue) -> str:
    """Return a value so that `FieldKind.ANY` reads it back: a text that looks like JSON is written as JSON."""
    if not isinstance(value, str):
        return write(value)
    return value if _any(value) == value and value else write(value)


def _as_local(value: JsonValue) -> str:
    """Return a moment as browsers edit it, in UTC."""
    text = shown_text(value)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    if moment.tzinfo is not None:
        moment = moment.astimezone(UTC)
    return moment.replace(tzinfo=None).isoformat(timespec="microseconds" if moment.microsecond else "seconds")


def _number_attributes(schema: JsonObject, kind: FieldKind) -> Mapping[str, str]:
    found = {"step": "1" if kind is FieldKind.INTEGER else "any"}
    for word, name in (("minimum", "min"), ("maximum", "max"), ("multipleOf", "step")):
        if _is_number(schema.get(word)):
            found[name] = shown_text(schema[word])
    return found


def _string_attributes(schema: JsonObject) -> dict[str, str]:
    found = {}
    for word, name in (("minLength", "minlength"), ("maxLength", "maxlength")):
        if _is_number(schema.get(word)):
            found[name] = shown_text(schema[word])
    examples = _examples(schema)
    if examples:
        found["placeholder"] = examples[0]
    return found


def _is_number(value: JsonValue) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _limits(schema: JsonObject) -> str:
    """Return the bounds of numbers, or of a text's length, in words."""
    low, above = schema.get("minimum"), schema.get("exclusiveMinimum")
    high, under = schema.get("maximum"), schema.get("exclusiveMaximum")
    words = []
    if _is_number(low) and _is_number(high):
        words.append(f"{low} to {high}")
    else:
        words += [f"at least {low}"] if _is_number(low) else []
        words += [f"at most {high}"] if _is_number(high) else []
    words += [f"more than {above}"] if _is_number(above) else []
    words += [f"less than {under}"] if _is_number(under) else []
    step = schema.get("multipleOf")
    words += [f"in steps of {step}"] if _is_number(step) else []
    least, most = schema.get("minLength"), schema.get("maxLength")
    if _is_number(least) and _is_number(most):
        words.append(f"{least} to {most} characters")
    else:
        words += [f"at least {least} characters"] if isinstance(least, int) and least > 1 else []
        words += [f"at most {most} characters"] if _is_number(most) else []
    if isinstance(schema.get("pattern"), str):
        words.append(f"like {schema['pattern']}")
    return ", ".join(words)


# -- reading -----------------------------------------------------------------------------------------------------------


def leaf_value(field: Field) -> Given:
    """
    Return what stands in a field that holds no others.

    Raises:
        Unfit: It is no value of the field.
    """
    if field.kind is FieldKind.FIXED:
        return field.value
    if field.kind is FieldKind.CHECK:
        return field.text == "1"
    if field.kind is FieldKind.MANY:
        if not field.chosen and field.can_leave:
            return ABSENT
        return [option.value for at, option in enumerate(field.options) if at in field.chosen]
    if not field.text.strip():
        return None if field.is_nullable and field.is_required else ABSENT
    if field.kind is FieldKind.SELECT:
        return _chosen(field)
    return _READERS[field.kind](field, field.text)


def _chosen(field: Field) -> JsonValue:
    if is_position(field.text, len(field.options)):
        return field.options[int(field.text)].value
    raise InvalidText("choose one of the list")


def _whole(_: Field, text: str) -> JsonValue:
    try:
        number = parse(text.strip())
    except ValueError:
        number = None
    if isinstance(number, float) and number.is_integer():
        number = int(number)
    if type(number) is not int:
        raise InvalidText(f"a whole number is expected, such as 12, not {text.strip()!r:.60}")
    return number


def _number(_: Field, text: str) -> JsonValue:
    try:
        number = parse(text.strip())
    except ValueError:
        number = None
    if type(number) not in {int, float}:
        raise InvalidText(f"a number is expected, such as 12.5, not {text.strip()!r:.60}")
    return number


def _line(field: Field, text: str) -> JsonValue:
    if field.input_type == "email" and not _EMAIL.fullmatch(text):
        raise InvalidText(f"an e-mail address is expected, such as anna@example.org, not {text!r:.60}")
    if field.input_type == "url" and not _URI.fullmatch(text):
        raise InvalidText(f"an address is expected, such as https://example.org/, not {text!r:.60}")
    if field.input_type == "datetime-local" and _LOCAL.fullmatch(text):
        return f"{text}{':00' if len(text) == len('2026-01-31T09:30') else ''}Z"
    return text


def _json(_: Field, text: str) -> JsonValue:
    try:
        return parse(text)
    except ValueError as error:
        raise InvalidText(f"this is not JSON: {error}") from None


def _any(text: str) -> JsonValue:
    try:
        return parse(text)
    except ValueError:
        return text


_READERS: Mapping[FieldKind, Callable[[Field, str], JsonValue]] = {
    FieldKind.INTEGER: _whole,
    FieldKind.NUMBER: _number,
    FieldKind.TEXT: _line,
    FieldKind.LINES: lambda _, text: text,
    FieldKind.JSON: _json,
    FieldKind.ANY: lambda _, text: _any(text),
}
