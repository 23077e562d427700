"""Workers of a server: what they poll for, how their results get through, and how they leave."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from fake_server import FakeServer

import podium
from podium import Client, RunStatus, TaskContext, TaskStatus, task, workflow
from podium.client.remote import results, transport
from podium.client.remote.polls import PollLine
from podium.model.assignments import Assignment, AttemptKey
from podium.testing.serving import running_server, server_process

PATIENCE_S = 60.0


@task
def double(number: int) -> int:
    """Double a number."""
    return 2 * number


@workflow
def doubled(number: int) -> int:
    """Double a number once."""
    return double(number).output


@pytest.fixture(scope="module")
def api() -> Iterator[str]:
    """The address of a real server."""
    with running_server() as server:
        yield server.api


@pytest.fixture
def client(api: str) -> Iterator[Client]:
    """A client of a real server."""
    with podium.connect(api) as made:
        yield made


def until(is_so: Callable[[], bool]) -> None:
    """Wait until something is so that other threads bring about."""
    pause = threading.Event()
    for _ in range(round(PATIENCE_S / 0.01)):
        if is_so():
            return
        pause.wait(0.01)
    raise AssertionError("it did not happen")


# -- on a real server --------------------------------------------------------------------------------------------------


def test_plain_and_async_functions_work_with_their_domain_and_their_logs(client: Client) -> None:
    """Attempts come from the queue of their domain; what a function logs stands at the attempt on the server."""

    @task
    async def triple(context: TaskContext, number: int) -> int:
        context.log(f"tripling {number}")
        return 3 * number

    @workflow
    def both(number: int) -> int:
        return triple(double(number).output).output

    with client.workers([double]), client.workers([triple], domain="gpu"):
        run = client.run(both, {"number": 2}, timeout=PATIENCE_S, task_to_domain={"triple": "gpu"})

    attempt = run.task("triple")
    assert attempt is not None
    assert (run.output, attempt.domain) == ({"result": 12}, "gpu")
    assert [line.log for line in client.logs(attempt.task_id)] == ["tripling 4"]


def test_more_attempts_than_room_are_done_by_as_many_as_there_is_room_for(client: Client) -> None:
    """With four at once never more than four run, also of two tasks, and all come to their end."""
    running, most = set[int](), [0]
    lock = threading.Lock()

    def enter(number: int) -> int:
        with lock:
            running.add(number)
            most[0] = max(most[0], len(running))
        threading.Event().wait(0.005)
        with lock:
            running.discard(number)
        return number

    one, two = task(enter, name="crowd_one"), task(enter, name="crowd_two")

    @workflow
    def crowd(number: int) -> None:
        one(number)
        two.as_("then")(number)

    with client.workers([one, two], concurrency=4):
        ids = client.start_many(crowd, [{"number": number} for number in range(40)])
        ended = [client.wait(run_id, PATIENCE_S, include_tasks=False) for run_id in ids]

    assert {run.status for run in ended} == {RunStatus.COMPLETED}
    assert most[0] <= 4


def test_a_function_hears_that_its_run_was_terminated(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody tells workers elsewhere, so they ask after attempts that take long."""
    monkeypatch.setattr(transport, "_LOOK_S", 0.05)
    monkeypatch.setattr(transport, "_WANTED_S", 0.05)
    begun, heard = threading.Event(), threading.Event()

    @task
    def lasting(context: TaskContext) -> None:
        begun.set()
        until(lambda: context.cancelled)
        heard.set()

    @workflow
    def long_one() -> None:
        lasting()

    with client.workers([lasting]):
        run_id = client.start(long_one)
        assert begun.wait(PATIENCE_S)
        client.terminate(run_id)
        assert heard.wait(PATIENCE_S)


class Lazy:
    """A consumer that begins nothing."""

    is_patient = True

    def __init__(self, queue: str, room: int = 2) -> None:
        self.queues = frozenset({queue})
        self.waiting: list[Assignment] = []
        self.offered = threading.Event()
        self._room = room

    def room(self, queue: str) -> int:
        return self._room - len(self.waiting)

    def offer(self, assignments: Sequence[Assignment]) -> None:
        self.waiting += assignments
        self.offered.set()

    def spare(self, queues: Collection[str], most: int) -> Sequence[Assignment]:
        spared, self.waiting = self.waiting[-most:], self.waiting[:-most]
        return spared

    def call_off(self, attempts: Collection[AttemptKey]) -> None: ...

    def withdraw(self) -> Sequence[Assignment]:
        left, self.waiting = self.waiting, []
        return left


