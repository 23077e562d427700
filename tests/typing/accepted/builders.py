"""Builders of task types: parameters take values and references alike, outputs have fields."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, assert_type

import attrs

from podium import (
    Step,
    agents,
    ai,
    alerts,
    call_task,
    credentials,
    databases,
    documents,
    dynamic,
    dynamic_fork,
    event,
    exclusive_join,
    fan_out,
    join,
    js,
    kafka,
    legacy,
    mcp,
    messages,
    people,
    pull_messages,
    ref,
    rules,
    runs,
    secret,
    start_workflow,
    sub_workflow,
    sub_workflow_from,
    task,
    vectors,
    web,
    workflow,
    yield_,
)


@attrs.frozen
class Verdict:
    good: bool
    why: str = ""


@task
def look_up(city: str) -> Verdict:
    return Verdict(good=bool(city))


@workflow
def models(question: str, limit: int, warmth: float) -> str:
    said = ai.chat(
        "answer",
        provider="openai",
        model=question,
        messages=[ai.system("Be brief."), ai.user(question), {"role": "user", "message": question}],
        tools=[look_up, ai.Tool(name="other")],
        temperature=warmth,
        max_tokens=limit,
        returns=Verdict,
    )
    assert_type(said, Step[ai.Reply[Verdict]])
    assert_type(said.output.result.good, bool)
    assert_type(said.output.tool_calls[0].name, str)
    assert_type(ai.chat("free", provider="p", model="m").output.result, Any)
    assert_type(ai.complete("more", provider="p", model="m", prompt_name="x", returns=str).output.result, str)
    vector = ai.embed("vector", provider="p", model="m", text=said.output.result.why)
    assert_type(vector.output, list[float])
    vectors.store("stored", database="d", index="i", embeddings=vector.output)
    found = vectors.search("found", database="d", index="i", provider="p", model="m", query=question)
    assert_type(found.output[0].score, float)
    ai.image("drawn", provider="p", model="m", prompt=question, width=limit)
    ai.video("filmed", provider="p", model="m", duration="8s", max_duration=timedelta(minutes=1))
    return said.output.result.why


@workflow
def tools(city: str, arguments: dict[str, str]) -> None:
    listed = mcp.list_tools("listed", server="http://m")
    assert_type(listed.output.tools[0].name, str)
    called = mcp.call_tool("called", server="http://m", tool=listed.output.tools[0].name, arguments=arguments)
    assert_type(called.output.is_error, bool)
    typed = mcp.call_tool("typed", server="http://m", tool="t", arguments={"city": city}, returns=Verdict)
    assert_type(typed.output.content[0].parsed.why, str)
    agent = agents.run("agent", agent="helper", prompt=city, returns=Verdict)
    assert_type(agent.output.output.good, bool)
    remote = agents.call("remote", url="http://a", text=agent.output.text)
    agents.cancel("cancelled", url="http://a", task_id=remote.output.task_id)
    agents.stop("stopped", execution_id=agent.output.execution_id)
    assert_type(agents.card("card", url="http://a").output.agent_card.skills[0].name, str)


@workflow
def services(order_id: str, rows: list[str]) -> None:
    asked = databases.query("asked", "SELECT 1", [order_id], integration="shop", returns=Verdict)
    assert_type(asked.output[0].why, str)
    assert_type(databases.change("changed", "DELETE", integration="shop").output.update_count, int)
    polled = web.poll("polled", f"https://example.com/{order_id}", until=js("true"), every="2m", returns=Verdict)
    assert_type(polled.output.body.good, bool)
    assert_type(web.grpc("spoken", host="h", port=1, method="m", returns=Verdict).output.why, str)
    assert_type(web.wait_for_webhook("hook", matches={"$['id']": order_id}, returns=Verdict).output.good, bool)
    assert_type(documents.parse("parsed", url=order_id).output, list[str])
    assert_type(documents.pdf("written", markdown=order_id).output.result.location, str)
    assert_type(rules.evaluate("ruled", file="f", inputs={}, outputs=rows, returns=Verdict).output.why, str)
    gotten = runs.get("gotten", id=order_id, returns=Verdict)
    assert_type(gotten.output.output.good, bool)
    runs.update_task("updated", status="COMPLETED", task_id=order_id)
    credentials.signed_jwt(
        "signed",
        subject=order_id,
        issuer="i",
        private_key=secret("PEM"),
        private_key_id="k",
        audience="a",
        ttl="1h",
        scopes="s",
    )
    alerts.sendgrid("mailed", sender="a", to="b", subject="c", content=order_id, integration="d")
    kafka("published", servers="k", topic="t", value=order_id, request_timeout="2s")
    assert_type(pull_messages("inbox").output.messages[0].payload, Mapping[str, Any])
    assert_type(event("told", messages.kafka("orders"), id=order_id).output.queue, str)
    assert_type(people.ask("asked_people", form="f", assignments=[people.group("g")], returns=Verdict).output.why, str)


@workflow
def operators(name: str, items: list[str]) -> None:
    assert_type(dynamic("chosen", name, returns=Verdict, city=name).output.why, str)
    assert_type(dynamic("open", name).output, Any)
    assert_type(call_task("called", "worker", returns=int).output, int)
    assert_type(sub_workflow("child", "other", 2, returns=Verdict).output.good, bool)
    assert_type(sub_workflow_from("computed", ref("plan.output"), returns=Verdict).output.good, bool)
    assert_type(start_workflow("started", "other").output.workflow_id, str)
    assert_type(yield_("signal", returns=Verdict).output.why, str)
    assert_type(legacy.lambda_("old", "return 1", returns=int).output, int)
    parts = fan_out("parts", look_up, [{"city": "Rome"}])
    assert_type(parts.output["_look_up_0"].good, bool)
    by_name = fan_out("by_name", "worker", items, returns=Verdict)
    assert_type(by_name.output["_worker_0"].why, str)
    fan_out("typed", None, items, task_type="HTTP")
    dynamic_fork("branches", ref("plan.output.tasks"), ref("plan.output.inputs"), join=join("gathered", script="true"))
    one, other = look_up.as_("one")(name), look_up.as_("other")(name)
    assert_type(exclusive_join("either", [one, other]).output.why, str)
    assert_type(exclusive_join("named", ["one"], returns=Verdict).output.why, str)
    look_up.opts(on_state_change={"onFailed": {"type": "told"}}, join_status="x")(name)
    sub_workflow("again", "other").opts(priority=3, task_to_domain={"*": "eu"}, idempotency_key=name)
