"""Attempts whose worker asked to be called again later: they rest for that long, and for no longer."""

from __future__ import annotations

from podium.engine.events import OfferAgain
from podium.model.assignments import Report, TaskStarted
from podium.model.definitions import WorkflowDef, WorkflowTask
from podium.model.statuses import RunStatus, TaskStatus
from podium.testing.bench import Bench

FLOW = WorkflowDef(name="flow", tasks=(WorkflowTask(name="step", task_reference_name="step"),))


def test_a_rest_is_kept_by_an_offer_of_the_same_commit() -> None:
    """What was offered again and put to rest in one group is not handed out before the rest is over."""
    bench = Bench()
    worker = bench.serve("step")
    run_id = bench.start(FLOW)
    worker.waiting.clear()
    report = Report(run_id, 1, TaskStatus.IN_PROGRESS, callback_after_s=30)
    bench.kernel.submit_all([OfferAgain(run_id), report])
    bench.settle()

    assert not worker.waiting
    bench.advance(29)
    assert not worker.waiting
    bench.advance(2)
    assert len(worker.waiting) == 1


def test_who_has_an_attempt_in_hand_is_not_doubled_when_its_rest_is_over() -> None:
    """A worker that fetched it before it was put to rest, by way of another process, may go on."""
    bench = Bench()
    worker = bench.serve("step")
    run_id = bench.start(FLOW)
    bench.report(worker.waiting.popleft(), TaskStatus.IN_PROGRESS, callback_after_s=30)
    bench.ask(TaskStarted(run_id, 1, "elsewhere", bench.clock.now()))

    bench.advance(60)
    assert not worker.waiting
    bench.kernel.submit(Report(run_id, 1, TaskStatus.COMPLETED))
    bench.settle()

    assert bench.run(run_id).status is RunStatus.COMPLETED


def test_the_last_word_on_a_rest_counts() -> None:
    """A second report that asks for no rest ends the first one's."""
    bench = Bench()
    worker = bench.serve("step")
    run_id = bench.start(FLOW)
    bench.report(worker.waiting.popleft(), TaskStatus.IN_PROGRESS, callback_after_s=30)

    bench.kernel.submit(Report(run_id, 1, TaskStatus.IN_PROGRESS))
    bench.settle()

    assert len(worker.waiting) == 1
