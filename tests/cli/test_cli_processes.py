"""The command as real processes: several at once, interrupted ones, killed ones, and a terminal."""

from __future__ import annotations

import json
import os
import pty
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from cli_calls import PATIENCE_S, Podium, Start


def read_until(process: subprocess.Popen[str], word: str) -> str:
    """Return the first line of the child's standard error that holds a word."""
    assert process.stderr is not None
    for line in process.stderr:
        if word in line:
            return line
    raise AssertionError(f"the process ended and never said {word!r}")


def id_in(line: str) -> str:
    """Return the run's id from the line that names it."""
    return line.split()[1]


def test_a_run_in_one_process_is_seen_and_completed_by_another(start: Start, folder: Path) -> None:
    """While one process waits for an approval, others see it RUNNING and give the approval; then the first ends."""
    (folder / "solvent").touch()
    runner = start("run", "flows.py:asks")
    run_id = id_in(read_until(runner, "run "))
    read_until(runner, "approval: waits for somebody")
    listed, _ = start("list", "--json", "--status", "RUNNING").communicate(timeout=PATIENCE_S)
    assert [row["workflowId"] for row in json.loads(listed)] == [run_id]
    assert start("show", run_id).communicate(timeout=PATIENCE_S)[0].startswith("asks version 1: RUNNING\n")
    completing = start("complete", run_id, "approval", "-o", "amount=3")
    assert completing.communicate(timeout=PATIENCE_S) == ("", f"approval of run {run_id} is COMPLETED\n")
    out, err = runner.communicate(timeout=PATIENCE_S)
    assert (runner.returncode, json.loads(out)) == (0, {"result": "paid"})
    assert "pay: COMPLETED" in err


def test_an_interrupted_run_is_resumed(start: Start, podium: Podium, folder: Path) -> None:
    """Ctrl-C ends the command with 130 and the command to go on with; that one does not repeat what was done."""
    (folder / "solvent").touch()
    runner = start("run", "flows.py:asks")
    run_id = id_in(read_until(runner, "run "))
    read_until(runner, "approval: waits for somebody")
    runner.send_signal(signal.SIGINT)
    out, err = runner.communicate(timeout=PATIENCE_S)
    assert (runner.returncode, out) == (130, "")
    assert err.splitlines()[-1] == f"go on: podium resume {run_id} flows.py:asks"
    assert podium("complete", run_id, "approval", "-o", "amount=3").exit_code == 0
    resumed = podium("resume", run_id, "flows.py:asks")
    assert (resumed.exit_code, json.loads(resumed.stdout)) == (0, {"result": "paid"})
    assert (folder / "trace.txt").read_text().splitlines() == ["hold", "pay"]


def test_a_killed_run_is_resumed(start: Start, podium: Podium, folder: Path) -> None:
    """A process that was killed left everything in the store; another goes on at once."""
    (folder / "solvent").touch()
    runner = start("run", "flows.py:asks")
    run_id = id_in(read_until(runner, "run "))
    read_until(runner, "approval: waits for somebody")
    runner.kill()
    runner.communicate(timeout=PATIENCE_S)
    assert " RUNNING (interrupted) " in podium("list").stdout
    assert json.loads(podium("list", "--json").stdout)[0]["status"] == "RUNNING"
    shown = podium("show", run_id)
    assert shown.stdout.startswith("asks version 1: RUNNING (interrupted)\n")
    assert f"nobody works on it; go on: podium resume {run_id} SUBJECT\n" in shown.stderr
    assert podium("complete", run_id, "approval", "-o", "amount=3").exit_code == 0
    resumed = podium("resume", "last", "flows.py")
    assert (resumed.exit_code, json.loads(resumed.stdout)) == (0, {"result": "paid"})
    assert (folder / "trace.txt").read_text().splitlines() == ["hold", "pay"]


def test_what_children_of_tasks_print_stays_out_of_the_output(start: Start) -> None:
    """A program that a task starts writes to the standard error too, so the output can be piped into another."""
    runner = start("run", "flows.py:hello", "-i", "name=支")
    out, err = runner.communicate(timeout=PATIENCE_S)
    assert (runner.returncode, json.loads(out)) == (0, {"result": "hello 支 "})
    assert "printed by a child" in err
    assert "printed by the task" in err


