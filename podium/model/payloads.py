"""Payloads, the inputs and outputs of runs and attempts, as JSON bytes."""

from __future__ import annotations

import json
from typing import Any, TypeVar

import orjson

from podium.model.values import JsonValue

V = TypeVar("V", bound=JsonValue)

#: Payloads may carry any JSON; integers beyond 64 bits and non-text keys come from Python callers.
_DUMP = orjson.OPT_NON_STR_KEYS

#: Bytes up to which what was packed is worth a copy; see `fitted`.
_FITTED_MAX = 1 << 16


def dump(value: JsonValue) -> bytes:
    """
    Return a payload as JSON bytes.

    Raises:
        TypeError: The value is no JSON; the text names the type.
    """
    try:
        data = orjson.dumps(value, option=_DUMP)
    except TypeError as error:
        return _dump_large(value, error)
    return b"%b" % data if len(data) < _FITTED_MAX else data  # as `fitted` does


def copied(value: V) -> V:
    """Return a payload anew, as a store would give it back; it shares nothing with the old one."""
    copy: V = parse(dump(value))
    return copy


def fitted(data: bytes) -> bytes:
    """
    Return what orjson has packed in memory of its own size.

    Each text that orjson gives keeps most of the buffer of some kilobytes in which it was made, however short it is.
    Those of one short run were 80 KiB, whose first touch took longer than all the packing; the copy takes 50 ns.
    """
    return b"%b" % data if len(data) < _FITTED_MAX else data


def _dump_large(value: JsonValue, error: TypeError) -> bytes:
    # orjson refuses integers beyond 64 bits, which JSON and JavaScript callers may send; the slow encoder takes them.
    try:
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        # The blank in front tells `parse` to read it slowly as well: the quick reader makes floats of such integers.
        return f" {text}".encode()
    except (TypeError, ValueError, RecursionError):
        raise TypeError(str(error)) from error


def parse(data: bytes) -> Any:
    """Read a payload; bytes that `dump` made."""
    if data == b"{}" or not data:
        return {}
    return json.loads(data) if data[:1] == b" " else orjson.loads(data)
