"""Tools of MCP servers (Model Context Protocol)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Generic

import attrs

from podium.dsl.builders.declaring import builder, declared
from podium.dsl.returned_types import ANYTHING, T
from podium.dsl.steps import Step
from podium.typed.authored import AuthoredObject
from podium.typed.records import CamelCase

__all__ = ["Content", "ToolInfo", "ToolList", "ToolResult", "call_tool", "integration", "list_tools", "remote"]


@attrs.frozen(kw_only=True)
class ToolInfo(CamelCase):
    """What a server says of one of its tools."""

    name: str
    description: str
    #: JSON Schema of its arguments.
    input_schema: Mapping[str, Any]


@attrs.frozen(kw_only=True)
class ToolList:
    """The tools of a server."""

    tools: list[ToolInfo]


@attrs.frozen(kw_only=True)
class Content(CamelCase, Generic[T]):
    """One piece of what a tool gave."""

    #: ``text``, ``image`` or ``resource``.
    type: str
    text: str
    #: The bytes of a picture in base64.
    data: str
    mime_type: str
    #: What the text says, if it is JSON.
    parsed: T


@attrs.frozen(kw_only=True)
class ToolResult(CamelCase, Generic[T]):
    """What a tool gave."""

    content: list[Content[T]]
    #: The tool failed; the task is COMPLETED all the same.
    is_error: bool


@builder("LIST_MCP_TOOLS", output=ToolList, keys={"server": "mcpServer"})
def list_tools(
    name: str,
    /,
    *,
    server: str,
    headers: Mapping[str, str] | None = None,
    extra: AuthoredObject | None = None,
) -> Step[ToolList]:
    """
    Ask an MCP server for its tools (LIST_MCP_TOOLS).

    Run by: Conductor with its AI module.

    Args:
        name: The reference name.
        server: The server's address, such as ``http://localhost:3000/sse``.
        headers: Header name to value.
        extra: Inputs that have no parameter here.

    Returns:
        The step; ``.output.tools`` are the tools.
    """
    declared()


@builder("CALL_MCP_TOOL", output=ToolResult, keys={"server": "mcpServer", "tool": "method"})
def call_tool(
    name: str,
    /,
    *,
    server: str,
    tool: str,
    arguments: Mapping[str, object] | None = None,
    headers: Mapping[str, str] | None = None,
    returns: type[T] = ANYTHING,
    extra: AuthoredObject | None = None,
) -> Step[ToolResult[T]]:
    """
    Call a tool of an MCP server (CALL_MCP_TOOL).

    Run by: Conductor with its AI module.

    Args:
        name: The reference name.
        server: The server's address.
        tool: The tool's name.
        arguments: What it is given.
        headers: Header name to value.
        returns: The type of ``.output.content[0].parsed``, where the tool gives JSON.
        extra: Inputs that have no parameter here.

    Returns:
        The step; ``.output`` is a `ToolResult`. Look at its ``is_error``: a tool that fails does not fail the task.
    """
    declared()


@builder("MCP_REMOTE", at=("output",))
def remote(
    name: str,
    /,
    *,
    url: str,
    method: str,
    request: Mapping[str, object] | None = None,
    headers: Mapping[str, str] | None = None,
    returns: type[T] = ANYTHING,
) -> Step[T]:
    """
    Call a tool of an MCP server as the editor of Orkes writes it (MCP_REMOTE).

    Run by: Orkes.

    Args:
        name: The reference name.
        url: The server's address.
        method: The tool's name.
        request: What it is given.
        headers: Header name to value.
        returns: The type of the output, which is nowhere documented.
    """
    declared()


@builder("INTEGRATION", at=("output",))
def integration(
    name: str,
    /,
    *,
    integration_name: str,
    method: str,
    integration_type: str | None = None,
    returns: type[T] = ANYTHING,
    **arguments: object,
) -> Step[T]:
    """
    Call a tool of an integration that is registered at the server (INTEGRATION).

    Run by: Orkes.

    Args:
        name: The reference name.
        integration_name: The integration.
        method: The tool's name.
        integration_type: The kind of integration.
        returns: The type of the output, which is the tool's.
        arguments: What the tool is given.
    """
    declared()
