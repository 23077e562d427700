"""The simulation is only as good as the bugs that it finds: each of these is planted, and found."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from rules import RULES, Patch, Plant, wrapped

from podium.backends.sql.registry import write_registry
from podium.backends.sql.store import SqlBackend
from podium.engine import batch, deadlines, decider, ending, failures, revival, timeouts, writing
from podium.engine.consumers import Consumers
from podium.engine.decision import Decision
from podium.engine.events import Claim
from podium.engine.groups import Groups
from podium.engine.operators import base, do_while, join, sub_workflow, switch, variables, waiting
from podium.engine.publishing import Publisher
from podium.engine.records import TaskRecord
from podium.engine.slots import SlotBook
from podium.engine.timers import Timers
from podium.model.assignments import Report
from podium.model.statuses import RunStatus, TaskStatus
from podium.testing.accounts import Violation
from podium.testing.seeds import simulate

#: Lists the bugs in the rules, with the seed that has found each.
PAGE = Path(__file__).parents[2] / "docs" / "simulation.md"

#: Seeds within which each planted bug must be found.
SEEDS_MAX = 200

MEMORY: list[Plant] = []
SQLITE: list[Plant] = []


@MEMORY.append
def a_join_does_not_wait(patch: Patch) -> None:
    """A JOIN does not wait for the last of its branches."""

    def notice(self: join.JoinOperator, decision: Decision, record: TaskRecord) -> None:
        if record.awaited <= 1:
            self.finish(decision, record)

    patch.setattr(join.JoinOperator, "notice", notice)


@MEMORY.append
def less_is_written_than_has_changed(patch: Patch) -> None:
    """An update leaves out a column that has changed."""
    patch.setattr(writing, "beside_end", lambda row: row.task_type)


@MEMORY.append
def an_old_state_is_trusted(patch: Patch) -> None:
    """A state in memory is used without a look whether another process has changed the run."""
    patch.setattr(Groups, "_prove", lambda *_: None)


@MEMORY.append
def open_work_is_given_to_two(patch: Patch) -> None:
    """A process hands out what lay open, and does not commit that it has it: another one does the same."""

    def claim(decision: Decision, event: Claim) -> None:
        record = decision.live(event.seq)
        if record is not None and not record.wake_at and decision.context.takes(record):
            decision.offers.append(record)

    patch.setitem(decider._HANDLERS, Claim, claim)


@MEMORY.append
def rooms_are_not_counted(patch: Patch) -> None:
    """A worker that takes only what it has room for gets whatever there is."""
    patch.setattr(Consumers, "_roomiest", lambda *those: (those[-1][0], 1))


@MEMORY.append
def slots_are_not_counted(patch: Patch) -> None:
    """A limit lets in whoever comes."""
    patch.setattr(SlotBook, "has_room", lambda *_: True)


@MEMORY.append
def slots_are_kept_after_the_end(patch: Patch) -> None:
    """An attempt that has ended, or rests, keeps its slot."""
    wrapped(patch, SlotBook, "settle", lambda settle: lambda *those: (settle(*those)[0], []))


@MEMORY.append
def a_free_slot_is_not_given_on(patch: Patch) -> None:
    """Who waits for a slot is not let in when one is free."""
    patch.setattr("podium.engine.services.LimitService.duty", lambda *_: None)


@MEMORY.append
def timers_are_forgotten(patch: Patch) -> None:
    """What becomes due is not noticed, neither here nor by others."""
    patch.setattr(Timers, "add", lambda *_: None)
    patch.setattr("podium.engine.services.DueService.duty", lambda *_: None)


@MEMORY.append
def the_dead_are_left(patch: Patch) -> None:
    """Nobody takes over what a dead process held."""
    patch.setattr("podium.engine.services.RescueService._inherit", lambda *_: None)


@MEMORY.append
def a_wait_ends_a_second_early(patch: Patch) -> None:
    """A WAIT of n seconds takes n - 1."""
    wrapped(patch, waiting, "parse_duration_s", lambda parse: lambda text: max(0, parse(text) - 1))


@MEMORY.append
def a_wait_ends_three_seconds_late(patch: Patch) -> None:
    """A WAIT of n seconds takes n + 3."""
    wrapped(patch, waiting, "parse_duration_s", lambda parse: lambda text: parse(text) + 3)


@MEMORY.append
def timers_ring_three_seconds_late(patch: Patch) -> None:
    """What is due is looked at three seconds after."""
    wrapped(patch, Timers, "pop_due", lambda pop: lambda self, now, limit: pop(self, now - 3_000, limit))


@MEMORY.append
def timers_of_taken_over_runs_are_not_armed(patch: Patch) -> None:
    """A process that takes a run over waits for the service that looks into the store."""

    def make(arm: Callable[..., None]) -> Callable[..., None]:
        def without(self: Publisher, *rest: Any) -> None:
            self._cache.restored.clear()
            arm(self, *rest)

        return without

    wrapped(patch, Publisher, "_arm", make)


@MEMORY.append
def a_response_timeout_comes_early(patch: Patch) -> None:
    """A worker that may be silent for n seconds is given up after n - 1."""

    def make(known: Callable[..., Any]) -> Callable[..., Any]:
        return lambda record: [
            one._replace(at=one.at - 1_000) if one.kind == "response" else one for one in known(record)
        ]

    for module in (deadlines, timeouts):
        wrapped(patch, module, "deadlines", make)


@MEMORY.append
def the_retry_delay_is_ignored(patch: Patch) -> None:
    """The next attempt begins at once."""
    patch.setattr(failures, "retry_delay", lambda *_: (0, 0))


@MEMORY.append
def the_start_delay_is_ignored(patch: Patch) -> None:
    """The first attempt begins at once."""
    patch.setattr(base.Operator, "start", lambda self, decision, record: self.begin(decision, record))


@MEMORY.append
def one_retry_too_few(patch: Patch) -> None:
    """A task of n retries is tried n times."""
    wrapped(
        patch,
        failures,
        "_may_retry",
        lambda may: lambda record: may(record) and record.retry_count + 1 < record.node.task_def.retry_count,
    )


@MEMORY.append
def a_join_lacks_a_branch(patch: Patch) -> None:
    """The output of a JOIN is without its last branch."""

    def make(finish: Callable[..., None]) -> Callable[..., None]:
        def without(self: join.JoinOperator, decision: Decision, record: TaskRecord) -> None:
            finish(self, decision, record)
            if record.output:
                record.output.popitem()

        return without

    wrapped(patch, join.JoinOperator, "finish", make)


@MEMORY.append
def a_loop_takes_one_turn_more(patch: Patch) -> None:
    """A loop that should end after its first turn takes a second one."""

    def make(condition: Callable[..., bool]) -> Any:
        def once_more(decision: Decision, record: TaskRecord, *rest: Any, in_list: bool) -> bool:
            goes_on = condition(decision, record, *rest, in_list=in_list)
            return goes_on or (record.output["iteration"] == 1 and not in_list)

        return staticmethod(once_more)

    wrapped(patch, do_while.DoWhile, "_condition", make)


@MEMORY.append
def a_workers_output_is_lost(patch: Patch) -> None:
    """An attempt is completed, and what its worker said is gone."""

    def make(report: Callable[..., None]) -> Callable[..., None]:
        return lambda decision, event: report(decision, event._replace(output={}))

    patch.setitem(decider._HANDLERS, Report, make(decider._HANDLERS[Report]))


@MEMORY.append
def a_childs_output_is_lost(patch: Patch) -> None:
    """A SUB_WORKFLOW is completed without what its run gave."""
    wrapped(
        patch,
        sub_workflow.SubWorkflow,
        "child_ended",
        lambda ended: lambda self, decision, record, event: ended(self, decision, record, event._replace(output={})),
    )


@MEMORY.append
def set_variable_forgets(patch: Patch) -> None:
    """A SET_VARIABLE is completed and sets nothing."""

    def begin(_: variables.SetVariable, decision: Decision, record: TaskRecord) -> None:
        decision.end(record, TaskStatus.COMPLETED)

    patch.setattr(variables.SetVariable, "begin", begin)


@MEMORY.append
def a_failure_workflow_is_started_twice(patch: Patch) -> None:
    """A run that fails starts its failure workflow, and starts it once more."""

    def make(start: Callable[..., None]) -> Callable[..., None]:
        def twice(*given: Any) -> None:
            start(*given)
            start(*given)

        return twice

    wrapped(patch, ending, "_start_failure_workflow", make)


@MEMORY.append
def a_failure_workflow_is_not_started(patch: Patch) -> None:
    """A run that fails is all there is."""
    patch.setattr(ending, "_start_failure_workflow", lambda *_: None)


@MEMORY.append
def a_pause_holds_nothing(patch: Patch) -> None:
    """What ends in a paused run is acted on at once."""

    def make(work: Callable[..., None]) -> Callable[..., None]:
        def going_on(decision: Decision) -> None:
            was_paused = decision.run.status is RunStatus.PAUSED
            decision.run.status = RunStatus.RUNNING if was_paused else decision.run.status
            work(decision)
            is_running = decision.run.status is RunStatus.RUNNING
            decision.run.status = RunStatus.PAUSED if was_paused and is_running else decision.run.status

        return going_on

    wrapped(patch, decider, "work", make)


@MEMORY.append
def a_resumption_does_not_start_the_clock_again(patch: Patch) -> None:
    """The time of a pause counts against the limit of the run."""
    patch.setattr(revival, "restart_clock", lambda *_: None)


@MEMORY.append
def signs_of_life_are_ignored(patch: Patch) -> None:
    """A heartbeat is acknowledged and moves no timeout."""

    def make(report: Callable[..., None]) -> Callable[..., None]:
        return lambda decision, event: None if event.is_heartbeat else report(decision, event)

    patch.setitem(decider._HANDLERS, Report, make(decider._HANDLERS[Report]))


@MEMORY.append
def a_switch_takes_another_case(patch: Patch) -> None:
    """What should run the case A runs the case B."""
    wrapped(patch, switch, "switch_text", lambda text: lambda value: "B" if text(value) == "A" else text(value))


@MEMORY.append
def a_child_is_told_nothing(patch: Patch) -> None:
    """A sub-workflow starts without the input of its task."""

    def make(begin: Callable[..., Any]) -> Callable[..., Any]:
        def without(event: Any, *rest: Any, **named: Any) -> Any:
            return begin(event._replace(input={}) if event.parent_id else event, *rest, **named)

        return without

    wrapped(patch, batch, "begin", make)


@MEMORY.append
def a_terminated_run_gives_nothing(patch: Patch) -> None:
    """The output that a TERMINATE names is not the run's."""

    def make(end: Callable[..., None]) -> Callable[..., None]:
        def without(decision: Decision, terminators: Sequence[TaskRecord]) -> None:
            for terminator in terminators:
                terminator.output = {}
            end(decision, terminators)

        return without

    wrapped(patch, ending, "end_as_told", make)


