"""``/tasks``: workers' polls and results, and a look at attempts (Conductor: ``TaskResource.java``)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from podium.engine.events import ReportByName
from podium.engine.limits import cut
from podium.engine.requests import Register
from podium.model.assignments import Assignment, Report
from podium.model.errors import RunNotFound, TaskNotFound
from podium.model.runs import TaskLog, TaskRun
from podium.model.statuses import ReturnStrategy, TaskStatus
from podium.server.answers import EMPTY, JSON, NO_CONTENT, Answer, json_answer, text_answer
from podium.server.calls import Call, Leaving
from podium.server.desk import Desk, Queue
from podium.server.handouts import packed, report_of
from podium.server.parameters import Parameter, number, text
from podium.server.resources.workflows import external_storage, signal_body
from podium.server.resting import run_at_rest
from podium.server.routing import BARE, NOTHING, OBJECT, Body, array, get, post, ref
from podium.server.wire import whole

#: Milliseconds that a poll waits where it does not say, and at most.
_PATIENCE_MS, _PATIENCE_MAX_MS = 100, 5_000


async def poll(desk: Desk, call: Call) -> Answer:
    """One attempt for a worker; nothing if there is none within a tenth of a second."""
    query = call.query
    desk.roster.uses(query["workerid"] or "", call.headers.get("user-agent", ""))
    found = await _polled(desk, (call.path["tasktype"], query["domain"]), query["workerid"])
    return Answer(packed(found[0]), JSON) if found else NO_CONTENT


async def poll_batch(desk: Desk, call: Call) -> Answer:
    """Attempts for a worker, as soon as there is one, or none when the time is up."""
    query = call.query
    queue = call.path["tasktype"], query["domain"]
    desk.roster.uses(query["workerid"] or "", call.headers.get("user-agent", ""))
    if not query["count"]:  # a worker that has no room: it waits for none, and is told nothing
        return json_answer([])
    found = await _polled(
        desk, queue, query["workerid"], count=query["count"], timeout_ms=query["timeout"], leaving=call.leaving
    )
    return Answer(packed(found), JSON)


async def _polled(
    desk: Desk,
    queue: Queue,
    worker_id: str | None,
    *,
    count: int = 1,
    timeout_ms: int = _PATIENCE_MS,
    leaving: Leaving | None = None,
) -> list[Any]:
    """Return attempts as a worker gets them; each is committed as its own."""
    worker = worker_id or ""
    attempts = await desk.poll(queue, worker, count=count, timeout_s=timeout_ms / 1000, leaving=leaving)
    return _written(desk, queue, worker, attempts)


def _written(desk: Desk, queue: Queue, worker: str, attempts: Sequence[Assignment]) -> list[Any]:
    """Return attempts as their worker gets them."""
    now = desk.engine.clock.now()
    return [desk.scribe.task(each, *queue, worker, now) for each in attempts]


async def update(desk: Desk, call: Call) -> Answer:
    """Say how an attempt stands; the answer is its id, also where that came too late."""
    body = call.object()
    report = report_of(body, desk.engine.clock.now())
    lent = desk.lent_attempt(body["taskId"], report)
    if lent is None:  # not by whom it was given to here
        call.outcomes[report.run_id] = None
    await _reported(desk, report)
    if lent is not None:
        desk.count(lent.queue, lent, report)
    return text_answer(body["taskId"])


async def update_and_poll(desk: Desk, call: Call) -> Answer:
    """Say how an attempt stands, and get the next one of its queue for the same worker."""
    body = call.object()
    report = report_of(body, desk.engine.clock.now())
    if report.is_heartbeat or not report.status.is_terminal:
        await _reported(desk, report)
        return NO_CONTENT
    lent = desk.lent_attempt(body["taskId"], report)
    if lent is None:
        call.outcomes[report.run_id] = None
    queue = await desk.look(partial(desk.engine.reader.queue, body["taskId"])) if lent is None else lent.queue
    # Asked before the result is in, so that what follows it finds the worker waiting: that spares two commits. Whatever
    # there is has been given out when the result is answered, so nothing more is waited for.
    worker = report.worker_id or ""
    answer = desk.ask_for(queue, worker)
    try:
        await _reported(desk, report)
    except BaseException:
        answer.cancel()
        raise
    desk.count(queue, lent, report)
    desk.dispatcher.hurry(*queue, answer)
    found = _written(desk, queue, worker, await desk.given(queue, answer))
    return Answer(packed(found[0]), JSON) if found else NO_CONTENT


async def _reported(desk: Desk, report: Report) -> None:
    try:
        await desk.drive(desk.engine.ask(report))
    except RunNotFound:
        raise TaskNotFound(f"No such task found by id: {report.run_id}/{report.seq}") from None


async def update_by_ref(desk: Desk, call: Call) -> Answer:
    """Say how the live attempt of a task stands, by its name; the answer is its id, or nothing if none lives."""
    try:
        task_id = await _named(desk, call)
    except TaskNotFound:
        return EMPTY
    return text_answer(task_id)


async def update_by_ref_sync(desk: Desk, call: Call) -> Answer:
    """Say how the live attempt of a task stands, by its name; the answer is the run when it has come to rest."""
    await _named(desk, call)
    run = await run_at_rest(desk, call.path["workflowId"])
    return await desk.look(lambda: json_answer(whole(run)))


async def _named(desk: Desk, call: Call) -> str:
    """Report on the live attempt of a reference name; gives its id."""
    run_id = call.path["workflowId"]
    ref_name = call.path["taskRefName"]
    attempt = await desk.look(partial(_live, desk, run_id, ref_name))
    status = TaskStatus(call.path["status"])
    worker_id = call.query["workerid"]
    word = ReportByName(run_id, attempt.reference_task_name, status, call.object(), worker_id=worker_id)
    await desk.drive(desk.engine.ask(word))
    return attempt.task_id


def _live(desk: Desk, run_id: str, ref_name: str) -> TaskRun:
    """Return the first live attempt of exactly this name, else of a place in a loop that is called so."""
    tasks = [each for each in desk.engine.reader.run(run_id).tasks if not each.status.is_terminal]
    for each in tasks:
        if each.reference_task_name == ref_name:
            return each
    for each in tasks:
        if each.iteration and each.workflow_task and each.workflow_task.task_reference_name == ref_name:
            return each
    raise TaskNotFound(f"Found no running task {ref_name} of workflow {run_id} to update")


async def signal(desk: Desk, call: Call) -> Answer:
    """End the task that a run waits at; nothing happens where it waits at none."""
    try:
        await desk.do(desk.client.signal, call.path["workflowId"], call.object(), status=call.path["status"])
    except TaskNotFound:
        return EMPTY
    return EMPTY


async def signal_sync(desk: Desk, call: Call) -> Answer:
    """End the task that a run waits at, and wait until the run has ended or waits again."""
    response = await desk.do(
        desk.client.signal_and_wait,
        call.path["workflowId"],
        call.object(),
        status=call.path["status"],
        return_strategy=call.query["returnStrategy"],
        timeout=call.query["timeoutMillis"] / 1000,
    )
    return await desk.look(lambda: json_answer(signal_body(response)))


async def add_log(desk: Desk, call: Call) -> Answer:
    """Keep a line that was logged for an attempt; the body is the line."""
    engine, now = desk.engine, desk.engine.clock.now()
    text = cut(call.text(), engine.limits.log_chars)
    row = await desk.look(partial(engine.reader.log_row, call.path["taskId"], now, text, engine.secrets))
    await desk.register(Register(logs=[row]))
    return EMPTY


async def get_logs(desk: Desk, call: Call) -> Answer:
    """The lines that were logged for an attempt; nothing if there are none."""
    lines: Sequence[TaskLog] = await desk.look(partial(desk.engine.reader.logs, call.path["taskId"]))
    return json_answer([whole(each) for each in lines]) if lines else NO_CONTENT


async def get_task(desk: Desk, call: Call) -> Answer:
    """A task attempt."""
    task_id = call.path["taskId"]
    try:
        return await desk.look(lambda: json_answer(whole(desk.engine.reader.task(task_id))))
    except TaskNotFound:
        raise TaskNotFound(f"Task not found for taskId: {task_id}") from None


_WORKER = text("workerid", "Who asks.")
_DOMAIN = text("domain", "The worker's domain.")
_OUTPUT = Body(shape=OBJECT, is_required=False)
_STRATEGY = Parameter(
    name="returnStrategy",
    default=ReturnStrategy.TARGET_WORKFLOW.value,
    choices=[each.value for each in ReturnStrategy],
    text="What to return.",
)
_BY_REF = {"choices": {"status": [each.value for each in TaskStatus]}, "body": _OUTPUT}
_RESULT = Body(shape=ref("TaskResult"))

ROUTES = (
    get("/tasks/poll/{tasktype}", poll, _WORKER, _DOMAIN, answers={200: ref("Task"), 204: NOTHING}),
    get(
        "/tasks/poll/batch/{tasktype}",
        poll_batch,
        _WORKER,
        _DOMAIN,
        number("count", 1, "Most attempts.", least=0, most=10_000),
        number(
            "timeout",
            _PATIENCE_MS,
            "Milliseconds to wait for the first one.",
            least=0,
            most=_PATIENCE_MAX_MS,
            complaint="Long Poll Timeout value cannot be more than 5 seconds",
        ),
        answers={200: array(ref("Task"))},
    ),
    post("/tasks", update, body=_RESULT, answers={200: BARE}),
    post("/tasks/update-v2", update_and_poll, body=_RESULT, answers={200: ref("Task"), 204: NOTHING}),
    post("/tasks/{workflowId}/{taskRefName}/{status}", update_by_ref, _WORKER, answers={200: BARE}, **_BY_REF),
    post(
        "/tasks/{workflowId}/{taskRefName}/{status}/sync",
        update_by_ref_sync,
        _WORKER,
        answers={200: ref("Workflow")},
        **_BY_REF,
    ),
    post("/tasks/{workflowId}/{status}/signal", signal, **_BY_REF),
    post(
        "/tasks/{workflowId}/{status}/signal/sync",
        signal_sync,
        _STRATEGY,
        number("timeoutMillis", 5000, "How long to wait.", least=0, most=600_000),
        answers={200: ref("SignalResponse")},
        **_BY_REF,
    ),
    post("/tasks/{taskId}/log", add_log, body=Body(shape=BARE, is_required=False)),
    get("/tasks/{taskId}/log", get_logs, answers={200: array(ref("TaskExecLog")), 204: NOTHING}),
    *external_storage("tasks", "TASK_INPUT", "TASK_OUTPUT"),
    get("/tasks/{taskId}", get_task, answers={200: ref("Task")}),
)
