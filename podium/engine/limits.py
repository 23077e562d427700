"""
How large what enters a run, or grows in it, may be.

Every value is packed as JSON once, on its way to the store; there it is measured. What is too large ends its attempt,
or its run, with an error that names the size and the limit. The defaults are those of Conductor's server where it has
one (``ConductorProperties.java``).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from attrs import Attribute, field, frozen

from podium.model.errors import InvalidRequest, LimitExceeded, PayloadRefused
from podium.model.payloads import dump
from podium.model.texts import shown
from podium.model.values import JsonValue

#: The levels that the packer of JSON takes; deeper values cannot be written.
DEPTH_MAX = 254
_BLANK = ord(" ")


def _at_least(least: int, most: int | None = None) -> Callable[[Any, Attribute[int], Any], None]:
    bounds = f"from {least} upwards" if most is None else f"from {least} to {most}"

    def check(_: object, attribute: Attribute[int], value: object) -> None:
        if type(value) is not int or value < least or (most is not None and value > most):
            raise InvalidRequest(f"Limits: {attribute.name} is a whole number {bounds}, not {shown(value)}")

    return check


@frozen(kw_only=True)
class Limits:
    """
    The settings; give them to `podium.connect`.

    Example:
        >>> Limits(payload_bytes=100).packed([1, 2], "the output")
        b'[1,2]'
        >>> Limits(payload_bytes=100).packed("x" * 200, "the output")
        Traceback (most recent call last):
        podium.model.errors.LimitExceeded: the output is too large: 202 bytes as JSON, and the limit is 100
    """

    #: Most bytes as JSON of each input and output of a run and of a task, and of an HTTP answer.
    payload_bytes: int = field(default=10 * 1024 * 1024, validator=_at_least(2))
    #: Most bytes as JSON of the record of a dynamic fork, which holds the definitions of its branches.
    fork_bytes: int = field(default=100 * 1024 * 1024, validator=_at_least(2))
    #: Most bytes as JSON of all variables of a run.
    variables_bytes: int = field(default=256 * 1024, validator=_at_least(2))
    #: Most bytes as JSON of what is held against a schema, which takes about a second for each of these.
    schema_bytes: int = field(default=1024 * 1024, validator=_at_least(2))
    #: Most levels of lists and objects in a value.
    depth: int = field(default=DEPTH_MAX, validator=_at_least(1, DEPTH_MAX))
    #: Most characters of a reason for a bad end; its middle is left out.
    reason_chars: int = field(default=10_000, validator=_at_least(100))
    #: Most characters of one line that a worker logs, and most lines of one report.
    log_chars: int = field(default=10_000, validator=_at_least(100))
    log_lines: int = field(default=1_000, validator=_at_least(1))
    #: Most bytes of a definition as JSON, and most tasks in it.
    definition_bytes: int = field(default=10 * 1024 * 1024, validator=_at_least(2))
    definition_tasks: int = field(default=10_000, validator=_at_least(1))
    #: Most branches of one dynamic fork.
    branches: int = field(default=50_000, validator=_at_least(1))
    #: Most starts of one process that wait for their commit; further calls wait until there is room.
    waiting_starts: int = field(default=2_000, validator=_at_least(1))
    #: Most messages that wait for a run, most of them that a task takes at once, and seconds until one is lost.
    waiting_messages: int = field(default=1_000, validator=_at_least(1))
    message_batch: int = field(default=100, validator=_at_least(1))
    message_life_s: int = field(default=24 * 3600, validator=_at_least(1))
    #: Most runs that call each other as sub-workflows, the first included.
    nested_runs: int = field(default=200, validator=_at_least(1))
    #: Least milliseconds between two attempts of a task that has failed ten times in a row; 0 for none.
    retry_pace_ms: int = field(default=0, validator=_at_least(0))

    @property
    def message_bytes(self) -> int:
        """Most bytes as JSON of a message, and of what a task takes at once: with the rest of its output it fits in."""
        return self.payload_bytes // 2

    def packed(self, value: JsonValue, what: str, most: int | None = None, *, of: str | None = None) -> bytes:
        """
        Return a value as JSON bytes.

        Args:
            value: The value.
            what: How an error names it, such as ``the input of task 'a'``.
            most: The limit in bytes; None for `payload_bytes`.
            of: A name that errors add to *what*: such texts are made for each payload, and wanted for hardly any.

        Raises:
            LimitExceeded: It is too large or too deep, or cannot be written as JSON at all.
        """
        most = self.payload_bytes if most is None else most
        try:
            data = dump(value)
        except (TypeError, RecursionError) as error:
            if _is_deeper(value, self.depth):
                raise self._too_deep(what, of) from None
            raise LimitExceeded(f"{_named(what, of)} cannot be written as JSON: {error}") from None
        if len(data) > most:
            size = f"{len(data)} bytes as JSON, and the limit is {most}"
            raise LimitExceeded(f"{_named(what, of)} is too large: {size}")
        # The quick packer takes no more than `DEPTH_MAX` levels; the slow one, which begins with a blank, takes more.
        is_strict = self.depth < DEPTH_MAX
        is_doubtful = data[0] == _BLANK or (is_strict and data.count(b"[") + data.count(b"{") > self.depth)
        if is_doubtful and _is_deeper(value, self.depth):
            raise self._too_deep(what, of)
        return data

    def given(self, value: JsonValue, what: str, most: int | None = None) -> bytes:
        """
        Return what an operator gives a run as JSON bytes; arguments as `packed` has them.

        Raises:
            PayloadRefused: It is too large or too deep. Ask before anything is changed.
        """
        try:
            return self.packed(value, what, most)
        except LimitExceeded as error:
            raise PayloadRefused(str(error)) from None

    def _too_deep(self, what: str, of: str | None) -> LimitExceeded:
        depth = f"more than {self.depth} levels of lists and objects, the limit"
        return LimitExceeded(f"{_named(what, of)} is too deep: {depth}")

    def cut(self, text: str) -> str:
        """Return a reason within the limit."""
        return cut(text, self.reason_chars)


def _named(what: str, of: str | None) -> str:
    return what if of is None else f"{what} {of!r:.200}"


def cut(text: str, most: int) -> str:
    """
    Return a text within a limit: its beginning and its end, where the causes of causes stand.

    Example:
        >>> cut("abcdefgh", 4)
        'ab… (4 characters left out) …gh'
    """
    if len(text) <= most:
        return text
    half = most // 2
    return f"{text[:half]}… ({len(text) - 2 * half} characters left out) …{text[-half:]}"


def _is_deeper(value: JsonValue, levels: int) -> bool:
    """Return whether a value has more levels of lists and objects, without recursion, which would end."""
    layer: list[JsonValue] = [value]
    for _ in range(levels + 1):
        holders = [one for one in layer if isinstance(one, dict | list | tuple)]
        if not holders:
            return False
        layer = [item for one in holders for item in (one.values() if isinstance(one, dict) else one)]
    return True
