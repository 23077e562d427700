"""What Conductor still runs but nobody should write anew: DECISION, the older form of SWITCH."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import attrs

from podium.dsl.expressions import Script
from podium.dsl.refs import Ref, refuse
from podium.dsl.structures import Steps
from podium.dsl.switch import Switch
from podium.model.definitions import WorkflowTask
from podium.model.statuses import TaskType

if TYPE_CHECKING:
    from podium.dsl.building import Build


class Decision(Switch):
    """A choice between cases in the form before SWITCH; used as `podium.dsl.switch` is."""

    @staticmethod
    def check_value(name: str, value: object) -> None:
        """Take any text too: paths of ``schemaVersion`` 1 stand without ``${}``."""
        if not isinstance(value, str):
            Switch.check_value(name, value)

    def compile(self, build: Build) -> tuple[WorkflowTask, ...]:
        """Give the DECISION."""
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


def decision(
    name: str,
    value: object,
    cases: Mapping[Any, Steps] | None = None,
    *,
    otherwise: Steps | None = None,
    input_name: str = "case",
) -> Decision:
    """
    Choose between cases as old definitions do (DECISION); write `podium.dsl.switch` in new ones.

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
    made = Decision(name, value, input_name)
    made.fill(cases or {}, otherwise)
    return made
