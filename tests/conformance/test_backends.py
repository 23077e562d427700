"""The contract of `podium.engine.ports.Backend`, run by every backend that is built in."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from podium.backends.faulty import FaultRates, FaultyBackend
from podium.backends.loader import open_backend
from podium.backends.memory import MemoryBackend
from podium.testing.backend_suite import BackendContract, OpenStore


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


class TestFaulty(BackendContract):
    """The store that fails on purpose, when it is asked not to."""

    @pytest.fixture
    def open_store(self) -> OpenStore:
        return lambda: FaultyBackend(MemoryBackend(), random.Random(1), FaultRates()).as_backend
