"""What keeps a run: `client.explain` names the true cause of each kind of standstill."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from kinds import Timed, timed

from podium import Client, agents, ai, fork, human, load, mcp, pull_messages, secret, task, wait, web, workflow
from podium.client import connect
from podium.model.causes import Cause
from podium.model.errors import InvalidRequest, RunNotFound
from podium.model.runs import WorkflowRun


@pytest.fixture
def client(in_time: Timed) -> Client:
    """Return a client of each kind, of an engine in virtual time."""
    return in_time.client


@task
def charge(amount: int = 1) -> str:
    """Stand for work."""
    return f"paid {amount}"


@workflow
def order() -> None:
    """Ask for it."""
    charge()


def test_no_worker(client: Client) -> None:
    """Nobody serves the task, which is named."""
    told = client.explain(client.start(order))

    assert told.causes == (Cause.NO_WORKER,)
    assert "'charge' waits for a worker, and nobody here serves the task 'charge'" in told


@pytest.mark.parametrize(
    "step",
    [
        lambda: ai.chat("ask", provider="p", model="m", messages=[]),
        lambda: mcp.call_tool("ask", server="http://x", tool="t"),
        lambda: agents.call("ask", url="http://x", message={"text": "hello"}),
    ],
    ids=["LLM", "MCP", "A2A"],
)
def test_tasks_of_models_and_agents_are_a_workers(client: Client, step: object) -> None:
    """Podium's engine does none of them, and says who can."""

    @workflow
    def asks() -> None:
        step()  # type: ignore[operator]  # as its fixture gives it

    told = client.explain(client.start(asks, check=False))
    (attempt,) = client.get(told.run_id).tasks

    assert told.causes == (Cause.NO_WORKER,)
    assert (
        f"it is a type of models and agents, and here a worker's; @task(name='{attempt.task_type}') makes one" in told
    )


def test_a_timer(client: Client) -> None:
    """A WAIT says for how long."""

    @workflow
    def patient() -> None:
        wait("a_month", duration="30 days")

    told = client.explain(client.start(patient))

    assert told.causes == (Cause.TIMER,)
    assert "'a_month' waits for 30 days, until 2026-01-31 00:00:00 UTC" in told


def test_a_person(client: Client) -> None:
    """A HUMAN task says how it is completed."""

    @workflow
    def asked() -> None:
        human("approve")

    told = client.explain(client.start(asked))

    assert told.causes == (Cause.HUMAN,)
    assert f"'approve' waits for somebody to complete it: client.complete_task('{told.run_id}', 'approve', …)" in told


def test_a_retry(client: Client, in_time: Timed) -> None:
    """What failed is tried again, and why it failed is said."""

    @task(retries=3, retry_delay="1h")
    def flaky() -> None:
        raise OSError("no route")

    @workflow
    def tried() -> None:
        flaky()

    with client.workers([flaky]):
        run_id = client.start(tried)
        in_time.clock.advance("1s")
        told = client.explain(run_id)

    assert told.causes == (Cause.RETRY,)
    assert "'flaky' waits for retry 1 of 3 in 3599 s, after: OSError: no route" in told


def test_a_slot_of_a_concurrency_limit(client: Client) -> None:
    """As many as may are at work; those that hold the slots are named."""
    begun, may_end = threading.Event(), threading.Event()

    @task(concurrency_limit=1)
    def guarded() -> None:
        begun.set()
        may_end.wait(10)

    @workflow
    def one_by_one() -> None:
        guarded()

    with client.workers([guarded]):
        first = client.start(one_by_one)
        assert begun.wait(10)
        told = client.explain(client.start(one_by_one))
        holding = client.explain(first)
        may_end.set()

    assert told.causes == (Cause.CONCURRENCY,)
    assert f"1 of 'guarded' are at work, which is its concurrency limit ('guarded' of run {first})" in told
    assert holding.causes[0] in {Cause.WORK, Cause.TURN}


def test_a_rate_limit(client: Client) -> None:
    """As many as may have begun; it is said when the next one may."""

    @task(rate_limit=(1, "60s"))
    def rare() -> None: ...

    @workflow
    def rarely() -> None:
        rare()

    with client.workers([rare]):
        client.wait(client.start(rarely))
        told = client.explain(client.start(rarely))

    assert told.causes == (Cause.RATE_LIMIT,)
    assert "'rare' waits for its rate limit, 1 of 'rare' in 60 s; the next begins in 60 s" in told


def test_a_limit_of_runs(client: Client) -> None:
    """A workflow that lets one run go on at a time keeps the next one from beginning."""
    definition = {
        **order.to_dict(),
        "name": "alone",
        "rateLimitConfig": {"rateLimitKey": "all", "concurrentExecLimit": 1},
    }
    alone = load(definition)
    first = client.start(alone)
    told = client.explain(client.start(alone))

    assert told.causes == (Cause.RUN_LIMIT,)
    assert f"as many runs of alone with the key 'all' go on as its rate limit lets (run {first})" in told


def test_a_message(client: Client) -> None:
    """A run that waits for a message says how it is sent."""

    @workflow
    def listening() -> None:
        pull_messages("inbox")

    told = client.explain(client.start(listening))

    assert told.causes == (Cause.MESSAGE,)
    assert f"'inbox' waits for a message to the run: client.send_message('{told.run_id}', …)" in told


