"""From functions to the text of a module."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any

from podium.dsl.decompile.evaluating import BUILDERS
from podium.dsl.decompile.functions import (
    Written,
    is_faithful,
    raw_function,
    wishes_for_workflow,
    workflow_of,
    write_function,
)
from podium.dsl.decompile.naming import Names
from podium.dsl.decompile.nodes import (
    Assign,
    Builder,
    Function,
    JsonText,
    Name,
    Node,
    Statement,
    Variable,
    With,
    nodes_in,
    nodes_of,
)
from podium.dsl.decompile.options import fingerprint
from podium.dsl.decompile.printing import WIDTH, Printer
from podium.dsl.decompile.strings import block_quoted
from podium.dsl.decompile.stubs import Stub, type_of
from podium.dsl.decompile.tables import Constant, FindWorkflow, Stubs, Tables
from podium.model import codec
from podium.model.definitions import WorkflowDef

if TYPE_CHECKING:
    from podium.dsl.workflows import Workflow


class Module:
    """
    One module: the function of a workflow, and those of the definitions that it embeds.

    Args:
        definition: The workflow.
        stubs: The worker tasks, which other modules may share.
        find: Finds workflows of other modules.
        passed: Inputs that callers give.
        optional: Inputs that some caller leaves out.
    """

    def __init__(
        self,
        definition: WorkflowDef,
        stubs: Stubs | None = None,
        find: FindWorkflow | None = None,
        *,
        passed: Sequence[str] = (),
        optional: Iterable[str] = (),
    ) -> None:
        self.stubs = Stubs() if stubs is None else stubs
        self.variable = Variable(wishes_for_workflow(definition))
        self._tables = Tables(self.stubs, self._inline, find or _find_none)
        self._written: list[Written] = []
        self._inlined: dict[str, tuple[Variable, Workflow[..., Any]]] = {}
        self.environment: dict[Variable, object] = {}
        self._definition = definition
        self._written.append(write_function(definition, self.variable, self._tables, passed=passed, optional=optional))

    def _inline(self, definition: WorkflowDef, passed: Sequence[str]) -> tuple[Variable, Workflow[..., Any]]:
        key = fingerprint([codec.to_dict(definition), sorted(passed)])
        if key not in self._inlined:
            variable = Variable(wishes_for_workflow(definition))
            written = write_function(definition, variable, self._tables, passed=passed)
            self._written.append(written)
            trial: dict[Variable, object] = {stub.variable: stub.task for stub in self.stubs.by_name.values()}
            trial |= self._tables.values()
            trial |= dict(self._inlined.values())
            self._inlined[key] = (variable, workflow_of(written, trial))
        return self._inlined[key]

    @property
    def functions(self) -> Sequence[Function]:
        """The functions, those that others embed first."""
        return [written.function for written in self._written]

    def verify(self, others: Mapping[Variable, object]) -> bool:
        """
        Build the workflow from what is written; if that is another one, write its tasks as JSON.

        Args:
            others: The workflows of other modules.

        Returns:
            Whether what was written is readable.
        """
        environment: dict[Variable, object] = {**others}
        environment |= {stub.variable: stub.real_task() for stub in self.stubs.used}
        environment |= self._tables.values()
        for written in self._written:
            environment[written.function.variable] = workflow_of(written, environment)
        if is_faithful(self._written[-1], environment):
            return True
        self._written = [raw_function(self._definition, self.variable)]
        return False

    # Text

    def stubs_used(self) -> list[Stub]:
        """Give the worker tasks that this module calls, in the order in which it does."""
        used = self._used()
        return [stub for stub in self.stubs.used if stub.variable in used]

    def variables_used(self) -> set[Variable]:
        """Give the variables that this module reads."""
        return self._used()

    def _nodes(self) -> Iterable[Node]:
        for function in self.functions:
            yield Builder("workflow")
            for _, setting in function.settings:
                yield from nodes_in(setting)
            for parameter in function.parameters:
                if parameter.default is not None:
                    yield from nodes_in(parameter.default)
            yield from nodes_of(function.body)

    def _used(self) -> set[Variable]:
        return {node.variable for node in self._nodes() if isinstance(node, Name)}

    def builders(self) -> set[str]:
        """Give the names of `podium` that the functions use."""
        return {node.name for node in self._nodes() if isinstance(node, Builder)}

    def reads_json(self) -> bool:
        """Tell whether something is written as JSON text."""
        return any(isinstance(node, JsonText) for node in self._nodes())

    def constants(self) -> list[Constant]:
        """Give the constants that are used."""
        used = self._used()
        return [constant for constant in self._tables.constants.values() if constant.variable in used]

    def name_locals(self, names: Names) -> None:
        """Choose the names of constants and of the variables in functions; *names* are those of the module."""
        for constant in self.constants():
            names.give(constant.variable)
        used = self._used()
        for function in self.functions:
            inner = Names((each.name for each in function.parameters), names)
            for variable in _set_in(function.body):
                if variable in used:
                    inner.give(variable)

    def constant_lines(self, width: int) -> list[str]:
        """Print the constants."""
        lines: list[str] = []
        for constant in self.constants():
            name = constant.variable.text
            if isinstance(constant.value, str):
                lines += ["", *f"{name} = {block_quoted(constant.value)}".split("\n")]
            else:
                kind = type_of(constant.node)
                lines += ["", *Printer(width=width).lines(constant.node, f"{name}: {kind} = ")]
        return lines

    def function_lines(self, spelt: dict[str, bool], width: int) -> list[str]:
        """
        Print the functions.

        Args:
            spelt: Gets the names of `podium` that were written: whether as they are, or behind ``podium.``.
            width: Columns of a line.
        """
        lines: list[str] = []
        used = self._used()
        for function in self.functions:
            taken = {each.name for each in function.parameters}
            printer = Printer(_speller(taken, spelt), width=width)
            lines += ["", "", *printer.function(function, used)]
        return lines


def _find_none(name: str, version: int | None) -> None:
    """Know no other workflow."""


def _speller(taken: set[str], spelt: dict[str, bool]) -> Any:
    def spell(name: str) -> str:
        is_plain = name not in taken
        spelt[name] = spelt.get(name, False) or is_plain
        if not is_plain:
            spelt["podium"] = True
        return name if is_plain else f"podium.{name}"

    return spell


def _set_in(statements: Sequence[Statement]) -> Iterable[Variable]:
    for statement in statements:
        if isinstance(statement, Assign | With) and statement.variable is not None:
            yield statement.variable
        if isinstance(statement, With):
            yield from _set_in(statement.body)


def module_names() -> Names:
    """Give the names that nothing in a module may have: those of `podium`, and ``Any``."""
    return Names([*import_module(BUILDERS).__all__, "Any"])


def imports(spelt: Mapping[str, bool], *, needs_any: bool, needs_json: bool, width: int) -> list[str]:
    """Give the lines that import what a module uses."""
    lines = ["from __future__ import annotations", ""]
    standard = [*(["import json"] if needs_json else []), *(["from typing import Any"] if needs_any else [])]
    if standard:
        lines += [*standard, ""]
    if spelt.get("podium"):
        lines.append("import podium")
    plain = sorted((name for name, is_plain in spelt.items() if is_plain and name != "podium"), key=_import_order)
    line = f"from podium import {', '.join(plain)}"
    if len(line) <= width:
        lines.append(line)
    else:
        lines += ["from podium import (", *(f"    {name}," for name in plain), ")"]
    return lines


def _import_order(name: str) -> tuple[int, str]:
    return (0 if name.isupper() else 1 if name[:1].isupper() else 2, name)


def module_source(definition: WorkflowDef, width: int = WIDTH) -> str:
    """Give a whole module for one definition."""
    module = Module(definition)
    module.verify({})
    names = module_names()
    for function in module.functions:
        for parameter in function.parameters:
            names.take(parameter.name)
    names = Names([*(each.name for function in module.functions for each in function.parameters)], module_names())
    for function in reversed(module.functions):
        _name_function(function, names)
    stubs = module.stubs_used()
    for stub in stubs:
        names.give(stub.variable)
    outer = module_names()
    for variable in (*(function.variable for function in module.functions), *(stub.variable for stub in stubs)):
        outer.take(variable.text)
    module.name_locals(outer)
    spelt: dict[str, bool] = {}
    printer = Printer(_speller(set(), spelt), width=width)
    lines = module.constant_lines(width)
    lines += [line for stub in stubs for line in ("", "", *stub.lines(printer))]
    lines += module.function_lines(spelt, width)
    needs_any = any(
        " Any" in line or "[Any]" in line or ", Any]" in line
        for line in lines
        if line.startswith(("def ", "    ", ")"))
    )
    head = imports(spelt, needs_any=needs_any, needs_json=module.reads_json(), width=width)
    return "\n".join([*head, *lines]) + "\n"


def _name_function(function: Function, names: Names) -> None:
    names.give(function.variable)
