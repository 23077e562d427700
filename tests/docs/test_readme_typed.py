"""The README as somebody types it: in a shell, with ``podium`` on the path."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from docs_pages import ROOT, blocks_of


@pytest.mark.slow
def test_the_commands_of_the_readme_work_one_after_the_other(tmp_path: Path) -> None:
    """Each of them ends well, as it stands there; the run is found by the commands behind it."""
    blocks = list(blocks_of("README.md"))
    (code,) = (block for block in blocks if block.text.startswith("# trip.py\n"))
    (commands,) = (block for block in blocks if block.language == "sh" and block.text.startswith("podium check"))
    (tmp_path / "trip.py").write_text(code.text)
    scripts = Path(sys.executable).parent
    if shutil.which("podium", path=str(scripts)) is None:
        pytest.skip("the command podium is not installed beside this Python")
    path = os.pathsep.join([str(scripts), os.environ.get("PATH", "")])

    done = subprocess.run(  # the page's own commands
        ["/bin/sh", "-e", "-c", commands.text],
        cwd=tmp_path,
        env={**os.environ, "PATH": path, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert "3 nights in Rome, by train for 49.0" in done.stdout
    assert "trip version 1: COMPLETED" in done.stdout
    assert {"trip.json", "trip.svg", "podium.db"} <= {each.name for each in tmp_path.iterdir()}
