"""
``fork``: branches that run at the same time, and the JOIN that waits for them.

The list of what the JOIN waits for is computed from the structure: the last step of each branch. Conductor regards a
SWITCH as done as soon as its case is chosen, before the case has run; so a branch that ends with a switch (and not with
its ``merge``) gets a NOOP named ``<switch>_merge`` as its last step, and the JOIN waits for that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from podium.dsl.arguments import checked_arguments
from podium.dsl.blocks import Block, BlockNode, Opening, closed
from podium.dsl.expressions import Script
from podium.dsl.refs import refuse
from podium.dsl.steps import Step
from podium.dsl.structures import BlockStructure, Steps, as_nodes
from podium.dsl.switches import names_of
from podium.model.definitions import WorkflowTask
from podium.model.errors import AuthoringError
from podium.model.statuses import JoinMode, TaskType
from podium.model.task_types import SWITCHES
from podium.typed.authored import Authored

if TYPE_CHECKING:
    from podium.dsl.context import CompileContext


#: What ``join=`` takes: the author's own JOIN, its name, None for ``<fork>_join``, or False for none.
JoinChoice: TypeAlias = "Join | str | Literal[False] | None"


class Join(Step[Mapping[str, Any]]):
    """A JOIN; its output maps the reference name of each joined step to that step's output."""

    def __init__(
        self,
        reference_name: str,
        on: Sequence[BlockNode | str] | None = None,
        script: Script | None = None,
    ) -> None:
        inputs = script.inputs if script is not None else None
        super().__init__(reference_name, type=TaskType.JOIN.value, inputs=inputs, keys=("output",))
        #: What says when it is done, on servers that look at it.
        self.script = script
        #: What it waits for; None means the last steps of the fork before it.
        self.on: tuple[BlockNode | str, ...] | None = None if on is None else tuple(on)
        #: The last steps of the fork's branches, known when it is compiled.
        self.tails: tuple[str, ...] = ()

    def compiled_fields(self, build: CompileContext) -> dict[str, Authored]:
        """Return the names to wait for, and the script."""
        fields = super().compiled_fields(build)
        fields["join_on"] = self.tails if self.on is None else names_of(self.on)
        if self.script is not None:
            fields |= {"expression": self.script.text, "evaluator_type": self.script.language}
        return fields


def join_behind(name: str, join: JoinChoice) -> Join | None:
    """
    Return the JOIN of a fork.

    Args:
        name: The fork's reference name.
        join: The author's own JOIN, its name, None for ``<fork>_join``, or False for none.
    """
    if join is False:
        return None
    if isinstance(join, Join):
        if join.block is not None:
            Block(f"fork {name!r}", refusal=None).take([join])
        return join
    if join is not None and not isinstance(join, str):
        refuse(f"join= of fork {name!r} takes a name or join(...), not {join!r:.40}")
    with closed():
        return Join(join or f"{name}_join")


def needed_join(join: Join | None, owner: BlockNode) -> Join:
    """Return the JOIN of a fork that must have one."""
    if join is None:
        refuse(f"{owner!r} has no join: it was made with join=False")
    return join


