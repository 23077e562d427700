"""Carries out the policies of retention, on a thread of its own beside the engine."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from podium.engine.ports import Backend, Clock
from podium.engine.reader import Reader
from podium.model.errors import PodiumError
from podium.model.later import later

if TYPE_CHECKING:
    from podium.client import retention as deleting
    from podium.model.retention import RetentionPolicy
else:
    deleting = later("podium.client.retention")

_log = logging.getLogger("podium.client")


def carried_out(
    policies: Sequence[RetentionPolicy], retention: deleting.Retention, *, dry_run: bool = False
) -> Iterator[Mapping[str, str]]:
    """
    Do what policies say, one commit after the other; yield the runs of each that went, and their workflows' names.

    A workflow's own policy counts for it, and not the one for all.
    """
    own = [policy.workflow for policy in policies if policy.workflow is not None]
    for policy in policies:
        if policy.older_than is not None:
            spared = own if policy.workflow is None else ()
            yield from retention.parts(
                policy.older_than, policy.workflow, dry_run=dry_run, archive=policy.archive, spared=spared
            )


class Retainer:
    """
    Deletes what policies let go; one turn at a time.

    Args:
        backend: The store.
        reader: What reads it.
        clock: The engine's.
    """

    def __init__(self, backend: Backend, reader: Reader, clock: Clock) -> None:
        self._backend = backend
        self._reader = reader
        self._clock = clock
        self._thread: threading.Thread | None = None
        self._is_closing = threading.Event()

    def begin(self, policies: Sequence[RetentionPolicy]) -> None:
        """Begin a turn, unless one is under way; from the engine's thread."""
        if self._is_closing.is_set() or (self._thread is not None and self._thread.is_alive()):
            return
        self._thread = threading.Thread(target=self._work, args=(policies,), name="podium-retention", daemon=True)
        self._thread.start()

    def _work(self, policies: Sequence[RetentionPolicy]) -> None:
        gone: Counter[str] = Counter()
        try:
            for part in carried_out(policies, deleting.Retention(self._backend, self._reader, self._clock.now())):
                gone.update(part.values())
                if self._is_closing.is_set():
                    break
        except (PodiumError, OSError) as error:
            _log.warning("old runs stay for now, and go at a later turn: %s", error)
        if gone:
            said = ", ".join(f"{count} of {name}" for name, count in sorted(gone.items()))
            _log.info("runs deleted as the store's policies say: %s", said)

    def close(self) -> None:
        """Stop after the commit under way."""
        self._is_closing.set()
        if self._thread is not None:
            self._thread.join()
