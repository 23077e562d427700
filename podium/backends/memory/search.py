"""Runs by what people search them by, in memory."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from podium.backends.memory.part import MemoryPart
from podium.engine.rows import RunFilter, RunRow


class MemorySearch(MemoryPart):
    """The `podium.engine.ports.SearchStore` in memory."""

    def list_runs(self, where: RunFilter, limit: int, offset: int) -> Sequence[RunRow]:
        """Return runs, newest first; input, output and variables are empty."""
        with self._lock:
            ids: Iterable[str] = (
                self._tables.runs if where.parent_id is None else self._tables.children.get(where.parent_id, ())
            )
            found = [run for run in map(self._tables.runs.__getitem__, ids) if _matches(run, where)]
        found.sort(key=lambda run: (run.created_at, run.run_id), reverse=True)
        return [run._replace(input=b"", output=b"", variables=b"") for run in found[offset : offset + limit]]


def _matches(run: RunRow, where: RunFilter) -> bool:
    same = (
        (where.name, run.name),
        (where.status, run.status),
        (where.correlation_id, run.correlation_id),
        (where.parent_id, run.parent_id),
        (where.version, run.version),
        (where.priority, run.priority),
    )
    return (
        all(wanted is None or wanted == found for wanted, found in same)
        and (where.reason is None or where.reason in (run.reason or ""))
        and _is_within(run.created_at, where.started_from, where.started_to)
        and _is_within(run.updated_at, where.updated_from, where.updated_to)
        and _is_within(run.ended_at or None, where.ended_from, where.ended_to)
        and (where.input is None or where.input.encode() in run.input)
        and (where.output is None or where.output.encode() in run.output)
        and (where.text is None or _has_text(run, where.text))
    )


def _has_text(run: RunRow, text: str) -> bool:
    part = text.encode()
    is_in_payload = any(part in payload for payload in (run.input, run.output, run.variables))
    return is_in_payload or text in (run.reason or "") or text in (run.correlation_id or "")


def _is_within(moment: int | None, first: int | None, last: int | None) -> bool:
    """Return whether a moment is not before and not after two others, of which None is no bound."""
    if moment is None:
        return first is None and last is None
    return (first is None or first <= moment) and (last is None or moment <= last)
