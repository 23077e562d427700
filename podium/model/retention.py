"""How long runs stay after their end."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import orjson
from attrs import frozen

from podium.model.durations import seconds
from podium.model.errors import InvalidRequest

#: What the store calls such a policy, and the one for all workflows that have none of their own.
KIND: Final = "retention"
EVERY: Final = "*"


def age_s(older_than: timedelta | str) -> float:
    """
    Return an age in seconds.

    Raises:
        InvalidRequest: It cannot be read.
    """
    try:
        return seconds(older_than)
    except (TypeError, ValueError) as error:
        raise InvalidRequest(f"older_than: {error}") from None


def age_text(older_than: timedelta | str | None) -> str | None:
    """
    Return an age as it is kept and sent: a text as it is, whole seconds of a duration, None for ever.

    Raises:
        InvalidRequest: A duration that is no age.
    """
    return f"{int(age_s(older_than))}s" if isinstance(older_than, timedelta) else older_than


@frozen
class RetentionPolicy:
    """
    How long the runs of a workflow stay after their end, with all below them.

    Raises:
        InvalidRequest: The age cannot be read, or the archive is a file.

    Example:
        >>> RetentionPolicy("trip", "30 days")
        RetentionPolicy(workflow='trip', older_than='30 days', archive=None)
    """

    #: The workflow's name; None for all that have no policy of their own.
    workflow: str | None
    #: Such as ``"30 days"``; None for ever.
    older_than: str | None
    #: The folder into which they are written before they are deleted; None for nowhere.
    archive: str | None = None

    def __attrs_post_init__(self) -> None:
        if self.workflow == EVERY:
            raise InvalidRequest(f"no workflow is called {EVERY!r}; leave the name out for all workflows")
        if self.older_than is not None:
            age_s(self.older_than)
        if self.archive is not None and self.archive.endswith((".gz", ".jsonl", ".json")):
            raise InvalidRequest(
                f"a policy archives into a folder, which gets a file each time, not into {self.archive}"
            )

    @property
    def name(self) -> str:
        """What the store keeps it under."""
        return EVERY if self.workflow is None else self.workflow

    def body(self) -> bytes:
        """Return what the store keeps of it."""
        return orjson.dumps({"olderThan": self.older_than, "archive": self.archive})

    @classmethod
    def of(cls, name: str, body: bytes) -> RetentionPolicy:
        """Return what the store keeps, as a policy."""
        kept = orjson.loads(body)
        return cls(None if name == EVERY else name, kept.get("olderThan"), kept.get("archive"))
