"""
Outputs that are used again: ``cacheConfig`` of a task (Orkes Conductor; the open-source server keeps and ignores it).

Before an attempt begins its key is filled in, from its inputs (``${city}``), or from the run as anywhere else. If the
store has an output under it that has not expired, the attempt ends with that, and nobody works on it. Otherwise the
output is kept when the attempt has ended well, in the same commit. A key of which a part is missing is none.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping

from podium.engine.decision import Decision
from podium.engine.records import TaskRecord
from podium.expressions.refusals import PathRefused, PathTooCostly, PatternRefused
from podium.expressions.template import compile_template
from podium.expressions.text import java_text
from podium.model.statuses import TaskStatus
from podium.model.values import JsonValue

_REFERENCE = re.compile(r"\$\{([^{}]*)\}")


def take_cached(decision: Decision, record: TaskRecord) -> bool:
    """
    End an attempt with an output that is kept under its key; False if there is none.

    Raises:
        Missing: The store has not been asked yet.
    """
    key = _key(decision, record)
    output = None if key is None else decision.context.cached(key)
    if output is None:
        record.cache_key = key
        return False
    decision.log(record, [(decision.context.now, "the output is that of an earlier attempt (cacheConfig)")])
    decision.end(record, TaskStatus.COMPLETED, output)
    return True


def _key(decision: Decision, record: TaskRecord) -> str | None:
    """Return the key under which an attempt's output is kept; None if it is not."""
    config, traits = record.node.task.cache_config, record.node.traits
    if config is None or not config.key or config.ttl_in_second <= 0 or traits.is_structure:
        return None
    parts = _REFERENCE.split(config.key)
    for at in range(1, len(parts), 2):
        value = _value(decision, record, parts[at])
        if value is None:
            return None
        parts[at] = java_text(value)
    # A store's keys have a length, and what is in a key may be nobody's business.
    return hashlib.sha256("\0".join([record.task_def_name, *parts]).encode("utf-8", "replace")).hexdigest()


def _value(decision: Decision, record: TaskRecord, path: str) -> JsonValue:
    first, *rest = path.strip().split(".")
    if first not in record.input:
        try:
            template = compile_template(f"${{{path}}}")
            found: JsonValue = template.resolve(
                decision.document, environment=decision.context.environment, task_id=None
            )
        except (PathRefused, PatternRefused, PathTooCostly):
            return None
        return found
    value: JsonValue = record.input[first]
    for name in rest:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value
