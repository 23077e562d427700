"""``onStateChange``: what is told of attempts, and that it is told."""

from __future__ import annotations

import random
import threading
from pathlib import Path
from typing import Any

import attrs
import pytest
from engine_flows import Crew, attempt_of, flow, inline, join, loop, simple, task, wait

import podium
from podium.backends.faulty import FaultRates, FaultyBackend
from podium.backends.loader import open_backend
from podium.backends.memory import MemoryBackend
from podium.client.outbox import Outbox
from podium.engine.events import Terminate
from podium.engine.rows import EngineRow, OutboxRow, WriteSet
from podium.model.definitions import StateChangeEvent, TaskDef
from podium.model.messages import EventMessage
from podium.model.payloads import dump, parse
from podium.model.statuses import RunStatus
from podium.testing.bench import Bench, FakeProcesses, VirtualClock

PATIENCE_S = 10.0
ALL = "onSuccess, onFailed,onScheduled,onCancelled,onStart"


def telling(states: str = ALL, sink: str = "audit:tasks", **payload: Any) -> dict[str, tuple[StateChangeEvent, ...]]:
    """Return what an attempt tells."""
    return {states: (StateChangeEvent(type=sink, payload=payload or None),)}


def told(bench: Bench) -> list[tuple[str, dict[str, Any]]]:
    """Return the messages that wait in the store, without the attempts' ids."""
    return [(row.event_id.split(":", 2)[2], parse(row.body)["payload"]) for row in bench.backend.unsent(100)]


def states(bench: Bench) -> list[str]:
    """Return the states that were told, in the order in which they are sent."""
    return [payload["event"] for _, payload in told(bench)]


def test_each_state_is_told_once_with_its_commit(bench: Bench) -> None:
    """Scheduled, begun, ended well: each as it is committed, with who it is about."""
    crew = Crew(bench, "a")
    run_id = bench.start(flow(simple("a", on_state_change=telling())), correlation_id="c-1")
    assert states(bench) == ["onScheduled"]
    given = crew.begin("a")
    bench.advance(1)
    bench.complete(given, {"n": 1})
    assert states(bench) == ["onScheduled", "onStart", "onSuccess"]
    attempt = attempt_of(bench.run(run_id), "a")
    rows = bench.backend.unsent(9)
    assert [row.event_id for row in rows] == [
        f"{attempt.task_id}:{n}:{word}" for n, word in enumerate(states(bench), 1)
    ]
    assert parse(rows[-1].body) == {
        "sink": "audit:tasks",
        "payload": {
            "event": "onSuccess",
            "status": "COMPLETED",
            "taskId": attempt.task_id,
            "referenceTaskName": "a",
            "taskDefName": "a",
            "retryCount": 0,
            "workflowInstanceId": run_id,
            "workflowType": "flow",
            "workflowVersion": 1,
            "correlationId": "c-1",
        },
    }


def test_a_state_is_told_with_its_own_status(bench: Bench) -> None:
    """Also where the attempt has left it within the commit: a worker here that is quick, and what nobody works on."""
    crew = Crew(bench, "a")
    script = {"evaluatorType": "javascript", "expression": "1"}
    bench.start(
        flow(
            simple("a", on_state_change=telling()),
            task("INLINE", "b", inputs=script, on_state_change=telling()),
        )
    )
    bench.complete(crew.take("a"), {"n": 1})
    ends = [("onScheduled", "SCHEDULED"), ("onStart", "IN_PROGRESS"), ("onSuccess", "COMPLETED")]
    for ref in "ab":
        of_one = [payload for _, payload in told(bench) if payload["referenceTaskName"] == ref]
        assert [(payload["event"], payload["status"]) for payload in of_one] == ends


def test_an_author_says_what_is_told(bench: Bench) -> None:
    """Expressions see the run and the attempt as it is then; several events may be told of one state."""
    events = {
        "onSuccess": (
            StateChangeEvent(type="audit:x", payload={"was": "${i.status}", "gave": "${i.output.result}", "n": 1}),
            StateChangeEvent(type="log"),
        )
    }
    bench.start(flow(attrs.evolve(inline("i", "5"), on_state_change=events)))
    (first, one), (second, _) = told(bench)
    assert (first, second) == ("onSuccess", "onSuccess:1")
    assert (one["was"], one["gave"], one["n"]) == ("COMPLETED", 5, 1)


