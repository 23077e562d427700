"""
Makes docs/tasks.md, the page of all task types: ``python scripts/task_types.py [FILE]``.

Everything in its tables comes from `podium.model.task_types` and from the builders themselves.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args, get_origin

from podium.dsl.builders.declaring import declaration_of
from podium.dsl.catalogue import builder_named
from podium.model.task_types import SUBJECTS, WITHOUT_BUILDER, TaskKind
from podium.typed import records

PAGE = Path(__file__).parents[1] / "docs" / "tasks.md"

_BEFORE = """# Task types

<!-- made by scripts/task_types.py: change that file, or podium/model/task_types.py -->

Every task type of Conductor and Orkes has a builder. The common ones are names of `podium`; the others live in
namespaces by subject: `agents`, `ai`, `alerts`, `credentials`, `databases`, `documents`, `legacy`, `mcp`, `people`,
`rules`, `runs`, `vectors`, `web`; and `messages` has the sinks of events.

```python
from podium import ai, mcp, task, workflow
```

A builder takes the step's reference name first and everything else by name. Every value may be a reference. A
parameter that is missing, misspelt or of the wrong type is an error at your line, and `.output` has the fields of the
type named in the last column:

```python
@workflow
def answer(question: str, city: str) -> str:
    weather = mcp.call_tool("weather", server="http://localhost:3001/mcp", tool="get_weather", arguments={"city": city})
    reply = ai.chat(
        "reply",
        provider="openai",
        model="gpt-4o-mini",
        messages=[ai.system(f"It is {weather.output.content[0].text}."), ai.user(question)],
        temperature=0.2,
        returns=str,
    )
    return reply.output.result

print(answer.to_dict()["tasks"][0]["inputParameters"]["mcpServer"])  # http://localhost:3001/mcp
```

## Who runs what

* **Podium** is Podium's own engine.
* **Conductor** is the open-source server. Its AI module is switched on by `conductor.integrations.ai.enabled`, its
  message queue by `conductor.workflow-message-queue.enabled`.
* **Orkes** is named where Orkes' documentation has the type; it runs more than that.

A type that a server does not know is no error there: it is a worker task, and its queue is the type's name. So a
function of yours can stand in for a server's module, on Podium or in a test:

```python
@task(name="LLM_CHAT_COMPLETE")
def chat(messages: list[dict[str, str]]) -> str:
    return f"You asked: {messages[-1]['message']}"

@task(name="CALL_MCP_TOOL")
def call_tool(method: str):
    return {"content": [{"type": "text", "text": "sunny"}], "isError": False}

run = answer.run(workers=[chat, call_tool], question="Umbrella?", city="Rome")
print(run.output)  # {'result': 'You asked: Umbrella?'}
```

An input that has no parameter is said with `extra={...}` where a builder has that, with `.opts(json={...})` at every
step, or with `system_task("name", "TYPE", key=value)`, which builds any type.
"""


def page() -> str:
    """Return the whole page."""
    return "\n".join([_BEFORE, *_tables(), *_after()]).rstrip() + "\n"


def _tables() -> Iterator[str]:
    for subject, kinds in SUBJECTS.items():
        yield f"## {subject}\n"
        yield "| type | builder | run by | `.output` |"
        yield "|---|---|---|---|"
        yield from map(_row, kinds)
        yield ""


def _row(kind: TaskKind) -> str:
    builders = [f"`{name}`" for name in kind.builders]
    also = f"; {kind.also}" if kind.also else ""
    servers = ", ".join(kind.servers) if kind.servers else "nobody that is documented"
    gives = kind.gives or " / ".join(dict.fromkeys(map(_output, kind.builders)))
    return f"| `{kind.name}` | {', '.join(builders)}{also} | {servers} | {gives} |"


def _after() -> Iterator[str]:
    yield "## Without a builder\n"
    yield "| type | why |"
    yield "|---|---|"
    for name, why in WITHOUT_BUILDER.items():
        yield f"| `{name}` | {why} |"


def _output(name: str) -> str:
    declared = declaration_of(builder_named(name))
    # A page with a hole in it would go unnoticed.
    assert declared is not None, f"{name} is not declared: its row must say what it gives"
    # The author names the type there, so the table cannot.
    is_open = "returns" in declared.signature.parameters
    output: Any = declared.output
    if output is list:
        return "a list, its items by `returns=`"
    if output is Any:
        return "by `returns=`" if is_open else "not documented"
    said = _described(output)
    return f"{said}, typed by `returns=`" if is_open else said


_WORDS = {None: "nothing", str: "a text", int: "a number", float: "a number"}


def _described(hint: records.Hint) -> str:
    if hint in _WORDS:
        return _WORDS[hint]
    origin: Any = get_origin(hint)
    if origin is list:
        (item,) = get_args(hint)
        plural = {float: "numbers", str: "texts"}
        return f"a list of {plural[item] if item in plural else _described(item)}"
    kind = origin or hint
    room = kind.__module__.rpartition(".")[2]
    inner = [each for each in get_args(hint) if each is not Any]
    about = f" of {', '.join(map(_described, inner))}" if inner else ""
    # Authors write these names behind their namespace, all others as they stand.
    is_public = kind.__module__.startswith("podium.dsl.builders.")
    return f"`{room}.{kind.__name__}`{about}" if is_public else f"`{kind.__name__}`{about}"


if __name__ == "__main__":
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else PAGE
    path.write_text(page(), encoding="utf-8")
    print(path)
