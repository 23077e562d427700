"""
What differs between two definitions, step by step, and what that means to runs and callers; and between two runs.

Pure: definitions or runs in, a value out. `podium.dsl.Workflow.diff`, `WorkflowRun.diff` and ``podium diff`` give it to
authors, `podium.render.diff_picture` and `podium.render.run_diff` draw it.
"""

from __future__ import annotations

from podium.diff.changes import Change, Changes, EdgeChange, StepDiff
from podium.diff.comparing import diff_definitions
from podium.diff.compatibility import Compatibility, Finding, Severity
from podium.diff.differences import DefinitionDiff
from podium.diff.run_comparing import diff_runs
from podium.diff.run_differences import RunDiff
from podium.diff.run_steps import RunChange, RunStep
from podium.diff.settings import MISSING, Setting

__all__ = [
    "MISSING",
    "Change",
    "Changes",
    "Compatibility",
    "DefinitionDiff",
    "EdgeChange",
    "Finding",
    "RunChange",
    "RunDiff",
    "RunStep",
    "Setting",
    "Severity",
    "StepDiff",
    "diff_definitions",
    "diff_runs",
]
