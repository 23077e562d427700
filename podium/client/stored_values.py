"""Values that are set in the store and in the process's environment: secrets, and ``${workflow.env…}``."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping

from podium.engine.ports import RegistryStore
from podium.engine.rows import EntryRow
from podium.model.errors import StoreError

_log = logging.getLogger("podium.client")

#: The kinds of entries.
SECRET, VARIABLE = "secret", "environment"


class StoredValues(Mapping[str, str]):
    """
    Texts by name, as they were last read: those of the store before those of the process.

    It is the same object as long as an engine works, and what it gives changes when `renew` finds something new.

    Args:
        registry: The store.
        kind: Of the entries.
        process: Those of the process.
        read: Returns the text of an entry; None for one that cannot be read.
    """

    def __init__(
        self, registry: RegistryStore, kind: str, process: Mapping[str, str], read: Callable[[EntryRow], str | None]
    ) -> None:
        self._registry = registry
        self._kind = kind
        self._process = dict(process)
        self._read = read
        self._version: int | None = None
        self._values: Mapping[str, str] = self._process
        self._unread: frozenset[str] = frozenset()

    def renew(self) -> None:
        """Read again what has changed, if anything has; where the store cannot be reached all stays as it is."""
        try:
            version = self._registry.registry_version()
            if version == self._version:
                return
            rows = self._registry.entries(self._kind)
        except StoreError:
            return
        read = {row.name: self._read(row) for row in rows}
        unread = frozenset(name for name, value in read.items() if value is None)
        if unread - self._unread:
            _log.warning("no key opens the %ss %s", self._kind, ", ".join(sorted(unread - self._unread)))
        self._unread = unread
        self._values = {**self._process, **{name: value for name, value in read.items() if value is not None}}
        self._version = version

    def __getitem__(self, name: str) -> str:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)
