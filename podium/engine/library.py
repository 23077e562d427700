"""
The definitions that runs are made from: the registry's, and those that live runs keep.

Starting a run fixes its definition: every task gets the `TaskDef` it will run under, every sub-workflow its version
(Conductor: ``MetadataMapperService.java``). That populated definition is stored once under its digest.
"""

from __future__ import annotations

import hashlib
from collections import Counter, OrderedDict
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import chain
from typing import TypeVar

from attrs import evolve

from podium.engine.contracts import enforced, schema_problems
from podium.engine.limits import Limits
from podium.engine.missing import Missing, Registered
from podium.engine.plan import Plan, ad_hoc_task_def, compile_plan
from podium.engine.ports import Backend
from podium.engine.rows import DefinitionRow, WorkflowRow
from podium.engine.traits import TaskTypes
from podium.model import json_text
from podium.model.codec import from_dict, from_json, to_dict
from podium.model.definitions import SchemaDef, SubWorkflowParams, TaskDef, WorkflowDef, WorkflowTask
from podium.model.errors import DefinitionError, Fault, InternalError, WorkflowNotFound
from podium.model.payloads import dump
from podium.model.task_types import task_kind
from podium.model.texts import name_fault
from podium.model.values import JsonValue
from podium.model.walk import every_task, walk

_Definition = TypeVar("_Definition", WorkflowDef, TaskDef)

#: The largest of the smaller whole numbers, as databases and Conductor's types have them.
_INT_MAX = (1 << 31) - 1
#: Plans kept in memory; the least recently used goes first.
_PLANS_MAX = 1_000


