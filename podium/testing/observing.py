"""Who looks on while tests run workflows: coverage, and reports of tests that fail."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeAlias

from podium.model.errors import PodiumError
from podium.model.runs import WorkflowRun

#: Takes a run, and what gives the runs that it called.
Observer: TypeAlias = Callable[[WorkflowRun, Callable[[str], WorkflowRun]], None]

_observers: list[Observer] = []


@contextmanager
def observing(observer: Observer) -> Iterator[None]:
    """Tell an observer of every run that a test has waited for or simulated, as long as this is open."""
    _observers.append(observer)
    try:
        yield
    finally:
        _observers.remove(observer)


def observe(run_id: str, get: Callable[[str], WorkflowRun]) -> None:
    """Tell the observers of a run; nothing if it cannot be read, such as one that was never started."""
    if not _observers:
        return
    try:
        run = get(run_id)
    except PodiumError:
        return
    for observer in _observers:
        observer(run, get)
