"""Backends answer as the memory store does, whatever was written."""

from __future__ import annotations

import shutil
import tempfile

from hypothesis import HealthCheck, settings

from podium.backends.loader import open_backend
from podium.engine.ports import Backend
from podium.testing.backend_machine import BackendMachine


class SqliteMachine(BackendMachine):
    """SQLite against memory, without waiting for the disk."""

    def __init__(self) -> None:
        self.folder = tempfile.mkdtemp()
        super().__init__()

    def open_store(self) -> Backend:
        return open_backend(f"sqlite:///{self.folder}/podium.db?synchronous=NORMAL")

    def teardown(self) -> None:
        super().teardown()
        shutil.rmtree(self.folder)


TestSqlite = SqliteMachine.TestCase
TestSqlite.settings = settings(
    max_examples=25,
    stateful_step_count=20,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
