"""
Putting secrets in, at the last moment.

Stored inputs keep the literal ``${workflow.secrets.NAME}``; the value is put in when a task is handed to a worker or
started by the engine, and never written down. The pattern is simpler than that of other references: it does not nest
and ends at the first ``}``. Whatever fails afterwards may quote what it was given, so its words pass through `redact`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from functools import lru_cache
from typing import Any, TypeVar, overload
from urllib.parse import quote, quote_plus

from podium.expressions.template import value_in_json
from podium.expressions.text import java_text
from podium.model.payloads import dump
from podium.model.values import JsonObject, JsonValue

V = TypeVar("V", bound=JsonValue)
_SECRET = re.compile(r"\$\{workflow\.secrets\.([^}]*)\}")
_MARK = "${workflow.secrets."
_PACKED_MARK = _MARK.encode()

#: Shorter secrets are no secrets; to blot out each "1" would only make a reason unreadable.
_LEAST = 3

#: What those who encode addresses leave as it is: delimiters only, or all of ASCII that a path or a query may hold.
_IN_QUERY = "".join(chr(code) for code in range(0x21, 0x7F) if chr(code) not in '"#<>')
_KEPT = ("/:;=@,!$&'()*+?", _IN_QUERY, "".join(each for each in _IN_QUERY if each not in "?`{}"))

#: Levels of beginnings that texts share; Python compiles no pattern that is nested much more deeply.
_LEVELS_MAX = 20

#: What stands in a text where a secret was.
BLOT = "***"


@overload
def deliver_secrets(value: JsonObject, secrets: Mapping[str, str], packed: bytes | None = None) -> JsonObject: ...
@overload
def deliver_secrets(value: JsonValue, secrets: Mapping[str, str], packed: bytes | None = None) -> JsonValue: ...
def deliver_secrets(value: JsonValue, secrets: Mapping[str, str], packed: bytes | None = None) -> JsonValue:
    """
    Replace references to secrets in a value that is about to be handed over.

    A string that is one whole reference becomes the secret's text, or None if there is no such secret; with a path
    (``${workflow.secrets.DB.password}``) the secret is read as JSON and the value there is taken. Inside a longer
    string a missing secret is the empty text. What was put in is not looked through again.

    Args:
        value: Any JSON value, such as a task's input.
        secrets: The secrets by name.
        packed: The value as JSON, if somebody has that.

    Returns:
        A copy with the secrets in it, sharing what did not change; the very same object if nothing was to replace.
    """
    return _deliver(value, secrets) if _names_one(value, packed) else value


def _names_one(value: JsonValue, packed: bytes | None = None) -> bool:
    """Return whether a value names a secret: to pack it takes a thirtieth of the time that a walk through it takes."""
    if isinstance(value, dict | list):
        return _PACKED_MARK in (packed or dump(value))
    return isinstance(value, str) and _MARK in value


def _deliver(value: JsonValue, secrets: Mapping[str, str]) -> JsonValue:
    if isinstance(value, str):
        return _deliver_text(value, secrets) if _MARK in value else value
    if isinstance(value, dict):
        changed = {
            key: new
            for key, item in value.items()
            if (type(item) is not str or _MARK in item) and (new := _deliver(item, secrets)) is not item
        }
        return {**value, **changed} if changed else value
    if isinstance(value, list):
        items = [_deliver(item, secrets) for item in value]
        return items if any(new is not old for new, old in zip(items, value, strict=True)) else value
    return value


def _deliver_text(text: str, secrets: Mapping[str, str]) -> JsonValue:
    """Replace in one string."""
    whole = _SECRET.fullmatch(text)
    if whole is not None:
        return _secret(whole[1], secrets)

    def embed(match: re.Match[str]) -> str:
        value = _secret(match[1], secrets)
        return "" if value is None else java_text(value)

    return _SECRET.sub(embed, text)


def _secret(name_and_path: str, secrets: Mapping[str, str]) -> JsonValue:
    """Look up one secret, or a place in one that holds JSON; a name with dots in it wins over a path."""
    if name_and_path in secrets:
        return secrets[name_and_path]
    name, dot, path = name_and_path.partition(".")
    return value_in_json(secrets.get(name), path) if dot else None


def redact(value: V, given: JsonValue, secrets: Mapping[str, str]) -> V:
    """
    Blot the secrets out that an attempt was given, before its failure is written down or logged.

    Args:
        value: What is to be written, such as a reason, or the output of a failed attempt.
        given: The input of the attempt with its references to secrets, as it is stored.
        secrets: The secrets by name.

    Returns:
        The value with `BLOT` for each secret that the input names, also where it stands in it as it is in a URL, in a
        JSON text or in a Python literal, and for each of its lines.

    Example:
        >>> redact("401: no such key: k-123", {"key": "${workflow.secrets.KEY}"}, {"KEY": "k-123"})
        '401: no such key: ***'
    """
    if not secrets or not _names_one(given):
        return value
    redacted: V = blotted(set(_used(given, secrets)))(value)
    return redacted


def blotted(texts: Collection[str]) -> Callable[[Any], Any]:
    """Return what gives a value with `BLOT` for each of some texts, in whatever form they stand in it."""
    pattern = _pattern_of(frozenset(texts))
    return lambda value: value if pattern is None else _blotted(value, pattern)


@lru_cache(maxsize=32)
def _pattern_of(texts: frozenset[str]) -> re.Pattern[str] | None:
    """Return what matches any form of some texts, the longest that fits; a run asks for the same again and again."""
    forms = {form for text in texts for form in _forms(text)}
    return re.compile(_either(forms)) if forms else None


def _shared_start(first: str, last: str) -> str:
    """Return the beginning that two texts share; of the first and the last of many, the one that all share."""
    at = next((at for at, (one, other) in enumerate(zip(first, last, strict=False)) if one != other), len(first))
    return first[:at]


def _either(texts: Collection[str], level: int = 0) -> str:
    """
    Return a pattern for any of some texts, the longest that fits.

    Texts that begin alike share that beginning, so that at each place of a text only some of thousands are tried: one
    after the other they took a second for each 100,000 characters.
    """
    by_first: dict[str, list[str]] = {}
    for text in texts:
        by_first.setdefault(text[:1], []).append(text)
    is_optional = by_first.pop("", None) is not None
    choices = []
    for alike in by_first.values():
        start = _shared_start(min(alike), max(alike))
        rest = {text.removeprefix(start) for text in alike}
        if len(rest) == 1:
            choices.append(re.escape(start))
        elif level < _LEVELS_MAX:
            choices.append(re.escape(start) + _either(rest, level + 1))
        else:
            longest_first = sorted(rest, key=len, reverse=True)
            choices.append(f"{re.escape(start)}(?:{'|'.join(map(re.escape, longest_first))})")
    return f"(?:{'|'.join(choices)}){'?' if is_optional else ''}"


def long_texts(value: JsonValue) -> Iterator[str]:
    """Iterate over the texts and numbers in a value that are long enough to be blotted out."""
    return (text for text in _texts(value) if len(text.strip()) >= _LEAST)


def _used(given: JsonValue, secrets: Mapping[str, str]) -> Iterator[str]:
    """Iterate over the texts that `deliver_secrets` puts into a value."""
    if isinstance(given, str):
        for match in _SECRET.finditer(given) if _MARK in given else ():
            name = match[1] if match[1] in secrets else match[1].partition(".")[0]
            yield from _texts(_secret(match[1], secrets))
            yield from _texts(secrets.get(name))
    elif isinstance(given, dict):
        for item in given.values():
            yield from _used(item, secrets)
    elif isinstance(given, list):
        for item in given:
            yield from _used(item, secrets)


def _texts(value: JsonValue) -> Iterator[str]:
    if isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _texts(item)
    elif value is not None and not isinstance(value, bool):
        yield java_text(value)


def _forms(secret: str) -> Iterator[str]:
    """Iterate over what a secret looks like in the words of libraries."""
    for text in {secret, secret.strip(), *map(str.strip, secret.splitlines())}:
        if len(text) >= _LEAST:
            yield from (text, repr(text)[1:-1], ascii(text)[1:-1], repr(text.encode("utf-8", "replace"))[2:-1])
            yield from (json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1])
            safe = text.encode("utf-8", "replace")
            for url in (
                quote(safe),
                quote(safe, safe=""),
                quote_plus(safe),
                *(quote(safe, safe=each) for each in _KEPT),
            ):
                yield from (url, json.dumps(url)[1:-1])


def _blotted(value: JsonValue, pattern: re.Pattern[str]) -> Any:  # of the shape that *value* has
    if isinstance(value, str):
        return pattern.sub(BLOT, value)
    if isinstance(value, dict):
        return {str(_blotted(key, pattern)): _blotted(item, pattern) for key, item in value.items()}
    if isinstance(value, list):
        return [_blotted(item, pattern) for item in value]
    return value


def secret_names(value: JsonValue) -> set[str]:
    """
    Return the names of the secrets that a stored input asks for.

    Example:
        >>> secret_names({"key": "Bearer ${workflow.secrets.shop}"})
        {'shop'}
    """
    if isinstance(value, str):
        return set(_SECRET.findall(value))
    inner = value.values() if isinstance(value, Mapping) else value if isinstance(value, list | tuple) else ()
    return {name for each in inner for name in secret_names(each)}
