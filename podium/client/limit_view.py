"""How the limits of a store are used, as callers read it."""

from __future__ import annotations

from collections.abc import Iterator

from podium.client.engine import EmbeddedEngine
from podium.engine import ids
from podium.engine.rows import SlotRow
from podium.engine.slots import limits_of
from podium.model.errors import NotFound
from podium.model.limit_use import LimitKind, LimitUse, SlotHolder

#: Most of those who wait for one limit that are told.
_WAITING_MAX = 100
_KINDS: dict[str, LimitKind] = {"task": "task", "rate": "rate", "runs": "runs"}


def limits_in_use(engine: EmbeddedEngine, name: str | None) -> tuple[LimitUse, ...]:
    """Return the limits of which a slot is held or awaited, by kind and name; *name* as `LimitUse` has it."""
    backend, now = engine.backend, engine.clock.now()
    held: dict[str, list[SlotRow]] = {}
    for slot in backend.slots():
        if not 0 < slot.expires_at <= now:
            held.setdefault(slot.name, []).append(slot)
    awaited = set(_awaited(engine))
    found = (_use(engine, limit, held.get(limit, [])) for limit in sorted(awaited.union(held)))
    return tuple(use for use in found if name in {None, use.name})


def _awaited(engine: EmbeddedEngine) -> Iterator[str]:
    name = engine.backend.awaited_limit()
    while name is not None:
        yield name
        name = engine.backend.awaited_limit(name)


def _use(engine: EmbeddedEngine, limit: str, held: list[SlotRow]) -> LimitUse:
    word, _, name = limit.removeprefix("#").partition(":")
    kind = _KINDS[word]
    holders = tuple(_holder(slot.run_id, slot.seq, slot.taken_at, slot.expires_at) for slot in held)
    if kind == "runs":
        waiting = [_holder(run_id, 0) for run_id in engine.backend.held_runs(limit, _WAITING_MAX)]
    else:
        rows = engine.backend.lying_in(limit, _WAITING_MAX)
        waiting = [_holder(row.run_id, row.seq) for row in rows]
    known = (most for one in (*waiting, *holders) if (most := _most(engine, kind, one)) is not None)
    return LimitUse(kind, name, next(known, None), holders, tuple(waiting))


def _holder(run_id: str, seq: int, since: int = 0, until: int = 0) -> SlotHolder:
    return SlotHolder(run_id, ids.task_id(run_id, seq) if seq else None, since, until)


def _most(engine: EmbeddedEngine, kind: LimitKind, one: SlotHolder) -> int | None:
    """Return what the definition of a holder says; None for one that is deleted."""
    try:
        if one.task_id is None:
            definition = engine.reader.run(one.run_id, with_tasks=False).workflow_definition
            config = definition.rate_limit_config if definition is not None else None
            return config.concurrent_exec_limit if config is not None else None
        task = engine.reader.task(one.task_id).workflow_task
    except NotFound:
        return None
    definition_of_task = task.task_definition if task is not None else None
    limits = limits_of(definition_of_task, "") if definition_of_task is not None else ()
    return next((limit.most for limit in limits if limit.name == f"#{kind}:"), None)
