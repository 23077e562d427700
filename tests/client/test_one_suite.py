"""One suite for all clients: what holds of an engine in this process holds over HTTP."""

from __future__ import annotations

from pathlib import Path

import pytest
from here_only import HERE_ONLY

FOLDER = Path(__file__).parent


def places(item: pytest.Item) -> tuple[str, str]:
    """Return what a test is called in the table: by its file, and by its name."""
    name = item.name.partition("[")[0]
    return item.path.name, f"{item.path.name}::{name}"


def test_each_test_runs_over_http_or_is_named_with_its_reason(request: pytest.FixtureRequest) -> None:
    """Nothing is left out in silence, and nothing that runs over HTTP is said not to."""
    mine = [item for item in request.session.items if item.path.parent == FOLDER and item.path != Path(__file__)]
    silent, wrong = set[str](), set[str]()
    for item in mine:
        has_kinds = "kind" in getattr(item, "fixturenames", ())
        is_named = any(place in HERE_ONLY for place in places(item))
        if not has_kinds and not is_named:
            silent.add(places(item)[1])
        if has_kinds and is_named:
            wrong.add(places(item)[1])

    assert not silent, "take the fixture `client`, `url`, `opening` or `in_time`, or name these in here_only.py"
    assert not wrong, "these run over HTTP: take them out of here_only.py"


@pytest.mark.parametrize("place", HERE_ONLY)
def test_what_is_named_is_there(place: str) -> None:
    """A test that was renamed, or deleted, leaves no line behind."""
    file, _, name = place.partition("::")

    assert not name or f"def {name}(" in (FOLDER / file).read_text()
