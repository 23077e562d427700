"""
What differs between two definitions, step by step, and what that means to runs and callers.

Pure: definitions in, a value out. `podium.dsl.Workflow.diff` and ``podium diff`` give it to authors,
`podium.render.diff_picture` draws it.
"""

from __future__ import annotations

from podium.diff.changes import Change, Changes, EdgeChange, StepDiff
from podium.diff.comparing import diff_definitions
from podium.diff.compatibility import Compatibility, Finding, Severity
from podium.diff.differences import DefinitionDiff
from podium.diff.settings import MISSING, Setting

__all__ = [
    "MISSING",
    "Change",
    "Changes",
    "Compatibility",
    "DefinitionDiff",
    "EdgeChange",
    "Finding",
    "Setting",
    "Severity",
    "StepDiff",
    "diff_definitions",
]
