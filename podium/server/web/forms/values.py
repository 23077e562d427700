"""From the fields of a form, as they were filled in, to its value, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from attrs import evolve

from podium.expressions.schemas import SchemaFault, SchemaRefused, located_faults
from podium.model.json_text import parse
from podium.model.values import JsonObject, JsonValue
from podium.server.web.forms.fields import ABSENT, NESTED, Field, FieldKind, Form, Given
from podium.server.web.forms.leaves import InvalidText, leaf_value

#: Says what a schema finds wrong with a value.
Judge: TypeAlias = "Callable[[JsonValue], Sequence[SchemaFault]]"
Path: TypeAlias = "tuple[str | int, ...]"

#: Most faults that a form tells.
FAULTS_MAX = 200


def form_of(root: Field, judge: Judge) -> Form:
    """Return a form that was filled in, with its value and what is wrong with it."""
    reading = _Reading()
    value = reading.value_of(root, ())
    if value is ABSENT and not reading.errors:
        value = {}  # nothing was typed at all
    reading.judge(value, judge)
    errors = tuple(reading.whole)
    if not isinstance(value, dict) and not errors and not reading.errors:
        errors = ("an object is expected: { … }",)
    marked = reading.marked(root)
    given: JsonObject = value if isinstance(value, dict) else {}
    return Form(root=marked, value=given, errors=errors, is_right=not (errors or reading.errors))


class _Reading:
    """Reads the fields of one form."""

    def __init__(self) -> None:
        #: What is wrong, by the field's name.
        self.errors: dict[str, list[str]] = {}
        #: Fields whose texts are no values: what is missing by that is not told once more.
        self._unread: frozenset[str] = frozenset()
        self.whole: list[str] = []
        #: The field of each place of the value.
        self._places: dict[Path, Field] = {}
        #: Choices that were made, with their places and values.
        self._chosen: list[tuple[Path, Field, JsonValue]] = []

    def value_of(self, field: Field, path: Path) -> Given:
        """Return what a field gives; what is wrong with it is noted."""
        self._places.setdefault(path, field)
        if field.kind in NESTED:
            if not field.is_given:
                return None if field.is_required and field.is_nullable else ABSENT
            return _NESTED[field.kind](self, field, path)
        try:
            return leaf_value(field)
        except InvalidText as error:
            self._note(field, str(error))
            return ABSENT

    def _note(self, field: Field, error: str) -> None:
        found = self.errors.setdefault(field.name, [])
        if error not in found:
            found.append(error)

    def object_of(self, field: Field, path: Path) -> JsonValue:
        """Return the object of its fields, rows and the rest."""
        found: dict[str, JsonValue] = {}
        for each in field.fields:
            value = self.value_of(each, (*path, each.key))
            if value is not ABSENT:
                found[each.key] = value
        for each in field.rows:
            value = self.value_of(each, (*path, each.key))
            if value is ABSENT and not each.key:
                continue
            if not each.key or each.key in found:
                self._note(each, "this name is there already" if each.key else "a name is missing")
            else:
                found[each.key] = "" if value is ABSENT else value
        return {**found, **self._rest(field, found)}

    def _rest(self, field: Field, known: JsonObject) -> JsonObject:
        if not field.rest or not field.rest.strip():
            return {}
        try:
            others = parse(field.rest)
        except ValueError as error:
            self._note(field, f"other values: this is not JSON: {error}")
            return {}
        if not isinstance(others, dict):
            self._note(field, "other values: an object is expected: { … }")
            return {}
        twice = sorted(others.keys() & {each.key for each in field.fields})
        if twice:
            self._note(field, f"other values: {twice[0]!r} has a field of its own")
        return {key: each for key, each in others.items() if key not in known}

    def list_of(self, field: Field, path: Path) -> JsonValue:
        """Return the list of its items."""
        found: list[JsonValue] = []
        for each in field.fields:
            value = self.value_of(each, (*path, len(found)))
            if value is ABSENT:
                if each.name not in self.errors:
                    self._note(each, "is missing: fill it in, or remove it")
            else:
                found.append(value)
        return found

    def variant_of(self, field: Field, path: Path) -> Given:
        """Return what the chosen form gives."""
        value = self.value_of(field.fields[0], path)
        if value is not ABSENT:
            self._chosen.append((path, field, value))
        return value

    # -- what the schema says ------------------------------------------------------------------------------------------

    def judge(self, value: Given, judge: Judge) -> None:
        """Note what the schema finds wrong, at the fields where it is."""
        self._unread = frozenset(self.errors)
        if value is ABSENT:
            return
        try:
            faults = list(judge(value))
            for path, field, chosen in self._chosen if faults else ():
                # Of the choice that was made it is told what is wrong with it, not only that something is.
                schema = field.schema if isinstance(field.schema, dict) else {}
                inner = located_faults(schema, chosen, FAULTS_MAX)
                if inner:
                    faults = [each for each in faults if (each.path, each.keyword in _CHOICES) != (path, True)]
                    faults += [evolve(each, path=(*path, *each.path)) for each in inner]
        except SchemaRefused as error:
            self.whole.append(str(error))
            return
        except RecursionError:
            self.whole.append("it is nested too deeply to be held against its schema")
            return
        for fault in faults:
            self._place(fault)

    def _place(self, fault: SchemaFault) -> None:
        """Note a fault at the field that is nearest to its place."""
        path = fault.path
        while path and path not in self._places:
            path = path[:-1]
        inner = evolve(fault, path=fault.path[len(path) :]).text("").removeprefix(".").removeprefix(": ")
        words = inner if fault.path != path else fault.words
        if path and self._places[path].name in self._unread:
            return
        if path:
            self._note(self._places[path], words)
        else:
            self.whole.append(words)

    def marked(self, field: Field) -> Field:
        """Return a field with what is wrong with it, and with those below it."""
        fields, rows = (tuple(self.marked(each) for each in several) for several in (field.fields, field.rows))
        # A choice has the name of what was chosen: what is wrong is told once, there.
        is_told = field.kind is FieldKind.VARIANT and bool(field.fields)
        errors = () if is_told else tuple(self.errors.get(field.name, ()))
        return evolve(field, errors=errors, fields=fields, rows=rows)


_CHOICES = frozenset({"anyOf", "oneOf"})
_NESTED: dict[FieldKind, Callable[[_Reading, Field, Path], Given]] = {
    FieldKind.OBJECT: _Reading.object_of,
    FieldKind.LIST: _Reading.list_of,
    FieldKind.VARIANT: _Reading.variant_of,
}
