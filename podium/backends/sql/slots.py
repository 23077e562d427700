"""The slots of limits, in a database."""

from __future__ import annotations

from collections.abc import Sequence

from podium.backends.sql.database import Writer
from podium.backends.sql.part import SqlPart
from podium.backends.sql.statements import Statements
from podium.engine.rows import SlotRow, WriteSet
from podium.model.errors import StaleRun


class SqlSlots(SqlPart):
    """The `podium.engine.ports.SlotStore` over a database."""

    def slots(self, name: str | None = None) -> Sequence[SlotRow]:
        """Return the slots of a limit, or of all, by name and number."""
        if name is None:
            return list(map(SlotRow._make, self._database.fetch(self._sql.slots, ())))
        return list(map(SlotRow._make, self._database.fetch(self._sql.slots_of, (name,))))

    def awaited_limit(self, after: str = "#") -> str | None:
        """Return the first name after *after* that somebody waits for, or None."""
        rows = self._database.fetch(self._sql.awaited_limit, (after, after))
        return min((name for (name,) in rows if name is not None), default=None)


def write_slots(cursor: Writer, sql: Statements, writes: WriteSet) -> None:
    """Free slots, and take others: the key of each lets one commit have it."""
    if writes.freed_slots:
        cursor.executemany(sql.free_slot, [slot[:4] for slot in writes.freed_slots])
    if writes.slots:
        cursor.executemany(sql.expire_slot, [(slot.name, slot.number, slot.taken_at) for slot in writes.slots])
        slots = [f"{slot.number} of {slot.name}" for slot in writes.slots]
        cursor.change(sql.take_slot, writes.slots, lambda: StaleRun(f"a slot is taken: one of {', '.join(slots)}"))
