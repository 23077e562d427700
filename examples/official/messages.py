"""
A loop that takes messages from the run's own queue.

Original: docs/wmq/wmq_echo_loop.json in conductor-oss/conductor.
"""

from __future__ import annotations

from typing import TypedDict

from podium import inline, js, loop, pull_messages, workflow


class Message(TypedDict):
    """A message, as the queue keeps it."""

    id: str
    payload: dict[str, object]
    receivedAt: str


@workflow
def wmq_echo_loop() -> None:
    """Repeat what is said, a hundred times."""
    hundred = loop("message_loop_ref", while_=js("$.message_loop_ref['iteration'] < 100"))
    with hundred.opts(task_name="message_loop"):
        pulled = pull_messages("pull_message_ref", batch_size=1).opts(task_name="pull_message")
        echo = """
            const [first = {}] = $.messages || [];
            ({echoed: first.payload ?? null, messageId: first.id ?? null, receivedAt: first.receivedAt ?? null})
        """
        inline("echo_payload_ref", js(echo, messages=pulled.output.messages)).opts(task_name="echo_payload")


if __name__ == "__main__":
    print(wmq_echo_loop.describe())
