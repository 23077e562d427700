"""Mistakes in builders of task types."""

from __future__ import annotations

import attrs

from podium import agents, ai, databases, event, fan_out, mcp, start_workflow, sub_workflow, vectors, web, workflow


@attrs.frozen
class Verdict:
    good: bool
    why: str = ""


@workflow
def models(question: str, count: int) -> None:
    ai.chat("a", provider="openai")  # expect error: model | No overloads
    ai.chat("b", provider="openai", model="m", temprature=1.0)  # expect error: temprature | No overloads
    ai.chat("c", provider="openai", model="m", temperature="hot")  # expect error: temperature | No overloads
    said = ai.chat("d", provider="openai", model="m", returns=Verdict)
    print(said.output.reslut)  # expect error: reslut
    print(said.output.result.god)  # expect error: god
    ai.embed("e", provider="openai", model="m", text=count)  # expect error: str
    vectors.store("f", database="d", index="i", embeddings=question)  # expect error: Sequence
    ai.image("g", provider="p", model="m", prompt=question, widht=3)  # expect error: widht


@workflow
def others(order_id: str) -> None:
    print(mcp.list_tools("a", server="m").output.tool)  # expect error: tool
    agents.cancel("b", url="u")  # expect error: task_id
    databases.query("c", 3, integration="i")  # expect error: str | No overloads
    web.poll("d", "u")  # expect error: until | No overloads
    print(event("e", "conductor").output.que)  # expect error: que
    print(start_workflow("f", "w").output.workflowId)  # expect error: workflowId
    fan_out("g", 3, [1])  # expect error: int | No overloads
    sub_workflow("h", "w").opts(priority="high")  # expect error: int
    sub_workflow("i", "w").opts(prioritty=3)  # expect error: prioritty
