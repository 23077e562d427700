"""One call of every builder, with all that it can say where that is not too long, and things said in two ways."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import attrs

from podium.dsl import (
    Workflow,
    agents,
    ai,
    alerts,
    call_task,
    credentials,
    databases,
    decision,
    documents,
    dynamic,
    dynamic_fork,
    event,
    exclusive_join,
    fan_out,
    for_each,
    fork,
    http,
    human,
    inline,
    join,
    jq,
    js,
    kafka,
    legacy,
    loop,
    mcp,
    messages,
    noop,
    people,
    pull_messages,
    ref,
    rules,
    runs,
    secret,
    set_variable,
    start_workflow,
    sub_workflow,
    sub_workflow_from,
    switch,
    task,
    terminate,
    vectors,
    wait,
    web,
    when,
    yield_,
)


@attrs.frozen
class Verdict:
    """What a model is to say."""

    good: bool
    why: str = ""


@task
def look_up(city: str) -> str:
    """Look up a city."""
    return city


inner = Workflow("inner", version=4)
inner >> noop("nothing")

#: Something that is known only while the workflow runs.
given = ref("workflow.input.given")
maps = ref("workflow.input.given", list[dict[str, Any]])
text = ref("workflow.input.text", str)
vector = ref("workflow.input.vector", list[float])

#: Makes the steps of one workflow; what it returns does not count.
Sample = Callable[[], object]

#: Builder to a call of it.
SAMPLES: dict[str, Sample] = {
    "call_task": lambda: call_task("s", "old_worker", returns=Verdict, city=text),
    "dynamic": lambda: dynamic("s", text, input_name="which", returns=Verdict, city="Rome"),
    "sub_workflow": lambda: sub_workflow("s", "other", 2, returns=Verdict, x=given).opts(
        task_to_domain={"*": "eu"}, priority=7
    ),
    "sub_workflow_from": lambda: sub_workflow_from("s", given, x=1),
    "start_workflow": lambda: start_workflow("s", "other", 2, correlation_id=text, x=given).opts(priority=7),
    "switch": lambda: switch("s", text, {"A": [noop("a")]}, otherwise=[noop("b")]),
    "when": lambda: when("s", ref("workflow.input.amount", int) > 3, [noop("a")]),
    "loop": lambda: loop("s", [noop("a")], max_iterations=3, keep_last=2),
    "for_each": lambda: for_each("s", given, [noop("a")], while_=js("true", evaluator="graaljs")),
    "fork": lambda: fork("s", [noop("a")], [noop("b")], join=join("j", mode="SYNC", status="COMPLETED")),
    "fan_out": lambda: (
        fan_out("s", look_up, maps),
        fan_out("t", inner, maps, version=3),
        fan_out("u", "old_worker", [1, 2], returns=Verdict),
        fan_out("v", None, maps, task_type="HTTP"),
        fan_out("w", None, maps, workflow="other", version=2, join=False),
    ),
    "dynamic_fork": lambda: dynamic_fork("s", given, given, tasks_name="list", inputs_name="map", more=1),
    "legacy.dynamic_fork": lambda: legacy.dynamic_fork("s", given, join="gathered"),
    "join": lambda: join("s", ["a"], script=js("$.limit > 1", evaluator="graaljs", limit=given), mode="async"),
    "exclusive_join": lambda: exclusive_join("s", ["a", "b"], default=["c"], returns=Verdict),
    "decision": lambda: decision("s", text, {"A": [noop("a")]}),
    "runs.jump": lambda: runs.jump("s", to="a"),
    "set_variable": lambda: set_variable("s", seen=given),
    "terminate": lambda: terminate("s", "failed", "why", output={"id": text}),
    "noop": lambda: noop("s"),
    "wait": lambda: wait("s", duration=timedelta(minutes=2)),
    "human": lambda: human("s", returns=Verdict, amount=3),
    "people.ask": lambda: people.ask(
        "s",
        display_name="Approve",
        form="Approval",
        form_version=2,
        assignments=[people.user("a@example.com", within="10m"), people.group("all"), people.external_user("x")],
        when_nobody="terminate",
        auto_claim=True,
        triggers=[people.on("completed", "mail", 1, inputs={"to": text})],
        returns=Verdict,
        amount=given,
    ),
    "yield_": lambda: yield_("s", returns=Verdict, price=given),
    "web.wait_for_webhook": lambda: web.wait_for_webhook("s", matches={"$['type']": "paid", "$['id']": text}),
    "web.wait_for_event": lambda: web.wait_for_event("s", what="x"),
    "pull_messages": lambda: pull_messages("s", batch_size=5, blocking=False),
    "inline": lambda: inline("s", "$.a + 1", evaluator="graaljs", a=given, returns=int),
    "jq": lambda: jq("s", ".a", a=given, returns=list[str]),
    "legacy.lambda_": lambda: legacy.lambda_("s", "return $.a + 1;", a=given, returns=int),
    "rules.evaluate": lambda: rules.evaluate(
        "s", file=text, inputs={"price": given}, outputs=["discount"], strategy="fire_all", cache="90m"
    ),
    "http": lambda: http(
        "s",
        text,
        method="put",
        headers={"a": secret("KEY")},
        body={"b": given},
        accept="text/plain",
        content_type="application/json",
        connect_timeout="250ms",
        read_timeout="10s",
        encode=False,
        accepted_statuses=["2xx", "404"],
        hedge=2,
        returns=Verdict,
    ),
    "web.poll": lambda: web.poll(
        "s",
        f"https://example.com/{text}",
        until=js("$.output.response.body.done"),
        method="post",
        every="2m",
        strategy="linear_backoff",
        max_polls=9,
        headers={"a": "b"},
        body=given,
        accept="text/plain",
        content_type="application/json",
        connect_timeout="250ms",
        read_timeout="10s",
        encode=True,
        accepted_statuses=["2xx"],
        returns=Verdict,
    ),
    "web.grpc": lambda: web.grpc(
        "s",
        host="example.com",
        port=9000,
        method="Say",
        request={"a": given},
        method_type="server_streaming",
        service="Hello",
        use_ssl=True,
        trust_cert=False,
        headers={"a": "b"},
        input_type="In",
        output_type="Out",
        hedge=3,
        returns=Verdict,
    ),
    "event": lambda: event("s", messages.kafka("orders", integration="shop"), id=text),
    "kafka": lambda: kafka(
        "s",
        servers="k:9092",
        topic="t",
        value={"a": given},
        key=text,
        headers={"h": 1},
        key_serializer="x.Y",
        request_timeout="2s",
        max_block="500ms",
    ),
    "databases.query": lambda: databases.query(
        "s", "SELECT id FROM a WHERE b = ?", [text], integration="shop", schema="main", returns=Verdict
    ),
    "databases.change": lambda: databases.change("s", "DELETE FROM a", connection="shop", expected=1),
    "alerts.sendgrid": lambda: alerts.sendgrid(
        "s", sender="a@example.com", to=text, subject="x", content="y", integration="mail", content_type="text/html"
    ),
    "alerts.opsgenie": lambda: alerts.opsgenie(
        "s",
        alias="a",
        description="b",
        message="c",
        token=secret("OPS"),
        visible_to=[{"id": "1", "type": "team"}],
        responders=[{"type": "user", "username": "a@example.com"}],
        details={"k": "v"},
        actions=["Restart"],
        priority="P1",
        entity="db",
        tags=["x"],
    ),
    "ai.chat": lambda: ai.chat(
        "s",
        provider="openai",
        model=text,
        messages=[
            ai.system("You judge."),
            ai.user(f"Is {text} good?", media=["https://example.com/a.png"], mime_type="image/png"),
            ai.assistant("Let me see."),
            ai.tool_result(ai.ToolCall(name="look_up", task_reference_name="c1"), {"result": "yes"}),
            {"role": "user", "message": "And now?"},
        ],
        returns=Verdict,
        tools=[
            look_up,
            inner,
            ai.Tool(name="t", type="CALL_MCP_TOOL", description="d", config={"mcpServer": "http://m"}),
        ],
        instructions="Be brief.",
        json_output=True,
        output_schema=Verdict,
        temperature=0.2,
        top_p=0.9,
        max_tokens=100,
        stop_words=["END"],
        thinking_tokens=64,
        previous_response=text,
        web_search=True,
        code_interpreter=False,
        file_search_stores=["vs"],
        google_search=False,
        integration="mine",
        integrations={"AI_MODEL": "mine"},
        extra={"newField": given},
    ),
    "ai.complete": lambda: ai.complete(
        "s", provider="openai", model="m", prompt_name="p", prompt_variables={"a": given}, prompt_version=2, top_k=3
    ),
    "ai.embed": lambda: ai.embed("s", provider="openai", model="m", text=text, dimensions=8, extra={"a": 1}),
    "ai.image": lambda: ai.image(
        "s", provider="openai", model="m", prompt=text, count=2, width=512, height=512, style="vivid", format="JPG"
    ),
    "ai.audio": lambda: ai.audio("s", provider="openai", model="m", text=text, voice="nova", speed=1.5, format="wav"),
    "ai.video": lambda: ai.video(
        "s",
        provider="openai",
        model="m",
        prompt=text,
        duration="8s",
        fps=30,
        format="mp4",
        thumbnail=False,
        thumbnail_at=2,
        max_duration="1m",
        max_cost_dollars=1.5,
        count=1,
    ),
    "vectors.index_text": lambda: vectors.index_text(
        "s",
        database="pg",
        index="i",
        provider="openai",
        model="m",
        text=text,
        document="d",
        namespace="n",
        chunk_size=500,
        chunk_overlap=50,
        metadata={"a": given},
        dimensions=8,
    ),
    "vectors.index_document": lambda: vectors.index_document(
        "s", database="pg", index="i", provider="openai", model="m", url=text, media_type="application/pdf"
    ),
    "vectors.store": lambda: vectors.store("s", database="pg", index="i", embeddings=vector, id="x", provider="openai"),
    "vectors.search": lambda: vectors.search(
        "s", database="pg", index="i", provider="openai", model="m", query=text, namespace="n", max_results=3
    ),
    "vectors.search_embeddings": lambda: vectors.search_embeddings(
        "s", database="pg", index="i", embeddings=vector, max_results=3
    ),
    "vectors.get_embeddings": lambda: vectors.get_embeddings("s", database="pg", index="i", embeddings=[0.5, 1]),
    "mcp.list_tools": lambda: mcp.list_tools("s", server="http://m", headers={"a": secret("KEY")}),
    "mcp.call_tool": lambda: mcp.call_tool("s", server="http://m", tool="t", arguments={"a": given}, returns=Verdict),
    "mcp.remote": lambda: mcp.remote("s", url="http://m", method="t", request={"a": given}, headers={"b": "c"}),
    "mcp.integration": lambda: mcp.integration(
        "s", integration_name="slack", integration_type="slack", method="post", channel=text
    ),
    "agents.run": lambda: agents.run(
        "s",
        agent="helper",
        version=2,
        prompt=text,
        session_id="x",
        context={"a": given},
        timeout="1h",
        poll_interval="10s",
        returns=Verdict,
    ),
    "agents.call": lambda: agents.call(
        "s", url="http://a", text=text, headers={"a": "b"}, streaming=True, max_duration="1d", push_backstop=60
    ),
    "agents.card": lambda: agents.card("s", url="http://a"),
    "agents.cancel": lambda: agents.cancel("s", url="http://a", task_id=text, headers={"a": "b"}),
    "agents.stop": lambda: agents.stop("s", execution_id=text, reason="late"),
    "documents.fetch": lambda: documents.fetch("s", url=text, media_type="application/pdf"),
    "documents.parse": lambda: documents.parse("s", url=text, chunk_size=0, integration="git"),
    "documents.chunk": lambda: documents.chunk("s", text=text, chunk_size=500, media_type="markdown"),
    "documents.list_files": lambda: documents.list_files(
        "s", location="s3://b/f", file_types=["pdf"], output_location="s3://b/l.txt", integrations={"aws": "mine"}
    ),
    "documents.pdf": lambda: documents.pdf(
        "s", markdown=text, page_size="LETTER", theme="compact", base_font_size=10, metadata={"title": "T"}
    ),
    "runs.get": lambda: runs.get("s", id=text, include_tasks=True, returns=Verdict),
    "runs.update_task": lambda: runs.update_task(
        "s", status="completed", workflow_id=text, task_ref="w", output={"a": given}, merge=True
    ),
    "runs.end": lambda: runs.end("s", ids=[text], reason="late", failure_workflow=True),
    "runs.search": lambda: runs.search(
        "s", workflows=["order"], statuses=["FAILED"], started_after="15m", started_before=0, free_text="x"
    ),
    "runs.metrics": lambda: runs.metrics("s", query="up", start=15, end=0, step="5m"),
    "credentials.update_secret": lambda: credentials.update_secret("s", key="KEY", value=text),
    "credentials.signed_jwt": lambda: credentials.signed_jwt(
        "s",
        subject="a",
        issuer="b",
        private_key=secret("PEM"),
        private_key_id="c",
        audience="d",
        ttl="1h",
        scopes=["e"],
    ),
}

#: The same in other words.
OTHER_WORDS: dict[str, tuple[Sample, Sample]] = {
    "an address by position or by name": (
        lambda: http("s", "https://example.com", read_timeout_ms=500),
        lambda: http("s", url="https://example.com", read_timeout="500ms", method="GET"),
    ),
    "a script as text or js": (
        lambda: web.poll("s", "u", until="$.x", every=60),
        lambda: web.poll("s", "u", until=js("$.x"), every=timedelta(minutes=1)),
    ),
    "a lambda as text or js": (
        lambda: legacy.lambda_("s", "return $.a", a=1),
        lambda: legacy.lambda_("s", js("return $.a", a=1)),
    ),
    "a message as a record or a map": (
        lambda: ai.chat("s", provider="p", model="m", messages=[ai.user("hi")]),
        lambda: ai.chat("s", provider="p", model="m", messages=[{"role": "user", "message": "hi"}]),
    ),
    "a sink as text or by its function": (
        lambda: event("s", "kafka:orders", a=1),
        lambda: event("s", messages.kafka("orders"), a=1),
    ),
    "an option of a join or a parameter": (
        lambda: join("s", ["a"], mode="SYNC", status="x"),
        lambda: join("s", ["a"]).opts(join_mode="sync", join_status="x"),
    ),
    "a workflow by its object or its name": (
        lambda: fan_out("s", inner, [1]),
        lambda: fan_out("s", "inner", [1], workflow="inner", version=4),
    ),
    "nothing given or None given": (
        lambda: ai.embed("s", provider="p", model="m", text="t"),
        lambda: ai.embed("s", provider="p", model="m", text="t", dimensions=None, extra=None),
    ),
}


def workflow_of(name: str, sample: Sample) -> Workflow[..., Any]:
    """Return a workflow of one sample."""
    made = Workflow(name.replace(".", "_"))
    with made:
        sample()
    return made