def test_what_has_not_begun_is_handed_back_when_workers_leave(api: str, client: Client) -> None:
    """Another worker has it at once, although the lease of the first was long."""
    run_id = client.start(doubled, {"number": 4})
    with podium.connect(api) as leaving:
        lazy = Lazy("double")
        leaving.transport.attach(lazy)  # type: ignore[attr-defined]  # a server's client has it
        assert lazy.offered.wait(PATIENCE_S)
        assert client.get(run_id).tasks[0].status is TaskStatus.IN_PROGRESS
        leaving.transport.detach(lazy)  # type: ignore[attr-defined]  # as above

    with client.workers([double]):
        assert client.wait(run_id, PATIENCE_S).output == {"result": 8}


def test_what_cannot_begin_is_given_to_others(api: str, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that has more than it has room for gives the last ones back while it goes on."""
    monkeypatch.setattr(transport, "_LOOK_S", 0.05)
    with podium.connect(api) as other:
        lazy = Lazy("double")
        other.transport.attach(lazy)  # type: ignore[attr-defined]  # a server's client has it
        run_id = client.start(doubled, {"number": 5})
        assert lazy.offered.wait(PATIENCE_S)
        lazy._room = 0
        with client.workers([double]):
            assert client.wait(run_id, PATIENCE_S).output == {"result": 10}


def test_a_result_outlives_the_death_of_the_server(tmp_path: Path) -> None:
    """It was reached while the server was dead: the server that comes back gets it, and nothing is done again."""
    begun, dead = threading.Event(), threading.Event()
    calls: list[int] = []

    @task
    def careful(number: int) -> int:
        calls.append(number)
        begun.set()
        assert dead.wait(PATIENCE_S)
        return number + 1

    @workflow
    def outliving(number: int) -> int:
        return careful(number).output

    db = f"sqlite:///{tmp_path / 'server.db'}"
    with server_process(db) as first:
        port = int(first.url.rpartition(":")[2])
        with podium.connect(first.api) as client, client.workers([careful]):
            run_id = client.start(outliving, {"number": 1})
            assert begun.wait(PATIENCE_S)
            first.kill()
            dead.set()
            with server_process(db, port=port):
                run = client.wait(run_id, timeout=PATIENCE_S)

    assert (run.status, run.output, calls) == (RunStatus.COMPLETED, {"result": 2}, [1])


def test_a_worker_on_an_event_loop_serves_as_well(api: str) -> None:
    """``async with client.workers([...])``: many waits on one loop, and the end of the client closes everything."""

    async def main() -> list[Any]:
        async with podium.connect_async(api) as client, client.workers([double]):
            runs = (client.run(doubled, {"number": number}, timeout=PATIENCE_S) for number in range(20))
            return [run.result for run in await asyncio.gather(*runs)]

    assert asyncio.run(main()) == [2 * number for number in range(20)]


# -- how results get through, on a server that answers as it is told ---------------------------------------------------


def attempt(number: int = 1) -> dict[str, Any]:
    """Return an attempt as a Conductor hands it out."""
    return {
        "taskType": "double",
        "status": "IN_PROGRESS",
        "taskId": f"t{number}",
        "workflowInstanceId": "r",
        "seq": number,
        "referenceTaskName": "double",
        "inputData": {"number": number},
        "responseTimeoutSeconds": 1,
    }


POLL = "GET /tasks/poll/batch/double"


def sent(server: FakeServer, what: str) -> list[dict[str, Any]]:
    """Return the bodies that were sent."""
    return [body for asked, _, body in server.asked if asked == what]


def test_an_update_brings_the_next_attempt_until_the_server_proves_to_have_none(server: FakeServer) -> None:
    """A server without update-v2 is asked the older way from then on, and no result is sent in vain."""
    server.on(POLL, (200, [attempt(1)]), (200, []), (200, [attempt(2)]), (200, []))
    server.on("POST /tasks", (200, "t"))
    with server.client() as client, client.workers([double]):
        until(lambda: len(sent(server, "POST /tasks")) == 2)
    assert server.count("POST /tasks/update-v2") == 1

    newer = FakeServer().on(POLL, (200, [attempt(1)]), (200, []))
    newer.on("POST /tasks/update-v2", (200, attempt(2)), (204, ""))
    with newer.client() as client, client.workers([double]):
        until(lambda: newer.count("POST /tasks/update-v2") == 2)
    assert [body["outputData"] for body in sent(newer, "POST /tasks/update-v2")] == [{"result": 2}, {"result": 4}]
    assert newer.count("POST /tasks") == 0


def test_a_result_is_sent_until_the_server_takes_it(server: FakeServer, caplog: pytest.LogCaptureFixture) -> None:
    """Whatever breaks off, and while the server is starting; the log says once that results wait."""
    server.on(POLL, (200, [attempt()]), (200, []))
    replies: list[Any] = [
        ConnectionResetError(),
        (503, {"message": "starting", "code": "StoreUnavailable"}),
        (429, {"message": "too many"}),
        (502, "<html>bad gateway</html>"),
        (500, {"message": "x"}),
        (403, {"message": "not now"}),
        (204, ""),
    ]
    server.on("POST /tasks/update-v2", *replies)

    with caplog.at_level(logging.INFO), server.client() as client, client.workers([double]):
        until(lambda: server.count("POST /tasks/update-v2") == len(replies))

    assert server.count("POST /tasks") == 0
    assert len([line for line in caplog.messages if line.startswith("results wait")]) == 1
    assert [line for line in caplog.messages if "takes results again" in line] != []


def test_a_page_that_says_404_takes_no_result(server: FakeServer) -> None:
    """Such as that of a gateway while the server behind it starts: it is no answer of a server of workflows."""
    page = (404, "<html>no such service</html>")
    server.on(POLL, (200, [attempt()]), (200, []))
    server.on("POST /tasks/update-v2", page).on("POST /tasks", page, page, (200, "t1"))

    with server.client() as client, client.workers([double]):
        until(lambda: server.count("POST /tasks") == 3)


def test_a_batch_is_kept_until_each_of_its_results_is_taken_or_refused(server: FakeServer) -> None:
    """A Podium server answers for each; what goes by is sent again, and what is too large together goes alone."""
    server.on("GET /podium", (200, {"podium": "1"})).on(POLL, (200, []), (200, [attempt(1), attempt(2)]), (200, []))
    gone = {"code": "TaskNotFound", "message": "gone"}
    later = {"code": "StoreUnavailable", "message": "away"}
    server.on("POST /podium/tasks/update", (200, {"outcomes": [None, later]}), (413, {}), (200, {"outcomes": [gone]}))
    server.on("POST /tasks", (200, "t")).on("POST /tasks/update-v2", (204, ""))

    with server.client() as client:
        transport = client.transport
        transport.attach(Lazy("nothing"))
        until(lambda: transport._is_podium)
        with client.workers([double]):
            until(lambda: server.count("POST /tasks") + server.count("POST /tasks/update-v2") >= 1)
    assert server.count("POST /podium/tasks/update") >= 2


@pytest.mark.parametrize("status", [400, 404])
def test_a_result_that_is_refused_for_good_is_not_sent_again(server: FakeServer, status: int) -> None:
    """One that cannot be taken becomes a failure that the run can see; one of an attempt that is gone is dropped."""
    server.on(POLL, (200, [attempt()]), (200, []))
    refusal = (status, {"status": status, "message": "No such task found by id: t1"})
    server.on("POST /tasks/update-v2", refusal).on("POST /tasks", refusal, (200, "t1"))

    with server.client() as client, client.workers([double]):
        until(lambda: len(sent(server, "POST /tasks/update-v2")) + len(sent(server, "POST /tasks")) >= 2)

    told = [body["status"] for body in sent(server, "POST /tasks/update-v2") + sent(server, "POST /tasks")]
    assert told.count("COMPLETED") == (2 if status == 404 else 1)
    assert told.count("FAILED_WITH_TERMINAL_ERROR") == (1 if status == 400 else 0)


def test_a_lease_is_extended_while_a_function_runs(server: FakeServer) -> None:
    """At 80 % of the response timeout, as Conductor's own workers do; nothing else of such a word counts."""
    leave = threading.Event()

    @task(name="double")
    def slow(number: int) -> int:
        assert leave.wait(PATIENCE_S)
        return number

    server.on(POLL, (200, [attempt()]), (200, [])).on("POST /tasks", (200, "t1"))
    with server.client() as client, client.workers([slow]):
        until(lambda: any(body.get("extendLease") for body in sent(server, "POST /tasks")))
        leave.set()

    beats = [body for body in sent(server, "POST /tasks") if body.get("extendLease")]
    assert {(body["taskId"], body["workflowInstanceId"], body["status"]) for body in beats} == {
        ("t1", "r", "IN_PROGRESS")
    }


def test_what_a_dead_server_never_took_is_told_when_workers_leave(
    server: FakeServer, caplog: pytest.LogCaptureFixture
) -> None:
    """After the time that it gets; which attempts, so that somebody can look."""
    server.on(POLL, (200, [attempt()]), (200, []))
    server.on("POST /tasks/update-v2", ConnectionResetError()).on("POST /tasks", ConnectionResetError())
    client = server.client()
    client.transport.patience_s = 0.05
    with client, client.workers([double]):
        until(lambda: server.count("POST /tasks/update-v2") > 0)

    assert [line for line in caplog.messages if line.startswith("1 results were not taken") and "t1" in line] != []


def test_workers_leave_at_once_while_their_server_is_away(server: FakeServer) -> None:
    """A queue that would be asked again in ten seconds is not waited for; nothing is left to be told."""
    server.on(POLL, ConnectionResetError())
    with server.client() as client:
        with client.workers([double]):
            until(lambda: server.count(POLL) > 3)
            client.transport._lines[0]._failed = 20  # from now on it is asked ever more rarely
            until(lambda: client.transport._lines[0]._failed > 20)
        assert client.transport._lines == []


def test_workers_that_leave_at_once_leave_nothing_behind(server: FakeServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also before the loop has begun to serve their queues: no poll would ever end for a pool that has gone."""
    server.on(POLL, (200, []))
    with server.client() as client:
        carrier, consumer, calls = client.transport, Lazy("double"), list[Callable[[], object]]()
        with monkeypatch.context() as patches:
            patches.setattr(carrier, "_call", calls.append)
            carrier.attach(consumer)
            carrier.detach(consumer)
        for call in calls:
            carrier._call(call)
        until(lambda: carrier._lines == [])
    assert server.count(POLL) == 0


@pytest.mark.parametrize("turns", range(4))
def test_who_is_told_to_end_ends_also_when_something_changes_then(turns: int, server: FakeServer) -> None:
    """A cancellation is not taken for the change that was waited for, so that `close` does not wait for ever."""

    async def main() -> bool:
        carrier = server.client().transport
        waiting = asyncio.create_task(carrier._change(PATIENCE_S))
        await asyncio.sleep(0)
        carrier._changed_here()
        for _ in range(turns):
            await asyncio.sleep(0)
        was_waiting = waiting.cancel()
        await asyncio.wait({waiting})
        return waiting.cancelled() is was_waiting

    assert asyncio.run(main())


# -- how much is asked for ---------------------------------------------------------------------------------------------


def test_an_idle_queue_is_asked_for_one_and_ever_longer() -> None:
    """
    So that polls that wait hold no room; one that finds something asks for all the room that there is.

    A new queue counts as idle: else the first of many would keep the others waiting for their first poll.
    """
    line = PollLine("double", Lazy("double", room=8))
    assert (line.count([line]), line.wait_ms) == (1, 250)

    waits = []
    for _ in range(7):
        line.found(0, 10.0)
        waits.append(line.wait_ms)
    assert waits == [500, 1000, 2000, 4000, 5000, 5000, 5000]
    assert line.count([line]) == 1

    line.found(1, 0.0)
    assert (line.count([line]), line.wait_ms) == (8, 100)


def test_queues_share_the_room_of_their_consumer() -> None:
    """What one has asked for is not asked for by another; without room nothing is asked for."""
    consumer = Lazy("a", room=8)
    first, second = PollLine("a", consumer), PollLine("b", consumer)
    second.found(1, 0.0)
    first.reserved = 6
    assert second.count([first, second]) == 2

    consumer._room = 0
    assert second.count([second]) == 0


def test_a_server_that_does_not_wait_is_not_asked_in_a_loop() -> None:
    """The time that it should have waited passes here, a part of it by chance; one that is away is asked ever later."""
    line = PollLine("gpu:double", Lazy("gpu:double"))
    assert (line.task_type, line.domain) == ("double", "gpu")

    assert 0.125 <= line.found(0, 0.0) <= 0.25
    assert line.found(0, 0.25) == 0.0
    pauses = [line.failed() for _ in range(12)]
    assert pauses[0] <= 0.1
    assert 5.0 <= pauses[-1] <= 10.0


def test_no_more_than_a_batch_is_sent_at_once() -> None:
    """A worker that has done much while the server was away sends it in parts."""

    async def main() -> list[int]:
        sizes: list[int] = []

        async def send(some: Sequence[results.WaitingResult]) -> list[Any]:
            sizes.append(len(some))
            return [None] * len(some)

        outbox = results.ResultOutbox(send, lambda: 1_000, lambda: None)
        outbox.put([results.WaitingResult({"taskId": str(number)}, "double") for number in range(150)])
        while outbox.count:
            await asyncio.sleep(0)
        return sizes

    assert asyncio.run(main()) == [64, 64, 22]
