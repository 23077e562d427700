"""Agents: those of Conductor's own runtime, and others that speak A2A (Agent2Agent)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Generic

import attrs

from podium.dsl.builders.converting import in_seconds
from podium.dsl.builders.declaring import builder, declared
from podium.dsl.refs import refuse
from podium.dsl.returned_types import ANYTHING, T
from podium.dsl.settings import Duration
from podium.dsl.steps import Step
from podium.typed.authored import Authored, AuthoredObject
from podium.typed.records import CamelCase

__all__ = [
    "AgentCard",
    "AgentMessage",
    "AgentReply",
    "AgentTask",
    "AgentTaskStatus",
    "Artifact",
    "Cancelled",
    "Card",
    "MessagePart",
    "Skill",
    "call",
    "cancel",
    "card",
    "run",
    "stop",
]


@attrs.frozen(kw_only=True)
class MessagePart:
    """One piece of a message or artifact."""

    #: ``text``, ``data`` or ``file``.
    kind: str
    text: str
    data: Any
    file: Any
    metadata: Mapping[str, Any]


@attrs.frozen(kw_only=True)
class AgentMessage(CamelCase):
    """What an agent says."""

    #: ``agent`` or ``user``.
    role: str
    parts: list[MessagePart]
    message_id: str
    task_id: str
    context_id: str
    kind: str
    metadata: Mapping[str, Any]


@attrs.frozen(kw_only=True)
class Artifact(CamelCase):
    """Something that an agent made."""

    artifact_id: str
    name: str
    description: str
    parts: list[MessagePart]
    metadata: Mapping[str, Any]


@attrs.frozen(kw_only=True)
class AgentTaskStatus:
    """Where an agent's task stands."""

    state: str
    message: AgentMessage
    #: ISO 8601.
    timestamp: str


@attrs.frozen(kw_only=True)
class AgentTask(CamelCase):
    """A task in the words of A2A."""

    id: str
    context_id: str
    status: AgentTaskStatus
    history: list[AgentMessage]
    artifacts: list[Artifact]
    metadata: Mapping[str, Any]
    kind: str


@attrs.frozen(kw_only=True)
class AgentReply(CamelCase, Generic[T]):
    """What came of a call."""

    #: In the words of A2A, such as ``completed`` or ``input-required``.
    state: str
    #: The agent's task, for the next call and for `cancel`.
    task_id: str
    #: The conversation, for the next call.
    context_id: str
    artifacts: list[Artifact]
    #: What the agent said last.
    text: str
    agent_message: AgentMessage
    task: AgentTask
    #: The run of an agent of Conductor, for `stop`.
    execution_id: str
    agent_name: str
    #: An agent of Conductor waits for a person or a tool.
    waiting: bool
    #: What it waits for.
    pending_tool: Mapping[str, Any]
    #: What an agent of Conductor gives in the end.
    output: T


@attrs.frozen(kw_only=True)
class Skill(CamelCase):
    """Something that an agent can do."""

    id: str
    name: str
    description: str
    tags: list[str]
    examples: list[str]
    input_modes: list[str]
    output_modes: list[str]


@attrs.frozen(kw_only=True)
class Card(CamelCase):
    """What an agent says of itself."""

    name: str
    description: str
    url: str
    version: str
    protocol_version: str
    preferred_transport: str
    documentation_url: str
    capabilities: Mapping[str, Any]
    skills: list[Skill]
    default_input_modes: list[str]
    default_output_modes: list[str]


@attrs.frozen(kw_only=True)
class AgentCard(CamelCase):
    """The output of `card`."""

    agent_card: Card


@attrs.frozen(kw_only=True)
class Cancelled(CamelCase):
    """The output of `cancel` and `stop`."""

    #: The run of an agent of Conductor.
    execution_id: str
    canceled: bool
    #: The task of another agent.
    task: AgentTask


_KEYS = {
    "url": "agentUrl",
    "agent": "name",
    "poll_interval": "pollIntervalSeconds",
    "max_duration": "maxDurationSeconds",
    "push_backstop": "pushBackstopPollSeconds",
    "timeout": "timeoutSeconds",
}
_LENGTHS = {
    "poll_interval": in_seconds,
    "max_duration": in_seconds,
    "push_backstop": in_seconds,
    "timeout": in_seconds,
}


def _says_something(name: str, given: Mapping[str, Authored]) -> None:
    if all(given.get(each) is None for each in ("text", "prompt", "parts", "message")):
        refuse(f"agents.call {name!r} says nothing; give text=, parts= or message=")


