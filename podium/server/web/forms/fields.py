"""What a form is made of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import Enum, StrEnum
from typing import Final, TypeAlias

from attrs import field, frozen

from podium.model.values import JsonObject, JsonValue


class Absent(Enum):
    """The type of `ABSENT`."""

    ABSENT = "absent"


#: There is no value: the key is left out.
ABSENT: Final = Absent.ABSENT
#: A value, or that there is none.
Given: TypeAlias = "JsonValue | Absent"


class FieldKind(StrEnum):
    """How a field is drawn and read."""

    #: One line of text; ``input_type`` says which.
    TEXT = "text"
    #: Several lines of text.
    LINES = "lines"
    INTEGER = "integer"
    NUMBER = "number"
    #: A box to tick.
    CHECK = "check"
    #: One of the options.
    SELECT = "select"
    #: Any of the options.
    MANY = "many"
    #: A value that cannot be another.
    FIXED = "fixed"
    #: Fields by name, and rows of names and values.
    OBJECT = "object"
    #: Rows of values.
    LIST = "list"
    #: One of several forms; its one field is the chosen one.
    VARIANT = "variant"
    #: Whatever is typed: JSON where it is JSON, else a text.
    ANY = "any"
    #: JSON text.
    JSON = "json"


#: Those that hold others.
NESTED: Final = frozenset({FieldKind.OBJECT, FieldKind.LIST, FieldKind.VARIANT})


@frozen
class Option:
    """Something to choose; a form names it by its position."""

    label: str
    value: JsonValue = None


@frozen(kw_only=True)
class Field:
    """One field of a form."""

    #: What the browser calls it: a JSON Pointer below the form's name. Marks stand before it (``given:input/a``).
    name: str
    #: Its key in the object around it, or its number in a list; of a row what was typed as its key.
    key: str = ""
    label: str = ""
    kind: FieldKind
    #: What stands in it; of a choice the option's position.
    text: str = ""
    #: What the schema says about it.
    about: str = ""
    #: Its bounds in words, such as ``0 to 99``.
    limits: str = ""
    is_required: bool = False
    #: Left empty it is null where it may not be left out.
    is_nullable: bool = False
    #: Whether it is there at all: what is nested and not required is there when somebody asks for it.
    is_given: bool = True
    options: tuple[Option, ...] = ()
    #: Positions of what is chosen, of `FieldKind.MANY`.
    chosen: frozenset[int] = frozenset()
    #: The type of the browser's own field.
    input_type: str = "text"
    #: Further attributes of the browser's field, such as ``min``.
    attributes: Mapping[str, str] = field(factory=dict)
    #: Fields of an object, items of a list, the chosen one of several forms.
    fields: tuple[Field, ...] = ()
    #: Of an object: what it holds beside its fields, each with a key of its own.
    rows: tuple[Field, ...] = ()
    #: Another item, or row, may be added; items may be taken out.
    can_grow: bool = False
    can_drop: bool = False
    #: Texts that are offered, of which none need be chosen.
    suggestions: tuple[str, ...] = ()
    #: Of an object: JSON of what its schema does not name; None where there can be nothing.
    rest: str | None = None
    #: Of `FieldKind.FIXED`.
    value: JsonValue = None
    #: It is drawn as JSON though its schema says more: its value does not fit, or it is too much for fields.
    is_raw: bool = False
    #: What a choice that is made says of its value, to tell what is wrong with it.
    schema: JsonValue = None
    #: What is wrong with it.
    errors: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """What the page calls it: the name, without what an id may not hold."""
        return "f-" + "".join(each if each.isalnum() else f"_{ord(each):x}_" for each in self.name)

    @property
    def can_leave(self) -> bool:
        """Whether it may be left out, or be null."""
        return not self.is_required or self.is_nullable

    def walk(self) -> Iterator[Field]:
        """Yield it and all fields below."""
        yield self
        for each in (*self.fields, *self.rows):
            yield from each.walk()


@frozen(kw_only=True)
class Form:
    """A form, with what was typed into it."""

    root: Field
    #: What it gives; holds what could be read of it, where there are errors.
    value: JsonObject
    #: What is wrong with the value as a whole.
    errors: tuple[str, ...] = ()
    #: Whether it may be sent: nothing is wrong.
    is_right: bool = True

    def all_errors(self) -> Iterator[tuple[Field | None, str]]:
        """Yield all that is wrong, with the field where it is; None for the whole."""
        yield from ((None, each) for each in self.errors)
        for one in self.root.walk():
            yield from ((one, each) for each in one.errors)
