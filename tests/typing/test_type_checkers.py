"""
What mypy and pyright say of code that uses Podium.

``accepted/`` holds files in which neither may find anything, ``refused/`` files in which both must find something in
each line marked ``# expect error: <text>``, with that text in the message (``<text> | <other>``: one of them), and in
no other line.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parent.parent

_MARK = re.compile(r"# expect error: (.+)$")

#: File and line to what a checker says there.
Findings = Mapping[tuple[str, int], str]


@cache
def mypy_findings() -> Findings:
    """Run mypy once over both folders, with the project's settings (strict)."""
    options = ["--no-pretty", "--no-error-summary", "--hide-error-context", "--show-absolute-path"]
    command = [sys.executable, "-m", "mypy", *options, *map(str, _files())]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode in {0, 1}, done.stdout + done.stderr
    pattern = re.compile(r"^(.+?):(\d+): (?:error|note): (.*)$", re.MULTILINE)
    return _gathered((Path(file), int(line), text) for file, line, text in pattern.findall(done.stdout))


@cache
def pyright_findings() -> Findings:
    """Run pyright once over both folders, in its strict mode."""
    command = [sys.executable, "-m", "pyright", "--pythonpath", sys.executable, "--outputjson", "-p", str(HERE)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode in {0, 1}, done.stdout + done.stderr
    found = json.loads(done.stdout)
    assert found["summary"]["filesAnalyzed"] >= len(_files()), found["summary"]
    return _gathered(
        (Path(each["file"]), each["range"]["start"]["line"] + 1, f"{each['message']} [{each.get('rule')}]")
        for each in found["generalDiagnostics"]
    )


#: The rooms that users of Podium import, without what is internal to them.
_PUBLIC = ("podium/dsl/", "podium/typed/", "podium/model/", "podium/client/", "podium/workers/")
_INTERNAL = ("podium/checks/", "podium/decompile/", "podium/diff/")

#: Names whose types are made of declared ones (those of `podium.Client` and of its schedules); ``accepted/clients.py``
#: and ``refused/wrong_clients.py`` hold that both checkers make the same of them.
_DERIVED = tuple(
    f"podium.client.asynchronous.Async{part}."
    for part in ("Audit", "Client", "EventHandlers", "Retention", "Schedules", "Secrets", "Variables")
)


@cache
def incomplete_names() -> Mapping[str, str]:
    """Ask pyright which public names have no type that every checker would see alike, and why."""
    options = ["--verifytypes", "podium", "--ignoreexternal", "--outputjson"]
    command = [sys.executable, "-m", "pyright", "--pythonpath", sys.executable, *options]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    report = json.loads(done.stdout)["typeCompleteness"]
    assert report["pyTypedPath"], "podium has no py.typed"
    return {
        symbol["name"]: each["message"]
        for symbol in report["symbols"]
        for each in symbol.get("diagnostics", ())
        if symbol["isExported"] and not symbol["isTypeKnown"] and _is_cause(each)
        if not symbol["name"].endswith(".__wire_names__")  # for `podium.typed.records` alone
        if not symbol["name"].startswith(_DERIVED)
    }


def _is_cause(diagnostic: Mapping[str, Any]) -> bool:
    """Tell where the lack of a type begins from where it only shows."""
    file = Path(diagnostic.get("file", "/")).as_posix().replace(ROOT.as_posix() + "/", "")
    is_public = file.startswith(_PUBLIC) and not file.startswith(_INTERNAL)
    return is_public and "partially unknown" not in diagnostic["message"].splitlines()[0]


def _gathered(findings: Iterable[tuple[Path, int, str]]) -> Findings:
    gathered: dict[tuple[str, int], str] = {}
    for file, line, text in findings:
        if file.is_relative_to(HERE):  # what they say of Podium itself is not the question here
            place = str(file.relative_to(HERE)), line
            gathered[place] = f"{gathered.get(place, '')}{text}\n"
    return gathered


def _files() -> list[Path]:
    return sorted([*HERE.glob("accepted/*.py"), *HERE.glob("refused/*.py")])


def expected() -> Iterator[tuple[str, int, str]]:
    """Yield file, line and text of each mark."""
    for path in sorted(HERE.glob("refused/*.py")):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if mark := _MARK.search(line):
                yield str(path.relative_to(HERE)), number, mark[1]


CHECKERS = pytest.mark.parametrize("findings", [mypy_findings, pyright_findings], ids=["mypy", "pyright"])


@CHECKERS
def test_accepted_files_please_both_checkers(findings: Callable[[], Findings]) -> None:
    """Correct code that uses the whole of the public face has no complaint, in the strict mode of either checker."""
    complaints = {place: text for place, text in findings().items() if place[0].startswith("accepted")}
    assert complaints == {}


@CHECKERS
def test_marked_lines_are_refused_and_no_others(findings: Callable[[], Findings]) -> None:
    """Each marked mistake is found by either checker in its line, with the word that matters; nothing else is."""
    found = {place: text for place, text in findings().items() if place[0].startswith("refused")}
    marks = {(file, line): text for file, line, text in expected()}
    missed = {place: text for place, text in marks.items() if place not in found}
    unmarked = {place: text for place, text in found.items() if place not in marks}
    off_the_point = {
        place: (text, found[place])
        for place, text in marks.items()
        if place in found and not any(word.strip() in found[place] for word in text.split(" | "))
    }
    assert (missed, unmarked, off_the_point) == ({}, {}, {})


def test_public_names_have_declared_types() -> None:
    """No public name leaves its type to what a checker makes of it."""
    assert incomplete_names() == {}


def test_there_is_enough_to_find() -> None:
    """The marks are read, and every file of the refused folder has some."""
    marks = list(expected())
    assert {file for file, *_ in marks} == {str(path.relative_to(HERE)) for path in HERE.glob("refused/*.py")}
    assert len(marks) > 80
