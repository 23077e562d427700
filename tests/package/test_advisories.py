"""``scripts/advisories.py``: what is known against the installed packages, where it can be asked for."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def advisories() -> ModuleType:
    """The script."""
    spec = importlib.util.spec_from_file_location("advisories", ROOT / "scripts" / "advisories.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_vulnerability_fails_the_check(advisories: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    """It is named with its package and the version that mends it; a package that was passed over is none."""
    bad = {"name": "old", "version": "1", "vulns": [{"id": "PYSEC-1", "fix_versions": ["2"]}]}
    report = {"dependencies": [bad, {"name": "good", "version": "1", "vulns": []}, {"name": "own", "skip_reason": "x"}]}
    asked: list[Sequence[str]] = []

    def ask(command: Sequence[str]) -> str:
        asked.append(command)
        return json.dumps(report)

    assert advisories.main(ask, is_there=True) == 1
    assert capsys.readouterr().out == "old 1: PYSEC-1, mended in 2\n"
    assert "--local" in asked[0]
    report["dependencies"].remove(bad)
    assert advisories.main(ask, is_there=True) == 0


def test_what_cannot_be_asked_fails_nothing_and_is_said(
    advisories: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither a tool that is not installed, nor a database that is out of reach or answers strangely."""

    def unreachable(command: Sequence[str]) -> str:
        raise OSError("no route to the database")

    assert advisories.main(is_there=False) == 0
    assert advisories.main(unreachable, is_there=True) == 0
    assert advisories.main(lambda _: "<html>", is_there=True) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.startswith("advisories: not looked at") for line in lines] == [True] * 3
    assert "no route" in lines[1]
