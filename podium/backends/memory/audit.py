"""Who has changed what, in memory."""

from __future__ import annotations

from collections.abc import Sequence

from podium.backends.memory.part import MemoryPart
from podium.engine.rows import AuditFilter, AuditRow

_SPAN = frozenset({"since", "until"})


class MemoryAudit(MemoryPart):
    """The `podium.engine.ports.AuditStore` in memory."""

    def keep_audit(self, rows: Sequence[AuditRow]) -> None:
        """Write rows; one whose id is there is left as it is."""
        with self._lock:
            for row in rows:
                self._tables.audit.setdefault(row.audit_id, row)

    def audit(self, where: AuditFilter, limit: int, offset: int) -> Sequence[AuditRow]:
        """Return rows that meet a filter, newest first."""
        with self._lock:
            found = [row for row in self._tables.audit.values() if _matches(row, where)]
        found.sort(key=lambda row: (row.at, row.audit_id), reverse=True)
        return found[offset : offset + limit]

    def forget_audit(self, until: int) -> int:
        """Remove what is from *until* or before; gives how many rows there were."""
        with self._lock:
            gone = [row.audit_id for row in self._tables.audit.values() if row.at <= until]
            for audit_id in gone:
                del self._tables.audit[audit_id]
            return len(gone)


def _matches(row: AuditRow, where: AuditFilter) -> bool:
    if (where.since is not None and row.at < where.since) or (where.until is not None and row.at > where.until):
        return False
    asked = {name: value for name, value in where._asdict().items() if value is not None and name not in _SPAN}
    return all(getattr(row, name) == value for name, value in asked.items())
