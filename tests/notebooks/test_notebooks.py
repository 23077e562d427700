"""The notebooks run, and what is saved in them is what they say today."""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import nbformat
import pytest

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
SCRIPT = str(ROOT / "scripts" / "notebooks.py")


def script() -> ModuleType:
    """Return the script that runs notebooks, as a module."""
    spec = importlib.util.spec_from_file_location("notebooks_script", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.slow
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_says_what_is_saved_in_it(path: Path) -> None:
    """Each cell runs in a fresh kernel, and gives outputs of the saved kinds with the saved texts."""
    done = subprocess.run(
        [sys.executable, SCRIPT, "--check", str(path)], capture_output=True, text=True, timeout=300, check=False
    )

    assert done.returncode == 0, f"look at it, and run make notebooks\n{done.stderr[-3_000:]}"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("03-json-and-python", ["0 values are changed; left out are: asyncComplete", "R1 error", "order version 3"]),
        ("05-an-estate-of-workflows", ["order_undo is called by order", "'subscription': 2", "share 3 worker tasks"]),
    ],
)
def test_a_notebook_tells_its_story_without_the_corpus(tmp_path: Path, name: str, words: list[str]) -> None:
    """Where the definitions of Conductor's repositories are not at hand, the examples tell it, in every cell."""
    folder = tmp_path / "project" / "notebooks"
    folder.mkdir(parents=True)
    (folder.parent / "examples").symlink_to(ROOT / "examples", target_is_directory=True)
    path = folder / f"{name}.ipynb"
    shutil.copy(ROOT / "notebooks" / path.name, path)
    saved = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]  # as below

    now = script().executed(path)

    given = [[output.output_type for output in cell.get("outputs", [])] for cell in now.cells]
    assert [bool(outputs) for outputs in given] == [bool(cell.get("outputs")) for cell in saved.cells]
    text = nbformat.writes(now)  # type: ignore[no-untyped-call]  # as below
    assert "The corpus is not here, so these are the examples." in text
    assert [each for each in words if each not in text] == []


def test_a_difference_is_told(tmp_path: Path) -> None:
    """An output that is not what is saved ends the check with exit code 1 and the cell's number."""
    notebook = nbformat.v4.new_notebook()  # type: ignore[no-untyped-call]  # nbformat has no annotations
    cell = nbformat.v4.new_code_cell("print('new', 12 / 1000, 's')")  # type: ignore[no-untyped-call]  # as above
    cell.outputs = [nbformat.v4.new_output("stream", name="stdout", text="old 0.5 s\n")]  # type: ignore[no-untyped-call]  # as above
    notebook.cells = [cell]
    path = tmp_path / "stale.ipynb"
    nbformat.write(notebook, path)  # type: ignore[no-untyped-call]  # as above

    done = subprocess.run(
        [sys.executable, SCRIPT, "--check", str(path)], capture_output=True, text=True, timeout=300, check=False
    )

    assert done.returncode == 1
    assert "stale.ipynb, cell 1: saved 'stream" in done.stderr or "saved 'old" in done.stderr
    assert path.read_text(encoding="utf-8").count("old") == 1


def test_the_notebooks_keep_to_themselves() -> None:
    """No saved notebook names a folder, a process or an error; every code cell was run but those that define."""
    assert len(NOTEBOOKS) == 7
    for path in NOTEBOOKS:
        text = path.read_text(encoding="utf-8")
        assert not re.findall(r"/(?:home|root|tmp|Users)/|\"output_type\": \"error\"|\"name\": \"stderr\"", text), path
        assert 'execution_count": null' not in text, path


def test_links_between_notebooks_lead_somewhere() -> None:
    """A link in a cell is a file beside it."""
    for path in NOTEBOOKS:
        for target in re.findall(r"\]\(([\w./-]+)\)", path.read_text(encoding="utf-8")):
            assert (path.parent / target).exists(), (path.name, target)
