"""
DO_WHILE: a body runs again while a condition holds, or once per item of a list.

Conductor: ``DoWhile.java``. Loops nest here: an inner task's reference name carries one suffix per loop, outermost
first (``ref__2__1``). An iteration is complete when none of its tasks is pending; the count of those tells it, no
search.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from functools import lru_cache

from podium.engine.decision import Decision
from podium.engine.loops import keep_broken
from podium.engine.operators.base import Operator
from podium.engine.plan import Node, inside
from podium.engine.records import TaskRecord
from podium.expressions.evaluators import EvaluatorError, evaluate
from podium.expressions.javascript import ScriptError, truth
from podium.expressions.text import java_text
from podium.model.definitions import WorkflowTask
from podium.model.statuses import TaskStatus, TaskType
from podium.model.values import JsonObject, JsonValue, list_in
from podium.model.walk import is_list_loop


class DoWhile(Operator):
    """DO_WHILE, by condition or by list."""

    is_loop = True
    is_passive = True
    is_silent = True
    is_kept = True
    is_retried = False

    def extras(self, task: WorkflowTask) -> Mapping[str, JsonValue]:
        """Return the list of list mode."""
        return {"items": task.items}

    def enter(self, decision: Decision, node: Node, iterations: tuple[int, ...]) -> None:
        """Lay the loop out; its body begins in its turn."""
        record = decision.create(
            node,
            iterations,
            task_type=TaskType.DO_WHILE,
            status=TaskStatus.IN_PROGRESS,
            inputs=decision.resolve(node, task_id=decision.upcoming_task_id),
        )
        record.output = {"iteration": 0}

    def start(self, decision: Decision, record: TaskRecord) -> None:
        """Begin the first iteration; in list mode only if there is an item."""
        items = self._items(decision, record, record.input)
        body = record.node.body
        if items == [] or body is None or not body.nodes:
            decision.end(record, TaskStatus.COMPLETED, {"iteration": 0})
        else:
            self._iterate(decision, record, 1, items)

    def notice(self, decision: Decision, record: TaskRecord) -> None:
        """An iteration may be complete, or broken by a permissive failure: look in the next turn."""
        decision.agenda.turn(record, "look")

    def look(self, decision: Decision, record: TaskRecord) -> None:
        """Go on if the iteration is complete."""
        failed = self._failed(decision, record)
        if failed is not None:
            keep_broken(record, decision.state, decision.agenda.seen_below, decision.output_of, failed=failed)
            decision.end(record, TaskStatus.FAILED, reason=f"{java_text(failed.reason)} ")
        elif self._is_begun(decision, record) and not decision.state.inside.get(record.ref):
            self._after_iteration(decision, record)  # else it has been taken up in this turn already

    def resume(self, decision: Decision, record: TaskRecord) -> None:
        """Take an iteration up that was interrupted by the run's end; its body is taken up by itself."""
        record.is_broken = False
        if not record.output["iteration"]:
            self.start(decision, record)  # the run ended before the loop had begun
            return
        record.output.pop(str(record.output["iteration"]), None)
        if decision.state.inside.get(record.ref):
            return
        body = record.node.body
        if body is not None and not self._is_begun(decision, record):
            # The run ended before the iteration had begun.
            decision.enter_scope(body, (*record.iterations, record.shown_iteration))
        else:
            self._after_iteration(decision, record)

    @staticmethod
    def _is_begun(decision: Decision, record: TaskRecord) -> bool:
        body = record.node.body
        first = body.first if body is not None else None
        iterations = (*record.iterations, record.shown_iteration)
        return first is None or first.ref_in(iterations) in decision.state.by_ref

    def set_back(self, decision: Decision, record: TaskRecord, number: int) -> None:
        """Be in an earlier iteration; what came after it is gone."""
        if number == record.shown_iteration:
            return
        record.is_broken = False
        record.output = {"iteration": number}
        items = self._items(decision, record, record.input)
        if items is not None and number <= len(items):
            record.output |= {"loopIndex": number - 1, "loopItem": items[number - 1]}

    def _after_iteration(self, decision: Decision, record: TaskRecord) -> None:
        number = record.shown_iteration
        inputs = decision.resolve(record.node, task_id=record.task_id)  # the record keeps those that it began with
        items = self._items(decision, record, inputs)
        try:
            goes_on = self._condition(decision, record, inputs, in_list=items is not None)
        except (EvaluatorError, ScriptError) as error:
            reason = f"Unable to evaluate condition {java_text(record.node.task.loop_condition)}, exception {error}"
            decision.end(record, TaskStatus.FAILED_WITH_TERMINAL_ERROR, reason=reason)
            return
        _keep_last(decision, record, number)
        if goes_on and (items is None or number < len(items)):
            self._iterate(decision, record, number + 1, items)
        else:
            decision.end(record, TaskStatus.COMPLETED)

    @staticmethod
    def _iterate(decision: Decision, record: TaskRecord, number: int, items: list[JsonValue] | None) -> None:
        node = record.node
        if number > 1:
            decision.state.forget_iteration(node, (*record.iterations, number - 1))
        record.output = {"iteration": number}
        if items is not None:
            record.output |= {"loopIndex": number - 1, "loopItem": items[number - 1]}
        record.updated_at = decision.context.now
        decision.state.touch(record)
        if node.body is not None:
            decision.enter_scope(node.body, (*record.iterations, number))

    @staticmethod
    def _items(decision: Decision, record: TaskRecord, inputs: JsonObject) -> list[JsonValue] | None:
        """Return the list of list mode; None in condition mode."""
        task = record.node.task
        if not is_list_loop(task):
            return None
        has_field = task.items is not None and task.items.strip()
        value = decision.resolve_extras(record.node)["items"] if has_field else None
        if value is None:
            value = inputs.get("_items")
        if value is None:
            return []
        return list(value) if isinstance(value, list) else [value]

    @staticmethod
    def _condition(decision: Decision, record: TaskRecord, inputs: JsonObject, *, in_list: bool) -> bool:
        """Return whether the condition lets the loop go on; over a list a blank one always does."""
        condition = record.node.task.loop_condition
        if condition is None or not condition.strip():
            return in_list
        scripts = decision.context.scripts
        bindings = _bindings(decision, record, inputs, condition)
        language = "python" if record.node.task.evaluator_type == "python" else "javascript"
        return truth(evaluate(language, condition, bindings, scripts=scripts))

    @staticmethod
    def _failed(decision: Decision, record: TaskRecord) -> TaskRecord | None:
        """Return the first attempt of the iteration that failed, permissively, else the run had ended."""
        if not decision.run.permissive:
            return None
        suffix = f"{record.suffix}__{record.output['iteration']}"
        failed = (f"{ref}{suffix}" for ref in record.node.body_refs if f"{ref}{suffix}" in decision.run.permissive)
        return min((decision.state.by_ref[ref] for ref in failed), key=lambda one: one.seq, default=None)


