"""The programs of ``make bench`` print figures that its table can read."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent


@pytest.mark.parametrize(
    ("module", "arguments"),
    [
        ("benchmarks.raw_inserts", ["0.01"]),
        ("benchmarks.timeline", []),
        ("benchmarks.one", ["fork", "memory"]),
        ("benchmarks.limits", ["sqlite", "0.01"]),
        ("benchmarks.processes", ["sqlite", "--runs", "64"]),
        ("benchmarks.recovery", ["sqlite", "--runs", "1000"]),
    ],
)
def test_a_program_prints_figures_as_json_lines(module: str, arguments: list[str]) -> None:
    """Every line is a figure with a name, a positive value and a unit, which is what the table is made of."""
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments], cwd=ROOT, check=True, capture_output=True, text=True
    )
    figures = [json.loads(line) for line in done.stdout.splitlines()]
    assert figures
    for figure in figures:
        assert set(figure) == {"name", "value", "unit"}
        assert figure["value"] > 0


@pytest.mark.slow
def test_the_pages_are_measured_in_a_browser() -> None:
    """Each page has a row with its first paint, its whole and its longest frame."""
    if not any(map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))):
        pytest.skip("there is no Chromium on the PATH (apt install chromium)")
    arguments = ["--runs", "200", "--tasks", "20", "--repeat", "1"]
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.browser", *arguments], cwd=ROOT, check=True, capture_output=True, text=True
    )
    rows = [line.strip("| ").split(" | ") for line in done.stdout.splitlines() if line.startswith("| ")][1:]
    assert len(rows) == 16
    assert all(float(paint) > 0 and float(whole) > 0 for _, paint, whole, *_ in rows)
