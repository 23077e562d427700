"""
A definition compiled once, to be run many times.

A `Plan` knows for each task what follows it, in which scope it stands, and its expressions ready to be resolved. Plans
are immutable and shared by every run of the same definition.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

from attrs import field, frozen

from podium.engine.traits import TaskTypes, Traits
from podium.expressions.inputs import InputPlan, compile_inputs
from podium.expressions.template import Template, compile_template
from podium.model.definitions import TaskDef, WorkflowDef, WorkflowTask
from podium.model.statuses import TaskType
from podium.model.values import JsonValue

#: Names of fields that are masked wherever they are used.
MASKED_WORDS = frozenset({"_masked", "_secrets"})


@frozen(slots=True, eq=False)
class Scope:
    """A list of tasks that run one after the other."""

    #: ``root``, ``case``, ``branch``, ``body`` or ``dynamic``.
    kind: str
    #: The structure that the list belongs to; None for the root.
    owner: Node | None
    nodes: list[Node] = field(factory=list)
    #: Which branch of its fork it is, from 0.
    number: int = 0

    @property
    def first(self) -> Node | None:
        """The task that starts the list, or None if it is empty."""
        return self.nodes[0] if self.nodes else None


@frozen(slots=True, eq=False)
class Node:
    """One place in a plan."""

    task: WorkflowTask
    #: What is known of its type; see `podium.engine.operators.base.operator_of` for the behaviour.
    traits: Traits
    scope: Scope
    #: Position in the scope.
    position: int
    #: The innermost DO_WHILE around the place.
    loop: Node | None
    #: How many DO_WHILEs stand around the place.
    depth: int
    task_def: TaskDef
    inputs: InputPlan
    #: What else of the task holds expressions: the parameters of a SUB_WORKFLOW, the list of a DO_WHILE.
    extras: Template[dict[str, JsonValue]]
    #: Case label to the tasks of that case; an empty list suppresses the default.
    cases: dict[str, Scope] = field(factory=dict)
    default: Scope | None = None
    branches: Sequence[Scope] = ()
    body: Scope | None = None
    #: The tasks inside the body of a DO_WHILE, nested ones included.
    body_refs: Sequence[str] = ()
    #: The next task of the same list.
    follower: Node | None = None
    #: The reference name in the definition. This and what follows is said once here, because each attempt asks for it.
    ref: str = field(init=False)
    #: The type that its attempts show, if nothing but the definition says it.
    shown_type: str = field(init=False)
    #: Its task has limits; see `podium.engine.slots.limits_of`.
    is_limited: bool = field(init=False)
    #: A clock runs against an attempt that has not begun; see `podium.engine.deadlines`.
    has_early_clock: bool = field(init=False)

    @ref.default
    def _(self) -> str:
        return self.task.task_reference_name

    @shown_type.default
    def _(self) -> str:
        return self.traits.shown_type(self.task)

    @is_limited.default
    def _(self) -> bool:
        return bool(self.task_def.concurrent_exec_limit or self.task_def.rate_limit_per_frequency)

    @has_early_clock.default
    def _(self) -> bool:
        given = self.task_def
        return given.total_timeout_seconds > 0 or given.timeout_seconds > 0 or bool(given.poll_timeout_seconds)

    def ref_in(self, iterations: Sequence[int]) -> str:
        """Return the reference name of the attempt in these iterations of the enclosing loops."""
        if len(iterations) == 1:
            return f"{self.ref}__{iterations[0]}"  # asked six times for each turn of a loop
        return "__".join((self.ref, *map(str, iterations)))

    def iterations_of(self, ref: str) -> tuple[int, ...]:
        """Return the iterations that `ref_in` wrote into a name."""
        if not self.depth:
            return ()
        written = ref[len(self.ref) + 2 :]
        return (int(written),) if self.depth == 1 else tuple(int(part) for part in written.split("__"))


@frozen(slots=True, eq=False)
class Plan:
    """A definition, ready to run."""

    definition: WorkflowDef
    digest: str
    root: Scope
    nodes: Mapping[str, Node]
    outputs: Template[dict[str, JsonValue]]
    types: TaskTypes
    #: Attempts tell of their states.
    tells_states: bool = False
    #: The names of the fields that runs mask; see `podium.engine.masking`.
    masks: frozenset[str] = frozenset()


def ad_hoc_task_def(task: WorkflowTask) -> TaskDef:
    """
    Return the task definition of a task that nobody registered.

    Conductor (``MetadataMapperService.java``): a SIMPLE task gets every default, so it retries 3 times after 60 s; any
    other type retries never and has no response timeout.
    """
    return _ad_hoc_task_def(task.name, is_simple=task.type == TaskType.SIMPLE)


@lru_cache(maxsize=1024)
def _ad_hoc_task_def(name: str, *, is_simple: bool) -> TaskDef:
    """Make one for all tasks of a name: what is said of a thousand branches is made, kept and walked through once."""
    return TaskDef(name=name) if is_simple else TaskDef(name=name, retry_count=0, response_timeout_seconds=0)


def compile_plan(definition: WorkflowDef, digest: str, types: TaskTypes) -> Plan:
    """
    Compile a definition.

    Reference names must be unique (`podium.engine.library` checks before); a repeated one keeps its first place.
    """
    nodes: dict[str, Node] = {}
    root = Scope("root", None)
    _Compiler(types, nodes).fill(root, definition.tasks, None, 0)
    outputs = compile_template(dict(definition.output_parameters))
    tells = any(node.task.on_state_change for node in nodes.values())
    masks = _masks(definition, nodes.values())
    return Plan(definition, digest, root, nodes, outputs, types, tells_states=tells, masks=masks)


def _masks(definition: WorkflowDef, nodes: Iterable[Node]) -> frozenset[str]:
    named = frozenset(definition.masked_fields)
    used = (word for node in nodes for word in MASKED_WORDS if _mentions(node.task.input_parameters, word))
    return named.union(used)


def _mentions(value: JsonValue, word: str) -> bool:
    if isinstance(value, Mapping):
        return word in value or any(_mentions(item, word) for item in value.values())
    return isinstance(value, list | tuple) and any(_mentions(item, word) for item in value)


def compile_task(task: WorkflowTask, fork: Node, number: int, types: TaskTypes) -> Node:
    """Compile a task that a dynamic fork made at run time as a branch; it stands alone in a scope of its own."""
    scope = Scope("dynamic", fork, number=number)
    _Compiler(types, {}).fill(scope, (task,), fork.loop, fork.depth)
    return scope.nodes[0]


#: Shared by all that have none: a fork makes thousands of nodes, and Python's collector looks at each of their parts.
_NO_EXTRAS: Template[dict[str, JsonValue]] = compile_template({})


class _Compiler:
    def __init__(self, types: TaskTypes, nodes: dict[str, Node]) -> None:
        self._types = types
        self._nodes = nodes

    def fill(self, scope: Scope, tasks: Sequence[WorkflowTask], loop: Node | None, depth: int) -> None:
        """Compile the tasks of a list, and all that they hold."""
        for position, task in enumerate(tasks):
            traits = self._types.of(task.type)
            definition = task.task_definition or ad_hoc_task_def(task)
            template = definition.input_template if traits.takes_template else None
            inputs = compile_inputs(task.input_parameters, template)
            extras = compile_template(dict(extra)) if (extra := traits.extras(task)) else _NO_EXTRAS
            node = Node(task, traits, scope, position, loop, depth, definition, inputs, extras)
            if scope.nodes:
                _complete(scope.nodes[-1], "follower", node)
            scope.nodes.append(node)
            self._nodes.setdefault(node.ref, node)
            self._fill_children(node)

    def _fill_children(self, node: Node) -> None:
        task, traits = node.task, node.traits
        if traits.is_choice:
            for label, tasks in task.decision_cases.items():
                node.cases[label] = self._inner(node, "case", tasks)
            _complete(node, "default", self._inner(node, "case", task.default_case))
        elif traits.has_branches:
            branches = (self._inner(node, "branch", tasks, number) for number, tasks in enumerate(task.fork_tasks))
            _complete(node, "branches", tuple(branches))
        elif traits.is_loop:
            body = Scope("body", node)
            _complete(node, "body", body)
            self.fill(body, task.loop_over, node, node.depth + 1)
            _complete(node, "body_refs", tuple(inner.ref for inner in inside(body)))

    def _inner(self, node: Node, kind: str, tasks: Sequence[WorkflowTask], number: int = 0) -> Scope:
        scope = Scope(kind, node, number=number)
        self.fill(scope, tasks, node.loop, node.depth)
        return scope


def _complete(node: Node, name: str, value: object) -> None:
    """Set once, while the plan is built, what can only be made when the node is there."""
    object.__setattr__(node, name, value)


def inside(scope: Scope) -> Iterator[Node]:
    """Yield every place of a list, a structure before what it holds."""
    for node in scope.nodes:
        yield node
        for inner in (*node.cases.values(), node.default, *node.branches, node.body):
            if inner is not None:
                yield from inside(inner)
