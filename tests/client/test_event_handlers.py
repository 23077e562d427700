"""Event handlers: what messages of EVENT tasks, and of others, start and end."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from kinds import Opening, eventually

import podium
from podium.client.remote.client import RemoteClient
from podium.model.errors import AlreadyExists, DefinitionError, HandlerNotFound, InvalidRequest
from podium.model.messages import EventMessage


@podium.workflow
def ship(order: str) -> str:
    """Wait until somebody says that it is packed."""
    podium.human("packed")
    return order


@podium.workflow
def pay(order: str) -> None:
    """Tell that an order is paid."""
    podium.event("paid", "conductor:paid", order=order)


def handler(**changes: Any) -> podium.EventHandler:
    """Return a handler that ships what is paid, with some fields changed."""
    action = {
        "action": "start_workflow",
        "start_workflow": {"name": "ship", "input": {"order": "${order}"}, "correlationId": "of ${order}"},
    }
    fields = {"name": "ship", "event": "conductor:pay:paid", "actions": [action], "active": True}
    return podium.EventHandler(**{**fields, **changes})


@pytest.fixture
def client(client: podium.Client) -> podium.Client:
    """A client of each kind that knows both workflows."""
    client.register(ship, pay)
    return client


def first(client: podium.Client, **where: Any) -> podium.WorkflowRun:
    """Return the first run that is found, when there is one."""
    return eventually(lambda: next(iter(client.search(**where)), None))


def test_an_event_task_starts_what_handlers_say(client: podium.Client) -> None:
    """A committed EVENT task starts the run of an active handler once, with the payload in its input."""
    client.event_handlers.add(handler())
    client.event_handlers.add(handler(name="idle", active=False))
    client.run(pay, {"order": "o-1"})
    run = client.get(first(client, name="ship").workflow_id)
    assert (run.input["order"], run.correlation_id, run.event) == ("o-1", "of o-1", "conductor:pay:paid")
    assert run.input["conductor.event.name"] == "conductor:pay:paid"
    assert len(client.search(name="ship")) == 1


def test_a_message_that_comes_again_starts_nothing(client: podium.Client) -> None:
    """A message under a known id does nothing twice; another one with the same payload does."""
    client.event_handlers.add(handler())
    for message_id in ("a", "a", "b"):
        client.event_handlers.publish("conductor:pay:paid", {"order": "o"}, message_id=message_id)
    assert len(client.search(name="ship")) == 2


@pytest.mark.parametrize(
    ("condition", "kind", "count"),
    [
        ("$.amount > 10 && $.state == 'PAID'", None, 1),
        ("$.lines.filter(l => l.n > 1).length", "graaljs", 1),
        ("$.none", None, 0),
        ("$.amount <", None, 0),
        ("amount", "value-param", 1),
        ("x", "unheard-of", 0),
    ],
)
def test_a_condition_chooses_messages(client: podium.Client, condition: str, kind: str | None, count: int) -> None:
    """What the condition finds true is acted on; false, a broken condition and an unknown evaluator do nothing."""
    client.event_handlers.add(handler(condition=condition, evaluator_type=kind))
    client.event_handlers.publish("conductor:pay:paid", {"amount": 11, "state": "PAID", "lines": [{"n": 2}]})
    assert len(client.search(name="ship")) == count


def test_handlers_end_tasks_and_runs_and_set_variables(client: podium.Client) -> None:
    """complete_task by place, fail_task by id, update_workflow_variables and terminate_workflow reach their runs."""
    runs = [client.start(ship, {"order": str(number)}) for number in range(4)]
    place = {"workflowId": "${run}", "taskRefName": "packed", "output": {"by": "${who}"}}
    variables = {"workflowId": "${run}", "variables": {"log": ["${who}"]}, "appendArray": True}
    task = {"taskId": "${task}", "reasonForIncompletion": "broken"}
    for name, event, body in [
        ("complete_task", "x:done", place),
        ("update_workflow_variables", "x:told", variables),
        ("terminate_workflow", "x:off", {"workflowId": "${$.run}", "terminationReason": "no ${who}"}),
        ("fail_task", "x:bad", task),
    ]:
        client.event_handlers.add(handler(name=name, event=event, actions=[{"action": name, name: body}]))
    publish = client.event_handlers.publish
    publish("x:done", {"run": runs[0], "who": "Ann"})
    publish("x:told", {"run": runs[1], "who": "Bo"})
    publish("x:told", {"run": runs[1], "who": "Cy"})
    publish("x:off", {"run": runs[2], "who": "stock"})
    publish("x:bad", {"task": client.get(runs[3]).tasks[0].task_id})
    done, told, off, bad = (client.get(run) for run in runs)
    assert (done.status, done.tasks[0].output_data["by"]) == ("COMPLETED", "Ann")
    assert (told.status, told.variables["log"]) == ("RUNNING", ["Bo", "Cy"])
    assert (off.status, off.reason) == ("TERMINATED", "no stock")
    assert (bad.status, bad.tasks[0].reason_for_incompletion) == ("FAILED", "broken")


def test_one_action_that_cannot_be_done_stops_no_other(client: podium.Client, caplog: pytest.LogCaptureFixture) -> None:
    """Unknown workflows, runs and values of a wrong type are logged, and the next action is done."""
    bad = [
        {"action": "start_workflow", "start_workflow": {"name": "nobody"}},
        {"action": "start_workflow", "start_workflow": {"name": "ship", "input": "${order}"}},
        {"action": "terminate_workflow", "terminate_workflow": {"workflowId": "none"}},
        {"action": "complete_task", "complete_task": {"taskId": "none"}},
    ]
    client.event_handlers.add(handler(actions=[*bad, *handler().actions]))
    client.event_handlers.publish("conductor:pay:paid", {"order": "o"})
    assert len(client.search(name="ship")) == 1
    if not isinstance(client, RemoteClient):  # a server's own log has them
        assert len([record for record in caplog.records if record.name == "podium.events"]) == 4


def test_inline_json_is_read_where_that_is_said(client: podium.Client) -> None:
    """With expandInlineJSON a text that is JSON is looked into; conditions always do."""
    action = {**handler().actions[0], "expandInlineJSON": True}
    action["start_workflow"] = {"name": "ship", "input": {"order": "${body.order}"}}
    client.event_handlers.add(handler(actions=[action], condition="$.body.order == 'o-7'"))
    client.event_handlers.publish("conductor:pay:paid", {"body": '{"order": "o-7"}'})
    assert client.get(client.search(name="ship")[0].workflow_id).input["order"] == "o-7"


def test_handlers_are_listed_changed_and_taken_out(client: podium.Client) -> None:
    """A handler is kept as given, replaced by its name, refused where it may not be, and gone when deleted."""
    handlers = client.event_handlers
    handlers.add(handler())
    with pytest.raises(AlreadyExists, match="ship already exists"):
        handlers.add(handler(), replace=False)
    handlers.add(handler(active=False))
    assert handlers.get("ship") == handler(active=False)
    assert handlers.list("conductor:pay:paid") == (handler(active=False),)
    assert (handlers.list(active=True), handlers.list("other")) == ((), ())
    handlers.delete("ship")
    for verb in (handlers.delete, handlers.get):
        with pytest.raises(HandlerNotFound, match="ship"):
            verb("ship")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": ""}, "name: Missing event handler name"),
        ({"event": ""}, "event: Missing event location"),
        ({"event": "kafka"}, "event: .*kind:queue"),
        ({"actions": []}, "actions: No actions specified"),
        ({"actions": [{"action": "start"}]}, r"actions\[0\].action: one of start_workflow"),
        ({"actions": [{"action": "start_workflow"}]}, r"actions\[0\].start_workflow: "),
        ({"actions": [{"action": "fail_task", "fail_task": {"workflowId": "x"}}]}, "taskId or taskRefName"),
    ],
)
def test_a_handler_that_cannot_be_is_refused(client: podium.Client, changes: Any, words: str) -> None:
    """What is wrong is said with its place, and nothing is stored."""
    with pytest.raises(DefinitionError, match=words):
        client.event_handlers.add(handler(**changes))
    assert client.event_handlers.list() == ()


class Broker:
    """A source whose messages a test hands over; it repeats what could not be dealt with."""

    def __init__(self) -> None:
        self.listening: dict[str, threading.Event] = {}
        self.deliver: Callable[[EventMessage], None] | None = None

    def listen(self, queue: str, deliver: Callable[[EventMessage], None], stop: threading.Event) -> None:
        self.deliver = deliver
        self.listening[queue] = stop
        stop.wait()


def test_sources_bring_messages_to_the_queues_of_active_handlers(opening: Opening) -> None:
    """A queue is listened to as long as an active handler names it; its messages are acted on."""
    broker = Broker()
    with opening(sources={"broker": broker}) as client:
        client.register(ship)
        client.event_handlers.add(handler(event="broker:orders"))
        eventually(lambda: broker.listening)
        assert broker.deliver is not None
        broker.deliver(EventMessage("m-1", "orders", {"order": "o-9"}))
        broker.deliver(EventMessage("m-1", "orders", {"order": "o-9"}))
        assert [client.get(run.workflow_id).input["order"] for run in client.search()] == ["o-9"]
        client.event_handlers.delete("ship")
        assert broker.listening["orders"].wait(10)


def test_a_source_is_something_that_listens() -> None:
    """What cannot listen, and the engine's own kind, are refused where they are given."""
    for sources in ({"kafka": print}, {"conductor": Broker()}, ["kafka"]):
        with pytest.raises(InvalidRequest, match="sources="):
            podium.connect("memory://", sources=sources)  # type: ignore[arg-type]  # wrong on purpose
