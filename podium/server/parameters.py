"""What a request may carry beside its body: declared once, for reading it and for the document that tells of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl

from attrs import field, frozen

from podium.client.checked import checked_text
from podium.model.errors import InvalidRequest
from podium.model.texts import shown

#: The whole numbers that Conductor's types hold.
INT_MAX, LONG_MAX = (1 << 31) - 1, (1 << 63) - 1


def _whole(text: str) -> int:
    if not text.removeprefix("-").isdecimal() or not text.isascii() or len(text) > 20:
        raise ValueError
    return int(text)


def _flag(text: str) -> bool:
    return {"true": True, "false": False}[text.lower()]


_READERS: Mapping[type, tuple[Callable[[str], Any], str, str]] = {
    str: (str, "a text", "string"),
    int: (_whole, "a whole number", "integer"),
    bool: (_flag, "true or false", "boolean"),
}


@frozen(kw_only=True)
class Parameter:
    """One parameter of a query string."""

    name: str
    #: str, int or bool.
    type: type = str
    #: What it is where it is not given.
    default: Any = None
    is_required: bool = False
    #: It may come several times; handlers see a list.
    is_many: bool = False
    #: The bounds of a number, both included.
    least: int | None = None
    most: int | None = None
    #: The only texts that are taken.
    choices: Sequence[str] = ()
    #: What to say where *most* is passed, if Conductor has words for it.
    complaint: str = ""
    text: str = ""

    def read(self, given: Sequence[str]) -> Any:
        """
        Return its value.

        Raises:
            InvalidRequest: It is missing, or not of its type, or out of bounds.
        """
        if self.is_many:
            return [self._value(each) for one in given for each in one.split(",") if each]
        if not given or (not given[-1] and self.type is not str):
            if self.is_required:
                raise InvalidRequest(f"Required request parameter '{self.name}' is not present")
            return self.default
        return self._value(given[-1])

    def _value(self, text: str) -> Any:
        read, meant, _ = _READERS[self.type]
        checked_text(text, self.name)
        try:
            value = read(text)
        except (ValueError, KeyError):
            raise InvalidRequest(f"{self.name}: {meant} is expected, not {shown(text)}") from None
        if self.choices and value not in self.choices:
            raise InvalidRequest(f"{self.name}: one of {', '.join(self.choices)} is expected, not {shown(text)}")
        if self.type is int:
            self._refuse_beyond(value)
        return value

    def _refuse_beyond(self, value: int) -> None:
        least, most = self.bounds
        if value > most and self.complaint:
            raise InvalidRequest(self.complaint)
        if not least <= value <= most:
            raise InvalidRequest(f"{self.name}: a whole number from {least} to {most} is expected, not {value}")

    @property
    def bounds(self) -> tuple[int, int]:
        """The least and the greatest number that it may be."""
        least = -LONG_MAX if self.least is None else self.least
        return least, LONG_MAX if self.most is None else self.most

    def schema(self) -> dict[str, Any]:
        """Return what the document says of its values."""
        found: dict[str, Any] = {"type": _READERS[self.type][2]}
        if self.type is int:
            found["format"] = "int64"
            found |= dict(zip(("minimum", "maximum"), self.bounds, strict=True))
        if self.choices:
            found["enum"] = list(self.choices)
        if self.is_many:
            return {"type": "array", "items": found}
        if self.default is not None:
            found["default"] = self.default
        return found


@frozen
class Query:
    """The parameters of a route."""

    parameters: tuple[Parameter, ...]
    _defaults: dict[str, Any] = field(init=False)

    @_defaults.default
    def _made(self) -> dict[str, Any]:
        return {each.name: [] if each.is_many else each.default for each in self.parameters}

    def read(self, text: str) -> dict[str, Any]:
        """
        Return the values of all parameters, by name; what is not declared is ignored.

        Raises:
            InvalidRequest: One is missing or wrong.
        """
        if not self.parameters:
            return {}
        given: dict[str, list[str]] = {}
        for name, value in parse_qsl(text, keep_blank_values=True) if text else ():
            given.setdefault(name, []).append(value)
        found = dict(self._defaults)
        for each in self.parameters:
            if each.name in given or each.is_required:
                found[each.name] = each.read(given.get(each.name, ()))
        return found


def text(name: str, about: str = "", **more: Any) -> Parameter:
    """Return a parameter that is a text."""
    return Parameter(name=name, text=about, **more)


def number(name: str, default: int | None = None, about: str = "", **more: Any) -> Parameter:
    """Return a parameter that is a whole number."""
    return Parameter(name=name, type=int, default=default, text=about, **more)


def flag(name: str, about: str = "", *, default: bool = False) -> Parameter:
    """Return a parameter that is true or false."""
    return Parameter(name=name, type=bool, default=default, text=about)


#: The parameters of searches.
PAGE = (
    number("start", 0, "How many results to pass over.", least=0),
    number("size", 100, "Most results to give.", least=0, most=5000, complaint="Cannot return more than 5000 results"),
)
