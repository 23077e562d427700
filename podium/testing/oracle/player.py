"""
Play a case: its workflow runs in this process, in virtual time, and its script answers for the workers.

The answer has the shape of the recorded ones, with the same stand-ins for ids.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from podium.model.assignments import Assignment, Report, TaskStarted
from podium.model.codec import from_dict
from podium.model.definitions import TaskDef, WorkflowDef
from podium.model.errors import RequestError
from podium.model.runs import TaskRun, WorkflowRun
from podium.model.statuses import TaskStatus, TaskType
from podium.model.task_types import SYSTEM_TYPES
from podium.model.values import JsonValue
from podium.testing.bench import EPOCH_MS, Bench
from podium.testing.oracle.recording import Answer, Case, comparable
from podium.testing.oracle.staging import StagedScripts, Staging

#: Turns of a case; one that needs more goes round in circles.
_TURNS_MAX = 2_000
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
#: Virtual time lasts a few weeks at most.
_MOMENT = re.compile(rf"\b{str(EPOCH_MS)[:4]}\d{{9}}\b")


def play(case: Case, staging: Staging | None = None) -> Answer:
    """
    Run a case.

    Args:
        case: What to register, to start and to answer.
        staging: What is taken from the official server; nothing if none is given.

    Returns:
        The answer; ``{"refused": reason}`` if the definitions are refused.
    """
    try:
        return comparable(_Player(case.case, staging or Staging()).play())
    except RequestError as error:
        return {"refused": str(error)}


class _Open(NamedTuple):
    """An attempt that waits for a report; sorts in the order of serial reports."""

    path: str
    ref: str
    retry_count: int
    run_id: str
    seq: int
    task_def_name: str


class _Player:
    def __init__(self, case: Mapping[str, Any], staging: Staging) -> None:
        self._case = case
        self._staging = staging
        self._bench = Bench(scripts=StagedScripts(staging))
        self._script: Mapping[str, list[Mapping[str, Any]]] = case["script"]
        self._visits: Counter[str] = Counter()
        self._paths: dict[str, str] = {}
        self._taken: dict[tuple[str, int], Assignment] = {}

    def play(self) -> Answer:
        case, bench = self._case, self._bench
        bench.register(
            *(from_dict(one, TaskDef) for one in case["taskDefs"]),
            *(from_dict(self._staged(one), WorkflowDef) for one in (*case["subWorkflows"], case["workflow"])),
        )
        worker = bench.serve(*(name for name in _texts(case) if name not in SYSTEM_TYPES))
        start = case["start"]
        root = bench.start(
            start["name"],
            start["input"],
            version=start.get("version"),
            correlation_id=start.get("correlationId"),
        )
        self._paths[root] = ""
        for _ in range(_TURNS_MAX):
            while worker.waiting:
                self._take(worker.waiting.popleft())
            bench.settle()
            opened = sorted(self._open())
            if opened:
                for one in opened[:1] if case["serial"] else opened:
                    self._report(one)
            else:
                due = bench.kernel.next_due()
                if due is None:
                    break
                bench.clock.move_to(due)
                bench.settle()
        runs = {run_id: bench.run(run_id) for run_id in self._paths}
        return {
            "stuck": any(not run.status.is_terminal for run in runs.values()),
            "errors": [],
            "runs": {self._paths[run_id]: self._shown(run) for run_id, run in runs.items()},
        }

    def _staged(self, definition: Mapping[str, JsonValue]) -> Mapping[str, JsonValue]:
        hides = definition.get("name") in self._staging.without_template
        return {**definition, "inputTemplate": {}} if hides else definition

    def _take(self, assignment: Assignment) -> None:
        self._taken[assignment.run_id, assignment.seq] = assignment
        now = self._bench.clock.now()
        self._bench.kernel.submit(TaskStarted(assignment.run_id, assignment.seq, "oracle", now, is_local=True))

    def _open(self) -> Iterator[_Open]:
        queue = list(self._paths)
        for run_id in queue:
            run = self._bench.run(run_id)
            for task in run.tasks:
                for child, path in _children(task):
                    if child not in self._paths:
                        self._paths[child] = self._inside(run_id, path)
                        queue.append(child)
                if not run.status.is_terminal and _waits(task, (run_id, task.seq) in self._taken):
                    ref = task.reference_task_name
                    yield _Open(self._paths[run_id], ref, task.retry_count, run_id, task.seq, task.task_def_name or "")
            failure = run.output.get("conductor.failure_workflow")
            if isinstance(failure, str) and _UUID.fullmatch(failure) and failure not in self._paths:
                self._paths[failure] = self._inside(run_id, "failureWorkflow")
                queue.append(failure)

    def _inside(self, run_id: str, part: str) -> str:
        path = self._paths[run_id]
        return f"{path}/{part}" if path else part

    def _report(self, one: _Open) -> None:
        ref = re.sub(r"(__\d+)+$", "", one.ref)
        outcomes = self._script.get(ref) or self._script.get(one.task_def_name) or [{"status": "COMPLETED"}]
        outcome = outcomes[min(self._visits[ref], len(outcomes) - 1)]
        self._visits[ref] += 1
        self._taken.pop((one.run_id, one.seq), None)
        self._bench.kernel.submit(
            Report(
                one.run_id,
                one.seq,
                TaskStatus(outcome["status"]),
                outcome.get("output") or {},
                outcome.get("reason"),
            ),
        )
        self._bench.settle()

    # -- what is shown -----------------------------------------------------------------------------------------------

    def _shown(self, run: WorkflowRun) -> Answer:
        order = [f"{task.reference_task_name}#{task.retry_count}" for task in run.tasks]
        tasks = sorted(run.tasks, key=lambda task: (task.reference_task_name, task.iteration, task.retry_count))
        shown = {
            "status": run.status.value,
            "reason": run.reason_for_incompletion,
            "input": run.input,
            "output": run.output,
            "variables": run.variables,
            "failed": sorted(run.failed_reference_task_names),
            "tasks": [_task(task) for task in tasks],
            "order": order,
        }
        return {key: self._normal(value) for key, value in shown.items()}

    def _normal(self, value: JsonValue) -> JsonValue:
        if isinstance(value, str):
            return _MOMENT.sub("<ms>", _UUID.sub(lambda match: self._name(match[0]), value))
        if isinstance(value, Mapping):
            return {
                key: "<workflow>" if key == "failedWorkflow" else self._normal(inner) for key, inner in value.items()
            }
        if isinstance(value, list | tuple):
            return [self._normal(inner) for inner in value]
        if isinstance(value, int) and not isinstance(value, bool) and _MOMENT.fullmatch(str(value)):
            return "<ms>"
        return value

    def _name(self, uuid: str) -> str:
        if uuid in self._paths:
            return f"<run {self._paths[uuid] or 'root'}>"
        run_id, seq = f"{uuid[:-8]}00000000", int(uuid[-8:], 16)
        if run_id in self._paths and seq:
            for task in self._bench.run(run_id).tasks:
                if task.seq == seq:
                    return f"<task {self._paths[run_id]}:{task.reference_task_name}#{task.retry_count}>"
        return "<id>"


def _task(task: TaskRun) -> Answer:
    return {
        "referenceTaskName": task.reference_task_name,
        "taskType": task.task_type,
        "status": task.status.value,
        "retryCount": task.retry_count,
        "iteration": task.iteration,
        "inputData": task.input_data,
        "outputData": task.output_data,
        "reason": task.reason_for_incompletion,
    }


def _waits(task: TaskRun, is_taken: bool) -> bool:
    if task.status.is_terminal:
        return False
    return is_taken or task.task_type == TaskType.HUMAN


def _children(task: TaskRun) -> Iterator[tuple[str, str]]:
    part = f"{task.reference_task_name}#{task.retry_count}"
    if task.sub_workflow_id:
        yield task.sub_workflow_id, part
    started = task.output_data.get("workflowId")
    if task.task_type == TaskType.START_WORKFLOW and isinstance(started, str):
        yield started, part


def _texts(value: JsonValue) -> set[str]:
    """Return every text in a value: what can be the name of a queue is among them."""
    if isinstance(value, str):
        return {value}
    if isinstance(value, Mapping):
        return set().union(*(_texts(inner) for pair in value.items() for inner in pair))
    if isinstance(value, list | tuple):
        return set().union(*map(_texts, value))
    return set()
