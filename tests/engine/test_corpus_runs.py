"""Real definitions, written by others, run to an end in virtual time, every task answered by hand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from engine_flows import flow, task

from podium.engine.events import Terminate
from podium.engine.rows import RunFilter
from podium.model.assignments import Report
from podium.model.codec import from_dict, from_json, to_dict
from podium.model.definitions import WorkflowDef, WorkflowTask
from podium.model.runs import TaskRun, WorkflowRun
from podium.model.statuses import RunStatus, TaskStatus, TaskType
from podium.model.walk import walk
from podium.testing.bench import Bench

CORPUS = Path(__file__).parents[2].parent / "shared" / "corpus" / "definitions"
FILES = sorted(CORPUS.glob("*.json"))

pytestmark = pytest.mark.skipif(not FILES, reason="the corpus of definitions is not here")

#: Answers after which a run that goes on is ended by an operator, and the test fails.
ANSWERS_MAX = 400

HTTP_ANSWER = {"response": {"statusCode": 200, "reasonPhrase": "OK", "headers": {}, "body": {}}}


def tasks_of(definition: WorkflowDef) -> Iterator[WorkflowTask]:
    """Yield every task, those of inline sub-workflows included."""
    for visit in walk(definition.tasks):
        yield visit.task
        params = visit.task.sub_workflow_param
        if params is not None and isinstance(params.workflow_definition, WorkflowDef):
            yield from tasks_of(params.workflow_definition)


def children(definition: WorkflowDef) -> Iterable[WorkflowDef]:
    """Yield stand-ins for the workflows that a definition calls by name."""
    for one in tasks_of(definition):
        params = one.sub_workflow_param
        if params is not None and params.name and "${" not in params.name:
            for version in {1, params.version or 1}:
                yield flow(task("NOOP", "nothing"), name=params.name, version=version)


def runnable(path: Path) -> WorkflowDef:
    """Read a definition; an old schema version is raised, because nothing else of it is old."""
    definition = from_json(path.read_bytes(), WorkflowDef)
    return from_dict({**to_dict(definition), "schemaVersion": 2}, WorkflowDef)


#: What somebody outside ends.
ASKED = {TaskType.HUMAN, TaskType.YIELD, TaskType.WAIT_FOR_WEBHOOK, TaskType.PULL_WORKFLOW_MESSAGES}


class Player:
    """Answers whatever the runs of a bench wait for."""

    def __init__(self, bench: Bench, definition: WorkflowDef) -> None:
        self.bench = bench
        names = {one.name if one.type == TaskType.SIMPLE else one.type for one in tasks_of(definition)}
        self.worker = bench.serve(*names)
        self.answers = 0

    def step(self) -> bool:
        """Answer one thing, or let time pass; False if nothing will ever happen."""
        self.answers += 1
        if self.worker.waiting:
            one = self.worker.waiting.popleft()
            self.bench.complete(one, HTTP_ANSWER if one.queue == TaskType.HTTP else {})
            return True
        for attempt in self._waiting_outside():
            run_id = attempt.workflow_instance_id or ""
            self.bench.ask(Report(run_id, attempt.seq, TaskStatus.COMPLETED, {"result": "a"}))
            return True
        due = self.bench.kernel.next_due()
        if due is None:
            return False
        self.bench.advance((due - self.bench.clock.now()) / 1000)
        return True

    def _waiting_outside(self) -> Iterator[TaskRun]:
        """Yield what somebody outside must answer: people, waits without a moment, queues that nobody serves."""
        live = self.bench.reader.runs(RunFilter(status="RUNNING"), limit=100, offset=0)
        for summary in live:
            for one in self.bench.run(summary.workflow_id).tasks:
                given: dict[str, Any] = dict(one.input_data)
                timed = given.get("duration") or given.get("until")
                is_asked = one.task_type in ASKED or (one.task_type == TaskType.WAIT and not timed)
                is_open = one.status is TaskStatus.SCHEDULED and not one.callback_after_seconds
                if (one.status is TaskStatus.IN_PROGRESS and is_asked) or is_open:
                    yield one


def play(definition: WorkflowDef) -> tuple[WorkflowRun, Bench, bool]:
    """Run a definition; give the run as it ended, and whether it ended by itself."""
    bench = Bench()
    bench.register(*children(definition), flow(task("NOOP", "nothing"), name="missing"))
    run_id = bench.start(definition, {"name": "Ada", "items": [1, 2]})
    player = Player(bench, definition)
    while not bench.reader.status(run_id).is_terminal and player.answers < ANSWERS_MAX:
        if not player.step():
            break
    by_itself = bench.reader.status(run_id).is_terminal
    if not by_itself:
        bench.ask(Terminate(run_id, "it waits for data that no answer gives"))
    return bench.run(run_id), bench, by_itself


@cache
def played(path: Path) -> tuple[WorkflowRun, Bench, bool]:
    """Run the definition of a file, once."""
    return play(runnable(path))


def check(run: WorkflowRun, bench: Bench) -> None:
    """What holds for every run that has ended."""
    assert run.status.is_terminal
    assert run.end_time
    assert all(one.status.is_terminal for one in run.tasks)
    assert [one.seq for one in run.tasks] == sorted({one.seq for one in run.tasks})
    assert len({one.task_id for one in run.tasks}) == len(run.tasks)
    assert from_dict(to_dict(run), WorkflowRun) == run
    if run.status is RunStatus.COMPLETED:
        bad = [one for one in run.tasks if not one.status.is_successful and not one.retried]
        ended_early = any(one.task_type == TaskType.TERMINATE for one in run.tasks)
        assert ended_early or not bad
    else:
        assert run.reason
    for summary in bench.reader.runs(RunFilter(parent_id=run.workflow_id), limit=100, offset=0):
        assert summary.status.is_terminal


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_real_definition_runs_to_an_end(path: Path) -> None:
    """It starts, everything it asks for is answered, and it ends with every attempt ended; its children with it."""
    run, bench, by_itself = played(path)
    check(run, bench)
    assert by_itself


def test_most_of_them_end_well() -> None:
    """Empty answers complete most of them; the others miss data that they insist on, and say so."""
    outcomes = [played(path)[0].status for path in FILES]
    assert outcomes.count(RunStatus.COMPLETED) >= 0.85 * len(FILES)
