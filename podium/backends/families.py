"""Which runs may be deleted, decided alike by all stores."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from podium.model.statuses import RunStatus

_LIVE = frozenset(status.value for status in RunStatus if not status.is_terminal)


class FamilyMember(NamedTuple):
    """A run that was asked for, or one below it."""

    #: The run that was asked for.
    root: str
    run_id: str
    name: str
    status: str
    #: None if the store has no parent of it.
    parent_id: str | None
    revision: int


def deletable(members: Iterable[FamilyMember], revisions: Mapping[str, int] | None = None) -> dict[str, str]:
    """Return the runs that may go with the roots, and their names; see `podium.engine.ports.RetentionStore`."""
    names: dict[str, dict[str, str]] = {}
    kept: set[str] = set()
    for member in members:
        names.setdefault(member.root, {})[member.run_id] = member.name
        has_parent = member.run_id == member.root and member.parent_id is not None
        has_changed = revisions is not None and revisions.get(member.run_id) != member.revision
        if has_parent or has_changed or member.status in _LIVE:
            kept.add(member.root)
    return {run_id: name for root, family in names.items() if root not in kept for run_id, name in family.items()}
