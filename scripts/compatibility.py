"""
Keeps the matrix of docs/compatibility.md: which endpoint of the server is called by which client.

    python scripts/compatibility.py                          writes the page from the table of routes and the records
    python scripts/compatibility.py record CLIENT URL        adds what a running server was asked for, by its /metrics
    python scripts/compatibility.py tests CLIENT PATH...     runs tests, and adds what their servers were asked for

Records are in docs/compatibility.json; to begin one anew, take the client out of it.
"""

from __future__ import annotations

import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import httpx

from podium.server.resources import ROUTES
from podium.server.routing import Route

DOCS = Path(__file__).parents[1] / "docs"
PAGE, RECORDS = DOCS / "compatibility.md", DOCS / "compatibility.json"

#: The columns.
CLIENTS = ("Python SDK", "JavaScript SDK", "Java client", "command line", "podium.connect", "our tests")
_BEGIN, _END = "<!-- the matrix, made by scripts/compatibility.py -->", "<!-- the end of the matrix -->"
#: A call that was answered well, and one that was only ever refused.
YES, REFUSED = "yes", "refused"
_MARKS = {YES: "●", REFUSED: "○"}

_COUNT = re.compile(r'podium_http_requests_total\{method="(\w+)",path="([^"]+)",status="(\d+)"\}')


def name_of(route: Route) -> str:
    """Return what a route is called in records, such as ``GET /api/workflow/{workflowId}``."""
    return f"{route.method} {route.full_path}"


def calls_in(metrics: str) -> dict[str, str]:
    """Return which endpoints were called, and whether ever well, by what ``/metrics`` says."""
    return _judged((f"{method} {path}", int(status)) for method, path, status in _COUNT.findall(metrics))


def _judged(calls: Iterator[tuple[str, int]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, status in calls:
        if status < 300 or name not in found:
            found[name] = YES if status < 300 else REFUSED
    return found


def records() -> dict[str, dict[str, str]]:
    """Return the records: the endpoints of each client."""
    known = json.loads(RECORDS.read_text()) if RECORDS.exists() else {}
    return {client: known.get(client, {}) for client in CLIENTS}


def _added(client: str, calls: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Return the records with calls of a client."""
    known = records()
    mine = known[client]
    for name, answer in calls.items():
        # What once worked stays so: a run of some of the tests must not take the answers of the others back.
        if mine.get(name) != YES:
            mine[name] = answer
    return known


def _save(known: Mapping[str, Mapping[str, str]]) -> None:
    """Write the records, but for endpoints that the table does not have any more."""
    # By name, so that two runs that find the same write the same file.
    names = sorted(name_of(route) for route in ROUTES)
    whole = {each: {name: found[name] for name in names if name in found} for each, found in known.items()}
    RECORDS.write_text(json.dumps(whole, indent=1) + "\n")


def _tested(paths: Sequence[str]) -> dict[str, str]:
    """Run tests, and return what their servers in this process were asked for."""
    import pytest

    from podium.server.metrics import Meter

    calls: dict[tuple[str, int], None] = {}
    count = Meter.request

    def request(self: Meter, route: Route, status: int, seconds: float) -> None:
        calls[name_of(route), status] = None
        count(self, route, status, seconds)

    Meter.request = request  # type: ignore[method-assign]  # the calls are looked at where they are counted
    try:
        pytest.main([*paths, "-q", "-W", "ignore::pytest.PytestAssertRewriteWarning"])
    finally:
        Meter.request = count  # type: ignore[method-assign]  # as above
    return _judged(iter(calls))


def matrix() -> str:
    """Return the matrix, a table for each resource."""
    known = records()
    parts: defaultdict[str, list[Route]] = defaultdict(list)
    for route in ROUTES:
        parts[f"/{route.path.split('/')[1]}"].append(route)
    return "\n".join(line for part, routes in sorted(parts.items()) for line in _table(part, routes, known))


def _table(part: str, routes: Sequence[Route], known: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    yield f"### {part}\n"
    yield f"| endpoint | {' | '.join(CLIENTS)} |"
    yield f"|---|{'---|' * len(CLIENTS)}"
    for route in sorted(routes, key=lambda one: (one.path, one.method)):
        marks = [_MARKS.get(known[client].get(name_of(route), ""), "") for client in CLIENTS]
        yield f"| `{route.method} {route.path}` | {' | '.join(marks)} |"
    yield ""


def page() -> str:
    """Return the page as it must be: its own words, and the matrix."""
    before, _, rest = PAGE.read_text().partition(_BEGIN)
    after = rest.partition(_END)[2]
    return f"{before}{_BEGIN}\n\n{matrix()}\n{_END}{after}"


def main(words: Sequence[str]) -> None:
    """Do what the command line says."""
    known = records()
    if words:
        verb, client, *rest = words
        if client not in CLIENTS:
            raise SystemExit(f"{client!r} is no client; those of the matrix are {', '.join(CLIENTS)}")
        if verb == "record":
            known = _added(client, calls_in(httpx.get(f"{rest[0].removesuffix('/api')}/metrics").text))
        else:
            known = _added(client, _tested(rest))
    _save(known)
    PAGE.write_text(page())


if __name__ == "__main__":
    main(sys.argv[1:])
