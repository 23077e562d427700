"""Steps: one task at one place of a workflow."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Generic, ParamSpec, TypeVar, cast

from podium.dsl.blocks import BlockNode
from podium.dsl.late_paths import late_text
from podium.dsl.names import checked, nearest
from podium.dsl.places import call_site
from podium.dsl.refs import Ref, Target, refuse
from podium.dsl.settings import StepOptions, apply_to_step, check_names
from podium.dsl.step_fields import check_call
from podium.dsl.task_functions import TaskFunction
from podium.dsl.values import prepare, render
from podium.model.definitions import TaskDef, WorkflowTask
from podium.model.errors import AuthoringError
from podium.model.later import later
from podium.model.statuses import TaskType
from podium.model.texts import shown
from podium.model.values import JsonObject
from podium.typed import records
from podium.typed.authored import Authored

if TYPE_CHECKING:
    import inspect
    from typing import Self, Unpack

    from podium.dsl import undoing
    from podium.dsl.called_workflow import CalledWorkflow
    from podium.dsl.context import CompileContext
else:
    undoing = later("podium.dsl.undoing")

P = ParamSpec("P")
R = TypeVar("R")


class Configurable(BlockNode):
    """A node that takes `opts`."""

    def __init__(self, reference_name: str, *, options: Mapping[str, Authored] | None = None) -> None:
        super().__init__(reference_name)
        self.step_options: dict[str, Authored] = dict(options or {})

    def opts(self, **options: Unpack[StepOptions]) -> Self:
        """
        Set options of this step only; a later call adds to an earlier one.

        Example:
            ``mail(order_id).opts(optional=True, retries=0)``

        Raises:
            AuthoringError: P1 or V1, an option does not exist or has a wrong value.
        """
        check_names(options, step=True)
        merged = {**self.step_options, **options}
        check_call(options, getattr(self, "task_type", "a structure"))
        # Tried here, so that a wrong value is reported at this line and not where the workflow is compiled.
        apply_to_step(WorkflowTask(task_reference_name=self.reference_name), TaskDef(), merged)
        self.step_options = merged
        return self

    def with_options(self, task: WorkflowTask, base: TaskDef | None = None) -> WorkflowTask:
        """Return the compiled task with the author's options."""
        if not self.step_options:
            return task
        check_call(self.step_options, task.type)  # options of a task before its call have not been looked at
        # What Conductor gives an unregistered name: only worker tasks are retried by themselves.
        retries = 3 if task.type == TaskType.SIMPLE else 0
        return apply_to_step(task, base or TaskDef(name=task.name, retry_count=retries), self.step_options)


#: What is asked of a step itself.
_OWN = ("output", "status", "task_id", "undo", "opts", "as_")


class NoSuchAttribute(AuthoringError, AttributeError):
    """Something is asked of a step that its output has; for ``hasattr`` it is an `AttributeError`, too."""


