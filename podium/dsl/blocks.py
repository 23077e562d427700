"""
The open block, and what lives in it.

The rule of authoring is here: calling a task builds a step; a step lives in the block that is open, unless a builder
takes it. The open block is a context variable, so threads and coroutines build independently.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextvars import ContextVar, Token
from types import TracebackType
from typing import TYPE_CHECKING, Generic, TypeVar

from podium.dsl.names import checked
from podium.dsl.places import call_site
from podium.dsl.refs import refusal, refuse
from podium.dsl.running import running
from podium.model.definitions import WorkflowTask
from podium.model.errors import AuthoringError

if TYPE_CHECKING:
    from podium.dsl.context import CompileContext

T = TypeVar("T")

_open: ContextVar[Block | None] = ContextVar("podium_open_block", default=None)


class BlockNode:
    """
    One thing in a block: a step or a structure.

    Attributes:
        written_at: ``file:line`` where the author made it, or None.
        block: Where it lives; None if nobody has put it anywhere yet.
    """

    def __init__(self, reference_name: str, *, place: str | None = None) -> None:
        self.written_at: str | None = place or call_site()
        self.block: Block | None = None
        self._reference_name = checked(reference_name, place=self.written_at)
        #: The name is written down somewhere, so it may not change any more.
        self.is_settled: bool = False
        opened = current()
        if opened is not None:
            opened.add(self)
        elif _open.get() is None and running() is not None:
            refuse(
                f"{reference_name!r} would be a step that no workflow has, because a task is running here: to run "
                "the function of a task call its .fn(...); to build a workflow, do it in its function or a with block"
            )

    @property
    def reference_name(self) -> str:
        """The name in ``${name.output…}``; unique in its workflow."""
        return self._reference_name

    def settled_name(self) -> str:
        """Return the reference name, which may not change from now on: somebody has written it down."""
        self.is_settled = True
        return self._reference_name

    def rename(self, reference_name: str) -> None:
        """Take another reference name, which must be a good one."""
        self._reference_name = reference_name

    def __podium_refusal__(self) -> str:
        """Say what to write instead of this node where a value is expected."""
        return f"{self!r} is a step, not a value; write {self._reference_name}.output or a field of it"

    def compile(self, build: CompileContext) -> tuple[WorkflowTask, ...]:
        """Return the tasks of the canonical form, in order."""
        raise NotImplementedError

    def __bool__(self) -> bool:
        raise refusal(f"{self!r} is a step: it has no truth value; use when(...) or switch(...) on its .output")

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._reference_name!r}>"


class Block:
    """
    A list of nodes: a workflow's body, a case, a branch or a loop's body.

    Args:
        label: What the author would call it, for messages.
        owner: The structure that it belongs to; None for a workflow's body.
        refusal: Why no step may live here, if so.
    """

    def __init__(self, label: str, *, owner: BlockNode | None = None, refusal: str | None = None) -> None:
        self.label = label
        self.owner = owner
        self.refusal = refusal
        self.nodes: list[BlockNode] = []

    def add(self, node: BlockNode) -> None:
        """Append a node that lives nowhere."""
        if self.refusal is not None:
            raise AuthoringError(self.refusal, code="P1", place=node.written_at)
        self.nodes.append(node)
        node.block = self

    def take(self, nodes: Iterable[BlockNode]) -> None:
        """
        Move nodes here, in the order given; what a builder does with the steps it is handed.

        Raises:
            AuthoringError: N1, one of them already lives in another structure.
        """
        for node in nodes:
            if node.block is not None:
                if node.block is not current():
                    refuse(
                        f"{node!r} already lives in {node.block.label}; a step has one place: "
                        f"call its task again with .as_('another_name')",
                        code="N1",
                    )
                node.block.remove(node)
            self.add(node)

    def remove(self, node: BlockNode) -> None:
        """Let go of a node, which then lives nowhere."""
        for index in range(len(self.nodes) - 1, -1, -1):  # what is taken was mostly made just before
            if self.nodes[index] is node:
                del self.nodes[index]
                break
        node.block = None

    def encloses(self, node: BlockNode) -> bool:
        """Return whether *node* lives here or in a structure here."""
        block = node.block
        while block is not None:
            if block is self:
                return True
            block = block.owner.block if block.owner is not None else None
        return False

    def compile(self, build: CompileContext) -> tuple[WorkflowTask, ...]:
        """Return the tasks of all nodes, in order."""
        return tuple(task for node in self.nodes for task in node.compile(build))

    def __repr__(self) -> str:
        return f"<Block {self.label}>"


class Opening(Generic[T]):
    """
    A ``with`` statement that opens a block.

    Args:
        block: What new steps live in meanwhile.
        value: What ``as`` gives.
        on_close: Called after the block was left without an error.
    """

    def __init__(self, block: Block | None, value: T, on_close: Callable[[], None] | None = None) -> None:
        self._block = block
        self._value = value
        self._on_close = on_close
        self._tokens: list[Token[Block | None]] = []

    def __enter__(self) -> T:
        self._tokens.append(_open.set(self._block))
        return self._value

    # Declared to return None: otherwise type checkers think that the block may swallow errors, and call every name
    # bound in it possibly unbound.
    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        _open.reset(self._tokens.pop())
        if kind is None and self._on_close is not None:
            self._on_close()


#: Stands for no block at all where a builder wants none.
_NOWHERE = Block("nothing")


def current() -> Block | None:
    """Return the open block, None outside every workflow."""
    found = _open.get()
    return None if found is _NOWHERE else found


def closed() -> Opening[None]:
    """Open no block at all: steps made meanwhile live nowhere."""
    return Opening(_NOWHERE, None)
