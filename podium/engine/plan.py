"""
A definition compiled once, to be run many times.

A `Plan` knows for each task what follows it, in which scope it stands, and its expressions ready to be resolved. Plans
are immutable and shared by every run of the same definition.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from attrs import field, frozen

from podium.engine.expressions.inputs import InputPlan, compile_inputs
from podium.engine.expressions.template import Template, compile_template
from podium.model.definitions import TaskDef, WorkflowDef, WorkflowTask
from podium.model.statuses import TaskType
from podium.model.values import JsonValue

#: Types whose first attempt ignores ``TaskDef.inputTemplate`` (Conductor: their mappers do not pass the task
#: definition).
_NO_TEMPLATE = frozenset(
    {
        TaskType.WAIT,
        TaskType.HUMAN,
        TaskType.TERMINATE,
        TaskType.EVENT,
        TaskType.SWITCH,
        TaskType.DECISION,
        TaskType.FORK_JOIN,
        TaskType.FORK_JOIN_DYNAMIC,
        TaskType.SET_VARIABLE,
        TaskType.START_WORKFLOW,
        TaskType.SUB_WORKFLOW,
    },
)


@frozen(slots=True, eq=False)
class Scope:
    """A list of tasks that run one after the other."""

    #: ``root``, ``case``, ``branch``, ``body`` or ``dynamic``.
    kind: str
    #: The structure that the list belongs to; None for the root.
    owner: Node | None
    nodes: list[Node] = field(factory=list)

    @property
    def first(self) -> Node | None:
        """The task that starts the list, or None if it is empty."""
        return self.nodes[0] if self.nodes else None


@frozen(slots=True, eq=False)
class Node:
    """One place in a plan."""

    task: WorkflowTask
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
    extras: Template
    #: Case label to the tasks of that case; an empty list suppresses the default.
    cases: dict[str, Scope] = field(factory=dict)
    default: Scope | None = None
    branches: list[Scope] = field(factory=list)
    body: Scope | None = None
    #: The tasks inside the body of a DO_WHILE, nested ones included.
    body_refs: list[str] = field(factory=list)

    @property
    def ref(self) -> str:
        """The reference name in the definition."""
        return self.task.task_reference_name

    @property
    def follower(self) -> Node | None:
        """The next task of the same list."""
        nodes = self.scope.nodes
        after = self.position + 1
        return nodes[after] if after < len(nodes) else None

    def ref_in(self, iterations: Sequence[int]) -> str:
        """Return the reference name of the attempt in these iterations of the enclosing loops."""
        return self.task.task_reference_name + "".join(f"__{n}" for n in iterations)

    def iterations_of(self, ref: str) -> tuple[int, ...]:
        """Return the iterations that `ref_in` wrote into a name."""
        if not self.depth:
            return ()
        return tuple(int(part) for part in ref[len(self.ref) + 2 :].split("__"))


@frozen(slots=True, eq=False)
class Plan:
    """A definition, ready to run."""

    definition: WorkflowDef
    digest: str
    root: Scope
    nodes: Mapping[str, Node]
    outputs: Template


def ad_hoc_task_def(task: WorkflowTask) -> TaskDef:
    """
    Return the task definition of a task that nobody registered.

    Conductor (``MetadataMapperService.java``): a SIMPLE task gets every default, so it retries 3 times after 60 s; any
    other type retries never and has no response timeout.
    """
    if task.type == TaskType.SIMPLE:
        return TaskDef(name=task.name)
    return TaskDef(name=task.name, retry_count=0, response_timeout_seconds=0)


def compile_plan(definition: WorkflowDef, digest: str) -> Plan:
    """
    Compile a definition.

    Reference names must be unique (`podium.engine.library` checks before); a repeated one keeps its first place.
    """
    nodes: dict[str, Node] = {}
    root = Scope("root", None)
    _fill(root, definition.tasks, None, 0, nodes)
    return Plan(definition, digest, root, nodes, compile_template(dict(definition.output_parameters)))


def compile_task(task: WorkflowTask, fork: Node) -> Node:
    """Compile a task that a dynamic fork made at run time; it stands alone in a scope of its own."""
    scope = Scope("dynamic", fork)
    _fill(scope, (task,), fork.loop, fork.depth, {})
    return scope.nodes[0]


def _fill(
    scope: Scope,
    tasks: Sequence[WorkflowTask],
    loop: Node | None,
    depth: int,
    nodes: dict[str, Node],
) -> None:
    for position, task in enumerate(tasks):
        definition = task.task_definition or ad_hoc_task_def(task)
        template = {} if task.type in _NO_TEMPLATE else dict(definition.input_template)
        inputs = compile_inputs(task.input_parameters, template)
        extras = compile_template(_extras(task))
        node = Node(task, scope, position, loop, depth, definition, inputs, extras)
        scope.nodes.append(node)
        nodes.setdefault(node.ref, node)
        _fill_children(node, nodes)


def _extras(task: WorkflowTask) -> dict[str, JsonValue]:
    if task.type == TaskType.DO_WHILE:
        return {"items": task.items}
    params = task.sub_workflow_param
    if task.type != TaskType.SUB_WORKFLOW or params is None:
        return {}
    inline = params.workflow_definition
    return {
        "name": params.name,
        "taskToDomain": dict(params.task_to_domain or {}),
        "priority": params.priority,
        "idempotencyKey": params.idempotency_key,
        "workflowDefinition": inline if isinstance(inline, str) else None,
    }


def _fill_children(node: Node, nodes: dict[str, Node]) -> None:
    task = node.task
    if task.type in {TaskType.SWITCH, TaskType.DECISION}:
        for label, body in task.decision_cases.items():
            node.cases[label] = scope = Scope("case", node)
            _fill(scope, body, node.loop, node.depth, nodes)
        default = Scope("case", node)
        object.__setattr__(node, "default", default)  # set once, while the plan is built
        _fill(default, task.default_case, node.loop, node.depth, nodes)
    elif task.type == TaskType.FORK_JOIN:
        for body in task.fork_tasks:
            scope = Scope("branch", node)
            node.branches.append(scope)
            _fill(scope, body, node.loop, node.depth, nodes)
    elif task.type == TaskType.DO_WHILE:
        scope = Scope("body", node)
        object.__setattr__(node, "body", scope)
        _fill(scope, task.loop_over, node, node.depth + 1, nodes)
        node.body_refs.extend(inner.ref for inner in inside(scope))


def inside(scope: Scope) -> Iterator[Node]:
    """Yield every place of a list, a structure before what it holds."""
    for node in scope.nodes:
        yield node
        for inner in (*node.cases.values(), node.default, *node.branches, node.body):
            if inner is not None:
                yield from inside(inner)
