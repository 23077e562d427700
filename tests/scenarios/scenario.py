"""What a scenario says: what is run, what answers, and what is expected."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attrs import field, frozen

from podium import load
from podium.dsl import Workflow
from podium.model.definitions import TaskDef, WorkflowDef
from podium.model.runs import WorkflowRun
from podium.testing import expect, simulate

CORPUS = Path(__file__).parents[2].parent / "shared" / "corpus" / "definitions"
#: The resources of other people's tests, by the file of the corpus that holds their definition.
_INDEX = CORPUS / "INDEX.tsv"
_OF_TESTS = ("/src/test/resources/", "/integration/resources/")


def resources_of_tests() -> dict[str, str]:
    """Return the definitions of the corpus that were made for tests, each with the name of its resource."""
    rows = (line.split("\t") for line in _INDEX.read_text(encoding="utf-8").splitlines())
    return {row[0]: Path(row[1]).stem for row in rows if any(part in row[1] for part in _OF_TESTS)}


def definition(stem: str) -> Workflow[..., Any]:
    """Return a definition of the corpus; an old schema version is raised, because nothing else of it is old."""
    document = json.loads((CORPUS / f"{stem}.json").read_bytes())
    return load({**document, "schemaVersion": 2})


@frozen(kw_only=True)
class Scenario:
    """
    One way to run a definition of the corpus.

    Attributes:
        resource: The test resource that it was made for.
        file: The definition's file, without its suffix.
        order: The attempts in the order in which they were made; a status other than COMPLETED stands behind a colon.
        why: What it shows.
        status: How the run ends.
        output: What is expected of its output.
        values: The same of the outputs of tasks, by reference.
        reason: A part of the reason why it did not complete.
        others: Further definitions that it needs.
    """

    resource: str
    file: str
    order: str
    why: str = ""
    input: Mapping[str, Any] = field(factory=dict)
    mocks: Mapping[str, Any] = field(factory=dict)
    status: str = "COMPLETED"
    output: Mapping[str, Any] = field(factory=dict)
    values: Mapping[str, Mapping[str, Any]] = field(factory=dict)
    variables: Mapping[str, Any] = field(factory=dict)
    reason: str = ""
    others: tuple[str | TaskDef | WorkflowDef, ...] = ()

    @property
    def name(self) -> str:
        """The name of the test."""
        return f"{self.resource}-{self.why.replace(' ', '_')}" if self.why else self.resource

    def run(self) -> WorkflowRun:
        """Run it."""
        others = [definition(one) if isinstance(one, str) else one for one in self.others]
        return simulate(definition(self.file), self.input, self.mocks, others=others, check=False)

    def check(self) -> None:
        """Run it, and hold it against what is expected."""
        run = self.run()
        held = expect(run).status(self.status).output(self.output).variables(self.variables)
        assert order_of(run) == self.order.split()
        assert self.reason in (run.reason or "")
        for reference, value in self.values.items():
            held.output(reference, value)


def order_of(run: WorkflowRun) -> list[str]:
    """Return the attempts of a run as `Scenario.order` spells them."""
    spelt = []
    for each in run.tasks:
        is_done = each.status == "COMPLETED"
        spelt.append(each.reference_task_name if is_done else f"{each.reference_task_name}:{each.status}")
    return spelt
