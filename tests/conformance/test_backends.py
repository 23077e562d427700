"""The contract of `podium.engine.ports.Backend`, run by every backend that is built in."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from podium.backends.faulty import FaultRates, FaultyBackend
from podium.backends.loader import open_backend
from podium.backends.memory import MemoryBackend
from podium.testing.backend_suite import BackendContract, OpenStore
from podium.testing.servers import DatabaseServer, empty


@pytest.fixture(scope="module")
def mariadb_store(mariadb: DatabaseServer) -> str:
    """One store for all tests, because MariaDB takes seconds to make the tables."""
    url = mariadb.url()
    open_backend(url).close()
    return url


class TestMemory(BackendContract):
    """The store in memory."""

    @pytest.fixture
    def open_store(self) -> OpenStore:
        return lambda: open_backend("memory://")


class TestSqlite(BackendContract):
    """The store in an SQLite file."""

    @pytest.fixture
    def open_store(self, tmp_path: Path) -> OpenStore:
        return lambda: open_backend(f"sqlite:///{tmp_path}/podium.db")


class TestPostgresql(BackendContract):
    """The store in a PostgreSQL database."""

    @pytest.fixture
    def open_store(self, postgresql: DatabaseServer) -> OpenStore:
        url = postgresql.url()
        return lambda: open_backend(url)


class TestMariadb(BackendContract):
    """The store in a MariaDB database."""

    @pytest.fixture
    def open_store(self, mariadb_store: str) -> OpenStore:
        empty(mariadb_store)
        return lambda: open_backend(mariadb_store)


class TestFaulty(BackendContract):
    """The store that fails on purpose, when it is asked not to."""

    @pytest.fixture
    def open_store(self) -> OpenStore:
        return lambda: FaultyBackend(MemoryBackend(), random.Random(1), FaultRates()).as_backend