class DefinitionLibrary:
    """
    Plans by name and by digest.

    `find`, `compile` and `task_def` read nothing: what they lack they say (`podium.engine.missing`), and `fetch` reads
    it. Not for several threads at once: it belongs to the kernel's thread.

    Args:
        backend: The registry.
        types: What is known of task types.
        limits: Those of definitions.
        plans: Where plans are kept by digest, if others are to find them there.
    """

    def __init__(
        self,
        backend: Backend,
        types: TaskTypes,
        limits: Limits | None = None,
        plans: OrderedDict[str, Plan] | None = None,
    ) -> None:
        self._backend = backend
        self._types = types
        self._limits = limits or Limits()
        self._version: int | None = None
        self._is_fresh = False
        self._by_name: dict[tuple[str, int], Plan] = {}
        #: Of what runs bring along, by a digest of its JSON.
        self._brought: OrderedDict[bytes, Plan] = OrderedDict()
        self._workflows: dict[tuple[str, int], WorkflowRow | None] = {}
        #: Those of them whose compilation broke off, as definitions.
        self._read: dict[tuple[str, int], WorkflowDef] = {}
        self._task_defs: dict[str, TaskDef | None] = {}
        self._schemas: dict[tuple[str, int], SchemaDef | None] = {}
        self._by_digest: OrderedDict[str, Plan] = OrderedDict() if plans is None else plans
        self._unstored: dict[str, DefinitionRow] = {}

    def expire(self) -> None:
        """Look at the registry again before it is used next: any process may have written to it."""
        self._is_fresh = False

    def fetch(self, need: Registered) -> None:
        """Read what is lacking from the registry."""
        if not self._is_fresh:
            version = self._backend.registry_version()
            self._is_fresh = True
            if version != self._version:
                self._version = version
                self._by_name.clear()
                self._brought.clear()
                self._workflows.clear()
                self._read.clear()
                self._task_defs.clear()
                self._schemas.clear()
        for name in need.task_defs - self._task_defs.keys():
            row = self._backend.task_def(name)
            definition = from_json(row.body, TaskDef) if row is not None else None
            for key in _named([definition]):
                self._read_schema(key)
            self._task_defs[name] = definition and self._with_schemas(definition)
        for name, number in need.workflows - self._workflows.keys():
            self._workflows[name, number] = self._backend.workflow(name, number or None)
        for key in need.schemas:
            self._read_schema(key)

    def _read_schema(self, key: tuple[str, int]) -> None:
        if key not in self._schemas:
            row = self._backend.schema(*key)
            self._schemas[key] = from_json(row.body, SchemaDef) if row is not None else None

    def _require(
        self,
        task_defs: Collection[str] = frozenset(),
        workflows: Collection[tuple[str, int]] = frozenset(),
        schemas: Collection[tuple[str, int]] = frozenset(),
    ) -> None:
        # Before anything is looked up, so that all that is lacking is said at once.
        has_all = self._task_defs.keys() >= set(task_defs) and self._workflows.keys() >= set(workflows)
        if not (has_all and self._schemas.keys() >= set(schemas) and self._is_fresh):
            raise Missing(Registered(frozenset(task_defs), frozenset(workflows), frozenset(schemas)))

    def find(self, name: str, version: int | None) -> Plan:
        """Return the plan of a registered workflow; see `podium.engine.context.Library`."""
        key = (name, version or 0)
        plan = self._by_name.get(key)
        if plan is not None and self._is_fresh:
            return plan
        self._require(workflows=[key])
        row = self._workflows[key]
        if row is None:
            raise WorkflowNotFound(f"No such workflow defined. name={name}, version={version or 'latest'}")
        # It is compiled twice if it turns out to lack something, and to read a long one takes as long as to compile it.
        definition = self._read.get(key)
        if definition is None:
            definition = self._read[key] = from_json(row.body, WorkflowDef)
        plan = self._by_name[key] = self.compile(definition)
        del self._read[key]
        return plan

    def compile(self, definition: WorkflowDef) -> Plan:
        """Return the plan of a definition that need not be registered; see `podium.engine.context.Library`."""
        refuse_large(definition, self._limits)
        refuse_unrunnable(definition)
        tasks = every_task(definition.tasks)
        called = {name for task in tasks if (name := self._called(task)) is not None}
        self._require(
            {task.name for task in tasks if task.task_definition is None},
            {(name, 0) for name in called},
            _named([definition, *(task.task_definition for task in tasks)]),
        )
        populated = evolve(self._with_schemas(definition), tasks=self._populate(definition.tasks))
        _refuse_schemas(populated)
        body = definition_body(populated, self._limits)
        digest = hashlib.sha256(body).hexdigest()[:32]
        known = self._by_digest.get(digest)
        if known is not None:
            return known
        self._unstored[digest] = DefinitionRow(digest, body)
        return self._keep(compile_plan(populated, digest, self._types))

    def brought(self, data: JsonValue) -> Plan:
        """
        Return the plan of a definition that a run brings along; see `podium.engine.context.Library`.

        The same JSON is read and compiled once: a loop may bring it along each time.
        """
        key = hashlib.sha256(dump(data)).digest()
        if key in self._brought:
            self._require()
            self._brought.move_to_end(key)
            return self._brought[key]
        plan = self._brought[key] = self.compile(from_dict(data, WorkflowDef))
        while len(self._brought) > _PLANS_MAX:
            self._brought.popitem(last=False)
        return plan

    def of_digest(self, digest: str) -> Plan:
        """Return the plan that a stored run keeps."""
        plan = self._by_digest.get(digest)
        if plan is not None:
            self._by_digest.move_to_end(digest)
            return plan
        row = self._backend.load_definition(digest)
        if row is None:
            raise InternalError(f"the definition {digest} of a stored run is missing")
        return self._keep(compile_plan(from_json(row.body, WorkflowDef), digest, self._types))

    @property
    def has_unstored(self) -> bool:
        """Whether there are definitions that the store may lack."""
        return bool(self._unstored)

    def to_store(self, digests: Iterable[str]) -> list[DefinitionRow]:
        """Return the definitions that the store may lack."""
        return [self._unstored[digest] for digest in dict.fromkeys(digests) if digest in self._unstored]

    def stored(self, rows: Iterable[DefinitionRow]) -> None:
        """Note that the store has them."""
        for row in rows:
            self._unstored.pop(row.digest, None)

    def task_defs(self, names: Collection[str]) -> Mapping[str, TaskDef | None]:
        """Return task definitions by name; None for those that are not registered."""
        self._require(names)
        return {name: self._task_defs[name] for name in names}

    def _keep(self, plan: Plan) -> Plan:
        self._by_digest[plan.digest] = plan
        while len(self._by_digest) > _PLANS_MAX:
            self._by_digest.popitem(last=False)
        return plan

    def _populate(self, tasks: Iterable[WorkflowTask]) -> tuple[WorkflowTask, ...]:
        return tuple(self._populate_one(task) for task in tasks)

    def _populate_one(self, task: WorkflowTask) -> WorkflowTask:
        own = task.task_definition and self._with_schemas(task.task_definition)
        definition = own or self._task_defs[task.name] or ad_hoc_task_def(task)
        if not task_kind(task.type).holds and task.sub_workflow_param is None:
            return evolve(task, task_definition=definition)  # as most
        return evolve(
            task,
            task_definition=definition,
            decision_cases={label: self._populate(body) for label, body in task.decision_cases.items()},
            default_case=self._populate(task.default_case),
            fork_tasks=tuple(self._populate(body) for body in task.fork_tasks),
            loop_over=self._populate(task.loop_over),
            sub_workflow_param=self._pinned(task),
        )

    def _with_schemas(self, definition: _Definition) -> _Definition:
        """Return a definition with the schemas that it enforces and only names."""
        if not any(enforced(definition)):
            return definition
        return evolve(
            definition,
            input_schema=self._whole(definition.input_schema),
            output_schema=self._whole(definition.output_schema),
        )

    def _whole(self, schema: SchemaDef | None) -> SchemaDef | None:
        known = None if schema is None or schema.data is not None else self._schemas[schema.name, schema.version]
        return schema if schema is None or known is None else evolve(schema, data=known.data)

    def _called(self, task: WorkflowTask) -> str | None:
        """Return the workflow of which a task wants whatever version is the greatest when the run starts, or None."""
        params = task.sub_workflow_param
        if not self._types.of(task.type).calls_workflow or params is None or params.workflow_definition is not None:
            return None
        return params.name if params.version is None and params.name and "${" not in params.name else None

    def _pinned(self, task: WorkflowTask) -> SubWorkflowParams | None:
        params, name = task.sub_workflow_param, self._called(task)
        if params is None or name is None:
            return params
        row = self._workflows[name, 0]
        if row is None:
            raise WorkflowNotFound(
                f"The Task {task.name} defined as a sub-workflow has no workflow definition available "
                f"(workflow {name!r} is not registered)",
            )
        return evolve(params, version=row.version)


