"""Reasons that differ in their numbers, ids and quoted values only are one reason."""

from __future__ import annotations

import re
from typing import Final

#: What the engine says of a run whose task has failed.
_OF_TASK: Final = re.compile(r"Task '.*?' failed with status: \w+ and reason: '(?P<inner>.*)'", re.DOTALL)
_VARYING: Final = re.compile(
    r"""
    [0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?:-[0-9a-f]{8}\b)?   # an id
    | \b(?=\w*\d)[0-9a-f]{12,}\b                                   # a digest
    | 0x[0-9a-f]+                                                  # an address
    | -?\d+(?:[.,:]\d+)*                                           # a number, a time, an address of the network
    """,
    re.VERBOSE | re.IGNORECASE,
)
_LONGEST: Final = 300
#: What stands in a common reason for what differs from run to run.
VARYING: Final = "…"


def inner_reason(text: str | None) -> str:
    """
    Return why a run failed in the words of the task that failed, where the run only says which one did.

    Example:
        >>> inner_reason("Task 'charge' failed with status: FAILED and reason: 'no route'")
        'no route'
    """
    found = _OF_TASK.fullmatch(text or "")
    return found["inner"] if found else text or ""


def common_reason(text: str | None) -> str:
    """
    Return a reason without what differs from run to run.

    Example:
        >>> common_reason("order 17 of 0190f4be-aaaa-7bbb-8ccc-000000000000: no route")
        'order … of …: no route'
    """
    return _VARYING.sub(VARYING, inner_reason(text))[:_LONGEST]
