"""Runs whose results have the types that their workflows declare."""

from __future__ import annotations

from functools import partial
from typing import Any

from attrs import evolve

from podium.dsl import Workflow
from podium.model.definitions import WorkflowDef
from podium.model.errors import NoResult
from podium.model.runs import ResultT, WorkflowRun
from podium.model.texts import some
from podium.model.values import JsonObject
from podium.typed import records
from podium.typed.reading import faults, output_reader_of


def with_result(run: WorkflowRun, workflow: Workflow[..., ResultT] | WorkflowDef | str) -> WorkflowRun[ResultT]:
    """Return a run whose result is read as the workflow's function declares it; as it is where nothing does."""
    hint = workflow.return_hint if isinstance(workflow, Workflow) else Any
    if hint is Any or hint is object:
        return run
    return evolve(run, reading=partial(_read, hint, f"run {run.workflow_id} of {run.workflow_name}"))


def _read(hint: records.Hint, subject: str, output: JsonObject) -> Any:
    """Read the output of a run."""
    if hint is None or hint is type(None):
        return None
    value: Any = output
    for key in records.output_keys(hint)[1:]:
        value = value.get(key) if isinstance(value, dict) else None
    try:
        return output_reader_of(hint)(value, hint)
    except TypeError as error:
        raise NoResult(f"the result of {subject} cannot be read: {error}; its .output is there as JSON") from error
    except Exception as error:
        found = some(tuple(faults(error, "result")))
        raise NoResult(f"the result of {subject} is not what its workflow declares: {found}") from error
