"""What the tasks give that need nobody: scripts, queries, and those that only pass on what they are told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from podium.expressions import javascript, jq
from podium.expressions.python_script import PythonScripts
from podium.model.definitions import WorkflowTask
from podium.testing.reference.filling import is_unknown, known
from podium.testing.reference.steps import UNKNOWN, ExternalResult

#: Types that are done at once, and need nobody.
_SCRIPTS = frozenset({"INLINE", "LAMBDA", "JSON_JQ_TRANSFORM"})

#: Starts its process at the first script.
_python = PythonScripts(processes=1)


def computed(kind: str, task: WorkflowTask, given: Mapping[str, Any]) -> ExternalResult | None:
    """Return how each attempt of a task ends that needs nobody; None if somebody else decides."""
    if kind in {"NOOP", "SET_VARIABLE"}:
        return ExternalResult("COMPLETED", {})
    if kind == "START_WORKFLOW":
        return ExternalResult("COMPLETED", {"workflowId": UNKNOWN})
    if kind == "EVENT" and str(task.sink).startswith("conductor") and not task.async_complete:
        return ExternalResult("COMPLETED", UNKNOWN)
    if kind not in _SCRIPTS:
        return None
    try:
        # Whether a script fails is taken to be the same for all values that race.
        result = _result(kind, known(given))
        return ExternalResult("COMPLETED", UNKNOWN if is_unknown(given) else result)
    except (javascript.ScriptError, jq.JqError):
        return ExternalResult("FAILED_WITH_TERMINAL_ERROR" if kind == "INLINE" else "FAILED", {"error": UNKNOWN})


def _result(kind: str, given: dict[str, Any]) -> dict[str, Any]:
    if kind == "JSON_JQ_TRANSFORM":
        first, every = jq.transform(given["queryExpression"], given)
        return {"result": first, "resultList": every}
    if kind == "LAMBDA":
        return {"result": evaluated(f"(function(){{{given['scriptExpression']}\n}})()", given)}
    if given.get("evaluatorType") == "value-param":
        return {"result": given.get(given["expression"])}
    return {"result": evaluated(given["expression"], given, given.get("evaluatorType"))}


def evaluated(script: str, given: Mapping[str, Any], language: str | None = None) -> Any:
    """Return what a script gives that knows a map: as ``$`` in JavaScript, in Python by the names in it."""
    if language == "python":
        return _python.evaluate(script, dict(given))
    return javascript.evaluate(script, dict(given))


def polled(given: Any, answer: ExternalResult) -> ExternalResult:
    """Return how a request ends that is sent until its condition holds for an answer; only the last one is known."""
    if answer.status not in {"COMPLETED", "FAILED"} or not answer.output:
        return answer  # what fails has no output
    try:
        verdict = evaluated(given["http_request"]["terminationCondition"], {"output": answer.output})
    except javascript.ScriptError:
        return answer._replace(status="FAILED_WITH_TERMINAL_ERROR")
    is_number = isinstance(verdict, int | float) and not isinstance(verdict, bool)
    holds = verdict > 0 if is_number else isinstance(verdict, list | dict) or bool(verdict)
    return answer._replace(status="COMPLETED" if holds else "FAILED")
