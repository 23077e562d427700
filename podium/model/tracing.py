"""
W3C trace context: what a start was part of, passed on to whatever is done for the run.

It is kept as one text, ``traceparent``, with ``tracestate`` behind a blank where there is one, and passed on unchanged,
as the recommendation asks of whoever adds no spans of its own (https://www.w3.org/TR/trace-context/).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_PARENT = re.compile(r"(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
_STATE = re.compile(r"[\x21-\x7e]([\x20-\x7e]{0,510}[\x21-\x7e])?")


def trace_in(headers: Mapping[str, str]) -> str | None:
    """
    Return the trace context of a request by its headers, by lower-case name; None where there is none, or a wrong one.

    Example:
        >>> trace_in({"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"})
        '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
        >>> trace_in({"traceparent": "wrong"}) is None
        True
    """
    parent, state = headers.get("traceparent", ""), headers.get("tracestate", "").strip()
    if not _PARENT.fullmatch(parent):
        return None
    return f"{parent} {state}" if _STATE.fullmatch(state) else parent


def trace_headers(trace: str | None) -> dict[str, str]:
    """
    Return the headers that pass a trace context on; none of None.

    Example:
        >>> trace_headers("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01 vendor=1")["tracestate"]
        'vendor=1'
    """
    if not trace:
        return {}
    parent, _, state = trace.partition(" ")
    return {"traceparent": parent, "tracestate": state} if state else {"traceparent": parent}
