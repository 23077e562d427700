"""``/workflow/test``: a run with mocks in place of its tasks, which is kept nowhere."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from podium.engine.ports import Backend
from podium.model.codec import from_dict, from_json
from podium.model.definitions import TaskDef, WorkflowDef
from podium.model.errors import Fault, RunTimeout, WorkflowNotFound
from podium.model.walk import walk
from podium.server.answers import Answer, json_answer
from podium.server.bodies import optional_object, optional_text, version_of
from podium.server.calls import Call
from podium.server.desk import Desk
from podium.server.errors import InvalidBody, Refusal
from podium.server.routing import Body, post, ref
from podium.server.wire import whole


async def run_test(desk: Desk, call: Call) -> Answer:
    """Run a workflow with mocks in virtual time; the answer is the run, as far as it came."""
    tester = desk.settings.tester
    if tester is None:
        raise Refusal(501, "this server takes no test requests")
    body = call.object()
    for key in ("input", "taskRefToMockOutput", "subWorkflowTestRequest"):
        optional_object(body, key)
    run = tester

    def look() -> Answer:
        definition = _definition(desk.engine.backend, body)
        return json_answer(whole(run(definition, body, _named_by(desk.engine.backend, definition))))

    # A thread of its own, not one that looks into the store for others: it may take its time.
    return await asyncio.to_thread(look)


def _definition(backend: Backend, body: Mapping[str, Any]) -> WorkflowDef:
    if body.get("workflowDef") is not None:
        return from_dict(body["workflowDef"], WorkflowDef)
    name, version = optional_text(body, "name"), version_of(body)
    if not name:
        raise InvalidBody([Fault("name", "Workflow name cannot be null or empty")])
    row = backend.workflow(name, version)
    if row is None:
        raise WorkflowNotFound(f"No such workflow defined. name={name}, version={version or 'latest'}")
    return from_json(row.body, WorkflowDef)


def _named_by(backend: Backend, definition: WorkflowDef) -> list[WorkflowDef | TaskDef]:
    """Return the registered definitions that a workflow names, and those that they name."""
    workflows: dict[tuple[str, int], WorkflowDef] = {}
    task_defs: dict[str, TaskDef] = {}
    left = [definition]
    while left:
        for visit in walk(left.pop().tasks):
            row = backend.task_def(visit.task.name)
            if row is not None:
                task_defs[row.name] = from_json(row.body, TaskDef)
            called = visit.task.sub_workflow_param
            found = backend.workflow(called.name, called.version or None) if called and called.name else None
            key = (definition.name, definition.version) if found is None else (found.name, found.version)
            if found is not None and key not in workflows and key != (definition.name, definition.version):
                workflows[key] = from_json(found.body, WorkflowDef)
                left.append(workflows[key])
    return [*workflows.values(), *task_defs.values()]


ROUTES = (
    post(
        "/workflow/test",
        run_test,
        body=Body(shape=ref("WorkflowTestRequest")),
        answers={200: ref("Workflow")},
        refusals={RunTimeout: 400, Refusal: 501},
    ),
)
