"""Builders of every task type: the JSON that they write, what they give, and what they refuse."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from builder_samples import OTHER_WORDS, SAMPLES, Verdict, given, inner, look_up, text, workflow_of
from decompile_calls import rebuilt

from podium.dsl import (
    agents,
    ai,
    call_task,
    credentials,
    databases,
    dynamic,
    event,
    exclusive_join,
    fan_out,
    http,
    join,
    kafka,
    legacy,
    mcp,
    messages,
    noop,
    people,
    pull_messages,
    ref,
    rules,
    runs,
    start_workflow,
    sub_workflow,
    sub_workflow_from,
    task,
    vectors,
    web,
    workflow,
    yield_,
)
from podium.dsl.dynamic_forks import dynamic_fork
from podium.dsl.steps import Step
from podium.model import codec
from podium.model.definitions import StateChangeEvent
from podium.model.errors import AuthoringError
from podium.model.task_types import TASK_KINDS

SNAPSHOT = Path(__file__).parents[1] / "snapshots" / "dsl" / "builders.json"
SCHEMA = Path(__file__).parents[2].parent / "shared" / "corpus" / "schemas" / "WorkflowDef.json"


def test_every_builder_has_a_sample() -> None:
    """The samples are those of the catalogue's builders."""
    assert sorted(SAMPLES) == sorted(name for kind in TASK_KINDS.values() for name in kind.builders)


def test_builders_write_the_json_that_is_kept() -> None:
    """What each builder compiles to is byte for byte what is kept."""
    made = [workflow_of(name, sample).to_dict() for name, sample in SAMPLES.items()]
    written = json.dumps(made, indent=2, ensure_ascii=False) + "\n"
    if os.environ.get("PODIUM_WRITE_SNAPSHOTS"):
        SNAPSHOT.write_text(written)

    assert SNAPSHOT.read_text() == written


@pytest.mark.parametrize("name", SAMPLES)
def test_builders_satisfy_the_official_schema(name: str) -> None:
    """What each builder writes is what Conductor's own schema describes."""
    if not SCHEMA.exists():
        pytest.skip("the official schemas are not here")
    import jsonschema

    schema = json.loads(SCHEMA.read_text())
    document = workflow_of(name, SAMPLES[name]).to_dict()

    jsonschema.Draft7Validator(schema).validate(document)
    assert codec.to_dict(codec.from_dict(document, type(workflow_of(name, SAMPLES[name]).definition))) == document


@pytest.mark.parametrize("name", SAMPLES)
def test_builders_are_what_decompiling_writes(name: str) -> None:
    """A definition made by a builder is written with that builder, and makes the same definition again."""
    definition = workflow_of(name, SAMPLES[name]).definition

    source = rebuilt(definition)

    assert "system_task" not in source
    assert "json=" not in source or name == "for_each"  # another language than a list has by itself
    assert f"{name}(" in source or name == "call_task"  # which becomes a function of its name


@pytest.mark.parametrize("words", OTHER_WORDS)
def test_two_spellings_are_one(words: str) -> None:
    """Where a thing can be said in two ways, the definitions are equal."""
    one, other = (workflow_of("w", sample).to_dict() for sample in OTHER_WORDS[words])

    assert one == other


def test_flat_http_leaves_the_wrapper_out() -> None:
    """The newer spelling of HTTP has its inputs side by side."""
    step = http("s", "https://example.com", method="POST", body={"a": 1}, flat=True)

    assert step.input_parameters == {"uri": "https://example.com", "method": "POST", "body": {"a": 1}}


