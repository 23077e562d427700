"""PULL_WORKFLOW_MESSAGES and the queue of a run (Conductor: PullWorkflowMessagesTest.java)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from podium.backends.loader import open_backend
from podium.dsl import Step, Workflow, fork, human, pull_messages
from podium.engine.events import InboxMessage, Pause, ReportByName, Restart, Resume, Terminate
from podium.engine.ports import Backend
from podium.model.definitions import WorkflowDef
from podium.model.errors import IllegalTransition, InboxFull, RunNotFound
from podium.model.runs import TaskRun
from podium.model.statuses import RunStatus, TaskStatus
from podium.testing.bench import Bench


@pytest.fixture
def bench() -> Bench:
    """Return an engine that goes step by step."""
    return Bench()


def flow(*steps: Step[Any]) -> WorkflowDef:
    """Return a workflow of these steps."""
    made = Workflow("order")
    for step in steps:
        made >> step
    return made.definition


def send(bench: Bench, run_id: str, *payloads: object) -> None:
    """Send messages whose ids are ``m-`` and their payload."""
    for payload in payloads:
        bench.ask(InboxMessage(run_id, f"m-{payload}", json.dumps(payload).encode()))


def finish(bench: Bench, run_id: str, ref: str) -> None:
    """Complete a task by hand."""
    bench.ask(ReportByName(run_id, ref, TaskStatus.COMPLETED))


def payloads(task: TaskRun) -> list[object]:
    """Return the payloads that a task has taken."""
    assert task.output_data["count"] == len(task.output_data["messages"])
    return [message["payload"] for message in task.output_data["messages"]]


def test_a_message_wakes_the_task_that_waits(bench: Bench) -> None:
    """It waits without a limit, and has the message as the API shows it in the commit in which it came."""
    run_id = bench.start(flow(pull_messages("take")))
    bench.advance(10 * 3600)
    waiting = bench.run(run_id).tasks[0]
    assert waiting.status is TaskStatus.IN_PROGRESS

    bench.ask(InboxMessage(run_id, "m-1", b'{"paid":5}'))

    run = bench.run(run_id)
    assert run.status is RunStatus.COMPLETED
    assert run.tasks[0].output_data == {
        "messages": [
            {"id": "m-1", "workflowId": run_id, "payload": {"paid": 5}, "receivedAt": "2026-01-01T10:00:00.000Z"}
        ],
        "count": 1,
    }


@pytest.mark.parametrize(
    ("size", "taken"), [(1, [1]), (3, [1, 2, 3]), (99, [1, 2, 3, 4]), (0, [1]), (-2, [1]), ("2", [1]), (2.0, [1, 2])]
)
def test_the_oldest_come_first_and_no_more_than_wanted(bench: Bench, size: Any, taken: list[int]) -> None:
    """``batchSize`` is at least 1, and 1 where it is no number; what is left waits for the next task."""
    step = Step("take", type="PULL_WORKFLOW_MESSAGES", inputs={"batchSize": size})
    run_id = bench.start(flow(human("before"), step, pull_messages("rest", batch_size=100, blocking=False)))
    send(bench, run_id, 1, 2, 3, 4)
    finish(bench, run_id, "before")

    _, first, rest = bench.run(run_id).tasks
    assert payloads(first) == taken
    assert payloads(first) + payloads(rest) == [1, 2, 3, 4]


def test_a_batch_is_bounded(bench: Bench) -> None:
    """However many are wanted, at most a hundred come at once."""
    run_id = bench.start(flow(human("before"), pull_messages("take", batch_size=500), human("after")))
    send(bench, run_id, *range(150))
    finish(bench, run_id, "before")

    assert payloads(bench.run(run_id).tasks[1]) == list(range(100))


def test_without_blocking_none_is_fine(bench: Bench) -> None:
    """It completes at once with an empty list; what is no truth value blocks."""
    run_id = bench.start(flow(pull_messages("take", blocking=False)))
    assert bench.run(run_id).tasks[0].output_data == {"messages": [], "count": 0}

    odd = bench.start(flow(Step("take", type="PULL_WORKFLOW_MESSAGES", inputs={"blocking": "no"})))
    assert bench.run(odd).tasks[0].status is TaskStatus.IN_PROGRESS


def test_each_message_goes_to_one_task(bench: Bench) -> None:
    """Of two that wait the first gets the first message, the second the next."""
    run_id = bench.start(flow(fork("both", [pull_messages("a")], [pull_messages("b")])))
    send(bench, run_id, "x", "y")

    run = bench.run(run_id)
    assert run.status is RunStatus.COMPLETED
    assert [payloads(task) for task in run.tasks if task.task_type == "PULL_WORKFLOW_MESSAGES"] == [["x"], ["y"]]


def test_old_messages_are_lost(bench: Bench) -> None:
    """After a day nobody gets a message any more; the fresh ones behind it are found, however many are too old."""
    run_id = bench.start(flow(human("before"), pull_messages("take", batch_size=5), human("after")))
    send(bench, run_id, *range(250))
    bench.advance(24 * 3600)
    send(bench, run_id, "fresh")
    finish(bench, run_id, "before")

    assert payloads(bench.run(run_id).tasks[1]) == ["fresh"]


def test_what_does_not_fit_into_one_output_waits(bench: Bench) -> None:
    """A task takes no more than the limit of payloads lets its output hold, and never nothing."""
    large = "x" * 3 * 1024 * 1024
    run_id = bench.start(flow(human("before"), pull_messages("take", batch_size=5), pull_messages("again")))
    for number in range(2):
        bench.ask(InboxMessage(run_id, f"m-{number}", json.dumps(large).encode()))
    finish(bench, run_id, "before")

    _, first, second = bench.run(run_id).tasks
    assert [first.output_data["count"], second.output_data["count"]] == [1, 1]


def test_a_message_that_is_repeated_counts_once(bench: Bench) -> None:
    """Its id tells, also when the first one was taken already."""
    run_id = bench.start(flow(pull_messages("take"), human("between"), pull_messages("rest", blocking=False)))
    send(bench, run_id, 1, 1)
    finish(bench, run_id, "between")

    assert payloads(bench.run(run_id).tasks[2]) == []


def test_a_full_inbox_refuses(bench: Bench) -> None:
    """A thousand messages may wait; then the sender is told, and nothing is lost of those that wait."""
    run_id = bench.start(flow(human("before"), pull_messages("take", batch_size=100), human("after")))
    send(bench, run_id, *range(1_000))
    with pytest.raises(InboxFull, match=r"1000 messages wait for run .*, which is the limit"):
        send(bench, run_id, "one more")

    finish(bench, run_id, "before")
    send(bench, run_id, "one more")
    assert payloads(bench.run(run_id).tasks[1]) == list(range(100))


def test_only_a_running_run_takes_messages(bench: Bench) -> None:
    """A paused run, one that has ended and one that is not there refuse, in the server's words."""
    run_id = bench.start(flow(pull_messages("take")))
    bench.ask(Pause(run_id))
    with pytest.raises(IllegalTransition, match=r"is not in RUNNING state \(current: PAUSED\)"):
        send(bench, run_id, 1)
    bench.ask(Resume(run_id))
    send(bench, run_id, 1)
    with pytest.raises(IllegalTransition, match=r"is not in RUNNING state \(current: COMPLETED\)"):
        send(bench, run_id, 1)
    with pytest.raises(RunNotFound):
        send(bench, bench.ids.run_id(), 1)


