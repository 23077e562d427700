"""kill -9 of a server that works: clients and workers go on with the one that comes back."""

from __future__ import annotations

import threading
from collections import Counter
from pathlib import Path

import pytest

import podium
from podium import task, workflow
from podium.testing.serving import server_process

RUNS, STEPS = 150, 3
#: Calls after which the server is killed.
KILLED_AFTER = (60, 200)
PATIENCE_S = 120.0


@pytest.mark.slow
def test_nothing_is_lost_and_nothing_committed_is_done_again(tmp_path: Path) -> None:
    """Every run ends right, each of its steps has one attempt that was taken, and no step is called after that."""
    calls: Counter[tuple[int, int]] = Counter()
    lock, marks = threading.Lock(), {count: threading.Event() for count in KILLED_AFTER}

    @task(response_timeout="3 seconds", retries=5, retry_delay="0 seconds")
    def step(run: int, value: int) -> int:
        with lock:
            calls[run, value] += 1
            if mark := marks.get(calls.total()):
                mark.set()
        return value + 1

    @workflow
    def three(run: int) -> int:
        first = step(run, 0)
        second = step.as_("second")(run, first.output)
        return step.as_("third")(run, second.output).output

    db, port = f"sqlite:///{tmp_path / 'server.db'}", 0
    with server_process(db) as server:
        port = int(server.url.rpartition(":")[2])
        with podium.connect(server.api) as client, client.workers([step], concurrency=8):
            run_ids = client.start_many(three, [{"run": number} for number in range(RUNS)])
            assert marks[KILLED_AFTER[0]].wait(PATIENCE_S)
            server.kill()
            with server_process(db, port=port) as again:
                assert marks[KILLED_AFTER[1]].wait(PATIENCE_S)
                again.kill()
            with server_process(db, port=port):
                runs = [client.wait(run_id, timeout=PATIENCE_S) for run_id in run_ids]

    assert [(run.status, run.output) for run in runs] == [("COMPLETED", {"result": STEPS})] * RUNS
    for number, run in enumerate(runs):
        taken = Counter(each.reference_task_name for each in run.tasks if each.status == "COMPLETED")
        assert set(taken.values()) == {1}, run.tasks
        attempts = Counter(each.input_data["value"] for each in run.tasks)
        for value, count in attempts.items():
            assert calls[number, value] <= count, f"step {value} of run {number} was called after its result was taken"
    assert calls.keys() == {(number, value) for number in range(RUNS) for value in range(STEPS)}
