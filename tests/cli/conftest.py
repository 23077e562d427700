"""What the tests of the command line share: a folder with workflows, and two ways to call ``podium`` in it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from cli_calls import Podium, Start
from typer.testing import CliRunner, Result

from podium.cli.main import app

#: Workflows that end well, end badly, wait and go on; ``trace.txt`` tells which functions ran.
FLOWS = '''
from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from podium import TerminalTaskError, fork, human, task, workflow


def trace(word: str) -> None:
    with open("trace.txt", "a", encoding="utf-8") as file:
        file.write(word + "\\n")


@task
def greet(name: str, times: int) -> str:
    """Greet, and be loud about it."""
    print("printed by the task")
    subprocess.run([sys.executable, "-S", "-c", "print('printed by a child')"], check=True)
    trace("greet")
    return f"hello {name} " * times


@task(retries=0)
def pay(amount: float) -> str:
    """Refuse, unless there is a file ``solvent``."""
    trace("pay")
    if not Path("solvent").exists():
        raise TerminalTaskError(f"the card is \\x1b[31mrefused\\x1b[0m: {amount} €")
    return "paid"


@task
def hold(sku: str) -> str:
    trace("hold")
    return f"held {sku}"


@task
def release(what: str) -> None:
    trace(f"release {what}")


@workflow(version=2)
def hello(name: str, times: int = 1) -> str:
    return greet(name, times).output


@workflow
def shop(sku: str = "支付", amount: float = 1.5) -> str:
    held = hold(sku)
    held.undo(release, what=held.output)
    return pay(amount).output


@workflow
def mall() -> str:
    return shop("A1", 2.0).output


@workflow
def asks() -> str:
    hold("first").as_("before")
    answer = human("approval")
    return pay(answer.output.amount).output


@workflow
def signed() -> str:
    answer = human("signature")
    return pay(answer.output.amount).output
'''


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty working directory with ``flows.py``; what is imported from it is forgotten afterwards."""
    (tmp_path / "flows.py").write_text(FLOWS, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    for name in ("PODIUM_DB", "NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "path", list(sys.path))
    before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - before:
        file = getattr(sys.modules[name], "__file__", None)
        if file and Path(file).is_relative_to(tmp_path):
            del sys.modules[name]


@pytest.fixture
def podium(folder: Path) -> Podium:
    """Call ``podium`` in this process, in the folder."""

    def call(*words: str, stdin: str | bytes | None = None) -> Result:
        result = CliRunner().invoke(app, list(words), input=stdin, prog_name="podium")
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return call


@pytest.fixture
def start(folder: Path) -> Iterator[Start]:
    """Start ``podium`` as a process of its own, in the folder; what still runs at the end is killed."""
    started: list[subprocess.Popen[str]] = []

    def begin(*words: str, **options: object) -> subprocess.Popen[str]:
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "stdin": subprocess.DEVNULL, **options}
        command = [sys.executable, "-m", "podium", *words]
        environment = {**os.environ, "PYTHONIOENCODING": "utf-8"}
        process: subprocess.Popen[str] = subprocess.Popen(
            command, text=True, encoding="utf-8", env=environment, **pipes
        )  # type: ignore[call-overload]  # the options are those of a text process
        started.append(process)
        return process

    yield begin
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate(timeout=30)
