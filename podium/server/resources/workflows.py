"""``/workflow``: runs, from their start to their end (Conductor: ``WorkflowResource.java``)."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from functools import partial
from typing import Any

from podium.engine.events import OfferAgain
from podium.engine.rows import RunFilter
from podium.model.errors import (
    IllegalTransition,
    InvalidRequest,
    NotRestartable,
    RunNotFound,
    StillRunning,
    TaskNotFound,
)
from podium.model.signals import SignalResponse
from podium.model.statuses import ReturnStrategy, RunStatus, TaskStatus
from podium.server.answers import EMPTY, NO_CONTENT, Answer, json_answer, text_answer
from podium.server.bodies import optional_object, optional_text, whole_number
from podium.server.calls import Call
from podium.server.desk import Desk
from podium.server.parameters import INT_MAX, Parameter, flag, number, text
from podium.server.routing import BARE, NOTHING, OBJECT, WORD, Body, Route, array, by_name, delete, get, post, put, ref
from podium.server.shapes import RESULTS_OF_TASKS
from podium.server.starts import start
from podium.server.wire import whole, without_nulls

#: Most seconds that an execution may be waited for.
PATIENCE_MAX_S = 600


async def start_workflow(desk: Desk, call: Call) -> Answer:
    """Start a run; the answer is its id, and its first tasks exist."""
    return text_answer(await start(desk, call, call.object()))


async def start_by_name(desk: Desk, call: Call) -> Answer:
    """Start a run of a registered workflow; the body is its input."""
    query = call.query
    body = {
        "name": call.path["name"],
        "version": query["version"],
        "correlationId": query["correlationId"],
        "priority": query["priority"],
        "input": call.object(),
    }
    return text_answer(await start(desk, call, body))


async def execute(desk: Desk, call: Call) -> Answer:
    """Start a run and wait until it has ended or waits for somebody."""
    query = call.query
    version = whole_number(call.path["version"], "version")
    body = {**call.object(), "name": call.path["name"], "version": version or None}
    run_id = await start(desk, call, body)
    refs = frozenset(ref for ref in (each.strip() for each in (query["waitUntilTaskRef"] or "").split(",")) if ref)
    response = await desk.do(
        desk.client.settled,
        run_id,
        refs,
        return_strategy=query["returnStrategy"],
        timeout=query["waitForSeconds"] or 10,
        request_id=query["requestId"] or desk.engine.ids.run_id(),
    )
    return await desk.look(lambda: json_answer(signal_body(response)))


def signal_body(response: SignalResponse) -> dict[str, Any]:
    """Return how a run stands, as the API writes it."""
    found = response.to_dict()
    if "tasks" in found:
        found["tasks"] = [whole(each) for each in response.run.tasks]
    return found


async def get_workflow(desk: Desk, call: Call) -> Answer:
    """A run, with its task attempts unless they are not wanted."""
    see = partial(desk.engine.reader.run, call.path["workflowId"], with_tasks=call.query["includeTasks"])
    return await desk.look(lambda: json_answer(whole(see())))


async def get_status(desk: Desk, call: Call) -> Answer:
    """How a run stands, in a few words."""
    run = await desk.look(partial(desk.engine.reader.run, call.path["workflowId"], with_tasks=False))
    found = {"workflowId": run.workflow_id, "correlationId": run.correlation_id, "status": run.status.value}
    shown: dict[str, Any] = {}
    if call.query["includeOutput"]:
        shown["output"] = dict(run.output)
    if call.query["includeVariables"]:
        shown["variables"] = dict(run.variables)
    return json_answer(without_nulls(found) | shown)


async def get_tasks(desk: Desk, call: Call) -> Answer:
    """The task attempts of a run, in the order in which they were made."""
    query = call.query

    def look() -> Answer:
        tasks = desk.engine.reader.run(call.path["workflowId"]).tasks
        wanted = [each for each in tasks if not query["status"] or each.status.value in query["status"]]
        part = wanted[query["start"] : query["start"] + query["count"]]
        return json_answer({"totalHits": len(wanted), "results": [whole(each) for each in part]})

    return await desk.look(look)


async def get_running(desk: Desk, call: Call) -> Answer:
    """The ids of the running runs of a workflow; with both times, of all that started between them."""
    query = call.query
    where = RunFilter(name=call.path["name"], status=RunStatus.RUNNING.value)
    if query["startTime"] is not None and query["endTime"] is not None:
        where = RunFilter(name=call.path["name"], started_from=query["startTime"], started_to=query["endTime"])
    return await desk.look(lambda: json_answer(run_ids_of(desk, where)))


def run_ids_of(desk: Desk, where: RunFilter) -> list[str]:
    """Return the ids of all runs that a filter lets through, newest first; it blocks."""
    found: list[str] = []
    page = 1000
    while True:
        rows = desk.engine.backend.list_runs(where, page, len(found))
        found += [row.run_id for row in rows]
        if len(rows) < page:
            return found


async def get_correlated(desk: Desk, call: Call) -> Answer:
    """The runs of a workflow with a correlation id."""
    path = call.path
    return await desk.look(lambda: json_answer(_correlated(desk, call, path["name"], path["correlationId"])))


async def post_correlated(desk: Desk, call: Call) -> Answer:
    """The runs of a workflow with some correlation ids, by these."""
    ids = call.names()
    return await desk.look(
        lambda: json_answer({each: _correlated(desk, call, call.path["name"], each) for each in ids})
    )


def _correlated(desk: Desk, call: Call, name: str, correlation_id: str) -> list[Any]:
    status = None if call.query["includeClosed"] else RunStatus.RUNNING.value
    where = RunFilter(name=name, correlation_id=correlation_id, status=status)
    return runs_of(desk, run_ids_of(desk, where), with_tasks=call.query["includeTasks"])


def runs_of(desk: Desk, run_ids: Iterable[str], *, with_tasks: bool) -> list[Any]:
    """Return runs as the API writes them; those that were deleted since they were found are passed over. It blocks."""
    found = []
    for run_id in run_ids:
        with suppress(RunNotFound):
            found.append(whole(desk.engine.reader.run(run_id, with_tasks=with_tasks)))
    return found


async def decide(desk: Desk, call: Call) -> Answer:
    """Look at a run again; it needs no reminder, so this changes nothing."""
    await desk.drive(desk.engine.ask(OfferAgain(call.path["workflowId"])))
    return EMPTY


async def pause(desk: Desk, call: Call) -> Answer:
    """Schedule nothing new in a run."""
    await desk.do(desk.client.pause, call.path["workflowId"])
    return EMPTY


async def resume(desk: Desk, call: Call) -> Answer:
    """Go on after a pause."""
    await desk.do(desk.client.resume, call.path["workflowId"])
    return EMPTY


async def skip_task(desk: Desk, call: Call) -> Answer:
    """Pass over a task that a run has not come to."""
    body = call.object()
    await desk.do(
        desk.client.skip_task,
        call.path["workflowId"],
        call.path["taskReferenceName"],
        input=optional_object(body, "taskInput"),
        output=optional_object(body, "taskOutput"),
    )
    return EMPTY


async def rerun(desk: Desk, call: Call) -> Answer:
    """Go on in an ended run from one of its tasks, or from its start; the answer is its id."""
    body = call.object()
    run_id = call.path["workflowId"]
    await desk.do(
        desk.client.rerun,
        run_id,
        from_task=optional_text(body, "reRunFromTaskId") or None,
        task_input=optional_object(body, "taskInput"),
        workflow_input=optional_object(body, "workflowInput"),
        correlation_id=optional_text(body, "correlationId"),
        force=True,
    )
    return text_answer(run_id)


async def restart(desk: Desk, call: Call) -> Answer:
    """Begin an ended run anew."""
    latest = call.query["useLatestDefinitions"]
    await desk.do(desk.client.restart, call.path["workflowId"], use_latest=latest, force=True)
    return NO_CONTENT


async def retry(desk: Desk, call: Call) -> Answer:
    """Go on from the failed tasks of an ended run."""
    run_id = call.path["workflowId"]
    deep = call.query["resumeSubworkflowTasks"]
    await desk.do(desk.client.retry, run_id, resume_subworkflows=deep, force=True)
    return NO_CONTENT


async def reset_callbacks(desk: Desk, call: Call) -> Answer:
    """Hand out at once what rests in a run."""
    await desk.do(desk.client.reset_callbacks, call.path["workflowId"])
    return NO_CONTENT


async def terminate(desk: Desk, call: Call) -> Answer:
    """End a run now."""
    loud = call.query["triggerFailureWorkflow"]
    await desk.do(desk.client.terminate, call.path["workflowId"], call.query["reason"], trigger_failure_workflow=loud)
    return EMPTY


async def remove(desk: Desk, call: Call) -> Answer:
    """Delete a run; with archiveWorkflow only one that has ended."""
    await desk.do(desk.client.delete, call.path["workflowId"], force=not call.query["archiveWorkflow"])
    return EMPTY


async def terminate_and_remove(desk: Desk, call: Call) -> Answer:
    """End a run now and delete it."""
    await desk.do(desk.client.terminate, call.path["workflowId"], call.query["reason"])
    await desk.do(desk.client.delete, call.path["workflowId"])
    return EMPTY


async def no_external_storage(desk: Desk, call: Call) -> Answer:
    """Where a payload may be put that is too large for the store: nowhere, the store takes them all."""
    raise InvalidRequest("this server keeps payloads itself, up to its limits; it has no external storage")


def external_storage(resource: str, *kinds: str) -> tuple[Route, ...]:
    """Return the rows that say that there is no external storage."""
    query = (
        text("path", "Of the payload.", is_required=True),
        text("operation", "What for.", is_required=True, choices=("READ", "WRITE")),
        text("payloadType", "Of what.", is_required=True, choices=kinds),
    )
    paths = (f"/{resource}/externalstoragelocation", f"/{resource}/external-storage-location")
    return tuple(get(path, no_external_storage, *query, answers={200: OBJECT}) for path in paths)


async def send_message(desk: Desk, call: Call) -> Answer:
    """Put a message into a run's own queue; the answer is its id."""
    return text_answer(await desk.do(desk.client.send_message, call.path["workflowId"], call.object()))


