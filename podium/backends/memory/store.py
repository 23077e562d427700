"""The store in memory: every duty over one set of rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from podium.backends.memory.audit import MemoryAudit
from podium.backends.memory.inboxes import MemoryInboxes
from podium.backends.memory.membership import MemoryMembership
from podium.backends.memory.outbox import MemoryOutbox
from podium.backends.memory.registry import MemoryRegistry
from podium.backends.memory.results import MemoryResults
from podium.backends.memory.retention import MemoryRetention
from podium.backends.memory.runs import MemoryRuns
from podium.backends.memory.schedules import MemorySchedules
from podium.backends.memory.slots import MemorySlots
from podium.backends.memory.statistics import MemoryStatistics
from podium.backends.memory.work import MemoryWork
from podium.model.errors import BackendError

if TYPE_CHECKING:
    from podium.engine.ports import Backend


def open_backend(url: str) -> MemoryBackend:
    """
    Open a new, empty store.

    Args:
        url: ``memory://`` and nothing else.

    Raises:
        BackendError: The URL says more than that.
    """
    if url not in {"memory:", "memory://"}:
        raise BackendError(f"a memory store has no name or options: write memory:// and not {url!r}")
    return MemoryBackend()


class MemoryBackend(
    MemoryRuns,
    MemoryWork,
    MemorySlots,
    MemoryStatistics,
    MemoryRegistry,
    MemoryResults,
    MemoryInboxes,
    MemoryOutbox,
    MemoryAudit,
    MemorySchedules,
    MemoryRetention,
    MemoryMembership,
):
    """A `podium.engine.ports.Backend` over dictionaries."""

    is_shared = False
    is_durable = False


if TYPE_CHECKING:
    _conforms: type[Backend] = MemoryBackend
