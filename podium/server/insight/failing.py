"""What fails now and why: what failed last, by workflow, task and reason, with the workers that had it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from podium.engine.searches import Compare, Either, Every, Order, Search
from podium.model.runs import WorkflowRun
from podium.model.statistics import BAD
from podium.model.statuses import RunStatus
from podium.server.insight.reasons import common_reason, inner_reason
from podium.server.searches import Finder, RunQuery

#: Most runs of each status that are looked at, those that ended last; of so many of each group the attempts, for their
#: workers.
_RUNS_MAX: Final = 300
_SAMPLES: Final = 5
#: Most groups, the largest.
_GROUPS_MAX: Final = 20
_STATUSES: Final = (RunStatus.FAILED, RunStatus.TIMED_OUT)


class FailureGroup(NamedTuple):
    """Runs of one workflow that failed at one task for one reason."""

    workflow: str
    #: The task's reference name; empty where the run itself timed out.
    ref: str
    #: Of the newest one, in the words of the task.
    reason: str
    #: Without what differs from run to run.
    common: str
    #: Newest first.
    runs: Sequence[WorkflowRun]
    #: Worker to how many of the runs that were looked at it had; versions of the workflow the same, of all runs.
    workers: Mapping[str, int]
    versions: Mapping[int, int]

    @property
    def number(self) -> int:
        """How many runs."""
        return len(self.runs)

    @property
    def newest(self) -> WorkflowRun:
        """The newest run."""
        return self.runs[0]


class Failures(NamedTuple):
    """What fails, the most frequent first."""

    groups: Sequence[FailureGroup]
    #: How many runs were looked at, and how many failed in the time.
    looked_at: int
    total: int


def failures(finder: Finder, since: int) -> Failures:
    """
    Return what fails.

    Args:
        finder: Searches the store.
        since: Only runs that ended from then on, in epoch milliseconds: one that began long ago fails now.
    """
    asked = RunQuery(ended_from=since, sort="endTime:DESC", limit=_RUNS_MAX)
    found = [finder.listed(asked._replace(statuses=(status,))) for status in _STATUSES]
    runs = sorted((run for one in found for run in one.rows), key=lambda run: run.end_time, reverse=True)
    groups: defaultdict[tuple[str, str, str], list[WorkflowRun]] = defaultdict(list)
    for run in runs:
        groups[run.workflow_name, _ref(run), common_reason(run.reason)].append(run)
    largest = sorted(groups.items(), key=lambda group: -len(group[1]))[:_GROUPS_MAX]
    made = [_failure(finder, key, members) for key, members in largest]
    return Failures(made, len(runs), sum(one.total or 0 for one in found))


def _ref(run: WorkflowRun) -> str:
    return run.failed_reference_task_names[-1] if run.failed_reference_task_names else ""


def _failure(finder: Finder, key: tuple[str, str, str], runs: Sequence[WorkflowRun]) -> FailureGroup:
    name, ref, common = key
    workers = Counter(worker for run in runs[:_SAMPLES] if (worker := _worker(finder, run.workflow_id)) is not None)
    versions = Counter(run.workflow_version for run in runs)
    return FailureGroup(name, ref, inner_reason(runs[0].reason), common, runs, dict(workers), dict(versions))


def _worker(finder: Finder, run_id: str) -> str | None:
    """Return who had the last attempt of a run that failed; None for what the engine itself did."""
    is_bad = Either(tuple(Compare("status", "=", status) for status in BAD))
    where = Every((Compare("run_id", "=", run_id), is_bad))
    newest = finder.attempts(Search(where, (Order("seq", is_descending=True),), 1))
    return newest.rows[0].worker_id if newest.rows else None