def _references() -> list[tuple[Callable[[], Any], str]]:
    chat = ai.chat("s", provider="p", model="m", returns=Verdict)
    found = vectors.search("s", database="d", index="i", provider="p", model="m", query="q")
    asked = databases.query("s", "SELECT 1", integration="i", returns=Verdict)
    tool = mcp.call_tool("s", server="h", tool="t", returns=Verdict)
    agent = agents.run("s", prompt="p", returns=Verdict)
    polled = web.poll("s", "u", until="true", returns=Verdict)
    gotten = runs.get("s", id="i", returns=Verdict)
    inbox = pull_messages("s")
    return [
        (lambda: chat.output.result.why, "result.why"),
        (lambda: chat.output.finish_reason, "finishReason"),
        (lambda: chat.output.tool_calls[0].input_parameters["a"], "toolCalls[0].inputParameters.a"),
        (lambda: chat.output.media[0].mime_type, "media[0].mimeType"),
        (lambda: found.output[0].doc_id, "result[0].docId"),
        (lambda: asked.output[0].good, "result[0].good"),
        (lambda: tool.output.content[0].parsed.why, "content[0].parsed.why"),
        (lambda: tool.output.is_error, "isError"),
        (lambda: agent.output.output.why, "output.why"),
        (lambda: agent.output.agent_message.parts[0].text, "agentMessage.parts[0].text"),
        (lambda: polled.output.body.why, "response.body.why"),
        (lambda: gotten.output.output.why, "output.why"),
        (lambda: inbox.output.messages[0].received_at, "messages[0].receivedAt"),
        (lambda: databases.change("s", "x", integration="i").output.update_count, "update_count"),
        (lambda: start_workflow("s", "w").output.workflow_id, "workflowId"),
        (lambda: event("s", "conductor").output.queue, "event_produced"),
        (lambda: event("s", "conductor").output["mine"], "mine"),  # type: ignore[index]  # what the author has sent
        (lambda: event("s", "conductor", returns=Verdict).output.why, "why"),
        (lambda: dynamic("s", text, returns=Verdict).output.why, "why"),
        (lambda: dynamic("s", text, returns=int).output, "result"),
        (lambda: yield_("s", returns=int).output, "result"),
        (lambda: sub_workflow("s", "w", returns=Verdict).output.why, "why"),
        (lambda: sub_workflow("s", "w", returns=str).output, "result"),
        (lambda: call_task("s", "w", returns=list[str]).output, "result"),
        (lambda: rules.evaluate("s", file="f", inputs={}, outputs=[], returns=Verdict).output.why, "result.why"),
    ]


@pytest.mark.parametrize("number", range(len(_references())))
def test_outputs_have_fields(number: int) -> None:
    """Fields of outputs are called as Python calls them, and read what the server writes."""
    make, path = _references()[number]

    assert str(make()) == f"${{s.output.{path}}}"


def test_an_exclusive_join_has_the_type_of_its_steps() -> None:
    """Steps that agree give their type to the join; one that is only a name leaves it open."""
    one, other = look_up.as_("one")("a"), look_up.as_("other")("b")

    assert str(exclusive_join("s", [one], default=[other]).output) == "${s.output.result}"
    assert str(exclusive_join("t", [one, "named"]).output) == "${t.output}"
    assert str(exclusive_join("u", ["named"], returns=Verdict).output.why) == "${u.output.why}"


def test_tools_of_a_chat_are_served_and_registered() -> None:
    """A task or workflow that a model may call belongs to the workflow, as if it were called."""

    @workflow
    def inner_flow(city: str) -> str:
        return look_up(city).output

    @workflow
    def outer(question: str) -> None:
        ai.chat("answer", provider="p", model="m", messages=[ai.user(question)], tools=[look_up, inner_flow])

    tools = outer.definition.tasks[0].input_parameters["tools"]
    assert [(tool["name"], tool["type"]) for tool in tools] == [("look_up", "SIMPLE"), ("inner_flow", "SUB_WORKFLOW")]
    assert tools[0]["description"] == "Look up a city."
    assert tools[0]["inputSchema"]["required"] == ["city"]
    assert [each.name for each in outer.tasks] == ["look_up"]
    assert {each.name for each in outer.definitions} == {"outer", "inner_flow"}


def test_podium_runs_foreign_types_by_workers_of_their_names() -> None:
    """A function of the type's name stands in for the server's module."""

    @task(name="LLM_CHAT_COMPLETE")
    def chat(messages: list[dict[str, str]]) -> dict[str, object]:
        return {"good": True, "why": messages[0]["message"]}

    @workflow
    def judged(question: str) -> str:
        said = ai.chat("answer", provider="p", model="m", messages=[ai.user(question)], returns=Verdict)
        return said.output.result.why

    run = judged.run(workers=[chat], question="Why?", timeout=30)
    assert run.output == {"result": "Why?"}


def test_sinks_are_texts() -> None:
    """Each kind of sink has a function that gives its text."""
    assert [
        messages.conductor(),
        messages.conductor("a"),
        messages.sqs("a", integration="x"),
        messages.nats("a"),
        messages.nats_stream("a"),
        messages.jsm("a"),
        messages.amqp("a", integration="x"),
        messages.amqp_queue("a"),
        messages.amqp_exchange("a"),
        messages.azure("a", integration="x"),
        messages.gcp_pubsub("a", integration="x"),
        messages.ibm_mq("a", integration="x"),
    ] == [
        "conductor",
        "conductor:a",
        "sqs:x:a",
        "nats:a",
        "nats_stream:a",
        "jsm:a",
        "amqp:x:a",
        "amqp_queue:a",
        "amqp_exchange:a",
        "azure:x:a",
        "gcp_pubsub:x:a",
        "ibm_mq:x:a",
    ]