def test_a_webhook(client: Client) -> None:
    """What must match is told."""

    @workflow
    def hooked() -> None:
        web.wait_for_webhook("hook", matches={"$['order']": 7})

    told = client.explain(client.start(hooked))

    assert told.causes == (Cause.WEBHOOK,)
    assert """'hook' waits for a webhook that matches {"$['order']": 7}""" in told


def test_a_pause(client: Client) -> None:
    """A paused run says how it is resumed, whatever else it would wait for."""
    run_id = client.start(order)
    client.pause(run_id)
    told = client.explain(run_id)

    assert told.causes == (Cause.PAUSED,)
    assert f"it is paused: client.resume('{run_id}')" in told


def test_a_join_on_a_failed_branch(client: Client, in_time: Timed) -> None:
    """A permissive branch has failed and another one goes on: the join says both."""

    @task(retries=0)
    def broken() -> None:
        raise OSError("no route")

    @workflow
    def forked() -> None:
        fork("parts", [broken().opts(permissive=True)], [human("approve")])

    with client.workers([broken]):
        run_id = client.start(forked)
        in_time.clock.advance("1s")
        told = client.explain(run_id)

    assert told.causes == (Cause.HUMAN, Cause.JOIN)
    assert "'parts_join' waits for 'approve'; 'broken' has failed: OSError: no route" in told


def test_a_child_that_waits(client: Client) -> None:
    """The cause in a sub-workflow is told with the way to it."""

    @workflow
    def inner() -> None:
        human("approve")

    @workflow
    def outer() -> None:
        inner()

    told = client.explain(client.start(outer))
    (there,) = told.waits

    assert told.causes == (Cause.HUMAN,)
    assert there.run_id != told.run_id
    assert f"in 'inner', run {there.run_id} of inner: 'approve' waits for somebody" in told


def test_no_engine(tmp_path: Path) -> None:
    """Where no engine works on the store, that comes first; looking starts none."""
    url = f"sqlite:///{tmp_path}/runs.db"
    with connect(url) as client:
        run_id = client.start(order)
    with connect(url) as client:
        told = client.explain(run_id)
        assert not client.has_engine()

    assert told.causes == (Cause.NO_ENGINE, Cause.NO_WORKER)
    assert "an engine: none works on this store" in told


def test_a_schedule(client: Client, in_time: Timed) -> None:
    """By its name: when it starts the next run, what became of the last one, and who paused it."""
    billing = workflow(schedule="0 6 1 * *")(order.fn)
    client.register(billing)
    told = client.explain("order")
    assert told.causes == (Cause.SCHEDULE,)
    assert "schedule order (0 6 1 * *, UTC) starts runs of order and waits for:" in told
    assert "its next moment, 2026-01-01 06:00:00 UTC" in told

    in_time.clock.advance("40 days")
    assert "its last moment, 2026-02-01 06:00:00 UTC, is started" in client.explain("order")

    client.schedules.pause("order", "holidays")
    told = client.explain("order")
    assert told.causes == (Cause.PAUSED,)
    assert "it is paused (holidays): client.schedules.resume('order')" in told


def test_a_run_that_failed_says_why(client: Client) -> None:
    """The reason, the failing task with its attempts, and what failed inside of it."""

    @task(retries=1, retry_delay="1s")
    def flaky() -> None:
        raise OSError("no route")

    @workflow
    def inner() -> None:
        flaky()

    @workflow
    def outer() -> None:
        inner()

    with client.workers([flaky]):
        told = client.run(outer).explain()

    assert "outer version 1 is FAILED since 2026-01-01 00:00:0" in told.text
    assert "'flaky' is FAILED: OSError: no route, after 2 attempts" in told.text


def test_a_run_that_did_well_needs_few_words(client: Client) -> None:
    """It waits for nothing."""
    with client.workers([charge]):
        told = client.explain(client.run(order).workflow_id)

    assert told.waits == ()
    assert str(told) == f"run {told.run_id} of order version 1 is COMPLETED since 2026-01-01 00:00:00 UTC"


def test_runs_that_cannot_be_explained(client: Client) -> None:
    """An id of no run, and a run from elsewhere, are refused in words."""
    with pytest.raises(RunNotFound):
        client.explain("00000000-0000-0000-0000-000000000000")
    with pytest.raises(InvalidRequest, match=r"use client.explain\(run_id\)"):
        WorkflowRun(status="RUNNING").explain()  # type: ignore[arg-type]  # wrong on purpose


def test_a_secret_that_nobody_has_put_anywhere_is_told(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a failed task got nothing for is named; a secret that is there, or a part of one, is not."""
    monkeypatch.setenv("CONDUCTOR_SECRET_shop", '{"user": "ann"}')

    @task(retries=0)
    def send(key: str, user: str) -> str:
        return key

    @workflow
    def letter() -> None:
        send(secret("MAIL_KEY"), secret("shop.user"))

    with timed(kind, tmp_path) as (client, _), client.workers([send]):
        run = client.run(letter)
        told = str(client.explain(run.workflow_id))

    assert "it asks for the secret 'MAIL_KEY', which is not there" in told
    assert told.count("it asks for the secret") == 1