def read_terminal(master: int, process: subprocess.Popen[str]) -> str:
    """Return everything that a process writes to the terminal until it ends."""
    deadline = time.monotonic() + PATIENCE_S
    seen = b""
    while time.monotonic() < deadline:
        ready, _, _ = select.select([master], [], [], 0.05)
        if ready:
            try:
                piece = os.read(master, 65536)
            except OSError:  # the other end is closed
                break
            seen += piece
        elif process.poll() is not None:
            break
    return seen.decode()


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are a matter of POSIX")
@pytest.mark.parametrize("no_color", [False, True])
def test_a_terminal_gets_a_table_that_changes(start: Start, monkeypatch: pytest.MonkeyPatch, no_color: bool) -> None:
    """On a terminal the progress is redrawn in place; with NO_COLOR it is the same without colours."""
    monkeypatch.setenv("TERM", "xterm")
    if no_color:
        monkeypatch.setenv("NO_COLOR", "1")
    master, slave = pty.openpty()
    runner = start("run", "flows.py:hello", "-i", "name=you", stderr=slave)
    os.close(slave)
    shown = read_terminal(master, runner)
    os.close(master)
    out, _ = runner.communicate(timeout=PATIENCE_S)
    assert (runner.returncode, json.loads(out)) == (0, {"result": "hello you "})
    assert "hello  COMPLETED" in shown
    assert "printed by the task" in shown
    assert "\x1b[?25l" in shown  # the cursor is hidden while the table changes
    assert ("\x1b[32m" in shown) is not no_color


def test_a_run_is_watched_until_it_ends(start: Start, folder: Path) -> None:
    """One process works, another one looks: it tells each change on its standard output and ends with the run."""
    (folder / "solvent").touch()
    runner = start("run", "flows.py:asks")
    run_id = id_in(read_until(runner, "run "))
    watcher = start("watch", "last")
    assert watcher.stdout is not None
    waits = next(line for line in watcher.stdout if "approval" in line)
    assert waits == f"  approval: waits for somebody: podium complete {run_id} approval\n"
    start("complete", run_id, "approval", "-o", "amount=3").communicate(timeout=PATIENCE_S)
    out, err = watcher.communicate(timeout=PATIENCE_S)
    assert (watcher.returncode, err) == (0, "")
    assert "  pay: COMPLETED in " in out
    assert out.splitlines()[-1].startswith("COMPLETED in ")
    runner.communicate(timeout=PATIENCE_S)


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are a matter of POSIX")
def test_a_terminal_gets_a_tree_that_changes(start: Start, podium: Podium, monkeypatch: pytest.MonkeyPatch) -> None:
    """The outline is redrawn in place, with what the run waits for, and that nobody works on it."""
    monkeypatch.setenv("TERM", "xterm")
    podium("run", "flows.py:asks", "--timeout", "0.5")
    master, slave = pty.openpty()
    watcher = start("watch", "last", "--timeout", "1", stdout=slave)
    os.close(slave)
    shown = read_terminal(master, watcher)
    os.close(master)
    _, err = watcher.communicate(timeout=PATIENCE_S)
    assert (watcher.returncode, "has not ended within 1 s" in err) == (1, True)
    assert "- before [SIMPLE] hold - \x1b[32m✓ completed" in shown
    assert "approval: waits for somebody: podium complete" in shown
    assert "nobody works on the run; go on from another terminal:" in " ".join(shown.split())
    assert "\x1b[?25l" in shown


def test_the_help_imports_little(folder: Path) -> None:
    """The command line starts without the libraries that only some commands need."""
    code = "import sys, podium.cli.main; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=PATIENCE_S)
    slow = {"rich", "networkx", "graphviz", "sqlalchemy", "alembic", "httpx", "quickjs", "jq", "cattrs", "asyncio"}
    assert not slow & set(done.stdout.split())
    assert not {"podium.dsl", "podium.engine", "podium.render", "podium.client"} & set(done.stdout.split())


def test_an_error_is_one_line(start: Start) -> None:
    """A real process ends with 2, one line on the standard error and nothing on the other."""
    process = start("show", "last", "--db", "sqlite:///missing.db")
    out, err = process.communicate(timeout=PATIENCE_S)
    assert (process.returncode, out) == (2, "")
    assert err == "error: there is no database missing.db; 'podium run' makes it, --db names another\n"
