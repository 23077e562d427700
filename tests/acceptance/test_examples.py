"""The examples do what they say."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.slow
def test_the_demonstration_survives_its_own_kill(tmp_path: Path) -> None:
    """It kills the audit in the middle, resumes it, loses nothing, and leaves reports, definition and picture."""
    done = subprocess.run(
        [sys.executable, "examples/demo.py", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert "with SIGKILL" in done.stdout
    assert "lost or redone: 0" in done.stdout
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["distributions"] == len(report["audits"]) > 20
    assert (tmp_path / "report.md").read_text().startswith("# Installed distributions")
    assert json.loads((tmp_path / "definition.json").read_text())["name"] == "audit_packages"
    assert "<svg" in (tmp_path / "run.svg").read_text()
