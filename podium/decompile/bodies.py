"""
From the tasks of a definition to the statements of a function.

For each task the spellings are tried, the most readable first, with the real builders; the first one that builds the
very same task is taken. What none of them can say is a key in ``.opts(json={...})``, or `podium.raw`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

import attrs

from podium.decompile.comparing import as_json, differing_fields, is_same
from podium.decompile.conditions import StructureHead, inline_conditions, script_of, switch_headers
from podium.decompile.loops import LoopHeads
from podium.decompile.naming import wishes_for_step, wishes_for_structure
from podium.decompile.nodes import (
    Assign,
    Builder,
    CallNode,
    Entries,
    ItemsNode,
    JsonText,
    MemberNode,
    Name,
    Node,
    Statement,
    Value,
    Variable,
    With,
    builder,
    call,
    method,
)
from podium.decompile.options import options_for, with_options
from podium.decompile.scopes import FunctionScope
from podium.decompile.spellings import calls_for
from podium.decompile.stubs import Stub, type_of
from podium.decompile.tables import ModuleTables
from podium.dsl.blocks import BlockNode as DslNode
from podium.dsl.blocks import Opening, closed
from podium.dsl.calls_by_name import CHOSEN
from podium.dsl.context import CompileContext
from podium.dsl.dynamic_forks import INPUTS, TASKS
from podium.dsl.loops import ForEach, Loop
from podium.dsl.names import fault_of
from podium.dsl.rawtasks import RawStep
from podium.dsl.settings import apply_to_step
from podium.dsl.steps import Step
from podium.dsl.switches import Merge, Switch
from podium.model.definitions import SubWorkflowParams, TaskDef, WorkflowDef, WorkflowTask
from podium.model.errors import InternalError, PodiumError
from podium.model.statuses import TaskType
from podium.model.task_types import SWITCHES, TASK_KINDS
from podium.model.values import JsonObject
from podium.model.walk import walk

#: Arguments by name.
Named: TypeAlias = tuple[tuple[str, Node], ...]
#: Statements, and how many tasks they build.
Written: TypeAlias = tuple[Sequence[Statement], int]

#: Blocks inside blocks; Python allows twenty in a function.
_DEPTH_MAX = 16
#: What a spelling must get right by itself; all else may be an option.
_CORE = frozenset({"type", "inputParameters", "subWorkflowParam", "sink", "dynamicTaskNameParam"})
_OF_CHOICES = frozenset({"input_parameters", "expression", "evaluator_type"})
#: Inputs of a FORK_JOIN_DYNAMIC to parameters of `fan_out`.
_FANNED = {
    "forkTaskType": "task_type",
    "forkTaskWorkflow": "workflow",
    "forkTaskWorkflowVersion": "version",
    "forkTaskMaxParallel": "max_parallel",
}
_OF_LOOPS = frozenset({"input_parameters", "loop_condition", "items"})


@attrs.frozen
class Candidate:
    """One way to write a step."""

    node: Node
    #: What to try instead, where the node needs blocks around it.
    instead: Node | None = None
    #: The worker task that it calls, and with what.
    stub: Stub | None = None
    inputs: Named = ()

    @property
    def trial(self) -> Node:
        """What to try."""
        return self.node if self.instead is None else self.instead


class BodyWriter:
    """
    The statements of one function.

    Args:
        definition: The definition.
        tables: What the module shares: stubs, constants, workflows.
        scope: What the function sees.
        types: Types of the parameters that are known.
    """

    def __init__(
        self, definition: WorkflowDef, tables: ModuleTables, scope: FunctionScope, types: Mapping[Variable, str]
    ) -> None:
        self._tables = tables
        self._scope = scope
        self._types = types
        self._names = Counter(visit.task.task_reference_name for visit in walk(definition.tasks))
        self._claimed: set[str] = set()
        self._switches: dict[str, tuple[Variable, WorkflowTask]] = {}

    def statements(self, tasks: Sequence[WorkflowTask], depth: int = 0) -> tuple[Statement, ...]:
        """
        Return the statements that build tasks, in order.

        Args:
            tasks: A list of tasks.
            depth: How many blocks are open around them.
        """
        found: list[Statement] = []
        at = 0
        while at < len(tasks):
            behind = tasks[at + 1] if at + 1 < len(tasks) else None
            made = self._structure(tasks[at], behind, depth)
            if made is None:
                found.append(self._leaf(tasks[at]))
                at += 1
            else:
                written, used = made
                found += written
                at += used
        return tuple(found)

    def _structure(
        self, task: WorkflowTask, behind: WorkflowTask | None, depth: int
    ) -> tuple[Sequence[Statement], int] | None:
        """Return the statements of a structure and how many tasks they build; None for what is none or stays raw."""
        if depth + 2 > _DEPTH_MAX:
            return None
        join = behind if behind is not None and behind.type == TaskType.JOIN else None
        if task.type in SWITCHES and task.decision_cases:
            return self._choice(task, depth)
        if task.type == TaskType.DO_WHILE and task.loop_over:
            return self._loop(task, depth)
        if task.type == TaskType.FORK_JOIN and task.fork_tasks and all(task.fork_tasks):
            return self._fork(task, join, depth)
        if task.type == TaskType.FORK_JOIN_DYNAMIC:
            return self._fan_out(task, join)
        return None

    # Names

    def _claim(self, reference_name: str) -> str:
        """Return the name to build a task under: its own one, unless the builders would refuse that."""
        name = reference_name
        if fault_of(name) is not None or name in self._claimed:
            plain = re.sub(r"_+", "_", re.sub(r"[^A-Za-z0-9_-]", "_", name)).strip("_") or "step"
            name, number = plain, 2
            while name in self._claimed or name in self._names or fault_of(name) is not None:
                name, number = f"{plain}_{number}", number + 1
        self._claimed.add(name)
        return name

    # Steps

    def _leaf(self, task: WorkflowTask) -> Assign:
        name = self._claim(task.task_reference_name)
        variable = Variable(wishes_for_step(task.task_reference_name))
        chosen: tuple[Candidate, Node, object] | None = None
        for candidate in self._candidates(task, name):
            made = self._finished(candidate, task)
            if made is not None:
                chosen = (candidate, *made[:2])
                if made[2]:
                    break
        node, thing = chosen[1:] if chosen is not None else self._raw(task, name)
        if chosen is not None and chosen[0].stub is not None:
            self._note(chosen[0].stub, chosen[0].inputs, task)
        self._scope.bind(task.task_reference_name, variable, thing)
        return Assign(node, variable)

    def _candidates(self, task: WorkflowTask, name: str) -> Iterator[Candidate]:
        inputs = self._scope.named(task.input_parameters, task.task_reference_name)
        if task.type == TaskType.SIMPLE and task.name:
            stub = self._tables.stub(task.name)
            self._scope.environment[stub.variable] = stub.task
            called = _under(name, Name(stub.variable), task.name)
            yield Candidate(CallNode(called, (), inputs), stub=stub, inputs=inputs)
            yield Candidate(CallNode(Builder("call_task"), (Value(name), Value(task.name)), inputs))
        elif task.type == TaskType.SUB_WORKFLOW and task.sub_workflow_param is not None:
            yield from map(Candidate, self._sub_workflow(task.sub_workflow_param, name, inputs))
        elif task.type == TaskType.DYNAMIC and task.dynamic_task_name_param in task.input_parameters:
            yield Candidate(self._dynamic(task, name, task.dynamic_task_name_param or ""))
        elif task.type == TaskType.JOIN:
            on = (self._listed(task.join_on),) if task.join_on else ()
            script = {"script": script_of(task.expression, task, self._scope)} if task.expression else {}
            yield Candidate(call("join", Value(name), *on, **script))
        elif task.type == TaskType.EXCLUSIVE_JOIN:
            yield from self._merges(task, name)
        if task.type == TaskType.INLINE:
            yield from map(Candidate, inline_conditions(task, name, self._scope))
        if not (task.decision_cases or task.default_case or task.fork_tasks or task.loop_over):
            yield from map(Candidate, calls_for(task, name, self._scope))

    def _sub_workflow(self, params: SubWorkflowParams, name: str, inputs: Named) -> Iterator[CallNode]:
        child = params.workflow_definition
        if isinstance(child, str):
            yield CallNode(builder("sub_workflow_from"), (Value(name), self._scope.value(child)), inputs)
        if isinstance(child, WorkflowDef):
            variable, workflow = self._tables.inline(child, [key for key, _ in inputs])
            self._scope.environment[variable] = workflow
            yield CallNode(MemberNode(_under(name, Name(variable), child.name), "inline"), (), inputs)
        if params.name is None:
            return
        version = () if params.version is None else (Value(params.version),)
        known = self._tables.workflow(params.name, params.version)
        if known is not None:
            variable, workflow, is_exact = known
            self._scope.environment[variable] = workflow
            if is_exact:
                yield CallNode(_under(name, Name(variable), params.name), (), inputs)
            yield CallNode(Builder("sub_workflow"), (Value(name), Name(variable), *version), inputs)
        spelt = self._scope.value(params.name)
        yield CallNode(Builder("sub_workflow"), (Value(name), spelt, *version), inputs)

    def _dynamic(self, task: WorkflowTask, name: str, key: str) -> CallNode:
        inputs = dict(task.input_parameters)
        called = self._scope.value(inputs.pop(key), f"{name}_task")
        usual = {} if key == CHOSEN else {"input_name": Value(key)}
        return CallNode(builder("dynamic"), (Value(name), called), (*usual.items(), *self._scope.named(inputs, name)))

    def _listed(self, names: Sequence[str]) -> ItemsNode:
        """Return steps by their variables if all can be seen, else by their reference names."""
        found = [self._scope.find(name) for name in names]
        if all(each is not None and _is_called(each.thing, name) for each, name in zip(found, names, strict=True)):
            return ItemsNode(tuple(Name(each.variable) for each in found if each is not None))
        return ItemsNode(tuple(map(Value, names)))

    def _merges(self, task: WorkflowTask, name: str) -> Iterator[Candidate]:
        for reference_name, (variable, choice) in self._switches.items():
            if name == f"{reference_name}_merge":
                steps = self._mergeable(choice, task)
                if steps:
                    with closed():
                        thing = Merge(name, steps, returns=steps[0].returns, keys=steps[0].output_keys)
                    stand_in = Variable(("merged",))
                    self._scope.environment[stand_in] = thing
                    node = CallNode(MemberNode(Name(variable), "merge"), self._listed(task.join_on).items)
                    yield Candidate(node, instead=Name(stand_in))
        fallback = task.default_exclusive_join_task
        named = {"default": self._listed(fallback)} if fallback else {}
        yield Candidate(call("exclusive_join", Value(name), self._listed(task.join_on), **named))

    def _mergeable(self, choice: WorkflowTask, task: WorkflowTask) -> list[Step[Any]]:
        """Return the steps if `Switch.merge` would take them: some of each case, and the same kind of output of all."""
        found = [self._scope.find(name) for name in task.join_on]
        steps = [each.thing for each in found if each is not None and isinstance(each.thing, Step)]
        if len(steps) != len(task.join_on) or task.default_exclusive_join_task or not choice.default_case:
            return []
        if any(step.output_keys != steps[0].output_keys or step.returns != steps[0].returns for step in steps):
            return []
        bodies = [*choice.decision_cases.values(), choice.default_case]
        inside = [{visit.task.task_reference_name for visit in walk(body)} for body in bodies]
        wanted = set(task.join_on)
        is_complete = all(
            (body and body[-1].type == TaskType.TERMINATE) or names & wanted
            for body, names in zip(bodies, inside, strict=True)
        )
        return steps if is_complete and wanted <= set().union(*inside) else []

    def _built(self, node: Node) -> WorkflowTask | None:
        """Return the one task that an expression builds, None if it builds none."""
        try:
            built: tuple[WorkflowTask, ...] = self._scope.attempt(node).compile(CompileContext())
        except PodiumError:
            return None
        return built[0] if len(built) == 1 else None

    def _finished(self, candidate: Candidate, task: WorkflowTask) -> tuple[Node, object, bool] | None:
        """
        Return a step with its options, what it makes, and whether it says the task's core without JSON.

        None if that is still not the task that is wanted.
        """
        built = self._built(candidate.trial)
        if built is None:
            return None
        try:
            options = options_for(built, task, self._scope)
            thing = self._scope.attempt(with_options(candidate.trial, options))
            (again,) = thing.compile(CompileContext())
        except PodiumError:
            return None
        rest = options.get("json", Entries(()))
        is_whole = isinstance(rest, Entries) and _CORE.isdisjoint(key for key, _ in rest.entries)
        return (with_options(candidate.node, options), thing, is_whole) if is_same(again, task) else None

    def _raw(self, task: WorkflowTask, name: str) -> tuple[Node, object]:
        """Return a task as JSON: the way out."""
        document = as_json(task)
        written, patch = self._scope.value(document, task.task_reference_name), {"name": None, **document}
        tries: list[Node] = [
            call("raw", written),
            call("raw", JsonText(document)),
            method(call("noop", Value(name)), "opts", json=self._scope.value(patch, task.task_reference_name)),
            method(call("noop", Value(name)), "opts", json=JsonText(patch)),
        ]
        inside = [visit.task.task_reference_name for visit in walk([task])]
        if name != inside[0] or any(self._names[each] > 1 for each in inside):
            tries = tries[2:]  # raw(...) takes all names inside it, each of which may be used once
        for node in tries:
            built = self._built(node)
            if built is not None and is_same(built, task):
                break
        return node, self._scope.attempt(node)

    def _note(self, stub: Stub, inputs: Named, task: WorkflowTask) -> None:
        stub.note_call(inputs, {key: type_of(node, self._types) for key, node in inputs})
        definition = task.task_definition
        if definition is not None:
            schema = definition.input_schema
            stub.note_schema(schema.data if schema is not None else None)

    # Structures

    def _choice(self, task: WorkflowTask, depth: int) -> Written | None:
        name = self._claim(task.task_reference_name)
        kind = "decision" if task.type == TaskType.DECISION else "switch"
        variable = Variable(wishes_for_structure(task.task_reference_name, kind))
        chosen: tuple[StructureHead, Switch, WorkflowTask] | None = None
        for header in switch_headers(task, name, self._scope):
            made = self._choice_of(header, task)
            if made is not None:
                chosen = (header, *made)
                if _OF_CHOICES.isdisjoint(differing_fields(made[1], task)):
                    break
        if chosen is None:
            self._claimed.discard(name)
            return None
        header, thing, built = chosen
        whole = attrs.evolve(built, decision_cases=task.decision_cases, default_case=task.default_case)
        options = self._checked_options(whole, task)
        if options is None:
            self._claimed.discard(name)
            return None
        self._scope.bind(task.task_reference_name, variable, thing)
        cases = self._cases(task, header, variable, depth)
        self._switches[name] = (variable, task)
        opened = with_options(header.node, options)
        if not header.is_when:
            return [With(opened, tuple(cases), variable)], 1
        first, *others = cases
        return [With(opened, first.body, variable), *others], 1

    def _choice_of(self, header: StructureHead, task: WorkflowTask) -> tuple[Switch, WorkflowTask] | None:
        try:
            thing: Switch = self._scope.attempt(header.node)
            for label in task.decision_cases:
                thing.case(*header.groups.get(label, (label,)))
            if task.default_case:
                thing.otherwise()
            (built,) = thing.compile(CompileContext())
        except PodiumError:
            return None
        return (thing, built) if tuple(built.decision_cases) == tuple(task.decision_cases) else None

    def _cases(self, task: WorkflowTask, header: StructureHead, variable: Variable, depth: int) -> list[With]:
        are_booleans = set(task.decision_cases) <= {"true", "false"}
        found = []
        for label, body in task.decision_cases.items():
            labels = header.groups.get(label, (label,))
            values = [Value(label == "true") if are_booleans else Value(label) for label in labels]
            opened = CallNode(MemberNode(Name(variable), "case"), tuple(values))
            found.append(With(opened, self.statements(body, depth + (1 if header.is_when else 2))))
        if task.default_case:
            opened = method(Name(variable), "otherwise")
            found.append(With(opened, self.statements(task.default_case, depth + (1 if header.is_when else 2))))
        return found

    def _checked_options(self, built: WorkflowTask, task: WorkflowTask) -> dict[str, Node] | None:
        """Return the options of a structure; None if it would still be another task."""
        try:
            options = options_for(built, task, self._scope)
            given = {key: self._scope.attempt(value) for key, value in options.items()}
            reached = apply_to_step(built, TaskDef(name=built.name, retry_count=0), given)
        except PodiumError:
            return None
        return options if is_same(reached, task) else None

    def _loop(self, task: WorkflowTask, depth: int) -> Written | None:
        name = self._claim(task.task_reference_name)
        variable = Variable(wishes_for_structure(task.task_reference_name, "loop"))
        is_listed = task.items is not None or isinstance(task.input_parameters.get("_items"), list)
        with closed():
            thing = ForEach(name, [], max_iterations=1) if is_listed else Loop(name, max_iterations=1)
        self._scope.bind(task.task_reference_name, variable, thing)
        body = self.statements(task.loop_over, depth + 1)
        inside = [name, task.task_reference_name, *(visit.task.task_reference_name for visit in walk(task.loop_over))]
        chosen: tuple[StructureHead, WorkflowTask] | None = None
        for header in LoopHeads(task, name, inside, self._scope):
            built = self._loop_of(header, task)
            if built is not None:
                chosen = (header, built)
                if _OF_LOOPS.isdisjoint(differing_fields(built, task)):
                    break
        with self._scope.hiding(inside):  # what begins the loop stands before its body
            options = self._checked_options(chosen[1], task) if chosen is not None else None
        if chosen is None or options is None:
            message = f"the loop {name!r} has no spelling"
            raise InternalError(message)
        stops = tuple(Assign(method(Name(variable), "until", stop)) for stop in chosen[0].stops)
        return [With(with_options(chosen[0].node, options), (*body, *stops), variable)], 1

    def _loop_of(self, header: StructureHead, task: WorkflowTask) -> WorkflowTask | None:
        """Return the DO_WHILE that a header makes around the body."""
        try:
            thing: Loop = self._scope.attempt(header.node)
            for stop in header.stops:
                thing.until(self._scope.attempt(stop))
            with Opening(thing.body, None):
                names = {visit.task.task_reference_name for visit in walk(task.loop_over)} - {thing.reference_name}
                for name in sorted(names) or ["nothing"]:
                    RawStep({"name": "", "taskReferenceName": name, "type": "NOOP"})
            (built,) = thing.compile(CompileContext())
        except PodiumError:
            return None
        return attrs.evolve(built, loop_over=task.loop_over)

    def _fork(self, task: WorkflowTask, join: WorkflowTask | None, depth: int) -> Written | None:
        branches = [_without_closing(branch, join) for branch in task.fork_tasks]
        closing = {f"{branch[-1].task_reference_name}_merge" for branch in task.fork_tasks if _ends_open(branch)}
        if join is not None and closing & set(join.join_on):
            join = None  # the builder would close those branches
        name = self._claim(task.task_reference_name)
        built = WorkflowTask(
            name=name, task_reference_name=name, type=TaskType.FORK_JOIN.value, fork_tasks=task.fork_tasks
        )
        options = self._checked_options(built, task)
        if options is None:
            self._claimed.discard(name)
            return None
        tails = tuple(branch[-1].task_reference_name for branch in task.fork_tasks)
        is_computed = join is not None and not closing and join.join_on == tails
        header = CallNode(Builder("fork"), (Value(name),), self._join_of(name, join, is_computed=is_computed))
        variable = Variable(wishes_for_structure(task.task_reference_name, "fork"))
        self._bind_fork(task, join, variable, header)
        bodies = tuple(
            With(method(Name(variable), "branch"), self.statements(branch, depth + 2)) for branch in branches
        )
        return [With(with_options(header, options), bodies, variable)], 1 if join is None else 2

    def _join_of(self, name: str, join: WorkflowTask | None, *, is_computed: bool) -> Named:
        """Return the argument ``join=`` of a fork."""
        if join is None:
            return (("join", Value(value=False)),)
        own = self._claim(join.task_reference_name)
        built = WorkflowTask(name=own, task_reference_name=own, type=TaskType.JOIN.value, join_on=join.join_on)
        options = self._checked_options(built, join) or {}
        if is_computed and not options:
            return () if own == f"{name}_join" else (("join", Value(own)),)
        on = () if is_computed else (ItemsNode(tuple(map(Value, join.join_on))),)
        return (("join", with_options(call("join", Value(own), *on), options)),)

    def _bind_fork(self, task: WorkflowTask, join: WorkflowTask | None, variable: Variable, header: Node) -> None:
        thing = self._scope.attempt(header)
        self._scope.bind(task.task_reference_name, variable, thing)
        if join is not None:
            self._scope.bind(join.task_reference_name, variable, thing)

    def _fan_out(self, task: WorkflowTask, join: WorkflowTask | None) -> Written | None:
        name = self._claim(task.task_reference_name)
        for header, stub in self._fan_outs(task, name):
            try:
                built = self._scope.attempt(header).compile(CompileContext())[0]
            except PodiumError:
                continue
            options = self._checked_options(built, task)
            if options is None or "input_parameters" in differing_fields(built, task):
                continue
            if stub is not None:
                stub.note_open()
            is_computed = join is not None and not join.join_on
            joined = attrs.evolve(header, named=(*header.named, *self._join_of(name, join, is_computed=is_computed)))
            variable = Variable(wishes_for_structure(task.task_reference_name, "fan_out"))
            self._bind_fork(task, join, variable, joined)
            return [Assign(with_options(joined, options), variable)], 1 if join is None else 2
        self._claimed.discard(name)
        return None

    def _fan_outs(self, task: WorkflowTask, name: str) -> Iterator[tuple[CallNode, Stub | None]]:
        """Yield the ways to write a FORK_JOIN_DYNAMIC, and the worker task that it runs if that is known."""
        inputs, scope = task.input_parameters, self._scope
        if "forkTaskInputs" in inputs:
            said = {each: inputs[key] for key, each in _FANNED.items() if key in inputs}
            target, items = inputs.get("forkTaskName"), scope.value(inputs["forkTaskInputs"], f"{name}_items")
            if not said and isinstance(target, str) and target and target not in TASK_KINDS:
                stub = self._tables.stub(target)
                scope.environment[stub.variable] = stub.task
                yield call("fan_out", Value(name), Name(stub.variable), items), stub
            if str(said.get("version", "")).isdecimal():
                said["version"] = int(str(said["version"]))
            yield call("fan_out", Value(name), scope.value(target), items, **dict(scope.named(said))), None
        of_tasks, of_inputs = task.dynamic_fork_tasks_param or "", task.dynamic_fork_tasks_input_param_name or ""
        if of_tasks in inputs and of_inputs in inputs:
            yield self._computed("dynamic_fork", inputs, name, tasks_name=of_tasks, inputs_name=of_inputs), None
        of_tasks = task.dynamic_fork_join_tasks_param or ""
        if of_tasks in inputs:
            yield self._computed("legacy.dynamic_fork", inputs, name, tasks_name=of_tasks), None

    def _computed(self, built_by: str, inputs: JsonObject, name: str, **names: str) -> CallNode:
        """Return a fork over computed tasks; *names* say which inputs hold them."""
        usual = {"tasks_name": TASKS, "inputs_name": INPUTS}
        others = {key: value for key, value in inputs.items() if key not in names.values()}
        said = {each: Value(value) for each, value in names.items() if value != usual[each]}
        given = [self._scope.value(inputs[each], name) for each in names.values()]
        return CallNode(builder(built_by), (Value(name), *given), (*said.items(), *self._scope.named(others, name)))


def _under(name: str, called: Node, own_name: str) -> Node:
    """Return a task or workflow under a reference name."""
    return called if name == own_name else method(called, "as_", Value(name))


def _is_called(thing: object, name: str) -> bool:
    return isinstance(thing, DslNode) and thing.reference_name == name


def _ends_open(branch: Sequence[WorkflowTask]) -> bool:
    """Return whether a branch ends with a choice, which the builder would close with a NOOP."""
    return branch[-1].type in SWITCHES


def _without_closing(branch: Sequence[WorkflowTask], join: WorkflowTask | None) -> Sequence[WorkflowTask]:
    """Leave out the NOOP behind a choice that the builder writes by itself."""
    if len(branch) < 2 or join is None or branch[-2].type not in SWITCHES:
        return branch
    name = f"{branch[-2].task_reference_name}_merge"
    closing = WorkflowTask(name=name, task_reference_name=name, type=TaskType.NOOP.value)
    return branch[:-1] if branch[-1] == closing and name in join.join_on else branch
