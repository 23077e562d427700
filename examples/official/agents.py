"""
Models in workflows: chat, answers from documents, tools, a choice of workflows, and a person who has the last word.

Podium's engine hands the LLM and MCP tasks to workers; a Conductor server with its AI module does them itself.
Originals: docs/devguide/cookbook/ai-llm.md, docs/devguide/cookbook/ai-workflow-routing.md,
docs/devguide/ai/cookbook/assets and ai/README.md in conductor-oss/conductor.
"""

from __future__ import annotations

from typing import Any

import attrs

from podium import (
    Step,
    http,
    human,
    jq,
    js,
    loop,
    ref,
    set_variable,
    sub_workflow,
    switch,
    terminate,
    variable,
    workflow,
)
from podium.dsl import agents, ai, mcp, vectors


def mini(name: str, system: str, user: str, temperature: float, max_tokens: int) -> Step[ai.Reply[Any]]:
    """Ask a small model for JSON."""
    return ai.chat(
        name,
        provider="openai",
        model="gpt-4o-mini",
        messages=[ai.system(system), ai.user(user)],
        temperature=temperature,
        max_tokens=max_tokens,
        json_output=True,
    )


@workflow
def chat_workflow(question: str) -> Any:
    """Answer a question."""
    answer = ai.chat(
        "chat",
        provider="openai",
        model="gpt-4o-mini",
        messages=[ai.system("You help people."), ai.user(question)],
        temperature=0.7,
        max_tokens=500,
    )
    answer.opts(task_name="chat_task")
    return {"answer": answer.output.result}


@workflow
def rag_workflow(question: str) -> None:
    """Answer a question from what is known."""
    found = vectors.search(
        "search",
        database="postgres-prod",
        namespace="kb",
        index="articles",
        provider="openai",
        model="text-embedding-3-small",
        query=question,
        extra={"llmMaxResults": 3},  # servers read maxResults
    )
    found.opts(task_name="search_knowledge_base")
    answer = ai.chat(
        "answer",
        provider="anthropic",
        model="claude-3-5-sonnet-20241022",
        messages=[ai.system(f"Use only this: {found.output}"), ai.user(question)],
        temperature=0.3,
    )
    answer.opts(task_name="generate_answer")


@attrs.frozen
class Call:
    """A tool to call."""

    method: str
    arguments: dict[str, Any]


@workflow
def mcp_ai_agent_workflow(task: str) -> Any:
    """Let a model pick a tool, call it, and say what came of it."""
    server = "http://localhost:3001/mcp"
    tools = mcp.list_tools("discover_tools", server=server).opts(task_name="list_available_tools")
    known = f"You may use these tools: {tools.output.tools}. You are asked for: {task}"
    plan = ai.chat(
        "plan",
        provider="anthropic",
        model="claude-sonnet-4-20250514",
        messages=[ai.system(known), ai.user("Name one tool and its arguments, as JSON.")],
        temperature=0.1,
        max_tokens=500,
        returns=Call,
    )
    plan.opts(task_name="decide_which_tools_to_use")
    chosen = plan.output.result
    called = mcp.call_tool("execute", server=server, tool=chosen.method, arguments=chosen.arguments)
    called.opts(task_name="execute_tool")
    told = ai.chat(
        "summarize",
        provider="openai",
        model="gpt-4o-mini",
        messages=[ai.user(f"Say in a few words what this is: {called.output.content}")],
        max_tokens=200,
    )
    told.opts(task_name="summarize_result")
    return {"summary": told.output.result, "rawToolOutput": called.output.content}


#: What `ai_workflow_router` may choose, and for what.
ROUTES = {
    "ai_route_support_ticket": "something does not work",
    "ai_route_refund_request": "somebody wants money back",
    "ai_route_sales_lead": "somebody wants to buy",
}


@workflow
def ai_workflow_router(request: str) -> Any:
    """Let a model choose among the workflows that it may choose."""
    routes = "; ".join(f"{name}: {reason}" for name, reason in ROUTES.items())
    rule = f"Choose one of these workflows, and answer with JSON that has 'workflow' and 'reason'. {routes}"
    chosen = mini("select_workflow", rule, f"We were asked: {request}", temperature=0, max_tokens=120)
    name, reason = chosen.output.result["workflow"], chosen.output.result["reason"]
    ran = sub_workflow("run_selected_workflow", name, 1, request=request, routingReason=reason)
    return {
        "selectedWorkflow": name,
        "routingReason": reason,
        "subWorkflowId": ran.output["subWorkflowId"],
        "subWorkflowOutput": ran.output,
    }


@attrs.frozen
class Decision:
    """What a person said, with nothing left out."""

    approved: bool
    approver: str
    note: str


