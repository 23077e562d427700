"""
The same workflows and workers in several places: ``python -m benchmarks.places URL...``.

Runs the order example and the package audit (of a few distributions) in each store or on each server that is named,
with one program, and prints a table: status, digest of the output and of what every step gave (in bold letters where it
is not that of the first place), seconds.
"""

from __future__ import annotations

import hashlib
import json
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any
from unittest import mock

from attrs import frozen

import podium
from podium.cli.modules import import_place
from podium.model.runs import WorkflowRun
from podium.model.task_types import SYSTEM_TYPES

_EXAMPLES = Path(__file__).parents[1] / "examples"
order, package_audit = (import_place(str(_EXAMPLES / f"{name}.py")) for name in ("order", "package_audit"))

#: What is audited.
DISTRIBUTIONS = ("attrs", "cattrs", "orjson")
_INPUTS: dict[str, Any] = {"order_id": "1", "sku": "A1", "amount": 12.5, "speed": "EXPRESS"}
_PATIENCE_S = 300.0


@frozen(kw_only=True)
class Outcome:
    """What came of one run."""

    workflow: str
    status: str
    output: Any
    #: Reference name and output of every step that gave one, sorted.
    steps: Sequence[tuple[str, str]]
    seconds: float

    @property
    def digest(self) -> str:
        """What tells two outcomes apart, but for their time."""
        whole = json.dumps([self.status, self.output, self.steps], sort_keys=True)
        return hashlib.sha256(whole.encode()).hexdigest()[:12]


def outcomes(url: str, folder: str) -> list[Outcome]:
    """
    Return what the two workflows give in a place.

    Args:
        url: A store or a server, as `podium.connect` takes it.
        folder: Where the audit writes its reports.
    """
    found = [metadata.distribution(name) for name in DISTRIBUTIONS]
    order._looks.clear()  # noqa: SLF001  # its parcels are underway anew
    tasks = {each.name: each for each in (*order.order.tasks, *package_audit.audit_packages.tasks)}
    tasks |= {each.name: each for each in package_audit.audit_distribution.tasks}
    with (
        mock.patch.object(metadata, "distributions", return_value=found),
        podium.connect(url) as client,
        client.workers(list(tasks.values())),
    ):
        client.register(package_audit.audit_distribution)
        return [
            _outcome(client, order.order, _INPUTS),
            _outcome(client, package_audit.audit_packages, {"output_dir": folder}),
        ]


def _outcome(client: podium.Client, workflow: podium.Workflow[..., Any], given: dict[str, Any]) -> Outcome:
    began = time.perf_counter()
    run = client.run(workflow, given, timeout=_PATIENCE_S)
    seconds = time.perf_counter() - began
    steps = sorted((name, json.dumps(output, sort_keys=True)) for name, output in _steps(client, run))
    return Outcome(workflow=workflow.name, status=run.status.value, output=run.output, steps=steps, seconds=seconds)


def _steps(client: podium.Client, run: WorkflowRun) -> Iterator[tuple[str, Any]]:
    """Yield the workers' steps of a run and its sub-workflows, with what they gave."""
    for attempt in run.tasks:
        if attempt.sub_workflow_id:
            yield from _steps(client, client.get(attempt.sub_workflow_id))
        elif attempt.task_type not in SYSTEM_TYPES:
            yield attempt.reference_task_name, dict(attempt.output_data)


def table(urls: Sequence[str]) -> str:
    """Return the table of all places; the first one is what the others are held against."""
    lines = ["| where | workflow | status | output and steps | seconds |", "|---|---|---|---|---|"]
    first: list[Outcome] = []
    with tempfile.TemporaryDirectory() as folder:
        for url in urls:
            made = outcomes(url, folder)
            first = first or made
            for one, known in zip(made, first, strict=True):
                same = f"`{one.digest}`" if one.digest == known.digest else f"**`{one.digest}`**"
                lines.append(f"| `{url}` | {one.workflow} | {one.status} | {same} | {one.seconds:.1f} |")
    return "\n".join(lines)


if __name__ == "__main__":
    print(table(sys.argv[1:]))
