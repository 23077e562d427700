"""``diff``: what differs between two versions of a workflow, also as seen by ``git``."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from cli_calls import Podium

ROOT = Path(__file__).parents[2]

#: Another version of ``hello`` in ``flows.py``.
NEWER = """
from podium import task, workflow


@task
def greet(name: str, times: int) -> str:
    return name


@workflow(version=3)
def hello(name: str, loud: str, times: int = 2) -> str:
    asked = greet.as_("welcome")(name, times)
    greet.as_("again")(loud, times)
    return asked.output
"""


@pytest.fixture
def newer(folder: Path) -> str:
    """Return the subject of the other version."""
    (folder / "newer.py").write_text(NEWER, encoding="utf-8")
    return "newer.py:hello"


def test_two_versions_as_text(podium: Podium, newer: str) -> None:
    """From Python and from JSON alike: first the steps, then what it means to runs and to callers."""
    podium("export", "flows.py:hello", "-o", "old.json")
    shown = podium("diff", "old.json", newer)

    assert (shown.exit_code, shown.stderr) == (0, "")
    assert shown.stdout.startswith(
        "hello version 2 -> hello version 3: 1 added, 1 renamed, 3 of the workflow's settings"
    )
    assert "\n  = greet -> welcome [SIMPLE] renamed\n" in shown.stdout
    assert "\n  compatible  runs of version 2 that have begun are not touched" in shown.stdout
    assert "\n  BREAKING    input loud is new and has no default" in shown.stdout
    assert podium("diff", "flows.py:hello", newer).stdout == shown.stdout
    exported = podium("export", newer).stdout_bytes
    assert podium("diff", "old.json", "-", stdin=exported).stdout == shown.stdout


def test_two_versions_as_data_and_as_files(podium: Podium, newer: str) -> None:
    """JSON on the standard output; pictures, text and JSON in files."""
    data = json.loads(podium("diff", "flows.py:hello", newer, "--format", "json").stdout)
    assert data["steps"][0] == {
        "reference": "welcome",
        "oldReference": "greet",
        "change": "RENAMED",
        "type": "SIMPLE",
        "oldPlace": "",
        "newPlace": "",
    }
    assert data["compatibility"]["severity"] == "BREAKING"

    drawn = podium("diff", "flows.py:hello", newer, "-o", "diff.svg", "--direction", "LR", "--theme", "dark")
    assert (drawn.exit_code, drawn.stdout, drawn.stderr) == (0, "", "wrote diff.svg\n")
    assert "status-renamed" in Path("diff.svg").read_text(encoding="utf-8")
    podium("diff", "flows.py:hello", newer, "-o", "diff.json")
    assert json.loads(Path("diff.json").read_text(encoding="utf-8")) == data
    podium("diff", "flows.py:hello", newer, "-o", "diff.txt")
    assert Path("diff.txt").read_text(encoding="utf-8") == podium("diff", "flows.py:hello", newer).stdout


def test_the_exit_code_tells_if_it_is_asked(podium: Podium, newer: str) -> None:
    """As that of ``git diff --exit-code``."""
    assert podium("diff", "flows.py:hello", newer, "--exit-code").exit_code == 1
    assert podium("diff", "flows.py:hello", newer, "--exit-code", "-o", "d.svg").exit_code == 1
    same = podium("diff", "flows.py:hello", "flows.py:hello", "--exit-code")
    assert (same.exit_code, same.stdout) == (0, "hello version 2 -> hello version 2: no difference\n")


def test_registered_versions_are_named_by_their_number(podium: Podium, newer: str) -> None:
    """So a file can be held against what runs; the database is only looked at."""
    podium("run", "flows.py:hello", "-i", "name=x")
    podium("run", newer, "-i", "name=x", "-i", "loud=y")

    expected = podium("diff", "flows.py:hello", newer).stdout
    assert podium("diff", "hello@2", "hello@latest").stdout == expected
    assert podium("diff", "hello@2", newer).stdout == expected
    missing = podium("diff", "hello@1", newer)
    assert (missing.exit_code, missing.stdout) == (2, "")
    assert "version 1 of 'hello' is not registered; there is 2, 3" in missing.stderr
    assert "no workflow 'bye' is registered" in podium("diff", "bye@1", newer).stderr
    assert podium("diff", "hello@2", newer, "--db", "sqlite:///other.db").exit_code == 2
    assert not Path("other.db").exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["flows.py:hello"], "name two workflows"),
        (["-", "-"], "only one of the two"),
        (["flows.py:hello", "nothing.json"], "nothing.json cannot be read"),
        (["flows.py:hello", "flows.py:shop", "-o", "x.bmp"], "x.bmp"),
        (["--textconv", "flows.py", "flows.py"], "takes one file"),
        (["--textconv", "nothing.json"], "nothing.json cannot be read"),
        (["flows.py:hello", "flows.py:shop", "--format", "xml"], "xml"),
    ],
)
def test_what_cannot_be_compared_is_explained(podium: Podium, words: list[str], message: str) -> None:
    """The exit code is 2, with and without ``--exit-code``."""
    result = podium("diff", "--exit-code", *words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr


def test_colours_are_for_terminals(podium: Podium, newer: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Added lines are green, breaking ones red; a file gets none of it."""
    import typer

    shown: list[str] = []
    monkeypatch.setattr(typer, "echo", lambda text="", **_: shown.append(str(text)))
    podium("diff", "flows.py:hello", newer)

    assert any(line.startswith("\x1b[32m  + again") for line in shown)
    assert any(line.startswith("\x1b[31m  BREAKING") for line in shown)


