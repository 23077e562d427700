"""Long polls: many at once, each with its own, and nothing lost."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

import podium
from podium import WorkflowDef, WorkflowTask
from podium.client.embedded import EmbeddedClient
from podium.client.system import SystemClock
from podium.engine.dispatcher import Dispatcher
from podium.model.assignments import Assignment, Report
from podium.model.errors import InvalidRequest
from podium.model.statuses import RunStatus, TaskStatus

ONE = WorkflowDef(name="one", tasks=(WorkflowTask(name="a", task_reference_name="a"),))


@pytest.fixture(params=["memory", "sqlite"])
def client(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[EmbeddedClient]:
    """Yield a client on each kind of store."""
    url = "memory://" if request.param == "memory" else f"sqlite:///{tmp_path}/podium.db"
    with podium.connect(url) as opened:
        assert isinstance(opened, EmbeddedClient)
        opened.register(ONE)
        yield opened


@pytest.fixture
def dispatcher(client: EmbeddedClient) -> Iterator[Dispatcher]:
    """Yield a dispatcher for it."""
    made = Dispatcher(client.kernel, SystemClock())
    yield made
    made.close()


def complete(client: EmbeddedClient, assignments: list[Assignment]) -> None:
    """Report that they are done."""
    client.kernel.submit_all([Report(one.run_id, one.seq, TaskStatus.COMPLETED) for one in assignments])


def test_two_thousand_polls_get_one_attempt_each(client: EmbeddedClient, dispatcher: Dispatcher) -> None:
    """All wait before there is work; each gets an attempt of its own, committed as its worker's."""
    answers = [dispatcher.poll("a", f"w{number}", timeout_s=120) for number in range(2_000)]
    runs = set(client.start_many("one", [{} for _ in range(2_000)]))
    given = [answer.result(timeout=120) for answer in answers]
    assert {len(some) for some in given} == {1}
    assert {some[0].run_id for some in given} == runs
    attempt = client.task(given[7][0].task_id)
    assert (attempt.status, attempt.worker_id) == (TaskStatus.IN_PROGRESS, "w7")
    complete(client, [some[0] for some in given])
    assert {client.wait(run_id, timeout=120).status for run_id in runs} == {RunStatus.COMPLETED}


def test_what_lies_open_is_fetched_as_many_as_asked_for(client: EmbeddedClient, dispatcher: Dispatcher) -> None:
    """A poll gets up to its count at once, and leaves the rest to the next."""
    client.start_many("one", [{} for _ in range(5)])
    first = dispatcher.poll("a", "w", count=3, timeout_s=60).result(timeout=60)
    second = dispatcher.poll("a", "w", count=3, timeout_s=60).result(timeout=60)
    assert (len(first), len(second)) == (3, 2)
    assert dispatcher.poll("a", "w", timeout_s=0.01).result(timeout=60) == []


def test_a_poll_sees_its_domain_only(client: EmbeddedClient, dispatcher: Dispatcher) -> None:
    """An attempt of a domain waits for a poll with it."""
    run_id = client.start("one", {}, task_to_domain={"a": "gpu"})
    assert dispatcher.poll("a", "w", timeout_s=0.2).result(timeout=60) == []
    (found,) = dispatcher.poll("a", "w", timeout_s=60, domain="gpu").result(timeout=60)
    assert found.run_id == run_id


def test_a_cancelled_poll_takes_nothing(client: EmbeddedClient, dispatcher: Dispatcher) -> None:
    """What it would have got goes to the next; an event loop may wait too."""

    async def wait() -> list[Assignment]:
        return await asyncio.wrap_future(dispatcher.poll("a", "w2", timeout_s=60))

    gone = dispatcher.poll("a", "w1", timeout_s=60)
    assert gone.cancel()
    run_id = client.start("one", {})
    (found,) = asyncio.run(wait())
    assert found.run_id == run_id


def test_closing_answers_whoever_waits(client: EmbeddedClient) -> None:
    """Nobody waits for a dispatcher that is closed, and it takes no more."""
    dispatcher = Dispatcher(client.kernel, SystemClock())
    answer = dispatcher.poll("a", "w", timeout_s=60)
    dispatcher.close()
    dispatcher.close()
    assert answer.result(timeout=60) == []
    with pytest.raises(InvalidRequest):
        dispatcher.poll("a", "w")
    with pytest.raises(InvalidRequest):
        Dispatcher(client.kernel, SystemClock()).poll("a", "w", count=0)


def test_a_poll_in_a_hurry_has_what_there_is(client: EmbeddedClient, dispatcher: Dispatcher) -> None:
    """What follows a result is given out before the result is answered, so a poll that came before it needs no more."""
    two = tuple(WorkflowTask(name="a", task_reference_name=name) for name in ("first", "second"))
    client.register(WorkflowDef(name="two", tasks=two))
    client.start("two", {})
    (first,) = dispatcher.poll("a", "w", timeout_s=60).result(timeout=60)
    following = dispatcher.poll("a", "w", timeout_s=60)
    client.kernel.ask(Report(first.run_id, first.seq, TaskStatus.COMPLETED)).wait(60)
    dispatcher.hurry("a", None, following)
    assert [one.ref for one in following.result(timeout=60)] == ["second"]
    nothing = dispatcher.poll("a", "w", timeout_s=60)
    dispatcher.hurry("a", None, nothing)
    assert nothing.result(timeout=1) == []
    assert dispatcher.waiting_count == 0
    dispatcher.hurry("nobody", None, nothing)