@SQLITE.append
def a_commit_is_two_transactions(patch: Patch) -> None:
    """The runs of a commit are durable before its attempts are."""

    def commit(self: SqlBackend, writes: Any) -> None:
        with self._database.write() as cursor:
            self._write_runs(cursor, writes)
        with self._database.write() as cursor:
            self._write_tasks(cursor, writes)
            write_registry(cursor, self._sql, writes)

    patch.setattr(SqlBackend, "commit", commit)


@pytest.mark.parametrize(
    ("backend", "plant"),
    [("memory", plant) for plant in MEMORY] + [("sqlite", plant) for plant in SQLITE],
)
def test_a_planted_bug_is_found(backend: str, plant: Plant, monkeypatch: Patch, tmp_path: Path) -> None:
    """Each of them within a few seeds."""
    monkeypatch.setattr("podium.testing.simulation.play.ROUNDS_MAX", 300)
    plant(monkeypatch)

    found = next(filter(None, (what_is_found(seed, backend, tmp_path) for seed in range(SEEDS_MAX))), None)

    assert found is not None, plant.__doc__
    assert "the engine could not act" not in found, "the plant no longer fits the engine, and only breaks it"


@pytest.mark.parametrize("name", RULES)
def test_a_broken_rule_is_found(name: str, monkeypatch: Patch, tmp_path: Path) -> None:
    """A bug in each family of rules, by the seed that docs/simulation.md names, or else by another one."""
    monkeypatch.setattr("podium.testing.simulation.play.ROUNDS_MAX", 300)
    rows = re.findall(r"^\| `(\w+)` \|.*\| (\d+) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    documented = {row[0]: int(row[1]) for row in rows}
    RULES[name](monkeypatch)

    seeds = (documented[name], *range(SEEDS_MAX))
    found = next(filter(None, (what_is_found(seed, "memory", tmp_path) for seed in seeds)), None)

    assert documented.keys() == RULES.keys()
    assert found is not None, RULES[name].__doc__
    assert "the engine could not act" not in found, "the plant no longer fits the engine, and only breaks it"


def what_is_found(seed: int, backend: str, folder: Path) -> str | None:
    """Return the violation that a seed finds, or the first disagreement with the interpreter, or None."""
    try:
        outcome = simulate(seed, backend, folder)
    except Violation as error:
        return str(error)
    return next(iter(outcome.disagreements), None)
