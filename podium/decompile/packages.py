"""
A whole estate of definitions as a package: a module for each workflow, the worker tasks in one module beside them.

Workflows import the ones that they call, unless that would go round in a circle: then they call by name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from attrs import field, frozen

from podium.decompile.modules import Module
from podium.decompile.naming import Names, import_order, is_identifier, snake
from podium.decompile.nodes import Variable
from podium.decompile.printing import WIDTH
from podium.decompile.sources import as_text, from_lines, import_lines, name_globals, stub_lines
from podium.decompile.stubs import Stub
from podium.decompile.tables import Stubs
from podium.decompile.taskdefs import task_settings
from podium.dsl.workflows import Workflow
from podium.model.definitions import TaskDef, WorkflowDef, WorkflowTask
from podium.model.statuses import TaskType
from podium.model.walk import walk

#: The module of the worker tasks.
TASKS = "tasks"


@frozen(kw_only=True)
class PackageModule:
    """One module of a package."""

    name: str
    version: int
    #: The file, relative to the package.
    file: str
    #: The workflow's name in the module.
    function: str
    #: Tasks of the definition, those inside structures included.
    tasks: int
    #: Tasks that stayed JSON.
    raw: int
    #: Scripts that stayed as they are where a condition is expected.
    scripts: int


@frozen(kw_only=True)
class Package:
    """What was written."""

    #: File name to content.
    files: Mapping[str, str]
    parts: Sequence[PackageModule]
    #: The names of the worker tasks.
    workers: Sequence[str]
    #: Task name to the keys of its task definition that no setting says.
    lost: Mapping[str, Sequence[str]] = field(factory=dict)


@frozen(eq=False)
class _Member:
    """One definition, and how the others of the package call it."""

    definition: WorkflowDef
    module_name: str
    #: What it would like to be called.
    wishes: tuple[str, ...]
    calls: list[WorkflowTask] = field(factory=list)


def to_package(
    definitions: Sequence[WorkflowDef],
    task_defs: Sequence[TaskDef] = (),
    *,
    line_length: int = WIDTH,
) -> Package:
    """
    Return a package whose workflows have these definitions.

    Args:
        definitions: The definitions; equal ones count once.
        task_defs: Definitions of worker tasks, which become settings of their stubs.
        line_length: Columns of a line.

    Returns:
        The files, and what is in them.
    """
    return _Writer(definitions, task_defs, line_length).package()


class _Writer:
    def __init__(self, definitions: Sequence[WorkflowDef], task_defs: Sequence[TaskDef], width: int) -> None:
        self._width = width
        self._members = _members(definitions)
        self._targets = {id(member): self._targets_of(member) for member in self._members}
        self._stubs = Stubs()
        self._task_defs = {definition.name: definition for definition in task_defs}
        self._modules: dict[int, Module] = {}
        self._workflows: dict[Variable, Workflow[..., Any]] = {}
        self._raw: set[int] = set()

    # Who calls whom

    def _targets_of(self, member: _Member) -> list[_Member]:
        found = []
        for task in _calls_in(member.definition):
            params = task.sub_workflow_param
            target = None if params is None or params.name is None else self._find(params.name, params.version)
            if target is not None and target is not member:
                if params is not None and params.version == target.definition.version:
                    target.calls.append(task)
                found.append(target)
        return found

    def _find(self, name: str, version: int | None) -> _Member | None:
        """Return the member that a call means; for an open version any of them, since only the name counts."""
        named = [member for member in self._members if member.definition.name == name]
        if version is None or version == 0:
            return named[-1] if named else None
        exact = [member for member in named if member.definition.version == version]
        return exact[0] if len(exact) == 1 else None

    def _reaches(self, start: _Member, goal: _Member) -> bool:
        seen: set[int] = set()
        waiting = [start]
        while waiting:
            member = waiting.pop()
            if member is goal:
                return True
            if id(member) not in seen:
                seen.add(id(member))
                waiting += self._targets[id(member)]
        return False

    # Writing

    def package(self) -> Package:
        """Write all modules, those that are called first."""
        for member in self._members:
            self._write(member)
        for member in self._written():
            module = self._modules[id(member)]
            if not module.verify(self._workflows):
                self._raw.add(id(member))
            self._workflows[module.variable] = module.workflow(self._workflows)
        modules = [self._modules[id(member)] for member in self._members]
        used = {variable for module in modules for variable in module.variables_used}
        stubs = [stub for stub in self._stubs.used if stub.variable in used]
        lost = self._settle(stubs)
        names = name_globals(modules, stubs)
        for module in modules:
            module.name_locals(Names((), names))
        files = {f"{member.module_name}.py": self._source(member) for member in self._members}
        if stubs:
            spelt: dict[str, bool] = {}
            lines = stub_lines(stubs, spelt, self._width)
            head = import_lines(spelt, needs_any=True, needs_json=False, width=self._width)
            files[f"{TASKS}.py"] = as_text([*head, *lines])
        files["__init__.py"] = self._face()
        parts = [self._part(member) for member in self._members]
        return Package(files=files, parts=parts, workers=[stub.name for stub in stubs], lost=lost)

    def _settle(self, stubs: Sequence[Stub]) -> dict[str, Sequence[str]]:
        """Return stubs their settings; tell the keys of task definitions that are none."""
        lost: dict[str, Sequence[str]] = {}
        for stub in stubs:
            definition = self._task_defs.get(stub.name)
            if definition is not None:
                stub.settings, rest = task_settings(definition)
                if rest:
                    lost[stub.name] = rest
        return lost

    def _written(self) -> Iterator[_Member]:
        """Return the members in the order in which they were written."""
        by_id = {id(member): member for member in self._members}
        return (by_id[key] for key in list(self._modules))

    def _write(self, member: _Member) -> None:
        if id(member) in self._modules:
            return
        for target in self._targets[id(member)]:
            if not self._reaches(target, member):
                self._write(target)

        def find(name: str, version: int | None) -> tuple[Variable, Workflow[..., Any], bool] | None:
            target = self._find(name, version)
            if target is None or id(target) not in self._modules or self._reaches(target, member):
                return None
            module = self._modules[id(target)]
            return module.variable, self._workflows[module.variable], version == target.definition.version

        given = [set(task.input_parameters) for task in member.calls]
        passed = list(dict.fromkeys(name for task in member.calls for name in task.input_parameters))
        every = set.intersection(*given) if given else set()
        optional = _known_inputs(member.definition, passed) - every if given else set()
        module = Module(member.definition, self._stubs, find, passed=passed, optional=optional)
        module.variable.wishes = member.wishes
        self._modules[id(member)] = module
        self._workflows[module.variable] = module.trial(self._workflows)

    def _source(self, member: _Member) -> str:
        module = self._modules[id(member)]
        spelt: dict[str, bool] = {}
        lines = [*module.constant_lines(self._width), *module.function_lines(spelt, self._width)]
        own: list[str] = []
        used = module.variables_used
        others = {
            other.module_name: self._modules[id(other)].variable.text
            for other in self._members
            if other is not member and self._modules[id(other)].variable in used
        }
        stubs = [stub.variable.text for stub in module.stubs_used()]
        sources = {**{name: [function] for name, function in others.items()}, **({TASKS: stubs} if stubs else {})}
        for name in sorted(sources, key=import_order):
            own += from_lines(f".{name}", sources[name], self._width)
        head = import_lines(spelt, needs_any=module.needs_any, needs_json=module.needs_json, width=self._width)
        return as_text([*head, *(["", *own] if own else []), *lines])

    def _face(self) -> str:
        """Return the package's own module, which brings the workflows together."""
        functions = {member.module_name: self._modules[id(member)].variable.text for member in self._members}
        lines = [
            line
            for name in sorted(functions, key=import_order)
            for line in from_lines(f".{name}", [functions[name]], self._width)
        ]
        names = sorted(functions.values(), key=import_order)
        listed = [f'    "{name}",' for name in names]
        flat = "__all__ = [" + ", ".join(f'"{name}"' for name in names) + "]"
        face = [flat] if len(flat) <= self._width else ["__all__ = [", *listed, "]"]
        return as_text([*lines, "", *face])

    def _part(self, member: _Member) -> PackageModule:
        module = self._modules[id(member)]
        count = len(list(walk(member.definition.tasks)))
        return PackageModule(
            name=member.definition.name,
            version=member.definition.version,
            file=f"{member.module_name}.py",
            function=module.variable.text,
            tasks=count,
            raw=count if id(member) in self._raw else module.count("raw"),
            scripts=module.count("js"),
        )


