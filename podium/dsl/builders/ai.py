"""
Language models: chat, texts, embeddings, images, sound and video.

Where no server runs these types, a worker of the type's name does: ``@task(name="LLM_CHAT_COMPLETE")``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Generic, TypedDict, Unpack

import attrs

from podium.dsl.builders.converting import in_seconds, one_of
from podium.dsl.builders.declaring import builder, declared
from podium.dsl.builders.media import Media
from podium.dsl.builders.talking import (
    Message,
    Tool,
    ToolCall,
    assistant,
    read_messages,
    read_schema,
    read_tools,
    system,
    tool_result,
    user,
)
from podium.dsl.returned_types import ANYTHING, T
from podium.dsl.settings import Duration
from podium.dsl.steps import Step
from podium.dsl.tasks import Task
from podium.dsl.workflows import Workflow
from podium.typed.authored import AuthoredObject
from podium.typed.records import CamelCase

__all__ = [
    "ChatSettings",
    "Media",
    "Message",
    "ModelSettings",
    "Reply",
    "Tool",
    "ToolCall",
    "assistant",
    "audio",
    "chat",
    "complete",
    "embed",
    "image",
    "system",
    "tool_result",
    "user",
    "video",
]


@attrs.frozen(kw_only=True)
class Reply(CamelCase, Generic[T]):
    """What a model gave; providers fill in what they know."""

    #: The answer: a text, or what it says as JSON.
    result: T
    #: Pictures, sound or files.
    media: list[Media]
    #: Why the model ended, such as ``STOP`` or ``TOOL_CALLS``.
    finish_reason: str
    #: Tokens of the prompt and the answer together.
    token_used: int
    prompt_tokens: int
    completion_tokens: int
    #: The tools that the model wants to be called.
    tool_calls: list[ToolCall]
    #: For ``previous_response=`` of the next turn.
    response_id: str
    #: What the model thought, where it tells.
    reasoning: str
    reasoning_tokens: int
    #: The provider's job, for work that takes long.
    job_id: str


class ModelSettings(TypedDict, total=False):
    """How a model is called; each is optional, and providers pass over what they do not know."""

    #: Randomness; 0 for as little as there can be.
    temperature: float
    #: Choose among the likeliest tokens that make up this share.
    top_p: float
    #: Choose among so many tokens.
    top_k: int
    frequency_penalty: float
    presence_penalty: float
    #: Longest answer; Conductor's default is 8192.
    max_tokens: int
    #: Texts that end the answer.
    stop_words: Sequence[str]
    #: How many answers; Conductor's default is 1.
    max_results: int
    #: Values for ``${name}`` in a prompt that is registered at the server.
    prompt_variables: Mapping[str, object]
    #: Which version of a registered prompt.
    prompt_version: int
    #: Name of an integration that is registered at the server.
    integration: str
    #: Kind of integration to its name.
    integrations: Mapping[str, str]
    #: Inputs that have no parameter here, by their keys in the JSON.
    extra: AuthoredObject


class ChatSettings(ModelSettings, total=False):
    """What can be said of a chat beside the model and the messages; each is optional."""

    #: What the model is to do: a text, or the name of a prompt that is registered at the server.
    instructions: str
    #: What the user says, behind the messages.
    user_input: str
    #: What the model may call: tasks and workflows of yours, or a `Tool` each.
    tools: Sequence[Tool | Task[..., Any] | Workflow[..., Any] | AuthoredObject]
    #: Ask for JSON, which is read into ``result``; some models want the word JSON in the prompt.
    json_output: bool
    #: What the answer must look like: a type such as a record class, or a schema definition.
    output_schema: type[Any] | AuthoredObject
    #: What the prompt's variables must look like.
    input_schema: type[Any] | AuthoredObject
    #: Name of a participant to the role that it speaks in.
    participants: Mapping[str, str]
    output_mime_type: str
    #: Tokens for thinking (Anthropic, Gemini).
    thinking_tokens: int
    #: ``low``, ``medium`` or ``high`` (OpenAI).
    reasoning_effort: str
    #: Tell the thoughts in ``reasoning``: ``auto``, ``concise`` or ``detailed``.
    reasoning_summary: str
    #: ``response_id`` of the turn before, so that its messages need not be sent again (OpenAI).
    previous_response: str
    #: The model may search the web.
    web_search: bool
    #: The model may run code.
    code_interpreter: bool
    #: Ids of the vector stores that the model may search (OpenAI).
    file_search_stores: Sequence[str]
    #: The model may search with Google (Gemini).
    google_search: bool
    #: Where to put what is too large for the answer.
    output_location: str
    #: Answer with this voice.
    voice: str


_MODEL_KEYS = {
    "provider": "llmProvider",
    "integration": "integrationName",
    "integrations": "integrationNames",
    "count": "n",
}
_CHAT_KEYS = {
    **_MODEL_KEYS,
    "thinking_tokens": "thinkingTokenLimit",
    "previous_response": "previousResponseId",
    "file_search_stores": "fileSearchVectorStoreIds",
    "google_search": "googleSearchRetrieval",
}


@builder(
    "LLM_CHAT_COMPLETE",
    output=Reply,
    keys=_CHAT_KEYS,
    convert={
        "messages": read_messages,
        "tools": read_tools,
        "output_schema": read_schema,
        "input_schema": read_schema,
    },
)
def chat(
    name: str,
    /,
    *,
    provider: str,
    model: str,
    messages: Sequence[Message | AuthoredObject] | None = None,
    returns: type[T] = ANYTHING,
    **settings: Unpack[ChatSettings],
) -> Step[Reply[T]]:
    """
    Ask a model in a conversation (LLM_CHAT_COMPLETE).

    Run by: Conductor with its AI module, Orkes.

    Args:
        name: The reference name.
        provider: The provider's name at the server, such as ``openai`` or ``anthropic``.
        model: The model's name.
        messages: What was said so far; see `user`, `system`, `assistant` and `tool_result`.
        returns: The type of ``.output.result``. It asks the model for nothing: say ``json_output=True`` or
            ``output_schema=`` too.
        settings: Instructions, tools, randomness and more; see `ChatSettings`.

    Returns:
        The step; ``.output`` is a `Reply`.

    Example:
        ``ai.chat("answer", provider="openai", model="gpt-4o-mini", messages=[ai.user(question)], temperature=0.2)``
    """
    declared()


@builder("LLM_TEXT_COMPLETE", output=Reply, keys=_MODEL_KEYS)
def complete(
    name: str,
    /,
    *,
    provider: str,
    model: str,
    prompt_name: str | None = None,
    prompt: str | None = None,
    json_output: bool | None = None,
    returns: type[T] = ANYTHING,
    **settings: Unpack[ModelSettings],
) -> Step[Reply[T]]:
    """
    Let a model go on from a prompt (LLM_TEXT_COMPLETE).

    Run by: Conductor with its AI module, Orkes.

    Args:
        name: The reference name.
        provider: The provider's name at the server.
        model: The model's name.
        prompt_name: A prompt that is registered at the server; ``prompt_variables=`` fill it in.
        prompt: The prompt itself.
        json_output: Ask for JSON, which is read into ``result``.
        returns: The type of ``.output.result``.
        settings: Randomness, length and more; see `ModelSettings`.

    Returns:
        The step; ``.output`` is a `Reply`.
    """
    declared()


@builder("LLM_GENERATE_EMBEDDINGS", output=list[float], keys=_MODEL_KEYS)
def embed(
    name: str,
    /,
    *,
    provider: str,
    model: str,
    text: str,
    dimensions: int | None = None,
    extra: AuthoredObject | None = None,
) -> Step[list[float]]:
    """
    Return the embedding of a text (LLM_GENERATE_EMBEDDINGS).

    Run by: Conductor with its AI module, Orkes.

    Args:
        name: The reference name.
        provider: The provider's name at the server.
        model: The embedding model's name.
        text: The text; an empty one fails for good.
        dimensions: Length of the vector; the model's own by default.
        extra: Inputs that have no parameter here.

    Returns:
        The step; ``.output`` is the vector.
    """
    declared()


@builder(
    "GENERATE_IMAGE",
    output=Reply[Any],
    keys={**_MODEL_KEYS, "format": "outputFormat"},
    convert={"format": one_of("png", "jpg", "webp")},
)
def image(
    name: str,
    /,
    *,
    provider: str,
    model: str,
    prompt: str,
    count: int | None = None,
    width: int | None = None,
    height: int | None = None,
    size: str | None = None,
    style: str | None = None,
    weight: float | None = None,
    format: str | None = None,  # noqa: A002  # the word of the subject
    **settings: Unpack[ModelSettings],
) -> Step[Reply[Any]]:
    """
    Draw pictures (GENERATE_IMAGE).

    Run by: Conductor with its AI module.

    Args:
        name: The reference name.
        provider: The provider's name at the server.
        model: The model's name.
        prompt: What to draw.
        count: How many; 1 by default.
        width: Pixels; 1024 by default.
        height: Pixels; 1024 by default.
        size: Width and height in the words of the provider, such as ``"1024x1024"``.
        style: Such as ``natural`` or ``vivid``.
        weight: How much the prompt counts.
        format: ``png`` (the default), ``jpg`` or ``webp``.
        settings: See `ModelSettings`.

    Returns:
        The step; ``.output.media`` are the pictures.
    """
    declared()


@builder("GENERATE_AUDIO", output=Reply[Any], keys={**_MODEL_KEYS, "format": "responseFormat"})
def audio(
    name: str,
    /,
    *,
    provider: str,
    model: str,
    text: str | None = None,
    voice: str | None = None,
    speed: float | None = None,
    format: str | None = None,  # noqa: A002  # the word of the subject
    count: int | None = None,
    prompt: str | None = None,
    **settings: Unpack[ModelSettings],
) -> Step[Reply[Any]]:
    """
    Speak a text (GENERATE_AUDIO).

    Run by: Conductor with its AI module.

    Args:
        name: The reference name.
        provider: The provider's name at the server.
        model: The model's name.
        text: What to say.
        voice: The voice's name.
        speed: 1.0 by default.
        format: ``mp3`` by default.
        count: How many takes; 1 by default.
        prompt: How to say it.
        settings: See `ModelSettings`.

    Returns:
        The step; ``.output.media`` is the sound.
    """
    declared()


@builder(
    "GENERATE_VIDEO",
    output=Reply[Any],
    keys={
        **_MODEL_KEYS,
        "format": "outputFormat",
        "thumbnail": "generateThumbnail",
        "thumbnail_at": "thumbnailTimestamp",
        "max_duration": "maxDurationSeconds",
    },
    convert={"duration": in_seconds, "thumbnail_at": in_seconds, "max_duration": in_seconds},
)
def video(
    name: str,
    /,
    *,
    provider: str,
    model: str,
    prompt: str | None = None,
    input_image: str | None = None,
    duration: Duration | None = None,
    width: int | None = None,
    height: int | None = None,
    fps: int | None = None,
    format: str | None = None,  # noqa: A002  # the word of the subject
    style: str | None = None,
    motion: str | None = None,
    seed: int | None = None,
    guidance_scale: float | None = None,
    aspect_ratio: str | None = None,
    negative_prompt: str | None = None,
    person_generation: str | None = None,
    resolution: str | None = None,
    generate_audio: bool | None = None,
    size: str | None = None,
    thumbnail: bool | None = None,
    thumbnail_at: Duration | None = None,
    max_duration: Duration | None = None,
    max_cost_dollars: float | None = None,
    count: int | None = None,
    **settings: Unpack[ModelSettings],
) -> Step[Reply[Any]]:
    """
    Make a film (GENERATE_VIDEO); it takes minutes, and the step waits for it.

    Run by: Conductor with its AI module.

    Args:
        name: The reference name.
        provider: The provider's name at the server.
        model: The model's name.
        prompt: What to show.
        input_image: The picture to begin with: its address, or base64.
        duration: How long; 5 s by default.
        width: Pixels; 1280 by default.
        height: Pixels; 720 by default.
        fps: Pictures per second; 24 by default.
        format: ``mp4`` by default.
        style: Such as ``cinematic``.
        motion: Such as ``slow`` or ``fast``.
        seed: The same number gives the same film.
        guidance_scale: How closely to keep to the prompt, 1 to 20.
        aspect_ratio: Such as ``16:9``.
        negative_prompt: What not to show (Gemini).
        person_generation: ``dont_allow`` or ``allow_adult`` (Gemini).
        resolution: ``720p`` or ``1080p`` (Gemini).
        generate_audio: With sound (Gemini).
        size: Width and height in the words of the provider (OpenAI).
        thumbnail: Make a still picture too; True by default.
        thumbnail_at: Where in the film.
        max_duration: Refuse to make a longer one.
        max_cost_dollars: Refuse to make a dearer one.
        count: How many; 1 by default.
        settings: See `ModelSettings`.

    Returns:
        The step; ``.output.media`` is the film.
    """
    declared()