#: What is wrong, and what the message says.
WRONG: dict[str, tuple[Callable[[], object], str, str]] = {
    "missing": (lambda: ai.chat("s", provider="p"), "R3", "missing a required argument: 'model'"),  # type: ignore[call-overload]  # that is the point
    "misspelt": (lambda: ai.embed("s", provider="p", model="m", txt="a"), "R3", "did you mean 'text'?"),  # type: ignore[call-arg]  # that is the point
    "misspelt setting": (
        lambda: ai.chat("s", provider="p", model="m", temprature=1),  # type: ignore[call-overload]  # that is the point
        "R3",
        "did you mean 'temperature'?",
    ),
    "text for a number": (
        lambda: ai.chat("s", provider="p", model="m", temperature="hot"),  # type: ignore[call-overload]  # that is the point
        "R3",
        "temperature= takes a number, not 'hot'",
    ),
    "list for a text": (
        lambda: ai.embed("s", provider="p", model="m", text=ref("a.output", list[str])),  # type: ignore[arg-type]  # that is the point
        "R3",
        "text= takes a text, not ${a.output}, which is a list",
    ),
    "a word that is none": (
        lambda: web.poll("s", "u", until="x", strategy="EXPONENTAL_BACKOFF"),
        "P1",
        "did you mean 'EXPONENTIAL_BACKOFF'?",
    ),
    "no length of time": (lambda: web.poll("s", "u", until="x", every="often"), "P1", "every='often' is no duration"),
    "no message": (
        lambda: ai.chat("s", provider="p", model="m", messages=["hi"]),  # type: ignore[list-item]  # that is the point
        "P1",
        "write ai.user(...)",
    ),
    "no role": (
        lambda: ai.chat("s", provider="p", model="m", messages=[ai.Message(role="bot", message="x")]),
        "P1",
        "the role 'bot' of a message is none of user",
    ),
    "no tool": (
        lambda: ai.chat("s", provider="p", model="m", tools=[print]),  # type: ignore[list-item]  # that is the point
        "P1",
        "give a task, a workflow or ai.Tool(...)",
    ),
    "extra that is no map": (
        lambda: ai.embed("s", provider="p", model="m", text="t", extra=[1]),  # type: ignore[arg-type]  # that is the point
        "P1",
        "extra= takes a map",
    ),
    "a step for its output": (
        lambda: ai.embed("s", provider="p", model="m", text=noop("x")),  # type: ignore[arg-type]  # that is the point
        "P1",
        "write x.output",
    ),
    "no database": (lambda: databases.query("s", "x"), "P1", "say which by integration="),
    "two databases": (lambda: databases.query("s", "x", integration="a", connection="b"), "P1", "say which"),
    "no task to update": (
        lambda: runs.update_task("s", status="FAILED", workflow_id="a"),
        "P1",
        "takes workflow_id=",
    ),
    "an agent that hears nothing": (lambda: agents.call("s", url="u"), "P1", "says nothing"),
    "a sink without a kind": (lambda: event("s", "orders"), "V1", "write 'conductor:orders' or 'kafka:orders'"),
    "a sink that is no text": (lambda: event("s", 3), "V1", "goes to a sink such as"),  # type: ignore[call-overload]  # that is the point
    "a dynamic task's name twice": (
        lambda: dynamic("s", text, taskToExecute="x"),
        "P1",
        "say another input_name=",
    ),
    "a fan-out of nothing": (lambda: fan_out("s", None, [1]), "P1", "give a task, a workflow, task_type= or workflow="),
    "a version of no workflow": (lambda: fan_out("s", "a", [1], version=2), "P1", "has a version= without a workflow"),
    "a workflow with a task type": (
        lambda: fan_out("s", None, [1], workflow="a", task_type="HTTP"),
        "P1",
        "task_type= is for tasks",
    ),
    "tasks that are no list": (lambda: dynamic_fork("s", "HTTP", {}), "P1", "takes a list of tasks"),  # type: ignore[arg-type]  # that is the point
    "inputs that are no map": (lambda: dynamic_fork("s", [], []), "P1", "takes a map from reference name"),  # type: ignore[arg-type]  # that is the point
    "one name for both": (
        lambda: dynamic_fork("s", given, given, tasks_name="x", inputs_name="x"),
        "P1",
        "must be different",
    ),
    "old tasks that are no map": (lambda: legacy.dynamic_fork("s", [1]), "P1", "takes a map with 'dynamicTasks'"),
    "a definition that is none": (
        lambda: sub_workflow_from("s", {"name": "x"}),
        "P1",
        "call a workflow's .inline",
    ),
    "a timeout twice": (lambda: http("s", "u", read_timeout="1s", read_timeout_ms=5), "P1", "give one of them"),
    "kafka's length": (
        lambda: kafka("s", servers="a", topic="b", value=1, max_block="x"),
        "P1",
        "max_block='x'",
    ),
    "a script that is none": (lambda: join("s", script=3), "P1", "script= takes a text or js(...)"),  # type: ignore[arg-type]  # that is the point
    "a lambda that is none": (lambda: legacy.lambda_("s", 3), "P1", "takes a script"),  # type: ignore[call-overload]  # that is the point
    "a join's mode": (lambda: join("s", mode="fast"), "P1", "join_mode='fast' must be one of SYNC, ASYNC"),
    "a form version alone": (lambda: people.ask("s", form_version=2), "P1", "without a form="),
    "an event of a form": (lambda: people.on("done", "w"), "P1", "event='done' is none of PENDING"),
    "an algorithm": (
        lambda: credentials.signed_jwt(
            "s",
            subject="a",
            issuer="b",
            private_key="c",
            private_key_id="d",
            audience="e",
            ttl=60,
            scopes="f",
            algorithm="HS256",
        ),
        "P1",
        "algorithm='HS256' is none of RS256; did you mean 'RS256'?",
    ),
    "a call's option elsewhere": (lambda: noop("s").opts(priority=3), "P1", "priority= is an option of steps that run"),
    "a priority": (lambda: sub_workflow("s", "w").opts(priority=100), "P1", "a whole number from 0 to 99"),
    "domains": (
        lambda: sub_workflow("s", "w").opts(task_to_domain="eu"),  # type: ignore[arg-type]  # that is the point
        "P1",
        "must map task names",
    ),
    "a strategy": (lambda: sub_workflow("s", "w").opts(idempotency_strategy="x"), "P1", "FAIL_ON_RUNNING"),
    "a state": (lambda: noop("s").opts(on_state_change={"onFail": "x"}), "P1", "did you mean 'onFailed'?"),
    "an event at a state": (
        lambda: noop("s").opts(on_state_change={"onFailed": {"kind": "x"}}),
        "P1",
        "write {'type': 'audit'",
    ),
}


