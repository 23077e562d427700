"""A bug for each family of rules: what a definition means, and the engine would do otherwise."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from attrs import evolve

from podium.backends.memory import MemoryBackend
from podium.engine import admission, deadlines, ending, failures, schedule_desk, timeouts
from podium.engine.decision import Decision
from podium.engine.operators import do_while, dynamic_fork, http_poll, join, switch, variables
from podium.engine.plan import Scope
from podium.engine.records import TaskRecord
from podium.engine.schedule_desk import ScheduleDesk
from podium.engine.start_keys import StartKeys
from podium.engine.state import joined_refs
from podium.model.statuses import RetryLogic, RunStatus, TaskStatus, TaskTimeoutPolicy

Patch = pytest.MonkeyPatch
Plant = Callable[[Patch], None]

#: By the name that docs/simulation.md gives them.
RULES: dict[str, Plant] = {}


def rule(plant: Plant) -> Plant:
    """Take a plant in."""
    RULES[plant.__name__] = plant
    return plant


def wrapped(patch: Patch, owner: Any, name: str, make: Callable[[Callable[..., Any]], Callable[..., Any]]) -> None:
    """Put something else in the place of a function, made from what it was."""
    patch.setattr(owner, name, make(getattr(owner, name)))


@rule
def one_retry_too_many(patch: Patch) -> None:
    """A task of n retries is tried n + 2 times."""
    wrapped(patch, failures, "_granted", lambda granted: lambda record: granted(record) + 1)


@rule
def backoff_does_not_grow(patch: Patch) -> None:
    """Every delay before another attempt is as long as the first."""

    def make(delay: Callable[..., Any]) -> Callable[..., Any]:
        return lambda definition, *rest: delay(evolve(definition, retry_logic=RetryLogic.FIXED), *rest)

    wrapped(patch, failures, "retry_delay", make)


@rule
def an_optional_failure_fails_the_run(patch: Patch) -> None:
    """An optional task that fails for good ends the run, as any other."""

    def make(settle: Callable[..., bool]) -> Callable[..., bool]:
        def strict(decision: Decision, record: TaskRecord) -> bool:
            if record.node.task.optional and not failures._may_retry(record):
                reason = ending.failure_text(record.ref, RunStatus.FAILED, record.reason)
                ending.end_run(decision, RunStatus.FAILED, reason, failing=record)
                return False
            return settle(decision, record)

        return strict

    wrapped(patch, failures, "settle", make)


@rule
def a_permissive_failure_is_forgotten(patch: Patch) -> None:
    """A run completes though a permissive task has failed."""

    def make(complete: Callable[..., None]) -> Callable[..., None]:
        def forgiving(decision: Decision) -> None:
            decision.run.permissive.clear()
            complete(decision)

        return forgiving

    wrapped(patch, ending, "complete", make)


@rule
def a_join_says_nothing_of_optional_failures(patch: Patch) -> None:
    """A JOIN over an optional task that failed is simply COMPLETED."""

    def make(finish: Callable[..., None]) -> Callable[..., None]:
        def silent(self: join.JoinOperator, decision: Decision, record: TaskRecord) -> None:
            finish(self, decision, record)
            if record.status is TaskStatus.COMPLETED_WITH_ERRORS:
                record.status = TaskStatus.COMPLETED

        return silent

    wrapped(patch, join.JoinOperator, "finish", make)


@rule
def an_exclusive_join_has_no_default(patch: Patch) -> None:
    """It waits for its candidates, and never looks at what it should take else."""

    def make(look: Callable[..., None]) -> Callable[..., None]:
        def without(self: join.ExclusiveJoin, decision: Decision, record: TaskRecord) -> None:
            if self._first(decision, joined_refs(record)) is not None:
                look(self, decision, record)

        return without

    wrapped(patch, join.ExclusiveJoin, "look", make)


@rule
def an_empty_case_takes_the_default(patch: Patch) -> None:
    """A SWITCH whose case is there and empty runs its default."""

    def make(scope_of: Callable[..., Scope | None]) -> Callable[..., Scope | None]:
        def generous(self: switch.SwitchOperator, record: TaskRecord) -> Scope | None:
            scope = scope_of(self, record)
            return scope if scope is not None and scope.nodes else record.node.default

        return generous

    wrapped(patch, switch.SwitchOperator, "_scope", make)


@rule
def a_loop_ends_one_turn_early(patch: Patch) -> None:
    """A loop over a list leaves the last item out."""

    def make(items_of: Callable[..., Any]) -> Any:
        def shorter(*given: Any) -> Any:
            items = items_of(*given)
            return items[:-1] if items and len(items) > 1 else items

        return staticmethod(shorter)

    wrapped(patch, do_while.DoWhile, "_items", make)


@rule
def keep_last_n_keeps_one_more(patch: Patch) -> None:
    """``keepLastN`` deletes an iteration one turn too late."""
    wrapped(
        patch, do_while, "_keep_last", lambda keep: lambda decision, record, number: keep(decision, record, number - 1)
    )


@rule
def a_dynamic_fork_lacks_a_branch(patch: Patch) -> None:
    """The last of the items has no branch."""
    wrapped(patch, dynamic_fork, "_branches", lambda branches: lambda *given: list(branches(*given))[:-1])


@rule
def a_terminate_ends_nothing(patch: Patch) -> None:
    """What stands behind a TERMINATE follows it."""
    patch.setattr(
        variables.TerminateOperator,
        "after",
        lambda _, decision, record: decision.follow(record.node, record.iterations),
    )


@rule
def children_outlive_their_parents(patch: Patch) -> None:
    """The sub-workflow of an attempt that ends before it goes on."""
    patch.setattr(ending, "end_child", lambda *_: None)


@rule
def an_output_has_no_nulls(patch: Patch) -> None:
    """What a workflow's output names and nobody gives is left out."""

    def make(output_of: Callable[..., Any]) -> Callable[..., Any]:
        return lambda decision: {key: value for key, value in output_of(decision).items() if value is not None}

    wrapped(patch, ending, "output_of_run", make)


