"""``/workflow/bulk``: the same for many runs (Conductor: ``WorkflowBulkResource.java``)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from podium.client.operations import BulkVerb
from podium.model.errors import InvalidRequest, PodiumError
from podium.server.answers import Answer, json_answer
from podium.server.calls import Call
from podium.server.desk import Desk
from podium.server.parameters import flag, text
from podium.server.routing import OBJECT, WORD, Body, array, by_name, delete, post, put
from podium.server.shapes import BULK, bulk_body, record
from podium.server.wire import whole

_RUNS_MAX = 1000


def _named(call: Call) -> list[str]:
    run_ids = call.names()
    if len(run_ids) > _RUNS_MAX:
        raise InvalidRequest(f"Cannot process more than {_RUNS_MAX} workflows. Please use multiple requests.")
    return run_ids


async def _each(desk: Desk, call: Call, verb: BulkVerb, **options: Any) -> Answer:
    found = await desk.do(desk.client.bulk, verb, _named(call), **options)
    call.outcomes = _outcomes(found.successful, found.failed)
    return json_answer(bulk_body(found.successful, found.failed))


def _outcomes(successful: Iterable[str], failed: Iterable[str]) -> dict[str, str | None]:
    """Return what the audit says of each run."""
    return {**dict.fromkeys(successful), **dict.fromkeys(failed, "REFUSED")}


async def pause(desk: Desk, call: Call) -> Answer:
    """Schedule nothing new in some runs."""
    return await _each(desk, call, "pause")


async def resume(desk: Desk, call: Call) -> Answer:
    """Go on with some runs after a pause."""
    return await _each(desk, call, "resume")


async def restart(desk: Desk, call: Call) -> Answer:
    """Begin some ended runs anew."""
    return await _each(desk, call, "restart", use_latest=call.query["useLatestDefinitions"], force=True)


async def retry(desk: Desk, call: Call) -> Answer:
    """Go on from the failed tasks of some ended runs."""
    return await _each(desk, call, "retry", force=True)


async def terminate(desk: Desk, call: Call) -> Answer:
    """End some runs now."""
    loud = call.query["triggerFailureWorkflow"]
    return await _each(desk, call, "terminate", reason=call.query["reason"], trigger_failure_workflow=loud)


async def remove(desk: Desk, call: Call) -> Answer:
    """Delete some runs; with archiveWorkflow only those that have ended."""
    return await _each(desk, call, "delete", force=not call.query["archiveWorkflow"])


async def delete_many(desk: Desk, call: Call) -> Answer:
    """Delete some runs that have ended."""
    return await _each(desk, call, "delete")


async def terminate_and_remove(desk: Desk, call: Call) -> Answer:
    """End some runs now and delete them."""
    ended = await desk.do(desk.client.bulk, "terminate", _named(call), reason=call.query["reason"])
    gone = await desk.do(desk.client.bulk, "delete", ended.successful)
    call.outcomes = _outcomes(gone.successful, [*ended.failed, *gone.failed])
    return json_answer(bulk_body(gone.successful, {**ended.failed, **gone.failed}))


async def search(desk: Desk, call: Call) -> Answer:
    """Some runs, by their ids."""
    run_ids = _named(call)

    def look() -> Answer:
        found: list[Any] = []
        failed: dict[str, str] = {}
        for run_id in dict.fromkeys(run_ids):
            try:
                found.append(whole(desk.engine.reader.run(run_id, with_tasks=call.query["includeTasks"])))
            except PodiumError as error:
                failed[run_id] = str(error)
        return json_answer(bulk_body(found, failed))

    return await desk.look(look)


_BODY = Body(shape=array(WORD))
_ANSWERS = {200: BULK}
_REASON = text("reason", "Why.")
_ARCHIVE = flag("archiveWorkflow", "Refuse runs that have not ended.", default=True)
_FOUND = record(
    ("bulkErrorResults", "bulkSuccessfulResults"),
    bulkErrorResults=by_name(WORD),
    bulkSuccessfulResults=array(OBJECT),
    message=WORD,
)

ROUTES = (
    put("/workflow/bulk/pause", pause, body=_BODY, answers=_ANSWERS),
    put("/workflow/bulk/resume", resume, body=_BODY, answers=_ANSWERS),
    post("/workflow/bulk/restart", restart, flag("useLatestDefinitions"), body=_BODY, answers=_ANSWERS),
    post("/workflow/bulk/retry", retry, body=_BODY, answers=_ANSWERS),
    post(
        "/workflow/bulk/terminate",
        terminate,
        _REASON,
        flag("triggerFailureWorkflow", "As if they had failed."),
        body=_BODY,
        answers=_ANSWERS,
    ),
    delete("/workflow/bulk/remove", remove, _ARCHIVE, body=_BODY, answers=_ANSWERS),
    post("/workflow/bulk/delete", delete_many, body=_BODY, answers=_ANSWERS),
    delete("/workflow/bulk/delete", delete_many, body=_BODY, answers=_ANSWERS),
    delete("/workflow/bulk/terminate-remove", terminate_and_remove, _ARCHIVE, _REASON, body=_BODY, answers=_ANSWERS),
    post(
        "/workflow/bulk/search",
        search,
        flag("includeTasks", "With their attempts.", default=True),
        body=_BODY,
        answers={200: _FOUND},
    ),
)