@pytest.mark.parametrize("what", WRONG)
def test_wrong_calls_are_refused_at_their_line(what: str) -> None:
    """A mistake is an error at the author's line, with what to write instead."""
    make, code, advice = WRONG[what]
    with pytest.raises(AuthoringError) as caught:
        make()

    assert caught.value.code == code
    assert advice in str(caught.value)
    assert caught.value.place is not None
    assert __file__ in caught.value.place


def test_events_at_changes_of_state_are_read_in_each_form() -> None:
    """A state has one event or several: an object, a map, or the type alone."""
    step: Step[Any] = noop("s").opts(
        on_state_change={
            "onFailed": {"type": "audit", "payload": {"id": text}},
            "onSuccess": ["told", StateChangeEvent(type="counted")],
        }
    )
    made = workflow_of("w", lambda: step)
    made >> step

    assert made.to_dict()["tasks"][0]["onStateChange"] == {
        "onFailed": [{"type": "audit", "payload": {"id": "${workflow.input.text}"}}],
        "onSuccess": [{"type": "told"}, {"type": "counted"}],
    }


def test_options_of_a_call_reach_the_other_run() -> None:
    """What the other run is started with stands where each type of call has it."""
    made = workflow_of(
        "w",
        lambda: (
            sub_workflow("a", "other").opts(idempotency_key=text, idempotency_strategy="return_existing"),
            start_workflow("b", "other").opts(
                idempotency_key="k", task_to_domain={"*": "eu"}, priority=ref("workflow.input.urgency", int)
            ),
            inner.as_("c").opts(priority=5)(),
            inner.as_("d").opts(priority=5).start(),
        ),
    )
    called, started, by_object, started_by_object = made.to_dict()["tasks"]

    assert called["subWorkflowParam"] == {
        "name": "other",
        "idempotencyKey": "${workflow.input.text}",
        "idempotencyStrategy": "RETURN_EXISTING",
    }
    assert started["inputParameters"]["startWorkflow"] == {
        "name": "other",
        "input": {},
        "taskToDomain": {"*": "eu"},
        "priority": "${workflow.input.urgency}",
        "idempotencyKey": "k",
    }
    assert by_object["subWorkflowParam"]["priority"] == 5
    assert started_by_object["inputParameters"]["startWorkflow"]["priority"] == 5