@builder("AGENT", output=AgentReply[Any], keys=_KEYS, convert=_LENGTHS, check=_says_something)
def call(
    name: str,
    /,
    *,
    agent_type: str | None = "a2a",
    url: str,
    text: str | None = None,
    prompt: str | None = None,
    parts: Sequence[AuthoredObject] | None = None,
    message: AuthoredObject | None = None,
    context_id: str | None = None,
    task_id: str | None = None,
    headers: Mapping[str, str] | None = None,
    history_length: int | None = None,
    poll_interval: Duration | None = None,
    max_duration: Duration | None = None,
    max_poll_failures: int | None = None,
    streaming: bool | None = None,
    push_notification: bool | None = None,
    push_backstop: Duration | None = None,
    metadata: Mapping[str, object] | None = None,
    extra: AuthoredObject | None = None,
) -> Step[AgentReply[Any]]:
    """
    Call an agent that speaks A2A, and wait for its answer (AGENT).

    Run by: Conductor with its AI module.

    Args:
        name: The reference name.
        agent_type: The kind of agent; None leaves it out, which means the same to the server.
        url: The agent's address, or that of its card.
        text: What to say to it.
        prompt: Another word for it, which some definitions use.
        parts: What to say, in parts of A2A.
        message: The whole message of A2A; it wins over *parts* and *text*.
        context_id: The conversation to go on with.
        task_id: The agent's task to go on with.
        headers: Header name to value.
        history_length: How many messages of the conversation to get back.
        poll_interval: Time between two looks at it; 5 s by default.
        max_duration: Longest time; a day by default. The step then fails for good.
        max_poll_failures: How often in a row it may not be reached; 30 by default.
        streaming: Keep a connection open instead of looking.
        push_notification: Let the agent call back.
        push_backstop: Time between two looks while it may call back; 5 minutes by default.
        metadata: What goes with the message.
        extra: Inputs that have no parameter here.

    Returns:
        The step; ``.output`` is an `AgentReply`.
    """
    declared()


@builder("AGENT", output=AgentReply, keys=_KEYS, convert=_LENGTHS, always={"agentType": "conductor"})
def run(
    name: str,
    /,
    *,
    prompt: str,
    agent: str | None = None,
    version: int | None = None,
    session_id: str | None = None,
    run_id: str | None = None,
    execution_id: str | None = None,
    context: Mapping[str, object] | None = None,
    media: Sequence[str] | None = None,
    model: str | None = None,
    idempotency_key: str | None = None,
    timeout: Duration | None = None,
    poll_interval: Duration | None = None,
    max_duration: Duration | None = None,
    max_poll_failures: int | None = None,
    returns: type[T] = ANYTHING,
    extra: AuthoredObject | None = None,
) -> Step[AgentReply[T]]:
    """
    Run an agent of Conductor, and wait for what it gives (AGENT).

    Run by: Conductor with its AI module.

    Args:
        name: The reference name.
        prompt: What it is asked; with *execution_id*, the answer that it waits for.
        agent: The agent's name at the server.
        version: Its version; the latest by default.
        session_id: The conversation that it belongs to.
        run_id: The run's id.
        execution_id: A run that waits for an answer, to go on with.
        context: Values that the agent gets.
        media: Addresses of pictures and the like.
        model: Another model than the agent's own.
        idempotency_key: A second call with the same key starts no second run.
        timeout: Longest time of the agent's run.
        poll_interval: Time between two looks at it; 5 s by default.
        max_duration: Longest time of this step; a day by default. It then fails for good.
        max_poll_failures: How often in a row it may not be reached; 30 by default.
        returns: The type of ``.output.output``.
        extra: Inputs that have no parameter here.

    Returns:
        The step; ``.output`` is an `AgentReply`.
    """
    declared()


@builder("GET_AGENT_CARD", output=AgentCard, keys=_KEYS)
def card(
    name: str,
    /,
    *,
    url: str,
    agent_type: str | None = None,
    headers: Mapping[str, str] | None = None,
    extra: AuthoredObject | None = None,
) -> Step[AgentCard]:
    """
    Ask an agent what it can do (GET_AGENT_CARD).

    Run by: Conductor with its AI module.

    Args:
        name: The reference name.
        url: The agent's address, or that of its card.
        agent_type: ``a2a``, which is the only one.
        headers: Header name to value.
        extra: Inputs that have no parameter here.

    Returns:
        The step; ``.output.agent_card`` is what it says of itself.
    """
    declared()


@builder("CANCEL_AGENT", output=Cancelled, keys=_KEYS, always={"agentType": "a2a"})
def cancel(
    name: str,
    /,
    *,
    url: str,
    task_id: str,
    headers: Mapping[str, str] | None = None,
    extra: AuthoredObject | None = None,
) -> Step[Cancelled]:
    """
    Cancel what an agent that speaks A2A does (CANCEL_AGENT); `stop` ends an agent of Conductor.

    Run by: Conductor with its AI module.

    Args:
        name: The reference name.
        url: The agent's address.
        task_id: Its task, as `call` gives it.
        headers: Header name to value.
        extra: Inputs that have no parameter here.

    Returns:
        The step; ``.output.task`` is the agent's task.
    """
    declared()


@builder("CANCEL_AGENT", output=Cancelled, keys=_KEYS, always={"agentType": "conductor"})
def stop(
    name: str,
    /,
    *,
    execution_id: str,
    reason: str | None = None,
    extra: AuthoredObject | None = None,
) -> Step[Cancelled]:
    """
    End the run of an agent of Conductor (CANCEL_AGENT); `cancel` ends what another agent does.

    Run by: Conductor with its AI module.

    Args:
        name: The reference name.
        execution_id: The run, as `run` gives it.
        reason: Why.
        extra: Inputs that have no parameter here.

    Returns:
        The step; ``.output.canceled`` is true.
    """
    declared()
