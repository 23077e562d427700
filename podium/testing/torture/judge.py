"""What became of the runs: looks at the store from outside, by and by, and at the end of each round."""

from __future__ import annotations

import time
from collections import Counter

from attrs import define, field, frozen

import podium
from podium.model.errors import NotFound, StoreError
from podium.model.runs import TaskRun
from podium.model.statuses import RunStatus, TaskStatus
from podium.testing.torture.cast import Stage
from podium.testing.torture.work import expected

#: Seconds after the end of a fault by which each start is accepted and each run has ended.
PATIENCE_S = 120

_OWN_TASKS = frozenset({"add_one", "double"})


@frozen
class TortureVerdict:
    """How many of each, and the words for them."""

    lost: int = 0
    repeated: int = 0
    stuck: int = 0
    words: tuple[str, ...] = ()


@define
class Judge:
    """
    Knows what was seen committed.

    Args:
        stage: Where.
        client: Reads the store; it starts no engine.
    """

    stage: Stage
    client: podium.Client
    #: Attempts that were seen completed, and how many lines of ``ran`` there were afterwards.
    _seen: dict[str, tuple[TaskRun, int]] = field(init=False, factory=dict)

    def look(self, round_name: str) -> None:
        """Note which results are committed by now; nothing if the store cannot be read."""
        try:
            done = [one for run in self._runs(round_name) for one in _completed(run)]
        except StoreError:
            return
        length = len(self.stage.lines("ran"))
        for attempt in done:
            self._seen.setdefault(attempt.task_id, (attempt, length))

    def _accepted(self, round_name: str) -> dict[str, tuple[int, str]]:
        """Return input and run of each key that was accepted."""
        words = (line.split() for line in self.stage.lines("accepted"))
        return {key: (int(x), run_id) for name, key, x, run_id in words if name == round_name}

    def _runs(self, round_name: str) -> list[podium.WorkflowRun]:
        accepted = self._accepted(round_name).values()
        return [self.client.get(run_id) for _, run_id in accepted]

    def wait(self, round_name: str, count: int) -> None:
        """Wait until all is accepted and has ended, or time is up."""
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            ids = [run_id for _, run_id in self._accepted(round_name).values()]
            if len(ids) == count and not any(map(self._is_open, ids)):
                return
            time.sleep(0.2)

    def _is_open(self, run_id: str) -> bool:
        try:
            return not self.client.get(run_id, include_tasks=False).status.is_terminal
        except NotFound:
            return False
        except StoreError:
            return True

    def verdict(self, round_name: str, count: int) -> TortureVerdict:
        """Say what became of the runs of a round."""
        accepted = self._accepted(round_name)
        lost, stuck, repeated = [], [], []
        if len(accepted) < count:
            stuck += [f"a start was not accepted ({round_name})"] * (count - len(accepted))
        for key, (x, run_id) in accepted.items():
            try:
                run = self.client.get(run_id)
            except NotFound:
                lost.append(f"the run {run_id} of {key} is not there")
                continue
            if not run.status.is_terminal:
                stuck.append(f"the run {run_id} of {key} is {run.status}: {_state(run)}")
            elif run.status is not RunStatus.COMPLETED or run.output != {"result": expected(x)}:
                lost.append(f"the run {run_id} of {key} is {run.status} ({run.reason}) and gave {run.output}")
            repeated += self._repeated(run)
        runs = Counter(run_id for _, run_id in accepted.values())
        repeated += [f"two keys have the run {run_id}" for run_id, times in runs.items() if times > 1]
        return TortureVerdict(len(lost), len(repeated), len(stuck), (*lost, *stuck, *repeated))

    def _repeated(self, run: podium.WorkflowRun) -> list[str]:
        ran = self.stage.lines("ran")
        final = {one.task_id: one for one in _completed(run)}
        found = []
        places = Counter((one.reference_task_name, one.iteration) for one in final.values())
        found += [f"{place} of {run.workflow_id} was done twice" for place, times in places.items() if times > 1]
        for task_id, (attempt, length) in self._seen.items():
            if attempt.workflow_instance_id != run.workflow_id:
                continue
            now = final.get(task_id)
            if now is None or (now.output_data, now.end_time) != (attempt.output_data, attempt.end_time):
                found.append(f"the committed {attempt.reference_task_name} of {run.workflow_id} is {now}")
            elif task_id in ran[length:]:
                found.append(f"{attempt.reference_task_name} of {run.workflow_id} ran again after its commit")
        return found


def _completed(run: podium.WorkflowRun) -> list[TaskRun]:
    return [one for one in run.tasks if one.task_type in _OWN_TASKS and one.status is TaskStatus.COMPLETED]


def _state(run: podium.WorkflowRun) -> str:
    return ", ".join(f"{one.reference_task_name} {one.status}" for one in run.tasks if not one.status.is_terminal)
