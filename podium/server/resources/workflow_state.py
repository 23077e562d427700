"""What programs of Orkes ask of runs beside Conductor's API: their variables, their state, and runs as functions."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from podium.engine.events import Jump, ReportByName, SetVariables
from podium.engine.requests import UpgradeRequest
from podium.engine.rows import RunFilter
from podium.model.errors import InvalidRequest
from podium.model.statuses import RunStatus
from podium.model.texts import shown
from podium.server.answers import EMPTY, Answer, json_answer, text_answer
from podium.server.bodies import optional_object, optional_text, version_of, whole_number
from podium.server.calls import Call
from podium.server.desk import Desk
from podium.server.handouts import status_in
from podium.server.parameters import INT_MAX, flag, number, text
from podium.server.resources.workflows import PATIENCE_MAX_S, run_ids_of, runs_of, signal_body
from podium.server.routing import BARE, OBJECT, Body, array, by_name, get, post, ref
from podium.server.shapes import MAYBE_OBJECT, MAYBE_WORD, record
from podium.server.starts import start
from podium.server.wire import whole


async def set_variables(desk: Desk, call: Call) -> Answer:
    """Set variables of a run; the answer is the run after that."""
    run_id = call.path["workflowId"]
    await desk.drive(desk.engine.ask(SetVariables(run_id, call.object())))
    return await desk.look(lambda: json_answer(whole(desk.engine.reader.run(run_id))))


async def update_state(desk: Desk, call: Call) -> Answer:
    """Set variables of a run and end a task of it, and wait until it has ended or waits for somebody."""
    run_id, body, query = call.path["workflowId"], call.object(), call.query
    variables = optional_object(body, "variables")
    if variables:
        await desk.drive(desk.engine.ask(SetVariables(run_id, variables)))
    result, name = optional_object(body, "taskResult"), optional_text(body, "taskReferenceName")
    if result is not None:
        await desk.drive(desk.engine.ask(_word(run_id, name or _missing_name(), result)))
    response = await desk.do(
        desk.client.settled,
        run_id,
        _refs(query["waitUntilTaskRef"]),
        timeout=query["waitForSeconds"] or 10,
        request_id=query["requestId"] or desk.engine.ids.run_id(),
    )
    return await desk.look(lambda: json_answer(signal_body(response)))


def _word(run_id: str, name: str, result: Mapping[str, Any]) -> ReportByName:
    output = optional_object(result, "outputData") or {}
    reason, worker = optional_text(result, "reasonForIncompletion"), optional_text(result, "workerId")
    return ReportByName(run_id, name, status_in(result), output, worker_id=worker, reason=reason)


def _missing_name() -> str:
    raise InvalidRequest("taskReferenceName: a result needs the name of its task")


def _refs(given: str | None) -> list[str]:
    return [each.strip() for each in (given or "").split(",") if each.strip()]


async def call_workflow(desk: Desk, call: Call) -> Answer:
    """Run a workflow as a function: the body is its input, and the answer its output as far as it came in time."""
    query = call.query
    given = {key: query[key] for key in ("version", "correlationId")}
    run_id = await start(desk, call, {**given, "name": call.path["name"], "input": call.object()})
    response = await desk.do(
        desk.client.settled, run_id, _refs(query["waitUntilTaskRef"]), timeout=query["waitForSeconds"] or 10
    )
    return json_answer(dict(response.target.output))


async def start_version(desk: Desk, call: Call) -> Answer:
    """Start a run of one version of a workflow; the body is its input, and the answer its id."""
    version = whole_number(call.path["version"], "version") or None
    body = {"name": call.path["name"], "version": version, "input": call.object()}
    return text_answer(await start(desk, call, {**body, "correlationId": call.query["correlationId"]}))


async def jump(desk: Desk, call: Call) -> Answer:
    """Go on at a later task; what is under way and what lies between is passed over. The body overlays its input."""
    # Orkes's SDKs leave the name in braces in the path, and send it as a parameter.
    ref_name = call.query["taskReferenceName"] or call.path["taskReferenceName"]
    event = Jump(call.path["workflowId"], ref_name, call.object())
    await desk.drive(desk.engine.ask(event))
    return EMPTY


async def upgrade(desk: Desk, call: Call) -> Answer:
    """Let a live run go on by another version of its workflow, from where it is."""
    run_id, body = call.path["workflowId"], call.object()
    run = await desk.look(partial(desk.engine.reader.run, run_id, with_tasks=False))
    name, outputs = optional_text(body, "name"), optional_object(body, "taskOutput") or {}
    if name not in {None, run.workflow_name}:
        raise InvalidRequest(f"name: run {run_id} is one of {run.workflow_name!r}, not of {shown(name)}")
    if not all(isinstance(each, dict) for each in outputs.values()):
        raise InvalidRequest("taskOutput: an object of outputs by reference name is expected")
    given = optional_object(body, "workflowInput") or None
    await desk.drive(desk.engine.ask(UpgradeRequest(run_id, version_of(body) or None, given, outputs)))
    return EMPTY


async def get_correlated(desk: Desk, call: Call) -> Answer:
    """The runs of some workflows with some correlation ids, by these."""
    body, query = call.object(), call.query
    names, ids = (_texts(body, key) for key in ("workflowNames", "correlationIds"))
    status = None if query["includeClosed"] else RunStatus.RUNNING.value

    def look() -> Answer:
        found: dict[str, Any] = {}
        for correlation_id in ids:
            filters = (RunFilter(name=name, correlation_id=correlation_id, status=status) for name in names)
            run_ids = [run_id for where in filters for run_id in run_ids_of(desk, where)]
            found[correlation_id] = runs_of(desk, run_ids, with_tasks=query["includeTasks"])
        return json_answer(found)

    return await desk.look(look)


def _texts(body: Mapping[str, Any], key: str) -> list[str]:
    found = body.get(key)
    if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
        raise InvalidRequest(f"{key}: a list of texts is expected, not {shown(found)}")
    return found


_UNTIL = (
    text("requestId", "The caller's own id of the request."),
    text("waitUntilTaskRef", "Task names, with commas between them, one of which is waited for."),
    number("waitForSeconds", 10, "How long to wait.", least=0, most=PATIENCE_MAX_S),
)
_CALLED = (
    number("version", about="None for the greatest.", least=0, most=INT_MAX),
    text("correlationId", "The caller's own id."),
    *_UNTIL,
)
_STATE = record(taskReferenceName=MAYBE_WORD, taskResult=MAYBE_OBJECT, variables=MAYBE_OBJECT)
_UPGRADE = record(name=MAYBE_WORD, version={"type": ["integer", "null"]}, workflowInput=MAYBE_OBJECT, taskOutput=OBJECT)
_NAMES = array({"type": "string"})

ROUTES = (
    post("/workflow/{workflowId}/variables", set_variables, body=Body(shape=OBJECT), answers={200: ref("Workflow")}),
    post(
        "/workflow/{workflowId}/state",
        update_state,
        *_UNTIL,
        body=Body(shape=_STATE),
        answers={200: ref("SignalResponse")},
    ),
    post(
        "/workflow/execute/{name}",
        call_workflow,
        *_CALLED,
        body=Body(shape=OBJECT, is_required=False),
        answers={200: OBJECT},
    ),
    get("/workflow/execute/{name}", call_workflow, *_CALLED, answers={200: OBJECT}),
    post(
        "/workflow/start/{name}/{version}",
        start_version,
        text("correlationId", "The caller's own id."),
        body=Body(shape=OBJECT, is_required=False),
        answers={200: BARE},
    ),
    post(
        "/workflow/{workflowId}/jump/{taskReferenceName}",
        jump,
        text("taskReferenceName", "The name, if the path does not have it."),
        body=Body(shape=OBJECT, is_required=False),
    ),
    post("/workflow/{workflowId}/upgrade", upgrade, body=Body(shape=_UPGRADE)),
    post(
        "/workflow/correlated/batch",
        get_correlated,
        flag("includeClosed", "Also those that have ended."),
        flag("includeTasks", "With their attempts."),
        body=Body(shape=record(("correlationIds", "workflowNames"), correlationIds=_NAMES, workflowNames=_NAMES)),
        answers={200: by_name(array(ref("Workflow")))},
    ),
)
