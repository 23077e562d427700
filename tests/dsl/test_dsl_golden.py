"""The scenarios of the design, compiled and compared with the JSON kept in tests/snapshots/dsl."""
# ruff: noqa: SIM117  # one block per line is how authors read a workflow

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from dsl_samples import (
    Approval,
    Job,
    JobState,
    OrderResult,
    Payment,
    Quote,
    audit,
    charge,
    check_fraud,
    encode,
    get_job,
    probe,
    publish,
    quote_express,
    quote_post,
    release,
    reserve,
    send_mail,
    start_job,
)

from podium.dsl import (
    Workflow,
    call_task,
    dynamic,
    env,
    event,
    exclusive_join,
    fan_out,
    for_each,
    fork,
    http,
    human,
    inline,
    jq,
    js,
    kafka,
    loop,
    noop,
    pull_messages,
    python,
    raw,
    ref,
    secret,
    set_variable,
    start_workflow,
    sub_workflow,
    switch,
    system_task,
    terminate,
    variable,
    wait,
    when,
    workflow,
)

SNAPSHOTS = Path(__file__).parents[1] / "snapshots" / "dsl"
SCHEMA = Path(__file__).parents[2].parent / "shared" / "corpus" / "schemas" / "WorkflowDef.json"


@workflow(version=3, owner="orders@example.com", timeout="1h")
def saga(order_id: str, sku: str, amount: float, speed: str = "POST") -> OrderResult:
    """Scenario 1: an order with undo, two switches and a merge."""
    held = reserve(order_id, sku)
    held.undo(release, reservation_id=held.output.id)
    fraud = check_fraud(order_id, amount)
    with switch("verdict", fraud.output.verdict) as verdict:
        with verdict.case("REJECT"):
            terminate("rejected", "FAILED", f"fraud score {fraud.output.score}")
    with switch("shipping", speed) as shipping:
        with shipping.case("EXPRESS"):
            fast = quote_express(order_id)
        with shipping.otherwise():
            slow = quote_post(order_id)
    quote = shipping.merge(fast, slow)
    charge(order_id, amount=quote.output.price)
    return OrderResult(order_id=order_id, carrier=quote.output.carrier)


@workflow
def best_quote(order_id: str) -> Quote:
    """Scenario 2: a parallel fork."""
    with fork("quotes") as quotes:
        with quotes.branch():
            post = quote_post(order_id)
        with quotes.branch():
            express = quote_express(order_id)
            audit(express.output.carrier)
    return post.output


@workflow
def transcode(src: str) -> JobState:
    """Scenario 3: a polling loop."""
    job = start_job(src)
    with loop("poll", max_iterations=30) as poll:
        now = get_job(job.output.state)
        wait("poll_gap", duration="10 seconds")
        poll.until(now.output.state == "DONE")
    return now.output


@workflow
def media(url: str) -> int:
    """Scenario 4: a dynamic fork over a list."""
    found = probe(url)
    parts = fan_out("encode_all", encode, found.output.profiles)
    report = publish(parts=parts.output)
    return report.output


@workflow
def approval(order_id: str, amount: float) -> Approval:
    """Scenario 5: a person, waiting, a sub-workflow by name, embedded and started."""
    asked = human("manager", returns=Approval, order=order_id, amount=amount)
    with switch("approved", asked.output.approved) as approved:
        with approved.otherwise():
            terminate("declined", "COMPLETED", f"declined: {asked.output.note}")
        with approved.case(True):  # noqa: FBT003  # the value of a case
            with when("large", amount > 1000):
                wait("cool_off", duration="14 days")
    again = saga.as_("reorder")(order_id, sku="GIFT", amount=0.0, speed="POST")
    best_quote.inline(order_id).opts(optional=True)
    transcode.start(src=again.output.carrier)
    return Approval(approved=True, note=again.output.order_id)


