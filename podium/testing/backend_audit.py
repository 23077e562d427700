"""What `podium.engine.ports.AuditStore` answers."""

from __future__ import annotations

from typing import Any

import pytest

from podium.engine.ports import Backend
from podium.engine.rows import AuditFilter, AuditRow
from podium.testing.backend_fixtures import BIG, StoreFixtures

_ROW = AuditRow("a1", 1, "user:ann", "::1", "terminate", "run", "order", "run-1", "OK", b'{"status":200}')


class AuditContract(StoreFixtures):
    """Who has changed what."""

    def test_changes_come_newest_first(self, store: Backend) -> None:
        """By moment, then by id, a part at a time; one that is written again stays as it was."""
        rows = [_ROW._replace(audit_id=name, at=at) for name, at in (("c", BIG), ("é", 2), ("b", 2), ("B", 2))]
        store.keep_audit(rows[::-1])
        store.keep_audit([rows[0]._replace(who="somebody else")])
        store.keep_audit([])

        assert rows == store.audit(AuditFilter(), 9, 0)
        assert rows[1:3] == store.audit(AuditFilter(), 2, 1)

    @pytest.mark.parametrize("name", ["who", "address", "verb", "kind", "name", "run_id", "result"])
    def test_changes_are_found_by_what_stands_in_them(self, store: Backend, name: str) -> None:
        """By each field alone and with others, to the letter; what is not there is equal to nothing."""
        values: dict[str, Any] = {"audit_id": "a2", name: None if name == "run_id" else "é"}
        other = _ROW._replace(**values)
        store.keep_audit([_ROW, other])

        assert store.audit(AuditFilter(**{name: getattr(_ROW, name)}), 9, 0) == [_ROW]
        asked: dict[str, Any] = {"verb": "terminate", "since": 1, name: getattr(_ROW, name)}
        assert store.audit(AuditFilter(**asked), 9, 0) == [_ROW]
        assert store.audit(AuditFilter(**{name: getattr(_ROW, name).upper() + "x"}), 9, 0) == []

    def test_changes_go_by_their_age(self, store: Backend) -> None:
        """Both ends of a span are in it; those until a moment go, it included."""
        rows = [_ROW._replace(audit_id=f"a{at}", at=at) for at in (4, 3, 2, 1)]
        store.keep_audit(rows)

        assert rows[1:3] == store.audit(AuditFilter(since=2, until=3), 9, 0)
        assert store.forget_audit(2) == 2
        assert (rows[:2], 0) == (store.audit(AuditFilter(), 9, 0), store.forget_audit(2))
