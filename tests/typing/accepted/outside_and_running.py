"""Builders with `returns=`, options, undo, workflow settings and the client."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, assert_type

import attrs

from podium import (
    HttpResponse,
    Step,
    Workflow,
    WorkflowRun,
    connect,
    env,
    http,
    human,
    inline,
    jq,
    load,
    ref,
    secret,
    set_variable,
    task,
    variable,
    wait,
    workflow,
)


@attrs.frozen
class Approval:
    approved: bool
    note: str = ""


@task
def reserve(order_id: str, sku: str) -> str:
    return order_id + sku


@task
def release(reservation_id: str, why: str = "") -> None: ...


@workflow
def outside(order_id: str) -> Approval:
    answer = http("ask", f"https://example.com/{order_id}", returns=Approval, headers={"Authorization": secret("KEY")})
    assert_type(answer, Step[HttpResponse[Approval]])
    assert_type(answer.output.body.approved, bool)
    assert_type(answer.output.status_code, int)
    plain = http("ask_plain", url="https://example.com", method="POST", body={"a": env("REGION")})
    assert_type(plain, Step[HttpResponse[Any]])
    asked = human("manager", returns=Approval, order=order_id)
    assert_type(asked.output.note, str)
    human("free", order=order_id)
    assert_type(wait("event", returns=Approval).output.approved, bool)
    wait("pause", duration=timedelta(minutes=1))
    assert_type(inline("sum", "$.a + 1", a=1, returns=int).output, int)
    assert_type(jq("names", "[.a[].name]", a=asked.output, returns=list[str]).output[0], str)
    set_variable("note", stage="asked", by=asked.output.note)
    assert_type(variable("stage", str), str)
    assert_type(ref("workflow.correlationId", str), str)
    assert_type(secret("KEY"), str)
    assert_type(env("REGION"), str)
    return asked.output


@workflow
def undoable(order_id: str, sku: str) -> str:
    held = reserve(order_id, sku).undo(release, reservation_id=order_id)
    again = reserve.as_("reserve_again")(order_id, sku)
    again.undo(release, again.output, why="late")
    assert_type(held, Step[str])
    return held.output


@workflow(
    name="settled",
    version=3,
    description="All settings",
    owner="a@example.com",
    timeout=timedelta(hours=1),
    timeout_policy="ALERT_ONLY",
    failure_workflow=undoable,
    restartable=False,
    variables={"stage": "new"},
    status_listener=True,
    rate_limit=("${workflow.input.order_id}", 2),
    masked_fields=("sku",),
    metadata={"team": "orders"},
)
def settled(order_id: str, sku: str = "A") -> str:
    step = reserve(order_id, sku).opts(
        retries=1,
        retry_delay="5s",
        retry_logic="EXPONENTIAL_BACKOFF",
        optional=True,
        start_delay=3,
        cache=("key", "1h"),
        metadata={"a": 1},
    )
    return step.output


def runs(path: str) -> None:
    with connect("memory://") as client, client.workers([reserve, release], concurrency=2):
        client.register(settled, undoable, reserve)
        run_id = client.start(settled, {"order_id": "1"}, correlation_id="c")
        assert_type(run_id, str)
        assert_type(client.wait(run_id, timeout=3.0), WorkflowRun)
        assert_type(client.run(settled, {"order_id": "1"}, timeout=3.0), WorkflowRun[str])
        assert_type(client.run(settled, {"order_id": "1"}).result, str)
        assert_type(client.run("settled", {"order_id": "1"}).result, Any)
        assert_type(settled.start(client, order_id="1", sku="A"), str)
        assert_type(settled.start(client, "1"), str)
    run = settled.run(order_id="1", sku="B", timeout=2.0)
    assert_type(run, WorkflowRun[str])
    assert_type(run.result, str)
    assert_type(run.reason, str | None)
    loaded = load(path)
    assert_type(loaded, Workflow[..., Any])
    loaded.run(workers=[reserve], anything=1)
    assert_type(settled.to_json(), str)
    for problem in settled.check():
        assert_type(problem.code, str)
