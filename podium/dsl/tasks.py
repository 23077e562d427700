"""
Worker tasks: functions that workers run.

``@task`` keeps the function's signature: calling the task builds a `podium.dsl.Step`, never runs the function.
``.fn`` is the plain function.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Coroutine, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Concatenate, ParamSpec, Protocol, TypeVar, overload

from podium.dsl.callables import owner_of
from podium.dsl.places import brief
from podium.dsl.refs import refuse
from podium.dsl.settings import StepOptions, TaskSettings, check_names
from podium.dsl.steps import Step, StepMaker
from podium.dsl.task_functions import TaskFunction, bind_inputs
from podium.model.statuses import TaskType
from podium.typed.authored import Authored
from podium.typed.in_progress import InProgress

if TYPE_CHECKING:
    from typing import Unpack

P = ParamSpec("P")
Q = ParamSpec("Q")
R = TypeVar("R")


class ContextLike(Protocol):
    """What the worker room's ``TaskContext`` looks like from here, where it cannot be imported."""

    #: Marks the class for type checkers; at run time the annotation's name is what counts.
    podium_context: ClassVar[bool]


class Finished(Protocol):
    """What every type is but `InProgress`."""

    def __str__(self) -> str: ...


class Nothing:
    """A type of which there are no values: only a parameter that takes anything would take one."""


C = TypeVar("C", bound=ContextLike)
F = TypeVar("F", bound=Finished)
F_co = TypeVar("F_co", covariant=True)


class TakesAnything(Protocol[P, F_co]):
    """
    A function whose first parameter is declared ``Any`` or ``object``.

    Checkers would take it for one that wants the worker's context, and leave the parameter out.
    """

    @overload
    def __call__(self, first: Nothing, /, *args: Any, **kwargs: Any) -> Any: ...
    @overload
    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> F_co: ...