class Step(Configurable, Generic[R]):
    """
    A step: a task, a system task or a sub-workflow at one place of a workflow.

    Made by calling a task, a workflow or a builder such as `podium.dsl.wait`.

    Its attributes have names that records hardly have, so that ``step.name`` for ``step.output.name`` is noticed.

    Attributes:
        task_type: Its type in the JSON.
        task_name: The task's name, None if it is the reference name.
        input_parameters: Its prepared inputs.
        returns: The declared type of its output.
        output_keys: The path from its reference name to the output.
        task_fields: Further fields of its task, by the names of the model.
        worker: The worker task that runs it, None for system tasks.
        called: The workflow that it calls, if any.
        undoing: How it is undone, if the author said so.
    """

    def __init__(
        self,
        reference_name: str,
        *,
        type: str,  # noqa: A002  # the word of the JSON
        name: str | None = None,
        inputs: Mapping[str, Authored] | None = None,
        returns: records.Hint = Any,
        keys: tuple[str, ...] | None = None,
        options: Mapping[str, Authored] | None = None,
        **fields: Authored,
    ) -> None:
        if isinstance(returns, str | int | float | Ref | Mapping):
            refuse(
                f"{reference_name!r}: returns= is the type of the result, not {returns!r:.60}; "
                "where an input is called 'returns', write the step with raw(...)"
            )
        self.input_parameters: dict[str, Authored] = prepare(inputs or {})
        super().__init__(reference_name, options=options)
        self.task_type = type
        self.task_name = name
        self.returns = returns
        self.output_keys: tuple[str, ...] = records.output_keys(returns) if keys is None else keys
        self.task_fields = fields
        self.worker: TaskFunction[..., Any] | None = None
        self.called: CalledWorkflow | None = None
        self.undoing: undoing.Undo | undoing.UndoRun | None = None

    def as_(self, reference_name: str) -> Self:
        """
        Choose another reference name; needed when a task is called twice in one workflow.

        Raises:
            AuthoringError: N2, the name cannot be used, or the old one is already written in a text.
        """
        if self.is_settled:
            refuse(
                f"{self.reference_name!r} is already written in a text; "
                f"give the name where the step is made: task.as_({reference_name!r})(...)",
                code="N2",
            )
        self.rename(checked(reference_name, place=call_site()))
        return self

    # Hidden from type checkers, which know that there are no others.
    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            if name.startswith("_"):  # notebooks, copy and pickle ask for such names
                raise AttributeError(name)
            known = records.fields(self.returns)
            near = name if known is None or name in known else nearest(name, known)
            what = f"write {self.reference_name}.output.{near}" if near else "what it returns is its .output"
            own = None if name in (known or ()) else nearest(name, _OWN)
            what = f"did you mean .{own}?" if own else what
            message = f"the step {self.reference_name!r} has no {name!r} itself; {what}"
            raise NoSuchAttribute(message, code="P1", place=call_site())

    @property
    def output(self) -> R:
        """What the step returns; its declared type for the type checker, a `Ref` while the workflow is written."""
        return cast("R", Ref(Target(self, self.output_keys, self.returns)))

    @property
    def status(self) -> str:
        """The status of the step's newest attempt, such as ``COMPLETED``."""
        return cast("str", Ref(Target(self, ("status",), str)))

    @property
    def task_id(self) -> str:
        """The id of the step's newest attempt."""
        return cast("str", Ref(Target(self, ("taskId",), str)))

    def undo(self, task: StepMaker[P, Any], /, *args: P.args, **inputs: P.kwargs) -> Self:
        """
        Say how to undo this step if the run fails later.

        The workflow gets a failure workflow, ``<workflow>_undo``, that undoes the completed steps in reverse order
        (see `podium.dsl.undoing`); ``@workflow(undo={...})`` says what is the same for all of them.

        Args:
            task: The task, or the workflow, that undoes it; ``task.opts(retries=5, timeout="30s")`` gives it retries
                and a time limit of its own.
            args: Its inputs, as in a call of the task; references are resolved right after this step has completed,
                those in `podium.dsl.at_failure` and of `podium.dsl.failed_run` when the run has failed.
            inputs: Its inputs by name.

        Raises:
            AuthoringError: P1, there is one already, or *task* is no task; R3, the inputs do not fit it.

        Example:
            ``room.undo(cancel.opts(retries=5), room.output, why=failed_run().reason)``
        """
        if self.undoing is not None:
            refuse(f"{self!r} has an undo already")
        given: object = task  # whatever authors pass
        if not isinstance(given, StepMaker):
            refuse(f"{self!r} is undone by a task, not by {shown(given)}; put @task above the function")
        self.undoing = undoing.Undo.by(task, tuple(prepare(args)), prepare(inputs), repr(self))
        return self

    def compile(self, build: CompileContext) -> tuple[WorkflowTask, ...]:
        """Return the step's task, and what its undo needs after it."""
        build.claim(self.reference_name, self.written_at)
        build.steps[self.reference_name] = self
        inputs = render(self.input_parameters)
        self._refuse_late(inputs)
        task = WorkflowTask(
            name=self.task_name or self.reference_name,
            task_reference_name=self.reference_name,
            type=self.task_type,
            input_parameters=inputs,
            **self.compiled_fields(build),
        )
        base = None
        if self.worker is not None:
            build.use_task(self.worker, self.written_at)
            base = self.worker.task_def
        self.note_use(build)
        return (self.with_options(task, base), *self._undo_note(build))

    def _refuse_late(self, inputs: JsonObject) -> None:
        late = late_text(inputs)
        if late is not None:
            message = f"{self!r}: at_failure(...) and failed_run() are for what undoes a run; give them to .undo(...)"
            raise AuthoringError(message, code="P1", place=self.written_at)

    def _undo_note(self, build: CompileContext) -> tuple[WorkflowTask, ...]:
        undo = self.undoing
        if (
            undo is None
            and build.undoes_children
            and self.task_type == TaskType.SUB_WORKFLOW
            and self.called is not None
        ):
            undo = undoing.UndoRun.of(self.called, self.reference_name)
        if undo is None:
            return ()
        return (build.note_undo(self.reference_name, undo, self.written_at),)

    def note_use(self, build: CompileContext) -> None:
        """Note the workflow that the step calls."""
        if self.called is not None:
            build.use_workflow(self.called)

    def compiled_fields(self, build: CompileContext) -> dict[str, Authored]:  # subclasses note what they use
        """Return the fields beside name, type and inputs."""
        return dict(self.task_fields)


class StepMaker(ABC, Generic[P, R]):
    """What makes a step when it is called: a task or a workflow."""

    #: The reference name that its steps were given, None for the one that they have by themselves.
    own_reference_name: str | None = None

    if TYPE_CHECKING:  # some makers have attributes of these names, which properties here would forbid

        @property
        def name(self) -> str:
            """The name of the task or workflow."""

        @property
        def signature(self) -> inspect.Signature:
            """The parameters that are inputs."""

    @abstractmethod
    def __call__(self, /, *args: P.args, **kwargs: P.kwargs) -> Step[R]:
        """Build a step; it lives in the open block, or nowhere yet if none is open."""

    @abstractmethod
    def as_(self, reference_name: str) -> StepMaker[P, R]:
        """Return the same, whose next step has this reference name."""

    @abstractmethod
    def step_of(self, inputs: Mapping[str, Authored]) -> Step[R]:
        """Build a step with inputs by name, which fit already."""
