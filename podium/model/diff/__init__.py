"""
What differs between two definitions, step by step, and what that means to runs and callers.

Pure: definitions in, a value out. `podium.dsl.Workflow.diff` and ``podium diff`` give it to authors,
`podium.render.diff_picture` draws it.
"""

from __future__ import annotations

from podium.model.diff.changes import Change, DefinitionDiff, EdgeChange, StepDiff
from podium.model.diff.compatibility import Compatibility, Finding, Severity
from podium.model.diff.settings import MISSING, Setting
from podium.model.diff.steps import diff_definitions

__all__ = [
    "MISSING",
    "Change",
    "Compatibility",
    "DefinitionDiff",
    "EdgeChange",
    "Finding",
    "Setting",
    "Severity",
    "StepDiff",
    "diff_definitions",
]
