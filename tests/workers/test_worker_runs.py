"""Workers and the engine together, on the memory backend."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import attrs
import pytest

from podium.client import EmbeddedClient, connect
from podium.client.transport import InProcess
from podium.dsl import task, workflow
from podium.model.assignments import Consumer
from podium.model.errors import TerminalTaskError
from podium.model.statuses import RunStatus, TaskStatus
from podium.workers import InProgress, TaskContext, serve

PATIENCE_S = 20.0


@attrs.frozen
class Offer:
    sku: str
    price: float


@task(retries=1, retry_delay=0)
def quote(sku: str) -> Offer:
    """Ask the price."""
    return Offer(sku, 2.5)


@task
async def total(offer: Offer, count: int = 2) -> float:
    """Multiply."""
    await asyncio.sleep(0)
    return offer.price * count


@workflow
def order(sku: str) -> float:
    """Quote, then total."""
    offer = quote(sku)
    return total(offer.output).output


@pytest.fixture
def client() -> Iterator[EmbeddedClient]:
    """An engine in memory."""
    with connect("memory://") as client:
        yield client


def test_typed_values_travel_from_task_to_task(client: EmbeddedClient) -> None:
    """A record returned by one function arrives as a record at the next."""
    with serve(client.transport, [quote, total]):
        run = client.run(order, {"sku": "x"}, timeout=PATIENCE_S)

    assert (run.status, run.output) == (RunStatus.COMPLETED, {"result": 5.0}), run.reason
    assert [attempt.output_data for attempt in run.tasks] == [{"sku": "x", "price": 2.5}, {"result": 5.0}]
    assert all(attempt.worker_id and attempt.start_time for attempt in run.tasks)


def test_many_runs_at_once(client: EmbeddedClient) -> None:
    """Every one of many runs completes."""
    with serve(client.transport, [quote, total]):
        run_ids = [client.start(order, {"sku": f"s{i}"}) for i in range(200)]
        runs = [client.wait(run_id, PATIENCE_S) for run_id in run_ids]

    assert {run.status for run in runs} == {RunStatus.COMPLETED}


def test_a_failed_attempt_is_retried_and_its_traceback_kept(client: EmbeddedClient) -> None:
    """The first attempt fails with reason and log, the second completes."""

    @task(retries=1, retry_delay=0)
    def flaky(context: TaskContext) -> int:
        if context.attempt == 1:
            raise OSError("not yet")
        return context.attempt

    @workflow
    def once() -> int:
        return flaky().output

    with serve(client.transport, [flaky]):
        run = client.run(once, timeout=PATIENCE_S)

    first, second = run.tasks
    assert (first.status, first.reason_for_incompletion) == (TaskStatus.FAILED, "OSError: not yet")
    assert "in flaky" in client.logs(first.task_id)[0].log
    assert (second.status, second.output_data) == (TaskStatus.COMPLETED, {"result": 2})


def test_a_terminal_error_ends_the_run(client: EmbeddedClient) -> None:
    """No second attempt follows, although retries are left."""

    @task(retries=5, retry_delay=0)
    def charge() -> None:
        raise TerminalTaskError("the card is stolen")

    @workflow
    def pay() -> None:
        charge()

    with serve(client.transport, [charge]):
        run = client.run(pay, timeout=PATIENCE_S)

    (attempt,) = run.tasks
    assert run.status is RunStatus.FAILED
    assert attempt.status is TaskStatus.FAILED_WITH_TERMINAL_ERROR
    assert attempt.reason_for_incompletion == "the card is stolen"


def test_a_function_in_progress_is_called_again(client: EmbeddedClient) -> None:
    """The same attempt is called until it is finished, each time with what it returned before."""

    @task
    def poll(context: TaskContext):  # type: ignore[no-untyped-def]  # nothing is said of the result
        seen = context.previous_output.get("seen", 0)
        return InProgress(0, {"seen": seen + 1}) if seen < 3 else {"seen": seen}

    @workflow
    def watch() -> None:
        poll()

    with serve(client.transport, [poll]):
        run = client.run(watch, timeout=PATIENCE_S)

    (attempt,) = run.tasks
    assert (attempt.status, attempt.output_data) == (TaskStatus.COMPLETED, {"seen": 3})


def test_what_a_closing_pool_had_not_begun_goes_to_the_next() -> None:
    """Of three attempts the first pool finishes the one that runs; another pool does the others."""
    entered, leaving = threading.Event(), threading.Event()
    done_by = []

    @task(name="step")
    def first_hand() -> None:
        entered.set()
        assert leaving.wait(PATIENCE_S)
        done_by.append(1)

    @task(name="step")
    def second_hand() -> None:
        done_by.append(2)

    @workflow
    def work() -> None:
        first_hand()

    class Doorman(InProcess):
        """Lets the call that runs go on when the pool has been detached."""

        def detach(self, consumer: Consumer) -> None:
            super().detach(consumer)
            leaving.set()

    client = connect("memory://")
    engine = client._engine
    with serve(Doorman(engine.kernel, engine.clock, engine.secrets), [first_hand], concurrency=1):
        run_ids = [client.start(work) for _ in range(3)]
        assert entered.wait(PATIENCE_S)
    with serve(client.transport, [second_hand]):
        runs = [client.wait(run_id, PATIENCE_S) for run_id in run_ids]

    assert {run.status for run in runs} == {RunStatus.COMPLETED}
    assert done_by == [1, 2, 2]
    client.close()


def test_a_client_may_be_closed_before_its_pool(client: EmbeddedClient) -> None:
    """Leaving a pool whose engine is gone is quiet."""
    with serve(client.transport, [quote, total]):
        client.run(order, {"sku": "x"}, timeout=PATIENCE_S)
        client.close()


def test_words_that_are_no_unicode_cost_no_attempt_on_any_store(tmp_path: Path) -> None:
    """A file name of odd bytes in an exception or a log line: the attempt keeps its reason, its retry and its log."""
    name = os.fsdecode(b"caf\xe9.txt")

    @task(retries=1, retry_delay=0)
    def read(context: TaskContext) -> str:
        context.log(f"reading {name}")
        if context.attempt == 1:
            raise FileNotFoundError(name)
        return "read"

    @workflow
    def reader() -> str:
        return read().output

    for url in ("memory://", f"sqlite:///{tmp_path}/runs.db"):
        with connect(url) as client, serve(client.transport, [read]):
            run = client.run(reader, timeout=PATIENCE_S)
            first, second = run.tasks

            assert run.output == {"result": "read"}
            assert first.reason_for_incompletion == "FileNotFoundError: caf\ufffd.txt"
            assert [line.log for line in client.logs(second.task_id)] == ["reading caf\ufffd.txt"]
            assert "FileNotFoundError: caf\ufffd.txt" in client.logs(first.task_id)[1].log
