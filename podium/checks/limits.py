"""
Sizes: V2, what is larger than Conductor allows.

Conductor: ``ConductorProperties.java`` for payloads, and the columns of its databases: names have 255 characters in
both, a definition in MySQL the 16 MB of a ``MEDIUMTEXT``.
"""

from __future__ import annotations

import json

from podium.checks.layout import TaskPosition
from podium.checks.report import ProblemCollector, Severity
from podium.model import codec
from podium.model.statuses import TaskType
from podium.model.values import JsonValue

_KB = 1024
_OUTSIDE = "keep large values outside, and pass their place"
_VARIABLES_KB = 256
_TASK_KB = 3072
_WORKFLOW_KB = 5120
_PAYLOAD_KB = 10240
#: Longest text of MySQL's MEDIUMTEXT, in bytes.
_DEFINITION_BYTES = 2**24 - 1
_NAME_CHARS = 255
#: The key of an attempt is the reference name, perhaps with ``__<iteration>``, and the number of the attempt.
_REFERENCE_CHARS = 240
#: A text shorter than this cannot make anything too large.
_SMALL_CHARS = 1000


def check_limits(report: ProblemCollector) -> None:
    """Measure what has a limit."""
    definition = report.layout.definition
    _check_name(report, None, "name", definition.name, _NAME_CHARS)
    total = 0
    for spot in report.layout.spots:
        _check_name(report, spot, "name", spot.task.name, _NAME_CHARS)
        _check_name(report, spot, "taskReferenceName", spot.name, _REFERENCE_CHARS)
        size = _size(spot.task.input_parameters)
        total += size
        if spot.task.type == TaskType.SET_VARIABLE and size > _VARIABLES_KB * _KB:
            message = f"{spot.name!r} sets more than the {_VARIABLES_KB} KB that variables may have"
            report.add(spot, "V2", message, at="inputParameters", hint=_OUTSIDE)
        else:
            _check_payload(report, spot, "inputParameters", size, _TASK_KB)
    if _size(definition.variables) > _VARIABLES_KB * _KB:
        message = f"the variables have more than {_VARIABLES_KB} KB: no step may set one"
        report.add(None, "V2", message, at="variables", hint=_OUTSIDE)
    for at, value in (("inputTemplate", definition.input_template), ("outputParameters", definition.output_parameters)):
        size = _size(value)
        total += size
        _check_payload(report, None, at, size, _WORKFLOW_KB)
    # Only what may be too large is written out to be measured: names and scripts are the smaller part.
    if total * 2 + len(report.layout.spots) * _SMALL_CHARS > _DEFINITION_BYTES and not report.prefix:
        _check_whole(report)


def _check_whole(report: ProblemCollector) -> None:
    size = len(codec.to_json(report.layout.definition).encode())
    if size > _DEFINITION_BYTES:
        message = f"the definition has {size // 2**20} MB; Conductor on MySQL keeps at most 16"
        report.add(None, "V2", message, hint="move parts of it into workflows of their own")


def _check_name(report: ProblemCollector, spot: TaskPosition | None, at: str, name: str, limit: int) -> None:
    if len(name) > limit:
        message = f"{name[:20]!r}… has {len(name)} characters; Conductor's databases take at most {limit}"
        report.add(spot, "V2", message, at=at, hint="choose a shorter name")


def _check_payload(report: ProblemCollector, spot: TaskPosition | None, at: str, size: int, stored_kb: int) -> None:
    if size > _PAYLOAD_KB * _KB:
        message = f"{at} has {size // _KB} KB; Conductor takes at most {_PAYLOAD_KB}"
    elif size > stored_kb * _KB:
        message = f"{at} has {size // _KB} KB; above {stored_kb}, Conductor needs an external storage"
    else:
        return
    severity: Severity = "error" if size > _PAYLOAD_KB * _KB else "warning"
    report.add(spot, "V2", message, at=at, severity=severity, hint=_OUTSIDE)


def _size(value: JsonValue) -> int:
    """Return the bytes of a value's JSON, 0 if they are surely few."""
    return len(json.dumps(value, ensure_ascii=False).encode()) if _texts(value) > _SMALL_CHARS else 0


def _texts(value: JsonValue) -> int:
    """Return about as many characters as a value has."""
    if isinstance(value, str):
        return len(value)
    if isinstance(value, dict):
        return sum(len(key) + 2 + _texts(item) for key, item in value.items())
    if isinstance(value, list | tuple):
        return sum(2 + _texts(item) for item in value)
    return 5