_REASON = text("reason", "Why.")
_ARCHIVE = flag("archiveWorkflow", "Refuse a run that has not ended.", default=True)
_CORRELATED = (flag("includeClosed", "Also those that have ended."), flag("includeTasks", "With their attempts."))
_STRATEGY = Parameter(
    name="returnStrategy",
    default=ReturnStrategy.TARGET_WORKFLOW.value,
    choices=[each.value for each in ReturnStrategy],
    text="What to return.",
)
_ID = {200: BARE}

ROUTES = (
    post("/workflow", start_workflow, body=Body(shape=ref("StartWorkflowRequest")), answers=_ID),
    post(
        "/workflow/{name}",
        start_by_name,
        number("version", about="None for the greatest.", least=0, most=INT_MAX),
        text("correlationId", "The caller's own id."),
        number("priority", 0, "Larger first.", least=0, most=99),
        body=Body(shape=OBJECT),
        answers=_ID,
    ),
    post(
        "/workflow/execute/{name}/{version}",
        execute,
        text("requestId", "The caller's own id of the request."),
        text("waitUntilTaskRef", "Task names, with commas between them, one of which is waited for."),
        number("waitForSeconds", 10, "How long to wait.", least=0, most=PATIENCE_MAX_S),
        text("consistency", "Has no effect: everything is durable."),
        _STRATEGY,
        body=Body(shape=OBJECT, is_required=False),
        answers={200: ref("SignalResponse")},
    ),
    get(
        "/workflow/{name}/correlated/{correlationId}",
        get_correlated,
        *_CORRELATED,
        answers={200: array(ref("Workflow"))},
    ),
    post(
        "/workflow/{name}/correlated",
        post_correlated,
        *_CORRELATED,
        body=Body(shape=array(WORD)),
        answers={200: by_name(array(ref("Workflow")))},
    ),
    get(
        "/workflow/{workflowId}",
        get_workflow,
        flag("includeTasks", "With its attempts.", default=True),
        answers={200: ref("Workflow")},
    ),
    get(
        "/workflow/{workflowId}/status",
        get_status,
        flag("includeOutput", "With its output."),
        flag("includeVariables", "With its variables."),
        answers={200: ref("WorkflowStatus")},
    ),
    get(
        "/workflow/{workflowId}/tasks",
        get_tasks,
        number("start", 0, "How many to pass over.", least=0),
        number("count", 15, "Most to give.", least=0),
        Parameter(name="status", is_many=True, choices=[each.value for each in TaskStatus], text="Only these."),
        answers={200: RESULTS_OF_TASKS},
    ),
    get(
        "/workflow/running/{name}",
        get_running,
        number("version", 1, "Has no effect, as in Conductor's SQL stores."),
        number("startTime", about="Epoch milliseconds."),
        number("endTime", about="Epoch milliseconds."),
        answers={200: array(WORD)},
    ),
    put("/workflow/decide/{workflowId}", decide),
    put("/workflow/{workflowId}/pause", pause),
    put("/workflow/{workflowId}/resume", resume, refusals={IllegalTransition: 500}),
    put(
        "/workflow/{workflowId}/skiptask/{taskReferenceName}",
        skip_task,
        body=Body(shape=ref("SkipTaskRequest"), is_required=False),
        refusals={IllegalTransition: 500},
    ),
    post(
        "/workflow/{workflowId}/rerun",
        rerun,
        body=Body(shape=ref("RerunWorkflowRequest"), is_required=False),
        answers=_ID,
        refusals={TaskNotFound: 400},
    ),
    post(
        "/workflow/{workflowId}/restart",
        restart,
        flag("useLatestDefinitions"),
        answers={204: NOTHING},
        refusals={NotRestartable: 404},
    ),
    post(
        "/workflow/{workflowId}/retry",
        retry,
        flag("resumeSubworkflowTasks"),
        answers={204: NOTHING},
        refusals={StillRunning: 404},
    ),
    post("/workflow/{workflowId}/resetcallbacks", reset_callbacks, answers={204: NOTHING}),
    delete("/workflow/{workflowId}", terminate, _REASON, flag("triggerFailureWorkflow", "As if it had failed.")),
    delete("/workflow/{workflowId}/remove", remove, _ARCHIVE, refusals={IllegalTransition: 400}),
    delete("/workflow/{workflowId}/terminate-remove", terminate_and_remove, _REASON, _ARCHIVE),
    *external_storage("workflow", "WORKFLOW_INPUT", "WORKFLOW_OUTPUT"),
    post("/workflow/{workflowId}/messages", send_message, body=Body(shape=OBJECT), answers=_ID),
)
