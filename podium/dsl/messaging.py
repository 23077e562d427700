"""Steps that hand messages to others, and take them: events, Kafka, the run's own queue."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, TypeVar, overload

from attrs import frozen

from podium.dsl.arguments import checked_arguments
from podium.dsl.refs import Ref, refuse
from podium.dsl.settings import Duration, milliseconds
from podium.dsl.steps import Step
from podium.model.statuses import TaskType
from podium.typed.authored import Authored

T = TypeVar("T")


@frozen(kw_only=True)
class Published:
    """What an `event` step gives beside the event itself; ``output["key"]`` reads that."""

    __wire_names__: ClassVar[Mapping[str, str]] = {
        "queue": "event_produced",
        "workflow_id": "workflowInstanceId",
        "workflow_name": "workflowType",
        "workflow_version": "workflowVersion",
        "correlation_id": "correlationId",
    }

    #: Where it went, such as ``conductor:order:shipped``.
    queue: str
    #: This run.
    workflow_id: str
    workflow_name: str
    workflow_version: int
    correlation_id: str


@frozen(kw_only=True)
class QueuedMessage:
    """One message of the run's own queue."""

    __wire_names__: ClassVar[Mapping[str, str]] = {"workflow_id": "workflowId", "received_at": "receivedAt"}

    id: str
    #: The run that it was sent to.
    workflow_id: str
    #: What was sent.
    payload: Mapping[str, Any]
    #: ISO 8601.
    received_at: str


@frozen(kw_only=True)
class Inbox:
    """What a `pull_messages` step has taken."""

    #: The oldest first.
    messages: list[QueuedMessage]
    count: int


@overload
def event(  # type: ignore[overload-overlap]  # nobody publishes a type under the name "returns"
    name: str, sink: str, /, *, returns: type[T], **payload: object
) -> Step[T]: ...
@overload
def event(name: str, sink: str, /, **payload: object) -> Step[Published]: ...
@checked_arguments
def event(name: str, sink: str, /, *, returns: Any = Published, **payload: object) -> Any:
    """
    Publish an event (EVENT).

    Run by: Podium, Conductor, Orkes.

    Args:
        name: The reference name.
        sink: Where: ``conductor``, ``conductor:queue``, ``kafka:topic``, ``sqs:queue``, …; `podium.dsl.messages` has a
            function for each.
        returns: What the update from outside brings that completes it, with ``.opts(async_complete=True)``.
        payload: What it carries.

    Raises:
        AuthoringError: V1, the sink is none.

    Example:
        ``event("tell", messages.kafka("orders"), order_id=order_id)``
    """
    _check_sink(name, sink)
    return Step(name, type=TaskType.EVENT.value, inputs=payload, returns=returns, keys=("output",), sink=str(sink))


def _check_sink(name: str, sink: object) -> None:
    # Conductor: Event.java; what stands before the first colon chooses the provider.
    if isinstance(sink, Ref):
        return
    if not isinstance(sink, str) or not sink:
        refuse(f"event {name!r} goes to a sink such as 'conductor' or 'kafka:topic', not to {sink!r:.60}", code="V1")
    kind = sink.partition(":")[0]
    if "${" not in kind and ":" not in sink and kind != "conductor":
        refuse(
            f"event {name!r}: the sink {sink!r:.60} does not say what kind it is; write 'conductor:{sink:.40}' "
            f"or 'kafka:{sink:.40}'",
            code="V1",
        )


@checked_arguments
def kafka(
    name: str,
    /,
    *,
    servers: str,
    topic: str,
    value: object,
    key: object = None,
    headers: Mapping[str, object] | None = None,
    key_serializer: str | None = None,
    request_timeout: Duration | None = None,
    max_block: Duration | None = None,
) -> Step[None]:
    """
    Publish to Kafka (KAFKA_PUBLISH).

    Run by: Podium, Conductor.

    Args:
        name: The reference name.
        servers: ``host:port``, several separated by commas.
        topic: The topic.
        value: The message; sent as JSON.
        key: The message's key; Conductor sends the text ``null`` without one.
        headers: Header name to value.
        key_serializer: A Java class name; Conductor's default takes texts.
        request_timeout: Longest time for Kafka's answer; Conductor's default is 100 ms.
        max_block: Longest time until the message can be handed over; Conductor's default is 500 ms.
    """
    request: dict[str, Authored] = {
        "bootStrapServers": servers,
        "topic": topic,
        "value": value,
        "key": key,
        "headers": headers,
        "keySerializer": key_serializer,
        "requestTimeoutMs": milliseconds_of(request_timeout, "request_timeout"),
        "maxBlockMs": milliseconds_of(max_block, "max_block"),
    }
    given = {key: value for key, value in request.items() if value is not None}
    return Step(name, type="KAFKA_PUBLISH", inputs={"kafka_request": given}, returns=None)


def milliseconds_of(value: Authored, setting: str) -> Authored:
    """Return a length of time in milliseconds; None and references stay what they are."""
    if value is None or isinstance(value, Ref) or (isinstance(value, str) and "${" in value):
        return value
    return milliseconds(value, setting)


@checked_arguments
def pull_messages(name: str, /, *, batch_size: int = 1, blocking: bool = True) -> Step[Inbox]:
    """
    Take messages from the run's own queue (PULL_WORKFLOW_MESSAGES).

    Run by: Podium, Conductor with its message queue.

    Args:
        name: The reference name.
        batch_size: Most messages to take.
        blocking: Wait for one; otherwise it completes with none.

    Returns:
        The step; ``.output`` has ``messages`` and ``count``.
    """
    if isinstance(batch_size, int) and batch_size < 1:  # a value of the run is none
        refuse(f"pull_messages {name!r}: batch_size={batch_size} must be 1 or more")
    inputs = {"batchSize": batch_size, "blocking": blocking}
    return Step(name, type="PULL_WORKFLOW_MESSAGES", inputs=inputs, returns=Inbox)
