"""What a chat with a model is made of: messages and tools."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import attrs

from podium.dsl.builders.converting import InputRecord, is_reference
from podium.dsl.callables import doc_of
from podium.dsl.refs import refuse
from podium.dsl.schemas import input_schema
from podium.dsl.settings import schema_fields
from podium.dsl.tasks import Task
from podium.dsl.workflows import Workflow
from podium.model import codec
from podium.model.statuses import TaskType
from podium.typed.authored import Authored, AuthoredObject

_ROLES = ("user", "assistant", "system", "tool_call", "tool")


@attrs.frozen(kw_only=True)
class ToolCall(InputRecord):
    """A call that a model asks for, or its outcome in a message."""

    #: The tool's name.
    name: str
    #: The id of the call.
    task_reference_name: str | None = None
    #: The type of the task that does it.
    type: str = "SIMPLE"
    #: What the model wants to give it.
    input_parameters: Mapping[str, Any] = attrs.field(factory=dict)
    integration_names: Mapping[str, str] = attrs.field(factory=dict)
    #: What came of it.
    output: Mapping[str, Any] = attrs.field(factory=dict)


@attrs.frozen(kw_only=True)
class Message(InputRecord):
    """What was said in a chat."""

    #: ``user``, ``assistant``, ``system``, ``tool_call`` or ``tool``.
    role: str
    message: str | None = None
    #: Addresses of pictures and the like.
    media: Sequence[str] = ()
    mime_type: str | None = None
    tool_calls: Sequence[ToolCall | AuthoredObject] = ()


def user(message: str, *, media: Sequence[str] = (), mime_type: str | None = None) -> Message:
    """
    Return what a person says.

    Args:
        message: The text.
        media: Addresses of pictures and the like that belong to it.
        mime_type: What they are.
    """
    return Message(role="user", message=message, media=media, mime_type=mime_type)


def system(message: str) -> Message:
    """Return what the model is told beforehand."""
    return Message(role="system", message=message)


def assistant(message: str) -> Message:
    """Return what the model has said."""
    return Message(role="assistant", message=message)


def tool_result(call: ToolCall | AuthoredObject, output: Mapping[str, object] | None = None) -> Message:
    """
    Return what came of a tool that the model asked for.

    Args:
        call: The call, as the model's answer has it in ``tool_calls``.
        output: What came of it, if that is not in the call.
    """
    if output is not None:
        if not isinstance(call, ToolCall):
            refuse("tool_result takes output= with a ToolCall only; put the output into the call")
        call = attrs.evolve(call, output=output)
    return Message(role="tool", tool_calls=[call])


@attrs.frozen(kw_only=True)
class Tool(InputRecord):
    """Something that a model may call."""

    __wire_names__: ClassVar[Mapping[str, str]] = {
        "config": "configParams",
        "integrations": "integrationNames",
    }

    name: str
    #: The type of the task that does it: ``SIMPLE``, ``SUB_WORKFLOW``, ``HTTP``, ``CALL_MCP_TOOL``, ….
    type: str = "SIMPLE"
    #: What the model reads to choose it.
    description: str | None = None
    #: What the task needs beside what the model says, such as the address of an MCP server.
    config: Mapping[str, object] = attrs.field(factory=dict)
    integrations: Mapping[str, str] = attrs.field(factory=dict)
    #: JSON Schema of what the model may say.
    input_schema: AuthoredObject = attrs.field(factory=dict)
    output_schema: AuthoredObject = attrs.field(factory=dict)


def read_messages(value: Authored, parameter: str) -> Authored:
    """Read the messages of a chat."""
    if not isinstance(value, list | tuple):
        refuse(f"{parameter}= takes a list of messages such as [ai.user('...')], not {value!r:.60}")
    for each in value:
        if is_reference(each):
            continue
        if not isinstance(each, Message | Mapping):
            refuse(f"{parameter}= holds {each!r:.60}, which is no message; write ai.user(...) or ai.system(...)")
        role = each.role if isinstance(each, Message) else each.get("role", "user")
        if not is_reference(role) and role not in _ROLES:
            refuse(f"the role {role!r:.40} of a message is none of {', '.join(_ROLES)}")
    return value


def read_tools(value: Authored, parameter: str) -> Authored:
    """Read the tools of a chat; tasks and workflows become a `Tool` each."""
    if not isinstance(value, list | tuple):
        refuse(f"{parameter}= takes a list of tools, not {value!r:.60}")
    return [_tool(each, parameter) for each in value]


def _tool(value: Authored, parameter: str) -> Authored:
    if isinstance(value, Task):
        kind, hints = TaskType.SIMPLE.value, value.noted_annotations()
        return _tool_of(value.name, kind, doc_of(value.fn), value.signature, hints)
    if isinstance(value, Workflow):
        kind = TaskType.SUB_WORKFLOW.value
        said = vars(value).get("__doc__")  # its own text, not that of the class
        return _tool_of(value.name, kind, said, value.signature, value.annotations)
    if isinstance(value, Tool | Mapping) or is_reference(value):
        return value
    return refuse(f"{parameter}= holds {value!r:.60}, which is no tool; give a task, a workflow or ai.Tool(...)")


def _tool_of(
    name: str,
    kind: str,
    docstring: str | None,
    signature: inspect.Signature,
    annotations: Mapping[str, Any],
) -> Tool:
    first = inspect.cleandoc(docstring).partition("\n\n")[0] if docstring else None
    schema = input_schema(signature, annotations, docstring)
    return Tool(name=name, type=kind, description=first, input_schema=schema)


def read_schema(value: Authored, parameter: str) -> Authored:
    """Read a schema: a type, or a schema definition as JSON."""
    if isinstance(value, Mapping):
        return value
    name = getattr(value, "__name__", parameter)
    (made,) = schema_fields(name, {"output_schema": value}).values()
    return codec.to_dict(made)
