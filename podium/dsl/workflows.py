"""
Workflows: written as a function, as a value, or read from JSON.

A workflow's function is called once, with references for its parameters. That happens when the definition is first
needed (``.definition``, ``.check()``, ``.run()``, …), not at decoration, so that a function may use tasks and workflows
that are defined further down, itself included. Mistakes therefore come up at that first use: as an `AuthoringError`
from everything but ``.check()``, which gives them as its list.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, ParamSpec, Protocol, Self, TypeVar, Unpack, cast, overload

from podium.dsl.arguments import bound
from podium.dsl.bodies import FunctionBody, LoadedBody, ValueBody, WorkflowBody
from podium.dsl.callables import doc_of
from podium.dsl.context import refuse_another
from podium.dsl.headers import Header, WorkflowSettings, header_of
from podium.dsl.places import brief, call_site
from podium.dsl.refs import refuse
from podium.dsl.returning import outputs_of
from podium.dsl.settings import StepOptions, check_names
from podium.dsl.starting import AsyncStarter, Starter, is_starter, start_run
from podium.dsl.steps import Step, StepMaker
from podium.dsl.structures import Steps, as_nodes
from podium.dsl.tasks import Task
from podium.dsl.values import prepare
from podium.dsl.writing import Writing
from podium.model import codec
from podium.model.definitions import TaskDef, WorkflowDef
from podium.model.drawing import Drawable
from podium.model.errors import AuthoringError
from podium.model.later import later
from podium.model.runs import WorkflowRun
from podium.model.values import JsonObject
from podium.model.verbs import SuppliedVerbs
from podium.typed import records
from podium.typed.authored import Authored, AuthoredObject

if TYPE_CHECKING:
    from pathlib import Path

    from podium.diff import DefinitionDiff
    from podium.dsl import forks, json_sources, subworkflows
    from podium.model.problems import CheckReport
    from podium.model.schedules import Schedule
else:
    forks, subworkflows = later("podium.dsl.forks"), later("podium.dsl.subworkflows")
    json_sources = later("podium.dsl.json_sources")

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")
#: Marks an argument that is not given.
_UNSAID: Any = object()


class Workflow(StepMaker[P, R], Drawable):
    """
    A workflow.

    ``Workflow("order", version=3)`` makes an empty one, to be filled by ``wf >> step >> [branch, branch]`` or in a
    block ``with wf:``; `workflow` makes one of a function, `podium.dsl.load` one of JSON. Calling it inside another
    workflow builds a SUB_WORKFLOW step.

    Attributes:
        place: ``file:line`` where it was made, or None.
    """

    __podium_builder__ = True

    def __init__(
        self: Workflow[..., Any],
        name: str,
        *,
        inputs: Sequence[str] = (),
        **settings: Unpack[WorkflowSettings],
    ) -> None:
        self.place: str | None = call_site()
        self._body: WorkflowBody = ValueBody(header_of(name, settings), self.place, inputs)

    @classmethod
    def from_function(
        cls,
        fn: Callable[P, R],
        header: Header,
        local_names: Mapping[str, object] | None = None,
    ) -> Workflow[P, R]:
        """Make a workflow of a function; `workflow` is the decorator for it."""
        made = cls._of(FunctionBody(fn, header, call_site(), local_names))
        made.__doc__ = doc_of(fn)
        return cast("Workflow[P, R]", made)

    @classmethod
    def from_definition(cls, definition: WorkflowDef, document: JsonObject | None = None) -> Workflow[..., Any]:
        """
        Make a workflow of a definition that exists already.

        Args:
            definition: The definition.
            document: The JSON that it was read from; `check` looks at what reading does not keep.
        """
        return cls._of(LoadedBody(definition, document, call_site()))

    @classmethod
    def _of(cls, body: WorkflowBody) -> Workflow[..., Any]:
        made: Workflow[..., Any] = cls.__new__(cls)
        made.place = body.place
        made._body = body
        return made

    # What it is

    @property
    def name(self) -> str:
        """The workflow's name."""
        return self._body.header.name

    @property
    def version(self) -> int:
        """The workflow's version."""
        return self._body.header.version

    @property
    def schedules(self) -> tuple[Schedule, ...]:
        """When runs of it start by themselves, as ``@workflow(schedule=...)`` says; registered with it."""
        return self._body.header.schedules

    @property
    def fn(self) -> Callable[P, R]:
        """
        The function that it is written as.

        Raises:
            AuthoringError: P1, it is written as a value.
        """
        if not isinstance(self._body, FunctionBody):
            refuse(f"workflow {self.name!r} is not written as a function")
        return self._body.fn

    @property
    def signature(self) -> inspect.Signature:
        """The parameters: those of the function; any inputs by name for other workflows, whose list only documents."""
        return self._body.signature

    @property
    def annotations(self) -> Mapping[str, records.Hint]:
        """The resolved annotations of the function; for a value, the types of its inputs."""
        return self._body.annotations

    @property
    def return_hint(self) -> records.Hint:
        """The return annotation, ``Any`` if there is none."""
        return self.annotations.get("return", Any)

    @property
    def document(self) -> JsonObject | None:
        """The document that a loaded workflow was read from."""
        return self._body.document if isinstance(self._body, LoadedBody) else None

    # What it compiles to

    @property
    @brief
    def definition(self) -> WorkflowDef:
        """
        The canonical definition.

        Raises:
            AuthoringError: The author's Python is wrong.
        """
        return self._body.compiled().definition

    def embedded(self, place: str | None) -> WorkflowDef:
        """
        Return the definition for a step that carries it along.

        Args:
            place: The step's, for a message.

        Raises:
            AuthoringError: P1, the step is one of this workflow's own.
        """
        if self._body.is_building:
            message = f"workflow {self.name!r} cannot embed itself; call it instead of .inline"
            raise AuthoringError(message, code="P1", place=place)
        return self.definition

    @property
    @brief
    def definitions(self) -> tuple[WorkflowDef, ...]:
        """This definition, its undo workflow, and the definitions of all workflows that it calls, once each."""
        found: dict[tuple[str, int], WorkflowDef] = {}
        for each in self.family():
            for definition in (each.definition, *each.undo_definitions()):
                found.setdefault((definition.name, definition.version), definition)
        return tuple(found.values())

    def undo_definition(self) -> WorkflowDef | None:
        """Return the workflow that undoes a run of this one."""
        return next(iter(self._body.compiled().definitions[1:]), None)

    def undo_definitions(self) -> tuple[WorkflowDef, ...]:
        """Return the workflow that undoes this one, and those that undo what it embeds."""
        compiled = self._body.compiled()
        return (*compiled.definitions[1:], *compiled.context.embedded_undos())

    @property
    @brief
    def tasks(self) -> tuple[Task[..., Any], ...]:
        """
        The worker tasks used here and in all workflows that it calls, once each, in the order met.

        Raises:
            AuthoringError: N1, two functions have one task name.
        """
        found: dict[str, Task[..., Any]] = {}
        for each in self.family():
            for used in each.own_tasks():
                refuse_another(found.setdefault(used.name, used), used, each.place)
        return tuple(found.values())

    def own_tasks(self) -> tuple[Task[..., Any], ...]:
        """Return the worker tasks used here and in embedded workflows, but not in those called by name."""
        # Steps know the function that runs them; what made them of it is always a `Task`.
        return tuple(each for each in self._body.compiled().context.tasks.values() if isinstance(each, Task))

    @property
    def worker_tasks(self) -> tuple[Task[..., Any], ...]:
        """The same as `tasks`."""
        return self.tasks

    @property
    def task_defs(self) -> tuple[TaskDef, ...]:
        """The task definitions of `tasks`."""
        return tuple(task.task_def for task in self.tasks)

    def called_workflows(self) -> list[Workflow[..., Any]]:
        """Return the workflows that this one calls by name."""
        return [each for each in self._body.compiled().context.called_workflows() if isinstance(each, Workflow)]

    def family(self, *, embedded: bool = False) -> list[Workflow[..., Any]]:
        """
        Return this workflow and all that it calls, each once, in the order met.

        Args:
            embedded: Give those too whose definitions are carried along.
        """
        family: list[Workflow[..., Any]] = []
        waiting: list[Workflow[..., Any]] = [self]
        while waiting:
            each = waiting.pop(0)
            if all(each is not known for known in family):
                family.append(each)
                waiting += each.called_workflows()
                waiting += each.embedded_workflows() if embedded else []
        return family

    def embedded_workflows(self) -> list[Workflow[..., Any]]:
        """Return the workflows whose definitions are a part of this one's."""
        return [each for each in self._body.compiled().context.embedded if isinstance(each, Workflow)]

    @property
    def is_building(self) -> bool:
        """Its definition is made just now, so that nobody can have it yet."""
        return self._body.is_building

    @property
    def places(self) -> Mapping[str, str | None]:
        """Reference name to the ``file:line`` that made it; empty for a loaded workflow."""
        return self._body.compiled().context.places

    @property
    def writing(self) -> Writing:
        """What the author's Python says beside the definition; for `podium.checks`."""
        return self._body.writing()

    # Writing one as a value

    @overload
    def input(self, name: str, returns: type[T]) -> T: ...
    @overload
    def input(self, name: str, returns: None = None) -> Any: ...
    def input(self, name: str, returns: type[Any] | None = None) -> Any:
        """
        Refer to an input, and declare it.

        Args:
            name: The input's name.
            returns: Its type, so that its fields are checked.
        """
        return self._value("declares its inputs as parameters").declare(name, returns)

    def returns(self, value: object = None, /, **outputs: object) -> Self:
        """
        Say what the workflow gives back.

        Args:
            value: As a function's ``return``: a record, or anything else for the single output ``result``.
            outputs: Outputs by name.
        """
        body = self._value("returns a value")
        if value is not None:
            body.outputs |= outputs_of(value, Any, call_site())
        body.outputs |= prepare(outputs)
        return self

    def __rshift__(self, steps: Steps) -> Self:
        """
        Append steps: one, or a list of branches that run at the same time.

        The fork of such a list is named after the first step of each branch, joined by ``_``, with ``_fork`` behind:
        ``[b, c]`` gives ``b_c_fork`` and ``b_c_fork_join``. A branch of several steps is a list of its own.
        """
        root = self._value("is written as a function").root
        if isinstance(steps, list | tuple):
            root.add(forks.fork_of(steps))
        else:
            root.take(as_nodes(steps, ">>"))
        return self

    def __enter__(self) -> Self:
        self._value("is written as a function").open()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._value("is written as a function").close()

    def _value(self, instead: str) -> ValueBody:
        """Return the steps of a workflow that is written as a value."""
        if isinstance(self._body, FunctionBody):
            refuse(f"workflow {self.name!r} {instead}; change the function")
        if not isinstance(self._body, ValueBody):
            refuse(f"workflow {self.name!r} was loaded from JSON and stays as it is")
        return self._body

    # Using one inside another

    def __call__(self, /, *args: P.args, **kwargs: P.kwargs) -> Step[R]:
        """Build a SUB_WORKFLOW step that runs this workflow by name and version."""
        call: subworkflows.SubWorkflowCall[P, R] = subworkflows.SubWorkflowCall(self)
        return call(*args, **kwargs)

    def inline(self, /, *args: P.args, **kwargs: P.kwargs) -> Step[R]:
        """Build a SUB_WORKFLOW step that carries this definition with it, so that it need not be registered."""
        call: subworkflows.SubWorkflowCall[P, R] = subworkflows.SubWorkflowCall(self)
        return call.inline(*args, **kwargs)

    @overload  # they overlap where the first input is declared as anything; a client is never one
    def start(self, client: Starter, /, *args: P.args, **kwargs: P.kwargs) -> str: ...  # type: ignore[overload-overlap]  # see above
    @overload
    def start(  # type: ignore[overload-overlap]  # see above
        self, client: AsyncStarter, /, *args: P.args, **kwargs: P.kwargs
    ) -> Coroutine[Any, Any, str]: ...
    @overload
    def start(self, /, *args: P.args, **kwargs: P.kwargs) -> Step[subworkflows.Started]: ...
    def start(self, /, *args: Any, **kwargs: Any) -> Any:
        """
        Start a run by a client, inputs as the parameters have them: ``trip.start(client, city="Rome")`` gives its id.

        Without one, it builds a START_WORKFLOW step: the other run goes its own way; ``output.workflow_id`` names it.

        Raises:
            InvalidRequest: The inputs do not fit the parameters; all that `Client.start` raises.
        """
        if args and is_starter(args[0]):
            return start_run(self, args[0], args[1:], kwargs)
        return subworkflows.SubWorkflowCall(self).start(*args, **kwargs)

    def step_of(self, inputs: Mapping[str, Authored]) -> Step[R]:
        """Build a SUB_WORKFLOW step with inputs by name, which fit already."""
        call: subworkflows.SubWorkflowCall[P, R] = subworkflows.SubWorkflowCall(self)
        return call.step_of(inputs)

    def as_(self, reference_name: str) -> subworkflows.SubWorkflowCall[P, R]:
        """Return the same workflow, whose next step has this reference name."""
        return subworkflows.SubWorkflowCall(self, reference_name=reference_name)

    def opts(self, **options: Unpack[StepOptions]) -> subworkflows.SubWorkflowCall[P, R]:
        """Return the same workflow, whose next step has these options."""
        check_names(options, step=True)
        return subworkflows.SubWorkflowCall(self, options=options)

    def __podium_refusal__(self) -> str:
        """Say what to write instead of this workflow where a value is expected."""
        return f"{self!r} is a workflow, not a value; call it and use the step's .output"

    # Looking at it, running it

    def check(
        self,
        *,
        tasks: Iterable[TaskDef] | None = None,
        others: Iterable[Workflow[..., Any] | WorkflowDef] = (),
        notes: bool = False,
    ) -> CheckReport:
        """
        Look for mistakes.

        Args:
            tasks: All task definitions there are beside those of the workflow's own tasks; without them, no name of a
                worker task is called unknown.
            others: Workflows that this one calls by nothing but their name.
            notes: Give notes too, which are no mistakes.

        Returns:
            A list of the problems in the order of the definition, with the places of the author's code; empty if there
            is none. It shows itself as text or, in a notebook, as a table.
            A mistake that keeps the definition from being made is the only one in the list.
        """
        with self._body.held():
            return _VERBS().check(self, tasks=tasks, others=others, notes=notes)

    @brief
    def to_dict(self) -> dict[str, Any]:
        """Return the canonical definition as plain JSON data."""
        return codec.to_dict(self.definition)

    @brief
    def to_json(self) -> str:
        """Return the canonical definition as JSON text; the same code gives the same bytes."""
        return codec.to_json(self.definition)

    @brief
    def to_python(self, *, line_length: int = 88) -> str:
        """
        Return the source of a module that builds this definition, as a person would have written it.

        Worker tasks are stubs: their names, inputs and types, without a body.

        Args:
            line_length: Columns of a line.

        Raises:
            AuthoringError: The author's Python is wrong.
        """
        return _VERBS().to_python(self.definition, line_length=line_length)

    @brief
    def diff(self, other: Workflow[..., Any] | WorkflowDef | JsonObject | str | bytes | Path) -> DefinitionDiff:
        """
        Say what differs in another version of this workflow: by step, and what it means for runs and callers.

        Args:
            other: The new version: a workflow, its definition, or whatever `podium.dsl.load` reads.

        Returns:
            The difference, which is true if there is one. Printed, it is text; a notebook shows the picture too;
            ``.render("diff.svg")`` and ``.to_json()`` write it.

        Raises:
            DefinitionError: *other* is no definition.
            AuthoringError: The author's Python is wrong.
            OSError: *other* is a file that cannot be read.
        """
        from podium.diff import diff_definitions

        new = other.definition if isinstance(other, Workflow) else json_sources.read_definition(other)[0]
        return diff_definitions(self.definition, new)

    @bound
    def run(
        self,
        /,
        *,
        workers: Sequence[Task[..., Any]] | None = _UNSAID,
        timeout: float | None = _UNSAID,
        **input: Authored,  # noqa: A002  # the inputs by name
    ) -> WorkflowRun[R]:
        """
        Run the workflow here and now, on an engine in memory, with its task functions as the workers.

        Args:
            workers: Other tasks to serve: each instead of the workflow's task of its name, or beside them; a loaded
                workflow has none of its own.
            timeout: How long to wait, in seconds; None waits for ever.
            input: The inputs by name. Inputs of the workflow that are called ``workers`` or ``timeout`` hide the words
                above; with ``client.run(workflow, {...}, timeout=...)`` both can be given.

        Returns:
            The finished run.

        Raises:
            InvalidRequest: An input is missing, unknown, or clearly of the wrong type.
            RunTimeout: The run did not end in time.
        """
        words: dict[str, Any] = {
            key: value for key, value in (("workers", workers), ("timeout", timeout)) if value is not _UNSAID
        }
        hidden = words.keys() & self._body.inputs.names
        named = {**input, **{key: words.pop(key) for key in hidden}}
        given = self._body.inputs.complete(named)
        return _VERBS().run(self, given, workers=words.get("workers"), timeout=words.get("timeout"))

    @brief
    def check_input(self, given: AuthoredObject) -> None:
        """
        Refuse an input that cannot be right: a name that is missing, or clearly the wrong type.

        The annotations of the workflow's function say so; a workflow that is no function takes anything. Names that
        it does not know are fine here, as they are for Conductor.

        Args:
            given: The input as JSON data, without the defaults.

        Raises:
            InvalidRequest: It cannot; the message tells everything that is wrong.
        """
        self._body.inputs.check(given, lambda: self.definition.masked_fields)

    def __repr__(self) -> str:
        return f"<Workflow {self.name!r} version {self.version}>"


class WorkflowVerbs(Protocol):
    """What is asked of the rooms that check, decompile and run, for a workflow."""

    def check(
        self,
        workflow: Workflow[..., Any],
        *,
        tasks: Iterable[TaskDef] | None,
        others: Iterable[Workflow[..., Any] | WorkflowDef],
        notes: bool,
    ) -> CheckReport:
        """Look for mistakes."""

    def to_python(self, definition: WorkflowDef, *, line_length: int) -> str:
        """Return the source of a module that builds a definition."""

    def run(
        self,
        workflow: Workflow[..., Any],
        run_input: AuthoredObject,
        *,
        workers: Sequence[Task[..., Any]] | None,
        timeout: float | None,
    ) -> WorkflowRun:
        """Run it in memory, with its tasks as the workers."""


_VERBS: Final[SuppliedVerbs[WorkflowVerbs]] = SuppliedVerbs()
