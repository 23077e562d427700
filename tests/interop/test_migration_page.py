"""The page for users of the official SDK leaves no class of it out."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

from sdk_process import ask, needs_sdk

PAGE = Path(__file__).parents[2] / "docs" / "from-conductor-python.md"


@needs_sdk
def test_every_class_of_the_sdk_is_in_the_table() -> None:
    """Each task class of the SDK stands in a row of the page."""
    rows = "\n".join(line for line in PAGE.read_text().splitlines() if line.startswith("|"))
    classes = {name.rpartition(".")[2] for name in ask("builds")["classes"]}
    assert [name for name in sorted(classes) if not re.search(rf"`{name}\b", rows)] == []


def test_every_builder_of_the_table_is_there() -> None:
    """Each builder that the page names can be imported as it says."""
    named = set(re.findall(r"`(ai|documents|mcp|vectors|web)\.(\w+)", PAGE.read_text()))
    assert len(named) > 10
    missing = [name for name in sorted(named) if not hasattr(import_module(f"podium.dsl.builders.{name[0]}"), name[1])]
    assert missing == []
