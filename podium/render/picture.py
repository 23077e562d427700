"""
The picture of a definition or a run before it has a form: nodes, edges, containers and their nesting.

Every output (DOT, Mermaid, outline, plain SVG, networkx) is a pure function of a `Picture`, so all of them agree.
Everything is in definition order: the same subject gives the same picture, and a small change of a definition a small
change of its picture.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Final

from attrs import field, frozen

from podium.model.runs import WorkflowRun
from podium.render.naming import shorten
from podium.render.steps import NestedTask, SideBox

#: Most case labels at one line; the tooltip has all.
_WORDS_MAX: Final = 5


class NodeKind(StrEnum):
    """What a node stands for; each has a shape of its own."""

    START = "start"
    END = "end"
    WORKER = "worker"
    SYSTEM = "system"
    SWITCH = "switch"
    MERGE = "merge"
    FORK = "fork"
    JOIN = "join"
    DYNAMIC_FORK = "dynamic-fork"
    #: Where a loop decides whether to go round again.
    LOOP = "loop"
    SUB_WORKFLOW = "sub-workflow"
    #: Where an expanded sub-workflow is entered and left.
    ENTER = "enter"
    LEAVE = "leave"
    WAIT = "wait"
    HUMAN = "human"
    EVENT = "event"
    TERMINATE = "terminate"
    #: A fork with all its branches, or many branches, as one node.
    COLLAPSED = "collapsed"
    #: What was left out, of which only the number of tasks is told.
    GAP = "gap"
    #: A text beside the flow.
    NOTE = "note"


class EdgeKind(StrEnum):
    """What a line means."""

    FLOW = "flow"
    #: From a loop's end to its beginning.
    BACK = "back"
    #: From the end of a fork's branch that no join waits for.
    UNJOINED = "unjoined"
    #: From a step to the task that undoes it, and from there to the one that is undone next.
    UNDO = "undo"


class ContainerKind(StrEnum):
    """What a box around nodes means."""

    LOOP = "loop"
    SUB_WORKFLOW = "sub-workflow"
    #: Tasks of a run that its definition does not know.
    RUN_ONLY = "run-only"
    #: Tasks that undo what the flow has done.
    UNDO = "undo"
    #: What is told about the whole.
    ABOUT = "about"


class LineRole(StrEnum):
    """What a line of a label says."""

    NAME = "name"
    TYPE = "type"
    #: A part of the node's detail, which may be broken or cut to fit.
    DETAIL = "detail"
    FACT = "fact"
    STATUS = "status"
    REASON = "reason"


@frozen
class LabelLine:
    """One line of a label."""

    role: LineRole
    text: str


@frozen(kw_only=True)
class Node:
    """One place in the picture."""

    #: ``n_`` and the escaped reference name; stable, and safe in DOT, SVG and Mermaid.
    id: str
    kind: NodeKind
    #: Empty for nodes that are no task.
    reference: str = ""
    #: Unique in the picture and made for people: the reference name, ``sub/inner`` inside an expanded sub-workflow.
    key: str
    #: The task's name and type in the definition; empty for nodes that are no task.
    task_name: str = ""
    task_type: str = ""
    #: What is written in the node, the most important line first.
    lines: tuple[LabelLine, ...] = ()
    #: The one fact that tells this task from others of its type, whole: a condition, a duration, a workflow's name.
    detail: str = ""
    #: What is told about the node: one line of text each, in full length.
    tooltip: tuple[str, ...] = ()
    #: Id of the innermost container, or None.
    container: str | None = None
    #: It belongs to an expanded sub-workflow, so that a run of the outer workflow says nothing about it.
    nested: bool = False
    #: Reference names that a JOIN waits for.
    join_on: tuple[str, ...] = ()
    #: Highest iteration that the loop's condition allows, or 0 if that cannot be read from it.
    iteration_limit: int = 0
    #: How many tasks the node stands for besides itself, if it was collapsed or left out.
    hidden: int = 0

    #: A `TaskStatus`, a `RunStatus` for the end, or ``NOT_STARTED``; None where no run says anything.
    status: str | None = None
    #: Attempts of the newest iteration: 1 without retries, 0 without a run.
    attempts: int = 0
    #: Iteration of the newest attempt; 0 outside loops.
    iteration: int = 0
    reason: str = ""

    @property
    def name(self) -> str:
        """The first line of the label, or the key."""
        return next((line.text for line in self.lines if line.role is LineRole.NAME), self.key)


@frozen(kw_only=True)
class Edge:
    """One line of the picture; at most one of each kind between two nodes."""

    source: str
    target: str
    kind: EdgeKind = EdgeKind.FLOW
    #: Case labels of a switch that lead this way, in the order written.
    cases: tuple[str, ...] = ()
    #: The switch's default leads this way.
    otherwise: bool = False
    #: It leads from a TERMINATE to the end, past all that may come in between.
    early: bool = False
    #: A run went this way; None where no run says anything.
    taken: bool | None = None
    #: In a picture of a difference: ``added`` or ``removed``; empty otherwise.
    change: str = ""
    #: In a picture of many runs: which part of them came this way, from 0 to 1; None elsewhere.
    share: float | None = None
    #: What is written at the line besides, such as how often it was taken.
    told: str = ""

    @property
    def id(self) -> str:
        """``e_`` and the ids of its ends; stable as they are."""
        return f"e_{self.source}__{self.target}" + ("" if self.kind is EdgeKind.FLOW else f"_{self.kind}")

    @property
    def label(self) -> str:
        """What is written at the line, or nothing."""
        words = self.words
        if len(words) > _WORDS_MAX:
            words = (*words[: _WORDS_MAX - 1], f"{len(words) - _WORDS_MAX + 1} more")
        text = " | ".join(words)
        text = f"{self.change}: {text}" if self.change and text else text  # a line alone tells it by its look
        return f"{text}: {self.told}" if text and self.told else text or self.told

    @property
    def words(self) -> tuple[str, ...]:
        """The parts of the label, none left out: case labels, then "otherwise"."""
        if self.kind is EdgeKind.BACK:
            return ("again",)
        if self.kind is EdgeKind.UNJOINED:
            return ("not joined",)
        cases = tuple(shorten(case, 32) or "(empty)" for case in self.cases)
        return (*cases, "otherwise") if self.otherwise else cases

    @property
    def dashed(self) -> bool:
        """The line is a default, or one that nobody waits for, or that is no more."""
        return (
            self.change == "removed"
            or self.kind in {EdgeKind.UNJOINED, EdgeKind.UNDO}
            or (self.otherwise and not self.cases)
        )


@frozen(kw_only=True)
class Container:
    """A box around nodes."""

    #: ``c_`` and the escaped reference name.
    id: str
    kind: ContainerKind
    lines: tuple[LabelLine, ...]
    tooltip: tuple[str, ...] = ()
    #: Id of the container around it, or None.
    parent: str | None = None
    #: The node of the task that the box stands for; empty for `ContainerKind.RUN_ONLY`.
    node: str = ""
    status: str | None = None

    @property
    def title(self) -> str:
        """The lines in one."""
        rest = " ".join(line.text for line in self.lines[1:])
        return f"{self.lines[0].text}: {rest}" if rest else self.lines[0].text


@frozen(kw_only=True)
class Picture:
    """What is to be drawn, without a layout."""

    #: Name and version of the definition; for a run also its id and status.
    title: str
    subtitle: tuple[str, ...] = ()
    #: What a drawing has room to say besides: owner and description, or when a run began and who started it.
    about: tuple[str, ...] = ()
    #: The start first, tasks in definition order, the end last; a loop's own node follows its body.
    nodes: tuple[Node, ...]
    #: In the order in which the flow was walked.
    edges: tuple[Edge, ...]
    #: An outer box before its inner ones.
    containers: tuple[Container, ...] = ()
    steps: tuple[NestedTask, ...] = ()
    #: Steps that only the run knows.
    run_only: tuple[NestedTask, ...] = ()
    #: Other boxes beside the flow.
    asides: tuple[SideBox, ...] = ()
    #: Ids of the nodes that somebody asked about; they are drawn with a thick outline.
    focus: frozenset[str] = frozenset()
    #: The run's status, or None for a definition.
    status: str | None = None
    #: The run that is shown, or None for a definition; it is drawn in the nodes already.
    run: WorkflowRun | None = field(default=None, eq=False, repr=False)
    #: Id of a sub-workflow's node to its run, where that is shown open.
    child_runs: Mapping[str, WorkflowRun] = field(factory=dict, eq=False, repr=False)
    #: Statuses that a legend explains besides those that occur: those of the other frames of a playback.
    explained: frozenset[str] = frozenset()
    #: Of a large picture: id of a node that stands for others, and what gives the picture of these.
    inside: Mapping[str, Callable[[], Picture]] = field(factory=dict, eq=False, repr=False)
    #: What a legend says of the lines.
    legend_note: str = "thin grey: not taken"
    _nodes: dict[str, Node] = field(init=False, eq=False, repr=False)

    @_nodes.default
    def _index(self) -> dict[str, Node]:
        return {node.id: node for node in self.nodes}

    #: Ids of the nodes whose branch no join waits for.
    unjoined: frozenset[str] = field(init=False, eq=False, repr=False)

    @unjoined.default
    def _find_unjoined(self) -> frozenset[str]:
        return frozenset(edge.source for edge in self.edges if edge.kind is EdgeKind.UNJOINED)

    @property
    def start(self) -> Node:
        """Where the flow begins."""
        return self.nodes[0]

    @property
    def end(self) -> Node:
        """Where the flow ends."""
        return self.nodes[-1]

    def node(self, node_id: str) -> Node:
        """Return a node by its id."""
        return self._nodes[node_id]

    def closes(self, before: NestedTask, after: NestedTask) -> bool:
        """Return whether a step is the join of the fork, or the merge of the switch, before it."""
        closing = {NodeKind.FORK: NodeKind.JOIN, NodeKind.DYNAMIC_FORK: NodeKind.JOIN, NodeKind.SWITCH: NodeKind.MERGE}
        return closing.get(self.node(before.node).kind) is self.node(after.node).kind

    @property
    def statuses(self) -> set[str]:
        """Every status that occurs."""
        found = {node.status for node in self.nodes} | {self.status} | self.explained
        return {status for status in found if status is not None}

    @property
    def summary(self) -> str:
        """One sentence for those who cannot see the picture."""
        beside = {aside.container for aside in self.asides}
        tasks = sum(tasks_of(node) for node in self.nodes if node.container not in beside)
        hidden = sum(node.hidden for node in self.nodes)
        text = f"Flow of {tasks:,} task{'s' * (tasks != 1)} from start to end."
        folded = f"{hidden:,} of them are not drawn one by one." if hidden else ""
        return " ".join(part for part in (text, folded, *self.subtitle) if part)


def tasks_of(node: Node) -> int:
    """Return how many tasks of the definition a node stands for."""
    return bool(node.task_type) + node.hidden