def test_failures_retries_and_cancellations(bench: Bench) -> None:
    """Each attempt tells its own; one that nobody had begun has no beginning."""
    crew = Crew(bench, "a")
    definition = TaskDef(name="a", retry_count=1, retry_delay_seconds=5)
    run_id = bench.start(flow(simple("a", task_definition=definition, on_state_change=telling())))
    bench.fail(crew.begin("a"), "broken")
    assert states(bench) == ["onScheduled", "onStart", "onFailed", "onScheduled"]
    bench.ask(Terminate(run_id, "enough"))
    assert states(bench)[4:] == ["onCancelled"]


def test_only_the_states_that_are_named_are_told(bench: Bench) -> None:
    """In a loop of every iteration; a task without the setting tells nothing."""
    crew = Crew(bench, "a")
    body = simple("a", on_state_change=telling("onSuccess", n="${a.iteration}"))
    bench.start(flow(loop("l", "$.l['iteration'] < 2", body), simple("b")))
    crew.complete_all({"n": 1})
    assert [(payload["referenceTaskName"], payload["n"]) for _, payload in told(bench)] == [("a__1", 1), ("a__2", 2)]


def test_tasks_that_a_fork_makes_tell_too(bench: Bench) -> None:
    """What the definition lacks and the run's data has."""
    made = {"name": "w", "taskReferenceName": "w1", "type": "SIMPLE", "onStateChange": {"onScheduled": [{"type": "x"}]}}
    forking = task(
        "FORK_JOIN_DYNAMIC",
        "f",
        dynamic_fork_tasks_param="tasks",
        dynamic_fork_tasks_input_param_name="inputs",
        inputs={"tasks": [made], "inputs": {}},
    )
    bench.start(flow(forking, join("j")))
    assert [payload["referenceTaskName"] for _, payload in told(bench)] == ["w1"]


def test_what_cannot_be_told_says_so_and_stops_nothing(bench: Bench) -> None:
    """The run is what matters."""
    payload = {"n": "${workflow.input[?(@.a =~ /(?=x)/)]}"}
    run_id = bench.start(flow(wait("w", on_state_change=telling("onStart", **payload))))
    ((_, shown),) = told(bench)
    assert "look-around" in shown["fault"]
    assert bench.run(run_id).status is RunStatus.RUNNING


def test_a_refused_commit_tells_nothing() -> None:
    """What is told is written in the commit that makes it true, and in no other."""
    store = FaultyBackend(MemoryBackend(), random.Random(0), FaultRates(refused=1.0))
    bench = Bench(store.as_backend)
    with pytest.raises(Exception, match="refused"):
        bench.start(flow(wait("w", on_state_change=telling())))
    assert store.inner.unsent(9) == []


# -- sending ---------------------------------------------------------------------------------------------------------


class Audit:
    """A sink in the test's hands."""

    def __init__(self, failures: int = 0) -> None:
        self.failures = failures
        self.messages: list[EventMessage] = []
        self.changed = threading.Condition()

    def __call__(self, message: EventMessage) -> None:
        with self.changed:
            self.messages.append(message)
            self.changed.notify_all()
            if len(self.messages) <= self.failures:
                raise OSError("away")

    def wait(self, count: int) -> list[EventMessage]:
        """Wait until so many messages have come."""
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.messages) >= count, PATIENCE_S), self.messages
            return self.messages


@podium.task
def greet(name: str) -> str:
    """Greet."""
    return f"hello {name}"


@podium.workflow
def hello(name: str) -> Any:
    """Tell of a step."""
    said = greet(name).opts(
        on_state_change={"onScheduled": "audit", "onSuccess": {"type": "audit:ends", "payload": {"who": name}}}
    )
    return said.output


