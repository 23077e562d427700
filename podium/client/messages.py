"""Messages to runs, and calls of webhooks: what comes from outside for tasks that wait for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from podium.client.checked import checked_object, checked_text
from podium.client.driving import BlockingCall
from podium.client.engine import EmbeddedEngine
from podium.engine.events import InboxMessage
from podium.engine.rows import TaskRow
from podium.expressions.document import MappingDocument
from podium.expressions.paths import compile_path
from podium.expressions.refusals import PathRefused, PathTooCostly
from podium.expressions.secrets import deliver_secrets
from podium.model.assignments import Report
from podium.model.errors import InvalidRequest, LimitExceeded
from podium.model.later import later
from podium.model.payloads import parse
from podium.model.statuses import TaskStatus
from podium.model.values import JsonObject, JsonValue

if TYPE_CHECKING:
    from podium.engine.operators import waiting
else:
    waiting = later("podium.engine.operators.waiting")

#: Most attempts that one call of a webhook is compared with.
_COMPARED_MAX = 100_000


class MessageIntake:
    """
    Takes them in.

    Args:
        engine: Where the runs are.
    """

    def __init__(self, engine: EmbeddedEngine) -> None:
        self._engine = engine

    async def message(self, run_id: str, payload: Mapping[str, object]) -> str:
        """Put a message into a run's queue; returns its id."""
        body = self._packed(checked_object(payload, "the payload"), self._engine.limits.message_bytes)
        message_id = self._engine.ids.run_id()
        await self._engine.ask(InboxMessage(run_id, message_id, body))
        return message_id

    async def webhook(self, payload: Mapping[str, object], workflow: str | None) -> list[tuple[str, str]]:
        """Complete the attempts that a webhook's payload fits; returns their runs and reference names."""
        given = checked_object(payload, "the payload")
        checked_text(workflow, "workflow")
        self._packed(given, None)
        fitting = await BlockingCall(lambda: list(self._fitting(given, workflow)))
        for attempt in fitting:
            await self._engine.ask(Report(attempt.run_id, attempt.seq, TaskStatus.COMPLETED, given))
        return [(attempt.run_id, attempt.ref) for attempt in fitting]

    def _packed(self, payload: JsonObject, most: int | None) -> bytes:
        try:
            return self._engine.limits.packed(payload, "the payload", most)
        except LimitExceeded as error:
            raise InvalidRequest(str(error)) from None

    def _fitting(self, payload: JsonObject, workflow: str | None) -> Iterator[TaskRow]:
        backend = self._engine.backend
        lying = backend.lying_in(waiting.WEBHOOKS, _COMPARED_MAX)
        runs = backend.load_runs({row.run_id for row in lying}) if workflow is not None else {}
        for row in lying:
            if workflow is not None and (row.run_id not in runs or runs[row.run_id].name != workflow):
                continue
            attempt = backend.load_task(row.run_id, row.seq)
            if attempt is not None and attempt.open_queue == waiting.WEBHOOKS:
                matches = deliver_secrets(parse(attempt.input).get("matches"), self._engine.secrets)
                if isinstance(matches, Mapping) and fits(matches, payload):
                    yield attempt


def fits(matches: Mapping[str, JsonValue], payload: JsonObject) -> bool:
    """
    Return whether a payload has at each path the value that is wanted there; null is also what is not there.

    Example:
        >>> fits({"$['event']['type']": "paid"}, {"event": {"type": "paid", "order": 7}})
        True
        >>> fits({"$.event.type": "paid", "$.event.order": 8}, {"event": {"type": "paid", "order": 7}})
        False
    """
    document = MappingDocument(payload)
    try:
        return all(_same(compile_path(path).lookup(document), wanted) for path, wanted in matches.items())
    except (PathRefused, PathTooCostly):
        return False


def _same(found: JsonValue, wanted: JsonValue) -> bool:
    """Compare as JSON does: a truth value is no number."""
    if isinstance(found, bool) or isinstance(wanted, bool):
        return found is wanted
    if isinstance(found, dict) and isinstance(wanted, dict):
        return found.keys() == wanted.keys() and all(_same(found[key], wanted[key]) for key in found)
    if isinstance(found, list) and isinstance(wanted, list):
        return len(found) == len(wanted) and all(map(_same, found, wanted))
    return found == wanted
