"""What Conductor still runs but nobody should write anew: DECISION, LAMBDA, the first form of dynamic forks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import attrs

from podium.dsl.arguments import checked_arguments
from podium.dsl.dynamic_forks import TASKS, DynamicFork
from podium.dsl.expressions import Script
from podium.dsl.forks import JoinChoice
from podium.dsl.refs import Ref, refuse
from podium.dsl.returned_types import ANYTHING, T
from podium.dsl.steps import Step
from podium.dsl.structures import Steps
from podium.dsl.switches import Switch
from podium.model.definitions import WorkflowTask
from podium.model.statuses import TaskType
from podium.typed.authored import Authored

if TYPE_CHECKING:
    from podium.dsl.context import CompileContext


class LegacySwitch(Switch):
    """A choice between cases in the form before SWITCH; used as `podium.dsl.switch` is."""

    @staticmethod
    def check_value(name: str, value: object) -> None:
        """Take any text too: paths of ``schemaVersion`` 1 stand without ``${}``."""
        if not isinstance(value, str):
            Switch.check_value(name, value)

    def compile(self, build: CompileContext) -> tuple[WorkflowTask, ...]:
        """Return the DECISION."""
        if any(len(group) > 1 for group in self._groups.values()):
            refuse(f"a case of decision {self.reference_name!r} has one value", code="V1")
        (task,) = super().compile(build)
        is_script = isinstance(self.value, Script)
        changed = attrs.evolve(
            task,
            type=TaskType.DECISION.value,
            evaluator_type=None,
            expression=None,
            case_expression=task.expression if is_script else None,
            case_value_param=None if is_script else task.expression,
        )
        return (self.with_options(changed),)


@checked_arguments
def decision(
    name: str,
    value: object,
    cases: Mapping[Any, Steps] | None = None,
    *,
    otherwise: Steps | None = None,
    input_name: str = "case",
) -> LegacySwitch:
    """
    Choose between cases as old definitions do (DECISION); write `podium.dsl.switch` in new ones.

    Run by: Podium, Conductor.

    Args:
        name: The reference name.
        value: A parameter or output to compare, or ``js("...")`` that gives the case; a plain text is a path as
            definitions of ``schemaVersion`` 1 have it.
        cases: Case to steps, when it is not used as a block.
        otherwise: The steps when no case fits.
        input_name: What a compared reference is called among the step's inputs.

    Raises:
        AuthoringError: P1, *value* is something else; S2, a case is given twice.
    """
    if not isinstance(value, Script | str | Ref):
        refuse(f"decision {name!r} takes a reference or js(...), not {value!r:.60}")
    made = LegacySwitch(name, value, input_name)
    made.fill(cases or {}, otherwise)
    return made


@checked_arguments
def lambda_(name: str, script: str | Script, /, *, returns: type[T] = ANYTHING, **inputs: object) -> Step[T]:
    """
    Compute something as old definitions do (LAMBDA); write `podium.dsl.inline` in new ones.

    Run by: Podium, Conductor.

    Args:
        name: The reference name.
        script: The body of a JavaScript function: it needs ``return``, and reads its inputs as ``$.name``.
        returns: The type of the result.
        inputs: What the script reads.

    Raises:
        AuthoringError: P1, the script is something else.
    """
    if not isinstance(script, str | Script):
        refuse(f"lambda_ {name!r} takes a script, not {script!r:.60}")
    text, own = (script, {}) if isinstance(script, str) else (script.text, script.inputs)
    given: dict[str, Authored] = {**own, **inputs, "scriptExpression": text}
    return Step(name, type=TaskType.LAMBDA.value, inputs=given, returns=returns, keys=("output", "result"))


@checked_arguments
def dynamic_fork(
    name: str,
    tasks: object,
    /,
    *,
    tasks_name: str = TASKS,
    join: JoinChoice = None,
    **others: object,
) -> DynamicFork:
    """
    Run computed tasks as the oldest definitions do (FORK_JOIN_DYNAMIC); write `podium.dsl.dynamic_fork` in new ones.

    Run by: Podium, Conductor.

    Args:
        name: The reference name; the JOIN is ``<name>_join``.
        tasks: A reference to ``{"dynamicTasks": [{"taskName": …, "referenceName": …, "input": {…}, "type": …}]}``, or
            such a map.
        tasks_name: What it is called among the step's inputs.
        join: Another name for the JOIN, a ``join(...)`` with options, or False for none.
        others: Further inputs.

    Raises:
        AuthoringError: P1, *tasks* is something else.
    """
    if not isinstance(tasks, Ref | Mapping):
        refuse(f"dynamic_fork {name!r} takes a map with 'dynamicTasks', not {tasks!r:.60}")
    fields = {"dynamic_fork_join_tasks_param": tasks_name}
    return DynamicFork(name, {tasks_name: tasks, **others}, fields, join=join)
