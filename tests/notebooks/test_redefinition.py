"""A task that is defined anew, as when its cell is run again, reaches the workflow that uses it."""

from __future__ import annotations

import nbformat
import pytest

CELLS = (
    "from podium import connect, task, workflow\n@task\ndef price() -> int:\n    return 1\n",
    (
        "@workflow\ndef leg() -> int:\n    return price().output\n\n"
        "@workflow\ndef trip() -> int:\n    return leg().output\n"
    ),
    "print(trip.run().result)",
    "@task(retries=0)\ndef price() -> int:\n    return 2\n",
    "print(trip.run().result, trip.task_defs[0].retry_count)",
    "with connect('memory://') as client, client.workers(trip.tasks):\n    print(client.run(trip).result)",
)


def test_a_cell_that_is_run_again_reaches_the_workflow() -> None:
    """In a real kernel, through a sub-workflow, with its new settings."""
    nbclient = pytest.importorskip("nbclient")
    cells = [nbformat.v4.new_code_cell(text) for text in CELLS]
    notebook = nbformat.v4.new_notebook(cells=cells)
    nbclient.NotebookClient(notebook, timeout=60, kernel_name="python3").execute()
    printed = [output["text"] for cell in cells for output in cell.outputs if output.get("name") == "stdout"]
    assert printed == ["1\n", "2 0\n", "2\n"]


def test_the_same_without_a_kernel() -> None:
    """The definition is made anew only then."""
    module: dict[str, object] = {"__name__": "cells"}
    for text in CELLS[:2]:
        exec(text, module)  # our own text
    before = module["trip"].definition  # type: ignore[attr-defined]  # a workflow
    assert module["trip"].definition is before  # type: ignore[attr-defined]  # a workflow
    exec(CELLS[3], module)  # our own text
    assert module["leg"].tasks[0] is module["price"]  # type: ignore[attr-defined]  # a workflow
