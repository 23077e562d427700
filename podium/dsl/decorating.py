"""The decorator that makes a workflow of a function."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar, overload

from podium.dsl.callables import name_of
from podium.dsl.headers import WorkflowSettings, header_of
from podium.dsl.places import brief
from podium.dsl.refs import refuse
from podium.dsl.workflows import Workflow

if TYPE_CHECKING:
    from typing import Unpack

P = ParamSpec("P")
R = TypeVar("R")


@overload
def workflow(fn: Callable[P, R], /) -> Workflow[P, R]: ...
@overload
def workflow(
    *,
    name: str | None = None,
    **settings: Unpack[WorkflowSettings],
) -> Callable[[Callable[P, R]], Workflow[P, R]]: ...
@brief
def workflow(
    fn: Callable[..., Any] | None = None,
    /,
    *,
    name: str | None = None,
    **settings: Unpack[WorkflowSettings],
) -> Any:
    """
    Make a workflow of a function, as a decorator.

    The function is called once, when the definition is first needed; its parameters are the workflow's inputs (defaults
    become the ``inputTemplate``), what it returns becomes the ``outputParameters``.

    Args:
        fn: The function.
        name: The workflow's name; the function's name by default.
        settings: Version, owner, timeout and more, see `podium.dsl.headers.WorkflowSettings`.

    Returns:
        The workflow.

    Example:
        >>> from podium.dsl import noop
        >>> @workflow(version=3)
        ... def echo(text: str) -> str:
        ...     noop("nothing")
        ...     return text
        >>> echo.to_dict()["outputParameters"]
        {'result': '${workflow.input.text}'}
    """
    frame: Any = sys._getframe(2)  # noqa: SLF001  # as in places.py, and behind `brief`
    local_names = None if frame.f_locals is frame.f_globals else frame.f_locals
    # A wrong setting is reported at the decorator; what is wrong with a schedule is told with the workflow's name.
    early = {key: value for key, value in settings.items() if key != "schedule" or name}
    header_of(name or "any", early)

    @brief
    def decorate(function: Callable[..., Any]) -> Workflow[..., Any]:
        if not callable(function) or hasattr(function, "task_def"):
            refuse(f"a workflow is made of a function, not of {function!r:.60}")
        if not (name or name_of(function)):
            refuse("this function has no name; write workflow(name='...')(fn)", code="N2")
        header = header_of(name or name_of(function), settings)
        return Workflow.from_function(function, header, local_names)

    return decorate if fn is None else decorate(fn)
