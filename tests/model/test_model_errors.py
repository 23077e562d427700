from __future__ import annotations

from collections.abc import Iterator

import pytest

from podium.model import errors
from podium.model.errors import (
    AuthoringError,
    BackendNotInstalled,
    DefinitionError,
    Fault,
    PodiumError,
    RequestError,
    RunNotFound,
    RunTimeout,
    TerminalTaskError,
    UnknownBackend,
)


def family(kind: type[PodiumError]) -> Iterator[type[PodiumError]]:
    """Yield a class and everything below it."""
    yield kind
    for child in kind.__subclasses__():
        yield from family(child)


OURS = [kind for kind in family(PodiumError) if kind.__module__ == errors.__name__]
PLAIN = [kind for kind in OURS if not issubclass(kind, DefinitionError)]


@pytest.mark.parametrize("kind", OURS)
def test_every_error_says_what_it_is(kind: type[PodiumError]) -> None:
    """It has a docstring of its own, and stands in the tree at the top of the module."""
    assert kind.__doc__
    assert kind.__doc__ != (kind.__mro__[1].__doc__ or "")
    assert kind.__name__ in (errors.__doc__ or "")


def test_every_exception_of_the_module_is_in_the_tree() -> None:
    """But for the worker's own word."""
    raised = {one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, Exception)}
    assert raised - set(OURS) == {TerminalTaskError}


@pytest.mark.parametrize("kind", PLAIN)
def test_the_message_defaults_to_the_docstrings_first_line(kind: type[PodiumError]) -> None:
    """So nobody sees an empty error."""
    assert str(kind()) == (kind.__doc__ or "").strip().splitlines()[0]
    assert str(kind("more")) == "more"


@pytest.mark.parametrize(
    ("kind", "builtin"),
    [(RunTimeout, TimeoutError), (UnknownBackend, LookupError), (BackendNotInstalled, ImportError)],
)
def test_some_are_builtin_errors_too(kind: type[PodiumError], builtin: type[Exception]) -> None:
    """For callers who catch those."""
    assert issubclass(kind, builtin)


def test_faults_are_fields_and_text() -> None:
    """A server answers with the fields, a terminal with the text."""
    error = DefinitionError([Fault("tasks[0].name", "is missing"), Fault("", "is empty")], subject="workflow 'w'")
    assert error.faults == (("tasks[0].name", "is missing"), ("", "is empty"))
    assert str(error) == "the workflow 'w' has 2 problems:\n  tasks[0].name: is missing\n  is empty"


def test_an_authoring_error_names_rule_and_line() -> None:
    """And is a definition's error."""
    error = AuthoringError("two tasks are called 'a'", code="N1", place="flow.py:3")
    assert str(error) == "flow.py:3: N1 two tasks are called 'a'"
    assert (error.code, error.place) == ("N1", "flow.py:3")
    assert isinstance(error, DefinitionError)


def test_what_was_asked_for_wrongly_is_one_family() -> None:
    """A server maps it to 4xx."""
    assert issubclass(RunNotFound, RequestError)
    assert not issubclass(RunTimeout, RequestError)
