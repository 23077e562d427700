"""Workflows as Python source: what a person would have written to get the same definition."""

from __future__ import annotations

from podium.decompile.packages import Package, PackageModule, to_package
from podium.decompile.printing import WIDTH
from podium.decompile.sources import module_source
from podium.model.definitions import WorkflowDef


def to_python(definition: WorkflowDef, *, line_length: int = WIDTH) -> str:
    """
    Return a module whose workflow has this definition.

    Args:
        definition: The definition.
        line_length: Columns of a line; texts that cannot be broken are longer.

    Returns:
        The source of a module. Running it has no effect but to define functions.
    """
    return module_source(definition, line_length)


__all__ = ["Package", "PackageModule", "to_package", "to_python"]