def _conditions() -> Workflow[..., Any]:
    wf = Workflow("conditions")
    amount, speed = wf.input("amount"), wf.input("speed")
    with wf:
        first = check_fraud("1", amount)
        with when("all", (amount > 1000) & ~(first.output.verdict == "OK") | (speed == "POST")):
            noop("a")
        with when("text", first.output.verdict == f"{speed}!"):
            noop("b")
        with switch("parity", amount % 2) as parity, parity.case(0):
            noop("c")
        with switch("country", speed) as country:
            with country.case("DE", "FR"):
                noop("d")
            with country.otherwise():
                noop("e")
        with switch("script", js("$.x > 3 ? 'big' : 'small'", x=amount)) as script, script.case("big"):
            noop("f")
        total = inline("total", (amount + 1) * -first.output.score, returns=float)
        with loop("limited", max_iterations=wf.input("limit")) as limited:
            step = get_job("1").as_("one")
            limited.until((step.output.percent >= 100) & (total.output < amount))
        with loop("forever", while_=js("$.one_more['go'] == true && $.forever['iteration'] < 5")):
            anything_more = call_task("one_more", "more", go=True)
        for_each("each", [1, 2, 3], lambda each: [call_task("per_item", "item", item=each.item)], keep_last=1)
    wf.returns(last=anything_more.output.value, second=limited.at(2, step).state, rounds=limited.iteration)
    return wf


def _system() -> Workflow[..., Any]:
    wf = Workflow("system", inputs=["id"], variables={"seen": 0}, masked_fields=("card",), restartable=False)
    with wf:
        page = http("page", "https://example.com/jobs", returns=Job, method="post", body={"id": wf.input("id")})
        switch("answer", page.output.status_code, {200: [noop("fine")]})
        wait("until_then", until="2026-12-24 18:00 UTC")
        wait("signal", returns=Payment)
        jq("prices", "[.quotes[].price]", quotes=page.output.body)
        inline("py", python("return x + 1", x=1))
        set_variable("remember", seen=ref("prices.output.resultList"))
        event("tell", "kafka:orders", id=wf.input("id"), seen=variable("seen"))
        kafka("publish_it", servers="k:9092", topic="t", value={"a": 1}, key="k")
        pull_messages("inbox", batch_size=5)
        dynamic("chosen", wf.input("task_name"), x=1)
        system_task("ask", "LLM_CHAT_COMPLETE", llmProvider="openai", model="m", apiKey=secret("key"), base=env("URL"))
        sub_workflow("other", "other_workflow", 2, x=1)
        start_workflow("fire", "other_workflow", correlation_id=ref("workflow.correlationId"), x=1)
        raw({"name": "x", "taskReferenceName": "y", "type": "YIELD", "inputParameters": {"id": wf.input("id")}})
        exclusive_join("either", ["chosen", "ask"], default=["tell"])
        send_mail("1").opts(
            optional=True, retries=0, retry_delay="1s", timeout="10s", start_delay="2s", cache=("k", "1m")
        )
        terminate("end", "COMPLETED", output={"id": wf.input("id")})
    return wf


SCENARIOS: dict[str, Workflow[..., Any]] = {
    "saga": saga,
    "best_quote": best_quote,
    "transcode": transcode,
    "media": media,
    "approval": approval,
    "conditions": _conditions(),
    "system": _system(),
}


@pytest.mark.parametrize("name", SCENARIOS)
def test_scenario_compiles_to_the_json_that_is_kept(name: str) -> None:
    """The compiled definitions, undo workflow included, are byte for byte the kept ones."""
    path = SNAPSHOTS / f"{name}.json"
    own = [definition for definition in SCENARIOS[name].definitions if definition.name.startswith(name)]
    from podium.model.codec import to_dict

    text = json.dumps([to_dict(definition) for definition in own], indent=2, ensure_ascii=False) + "\n"
    if os.environ.get("PODIUM_WRITE_SNAPSHOTS"):
        path.write_text(text)

    assert path.read_text() == text


@pytest.mark.parametrize("name", SCENARIOS)
def test_scenario_satisfies_the_official_schema(name: str) -> None:
    """What we write is what Conductor's own schema describes."""
    if not SCHEMA.exists():
        pytest.skip("the official schemas are not here")
    import jsonschema

    schema = json.loads(SCHEMA.read_text())
    from podium.model.codec import to_dict

    for definition in SCENARIOS[name].definitions:
        jsonschema.Draft7Validator(schema).validate(to_dict(definition))


@pytest.mark.parametrize("name", [name for name in SCENARIOS if name != "conditions"])
def test_scenario_has_no_mistakes(name: str) -> None:
    """The check finds nothing wrong with what the design shows."""
    assert [str(problem) for problem in SCENARIOS[name].check() if problem.severity == "error"] == []


def test_loop_condition_is_the_one_of_the_design() -> None:
    """The end condition and the limit are one JavaScript statement; body outputs are bound by name."""
    condition = transcode.definition.tasks[1].loop_condition

    assert condition == ("""if ($.get_job['state'] == "DONE" || $.poll['iteration'] >= 30) { false; } else { true; }""")
