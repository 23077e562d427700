"""
Task types that installed packages bring (entry point group ``podium.tasks``).

An entry's name is the type. Its value is a function made with ``@task`` and that name, which every engine process
serves, or an `Operator`, which decides within the engine as the types do that come with it.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from podium.dsl import Task
from podium.engine.operators.base import Operator
from podium.model.assignments import Transport
from podium.model.installed import entries
from podium.model.statuses import TaskType
from podium.model.task_types import SYSTEM_TYPES

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

    from podium.workers import WorkerPool

_log = logging.getLogger("podium.client")

#: The entry point group through which a package brings task types.
GROUP = "podium.tasks"

#: Most functions of packages at once, of each kind (plain and async).
_CONCURRENCY = 8


class Plugins:
    """
    The task types of installed packages, for one engine.

    They are looked for aside, because that takes a program that has none longer than its start should; only who meets
    a type that nobody knows waits for it. What cannot be used is told to the log, and is left out.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._found: dict[str, Task[..., Any] | Operator] | None = None
        self._pool: WorkerPool | None = None
        self._thread: threading.Thread | None = None
        self._is_closing = False

    def operator(self, task_type: str) -> Operator | None:
        """Return the operator that a package brings for a type, or None."""
        found = self._all().get(task_type)
        return found if isinstance(found, Operator) else None

    def serve(self, transport: Transport) -> None:
        """Serve the functions that packages bring, from some time soon until `close`."""
        self._thread = threading.Thread(target=self._serve, args=(transport,), name="podium-plugins", daemon=True)
        try:
            self._thread.start()
        except RuntimeError as error:
            _log.warning("no thread is to be had to look for the task types of installed packages: %s", error)
            self._thread = None

    def _serve(self, transport: Transport) -> None:
        tasks = [one for one in self._all().values() if isinstance(one, Task)]
        if not tasks:
            return
        from podium.workers.pool import WorkerPool  # few have such packages

        with self._lock:
            if not self._is_closing:
                self._pool = WorkerPool(transport, tasks, concurrency=_CONCURRENCY).__enter__()

    def close(self) -> None:
        """Let the functions that are at work end, for a while, and begin nothing more."""
        if self._thread is None:
            return
        with self._lock:
            self._is_closing = True
            pool, self._pool = self._pool, None
        if pool is not None:
            pool.__exit__(None, None, None)

    def _all(self) -> dict[str, Task[..., Any] | Operator]:
        with self._lock:
            if self._found is None:
                self._found = dict(_installed())
            return self._found


def names() -> frozenset[str]:
    """Return the task types that installed packages bring, without loading them."""
    return frozenset(entry.name for entry in entries(GROUP))


def _installed() -> Iterator[tuple[str, Task[..., Any] | Operator]]:
    for entry in entries(GROUP):
        try:
            yield entry.name, _loaded(entry)
        except Exception as error:  # noqa: BLE001  # it is not ours, and other types must work
            package = entry.dist.name if entry.dist is not None else entry.module
            _log.warning("the task type %r of the package %s cannot be used: %s", entry.name, package, error)


def _loaded(entry: EntryPoint) -> Task[..., Any] | Operator:
    if entry.name in SYSTEM_TYPES or entry.name == TaskType.SIMPLE:
        raise ValueError("it is a type of the engine itself; choose another name")
    value = entry.load()
    if isinstance(value, type) and issubclass(value, Operator):
        value = value()
    if isinstance(value, Operator):
        return value
    if not isinstance(value, Task):
        raise TypeError(f"{entry.value} is neither made with @task nor an Operator")
    if value.name != entry.name:
        raise ValueError(f"the task is called {value.name!r}; write @task(name={entry.name!r})")
    return value
