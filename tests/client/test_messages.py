"""Messages that clients send to runs."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from kinds import Opening

import podium
from podium.model.errors import IllegalTransition, InboxFull, InvalidRequest, RunNotFound


@podium.workflow
def paid() -> list[Any]:
    """Wait for a payment, and take one more message if there is one."""
    first = podium.pull_messages("first")
    return [first.output.messages, podium.pull_messages("more", blocking=False).output.count]


def test_a_message_reaches_the_step_that_waits(url: str) -> None:
    """The id that the sender gets is the one that the step sees, with the payload as it was sent."""
    with podium.connect(url) as client:
        run_id = client.start(paid, {})
        message_id = client.send_message(run_id, {"amount": 5, "by": ("card", None)})
        run = client.wait(run_id, 30)

    ((message,), more) = run.output["result"]
    assert (message["id"], message["payload"], more) == (message_id, {"amount": 5, "by": ["card", None]}, 0)


def test_messages_are_sent_from_event_loops_too(url: str) -> None:
    """`podium.AsyncClient` has the same verb."""

    async def send() -> Any:
        async with podium.connect_async(url) as client:
            run_id = await client.start(paid, {})
            await client.send_message(run_id, {"n": 1})
            return (await client.wait(run_id, 30)).output["result"][0][0]["payload"]

    assert asyncio.run(send()) == {"n": 1}


def test_what_cannot_be_sent_is_refused(opening: Opening) -> None:
    """No object, too much, no run, a run that has ended, a full queue: each in words."""
    limits = podium.client.Limits(waiting_messages=1, payload_bytes=1_000)
    step = podium.Workflow("idle")
    step >> podium.human("wait")
    with opening(limits=limits) as client:
        run_id = client.start(step, {})
        with pytest.raises(InvalidRequest, match="the payload must be a JSON object, not list"):
            client.send_message(run_id, [1])  # type: ignore[arg-type]  # what the test is about
        with pytest.raises(InvalidRequest, match="the payload is too large: 608 bytes as JSON, and the limit is 500"):
            client.send_message(run_id, {"x": "y" * 600})
        with pytest.raises(RunNotFound):
            client.send_message("nobody", {})
        client.send_message(run_id, {})
        with pytest.raises(InboxFull, match="1 messages wait"):
            client.send_message(run_id, {})
        client.terminate(run_id)
        with pytest.raises(IllegalTransition, match="current: TERMINATED"):
            client.send_message(run_id, {})
