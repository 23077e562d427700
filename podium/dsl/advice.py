"""What to write instead of Python that needs the value of a reference now: the second half of many messages."""

from __future__ import annotations

import re
from collections.abc import Mapping

_TEXTS: Mapping[str, str] = {
    "upper": "write upper(value)",
    "lower": "write lower(value)",
    "casefold": "write lower(value)",
    "strip": "write strip(value)",
    "startswith": "write starts_with(value, 'prefix')",
    "endswith": "write ends_with(value, 'suffix')",
    "get": "write value['key'], which is null where there is none, or if_(is_null(value['key']), 0, value['key'])",
    "index": "write contains(value, item), or look for the place with inline(...)",
    "count": "count with jq('name', '[.items[] | select(. == 1)] | length', items=value)",
    "format": "write an f-string",
}
_THROUGH = "go through it with for_each(...) or fan_out(...), or reshape it with jq(...)"
_CHANGE = (
    "a value of the run is read, not written; make a new one with jq(...) or a task, or keep it by set_variable(...)"
)
_GROUPS: Mapping[str, frozenset[str]] = {
    _THROUGH: frozenset({"keys", "values", "items"}),
    _CHANGE: frozenset(
        {"append", "extend", "insert", "pop", "popitem", "remove", "add", "discard", "clear", "update", "setdefault"}
        | {"sort", "reverse"}
    ),
}

#: What other people's errors say about our objects, and what to write there.
_FOREIGN: Mapping[str, str] = {
    "not JSON serializable": (
        "give the reference itself as an input, where it arrives as JSON, or make a text of it with "
        "jq('text', '.value | tojson', value=...)"
    ),
    "JSON object must be str": "read it with jq('parsed', '.text | fromjson', text=...)",
    "expected str instance": (
        "write an f-string such as f'{a}, {b}', or join a list with jq('text', '.list | join(\", \")', list=...)"
    ),
    "'in <string>' requires": "write contains('the text', value)",
    r"\bStep\b": "a step is not its result: use its .output",
}
_OTHER = "use an f-string for a text, inline(...) or jq(...) to compute, or do it in a task"


def for_method(name: str) -> str:
    """
    Say what to write instead of calling a method of a value that is known only while the workflow runs.

    Example:
        >>> for_method("upper")
        'write upper(value)'
    """
    if name in _TEXTS:
        return _TEXTS[name]
    for advice, names in _GROUPS.items():
        if name in names:
            return advice
    return "use inline('name', js(...)), jq(...) or a task"


def for_error(message: str) -> str:
    """Say what to write instead of what ended in an error of other people's code over a reference."""
    return next((advice for pattern, advice in _FOREIGN.items() if re.search(pattern, message)), _OTHER)
