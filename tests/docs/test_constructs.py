"""The pages of constructs are what their samples make today, and no construct is missing."""

from __future__ import annotations

import importlib.util
import json
import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from docs_pages import ROOT, blocks_of

from podium.model.statuses import TaskType

FOLDER = ROOT / "docs" / "constructs"


@pytest.fixture(scope="module")
def maker() -> ModuleType:
    """Import the script that makes the pages."""
    spec = importlib.util.spec_from_file_location("make_constructs", FOLDER / "make.py")
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def titles_of(path: Path) -> list[str]:
    """Return what a picture says, wherever the drawing program has put it."""
    return sorted(re.findall(r"<(?:title|desc)[^>]*>([^<]+)<", path.read_text()))


def test_the_pages_are_those_of_today(maker: ModuleType, tmp_path: Path) -> None:
    """The script makes every page and picture of the folder, and they say what the stored ones say."""
    maker.make(tmp_path)

    advice = "run docs/constructs/make.py"
    made = {str(path.relative_to(tmp_path)): path.read_text() for path in tmp_path.rglob("*.md")}
    assert made == {str(path.relative_to(FOLDER)): path.read_text() for path in FOLDER.rglob("*.md")}, advice
    pictures = {path.name: titles_of(path) for path in tmp_path.rglob("*.svg")}
    assert pictures == {path.name: titles_of(path) for path in FOLDER.rglob("*.svg")}, advice


def test_every_type_of_the_engine_is_shown() -> None:
    """Each type that Conductor's engine itself knows stands in the JSON of some page."""
    shown: set[str] = set()
    for path in FOLDER.glob("*.md"):
        for block in blocks_of(str(path.relative_to(ROOT))):
            if block.language == "json":
                shown |= set(types_in(json.loads(block.text)))
    assert {str(each.value) for each in TaskType} - shown == set()


def types_in(data: Any) -> list[str]:
    """Return the types of the tasks in some JSON."""
    if isinstance(data, list):
        return [each for item in data for each in types_in(item)]
    if isinstance(data, dict):
        own = [data["type"]] if "taskReferenceName" in data else []
        return own + [each for value in data.values() for each in types_in(value)]
    return []