def _bindings(decision: Decision, record: TaskRecord, inputs: JsonObject, condition: str) -> Mapping[str, JsonValue]:
    """
    Return what ``$`` is in a loop's condition: the inputs, the loop's own output, the newest output of each body task.

    Only what the condition names is handed over, unless it uses ``$`` as a whole: a wide body would cost more than the
    condition.
    """
    node = record.node
    reads_past, names = _read_by(condition, node.ref, tuple(node.body_refs))
    bindings: dict[str, JsonValue] = dict(inputs)
    bindings[node.ref] = decision.output_of(record) if reads_past else record.output
    for ref in names:
        body = decision.state.newest.get(ref)
        if body is not None:
            bindings[ref] = decision.output_of(body)
    for name in ("loopIndex", "loopItem"):
        if name in record.output:
            bindings[name] = record.output[name]
    return bindings


@lru_cache(maxsize=1024)
def _read_by(condition: str, ref: str, body_refs: tuple[str, ...]) -> tuple[bool, tuple[str, ...]]:
    """Return whether a condition reads what its loop's iterations gave, and which tasks of the body it names."""
    names_all = re.search(r"\$(?!\s*(?:\.|\[\s*['\"]))", condition) is not None
    names = (one for one in body_refs if names_all or re.search(rf"(?<!\w){re.escape(one)}(?!\w)", condition))
    return names_all or _looks_back(condition, ref), tuple(names)


def _looks_back(condition: str, ref: str) -> bool:
    """Return whether a condition reads more of its loop's output than the counters."""
    name = re.escape(ref)
    uses = len(re.findall(rf"\b{name}\b", condition))
    counters = r"(?:iteration|loopIndex|loopItem)"
    light = rf"\b{name}\b['\"]?\]?(?:\.{counters}\b|\[\s*['\"]{counters}['\"]\s*\])"
    return uses != len(re.findall(light, condition))


def _keep_last(decision: Decision, record: TaskRecord, number: int) -> None:
    """Delete the attempts of the iteration that ``keepLastN`` does not cover any more, now that one has ended."""
    keep = record.node.task.input_parameters.get("keepLastN")
    if not isinstance(keep, int) or isinstance(keep, bool) or keep < 1 or number <= keep:
        return
    for old in _attempts_of(decision, record.node.body_refs, (*record.iterations, number - keep), record.seq):
        decision.state.delete(old)


def _attempts_of(
    decision: Decision, refs: Collection[str], iterations: tuple[int, ...], after: int
) -> list[TaskRecord]:
    """Return the attempts of some places in an iteration, and those of the branches that dynamic forks made in it."""
    depth = len(iterations)
    found = [r for r in decision.context.history(decision.state, refs, after) if r.iterations[:depth] == iterations]
    forks = [r for r in found if r.node.traits.makes_branches]
    made = {str(ref) for fork in forks for ref in list_in(fork.input, "forkedTasks")}
    inner = {place.ref for ref in made for place in inside(decision.state.node(ref).scope)}
    return found + _attempts_of(decision, sorted(inner), iterations, after) if inner else found
