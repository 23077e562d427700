"""What the audit of a store says of a change."""

from __future__ import annotations

from datetime import datetime
from typing import Final, NamedTuple

from podium.model.values import JsonValue

#: The result of a change that was made.
OK: Final = "OK"


class AuditRecord(NamedTuple):
    """A change that somebody asked for: who, when, what, from where, and what came of it; never with what was said."""

    id: str
    at: datetime
    #: ``user:NAME`` or ``app:ID``, as who signed in; ``os:NAME`` on the machine itself; ``anonymous`` where a server
    #: asks nobody who he is.
    who: str
    #: The address that the request came from, or the machine.
    address: str
    #: Such as ``terminate``.
    verb: str
    #: What it was done to: ``run``, ``workflow``, ``task_definition``, ``secret``, ….
    kind: str
    #: The name of it, such as a workflow's or a secret's; empty where it has none.
    name: str
    run_id: str | None
    #: ``OK``, or the name of the error that refused it.
    result: str
    #: The name of the application or the user, the key that was used, the request's method and path, its status.
    details: dict[str, JsonValue]

    def to_dict(self) -> dict[str, JsonValue]:
        """Return it as JSON, with ``at`` in epoch milliseconds."""
        at = round(self.at.timestamp() * 1000)
        named = self._asdict() | {"at": at, "details": dict(self.details), "runId": self.run_id}
        del named["run_id"]
        return named
