"""Where an `podium.dsl.event` goes: its sink. Each gives the text that ``event("name", sink)`` takes."""

from __future__ import annotations

from podium.dsl.refs import refuse

__all__ = [
    "amqp",
    "amqp_exchange",
    "amqp_queue",
    "azure",
    "conductor",
    "gcp_pubsub",
    "ibm_mq",
    "jsm",
    "kafka",
    "nats",
    "nats_stream",
    "sqs",
]


def conductor(queue: str | None = None) -> str:
    """
    Return a queue inside the server; event handlers listen to ``conductor:<workflow>:<queue>``.

    Run by: Conductor, Orkes.

    Args:
        queue: Its name; the step's reference name by default.

    Example:
        >>> conductor(), conductor("shipped")
        ('conductor', 'conductor:shipped')
    """
    return "conductor" if queue is None else _sink("conductor", queue, None)


def kafka(topic: str, *, integration: str | None = None) -> str:
    """
    Return a topic of Kafka.

    Args:
        topic: The topic.
        integration: The name of the integration at the server; Orkes wants it, open-source Conductor knows none.

    Example:
        >>> kafka("orders"), kafka("orders", integration="shop")
        ('kafka:orders', 'kafka:shop:orders')
    """
    return _sink("kafka", topic, integration)


def sqs(queue: str, *, integration: str | None = None) -> str:
    """Return a queue of Amazon SQS; *integration* as for `kafka`."""
    return _sink("sqs", queue, integration)


def nats(subject: str, *, integration: str | None = None) -> str:
    """Return a subject of NATS; *integration* as for `kafka`."""
    return _sink("nats", subject, integration)


def nats_stream(subject: str) -> str:
    """Return a subject of NATS streaming (open-source Conductor)."""
    return _sink("nats_stream", subject, None)


def jsm(subject: str) -> str:
    """Return a subject of NATS JetStream (open-source Conductor)."""
    return _sink("jsm", subject, None)


def amqp(queue: str, *, integration: str | None = None) -> str:
    """Return a queue of an AMQP broker as Orkes names it; *integration* as for `kafka`."""
    return _sink("amqp", queue, integration)


def amqp_queue(queue: str) -> str:
    """Return a queue of an AMQP broker (open-source Conductor)."""
    return _sink("amqp_queue", queue, None)


def amqp_exchange(exchange: str) -> str:
    """Return an exchange of an AMQP broker (open-source Conductor)."""
    return _sink("amqp_exchange", exchange, None)


def azure(queue: str, *, integration: str) -> str:
    """Return a queue of Azure Service Bus (Orkes)."""
    return _sink("azure", queue, integration)


def gcp_pubsub(topic: str, *, integration: str) -> str:
    """Return a topic of Google Pub/Sub (Orkes)."""
    return _sink("gcp_pubsub", topic, integration)


def ibm_mq(queue: str, *, integration: str) -> str:
    """Return a queue of IBM MQ (Orkes)."""
    return _sink("ibm_mq", queue, integration)


def _sink(kind: str, queue: str, integration: str | None) -> str:
    if integration is not None and ":" in str(integration):
        refuse(f"the integration {integration!r} holds a ':', which separates the parts of a sink")
    if not str(queue):
        refuse(f"a sink of {kind} needs a name behind it")
    return ":".join(str(part) for part in (kind, integration, queue) if part is not None)
