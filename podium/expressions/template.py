"""
JSON values with ``${...}`` in them, compiled once and filled in many times.

A template is part of a plan, so it is immutable and shared. Values are not copied: what a whole-string reference
finds is the very object that the document holds, and constant parts of the template are handed out as they are.
Everybody treats JSON values as read-only.

Conductor also looks every reference up among the server's environment variables and Java properties
(``${HOME}``, ``${user.dir}``). That leaks the process into workflows and shadows task references of the same name, so
here the only such name is ``CPEWF_TASK_ID``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Generic, TypeAlias, TypeVar

import attrs

from podium.expressions.document import Document, Findings, MappingDocument
from podium.expressions.paths import compile_path
from podium.expressions.text import embedded_json, java_text
from podium.model import json_text
from podium.model.errors import LimitExceeded
from podium.model.expressions import Literal, Part, Reference, parse
from podium.model.values import JsonValue

#: Values for ``${workflow.env.NAME}``: plain names, without the prefix of the process variable.
Environment: TypeAlias = Mapping[str, str]

#: The value for ``${CPEWF_TASK_ID}``, or what gives it: most texts have no use for it. None where there is none.
TaskId: TypeAlias = str | Callable[[], str] | None

#: A compiled value. What it gives has the shape of what was written: an object for an object, a text for a longer text.
_Fill: TypeAlias = Callable[[Document, Environment, TaskId], Any]
V = TypeVar("V", bound=JsonValue)

_TASK_ID = "CPEWF_TASK_ID"
#: Most characters of a text with references in it; payloads have a lower limit mostly, see `podium.engine.limits`.
_TEXT_MAX = 64 * 1024 * 1024

#: Most bytes as JSON of what the references of one value find, where there are many of them. The same object may be
#: found by each, which costs nothing until all of it is written.
_FOUND_MAX = 64 * 1024 * 1024
#: References whose findings are not looked at.
_FEW_REFERENCES = 8

#: Longest text that is kept once it is compiled.
_KEPT_LENGTH_MAX = 1000

_ENV_PREFIX = "workflow.env."
_SECRETS_PREFIX = "workflow.secrets."


@attrs.frozen
class Template(Generic[V]):
    """A JSON value whose references are compiled."""

    #: The value as it was written.
    source: V
    _fill: _Fill | None

    def resolve(self, document: Document, *, environment: Environment, task_id: TaskId) -> V:
        """
        Fill the references in.

        A string that is one whole reference becomes the value itself, of any type; in a longer string the value is
        embedded as text. What is missing is None, or the text ``null``. Keys are never touched, and what was filled
        in is not looked through again.

        Args:
            document: What paths are looked up in.
            environment: The values of ``${workflow.env.NAME}``.
            task_id: The value of ``${CPEWF_TASK_ID}``, or what gives it; None leaves that text as it is.

        Returns:
            The value. It may share objects with the template and the document.
        """
        if self._fill is None:
            return self.source
        document.walked, document.findings = 0, None
        filled: V = self._fill(document, environment, task_id)
        return filled


def compile_template(value: V) -> Template[V]:
    """Compile any JSON value."""
    return Template(value, _compile(value, _weighed if _has_many(value) else _as_it_is))


def _has_many(value: JsonValue) -> bool:
    """Return whether a value has many texts with references."""
    found, left = 0, [value]
    while left:
        item = left.pop()
        if isinstance(item, str):
            found += "${" in item
        elif isinstance(item, dict | list):
            left += item.values() if isinstance(item, dict) else item
    return found > _FEW_REFERENCES


def _as_it_is(fill: _Fill) -> _Fill:
    return fill


def _weighed(fill: _Fill) -> _Fill:
    """Return what fills in the same, and counts how much all that is filled in comes to."""

    def fill_weighed(document: Document, environment: Environment, task_id: TaskId) -> JsonValue:
        found: JsonValue = fill(document, environment, task_id)
        if document.findings is None:
            document.findings = Findings()
        if document.findings.add(found) > _FOUND_MAX:
            raise LimitExceeded(f"a value is too large: its references come to more than {_FOUND_MAX} bytes, the limit")
        return found

    return fill_weighed


def _compile(value: JsonValue, careful: Callable[[_Fill], _Fill]) -> _Fill | None:
    """Compile a value; None if it is constant."""
    if isinstance(value, str):
        return careful(_compile_text(value)) if "${" in value else None
    if isinstance(value, dict):
        return _compile_object(value, careful)
    if isinstance(value, list):
        return _compile_array(value, careful)
    return None


def _compile_object(value: dict[str, JsonValue], careful: Callable[[_Fill], _Fill]) -> _Fill | None:
    """Compile an object: copy it with the constant members in place, then fill the others."""
    fills = tuple((key, fill) for key, item in value.items() if (fill := _compile(item, careful)) is not None)
    if not fills:
        return None

    def fill_object(document: Document, environment: Environment, task_id: TaskId) -> JsonValue:
        filled = value.copy()
        for key, fill in fills:
            filled[key] = fill(document, environment, task_id)
        return filled

    return fill_object


def _compile_array(value: list[JsonValue], careful: Callable[[_Fill], _Fill]) -> _Fill | None:
    """Compile an array like an object."""
    fills = tuple((index, fill) for index, item in enumerate(value) if (fill := _compile(item, careful)) is not None)
    if not fills:
        return None

    def fill_array(document: Document, environment: Environment, task_id: TaskId) -> JsonValue:
        filled = value.copy()
        for index, fill in fills:
            filled[index] = fill(document, environment, task_id)
        return filled

    return fill_array


def _compile_text(text: str) -> _Fill:
    """Compile a string that holds ``${``."""
    return _kept_text(text) if len(text) <= _KEPT_LENGTH_MAX else _compile_new(text)


@lru_cache(maxsize=4096)
def _kept_text(text: str) -> _Fill:
    """Compile a text once: many tasks of a definition have the same, and so has each version of it."""
    return _compile_new(text)


def _compile_new(text: str) -> _Fill:
    parts = parse(text)
    if len(parts) == 1 and isinstance(parts[0], Reference):
        return _compile_reference(parts[0], as_text=False)
    return _compile_parts(parts)


def _compile_parts(parts: tuple[Part, ...]) -> _Fill:
    """Compile text with references in it; escapes are undone in the composed text, embedded data included."""
    if all(isinstance(part, Literal) for part in parts):
        constant = _unescape("".join(part.source for part in parts))
        return lambda _document, _environment, _task_id: constant
    pieces = tuple(part.text if isinstance(part, Literal) else _compile_reference(part, as_text=True) for part in parts)

    def fill_text(document: Document, environment: Environment, task_id: TaskId) -> JsonValue:
        texts: list[str] = []
        length = 0
        for piece in pieces:
            texts.append(piece if isinstance(piece, str) else piece(document, environment, task_id))
            length += len(texts[-1])
            if length > _TEXT_MAX:  # the parts may be one and the same text in memory, their sum is not
                raise LimitExceeded(f"a text is too large: more than {_TEXT_MAX} characters, the limit")
        return _unescape("".join(texts))

    return fill_text


def _unescape(text: str) -> str:
    """Undo the escape of a literal ``${``."""
    return text.replace("$${", "${") if "$${" in text else text


def _compile_reference(reference: Reference, *, as_text: bool) -> _Fill:
    """Compile one reference; with nested ones its path is only known when it is filled."""
    if not reference.is_nested:
        return _compile_target(_unescape(reference.text), as_text=as_text)
    path = _compile_parts(reference.parts)

    def fill_nested(document: Document, environment: Environment, task_id: TaskId) -> JsonValue:
        target = _compile_target(path(document, environment, task_id), as_text=as_text)
        found: JsonValue = target(document, environment, task_id)
        return found

    return fill_nested


def _compile_target(text: str, *, as_text: bool) -> _Fill:
    """Compile the text between the braces by Conductor's order: blank, secret, environment, task id, path."""
    if not text.strip():
        return lambda _document, _environment, _task_id: ""
    if text.startswith(_SECRETS_PREFIX):
        late_bound = f"${{{text}}}"
        return lambda _document, _environment, _task_id: late_bound
    if text.startswith(_ENV_PREFIX):
        return _compile_environment(text.removeprefix(_ENV_PREFIX), as_text=as_text)
    if text == _TASK_ID:
        return _fill_task_id
    path = compile_path(text)
    lookup = path.lookup
    if path.member is not None and not as_text:
        root, name, key = path.member
        return lambda document, _environment, _task_id: document.member(root, name, key)  # a call less for each step
    if not as_text:
        return lambda document, _environment, _task_id: lookup(document)
    if path.is_indefinite:
        return lambda document, _environment, _task_id: _list_text(lookup(document))
    return lambda document, _environment, _task_id: java_text(lookup(document))


def _list_text(value: JsonValue) -> str:
    """Print the result of an indefinite path."""
    return embedded_json(value) if isinstance(value, list) else java_text(value)


def _fill_task_id(_document: Document, _environment: Environment, task_id: TaskId) -> JsonValue:
    """Return the id of the task that is being created; the literal where there is none."""
    if task_id is None:
        return f"${{{_TASK_ID}}}"
    return task_id if isinstance(task_id, str) else task_id()


def _compile_environment(name_and_path: str, *, as_text: bool) -> _Fill:
    """Compile a reference to an environment value, or to a place in one that holds JSON."""
    name, dot, path_text = name_and_path.partition(".")

    def fill_environment(_document: Document, environment: Environment, _task_id: TaskId) -> JsonValue:
        text = environment.get(name)
        value = value_in_json(text, path_text) if dot else text
        return java_text(value) if as_text else value

    return fill_environment


def value_in_json(text: str | None, path_text: str) -> JsonValue:
    """
    Look a path up in a text that holds a JSON object.

    Returns:
        The value; None if there is no text, it is not a JSON object, or nothing is at the path.
    """
    try:
        values = None if text is None else json_text.read(text)
    except ValueError:
        return None
    return compile_path(path_text).lookup(MappingDocument(values)) if isinstance(values, dict) else None