class Task(TaskFunction[P, R], StepMaker[P, R]):
    """
    A function that workers run, under a task name; calling it makes a step.

    Attributes:
        fn: The plain function; the only way to run it here.
        name: The name that workers poll for.
        settings: What the author said of retries, timeouts and limits.
        place: ``file:line`` of the function, or None.
    """

    __podium_builder__ = True

    def __init__(
        self,
        fn: Callable[..., Any],
        *,
        name: str | None = None,
        settings: Mapping[str, Authored] | None = None,
        local_names: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(fn, name=name, settings=settings, local_names=local_names)
        self.own_reference_name: str | None = None
        self._options: dict[str, Authored] = {}

    @overload
    def __get__(self: Task[Concatenate[Any, Q], R], instance: None, owner: type[Any]) -> Task[P, R]: ...
    @overload
    def __get__(self: Task[Concatenate[Any, Q], R], instance: object, owner: type[Any]) -> Task[Q, R]: ...
    def __get__(self, instance: object, owner: type[Any]) -> Any:
        """Return the task of a method on its object, as Python does for functions; other tasks stay as they are."""
        if not isinstance(self.fn, staticmethod | classmethod) and owner_of(self.fn) is None:
            return self
        bound = self.fn.__get__(instance, owner)
        return self if bound is self.fn else self._copy(fn=bound)

    def __call__(self, /, *args: P.args, **kwargs: P.kwargs) -> Step[R]:
        """Build a step; it lives in the open block, or nowhere yet if none is open."""
        for given in kwargs.keys() & self.contexts.keys():
            refuse(f"{self.name}(): {given!r} is the worker's context, which the worker gives", code="R3")
        return self.step_of(bind_inputs(self.signature, args, kwargs, f"{self.name}()"))

    def step_of(self, inputs: Mapping[str, Authored]) -> Step[R]:
        """Build a step with inputs by name, which fit already."""
        step: Step[R] = Step(
            self.name if self.own_reference_name is None else self.own_reference_name,
            type=TaskType.SIMPLE.value,
            name=self.name,
            inputs=inputs,
            returns=self.returns,
            options=self._options,
        )
        step.worker = self
        return step

    def as_(self, reference_name: str) -> Task[P, R]:
        """Return the same task, whose next steps have this reference name."""
        return self._copy(reference_name=reference_name)

    def opts(self, **options: Unpack[StepOptions]) -> Task[P, R]:
        """Return the same task, whose next steps have these options; see `podium.dsl.Step.opts`."""
        check_names(options, step=True)
        return self._copy(options={**self._options, **options})

    @property
    def is_changed(self) -> bool:
        """It was given a reference name or options by `as_` or `opts`."""
        return self.own_reference_name is not None or bool(self._options)

    def _copy(
        self,
        *,
        fn: Callable[..., Any] | None = None,
        reference_name: str | None = None,
        options: Mapping[str, Authored] | None = None,
    ) -> Task[P, R]:
        copy: Task[P, R] = Task(fn or self.fn, name=self.name, settings=self.settings, local_names=self._local_names)
        copy.place = self.place
        copy._annotations = self._annotations
        copy.own_reference_name = self.own_reference_name if reference_name is None else reference_name
        copy._options = dict(self._options if options is None else options)
        return copy

    def __podium_refusal__(self) -> str:
        """Say what to write instead of this task where a value is expected."""
        return f"{self!r} is a task, not a value; call it and use the step's .output"

    def __repr__(self) -> str:
        return f"<Task {self.name!r}>"


# The order counts: the first that fits is taken. Coroutines stand before other results and what takes the worker's
# context before what does not. All have the same type variables, or mypy gives up where a signature has an `Any`.
@overload
def task(
    fn: TakesAnything[P, Coroutine[Any, Any, F]], /, *, name: str | None = None, **settings: Unpack[TaskSettings]
) -> Task[P, F]: ...
@overload
def task(fn: TakesAnything[P, F], /, *, name: str | None = None, **settings: Unpack[TaskSettings]) -> Task[P, F]: ...
@overload
def task(
    fn: Callable[Concatenate[C, P], Coroutine[Any, Any, F]],
    /,
    *,
    name: str | None = None,
    **settings: Unpack[TaskSettings],
) -> Task[P, F]: ...
@overload
def task(
    fn: Callable[Concatenate[C, P], Coroutine[Any, Any, F | InProgress]],
    /,
    *,
    name: str | None = None,
    **settings: Unpack[TaskSettings],
) -> Task[P, F]: ...
@overload
def task(
    fn: Callable[Concatenate[C, P], F], /, *, name: str | None = None, **settings: Unpack[TaskSettings]
) -> Task[P, F]: ...
@overload
def task(
    fn: Callable[Concatenate[C, P], F | InProgress], /, *, name: str | None = None, **settings: Unpack[TaskSettings]
) -> Task[P, F]: ...
@overload
def task(
    fn: Callable[P, Coroutine[Any, Any, F]], /, *, name: str | None = None, **settings: Unpack[TaskSettings]
) -> Task[P, F]: ...
@overload
def task(
    fn: Callable[P, Coroutine[Any, Any, F | InProgress]],
    /,
    *,
    name: str | None = None,
    **settings: Unpack[TaskSettings],
) -> Task[P, F]: ...
@overload
def task(fn: Callable[P, F], /, *, name: str | None = None, **settings: Unpack[TaskSettings]) -> Task[P, F]: ...
@overload
def task(
    fn: Callable[P, F | InProgress], /, *, name: str | None = None, **settings: Unpack[TaskSettings]
) -> Task[P, F]: ...
@overload
def task(fn: None = None, /, *, name: str | None = None, **settings: Unpack[TaskSettings]) -> TaskDecorator: ...
@brief
def task(
    fn: Callable[..., Any] | None = None,
    /,
    *,
    name: str | None = None,
    **settings: Unpack[TaskSettings],
) -> Any:
    """
    Make a worker task of a function, as a decorator or by a call.

    Args:
        fn: The function, plain or async. Its parameters are the step's inputs (a first parameter annotated
            ``TaskContext`` is the worker's context instead), its return annotation says what ``step.output`` holds.
        name: The task's name; the function's name by default.
        settings: Retries, timeouts and limits, see `podium.dsl.settings.TaskSettings`. They become `Task.task_def`.

    Returns:
        The task; ``.fn`` is the function.

    Raises:
        AuthoringError: A setting is wrong.

    Example:
        >>> @task(retries=2, retry_delay="5s")
        ... def double(number: int) -> int:
        ...     return 2 * number
        >>> double.fn(4), double.task_def.retry_count
        (8, 2)
    """
    check_names(settings, step=False)
    decorator = TaskDecorator(name, settings, _local_names(sys._getframe(2)))  # noqa: SLF001  # behind `brief`
    return decorator if fn is None else decorator(fn)


def _local_names(frame: Any) -> Mapping[str, object] | None:
    """Return the names of the function in which a task is defined; a module's names are found without us."""
    return None if frame.f_locals is frame.f_globals else frame.f_locals


class TaskDecorator:
    """``@task(...)`` with settings, before it meets the function."""

    def __init__(
        self,
        name: str | None,
        settings: Mapping[str, Authored],
        local_names: Mapping[str, object] | None,
    ) -> None:
        self._name = name
        self._settings = settings
        self._local_names = local_names

    # As for `task`.
    @overload
    def __call__(self, fn: TakesAnything[P, Coroutine[Any, Any, F]]) -> Task[P, F]: ...
    @overload
    def __call__(self, fn: TakesAnything[P, F]) -> Task[P, F]: ...
    @overload
    def __call__(self, fn: Callable[Concatenate[C, P], Coroutine[Any, Any, F]]) -> Task[P, F]: ...
    @overload
    def __call__(self, fn: Callable[Concatenate[C, P], Coroutine[Any, Any, F | InProgress]]) -> Task[P, F]: ...
    @overload
    def __call__(self, fn: Callable[Concatenate[C, P], F]) -> Task[P, F]: ...
    @overload
    def __call__(self, fn: Callable[Concatenate[C, P], F | InProgress]) -> Task[P, F]: ...
    @overload
    def __call__(self, fn: Callable[P, Coroutine[Any, Any, F]]) -> Task[P, F]: ...
    @overload
    def __call__(self, fn: Callable[P, Coroutine[Any, Any, F | InProgress]]) -> Task[P, F]: ...
    @overload
    def __call__(self, fn: Callable[P, F]) -> Task[P, F]: ...
    @overload
    def __call__(self, fn: Callable[P, F | InProgress]) -> Task[P, F]: ...
    @brief
    def __call__(self, fn: Callable[..., Any]) -> Any:
        """Make the task."""
        if isinstance(fn, Task):
            refuse(f"{fn!r} is a task already")
        return Task(fn, name=self._name, settings=self._settings, local_names=self._local_names)
