"""
A task's input: its own parameters over those of its definition.

Conductor: the three steps of `ParametersUtils.getTaskInputV2` with a `TaskDef.inputTemplate`.
"""

from __future__ import annotations

import attrs

from podium.expressions.document import Document
from podium.expressions.template import Environment, TaskId, Template, compile_template
from podium.model.values import JsonObject, JsonValue


@attrs.frozen
class InputPlan:
    """A task's input, compiled."""

    _template: Template[dict[str, JsonValue]]
    #: The definition's parameters, as written: what a key falls back to if it resolves to null.
    _fallbacks: JsonObject

    def resolve(self, document: Document, *, environment: Environment, task_id: TaskId) -> dict[str, JsonValue]:
        """
        Fill the input in.

        A top-level key that resolves to None gets the definition's value **as written**: references in that are not
        filled, as in Conductor.

        Args:
            document: What paths are looked up in.
            environment: The values of ``${workflow.env.NAME}``.
            task_id: The value of ``${CPEWF_TASK_ID}``, or what gives it; None leaves that text as it is.

        Returns:
            A new dictionary; the values in it may be shared with the definition and the document.
        """
        resolved = self._template.resolve(document, environment=environment, task_id=task_id)
        if resolved is self._template.source:
            resolved = resolved.copy()
        for key, fallback in self._fallbacks.items():
            if resolved.get(key) is None:
                resolved[key] = fallback
        return resolved


def compile_inputs(input_parameters: JsonObject | None, input_template: JsonObject | None = None) -> InputPlan:
    """
    Compile a task's input.

    Args:
        input_parameters: What the workflow gives the task.
        input_template: What the task's definition gives where the workflow gives nothing or null; by top-level key.
            None where it is not used (see the reference: several types ignore it on their first attempt).
    """
    merged: dict[str, JsonValue] = dict(input_parameters or {})
    if not input_template:
        return InputPlan(compile_template(merged), _NO_FALLBACKS)
    for key, value in input_template.items():
        if merged.get(key) is None:
            merged[key] = value
    return InputPlan(compile_template(merged), dict(input_template))


#: Shared by all that have none: a plan may have thousands of inputs, and Python's collector walks through all of them.
_NO_FALLBACKS: JsonObject = {}
