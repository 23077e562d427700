"""
What this machine and its databases allow: ``python -m benchmarks.limits sqlite|postgresql|mysql``.

The writes that no durable engine can avoid for a chain of five steps, by hand and nothing else: a row of 630 bytes for
the start, one for each step's result, one for the end, each committed before the next. With 256 runs in flight they
share commits; with one run at a time each has its own.
"""

from __future__ import annotations

import json
import sqlite3
import sys
import time
from collections.abc import Sequence
from statistics import median
from typing import Any, Protocol

from attrs import asdict
from sqlalchemy import make_url

from benchmarks.stores import new_store
from benchmarks.workloads import Figure

_BODY = b"x" * 630
_WRITES = 7  # of a chain of five: start, five steps, end


class Table(Protocol):
    """A table of numbered rows, written as fast as the driver can."""

    def write(self, numbers: Sequence[int]) -> None:
        """Write rows, and commit."""


class SqliteTable:
    """A table in an SQLite file."""

    def __init__(self, url: str) -> None:
        self._connection = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = FULL")
        self._connection.execute("CREATE TABLE steps (id INTEGER PRIMARY KEY, body BLOB NOT NULL)")

    def write(self, numbers: Sequence[int]) -> None:
        """Write rows, and commit."""
        self._connection.execute("BEGIN IMMEDIATE")
        self._connection.executemany("INSERT INTO steps VALUES (?, ?)", [(number, _BODY) for number in numbers])
        self._connection.execute("COMMIT")


class PostgresqlTable:
    """A table in PostgreSQL."""

    def __init__(self, url: str) -> None:
        import psycopg

        self._connection: Any = psycopg.connect(
            make_url(url).set(drivername="postgresql").render_as_string(hide_password=False), autocommit=True
        )
        self._connection.execute("CREATE TABLE limit_steps (id bigint PRIMARY KEY, body bytea NOT NULL)")

    def write(self, numbers: Sequence[int]) -> None:
        """Write rows, and commit."""
        rows = [_BODY] * len(numbers)
        self._connection.execute(
            "INSERT INTO limit_steps SELECT * FROM unnest(%b::bigint[], %b::bytea[])", (list(numbers), rows)
        )


class MysqlTable:
    """A table in MySQL or MariaDB."""

    def __init__(self, url: str) -> None:
        import pymysql

        place = make_url(url)
        self._connection: Any = pymysql.connect(
            host=place.host or "",
            port=place.port or 3306,
            user=place.username,
            password=place.password or "",
            database=place.database,
            autocommit=True,
        )
        self._connection.cursor().execute("CREATE TABLE limit_steps (id BIGINT PRIMARY KEY, body LONGBLOB NOT NULL)")

    def write(self, numbers: Sequence[int]) -> None:
        """Write rows, and commit."""
        rows = [(number, _BODY) for number in numbers]
        self._connection.cursor().executemany("INSERT INTO limit_steps VALUES (%s, %s)", rows)


_TABLES: dict[str, Any] = {"sqlite": SqliteTable, "postgresql": PostgresqlTable, "mysql": MysqlTable}


def measured(url: str, *, seconds: float = 2.0, in_flight: int = 256) -> list[Figure]:
    """Return what the database of a URL allows; it gets a table beside those of a store."""
    table: Table = _TABLES[url.partition(":")[0].partition("+")[0].replace("mariadb", "mysql")](url)
    written = rounds = 0
    began = time.perf_counter()
    while (spent := time.perf_counter() - began) < seconds or rounds % _WRITES:
        table.write(range(written, written + in_flight))
        written, rounds = written + in_flight, rounds + 1
    chains = written / _WRITES / spent
    times = []
    for _ in range(max(3, int(50 * seconds))):
        began = time.perf_counter()
        for _ in range(_WRITES):
            table.write([written])
            written += 1
        times.append((time.perf_counter() - began) * 1_000)
    return [
        Figure("limit: chain of 5, 256 in flight", chains, "runs/s"),
        Figure("limit: chain of 5, one at a time, p50", median(times), "ms"),
    ]


def main() -> None:
    """Measure and print."""
    with new_store(sys.argv[1]) as url:
        for figure in measured(url, seconds=float(sys.argv[2]) if len(sys.argv) > 2 else 2.0):
            print(json.dumps(asdict(figure)))


if __name__ == "__main__":
    main()