class Fork(BlockStructure):
    """
    Branches that run at the same time.

    Use it as a block, ``with fork("tell") as tell:`` with ``with tell.branch():`` inside, or give the branches as plain
    values.

    """

    def __init__(self, name: str, join: JoinChoice = None) -> None:
        super().__init__(name)
        self._join = join_behind(name, join)
        self.branches: list[Block] = []

    @property
    def join(self) -> Join:
        """
        The JOIN; its output has each branch's last output under that step's reference name.

        Raises:
            AuthoringError: P1, the fork was made with ``join=False``.
        """
        return needed_join(self._join, self)

    @property
    def output(self) -> Mapping[str, Any]:
        """The JOIN's output."""
        return self.join.output

    def _opening(self) -> Opening[None]:
        """Return what opens the block in which only branches may live."""
        inside = Block(
            f"fork {self.reference_name!r}",
            owner=self,
            refusal=f"a step directly in fork {self.reference_name!r} belongs to no branch; put it into .branch()",
        )
        return Opening(inside, None)

    def branch(self) -> Opening[None]:
        """Open the block of one more branch."""
        return Opening(self._new_branch(), None)

    def add(self, steps: Steps) -> None:
        """Add a branch of steps given as plain values."""
        block = self._new_branch()
        block.take(as_nodes(steps, block.label))

    def _new_branch(self) -> Block:
        block = Block(f"branch {len(self.branches) + 1} of fork {self.reference_name!r}", owner=self)
        self.branches.append(block)
        return block

    def compile(self, build: CompileContext) -> tuple[WorkflowTask, ...]:
        """Return the FORK_JOIN and its JOIN."""
        self._check_branches()
        build.claim(self.reference_name, self.written_at)
        branches = tuple(self._closed_branch(block, build) for block in self.branches)
        task = WorkflowTask(
            name=self.reference_name,
            task_reference_name=self.reference_name,
            type=TaskType.FORK_JOIN.value,
            fork_tasks=branches,
        )
        if self._join is None:
            return (self.with_options(task),)
        self._join.tails = tuple(branch[-1].task_reference_name for branch in branches)
        return (self.with_options(task), *self._join.compile(build))

    def _check_branches(self) -> None:
        if not self.branches:
            message = f"fork {self.reference_name!r} has no branch; Conductor refuses it"
            raise AuthoringError(message, code="V1", place=self.written_at)
        for block in self.branches:
            if not block.nodes:
                message = f"{block.label} is empty, which Conductor cannot run; put noop('name') into it"
                raise AuthoringError(message, code="V1", place=self.written_at)

    def _closed_branch(self, block: Block, build: CompileContext) -> tuple[WorkflowTask, ...]:
        tasks = block.compile(build)
        last = tasks[-1]
        if last.type not in SWITCHES:
            return tasks
        name = f"{last.task_reference_name}_merge"
        if self._join is None or (self._join.on is not None and name not in names_of(self._join.on)):
            return tasks  # nobody would wait for it
        build.claim(name, block.nodes[-1].written_at)
        return (*tasks, WorkflowTask(name=name, task_reference_name=name, type=TaskType.NOOP.value))


def fork_of(steps: Sequence[Steps]) -> Fork:
    """
    Return the fork that a list behind ``>>`` makes, named after the first step of each branch.

    Raises:
        AuthoringError: V1, there is no branch, or an empty one.
    """
    branches = [as_nodes(branch, "a branch") for branch in steps]
    if not branches or not all(branches):
        refuse("a list after >> holds branches, each with a step at least", code="V1")
    with closed():
        made = Fork("_".join(branch[0].reference_name for branch in branches) + "_fork")
    for branch in branches:
        made.add(branch)
    return made


@checked_arguments
def fork(name: str, *branches: Steps, join: JoinChoice = None) -> Fork:
    """
    Run branches at the same time and wait for all of them (FORK_JOIN and JOIN).

    Run by: Podium, Conductor, Orkes.

    Args:
        name: The reference name; the JOIN is ``<name>_join``.
        branches: The steps of each branch, when it is not used as a block.
        join: Another name for the JOIN, a ``join(...)`` with options or a list of its own, or False for none: then
            nothing waits for the branches until you write a ``join(...)`` somewhere behind.

    Raises:
        AuthoringError: N1, a step has its place elsewhere.

    Example:
        ``fork("tell", [mail], [paid, audited])``
    """
    made = Fork(name, join)
    for branch in branches:
        made.add(branch)
    return made


@checked_arguments
def join(
    name: str,
    on: Sequence[BlockNode | str] | None = None,
    *,
    script: Script | str | None = None,
    mode: JoinMode | str | None = None,
    status: str | None = None,
) -> Join:
    """
    Wait for several steps (JOIN); `fork` writes this by itself.

    Run by: Podium, Conductor, Orkes.

    Args:
        name: The reference name.
        on: The steps, or their reference names; without it, as ``join=`` of a fork, the last steps of its branches.
        script: JavaScript that says when it is done: true, or an object with a ``status``, and ``outputData`` if that
            shall not be the steps' outputs. It reads ``$.joinOn`` and ``$[ref].status``, and is asked whenever one of
            the steps has ended. Podium and Orkes; Conductor waits for all steps. ``js("...")`` brings inputs and says
            its evaluator, a text has Orkes' ``js``.
        mode: ``SYNC`` or ``ASYNC``: how often Conductor looks. Podium's joins fire at once.
        status: Conductor's ``joinStatus``, which no server looks at.

    Raises:
        AuthoringError: P1, the mode or the script is something else.
    """
    if isinstance(script, str):
        script = Script(text=script, language="js")
    if script is not None and not isinstance(script, Script):
        refuse(f"join {name!r}: script= takes a text or js(...), not {script!r:.60}")
    names_of(on or ())  # which refuses what is no step
    made = Join(name, on, script)
    if mode is not None:
        made.opts(join_mode=mode)
    if status is not None:
        made.opts(join_status=status)
    return made