# -- with git ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def git(folder: Path, newer: str) -> Callable[..., str]:
    """Return what calls ``git`` in a repository with two commits of ``order.json``, and another JSON file."""
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    settings = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "PYTHONPATH": str(ROOT), "NO_COLOR": "1"}

    def call(*words: str) -> str:
        done = subprocess.run(
            ["git", *words], cwd=folder, env={**os.environ, **settings}, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    call("init", "--quiet")
    call("config", "user.name", "x")
    call("config", "user.email", "x@example.com")
    (folder / ".gitattributes").write_text("*.json diff=podium\n")
    (folder / "more.json").write_text('{"a": 1}\n')
    return call


def commit(git: Callable[..., str], podium: Podium, subject: str) -> None:
    """Export a workflow to ``order.json`` and commit it."""
    podium("export", subject, "-o", "order.json")
    git("add", ".")
    git("commit", "--quiet", "-m", subject)


def test_git_compares_by_setting(git: Callable[..., str], podium: Podium, newer: str, folder: Path) -> None:
    """The recipe of docs/diff.md: lines of steps and settings, and of other JSON files what is in them."""
    git("config", "diff.podium.textconv", f'"{sys.executable}" -m podium diff --textconv')
    commit(git, podium, "flows.py:hello")
    (folder / "more.json").write_text('{"a": 2}\n')
    commit(git, podium, newer)
    changed = [line for line in git("diff", "HEAD~1", "--", "order.json").splitlines() if line[:1] in {"+", "-"}]

    assert changed[2:] == [
        "-hello version 2",
        '-  inputParameters: ["name", "times"]',
        "-  inputTemplate.times: 1",
        "-  outputParameters.result: ${greet.output.result}",
        "-- greet [SIMPLE]",
        "+hello version 3",
        '+  inputParameters: ["name", "loud", "times"]',
        "+  inputTemplate.times: 2",
        "+  outputParameters.result: ${welcome.output.result}",
        "+- welcome [SIMPLE] greet",
        "+- again [SIMPLE] greet",
        "+  inputParameters.name: ${workflow.input.loud}",
        "+  inputParameters.times: ${workflow.input.times}",
    ]
    assert '+{"a": 2}' in git("diff", "HEAD~1", "--", "more.json")
    assert "+- again [SIMPLE] greet" in git("log", "-p", "-1", "--", "order.json")


def test_git_calls_podium_as_its_tool(git: Callable[..., str], podium: Podium, newer: str) -> None:
    """The other recipe: the whole difference, step by step; a file that is new has no old version."""
    commit(git, podium, "flows.py:hello")
    commit(git, podium, newer)
    tool = f'"{sys.executable}" -m podium diff'
    expected = podium("diff", "flows.py:hello", newer).stdout

    assert git("difftool", "--no-prompt", f"--extcmd={tool}", "HEAD~1", "--", "order.json") == expected
    git("config", "diff.podium.command", f'f() {{ {tool} "$2" "$5"; }}; f')
    assert git("diff", "--ext-diff", "HEAD~1", "--", "order.json") == expected
    podium("export", newer, "-o", "new.json")
    git("add", "new.json")
    assert git("diff", "--cached", "--", "new.json") == (
        "hello version 3 -> hello version 3: 2 added, 3 of the workflow's settings changed\n"
        "  * inputParameters: [name, loud, times] (new)\n"
        "  * outputParameters.result: ${welcome.output.result} (new)\n"
        "  * inputTemplate.times: 2 (new)\n"
        "  + welcome [SIMPLE] added\n"
        "  + again [SIMPLE] added\n"
    )
