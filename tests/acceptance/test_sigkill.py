"""A process is killed at random instants, again and again: nothing is lost, nothing committed is done twice."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import pytest

import podium
from podium import EmbeddedClient, RunStatus, TaskRun, TaskStatus
from podium.testing.torture.work import expected

CHILD = Path(__file__).with_name("torture_child.py")
KILLS = 30
#: Runs that each process adds before it is killed; each waits a second in the middle, so work is always under way.
RUNS_EACH = 6

#: How often each place runs in one run of the workflow; ``even`` and ``odd`` exclude each other.
ATTEMPTS = 1 + 1 + 1 + 3 + 4


def completed(client: EmbeddedClient) -> dict[str, TaskRun]:
    """Return every attempt that a worker completed and the store has, by its id."""
    runs = [client.get(one.workflow_id) for one in client.search(limit=10_000)]
    return {
        attempt.task_id: attempt
        for run in runs
        for attempt in run.tasks
        if attempt.task_type in {"add_one", "double"} and attempt.status is TaskStatus.COMPLETED
    }


def child(database: str, journal: Path, runs: int) -> subprocess.Popen[str]:
    """Start the process that works until there are so many runs, all ended."""
    return subprocess.Popen(
        [sys.executable, str(CHILD), database, str(journal.parent), str(runs)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.slow
def test_a_process_that_is_killed_again_and_again_loses_and_repeats_nothing_that_was_committed(tmp_path: Path) -> None:
    """After 30 kills every run ends as it should; no committed result changed, and none of those steps ran again."""
    database, journal = f"sqlite:///{tmp_path / 'torture.db'}", tmp_path / "ran"
    journal.touch()
    rng = random.Random(20_261_121)
    seen: dict[str, tuple[TaskRun, int]] = {}
    interrupted = 0

    for number in range(KILLS):
        process = child(database, journal, (number + 1) * RUNS_EACH)
        try:
            # Some are killed while they start, some in the first burst of work, some around their timers.
            process.wait(timeout=rng.uniform(0.2, 1.6))
        except subprocess.TimeoutExpired:
            process.kill()
        process.communicate()
        with podium.connect(database) as client:
            interrupted += bool(client.search(status=RunStatus.RUNNING, limit=1))
            length = len(journal.read_text().splitlines())
            for task_id, attempt in completed(client).items():
                seen.setdefault(task_id, (attempt, length))

    process = child(database, journal, KILLS * RUNS_EACH)
    output, errors = process.communicate(timeout=120)
    assert "all ended" in output, errors
    lines = journal.read_text().splitlines()
    with podium.connect(database) as client:
        runs = [client.get(one.workflow_id) for one in client.search(limit=10_000)]
        final = completed(client)

    outers = [run for run in runs if run.workflow_name == "tortured"]
    assert interrupted > KILLS // 2, "the processes were too quick to be killed at work"
    assert len(outers) == KILLS * RUNS_EACH
    assert {run.status for run in runs} == {RunStatus.COMPLETED}
    assert all(run.output == {"result": expected(int(run.input["x"]))} for run in outers)
    assert len(final) == KILLS * RUNS_EACH * (ATTEMPTS + 2)
    for task_id, (attempt, length) in seen.items():
        assert final[task_id].output_data == attempt.output_data
        assert final[task_id].end_time == attempt.end_time
        assert task_id not in lines[length:], f"{attempt.reference_task_name} ran again after its commit"
