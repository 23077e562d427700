"""What the functions of a module, or of a whole package, share: stubs of workers, constants, other workflows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from attrs import frozen

from podium.decompile.comparing import fingerprint
from podium.decompile.naming import snake
from podium.decompile.nodes import Node, Variable
from podium.decompile.stubs import Stub, type_of
from podium.model.definitions import WorkflowDef
from podium.model.values import JsonValue

if TYPE_CHECKING:
    from podium.dsl.workflows import Workflow

#: Makes a function of an embedded definition, given the inputs that its caller passes.
MakeInline = Callable[[WorkflowDef, Sequence[str]], "tuple[Variable, Workflow[..., Any]]"]
#: Finds another workflow by name and version: its variable, an object for it, and whether a call gives that version.
FindWorkflow = Callable[[str, "int | None"], "tuple[Variable, Workflow[..., Any], bool] | None"]


@frozen(eq=False)
class Constant:
    """Something long that is written at the top of a module."""

    variable: Variable
    node: Node
    value: JsonValue

    @property
    def kind(self) -> str:
        """The type of the constant."""
        return type_of(self.node)


class Stubs:
    """The worker tasks met, in the order met."""

    def __init__(self) -> None:
        self.by_name: dict[str, Stub] = {}

    def get(self, name: str) -> Stub:
        """Return the stub of a task; the first one who asks makes it."""
        return self.by_name.setdefault(name, Stub(name))

    @property
    def used(self) -> list[Stub]:
        """Those that are called."""
        return [stub for stub in self.by_name.values() if stub.is_used]


class ModuleTables:
    """
    What is shared while one module is written.

    Args:
        stubs: The worker tasks, of this module or of several.
        inline: Makes a function of an embedded definition.
        workflow: Finds another workflow.
    """

    def __init__(self, stubs: Stubs, inline: MakeInline, workflow: FindWorkflow) -> None:
        self._stubs = stubs
        self.inline = inline
        self.workflow = workflow
        #: By what they hold.
        self.constants: dict[str, Constant] = {}

    def stub(self, name: str) -> Stub:
        """Return the stub of a task."""
        return self._stubs.get(name)

    def values(self) -> dict[Variable, object]:
        """Return what the constants stand for."""
        return {constant.variable: constant.value for constant in self.constants.values()}

    def constant(self, node: Node, value: JsonValue, hint: str) -> Variable:
        """
        Return the constant that holds something long.

        Args:
            node: How it is written.
            value: What it is.
            hint: What it would like to be called.
        """
        key = fingerprint(value)
        name = snake(hint).upper() or "TEXT"
        wishes = (name, f"{name}_TEXT")
        if key not in self.constants:
            self.constants[key] = Constant(Variable(wishes), node, value)
        variable = self.constants[key].variable
        # Not the first one: the order of keys must not show, or what the source builds would give another source.
        variable.wishes = min(variable.wishes, wishes)
        return variable
