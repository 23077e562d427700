"""
Models and tools

LLM, embedding and MCP tasks run on a Conductor server with its AI module; Podium's engine hands them to workers of
those names. Larger examples: [examples/official/agents.py](../../examples/official/agents.py).
"""

# %%
from podium import (
    human,
    loop,
    system_task,
    task,
    terminate,
    when,
    workflow,
)


@task
def tell(text: str) -> None:
    print(text)


# %% Ask a model
@workflow
def chat(question: str) -> None:
    answer = system_task(
        "answer",
        "LLM_CHAT_COMPLETE",
        llmProvider="openai",
        model="gpt-4o-mini",
        messages=[{"role": "user", "message": question}],
        temperature=0.2,
    )
    tell(answer.output["result"])


# %% Answer from documents
# Search first, and give what was found to the model.
@workflow
def grounded(question: str) -> None:
    found = system_task(
        "search",
        "LLM_SEARCH_INDEX",
        vectorDB="pgvector",
        index="handbook",
        namespace="docs",
        embeddingModelProvider="openai",
        embeddingModel="text-embedding-3-small",
        query=question,
        maxResults=5,
    )
    known = f"Use only this: {found.output['result']}"
    system_task(
        "answer",
        "LLM_CHAT_COMPLETE",
        llmProvider="openai",
        model="gpt-4o-mini",
        messages=[
            {"role": "system", "message": known},
            {"role": "user", "message": question},
        ],
    )


# %% Call a tool
# Of an MCP server.
@workflow
def weather(city: str) -> None:
    called = system_task(
        "ask_tool",
        "CALL_MCP_TOOL",
        mcpServer="http://localhost:3001/mcp",
        method="get_weather",
        arguments={"city": city},
    )
    tell(f"{called.output['content']}")


# %% A person has the last word
# The model writes, a person says yes or no, and only then is it sent.
@workflow
def approved(question: str) -> None:
    draft = system_task(
        "draft",
        "LLM_CHAT_COMPLETE",
        llmProvider="openai",
        model="gpt-4o-mini",
        messages=[{"role": "user", "message": question}],
    )
    said = human("review", draft=draft.output["result"])
    with when("refused", said.output["approved"] != True):  # noqa: E712
        terminate("stop", "COMPLETED", "not approved")
    tell(draft.output["result"])


# %% Try again until it is good enough
# A loop with a limit: a model grades what another one wrote.
@workflow
def graded(question: str) -> None:
    model = {"llmProvider": "openai", "model": "gpt-4o-mini"}
    with loop("attempts", max_iterations=3) as attempts:
        answer = system_task(
            "answer",
            "LLM_CHAT_COMPLETE",
            messages=[{"role": "user", "message": question}],
            **model,
        )
        text = f"Is this good? Say 'yes' or 'no'. {answer.output['result']}"
        grade = system_task(
            "grade",
            "LLM_CHAT_COMPLETE",
            messages=[{"role": "user", "message": text}],
            **model,
        )
        attempts.until(grade.output["result"] == "yes")
    tell(answer.output["result"])
