"""WAIT_FOR_WEBHOOK: which steps a webhook's call ends, and which not."""

from __future__ import annotations

from typing import Any

import pytest
from kinds import Opening

import podium
from podium.client import Client
from podium.dsl import web
from podium.model.errors import AuthoringError, InvalidRequest


@podium.workflow
def pay(order: int) -> Any:
    """Wait until an order is paid."""
    call = web.wait_for_webhook("paid", matches={"$['event']['type']": "paid", "$.event.order": order})
    return call.output["event"]["amount"]


def call(order: object, amount: int = 5, kind: str = "paid") -> dict[str, object]:
    """Return the payload of a call."""
    return {"event": {"type": kind, "order": order, "amount": amount}}


def test_a_call_ends_the_steps_that_it_fits(client: Client) -> None:
    """All conditions must hold; every step for which they do has the payload, and others go on waiting."""
    seven, eight, again = (client.start(pay, {"order": order}) for order in (7, 8, 7))

    assert client.deliver_webhook(call(7, kind="sent")) == []
    assert client.deliver_webhook(call("7")) == []
    assert sorted(client.deliver_webhook(call(7, amount=9))) == sorted([(seven, "paid"), (again, "paid")])
    assert [client.wait(run_id, 30).output for run_id in (seven, again)] == [{"result": 9}, {"result": 9}]
    assert client.get(eight).status == "RUNNING"
    assert client.deliver_webhook(call(7)) == []
    assert client.get(seven).tasks[0].output_data == call(7, amount=9)


def test_a_call_can_be_for_one_workflow(client: Client) -> None:
    """Runs of other workflows are passed by."""
    run_id = client.start(pay, {"order": 1})

    assert client.deliver_webhook(call(1), workflow="other") == []
    assert client.deliver_webhook(call(1), workflow="pay") == [(run_id, "paid")]


def test_steps_that_have_ended_wait_no_longer(client: Client) -> None:
    """One that was completed by hand, or whose run was terminated, is not called."""
    done, ended = (client.start(pay, {"order": 3}) for _ in range(2))
    client.complete_task(done, "paid", call(3))
    client.terminate(ended)

    assert client.deliver_webhook(call(3)) == []


@pytest.mark.parametrize(
    ("matches", "fitting"),
    [
        ({"$.event": {"type": "paid", "order": 7, "amount": 5}}, True),
        ({"$.event.lines": None}, True),
        ({"$.event.order": True}, False),
        ({"$.event.order": 7.0}, True),
        ({"$['event'][": "x"}, False),
        ({"$.event.order": [7]}, False),
    ],
)
def test_values_are_compared_as_json(url: str, matches: dict[str, object], fitting: bool) -> None:
    """Objects and lists as a whole; null is what is not there; a truth value is no number; no path fits nothing."""
    step = podium.Workflow("one")
    step >> web.wait_for_webhook("paid", matches=matches)
    with podium.connect(url) as client:
        run_id = client.start(step, {})
        assert client.deliver_webhook(call(7)) == ([(run_id, "paid")] if fitting else [])


def test_secrets_may_be_wanted(opening: Opening, monkeypatch: pytest.MonkeyPatch) -> None:
    """A condition that names a secret is compared with its value, which is stored nowhere."""
    monkeypatch.setenv("CONDUCTOR_SECRET_TOKEN", "t-123")
    step = podium.Workflow("one")
    step >> web.wait_for_webhook("paid", matches={"$.token": podium.secret("TOKEN")})
    with opening() as client:
        run_id = client.start(step, {})
        assert client.deliver_webhook({"token": "t-124"}) == []
        assert "t-123" not in str(client.get(run_id))
        assert client.deliver_webhook({"token": "t-123"}) == [(run_id, "paid")]


@pytest.mark.parametrize("matches", [None, {}, "x", ["$.a"]])
def test_what_nothing_can_fit_fails_at_once(url: str, matches: object) -> None:
    """The reason says what is wanted and what is there; no retry helps."""
    step = podium.Workflow("one")
    step >> podium.system_task("paid", "WAIT_FOR_WEBHOOK", matches=matches)
    with podium.connect(url) as client:
        (task,) = client.run(step, {}, timeout=30).tasks

    assert task.status == "FAILED_WITH_TERMINAL_ERROR"
    assert "needs an input 'matches' with a value for each path" in (task.reason_for_incompletion or "")


def test_what_is_no_payload_is_refused(url: str) -> None:
    """A call has an object; it is the caller's mistake, told in words."""
    with podium.connect(url) as client, pytest.raises(InvalidRequest, match="must be a JSON object, not list"):
        client.deliver_webhook([1])  # type: ignore[arg-type]  # what the test is about


def test_a_run_says_what_it_waits_for(url: str) -> None:
    """Who waits too long is told of the call that is missing."""
    with podium.connect(url) as client:
        run_id = client.start(pay, {"order": 2})
        with pytest.raises(podium.RunTimeout, match=r"'paid' waits for a webhook that matches .*deliver_webhook"):
            client.wait(run_id, 0.05)


@pytest.mark.parametrize("path", ["$.[", "", "not a path", "x" * 20_000])
def test_a_path_at_which_nothing_can_be_is_refused(path: str) -> None:
    """Where the workflow is written; and a definition from JSON fails at the step, with the path."""

    @podium.workflow
    def never() -> None:
        web.wait_for_webhook("hook", matches={"$.a": 1, path: 2})

    with pytest.raises(AuthoringError, match="matches: no payload has anything at the path"):
        never.to_dict()
    with pytest.raises(AuthoringError, match="is no map from paths to values"):
        web.wait_for_webhook("hook", matches={})
    hook = {
        "name": "h",
        "taskReferenceName": "h",
        "type": "WAIT_FOR_WEBHOOK",
        "inputParameters": {"matches": {path: 1}},
    }
    run = podium.load({"name": "w", "tasks": [hook]}).run()
    assert "WAIT_FOR_WEBHOOK: no payload has anything at the path" in (run.tasks[0].reason_for_incompletion or "")
