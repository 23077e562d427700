"""
Findings as SARIF 2.1.0, which code hosts and editors show beside the lines.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path, PurePath
from urllib.parse import quote

from podium.checks.codes import CODES
from podium.cli.checks.findings import LocatedProblem
from podium.model.values import JsonObject, JsonValue

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def sarif(
    findings: Sequence[LocatedProblem], *, version: str, failures: Sequence[str], folder: Path
) -> dict[str, JsonValue]:
    """
    Return a SARIF log of one run.

    Args:
        findings: The problems.
        version: Podium's version.
        failures: What could not be looked at, and why.
        folder: The working directory: files below it are named from there.
    """
    codes = list(CODES)
    driver: JsonObject = {"name": "podium", "version": version, "rules": [_rule(code) for code in codes]}
    invocation: dict[str, JsonValue] = {"executionSuccessful": not failures}
    if failures:
        invocation["toolExecutionNotifications"] = [
            {"level": "error", "message": {"text": failure}} for failure in failures
        ]
    run: JsonObject = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "invocations": [invocation],
        "results": [_result(each, codes, folder) for each in findings],
    }
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(code: str) -> dict[str, JsonValue]:
    return {"id": code, "shortDescription": {"text": CODES[code]}}


def _result(finding: LocatedProblem, codes: Sequence[str], folder: Path) -> dict[str, JsonValue]:
    problem = finding.problem
    text = problem.message if problem.hint is None else f"{problem.message}; {problem.hint}"
    result: dict[str, JsonValue] = {
        "ruleId": problem.code,
        "ruleIndex": codes.index(problem.code),
        "level": problem.severity,
        "message": {"text": text},
        "locations": [_location(finding, folder)],
    }
    return result


def _location(finding: LocatedProblem, folder: Path) -> dict[str, JsonValue]:
    location: dict[str, JsonValue] = {}
    if finding.file is not None:
        physical: dict[str, JsonValue] = {"artifactLocation": {"uri": uri_of(finding.file, folder)}}
        position = finding.position
        if position is not None:
            line, column = position
            physical["region"] = {"startLine": line} | ({"startColumn": column} if column > 1 else {})
        location["physicalLocation"] = physical
    name = finding.source.name
    where = f"{name} {finding.problem.path}".strip()
    location["logicalLocations"] = [{"fullyQualifiedName": where}]
    return location


def uri_of(file: str, folder: Path) -> str:
    """
    Return a file's URI: from the folder if the file is below it, else from the root.

    Example:
        >>> uri_of("flows/my order.json", Path.cwd())
        'flows/my%20order.json'
    """
    path = Path(file) if Path(file).is_absolute() else folder / file
    try:
        relative: PurePath = path.resolve().relative_to(folder.resolve())
    except ValueError:
        return path.resolve().as_uri()
    return quote(relative.as_posix())
