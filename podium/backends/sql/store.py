"""
The store over a database: every duty of `podium.engine.ports` over one `podium.backends.sql.database.StoreDatabase`.

The statements come from `podium.backends.sql.queries`, connections and transactions from the database's module.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from podium.backends.sql.audit import SqlAudit
from podium.backends.sql.inboxes import SqlInboxes
from podium.backends.sql.membership import SqlMembership
from podium.backends.sql.outbox import SqlOutbox
from podium.backends.sql.registry import SqlRegistry
from podium.backends.sql.results import SqlResults
from podium.backends.sql.retention import SqlRetention
from podium.backends.sql.runs import SqlRuns
from podium.backends.sql.schedules import SqlSchedules
from podium.backends.sql.search import SqlSearch
from podium.backends.sql.slots import SqlSlots
from podium.backends.sql.statistics import SqlStatistics
from podium.backends.sql.work import SqlWork

if TYPE_CHECKING:
    from podium.engine.ports import Backend


class SqlBackend(
    SqlRuns,
    SqlWork,
    SqlSlots,
    SqlSearch,
    SqlStatistics,
    SqlRegistry,
    SqlResults,
    SqlInboxes,
    SqlOutbox,
    SqlAudit,
    SqlSchedules,
    SqlRetention,
    SqlMembership,
):
    """A `podium.engine.ports.Backend` over a `podium.backends.sql.database.StoreDatabase`."""


if TYPE_CHECKING:
    _conforms: type[Backend] = SqlBackend