def _members(definitions: Sequence[WorkflowDef]) -> list[_Member]:
    """Return each definition its module: named after it, with the version where there are several."""
    unique: list[WorkflowDef] = []
    for definition in definitions:
        if definition not in unique:
            unique.append(definition)
    unique.sort(key=lambda each: (each.name, each.version))
    names = Names([TASKS])
    found: list[_Member] = []
    for definition in unique:
        named = [each for each in unique if each.name == definition.name]
        twins = [each for each in named if each.version == definition.version]
        suffix = f"_v{definition.version}".replace("-", "minus") if len(named) > 1 else ""
        if len(twins) > 1:
            suffix += f"_{twins.index(definition) + 1}"
        file = snake(definition.name) or "unnamed"
        variable = Variable((f"{file}{suffix}", f"{file}_workflow{suffix}"))
        names.give(variable)
        own = (definition.name if is_identifier(definition.name) else file) + suffix
        found.append(_Member(definition, variable.text, (own, f"{own}_workflow")))
    return found


def _calls_in(definition: WorkflowDef) -> Iterator[WorkflowTask]:
    """Yield the SUB_WORKFLOW tasks of a definition and of those embedded in it."""
    for visit in walk(definition.tasks):
        params = visit.task.sub_workflow_param
        if visit.task.type != TaskType.SUB_WORKFLOW or params is None:
            continue
        if isinstance(params.workflow_definition, WorkflowDef):
            yield from _calls_in(params.workflow_definition)
        elif params.workflow_definition is None:
            yield visit.task


def _known_inputs(definition: WorkflowDef, passed: Sequence[str]) -> set[str]:
    from podium.decompile.functions import input_names

    return set(input_names(definition, passed))
