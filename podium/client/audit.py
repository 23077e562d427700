"""Who has changed what: ``client.audit.list(...)``."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Protocol

from podium.client.checked import checked_span, checked_text
from podium.engine.rows import AuditFilter
from podium.model.audit import AuditRecord
from podium.model.errors import InvalidRequest

#: Most changes that one look gives.
_LIMIT_MAX = 5_000


class Audit(Protocol):
    """
    The audit of a store: each change that somebody asked a server for, or made by `podium keys` and `podium users`.

    It says who, when, what, from where, and what came of it; never what was said, so nothing in it is secret. What
    workers report of attempts that they were given is no change in this sense: each attempt names its worker.
    `AsyncClient.audit` has the same methods, to be awaited.

    Example:
        >>> import podium
        >>> with podium.connect("memory://") as client:
        ...     client.audit.list(kind="secret")
        ()
    """

    def list(
        self,
        *,
        who: str | None = None,
        address: str | None = None,
        verb: str | None = None,
        kind: str | None = None,
        name: str | None = None,
        run_id: str | None = None,
        result: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int = 100,
        offset: int = 0,
    ) -> tuple[AuditRecord, ...]:
        """
        Return changes, newest first; those that meet all that is given, to the letter.

        Args:
            who: Such as ``user:ann``.
            address: From where.
            verb: Such as ``terminate``.
            kind: What it was done to, such as ``run`` or ``secret``.
            name: Of what it was done to; of a run its workflow's, where the request named it.
            run_id: The run.
            result: ``OK``, or the name of an error.
            since: The first moment; without a zone, of the local one.
            until: The last moment.
            limit: Most changes to give, up to 5,000.
            offset: How many to pass over.

        Raises:
            InvalidRequest: A number is out of bounds.
        """

    def keep(self, older_than: timedelta | str | None) -> None:
        """
        Say how long changes are kept, such as ``"400 days"``; servers of the store delete older ones once an hour.

        Args:
            older_than: None for ever, which is so at first.

        Raises:
            InvalidRequest: The age cannot be read.
        """

    def kept(self) -> str | None:
        """Return how long changes are kept; None for ever."""

    def prune(self, *, older_than: timedelta | str) -> int:
        """
        Delete what is older; gives how many changes there were.

        Raises:
            InvalidRequest: The age cannot be read.
        """


def audit_filter(
    since: datetime | None, until: datetime | None, limit: int, offset: int, **texts: str | None
) -> AuditFilter:
    """
    Return what is asked for, as the store takes it.

    Raises:
        InvalidRequest: A number is out of bounds, or a text is none.
    """
    for name, value, most in (("limit", limit, _LIMIT_MAX), ("offset", offset, 2**31)):
        if not 0 <= value <= most:
            raise InvalidRequest(f"{name}={value}: a whole number from 0 to {most} is expected")
    bounds = checked_span((since, until), "since and until")
    words = {name: checked_text(value, name) for name, value in texts.items()}
    return AuditFilter(**words, since=bounds[0], until=bounds[1])
