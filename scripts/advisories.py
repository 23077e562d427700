"""
Looks for known vulnerabilities of the installed packages: ``python scripts/advisories.py``, a part of ``make check``.

It asks the Python advisory database by pip-audit, where that is installed and the database can be reached; where not,
it says so and fails nothing, for a check must not depend on somebody else's server.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.util import find_spec
from typing import Any

#: Seconds for one question, and for all of them.
_ONE_S, _ALL_S = 10, 180
_COMMAND = (
    *(sys.executable, "-m", "pip_audit", "--local", "--skip-editable", "--format", "json"),
    *("--progress-spinner", "off", "--timeout", str(_ONE_S)),
)


def found_in(report: Mapping[str, Any]) -> Iterator[str]:
    """
    Yield a line for each vulnerability of a report of pip-audit.

    Example:
        >>> one = {"name": "old", "version": "1", "vulns": [{"id": "PYSEC-1", "fix_versions": ["2"]}]}
        >>> list(found_in({"dependencies": [one, {"name": "own", "skip_reason": "editable"}]}))
        ['old 1: PYSEC-1, mended in 2']
    """
    for each in report.get("dependencies", ()):
        for fault in each.get("vulns", ()):
            mended = ", ".join(fault.get("fix_versions") or ()) or "no version yet"
            yield f"{each['name']} {each['version']}: {fault['id']}, mended in {mended}"


def _asked(command: Sequence[str]) -> str:
    """Run pip-audit; gives what it writes. Raises `OSError` with why it could not ask."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_ALL_S)  # noqa: S603  # ours
    except subprocess.TimeoutExpired:
        raise OSError(f"no answer within {_ALL_S} s") from None
    # Its exit code says only whether something was found; that it could not ask, it writes.
    if not done.stdout.lstrip().startswith("{"):
        raise OSError((done.stderr.strip().splitlines() or ["no report"])[-1])
    return done.stdout


def main(ask: Callable[[Sequence[str]], str] = _asked, *, is_there: bool | None = None) -> int:
    """Print what is known against the installed packages; gives 1 if anything is, else 0."""
    if not (find_spec("pip_audit") is not None if is_there is None else is_there):
        # An optional tool: who works without it must not be stopped by its absence.
        print("advisories: not looked at, for pip-audit is not installed (pip install pip-audit)")
        return 0
    try:
        report = json.loads(ask(_COMMAND))
    except (OSError, ValueError) as error:
        print(f"advisories: not looked at, for the database cannot be asked: {error}")
        return 0
    found = list(found_in(report))
    print("\n".join(found) or f"advisories: none for {len(report['dependencies'])} packages")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
