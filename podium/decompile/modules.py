"""From functions to the text of a module."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from podium.decompile.comparing import fingerprint
from podium.decompile.functions import (
    Written,
    faithful,
    raw_function,
    wishes_for_workflow,
    workflow_of,
    write_function,
)
from podium.decompile.naming import Names
from podium.decompile.nodes import (
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
from podium.decompile.printing import Printer, Spell
from podium.decompile.strings import block_quoted
from podium.decompile.stubs import Stub
from podium.decompile.tables import Constant, FindWorkflow, ModuleTables, Stubs
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
        self._found: dict[Variable, Workflow[..., Any]] = {}
        self._tables = ModuleTables(self.stubs, self._inline, self._remembering(find or _find_none))
        self._written: list[Written] = []
        self._inlined: dict[str, tuple[Variable, Workflow[..., Any]]] = {}
        self._definition = definition
        self._written.append(write_function(definition, self.variable, self._tables, passed=passed, optional=optional))

    def _remembering(self, find: FindWorkflow) -> FindWorkflow:
        """Return *find*, with what it finds kept: an embedded workflow may call workflows of other modules too."""

        def found(name: str, version: int | None) -> tuple[Variable, Workflow[..., Any], bool] | None:
            known = find(name, version)
            if known is not None:
                self._found[known[0]] = known[1]
            return known

        return found

    def _inline(self, definition: WorkflowDef, passed: Sequence[str]) -> tuple[Variable, Workflow[..., Any]]:
        key = fingerprint([codec.to_dict(definition), sorted(passed)])
        if key not in self._inlined:
            variable = Variable(wishes_for_workflow(definition))
            written = write_function(definition, variable, self._tables, passed=passed)
            trial: dict[Variable, object] = {stub.variable: stub.task for stub in self.stubs.by_name.values()}
            trial |= self._tables.values()
            trial |= dict(self._inlined.values())
            trial |= self._found
            written = faithful(written, trial) or written
            self._written.append(written)
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
        written = faithful(self._written[-1], self._environment(others))
        if written is not None:
            self._written[-1] = written
            return True
        self._written = [raw_function(self._definition, self.variable)]
        return False

    def trial(self, others: Mapping[Variable, object]) -> Workflow[..., Any]:
        """Return a workflow to try calls with, while worker tasks are still being found."""
        environment: dict[Variable, object] = {**others}
        environment |= {stub.variable: stub.task for stub in self.stubs.by_name.values()}
        environment |= self._tables.values()
        environment |= dict(self._inlined.values())
        return workflow_of(self._written[-1], environment)

    @property
    def builders(self) -> set[str]:
        """The names of `podium` that it uses."""
        return {node.name for node in self._nodes() if isinstance(node, Builder)}

    def count(self, builder: str) -> int:
        """Count the calls of a name of `podium`."""
        return sum(isinstance(node, Builder) and node.name == builder for node in self._nodes())

    def workflow(self, others: Mapping[Variable, object]) -> Workflow[..., Any]:
        """Return the workflow that the module defines; *others* are the workflows of other modules."""
        return workflow_of(self._written[-1], self._environment(others))

    def _environment(self, others: Mapping[Variable, object]) -> dict[Variable, object]:
        environment: dict[Variable, object] = {**others}
        environment |= {stub.variable: stub.real_task() for stub in self.stubs.used}
        environment |= self._tables.values()
        for written in self._written:
            environment[written.function.variable] = workflow_of(written, environment)
        return environment

    # Text

    def stubs_used(self) -> list[Stub]:
        """Return the worker tasks that this module calls, in the order in which it does."""
        used = self.variables_used
        return [stub for stub in self.stubs.used if stub.variable in used]

    @property
    def variables_used(self) -> set[Variable]:
        """The variables that this module reads."""
        return {node.variable for node in self._nodes() if isinstance(node, Name)}

    @property
    def inputs(self) -> set[str]:
        """The names of all parameters."""
        return {parameter.name for function in self.functions for parameter in function.parameters}

    @property
    def needs_any(self) -> bool:
        """Some annotation names ``Any``."""
        kinds = [constant.kind for constant in self.constants()]
        for function in self.functions:
            kinds += [function.returns, *(parameter.annotation for parameter in function.parameters)]
        return any("Any" in kind for kind in kinds)

    @property
    def needs_json(self) -> bool:
        """Something is written as JSON text."""
        return any(isinstance(node, JsonText) for node in self._nodes())

    def _nodes(self) -> Iterable[Node]:
        for function in self.functions:
            yield Builder("workflow")
            for _, setting in function.settings:
                yield from nodes_in(setting)
            for parameter in function.parameters:
                if parameter.default is not None:
                    yield from nodes_in(parameter.default)
            yield from nodes_of(function.body)

    def constants(self) -> list[Constant]:
        """Return the constants that are used."""
        used = self.variables_used
        return [constant for constant in self._tables.constants.values() if constant.variable in used]

    def name_locals(self, names: Names) -> None:
        """Choose the names of constants and of the variables in functions; *names* are those of the module."""
        for constant in self.constants():
            names.give(constant.variable)
        used = self.variables_used
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
                lines += ["", *Printer(width=width).lines(constant.node, f"{name}: {constant.kind} = ")]
        return lines

    def function_lines(self, spelt: dict[str, bool], width: int) -> list[str]:
        """
        Print the functions.

        Args:
            spelt: Gets the names of `podium` that were written: whether as they are, or behind ``podium.``.
            width: Columns of a line.
        """
        lines: list[str] = []
        used = self.variables_used
        for function in self.functions:
            taken = {each.name for each in function.parameters}
            printer = Printer(speller(taken, spelt), width=width)
            lines += ["", "", *printer.function(function, used)]
        return lines


def _find_none(name: str, version: int | None) -> None:
    """Know no other workflow."""


def speller(taken: Collection[str], spelt: dict[str, bool]) -> Spell:
    """
    Return how names of `podium` are written where some names mean something else.

    Args:
        taken: The names that mean something else.
        spelt: Gets what was written: whether as it is, or behind ``podium.``.
    """

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
