"""HTTP_POLL: when it asks again, and when it is done."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from podium.dsl import Step, Workflow, inline
from podium.model.assignments import Report, TaskStarted
from podium.model.definitions import TaskDef, WorkflowDef, WorkflowTask
from podium.model.runs import TaskRun
from podium.model.statuses import RunStatus, TaskStatus
from podium.testing.bench import Bench, HandWorker
from podium.testing.processes import SlowScripts

DONE = "$.output.response.body.state === 'DONE'"


class Polled:
    """A run of one HTTP_POLL, whose answers the test gives."""

    def __init__(self, **request: Any) -> None:
        self.bench = Bench()
        self.worker: HandWorker = self.bench.serve("HTTP_POLL")
        made = Workflow("one")
        made >> inline("first", "({wanted: 'OVER'})")
        given = {"uri": "http://x", "method": "GET", "terminationCondition": DONE, **request}
        made >> Step("poll", type="HTTP_POLL", inputs={"http_request": given})
        self.run_id = self.bench.start(made.definition)

    def answer(self, state: Any) -> None:
        """Answer the request that waits."""
        one = self.worker.waiting.popleft()
        output = {"response": {"statusCode": 200, "body": {"state": state}}}
        self.bench.ask(Report(one.run_id, one.seq, TaskStatus.IN_PROGRESS, output, started_at=self.bench.clock.now()))

    @property
    def task(self) -> TaskRun:
        """The task as it stands."""
        return self.bench.run(self.run_id).tasks[-1]

    def pauses(self, count: int) -> list[int]:
        """Answer several times that it is not done; give the seconds between the requests."""
        found = []
        for _ in range(count):
            self.answer("BUSY")
            seconds = 0
            while not self.worker.waiting:
                self.bench.advance(1)
                seconds += 1
            found.append(seconds)
        return found


def test_it_asks_until_the_condition_holds() -> None:
    """The output is the last answer, ``pollCount`` says how often it asked, and between two requests nobody has it."""
    polled = Polled(pollingInterval=10)
    assert polled.pauses(2) == [10, 10]
    polled.answer("BUSY")
    assert (polled.task.status, polled.task.callback_after_seconds) == (TaskStatus.SCHEDULED, 10)
    polled.bench.advance(10)
    polled.answer("DONE")

    assert polled.bench.run(polled.run_id).status is RunStatus.COMPLETED
    assert (polled.task.poll_count, polled.task.output_data["response"]["body"]) == (4, {"state": "DONE"})


def test_a_request_that_lasts_is_counted_once() -> None:
    """What is said of it while it is under way, so that its timeouts count, is no request more."""
    polled = Polled(pollingInterval=10)
    for count in (1, 2, 3):
        one, now = polled.worker.waiting[0], polled.bench.clock.now()
        polled.bench.ask(TaskStarted(one.run_id, one.seq, "podium-http", now, is_local=True))
        assert (polled.task.status, polled.task.poll_count) == (TaskStatus.IN_PROGRESS, count)
        polled.answer("BUSY")
        polled.bench.advance(10)


@pytest.mark.parametrize(
    ("strategy", "pauses"),
    [("FIXED", [3, 3, 3]), ("LINEAR_BACKOFF", [3, 6, 9]), ("EXPONENTIAL_BACKOFF", [3, 6, 12]), (None, [3, 3, 3])],
)
def test_strategies_say_how_long_it_rests(strategy: str | None, pauses: list[int]) -> None:
    """The same time, a time more for each request, or twice as long each time."""
    assert Polled(pollingInterval="3", pollingStrategy=strategy).pauses(3) == pauses


def test_a_minute_passes_where_nothing_is_said() -> None:
    """The default interval is that of the documentation."""
    assert Polled().pauses(1) == [60]


@pytest.mark.parametrize(
    ("condition", "status"),
    [
        ("true", TaskStatus.COMPLETED),
        ("1", TaskStatus.COMPLETED),
        ("'yes'", TaskStatus.COMPLETED),
        ("({})", TaskStatus.COMPLETED),
        ("false", TaskStatus.SCHEDULED),
        ("0", TaskStatus.SCHEDULED),
        ("''", TaskStatus.SCHEDULED),
        ("null", TaskStatus.SCHEDULED),
        ("-1", TaskStatus.FAILED),
        ("(function(){ return $.input.http_request.method === 'GET'; })();", TaskStatus.COMPLETED),
        ("$.output.response.body.state === $.first.output.result.wanted", TaskStatus.COMPLETED),
        ("$.output.nothing.there", TaskStatus.FAILED_WITH_TERMINAL_ERROR),
    ],
)
def test_the_condition_is_javascript(condition: str, status: TaskStatus) -> None:
    """What is true ends it, -1 fails it; it reads the answer, the input and other tasks; an error fails for good."""
    polled = Polled(terminationCondition=condition)
    polled.answer("OVER")

    assert polled.task.status is status
    assert polled.task.output_data["response"]["body"] == {"state": "OVER"}


def test_it_gives_up_after_so_many_requests() -> None:
    """``maxPollCount`` bounds them, and the reason says so."""
    polled = Polled(maxPollCount=2, pollingInterval=1)
    polled.pauses(1)
    polled.answer("BUSY")

    assert polled.task.status is TaskStatus.FAILED
    assert polled.task.reason_for_incompletion == "The terminationCondition did not hold in 2 requests (maxPollCount)"


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"terminationCondition": None}, "HTTP_POLL needs a 'terminationCondition'"),
        ({"pollingStrategy": "NEVER"}, "pollingStrategy must be one of FIXED, LINEAR_BACKOFF, EXPONENTIAL_BACKOFF"),
        ({"pollingInterval": "soon"}, "pollingInterval must be a number of seconds from 1 upwards, not 'soon'"),
        ({"maxPollCount": 0}, "maxPollCount must be a number of requests from 1 upwards, not 0"),
    ],
)
def test_what_makes_no_sense_fails_before_the_first_request(wrong: dict[str, Any], words: str) -> None:
    """No retry helps, and nobody was asked."""
    polled = Polled(**wrong)

    assert polled.task.status is TaskStatus.FAILED_WITH_TERMINAL_ERROR
    assert (polled.task.reason_for_incompletion or "").startswith(words)
    assert not polled.worker.waiting


def test_a_failed_request_fails_the_attempt() -> None:
    """As with HTTP tasks; what comes from outside in the end ends it at once."""
    polled = Polled()
    polled.bench.fail(polled.worker.waiting.popleft(), "404 Not Found")
    other = Polled()
    other.bench.complete(other.worker.waiting.popleft(), {"by": "hand"})

    assert (polled.task.status, other.task.status) == (TaskStatus.FAILED, TaskStatus.COMPLETED)


def test_an_answer_is_a_sign_of_life_while_its_condition_is_evaluated() -> None:
    """The response timeout begins anew with the answer, however long the script takes."""
    scripts = SlowScripts(Random(0), 1.0)
    bench = Bench(scripts=scripts)
    worker = bench.serve("HTTP_POLL")
    given = {"uri": "http://x", "method": "GET", "terminationCondition": DONE}
    poll = WorkflowTask(
        name="poll",
        task_reference_name="poll",
        type="HTTP_POLL",
        input_parameters={"http_request": given},
        task_definition=TaskDef(name="poll", response_timeout_seconds=10, retry_count=0),
    )
    run_id = bench.start(WorkflowDef(name="one", tasks=(poll,)))
    one = worker.waiting.popleft()
    bench.ask(TaskStarted(one.run_id, one.seq, "w", bench.clock.now()))
    bench.advance(9)
    answer = {"response": {"body": {"state": "DONE"}}}
    bench.kernel.submit(Report(one.run_id, one.seq, TaskStatus.IN_PROGRESS, answer, started_at=bench.clock.now()))
    bench.settle()
    bench.advance(9)
    assert bench.run(run_id).tasks[0].status is TaskStatus.IN_PROGRESS

    scripts.finish(0)
    bench.settle()
    assert bench.run(run_id).status is RunStatus.COMPLETED
