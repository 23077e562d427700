"""What a process loads that imports Podium, runs a workflow of one task and ends."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

#: What the run has nothing to do with, third-party libraries first.
NEVER = {
    *("cattrs", "sqlalchemy", "alembic", "httpx", "httpcore", "networkx", "graphviz", "quickjs", "jq", "jsonschema"),
    *("re2", "asyncio", "typer", "rich", "ssl", "importlib.metadata"),
    *("podium.render", "podium.decompile", "podium.diff", "podium.server", "podium.testing", "podium.cli"),
    *("podium.checks.loops", "podium.checks.joins", "podium.checks.portable", "podium.checks.recursion"),
    *("podium.dsl.loops", "podium.dsl.forks", "podium.dsl.switches", "podium.dsl.fan_outs", "podium.dsl.messaging"),
    "podium.engine.schedule_desk",
    *("podium.client.http.runner", "podium.client.services.databases", "podium.client.sinks"),
    # What a run waits for is asked where it stands still for a while, as on a machine that has too much to do.
    *("podium.client.statistics", "podium.client.retention", "podium.client.remote"),
    *("podium.model.schedules", "podium.model.statistics"),
}
#: Most modules of Podium's own. Each takes a quarter of a millisecond, its classes not counted.
MOST = 300

PROGRAM = """
import sys
import podium

@podium.task
def hello(name: str) -> str:
    return f"hello {name}"

@podium.workflow
def greet(name: str) -> str:
    return hello(name).output

with podium.connect(sys.argv[1]) as client, client.workers([hello]):
    assert client.run(greet, {"name": "world"}, timeout=30).output == {"result": "hello world"}
print(*sys.modules)
"""


def test_what_a_first_run_must_not_load_is_there() -> None:
    """A module that has moved would never be loaded, and the next test would show nothing."""
    assert [name for name in sorted(NEVER) if name.startswith("podium.") and find_spec(name) is None] == []


@pytest.mark.parametrize("url", ["memory://", "sqlite:///first.db"])
def test_a_first_run_loads_what_it_needs(url: str, tmp_path: Path) -> None:
    """A builder, a task type, a rule or a service that a workflow does not have costs its start nothing."""
    program = tmp_path / "first.py"
    program.write_text(PROGRAM)
    done = subprocess.run(
        [sys.executable, str(program), url], capture_output=True, text=True, check=True, timeout=60, cwd=tmp_path
    )
    loaded = set(done.stdout.split())

    assert sorted(NEVER & loaded) == []
    assert len([name for name in loaded if name.partition(".")[0] == "podium"]) <= MOST
