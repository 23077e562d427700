"""The engine in virtual time that users test their workflows with."""

from __future__ import annotations

from podium import RunStatus, task, wait, workflow
from podium.testing.bench import Bench


@task(retries=1, retry_delay="1h")
def remind(who: str) -> str:
    """Remind somebody."""
    return f"reminded {who}"


@workflow
def dunning(who: str) -> str:
    """Wait two weeks, then remind."""
    wait("grace", duration="14 days")
    return remind(who).output


def test_a_workflow_is_started_and_its_days_pass_at_once() -> None:
    """The bench registers the workflow itself; timers fire when time is moved, retries included."""
    bench = Bench()
    worker = bench.serve("remind")
    run_id = bench.start(dunning, {"who": "Ann"})

    assert not worker.waiting
    bench.advance(14 * 24 * 3600)
    bench.fail(worker.waiting.popleft(), "no post today")
    assert not worker.waiting
    bench.advance(3600)
    bench.complete(worker.waiting.popleft(), {"result": "reminded Ann"})

    assert bench.run(run_id).status is RunStatus.COMPLETED
    assert bench.run(run_id).output == {"result": "reminded Ann"}


def test_the_same_seed_gives_the_same_run() -> None:
    """Ids and times come from the seed and the virtual clock."""
    first, second = (Bench(seed=7).start(dunning, {"who": "Ann"}) for _ in range(2))

    assert first == second
