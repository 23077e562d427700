"""The SQL of the audit; a part of `podium.backends.sql.queries`."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, bindparam, delete, literal_column, select

from podium.backends.sql.spelling import SqlSpelling, StatementCompiler
from podium.backends.sql.tables import audit
from podium.engine.rows import AuditFilter


def texts(text: StatementCompiler, spelling: SqlSpelling) -> dict[str, Any]:
    """Return the texts of the audit, by the names that `podium.backends.sql.statements.Statements` has for them."""
    return {
        "keep_audit": text(spelling.keep(audit), *audit.c.keys()),
        "audit": text(_audit(), "limit"),
        "audit_conditions": tuple(text(_condition(name), name) for name in AuditFilter._fields),
        "forget_audit": text(delete(audit).where(audit.c.at <= bindparam("until")), "until"),
    }


def _audit() -> Select[Any]:
    """Leave the place of the conditions open, as `podium.backends.sql.queries` does for runs."""
    return (
        select(audit)
        .where(literal_column("{where}"))
        .order_by(audit.c.at.desc(), audit.c.audit_id.desc())
        .limit(bindparam("limit"))
        .offset(literal_column("{offset}", BigInteger))
    )


def _condition(name: str) -> ColumnElement[bool]:
    if name == "since":
        return audit.c.at >= bindparam(name)
    if name == "until":
        return audit.c.at <= bindparam(name)
    return audit.c[name] == bindparam(name)