def test_a_dynamic_task_of_that_name_pulls(bench: Bench) -> None:
    """A DYNAMIC task that is called so waits and takes like one of the type."""
    step = Step("take", type="DYNAMIC", inputs={"what": "PULL_WORKFLOW_MESSAGES"}, dynamic_task_name_param="what")
    run_id = bench.start(flow(step))
    send(bench, run_id, 7)

    assert payloads(bench.run(run_id).tasks[0]) == [7]


@pytest.mark.parametrize("url", ["memory://", "sqlite:///{}/store.db"])
def test_messages_outlive_the_engine(tmp_path: Path, url: str) -> None:
    """Another engine on the store finds what waits, in order, with what it gets itself behind."""
    store: Backend = open_backend(url.format(tmp_path))
    dead: set[str] = set()
    first = Bench(store, name="first", dead=dead)
    run_id = first.start(
        flow(human("before"), pull_messages("take", batch_size=2), pull_messages("rest", batch_size=9))
    )
    send(first, run_id, 1, 2, 3)
    dead.add("first")
    second = Bench(store, name="second", dead=dead, clock=first.clock)
    second.advance(60)
    send(second, run_id, 4)
    finish(second, run_id, "before")

    _, taken, rest = second.run(run_id).tasks
    assert (payloads(taken), payloads(rest)) == ([1, 2], [3, 4])
    assert store.load_messages(run_id, 0, 9) == []
    store.close()


@pytest.mark.parametrize("end", [None, "terminate"])
def test_the_queue_ends_with_the_run(bench: Bench, end: str | None) -> None:
    """When the run ends nothing is left in the store, and a restarted run begins with an empty queue."""
    run_id = bench.start(flow(human("one"), pull_messages("take", blocking=False)))
    send(bench, run_id, 1, 2)
    if end is None:
        finish(bench, run_id, "one")
    else:
        bench.ask(Terminate(run_id))
    assert bench.run(run_id).status.is_terminal
    assert bench.backend.load_messages(run_id, 0, 9) == []

    bench.ask(Restart(run_id))
    finish(bench, run_id, "one")
    assert payloads(bench.run(run_id).tasks[1]) == []
