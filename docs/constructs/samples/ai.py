"""
Models and tools

LLM, embedding and MCP tasks run on a Conductor server with its AI module; Podium's engine hands them to workers of
those names. Larger examples: [examples/official/agents.py](../../examples/official/agents.py).
"""

# %%
import attrs

from podium import human, loop, task, terminate, when, workflow
from podium.dsl import ai, mcp, vectors


@attrs.frozen
class Verdict:
    approved: bool


@attrs.frozen
class Grade:
    good: bool


@task
def tell(text: str) -> None:
    print(text)


# %% Ask a model
@workflow
def chat(question: str) -> None:
    answer = ai.chat(
        "answer",
        provider="openai",
        model="gpt-4o-mini",
        messages=[ai.system("Be short."), ai.user(question)],
        temperature=0.2,
    )
    tell(answer.output.result)


# %% Answer from documents
# Search first, and give what was found to the model.
@workflow
def grounded(question: str) -> None:
    found = vectors.search(
        "search",
        database="pgvector",
        index="handbook",
        provider="openai",
        model="text-embedding-3-small",
        query=question,
        max_results=5,
    )
    known = f"Use only this: {found.output}"
    ai.chat(
        "answer",
        provider="openai",
        model="gpt-4o-mini",
        messages=[ai.system(known), ai.user(question)],
    )


# %% Call a tool
# Of an MCP server.
@workflow
def weather(city: str) -> None:
    called = mcp.call_tool(
        "ask_tool",
        server="http://localhost:3001/mcp",
        tool="get_weather",
        arguments={"city": city},
    )
    tell(f"{called.output.content}")


# %% A person has the last word
# The model writes, a person says yes or no, and only then is it sent.
@workflow
def approved(question: str) -> None:
    draft = ai.chat(
        "draft",
        provider="openai",
        model="gpt-4o-mini",
        messages=[ai.user(question)],
    )
    said = human("review", draft=draft.output.result, returns=Verdict)
    with when("refused", said.output.approved != True):  # noqa: E712
        terminate("stop", "COMPLETED", "not approved")
    tell(draft.output.result)


# %% Try again until it is good enough
# A loop with a limit: a model grades what another one wrote, as JSON with the fields of a record.
@workflow
def graded(question: str) -> None:
    with loop("attempts", max_iterations=3) as attempts:
        answer = ai.chat(
            "answer",
            provider="openai",
            model="gpt-4o-mini",
            messages=[ai.user(question)],
        )
        text = f"Is this good? {answer.output.result}"
        grade = ai.chat(
            "grade",
            provider="openai",
            model="gpt-4o-mini",
            messages=[ai.user(text)],
            json_output=True,
            returns=Grade,
        )
        attempts.until(grade.output.result.good == True)  # noqa: E712
    tell(answer.output.result)