def test_messages_come_to_their_sink(tmp_path: Path) -> None:
    """In order, with what stands behind the kind; what was sent is forgotten."""
    audit = Audit()
    url = f"sqlite:///{tmp_path}/podium.db"
    with podium.connect(url, sinks={"audit": audit}) as client, client.workers([greet]):
        client.run(hello, {"name": "Ann"}, timeout=PATIENCE_S)
        scheduled, ended = audit.wait(2)
    assert (scheduled.queue, scheduled.payload["event"]) == ("", "onScheduled")
    assert (ended.queue, ended.payload["who"], ended.payload["status"]) == ("ends", "Ann", "COMPLETED")
    store = open_backend(url)
    assert store.unsent(9) == []
    store.close()


def test_a_sink_that_fails_gets_the_same_again_and_nothing_before_it() -> None:
    """At least once, in order, always with the same id."""
    audit = Audit(failures=2)
    with podium.connect(sinks={"audit": audit}) as client, client.workers([greet]):
        client.run(hello, {"name": "Ann"}, timeout=PATIENCE_S)
        ids = [message.id.rpartition(":")[2] for message in audit.wait(4)]
    assert ids == ["onScheduled", "onScheduled", "onScheduled", "onSuccess"]


def test_what_was_not_sent_is_sent_when_the_store_is_opened_again(tmp_path: Path) -> None:
    """Nobody had the sink then; now somebody has."""
    url = f"sqlite:///{tmp_path}/podium.db"
    with podium.connect(url) as client, client.workers([greet]):
        client.run(hello, {"name": "Ann"}, timeout=PATIENCE_S)
    audit = Audit()
    with podium.connect(url, sinks={"audit": audit}) as client:
        client.register(hello)
        assert [message.payload["event"] for message in audit.wait(2)] == ["onScheduled", "onSuccess"]


def outbox(store: MemoryBackend, sinks: dict[str, Any], dead: set[str] | None = None) -> Outbox:
    """Make one of the process ``me``."""
    processes = FakeProcesses("me", dead or set())
    return Outbox(store, "me", VirtualClock(), processes, secrets={}, sinks=sinks)


def test_what_a_living_process_committed_is_its_own() -> None:
    """What one that is gone left behind is sent by whoever looks."""
    store, audit = MemoryBackend(), Audit()
    clock = VirtualClock()
    for holder in ("me", "living", "gone"):
        store.heartbeat(EngineRow(holder, holder, clock.now()))
        body = dump({"sink": "audit", "payload": {"from": holder}})
        store.commit(WriteSet(outbox=[OutboxRow(f"e-{holder}", holder, clock.now(), body)]))
    one = outbox(store, {"audit": audit}, dead={"gone"})
    one.start()
    assert {message.payload["from"] for message in audit.wait(2)} == {"me", "gone"}
    one.close()
    assert [row.holder for row in store.unsent(9)] == ["living"]


def test_a_message_that_nobody_takes_is_given_up_after_a_day(caplog: pytest.LogCaptureFixture) -> None:
    """Until then it waits, and holds up no other kind."""
    store, audit = MemoryBackend(), Audit()
    now = VirtualClock().now()
    day = 24 * 3_600_000
    rows = [
        OutboxRow("old", "me", now - day - 1, dump({"sink": "nobody:x", "payload": {}})),
        OutboxRow("young", "me", now - 1, dump({"sink": "nobody:x", "payload": {}})),
        OutboxRow("other", "me", now, dump({"sink": "audit", "payload": {}})),
    ]
    store.commit(WriteSet(outbox=rows))
    one = outbox(store, {"audit": audit})
    one.start()
    audit.wait(1)
    one.close()
    assert [row.event_id for row in store.unsent(9)] == ["young"]
    assert "messages to the sink 'nobody' wait: there is no such sink" in caplog.text
    assert "the message old to the sink 'nobody' is given up" in caplog.text


def test_a_store_that_is_away_at_the_start_is_looked_at_again() -> None:
    """What waits is sent when the store is there."""
    store, audit = MemoryBackend(), Audit()
    body = dump({"sink": "audit", "payload": {}})
    store.commit(WriteSet(outbox=[OutboxRow("e", "me", VirtualClock().now(), body)]))
    faulty = FaultyBackend(store, random.Random(0), FaultRates(read=1.0))
    one = Outbox(
        faulty.as_backend, "me", VirtualClock(), FakeProcesses("me", set()), secrets={}, sinks={"audit": audit}
    )
    one.start()
    faulty.heal()
    one.ring()
    audit.wait(1)
    one.close()
