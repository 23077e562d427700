"""Notebooks, executed by a real Jupyter kernel as a reader would execute them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

pytest.importorskip("nbclient", reason="notebooks are executed with nbclient and ipykernel (the extra notebook)")
pytest.importorskip("ipykernel", reason="notebooks are executed with nbclient and ipykernel (the extra notebook)")

#: Executes the notebook on the standard input; a process of its own, for the client of a kernel has a loop and threads.
_EXECUTE = """
import sys
import nbformat
from nbclient import NotebookClient

notebook = nbformat.reads(sys.stdin.read(), as_version=4)
NotebookClient(notebook, timeout=60, kernel_name="python3").execute()
sys.stdout.write(nbformat.writes(notebook))
"""

_SETUP = """
import podium
from podium import human, task, workflow

@task
def pack(order: str) -> str:
    return order + " packed"

@workflow
def ship(order: str) -> str:
    human("approve")
    return pack(order).output
"""


def _execute(*cells: str) -> list[list[dict[str, Any]]]:
    """Return the outputs of the cells, as the saved notebook has them."""
    code = [
        {"cell_type": "code", "id": f"c{i}", "metadata": {}, "execution_count": None, "outputs": [], "source": cell}
        for i, cell in enumerate(cells)
    ]
    notebook = {"cells": code, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    done = subprocess.run(
        [sys.executable, "-c", _EXECUTE],
        input=json.dumps(notebook),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        cwd=Path(__file__).parents[2],
    )
    assert done.returncode == 0, done.stderr[-2_000:]
    return [cell["outputs"] for cell in json.loads(done.stdout)["cells"]]


@pytest.fixture(scope="module")
def outputs() -> list[list[dict[str, Any]]]:
    """Execute one notebook for all tests here: starting a kernel takes seconds."""
    return _execute(
        _SETUP,
        "ship",
        "ship.check()",
        "import asyncio\nasyncio.get_running_loop().is_running()",
        "client = podium.connect()\nserving = client.workers([pack])\nserving.__enter__()\n"
        "run_id = client.start(ship, {'order': '7'})\nlive = client.live(run_id)",
        "live",
        "client.complete_task(run_id, 'approve')\nlive.wait(timeout=30).status",
        "live.run",
        "serving.__exit__(None, None, None)\nclient.close()",
    )


def _data(cell: list[dict[str, Any]]) -> dict[str, str]:
    (output,) = cell
    return {form: "".join(text) for form, text in output["data"].items()}


def test_a_workflow_is_a_picture_in_a_notebook(outputs: list[list[dict[str, Any]]]) -> None:
    """The cell's result has a text for those who cannot see and a picture for those who can."""
    shown = _data(outputs[1])

    assert "approve" in shown["text/plain"]
    assert shown["image/svg+xml"].lstrip().startswith(("<svg", "<?xml"))


def test_a_report_is_a_table_in_a_notebook(outputs: list[list[dict[str, Any]]]) -> None:
    """Nothing wrong is said in words too."""
    assert _data(outputs[2]) == {"text/html": "<p>✓ no problems</p>", "text/plain": "no problems"}


def test_a_live_run_leaves_its_last_frame_in_the_saved_notebook(outputs: list[list[dict[str, Any]]]) -> None:
    """
    The cell was shown while the run waited, and later cells ended it: its one output was replaced in place.

    All of that inside the kernel's own event loop, which runs while cells do.
    """
    assert _data(outputs[3])["text/plain"] == "True"
    frame, ended = _data(outputs[5]), _data(outputs[7])

    assert "COMPLETED" in _data(outputs[6])["text/plain"]
    assert "completed" in frame["text/plain"]
    assert frame["text/plain"] == ended["text/plain"]
    assert "status-completed" in frame["image/svg+xml"]


def test_the_same_picture_twice_shares_no_id(outputs: list[list[dict[str, Any]]]) -> None:
    """A page with the last frame and the run itself has each id once."""
    first, second = (
        {element.get("id") for element in ET.fromstring(_data(outputs[cell])["image/svg+xml"]).iter()} - {None}
        for cell in (5, 7)
    )

    assert first
    assert not first & second
