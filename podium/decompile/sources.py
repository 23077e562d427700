"""The text of modules: imports, constants, stubs, functions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from importlib import import_module

from podium.decompile.evaluating import BUILDERS
from podium.decompile.modules import Module, speller
from podium.decompile.naming import Names, import_order
from podium.decompile.printing import WIDTH, Printer
from podium.decompile.stubs import Stub
from podium.model.definitions import WorkflowDef


def module_source(definition: WorkflowDef, width: int = WIDTH) -> str:
    """
    Return a whole module for one definition.

    Args:
        definition: The definition.
        width: Columns of a line.
    """
    module = Module(definition)
    module.verify({})
    stubs = module.stubs_used()
    names = name_globals([module], stubs)
    module.name_locals(names)
    spelt: dict[str, bool] = {}
    lines = [
        *module.constant_lines(width),
        *stub_lines(stubs, spelt, width),
        *module.function_lines(spelt, width),
    ]
    head = import_lines(spelt, needs_any=bool(stubs) or module.needs_any, needs_json=module.needs_json, width=width)
    return as_text([*head, *lines])


def as_text(lines: Iterable[str]) -> str:
    """Return lines as a file."""
    return "\n".join(lines) + "\n"


def name_globals(modules: Sequence[Module], stubs: Sequence[Stub]) -> Names:
    """
    Choose the names of functions and stubs, so that no parameter hides one of them.

    Returns:
        The names that are taken now, in every one of the modules.
    """
    inputs = {name for module in modules for name in module.inputs}
    used = {name for module in modules for name in module.builders}
    names = Names([*import_module(BUILDERS).__all__, *used, "Any"])
    for module in modules:
        for function in reversed(module.functions):  # what others embed gives way
            names.give(function.variable, avoid=inputs)
    for stub in stubs:
        names.give(stub.variable, avoid=inputs)
    return names


def stub_lines(stubs: Sequence[Stub], spelt: dict[str, bool], width: int) -> list[str]:
    """Print stubs; *spelt* gets the names of `podium` that were written."""
    printer = Printer(speller((), spelt), width=width)
    return [line for stub in stubs for line in ("", "", *stub.lines(printer))]


def import_lines(spelt: Mapping[str, bool], *, needs_any: bool, needs_json: bool, width: int) -> list[str]:
    """Return the lines that import what a module uses from the standard library and from `podium`."""
    lines = ["from __future__ import annotations", ""]
    standard = [*(["import json"] if needs_json else []), *(["from typing import Any"] if needs_any else [])]
    if standard:
        lines += [*standard, ""]
    if spelt.get("podium"):
        lines.append("import podium")
    plain = [name for name, is_plain in spelt.items() if is_plain and name != "podium"]
    return lines + from_lines("podium", plain, width)


def from_lines(module: str, names: Sequence[str], width: int) -> list[str]:
    """Return the lines that import names from one module, laid out as formatters do."""
    names = sorted(names, key=import_order)
    line = f"from {module} import {', '.join(names)}"
    if not names or len(line) <= width:
        return [line] if names else []
    return [f"from {module} import (", *(f"    {name}," for name in names), ")"]