@rule
def a_timeout_of_the_run_is_one_of_the_task(patch: Patch) -> None:
    """The policy TIME_OUT_WF does what RETRY does."""

    def make(known: Callable[..., Any]) -> Callable[..., Any]:
        return lambda record: [one._replace(policy=TaskTimeoutPolicy.RETRY) for one in known(record)]

    for module in (deadlines, timeouts):
        wrapped(patch, module, "deadlines", make)


@rule
def a_variable_is_set_once(patch: Patch) -> None:
    """A SET_VARIABLE of a variable that has a value changes nothing."""

    def begin(_: variables.SetVariable, decision: Decision, record: TaskRecord) -> None:
        decision.run.variables = {**record.input, **{k: v for k, v in decision.run.variables.items() if v is not None}}
        decision.run.variables_bytes = None
        decision.end(record, TaskStatus.COMPLETED)

    patch.setattr(variables.SetVariable, "begin", begin)


@rule
def a_late_result_counts(patch: Patch) -> None:
    """The result of an attempt that has ended is taken."""

    def live(decision: Decision, seq: int) -> TaskRecord | None:
        return next((r for r in decision.state.newest.values() if r.seq == seq), None)

    patch.setattr(Decision, "live", live)


@rule
def a_join_does_not_ask_its_script(patch: Patch) -> None:
    """One with a script waits for all, as one without."""
    patch.setattr(join, "_script_of", lambda _: "")


@rule
def an_answer_is_never_enough(patch: Patch) -> None:
    """HTTP_POLL asks again whatever the condition says."""
    patch.setattr(http_poll, "_is_truthy", lambda _: False)


@rule
def an_output_is_kept_for_ever(patch: Patch) -> None:
    """What was kept is used again after its time."""
    patch.setattr(MemoryBackend, "cached", lambda self, key, _: self._tables.cached.get(key))


@rule
def a_key_is_free_at_once(patch: Patch) -> None:
    """A start takes an idempotency key from a run that goes on."""

    def make(holder: Callable[..., Any]) -> Callable[..., Any]:
        def ended(self: StartKeys, name: str, key: str) -> Any:
            found = holder(self, name, key)
            return found and found._replace(has_ended=True)

        return ended

    wrapped(patch, StartKeys, "_holder", make)


@rule
def a_run_needs_no_room(patch: Patch) -> None:
    """``rateLimitConfig`` lets every run begin."""
    patch.setattr(admission, "_limit_of", lambda _: None)


@rule
def runs_of_a_schedule_overlap(patch: Patch) -> None:
    """A schedule knows none of its runs that have not ended."""
    patch.setattr(ScheduleDesk, "_looked_at", lambda _, record: evolve(record, runs=()))


@rule
def a_moment_is_lost(patch: Patch) -> None:
    """Of several moments that are due a schedule deals with the last."""

    def make(due: Callable[..., Any]) -> Callable[..., Any]:
        def last(*given: Any) -> Any:
            found = due(*given)
            return found._replace(moments=found.moments[-1:])

        return last

    wrapped(patch, schedule_desk, "due_moments", make)
