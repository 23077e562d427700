"""Runs on real database servers: nothing is lost when connections are cut or the server goes away in the middle."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

import podium
from podium.model.errors import StoreError
from podium.model.statuses import RunStatus
from podium.testing.servers import DatabaseServer, database_server

COUNT = 30


@podium.task(retries=0)
def double(n: int) -> int:
    """Double a number."""
    return 2 * n


@podium.workflow
def chain(n: int) -> int:
    """Double three times."""
    return double(double(double(n).as_("first").output).as_("second").output).as_("third").output


@pytest.fixture(params=["postgresql", "mariadb"])
def server(request: pytest.FixtureRequest) -> DatabaseServer:
    """The servers of the session, one after the other."""
    server: DatabaseServer = request.getfixturevalue(request.param)
    return server


def patiently(call: Callable[[], str]) -> str:
    """Call again as long as the store cannot be reached: a start with a key that is made twice is made once."""
    for _ in range(1000):
        try:
            return call()
        except StoreError:
            threading.Event().wait(0.02)
    raise AssertionError("the store never came back")


def start(client: podium.Client, number: int) -> str:
    """Start a run, once, whatever happens meanwhile."""
    return patiently(lambda: client.start(chain, {"n": number}, idempotency_key=f"k{number}"))


def check(client: podium.Client, ids: list[str]) -> None:
    """See that each run ended right, with one attempt of each task that ended well."""
    for number, run_id in enumerate(ids):
        run = client.wait(run_id, timeout=60)
        assert run.status is RunStatus.COMPLETED, run.reason
        assert run.output == 8 * number or run.output == {"result": 8 * number}
        good = [task.reference_task_name for task in run.tasks if task.status.is_successful]
        assert good == ["first", "second", "third"]


def test_a_workflow_runs_on_a_server_by_its_url_alone(server: DatabaseServer) -> None:
    """What runs in memory runs on a server when the URL says so; a later connection finds the runs."""
    url = server.url()
    with podium.connect(url) as client, client.workers([double]):
        run_id = client.start(chain, {"n": 1})
        check(client, [client.start(chain, {"n": 0}), run_id])
    with podium.connect(url) as client:
        assert client.get(run_id).status is RunStatus.COMPLETED
        assert len(list(client.search(status="COMPLETED"))) == 2


def test_connections_may_be_cut_at_any_moment(server: DatabaseServer) -> None:
    """Whoever calls is told that the store cannot be reached; results are kept and written; every run ends right."""
    url = server.url()
    with podium.connect(url) as client, client.workers([double], concurrency=4):
        patiently(lambda: str(client.register(chain)))
        ids = []
        for number in range(COUNT):
            ids.append(start(client, number))
            if number % 5 == 0:
                server.cut_connections()
        check(client, ids)


@pytest.mark.parametrize("kind", ["postgresql", "mariadb"])
def test_a_server_may_be_killed_and_come_back(kind: str) -> None:
    """What was committed before the server died is there when it is back, and goes on by itself."""
    with database_server(kind) as server:
        url = server.url()
        with podium.connect(url) as client, client.workers([double], concurrency=4):
            patiently(lambda: str(client.register(chain)))
            ids = [start(client, number) for number in range(COUNT)]
            server.kill()
            server.start()
            ids += [start(client, number) for number in range(COUNT, 2 * COUNT)]
            check(client, ids)


@podium.task(retries=1, retry_delay=0)
def stumble(context: podium.TaskContext) -> str:
    """Fail once, with words that PostgreSQL cannot keep, and return a text that has them too."""
    context.log("a\0b")
    if context.attempt == 1:
        raise ValueError("a\0b")
    return "a\0b"


@podium.workflow
def stumbling() -> str:
    """Stumble, and go on."""
    return stumble().output


def test_words_with_a_nul_cost_no_attempt(server: DatabaseServer) -> None:
    """A reason and a log line get a mark in its place, a result keeps it; the attempt is tried again as any other."""
    with podium.connect(server.url()) as client, client.workers([stumble]):
        run = client.run(stumbling, timeout=60)
        assert run.status is RunStatus.COMPLETED, run.reason
        assert run.output == {"result": "a\0b"}
        assert "ValueError: a\ufffdb" in (run.tasks[0].reason_for_incompletion or "")
        assert client.logs(run.tasks[0].task_id)[0].log == "a\ufffdb"
        with pytest.raises(podium.PodiumError, match="U\\+0000"):
            client.start(stumbling, correlation_id="a\0b")


def test_processes_on_a_server_hear_each_other(server: DatabaseServer) -> None:
    """A run that is started by one client is worked on by another and awaited by the first."""
    url = server.url()
    with podium.connect(url) as starter, podium.connect(url) as worker, worker.workers([double]):
        check(starter, [start(starter, number) for number in range(COUNT)])