def _named(definitions: Iterable[WorkflowDef | TaskDef | None]) -> set[tuple[str, int]]:
    """Return the schemas that definitions enforce and only name."""
    schemas = (schema for definition in definitions for _, schema in enforced(definition))
    return {(schema.name, schema.version) for schema in schemas if schema.data is None}


def _refuse_schemas(definition: WorkflowDef) -> None:
    """
    Refuse a definition with schemas that cannot be enforced, those of its tasks included.

    Raises:
        DefinitionError: It has one that is not registered, or is none.
    """
    faults = list(schema_problems(definition))
    if any(task.task_definition and task.task_definition.enforce_schema for task in every_task(definition.tasks)):
        for visit in walk(definition.tasks):
            faults += schema_problems(visit.task.task_definition, f"{visit.path}.taskDefinition")
    if faults:
        raise DefinitionError(faults, subject=f"workflow {definition.name!r:.200}")


def definition_body(definition: WorkflowDef | TaskDef | SchemaDef, limits: Limits) -> bytes:
    """
    Return a definition as the store keeps it: canonical JSON.

    Raises:
        DefinitionError: It holds something that is no JSON, or is larger than the limit.
    """
    data = to_dict(definition)
    try:
        json_text.check(data)
        body = dump(data)
        if len(body) <= limits.definition_bytes:
            return body
    except (TypeError, ValueError) as error:
        kind = {WorkflowDef: "workflow", TaskDef: "task"}.get(type(definition), "schema")
        fault = Fault("", f"this cannot be written as JSON: {error}")
        raise DefinitionError([fault], subject=f"{kind} {definition.name!r}") from error
    fault = Fault("", f"it is too large: {len(body)} bytes as JSON, and the limit is {limits.definition_bytes}")
    raise DefinitionError([fault], subject=f"the definition of {definition.name!r:.200}")


