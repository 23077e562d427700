"""Real definitions, written by others: they load, come back unchanged, and are checked without a crash."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from podium.dsl import load

CORPUS = Path(__file__).parents[2].parent / "shared" / "corpus" / "definitions"
FILES = sorted(CORPUS.glob("*.json"))

pytestmark = pytest.mark.skipif(not FILES, reason="the corpus of definitions is not here")

#: Files, by the beginning of their names, of which the check must complain, and with what.
COMPLAINTS = {
    "main_workflow-": "schemaVersion is 1",
    "timed_out_task-": "has no name",
    "ConditionalTaskWF-91e528": "concurrentExecLimit is null",
}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_definition_loads_returns_and_is_checked(path: Path) -> None:
    """Reading what we wrote gives an equal definition, and the check gives a list."""
    loaded = load(path)

    again = load(loaded.to_json())
    problems = loaded.check()

    assert again.definition == loaded.definition
    assert all(problem.message and problem.place is None for problem in problems)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_definition_can_be_embedded_and_called(path: Path) -> None:
    """A loaded workflow is a step like any other, and a raw step keeps each of its tasks."""
    from podium.dsl import Workflow, raw

    document: dict[str, Any] = json.loads(path.read_text())
    loaded = load(document)
    wf = Workflow("w")
    with wf:
        for task in document["tasks"]:
            raw(task)

    assert wf.definition.tasks == loaded.definition.tasks


@pytest.mark.parametrize("beginning", COMPLAINTS)
def test_what_the_official_schema_refuses_is_complained_of(beginning: str) -> None:
    """The definitions that do not satisfy the schema load all the same, and the check says what is wrong."""
    (path,) = [path for path in FILES if path.name.startswith(beginning)]

    assert any(COMPLAINTS[beginning] in problem.message for problem in load(path).check())


def test_complaints_about_real_definitions_stay_few() -> None:
    """Most of these run on Conductor's own servers: errors are rare, and were each read by a person."""
    errors = {path.stem for path in FILES if any(problem.severity == "error" for problem in load(path).check())}

    assert len(errors) <= len(FILES) // 10
