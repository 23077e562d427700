"""Mistakes in builders with `returns=`, in undo, in workflow settings and at the client."""

from __future__ import annotations

import attrs

from podium import Workflow, connect, http, human, inline, jq, task, variable, wait, workflow


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
def outside(order_id: str) -> None:
    answer = http("ask", "https://example.com", returns=Approval)
    print(answer.output.body.aproved)  # expect error: aproved
    print(answer.output.status)  # expect error: status
    http("ask_two", "https://example.com", methd="POST")  # expect error: methd | No overloads
    http("ask_three", "https://example.com", headers=["a"])  # expect error: Mapping
    print(human("manager", returns=Approval).output.nte)  # expect error: nte
    print(wait("event", returns=Approval).output.nte)  # expect error: nte
    wait("pause", druation="5s")  # expect error: druation | No overloads
    reserve(order_id, inline("sum", "1", returns=int).output)  # expect error: str
    reserve(order_id, jq("sum", ".", returns=list[str]).output)  # expect error: str
    reserve(order_id, variable("stage", int))  # expect error: str


@workflow
def undoable(order_id: str) -> None:
    held = reserve(order_id, "a")
    held.undo(release, reservation=held.output)  # expect error: reservation
    held.undo(release)  # expect error: reservation_id
    held.undo(release, reservation_id=3)  # expect error: str
    held.undo(release.fn, reservation_id=held.output)  # expect error: StepMaker


@workflow(versoin=3)  # expect error: versoin | No overloads
def wrong_setting(order_id: str) -> None: ...


@workflow(version="3")  # expect error: int
def wrong_value(order_id: str) -> None: ...


@workflow(failure_workflow=release)  # expect error: Workflow
def wrong_failure(order_id: str) -> None: ...


Workflow("value", versoin=3)  # expect error: versoin


def runs(order_id: str) -> None:
    with connect("memory://") as client:
        client.register(release.fn)  # expect error: Workflow
        client.start(outside, ["1"])  # expect error: Mapping
        client.run(outside, {"order_id": "1"}, timeout="3s")  # expect error: float
        client.run(outside, order_id="1")  # expect error: order_id
        outside.start(client, order_id=1)  # expect error: start | str
        outside.start(client)  # expect error: start | order_id
        outside.start(client, oder_id="1")  # expect error: start | oder_id
        print(client.run(outside, {}).statuses)  # expect error: statuses
        client.workers([release.fn])  # expect error: Task
        client.workers([outside])  # expect error: Task
    outside.run("1", workers=[])  # expect error: argument
    outside.run(workers=[release.fn])  # expect error: Task
    outside.run("1")  # expect error: argument
    outside.run(order_id="1", timeout="3s")  # expect error: float
