"""Moving what a store holds into another one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from podium.client.system import SystemClock, SystemProcesses
from podium.engine.heartbeats import is_alive
from podium.model.errors import InvalidRequest

if TYPE_CHECKING:
    from podium.backends.sql.copying import StoreCopy
    from podium.engine.rows import EngineRow


def copy_store(
    source: str,
    target: str,
    *,
    merge: bool = False,
    tell: Callable[[str, int], None] = lambda _name, _rows: None,
) -> StoreCopy:
    """
    Copy definitions, runs and all else that a store holds into another: a file into a database server, and back.

    Runs that have not ended go on at the destination when an engine works there; do not let one work on the source
    then, or they go on twice. A copy that broke off goes on where it was when the same is called again. Both are
    compared at the end.

    Args:
        source: The URL of the store, as `podium.connect` takes it. No engine may work on it.
        target: The URL of another one; an empty database will do. No engine may work on it.
        merge: Add to what *target* holds already; nothing is written if it contradicts what is to be added.
        tell: Hears, after each commit, the name of a table and how many of its rows were copied.

    Returns:
        What was copied: of each table number of rows and digest, the same in both, and how many runs have not ended.

    Raises:
        InvalidRequest: One of the two is in memory.
        Conflict: An engine works on one of the two; *target* holds something else, or contradicts *source*.
        BackendError: A URL names no store, or *target* cannot hold what *source* does.
        StoreUnavailable: One of the two cannot be reached.

    Example:
        >>> copy_store("memory://", "sqlite:///podium.db")
        Traceback (most recent call last):
        podium.model.errors.InvalidRequest: a store in memory ends with its process, so it cannot be copied
    """
    if any(url.startswith("memory:") for url in (source, target)):
        raise InvalidRequest("a store in memory ends with its process, so it cannot be copied")
    from podium.backends.sql import copying  # loads SQLAlchemy

    processes = SystemProcesses()

    def is_worked_on(known: Sequence[EngineRow], time_there: int | None) -> bool:
        clock = SystemClock()
        clock.agree(known, processes, lambda: time_there)
        return any(is_alive(engine, processes, clock.now()) for engine in known)

    return copying.copy_store(source, target, is_worked_on=is_worked_on, merge=merge, tell=tell)
