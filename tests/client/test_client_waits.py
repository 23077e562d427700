"""Nothing hangs in silence: failures are logged, and who waits is told what for."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from podium import Client, RunTimeout, Workflow, call_task, fork, human, task, wait, workflow

SHORT_S = 1.5


@task(retries=0)
def num(x: int) -> int:
    """Give a number."""
    return x


@task(retries=1, retry_delay="60s")
def fails() -> None:
    """Fail, with two lines."""
    raise ConnectionError("no\nroute")


@task(retries=2, retry_delay=0)
def fails_thrice() -> None:
    """Fail."""
    raise ConnectionError("no route")


@task(retries=0)
def breaks() -> None:
    """Fail for good."""
    raise ValueError("broken")


@workflow
def always() -> None:
    """Try something in vain."""
    fails_thrice()


@workflow
def inner(x: int) -> None:
    """Make a number, by workers that others may have."""
    call_task("num", "num", x=x)


@workflow
def outer() -> None:
    """Let another workflow make a number."""
    inner(1)


@workflow
def asks() -> None:
    """Ask somebody."""
    human("approve")


@workflow
def sleeps() -> None:
    """Wait."""
    wait("gap", duration="10 minutes")


@workflow
def retries() -> None:
    """Try again later."""
    fails()


@workflow
def needs() -> None:
    """Make a number, by workers that others may have."""
    call_task("num", "num", x=1)


def test_each_failure_is_a_line_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    """With its number, its reason in one line, and what follows; the logger is ``podium``."""
    caplog.set_level(logging.WARNING, "podium")
    run = always.run(timeout=30)

    subject = f"run {run.workflow_id} of always: 'fails_thrice'"
    assert [record.message for record in caplog.records if record.name == "podium"] == [
        f"{subject} attempt 1 failed: ConnectionError: no route; retry 1 of 2",
        f"{subject} attempt 2 failed: ConnectionError: no route; retry 2 of 2",
        f"{subject} attempt 3 failed: ConnectionError: no route; the run ends as FAILED",
    ]
    assert {record.levelname for record in caplog.records} == {"WARNING"}


def test_what_follows_a_failure_that_ends_nothing(caplog: pytest.LogCaptureFixture) -> None:
    """An optional step is passed over, a permissive one fails the run later; a retry that waits has its time."""

    @workflow
    def lenient() -> None:
        breaks().opts(optional=True)
        with fork("both") as both:
            with both.branch():
                breaks.as_("again")().opts(permissive=True)
            with both.branch():
                num(1)

    lenient.run(timeout=30)
    with pytest.raises(RunTimeout):
        retries.run(timeout=0.3)

    told = "\n".join(caplog.messages)
    assert "'breaks' attempt 1 failed: ValueError: broken; it is optional: the run goes on\n" in told
    assert "'again' attempt 1 failed: ValueError: broken; it is permissive: the run fails when" in told
    assert "'fails' attempt 1 failed: ConnectionError: no route; retry 1 of 1 in 60 s" in told


@pytest.mark.parametrize(
    ("waiting", "words"),
    [
        (needs, "'num' waits for a worker, and nobody here serves the task 'num'"),
        (outer, "of inner: 'num' waits for a worker, and nobody here serves the task 'num'"),
        (asks, "'approve' waits for somebody to complete it, and nobody can in .run(): start it on a client"),
    ],
)
def test_run_says_at_once_what_nobody_does(
    waiting: Workflow[..., Any], words: str, caplog: pytest.LogCaptureFixture
) -> None:
    """The warning comes long before patience ends, once; the error says it again."""
    with pytest.raises(RunTimeout) as caught:
        waiting.run(workers=[breaks], timeout=SHORT_S)

    told = [line for line in caplog.messages if words in line]
    assert len(told) == 1
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("waiting", "words"),
    [
        (needs, "'num' waits for a worker, and nobody here serves the task 'num'"),
        (asks, "'approve' waits for somebody to complete it: client.complete_task("),
        (sleeps, "'gap' waits for 10 minutes"),
        (retries, "'fails' waits for retry 1 of 1 in 60 s, after: ConnectionError: no route"),
        (outer, "in 'inner', run "),
    ],
)
def test_a_timeout_says_what_the_run_waits_for(client: Client, waiting: Workflow[..., Any], words: str) -> None:
    """A missing worker, somebody, a timer, a retry with its time and its reason, or what a sub-workflow waits for."""
    with client.workers([fails]):
        run_id = client.start(waiting)
        while waiting is retries and len(client.get(run_id).tasks) < 2:
            pass
        with pytest.raises(RunTimeout) as caught:
            client.wait(run_id, timeout=0.1)

    assert f"run {run_id} has not ended within 0.1 s; it goes on: " in str(caught.value)
    assert words in str(caught.value)


def test_a_paused_run_says_so(client: Client) -> None:
    """Nothing but an operator lets it go on."""
    run_id = client.start(needs)
    client.pause(run_id)
    with pytest.raises(RunTimeout, match=f"it is paused: client.resume\\('{run_id}'\\)"):
        client.wait(run_id, timeout=0.1)


def test_a_shared_store_gives_others_a_moment(embedded: Any, caplog: pytest.LogCaptureFixture) -> None:
    """Where another process may serve the task, the warning comes after a second; who comes later serves it."""
    is_shared = embedded._engine.backend.is_shared
    run_id = embedded.start(needs)
    with pytest.raises(RunTimeout):
        embedded.wait(run_id, timeout=0.5)
    early = [line for line in caplog.messages if "nobody here serves" in line]
    with pytest.raises(RunTimeout):
        embedded.wait(run_id, timeout=1.5)
    late = [line for line in caplog.messages if "nobody here serves" in line]
    assert (len(early), len(late)) == ((0, 1) if is_shared else (1, 2))
    with embedded.workers([num]):
        assert embedded.wait(run_id, timeout=30).status.is_successful
