"""What the pages teach passes the type checker, as the code of their readers should."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from docs_pages import ROOT, blocks_of

pytestmark = pytest.mark.slow


def complaints_about(files: list[Path]) -> list[str]:
    """Run mypy with the project's settings; give what it says of these files."""
    assert files
    command = [
        sys.executable,
        "-m",
        "mypy",
        "--no-error-summary",
        "--cache-dir",
        ".mypy_cache/typing",
        *map(str, files),
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode in {0, 1}, done.stdout + done.stderr
    names = {path.name for path in files}
    return [line for line in done.stdout.splitlines() if re.split(r"[/:]", line.split(":")[0])[-1] in names]


def test_samples_of_constructs_are_typed() -> None:
    """The code of every page of constructs is accepted."""
    assert complaints_about(sorted((ROOT / "docs" / "constructs" / "samples").glob("*.py"))) == []


@pytest.mark.parametrize("page", ["docs/tutorial.md", "docs/from-conductor-python.md"])
def test_files_that_readers_type_are_typed(page: str, tmp_path: Path) -> None:
    """The files that the page has its reader type are accepted; what needs the SDK, which has no types, is left out."""
    files = []
    for block in blocks_of(page):
        if block.file_name and "needs" not in block.notes:
            path = tmp_path / block.file_name
            path.write_text(block.text)
            files.append(path)
    assert complaints_about(files) == []
