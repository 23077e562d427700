"""The stores on which the benchmarks run: new and empty, in memory, in a file, or in a server that is begun for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryDirectory

#: By name, as the programs take it: what the table calls them.
BACKENDS = {
    "memory": "memory",
    "sqlite": "SQLite (WAL, synchronous=FULL)",
    "postgresql": "PostgreSQL",
    "mysql": "MariaDB",
}

#: What `podium.testing.servers` calls their servers.
SERVERS = {"postgresql": "postgresql", "mysql": "mariadb", "mariadb": "mariadb"}


@contextmanager
def new_store(backend: str) -> Iterator[str]:
    """
    Return the URL of a new store.

    Args:
        backend: A name of `BACKENDS`, or a URL: that of an empty database, so that many programs share one server.
    """
    if "://" in backend:
        yield backend
    elif backend == "memory":
        yield "memory://"
    elif backend == "sqlite":
        with TemporaryDirectory(prefix="podium-bench-") as folder:
            yield f"sqlite:///{folder}/bench.db"
    else:
        # What begins servers brings SQLAlchemy and asyncio along: 25,000 objects that Python's collector would walk
        # through beside what is measured.
        from podium.testing.servers import database_server

        with database_server(SERVERS[backend]) as server:
            yield server.url()