def refuse_large(definition: WorkflowDef, limits: Limits) -> None:
    """
    Refuse a definition of too many tasks, those inside other tasks included.

    Raises:
        DefinitionError: It has more than the limit.
    """
    count = len(every_task(definition.tasks))
    if count > limits.definition_tasks:
        words = f"it has {count} tasks, and the limit is {limits.definition_tasks}; call parts of it as sub-workflows"
        raise DefinitionError([Fault("tasks", words)], subject=f"workflow {definition.name!r:.200}")


def _unstorable(definition: WorkflowDef) -> Iterator[Fault]:
    """Yield the numbers that stores do not have; all others are compared only, or capped."""
    words = "a whole number of at most 32 bits is expected here, not"
    if abs(definition.version) > _INT_MAX:
        yield Fault("version", f"{words} {definition.version}")
    if not any(_large_numbers(task) for task in every_task(definition.tasks)):
        return  # places are found more slowly
    for visit in walk(definition.tasks):
        for name, number in _large_numbers(visit.task).items():
            yield Fault(f"{visit.path}.{name}", f"{words} {number}")


def _large_numbers(task: WorkflowTask) -> dict[str, float]:
    called = task.sub_workflow_param
    numbers = {"startDelay": task.start_delay, "subWorkflowParam.version": (called and called.version) or 0}
    return {name: number for name, number in numbers.items() if abs(number) > _INT_MAX}


def _unnameable(definition: WorkflowDef) -> Iterator[Fault]:
    """Yield the names that no store can have; most definitions are read no further than to see that they have none."""
    names = [(task.name, task.task_reference_name, task.type) for task in every_task(definition.tasks)]
    if name_fault("".join([definition.name, *chain.from_iterable(names)])) is None:
        return
    if (words := name_fault(definition.name)) is not None:
        yield Fault("name", f"the name {definition.name!r:.200} {words}")
    for visit in walk(definition.tasks):
        for name in (visit.task.name, visit.task.task_reference_name, visit.task.type):
            if (words := name_fault(name)) is not None:
                yield Fault(visit.path, f"the name {name!r:.200} {words}")


def refuse_unrunnable(definition: WorkflowDef) -> None:
    """
    Refuse a definition that no engine can run.

    Raises:
        DefinitionError: Its schema version is not 2, or names repeat or are none that a store can have.
    """
    faults = [*_unnameable(definition)]
    if definition.schema_version != 2:
        faults.append(Fault("schemaVersion", f"only 2 can run, not {definition.schema_version}"))
    faults += _unstorable(definition)
    counts = Counter(task.task_reference_name for task in every_task(definition.tasks))
    faults += [
        Fault(visit.path, f"the reference name {visit.task.task_reference_name!r} is used twice; it must be unique")
        for visit in (walk(definition.tasks) if len(counts) < counts.total() else ())
        if counts[visit.task.task_reference_name] > 1
    ]
    if faults:
        raise DefinitionError(faults, subject=f"workflow {definition.name!r}")
