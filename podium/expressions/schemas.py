"""
What JSON Schemas say of values at run time.

Schemas are draft 7 unless they name another draft. They refer to nothing outside of themselves, so nothing is fetched;
patterns are matched by RE2, whose time grows with the length of the text only. Of formats, those are looked at that
Podium writes: ``date``, ``time``, ``date-time`` and ``uuid``.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import date, datetime, time
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeAlias
from uuid import UUID

from attrs import frozen

from podium.expressions.refusals import PathFault, PatternRefused
from podium.model.errors import PodiumError
from podium.model.json_text import described
from podium.model.payloads import dump, parse
from podium.model.texts import shorten
from podium.model.values import JsonObject, JsonValue

if TYPE_CHECKING:
    from jsonschema import ValidationError
    from jsonschema.protocols import Validator

#: Most faults that one message tells, and most characters of each.
_FAULTS_MAX, _CHARS_MAX = 10, 300
_WORDS = {
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "an object",
    "null": "null",
}
#: Most words of a schema that one check may hold against parts of the value, a second or two: a schema may name its
#: own parts so often that there is no end to it.
_WORK_MAX = 500_000
#: Words of schemas behind which values stand.
_DATA = frozenset({"enum", "const", "default", "examples"})
_FORMATS: dict[str, Any] = {
    "date": date.fromisoformat,
    "time": time.fromisoformat,
    "date-time": datetime.fromisoformat,
    "uuid": UUID,
}


#: Checks a word of schemas: the validator, what stands behind the word, the value, and the schema around it.
_Check: TypeAlias = Callable[[Any, Any, Any, Any], Any]


@frozen
class SchemaFault:
    """What a schema finds wrong at one place of a value."""

    #: The keys and positions that lead to the place, outermost first; of what is missing to where it should stand.
    path: tuple[str | int, ...]
    #: What is wrong there, such as ``a number is expected, not a text ('x')``, or ``is missing``.
    words: str
    #: The schema's word that says so, such as ``type``.
    keyword: str

    def text(self, place: str) -> str:
        """Return it as a sentence that names its place, in a value that is called *place*."""
        for step in self.path:
            place = f"{place}[{step}]" if isinstance(step, int) else f"{place}.{step}"
        return f"{place}{' ' if self.keyword == 'required' else ': '}{self.words}"


class SchemaRefused(PodiumError):
    """A schema that no value can be held against."""


class _Work(threading.local):
    """What the check on this thread has done so far."""

    done = 0

    def add(self, count: int = 1) -> None:
        """
        Count some work.

        Raises:
            SchemaRefused: It is too much.
        """
        self.done += count
        if self.done > _WORK_MAX:
            raise SchemaRefused(f"it has too much to say of this value: more than {_WORK_MAX} words, the limit")


_work = _Work()


def refuse_schema(schema: JsonObject) -> None:
    """
    Refuse a schema that is none.

    Raises:
        SchemaRefused: It is none; the message names the place in it.
    """
    _validator(dump(schema))


def schema_faults(schema: JsonObject, value: JsonValue, place: str) -> list[str]:
    """
    Return what a schema finds wrong with a value, each with its place.

    Args:
        schema: The schema.
        value: The value.
        place: What the value is called.

    Raises:
        SchemaRefused: The schema is none.

    Example:
        >>> schema = {"properties": {"ids": {"items": {"type": "integer"}}}, "required": ["name"]}
        >>> schema_faults(schema, {"ids": [1, "x"]}, "input")
        ["input.ids[1]: a whole number is expected, not a text ('x')", 'input.name is missing']
    """
    try:
        found = [shorten(fault.text(place), _CHARS_MAX) for fault in located_faults(schema, value, _FAULTS_MAX + 1)]
    except RecursionError:
        return [f"{place}: it is nested too deeply to be held against its schema, or the schema refers to itself"]
    return found[:_FAULTS_MAX] + (["…"] if len(found) > _FAULTS_MAX else [])


def located_faults(schema: JsonObject, value: JsonValue, most: int) -> list[SchemaFault]:
    """
    Return what a schema finds wrong with a value, at most so many faults.

    Raises:
        SchemaRefused: The schema is none.
        RecursionError: The value is nested too deeply, or the schema refers to itself.
    """
    _work.done = 0
    try:
        found = (fault for error in _validator(dump(schema)).iter_errors(_plain(value)) for fault in _in_words(error))
        return list(islice(found, most))
    except (PodiumError, RecursionError):
        raise
    except Exception as error:  # a reference in the schema that leads nowhere is found when it is met
        raise SchemaRefused(f"the schema cannot be used: {error}") from error


def _plain(value: JsonValue) -> Any:
    """Return a value of the classes that JSON is read as: rows and the like are no lists for a schema."""
    return value if type(value) in {dict, list, str, int, float, bool, type(None)} else parse(dump(value))


def _in_words(error: ValidationError) -> Iterator[SchemaFault]:
    path = tuple(error.absolute_path)
    wanted: Any = error.validator_value
    keyword = str(error.validator)
    if keyword == "required":
        # One error for each; its message begins with the name, in quotes.
        for name in wanted:
            if error.message.startswith(repr(name)):
                yield SchemaFault((*path, name), "is missing", keyword)
        return
    words = error.message
    if keyword == "type":
        kinds = [wanted] if isinstance(wanted, str) else wanted
        words = f"{' or '.join(_WORDS.get(kind, kind) for kind in kinds)} is expected, not {_shown(error)}"
    elif keyword == "enum":
        words = f"one of {', '.join(map(repr, wanted))} is expected, not {_shown(error)}"
    elif keyword in {"anyOf", "oneOf"} and error.context:
        words = f"{_shown(error)} is none of what is allowed here"
    yield SchemaFault(path, words, keyword)


def _shown(error: ValidationError) -> str:
    value: Any = error.instance
    return described(value)


@lru_cache(maxsize=512)
def _validator(body: bytes) -> Validator:
    from jsonschema import FormatChecker, SchemaError, validators  # slow to import, and few runs need it
    from referencing import Registry

    from podium.expressions.jsonpath.patterns import compile_pattern

    schema: Any = parse(body)
    checker = FormatChecker(formats=())
    for name, read in _FORMATS.items():
        checker.checkers[name] = (_reads(read), ValueError)
    kind = validators.validator_for(schema, default=validators.Draft7Validator)
    try:
        kind.check_schema(schema)
        for pattern in _patterns(schema):
            compile_pattern(pattern, "")
        if b'"unevaluatedProperties"' in body and b'"patternProperties"' in body:
            raise SchemaRefused(
                "unevaluatedProperties beside patternProperties is not understood; write additionalProperties"
            )
    except SchemaError as error:
        where = "".join(f".{step}" for step in error.absolute_path)
        raise SchemaRefused(f"no JSON Schema: at ${where}: {shorten(error.message, _CHARS_MAX)}") from None
    except (PathFault, PatternRefused, RecursionError) as error:
        raise SchemaRefused(f"the schema cannot be used: {error}") from None
    bounded: Any = validators.extend  # has no annotations
    words = {word: _counted(check) for word, check in {**kind.VALIDATORS, **_QUICK}.items()}
    quick: type[Validator] = bounded(kind, words)
    return quick(schema, format_checker=checker, registry=Registry())


def _counted(check: _Check) -> _Check:
    """Return the check of a word of schemas, which counts as work."""

    def counted(validator: Any, said: Any, value: Any, schema: Any) -> Any:
        _work.add(len(said) if isinstance(said, list) else 1)
        return check(validator, said, value, schema)

    return counted


def _reads(read: Any) -> Any:
    def looks_right(value: object) -> bool:
        if isinstance(value, str):
            read(value)
        return True

    return looks_right


def _patterns(schema: Any) -> Iterator[str]:
    """Yield all that may be patterns in a schema."""
    if isinstance(schema, dict):
        if isinstance(schema.get("pattern"), str):
            yield schema["pattern"]
        if isinstance(schema.get("patternProperties"), dict):
            yield from schema["patternProperties"]
        for key, inner in schema.items():
            if key not in _DATA:
                yield from _patterns(inner)
    elif isinstance(schema, list):
        for inner in schema:
            yield from _patterns(inner)


def _matches(pattern: str, text: str) -> bool:
    from podium.expressions.jsonpath.patterns import compile_pattern  # as above

    return compile_pattern(pattern, "").search(text.encode("utf-8", "replace")) is not None


def _pattern(_: Any, pattern: str, value: Any, __: Any) -> Iterator[ValidationError]:
    from jsonschema import ValidationError

    if isinstance(value, str) and not _matches(pattern, value):
        yield ValidationError(f"{described(value)} does not match {pattern!r}")


def _pattern_properties(validator: Any, patterns: Any, value: Any, _: Any) -> Iterator[ValidationError]:
    if isinstance(value, dict):
        for pattern, schema in patterns.items():
            _work.add(len(value))
            for key, inner in value.items():
                if _matches(pattern, key):
                    yield from validator.descend(inner, schema, path=key, schema_path=pattern)


def _additional_properties(validator: Any, said: Any, value: Any, schema: Any) -> Iterator[ValidationError]:
    from jsonschema import ValidationError

    if not isinstance(value, dict):
        return
    known, patterns = schema.get("properties", {}), schema.get("patternProperties", {})
    _work.add(len(value) * len(patterns))
    extras = [key for key in value if key not in known and not any(_matches(pattern, key) for pattern in patterns)]
    if isinstance(said, dict):
        for key in extras:
            yield from validator.descend(value[key], said, path=key)
    elif not said and extras:
        names = ", ".join(map(repr, sorted(extras)[:_FAULTS_MAX]))
        yield ValidationError(f"Additional properties are not allowed ({names} {_were(extras)} unexpected)")


def _were(names: list[str]) -> str:
    return "was" if len(names) == 1 else "were"


def _unique_items(_: Any, said: Any, value: Any, __: Any) -> Iterator[ValidationError]:
    from jsonschema import ValidationError

    if said and isinstance(value, list) and len({_key(item) for item in value}) < len(value):
        yield ValidationError(f"{described(value)} has non-unique elements")


def _key(value: Any) -> Any:
    """Return what equals for values that are equal in JSON: 1 and 1.0 are, 1 and true are not."""
    if isinstance(value, bool):
        return "boolean", value
    if isinstance(value, list):
        return "array", tuple(map(_key, value))
    if isinstance(value, dict):
        return "object", frozenset((name, _key(item)) for name, item in value.items())
    return value


#: What is checked here in another way than by the library: in a time that grows with the value.
_QUICK: dict[str, _Check] = {
    "additionalProperties": _additional_properties,
    "pattern": _pattern,
    "patternProperties": _pattern_properties,
    "uniqueItems": _unique_items,
}
