"""
Simulate the engine under faults, seed by seed.

Run it as ``python -m podium.testing.simulate --seeds 0-500 --backend memory``; for ``postgresql`` and ``mysql`` a
server of its own is started from what is installed. The last line says how many invariants
broke, and how many runs are not what the interpreter of definitions tells (`podium.testing.reference`); each is printed
with its seed and the end of its trace, and the exit code is 1.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, cast

from podium.testing.accounts import Violation
from podium.testing.fragile import FragileDatabase
from podium.testing.simulation.play import Simulation, SimulationOutcome

if TYPE_CHECKING:
    from podium.backends.sql.database import StoreDatabase
    from podium.engine.ports import Backend

#: Lines of a trace that are printed with a violation.
_TRACE_LINES = 60

#: Backends that need a server, and how `podium.testing.servers` calls it.
SERVERS = {"postgresql": "postgresql", "mysql": "mariadb"}

#: Of how many seeds one is run twice.
_TWICE = 20


@contextmanager
def memory_store() -> Iterator[tuple[Backend, None]]:
    """Return an empty store in memory that passes as one that processes share and that survives them."""
    from podium.backends.memory import MemoryBackend

    store = MemoryBackend()
    store.is_shared = store.is_durable = True
    yield store, None
    store.close()


@contextmanager
def sqlite_store(template: Path, folder: Path) -> Iterator[tuple[Backend, FragileDatabase]]:
    """Return an empty store in an SQLite file; copying a prepared one is faster than making one."""
    from podium.backends.loader import open_backend
    from podium.backends.sql.sqlite import SqliteDatabase, SqliteOptions
    from podium.backends.sql.sqlite_statements import STATEMENTS
    from podium.backends.sql.store import SqlBackend

    path = folder / "simulation.db"
    if not template.exists():
        open_backend(f"sqlite:///{template}").close()
    shutil.copyfile(template, path)
    fragile = FragileDatabase(SqliteDatabase(str(path), SqliteOptions(synchronous="NORMAL")))
    store = SqlBackend(cast("StoreDatabase", fragile), STATEMENTS)
    try:
        yield store, fragile
    finally:
        store.close()
        for companion in folder.glob("simulation.db*"):
            companion.unlink()


@contextmanager
def server_store(url: str) -> Iterator[tuple[Backend, FragileDatabase]]:
    """Return the store in the database of a server, emptied."""
    from podium.backends.loader import open_backend
    from podium.backends.sql.store import SqlBackend
    from podium.testing.servers import empty

    opened = cast("SqlBackend", open_backend(url))
    empty(url)
    broken: list[FragileDatabase] = []

    def breaking(database: StoreDatabase) -> StoreDatabase:
        broken.append(FragileDatabase(database))
        return cast("StoreDatabase", broken[0])

    store = opened.over(breaking)
    try:
        yield store, broken[0]
    finally:
        store.close()


def simulate(seed: int, backend: str, folder: Path, *, steps: int = 400) -> SimulationOutcome:
    """
    Simulate one seed.

    Args:
        seed: Everything follows from it.
        backend: ``memory``, ``sqlite``, or the URL of a server's database, which is emptied.
        folder: An existing folder for database files.
        steps: Choices made before the world heals.

    Raises:
        Violation: An invariant broke; the trace is in its notes.
    """
    with _opening(backend, folder) as (store, fragile):
        world = Simulation(seed, store, steps=steps, fragile=fragile)
        try:
            return world.run()
        except BaseException as error:
            error.add_note("\n".join(world.trace[-_TRACE_LINES:]))
            raise


def _opening(backend: str, folder: Path) -> AbstractContextManager[tuple[Backend, FragileDatabase | None]]:
    if backend == "memory":
        return memory_store()
    return sqlite_store(folder / "template.db", folder) if backend == "sqlite" else server_store(backend)


@contextmanager
def _place(backend: str) -> Iterator[str]:
    """Run a server, where a backend needs one; give what `simulate` calls the backend."""
    kind = SERVERS.get(backend)
    if kind is None:
        yield backend
        return
    from podium.testing.servers import database_server

    with database_server(kind) as server:
        yield server.url()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; gives the exit code."""
    options = _parser().parse_args(arguments)
    first, _, last = options.seeds.partition("-")
    seeds = range(int(first), int(last or first) + 1)
    broken = commits = runs = ends = judged = unlike = 0
    with tempfile.TemporaryDirectory() as name, _place(options.backend) as place:
        for seed in seeds:
            try:
                outcome = simulate(seed, place, Path(name), steps=options.steps)
                if seed % _TWICE == 0:
                    again = simulate(seed, place, Path(name), steps=options.steps)
                    _compare(outcome, again)
            except (Violation, Exception) as error:  # noqa: BLE001  # whatever breaks a world is the seed's finding
                broken += 1
                _say("\n".join((f"seed {seed}: {type(error).__name__}: {error}", *getattr(error, "__notes__", ()))))
                continue
            commits += outcome.commits
            runs += outcome.runs
            ends += outcome.ends
            judged += outcome.judged
            unlike += len(outcome.disagreements)
            for words in outcome.disagreements:
                _say(f"seed {seed}: {words}")
            if options.verbose:
                _say(f"seed {seed}: {outcome.digest} {outcome.commits} commits {dict(outcome.endings)}")
    _say(
        f"{len(seeds)} seeds on {options.backend}: {runs} runs, {commits} commits, {broken} violations, "
        f"{unlike} disagreements with the interpreter ({judged} of {ends} ends judged)",
    )
    return 1 if broken or unlike else 0


def _compare(first: SimulationOutcome, second: SimulationOutcome) -> None:
    if first.digest != second.digest:
        pairs = zip(first.trace, second.trace, strict=False)
        index, (one, other) = next((i, pair) for i, pair in enumerate(pairs) if pair[0] != pair[1])
        raise Violation(f"two runs of one seed differ at line {index}:\n{one}\n{other}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m podium.testing.simulate", description="Simulate the engine.")
    parser.add_argument("--seeds", default="0-100", help="one seed, or first-last (default: %(default)s)")
    parser.add_argument("--backend", choices=("memory", "sqlite", *SERVERS), default="memory")
    parser.add_argument(
        "--steps", type=int, default=400, help="choices per seed before it heals (default: %(default)s)"
    )
    parser.add_argument("--verbose", action="store_true", help="a line for each seed")
    return parser


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main())
