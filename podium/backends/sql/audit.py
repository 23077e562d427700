"""Who has changed what, in a database."""

from __future__ import annotations

from collections.abc import Sequence

from podium.backends.sql.part import OF_NO_RUN, SqlPart
from podium.engine.rows import AuditFilter, AuditRow


class SqlAudit(SqlPart):
    """The `podium.engine.ports.AuditStore` over a database."""

    def keep_audit(self, rows: Sequence[AuditRow]) -> None:
        """Write rows, in a commit of its own; one whose id is there is left as it is."""
        with self._database.write(OF_NO_RUN) as cursor:
            cursor.executemany(self._sql.keep_audit, rows)

    def audit(self, where: AuditFilter, limit: int, offset: int) -> Sequence[AuditRow]:
        """Return rows that meet a filter, newest first."""
        pairs = zip(self._sql.audit_conditions, where, strict=True)
        asked = [(test, value) for test, value in pairs if value is not None]
        tests = " AND ".join(test for test, _ in asked) or "1 = 1"
        text = self._sql.audit.replace("{where}", tests).replace("{offset}", str(int(offset)))
        rows = self._database.search(text, (*(value for _, value in asked), limit))
        return [AuditRow._make(row) for row in rows]

    def forget_audit(self, until: int) -> int:
        """Remove what is from *until* or before; gives how many rows there were."""
        with self._database.write(OF_NO_RUN) as cursor:
            cursor.execute(self._sql.forget_audit, (until,))
            return cursor.rowcount
