"""``trip.start(client, city="Rome")``: a run, started with the workflow's own parameters."""

from __future__ import annotations

import inspect
from collections.abc import Coroutine, Mapping
from typing import TYPE_CHECKING, Any, Protocol, TypeGuard

from podium.dsl.arguments import misbound
from podium.dsl.expressions import OperatorOverloads
from podium.dsl.task_functions import by_name
from podium.model.errors import InvalidRequest

if TYPE_CHECKING:
    from podium.model.definitions import WorkflowDef


class Starter(Protocol):
    """What starts runs: a `podium.Client`."""

    def start(self, workflow: Any, input: Mapping[str, object] | None = None, /) -> str:  # noqa: A002  # the client's word
        """Start a run, and return its id."""

    def start_many(self, workflow: Any, inputs: Any, /) -> list[str]:
        """Start several."""


class AsyncStarter(Protocol):
    """What starts runs in an event loop: a `podium.AsyncClient`."""

    def start(self, workflow: Any, input: Mapping[str, object] | None = None, /) -> Coroutine[Any, Any, str]:  # noqa: A002  # the client's word
        """Start a run, and return its id."""

    def start_many(self, workflow: Any, inputs: Any, /) -> Coroutine[Any, Any, list[str]]:
        """Start several."""


class Startable(Protocol):
    """A workflow with parameters."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def signature(self) -> inspect.Signature:
        """Its parameters."""

    @property
    def definition(self) -> WorkflowDef:
        """What it compiles to."""


def is_starter(value: object) -> TypeGuard[Starter]:
    """Return whether something starts runs; a value of the run, which has every attribute, does not."""
    return not isinstance(value, OperatorOverloads) and callable(getattr(type(value), "start_many", None))


def start_run(workflow: Startable, client: Any, args: tuple[object, ...], kwargs: Mapping[str, object]) -> Any:
    """
    Start a run of a workflow by a client.

    Args:
        workflow: The workflow.
        client: The client, of threads or of an event loop.
        args: The inputs by position.
        kwargs: The inputs by name.

    Raises:
        InvalidRequest: They do not fit the parameters.
    """
    signature = workflow.signature
    try:
        bound = signature.bind(*args, **kwargs)
    except TypeError as error:
        raise InvalidRequest(misbound(f"{workflow.name}.start()", signature, kwargs, error)) from None
    return client.start(workflow, by_name(signature, bound.arguments))