@workflow(
    timeout="1d",
    variables={
        "approval": {"status": "not_requested", "approver": "", "decidedAt": ""},
        "delivery": {"status": "not_attempted"},
    },
)
def hitl_approved_action(customerId: str, conversation: str, actionKey: str, deliveryUrl: str) -> Any:
    """Send what a model has written only if a person says so."""
    rule = "Write an answer for review, as JSON: summary, proposedMessage, riskFlags. Promise nothing new."
    question = f"{customerId} wrote: {conversation}"
    draft = mini("draft", rule, question, temperature=0.2, max_tokens=800)
    draft.opts(task_name="draft_customer_action")
    set_variable("request_approval", approval={"status": "pending", "approver": "", "decidedAt": ""})
    said = human("human_decision").opts(task_name="await_human_decision", async_complete=True)
    whole = """
        .decision | {approved: (.approved == true), approver: (.approver // "unknown"), note: (.note // "")}
    """
    decision = jq("normalize_decision", whole, decision=said.output, returns=Decision).output
    known = {"approved": decision.approved, "approver": decision.approver, "note": decision.note}
    set_variable("record_decision", approval={"status": "decided", **known})
    deciding = switch("route_decision", decision.approved, input_name="approved")
    with deciding.opts(task_name="route_on_decision") as route:
        with route.case("true"):
            body = {
                "customerId": customerId,
                "message": draft.output.result["proposedMessage"],
                "approvedBy": decision.approver,
            }
            sent = http(
                "send_action",
                deliveryUrl,
                method="POST",
                headers={"Idempotency-Key": actionKey},
                body=body,
                connect_timeout_ms=5000,
                read_timeout_ms=15_000,
            )
            sent.opts(task_name="send_approved_action")
            set_variable("record_delivery", delivery={"status": "sent", "idempotencyKey": actionKey})
        with route.case("false"):
            set_variable("record_rejection", delivery={"status": "withheld_by_reviewer", "note": decision.note})
    return {"draft": draft.output.result, "approval": variable("approval"), "delivery": variable("delivery")}


@workflow
def human_approved_external_action(prompt: str) -> None:
    """Let an agent stop where it needs a person, and go on with what the person says."""
    agent = "guarded-incident-planner"
    begun = agents.run("run_agent_ref", agent=agent, prompt=prompt).opts(task_name="run_agent")
    waiting = switch("check_waiting_ref", begun.output.waiting, input_name="waiting")
    with waiting.opts(task_name="check_waiting"), waiting.case("true"):
        said = human("collect_answer_ref").opts(task_name="collect_answer").output["answer"]
        resumed = agents.run("resume_agent_ref", agent=agent, execution_id=begun.output.execution_id, prompt=said)
        resumed.opts(task_name="resume_agent")


@workflow(
    timeout="10m",
    variables={
        "search_query": "",
        "sources": [],
        "grounding": {"sufficient": False, "reason": "not_attempted", "attempts": 0},
    },
)
def rag_agent(question: str, vectorDB: str, index: str, namespace: str) -> Any:
    """Search until there is enough to answer from, three times at most; else do not answer."""
    set_variable("seed_query", search_query=question).opts(task_name="seed_search_query")
    grade = ref("grade_context.output.result")
    more = js(
        "$.retrieval_loop['iteration'] < 3 && $.sufficient !== true",
        retrieval_loop=ref("retrieval_loop.output"),
        sufficient=grade["sufficient"],
    )
    with loop("retrieval_loop", while_=more).opts(task_name="retrieve_and_grade_loop") as rounds:
        sources = vectors.search(
            "retrieve_sources",
            database=vectorDB,
            index=index,
            namespace=namespace,
            provider="openai",
            model="text-embedding-3-small",
            dimensions=1536,
            query=variable("search_query"),
            max_results=5,
        )
        rule = "Is this enough to answer from? Say so as JSON: sufficient, reason, refinedQuery. Do not answer."
        known = f"Asked: {question}. Searched: {variable('search_query')}. Found: {sources.output}"
        graded = mini("grade_context", rule, known, temperature=0.0, max_tokens=500)
        graded.opts(task_name="grade_retrieved_context")
        grounding = {"sufficient": grade["sufficient"], "reason": grade["reason"], "attempts": rounds.iteration}
        recorded = set_variable(
            "record_grounding",
            search_query=grade["refinedQuery"],
            sources=sources.output,
            grounding=grounding,
        )
        recorded.opts(task_name="record_grounding_state")
    enough = switch("route_grounding", variable("grounding")["sufficient"], input_name="sufficient")
    with enough.opts(task_name="route_on_grounding") as route:
        with route.case("true"):
            strict = "Answer from these sources only, as JSON: answer, citations."
            asked = f"Asked: {question}. Sources: {variable('sources')}"
            answer = mini("answer", strict, asked, temperature=0.1, max_tokens=900)
            answer.opts(task_name="answer_from_sources")
            count = "(.answer.citations // [] | length) as $cited | {$cited, grounded: ($cited > 0)}"
            checked = jq("verify_citations", count, answer=answer.output.result)
            checked.opts(task_name="verify_citations_present")
        with route.case("false"):
            why = {
                "error": "insufficient_grounding",
                "detail": variable("grounding")["reason"],
                "attempts": variable("grounding")["attempts"],
            }
            terminate("refuse", "FAILED", output=why).opts(task_name="refuse_ungrounded_answer")
    result = answer.output.result
    return {
        "answer": result["answer"],
        "citations": result["citations"],
        "citationCount": checked.output["cited"],
        "grounding": variable("grounding"),
        "sources": variable("sources"),
    }


if __name__ == "__main__":
    print(rag_agent.describe())
