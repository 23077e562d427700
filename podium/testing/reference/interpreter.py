"""
The interpreter: each kind of task is one method that makes its step and gives where the flow goes on.

A list goes on with the next task when the one before has ended well, or badly and nobody minds; else it stands still.
That is all there is to it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from itertools import chain, repeat
from typing import Any, NamedTuple

from podium.expressions.javascript import ScriptError
from podium.expressions.text import java_text
from podium.model.definitions import TaskDef, WorkflowDef, WorkflowTask
from podium.model.walk import walk
from podium.testing.reference.branches import branches_of, with_definitions
from podium.testing.reference.filling import certain
from podium.testing.reference.joins import verdict_of
from podium.testing.reference.leaves import computed, evaluated, polled
from podium.testing.reference.loops import goes_on, items_of
from podium.testing.reference.memory import ReferenceMemory
from podium.testing.reference.steps import UNKNOWN, End, ExternalResult, ReferenceStep, ReferenceWorld, Undetermined
from podium.testing.reference.story import Story

#: Types that are never tried again by themselves.
_ONCE = frozenset({"DECISION", "SWITCH", "FORK_JOIN", "FORK_JOIN_DYNAMIC", "JOIN", "EXCLUSIVE_JOIN", "DO_WHILE"})
#: Types that a DYNAMIC task reaches by their name.
_NAMED = frozenset({"INLINE", "LAMBDA", "JSON_JQ_TRANSFORM", "SET_VARIABLE", "NOOP", "EVENT", "WAIT", "HUMAN"})
#: The run that a bad end of a task makes; FAILED for the others.
_RUN_STATUS = {"CANCELED": "TERMINATED", "TIMED_OUT": "TIMED_OUT"}


class _At(NamedTuple):
    """Where a flow stands."""

    #: What has just ended.
    after: tuple[ReferenceStep, ...]
    iterations: tuple[int, ...] = ()
    loops: tuple[ReferenceStep, ...] = ()

    def name(self, ref: str) -> str:
        """Return the full reference name of a place in these iterations."""
        return ref + "".join(f"__{number}" for number in self.iterations)


class _Fork(NamedTuple):
    """A fork that waits for its JOIN."""

    step: ReferenceStep
    branches: Sequence[Sequence[WorkflowTask]]
    is_dynamic: bool


def interpret(definition: WorkflowDef, world: ReferenceWorld) -> Story:
    """
    Tell what a run of a definition does.

    Args:
        definition: With the task definitions of its tasks.
        world: How the tasks end that others do.

    Raises:
        Undetermined: What runs next depends on which of two branches is faster.
    """
    interpreter = _Interpreter(definition, world)
    interpreter.story.is_through = interpreter.run_list(definition.tasks, _At(())) is not None
    return interpreter.story


class _Interpreter:
    def __init__(self, definition: WorkflowDef, world: ReferenceWorld) -> None:
        self._memory = ReferenceMemory(definition.tasks, world.run_input, world.variables)
        self.story = Story(self._memory)
        self._world = world
        self._has_forked = False
        self._runs: dict[str, Callable[[WorkflowTask, _At], _At | None]] = {
            "SWITCH": self._switch,
            "DECISION": self._decision,
            "DO_WHILE": self._loop,
            "EXCLUSIVE_JOIN": self._exclusive_join,
            "TERMINATE": self._terminate,
        }

    def run_list(self, tasks: Iterable[WorkflowTask], at: _At) -> _At | None:
        """Run a list; gives where it ends, or None if it stands still."""
        now: _At | None = at
        fork: _Fork | None = None
        for task in tasks:
            if now is None:
                return None
            skipped = self._world.skipped(now.name(task.task_reference_name))
            if skipped is not None:
                self._step(task, now, {}, status=skipped.status, output=skipped.output)
            elif task.type == "FORK_JOIN":
                fork, now = self._fork(task, now)
            elif task.type == "FORK_JOIN_DYNAMIC":
                fork, now = self._dynamic_fork(task, now)
            elif task.type == "JOIN":
                now, fork = self._join(task, now, fork), None
            else:
                now = self._runs.get(task.type, self._leaf)(task, now)
        return now

    def _step(self, task: WorkflowTask, at: _At, given: Any, **fields: Any) -> ReferenceStep:
        ref = task.task_reference_name
        step = ReferenceStep(at.name(ref), ref, task, given, at.after, at.loops, **fields)
        self.story.steps[step.ref] = self._memory.newest[ref] = step
        return step

    def _settled(self, step: ReferenceStep, at: _At) -> _At | None:
        """Go on behind a step that has ended, if it ended well or nobody minds."""
        if not step.is_good:
            if step.task.optional:
                step.status = "COMPLETED_WITH_ERRORS"
            elif step.task.permissive:
                self.story.permissive.append(step)
            else:
                self._end(_RUN_STATUS.get(str(step.status), "FAILED"), step)
                return None
        return at._replace(after=(step,))

    def _end(self, status: str, *after: ReferenceStep, output: Any = None) -> None:
        self.story.ends.append(End(status, after, output))

    # -- leaves ------------------------------------------------------------------------------------------------------

    def _leaf(self, task: WorkflowTask, at: _At) -> _At | None:
        """Run a task that holds no others: once, and again while it fails and may be tried again."""
        given = {} if task.type == "NOOP" else self._memory.given(task)
        kind = task.type
        if kind == "DYNAMIC":
            name = certain(given.get(task.dynamic_task_name_param))
            if not isinstance(name, str) or not name:
                self._end("FAILED")
                return None
            kind = name if name in _NAMED else "SIMPLE"
        step = self._step(task, at, {"workflowInput": given} if kind == "SUB_WORKFLOW" else given)
        own = computed(kind, task, given)
        answers: Iterable[ExternalResult]
        if own is not None:
            answers = chain(self._world.timeouts(step.ref), repeat(own))
        elif kind == "HTTP_POLL":
            answers = map(partial(polled, given), self._world.answers(step.ref))
        else:
            answers = self._world.answers(step.ref)
        definition = task.task_definition or TaskDef(retry_count=3 if task.type == "SIMPLE" else 0)
        if not self._try(step, answers, definition):
            return None
        if kind == "SET_VARIABLE":
            self._memory.variables |= given
        return self._settled(step, at)

    def _try(self, step: ReferenceStep, answers: Iterable[ExternalResult], definition: TaskDef) -> bool:
        """Let attempts end until one is the last; False if that has not ended, or has ended the run at once."""
        granted = definition.retry_count if step.task.retry_count is None else step.task.retry_count
        tries = 0
        for answer in answers:
            tries = max(tries + 1, answer.tries)
            step.tries, step.status, step.output = tries, answer.status, answer.output
            if answer.ends_run:
                self._end("TIMED_OUT", step)
                return False
            is_retriable = step.status in {"FAILED", "TIMED_OUT"}
            if is_retriable and self._world.was_retried and definition.total_timeout_seconds:
                raise Undetermined("whether there was time for another attempt")
            may_retry = is_retriable and tries <= granted
            if step.is_good or not may_retry or self._world.was_retried:
                return True
        if tries and definition.total_timeout_seconds:
            self._end(_RUN_STATUS.get(str(step.status), "FAILED"), step)  # if there was no time for another one
            return False
        step.tries, step.status, step.output = tries + 1, None, {}
        return False

    def _terminate(self, task: WorkflowTask, at: _At) -> _At | None:
        given = self._memory.given(task)
        step = self._step(task, at, given)
        status, output = certain(given.get("terminationStatus")), given.get("workflowOutput")
        if status not in {"COMPLETED", "FAILED", "TERMINATED"}:
            step.status = "FAILED"
            return self._settled(step, at)
        step.status = "COMPLETED"
        step.output = output if isinstance(output, dict) else {} if output is None else {"output": output}
        self._end(status, step, output=step.output)
        return None

    # -- choices -----------------------------------------------------------------------------------------------------

    def _switch(self, task: WorkflowTask, at: _At) -> _At | None:
        given = self._memory.given(task)
        step = self._step(task, at, given, status="COMPLETED")
        if task.evaluator_type == "value-param":
            value = given.get(task.expression)
        else:
            try:
                value = evaluated(str(task.expression), certain(given), task.evaluator_type)
            except ScriptError:
                step.status = "FAILED"
                return self._settled(step, at)
        case = java_text(certain(value))
        chosen = task.decision_cases.get(case, task.default_case)
        step.output = {"evaluationResult": [case], "selectedCase": case}
        return self._case(step, {**given, "case": case}, chosen, at)

    def _decision(self, task: WorkflowTask, at: _At) -> _At | None:
        given = self._memory.given(task)
        if task.case_expression:
            try:
                value = evaluated(task.case_expression, certain(given))
            except ScriptError:
                self._end("FAILED")
                return None
        else:
            value = given.get(task.case_value_param)
        case = java_text(certain(value))
        step = self._step(task, at, given, status="COMPLETED", output={"caseOutput": [case]})
        return self._case(step, {"case": case}, task.decision_cases.get(case) or task.default_case, at)

    def _case(
        self, step: ReferenceStep, given: Mapping[str, Any], chosen: Sequence[WorkflowTask], at: _At
    ) -> _At | None:
        step.input = {**given, "hasChildren": "true"} if chosen else given
        return self.run_list(chosen, at._replace(after=(step,)))

    # -- branches ----------------------------------------------------------------------------------------------------

    def _fork(self, task: WorkflowTask, at: _At) -> tuple[_Fork, _At]:
        step = self._step(task, at, self._memory.given(task), status="COMPLETED")
        return self._side_by_side(_Fork(step, task.fork_tasks, is_dynamic=False), at)

    def _side_by_side(self, fork: _Fork, at: _At) -> tuple[_Fork, _At]:
        """Run the branches of a fork, each to its own end; its JOIN comes with it."""
        behind = at._replace(after=(fork.step,))
        for branch in fork.branches:
            self.run_list(branch, behind)
        return fork, behind

    def _dynamic_fork(self, task: WorkflowTask, at: _At) -> tuple[_Fork | None, _At | None]:
        given = certain(self._memory.given(task))
        if not self._has_forked and self._memory.forks_at_once(task.task_reference_name):
            raise Undetermined("its branches are called by whether it is the first fork")
        try:
            made = branches_of(task, given, has_forked=self._has_forked)
        except (LookupError, TypeError, ValueError):
            self._end("FAILED")
            return None, None
        self._has_forked = True
        made = [with_definitions(one, partial(self._world.task_def, at.name(task.task_reference_name))) for one in made]
        names = [one.task_reference_name for one in made]
        step = self._step(task, at, {**given, "forkedTasks": names}, status="COMPLETED")
        behind = at._replace(after=(step,))
        for number, one in enumerate(made):
            self._memory.add_branch(task.task_reference_name, number, one)
            self.run_list((one,), behind)
        return _Fork(step, [(one,) for one in made], is_dynamic=True), behind

    def _join(self, task: WorkflowTask, at: _At, fork: _Fork | None) -> _At | None:
        given: dict[str, Any] = {"joinOn": list(task.join_on)}
        if fork is not None and fork.is_dynamic:
            given = {**task.input_parameters, "joinOn": fork.step.input["forkedTasks"]}
        step = self._step(task, at, given)
        joined = [self._joined(task, at.name(ref)) for ref in given["joinOn"]]
        if task.expression:
            return self._scripted(step, fork, dict(zip(given["joinOn"], joined, strict=True)), at)
        done = [one for one in joined if one is not None and one.status is not None]
        bad = [one for one in done if not one.is_good]
        if len(done) < len(joined) or not all(one.task.permissive for one in bad):
            return None  # what is bad and not permissive has ended the run
        step.output = {one.ref: one.output for one in done if one.output}
        if any(one.output is UNKNOWN and one.task.type == "JOIN" for one in done):
            step.output = UNKNOWN  # which may be nothing, and then has no entry
        lame = [one for one in done if one.status == "COMPLETED_WITH_ERRORS" and one.task.optional]
        step.status = "COMPLETED_WITH_ERRORS" if lame else "COMPLETED"
        if bad:
            step.status = "CANCELED" if all(one.status == "CANCELED" for one in bad) else "FAILED"
        self._close(fork, given["joinOn"])
        now = self._settled(step, at)
        return now and now._replace(after=(step, *done))

    def _scripted(
        self, step: ReferenceStep, fork: _Fork | None, joined: Mapping[str, ReferenceStep | None], at: _At
    ) -> _At | None:
        """Let a JOIN end as its script says."""
        verdict = verdict_of(step.task, self._memory.given(step.task), joined)
        if verdict is None:
            return None
        step.status, step.output, is_early = verdict
        self._close(fork, () if is_early else list(joined))
        now = self._settled(step, at)
        return now and now._replace(after=(step, *(one for one in joined.values() if one is not None and not is_early)))

    def _joined(self, join: WorkflowTask, ref: str) -> ReferenceStep | None:
        """Return the step that a JOIN waits for; what an operator skips is there before the run comes to it."""
        skipped = self._world.skipped(ref)
        early = (
            ReferenceStep(ref, ref, join, {}, status=skipped.status, output=skipped.output)
            if skipped is not None
            else None
        )
        return self.story.steps.get(ref, early)

    def _close(self, fork: _Fork | None, awaited: Sequence[str]) -> None:
        """Note which branches of a fork are over, and which run on."""
        places: list[set[str]] = []
        for branch in fork.branches if fork is not None else ():
            refs = {visit.task.task_reference_name for visit in walk(branch)}
            last = branch[-1] if branch else None
            if last is not None and (last.task_reference_name not in awaited or last.type in {"SWITCH", "DECISION"}):
                self._memory.let_loose(refs)
            else:
                places.append(refs)
        self._memory.join(places)

    def _exclusive_join(self, task: WorkflowTask, at: _At) -> _At | None:
        step = self._step(
            task,
            at,
            {"joinOn": list(task.join_on), "defaultExclusiveJoinTask": list(task.default_exclusive_join_task)},
        )
        candidates = (*map(at.name, task.join_on), *task.default_exclusive_join_task)
        came = [one for ref in candidates if (one := self.story.steps.get(ref)) is not None]
        if not came:
            return None
        chosen = min(came, key=lambda one: one.status == "SKIPPED")  # such a one only where nothing else came
        step.status = chosen.status and ("COMPLETED" if chosen.is_good else "FAILED")
        step.output = chosen.output if chosen.is_good else {}
        return self._settled(step, at) if step.status else None

    # -- loops -------------------------------------------------------------------------------------------------------

    def _loop(self, task: WorkflowTask, at: _At) -> _At | None:
        step = self._step(task, at, self._memory.given(task), output={"iteration": 0})
        places = {visit.task.task_reference_name for visit in walk(task.loop_over)}
        items = items_of(task, self._memory)
        behind = at
        turns: list[list[ReferenceStep]] = []
        is_on = items != [] and bool(task.loop_over)
        while is_on:
            number = len(turns) + 1
            step.output |= {"iteration": number}
            step.output |= {} if items is None else {"loopIndex": number - 1, "loopItem": items[number - 1]}
            known = len(self.story.steps)
            inside = _At(behind.after, (*at.iterations, number), (*at.loops, step))
            end = self.run_list(task.loop_over, inside)
            turns.append(list(self.story.steps.values())[known:])
            mine = [one for one in turns[-1] if one.base_ref in places and one.ref == inside.name(one.base_ref)]
            if any(one in self.story.permissive for one in mine):
                step.status, step.output = "FAILED", UNKNOWN
                return self._settled(step, at)
            if end is None:
                return None
            behind = at._replace(after=end.after)
            step.output[str(number)] = {one.base_ref: one.output for one in mine}
            items = items_of(task, self._memory)
            is_on = goes_on(task, step, self._memory) and (items is None or number < len(items))
            keep = task.input_parameters.get("keepLastN")
            if isinstance(keep, int) and 1 <= keep < number:
                del step.output[str(number - keep)]
                for old in turns[number - keep - 1]:
                    old.is_removed = True
        step.status = "COMPLETED"
        return behind._replace(after=(step, *behind.after))
