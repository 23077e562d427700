"""The page of compatibility is the table of routes, with what was recorded of each client."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from podium.server.resources import ROUTES

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def script() -> ModuleType:
    """The script that makes the matrix."""
    spec = importlib.util.spec_from_file_location("compatibility", ROOT / "scripts" / "compatibility.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_what_the_script_makes(script: ModuleType) -> None:
    """Of the table of routes and the records as they are: python scripts/compatibility.py brings it up to date."""
    assert script.PAGE.read_text() == script.page()


def test_every_route_has_its_line_and_no_record_is_of_another(script: ModuleType) -> None:
    """A route that is renamed takes its records with it, or loses them."""
    page = script.PAGE.read_text()
    for route in ROUTES:
        assert f"| `{route.method} {route.path}` |" in page
    names = {script.name_of(route) for route in ROUTES}
    assert {name for found in script.records().values() for name in found} <= names


def test_calls_are_read_from_the_metrics_of_a_server(script: ModuleType) -> None:
    """An endpoint that was ever answered well counts as such."""
    line = 'podium_http_requests_total{method="GET",path="/api/a/{id}",status="%d"} 2.0\n'
    refused = 'podium_http_requests_total{method="POST",path="/api/b",status="404"} 1.0\n'
    assert script.calls_in(line % 404 + line % 200 + refused) == {"GET /api/a/{id}": "yes", "POST /api/b": "refused"}
