"""``render``: workflows and runs as pictures."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli_calls import Podium

LOOPS = """
from podium import task, workflow, loop

@task
def look(n: int) -> int:
    return n

@workflow
def polls() -> None:
    with loop("poll", max_iterations=2) as poll:
        look(poll.iteration)
"""


def test_render_gives_an_outline(podium: Podium) -> None:
    """Without a file the outline goes to the standard output."""
    result = podium("render", "flows.py:hello")
    assert (result.exit_code, result.stdout) == (0, "hello version 2\n  - greet [SIMPLE]\n")


@pytest.mark.parametrize(
    ("suffix", "beginning"),
    [("svg", "<svg"), ("dot", "digraph"), ("mmd", "flowchart"), ("txt", "hello version 2")],
)
def test_render_writes_a_picture(podium: Podium, folder: Path, suffix: str, beginning: str) -> None:
    """The suffix says which form of picture is written."""
    result = podium("render", "flows.py:hello", "-o", f"hello.{suffix}")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr.endswith(f"wrote hello.{suffix}\n")
    assert beginning in (folder / f"hello.{suffix}").read_text(encoding="utf-8")[:400]


def test_render_takes_direction_and_theme(podium: Podium, folder: Path) -> None:
    """Both options reach the picture."""
    podium("render", "flows.py:hello", "-o", "a.dot")
    podium("render", "flows.py:hello", "-o", "b.dot", "--direction", "lr", "--theme", "dark")
    light, dark = (folder / "a.dot").read_text(), (folder / "b.dot").read_text()
    assert "LR" not in light
    assert "LR" in dark
    assert light != dark.replace("LR", "TB")


def test_render_refuses_an_unknown_form(podium: Podium) -> None:
    """The message lists the forms there are."""
    result = podium("render", "flows.py:hello", "-o", "hello.bmp")
    assert result.exit_code == 2
    assert ".svg, .png" in result.stderr


@pytest.mark.parametrize(
    ("options", "shown", "hidden"),
    [
        (["--focus", "pay", "--hops", "0"], ["pay"], ["hold"]),
        (["--between", "hold", "hold_done"], ["hold", "hold_done"], ["pay"]),
        (["--undo"], ["undo_hold"], []),
    ],
)
def test_render_draws_a_part(podium: Podium, options: list[str], shown: list[str], hidden: list[str]) -> None:
    """What lies near a task, or between two, and what undoes it: a workflow in Python brings that with it."""
    result = podium("render", "flows.py:shop", "-o", "shop.dot", *options)
    assert result.exit_code == 0
    text = Path("shop.dot").read_text()
    assert [name for name in shown if f"<b>{name}</b>" not in text and f">{name}<" not in text] == []
    assert [name for name in hidden if f"n_{name} [" in text] == []


def test_render_collapses_what_it_is_told_to(podium: Podium, folder: Path) -> None:
    """Some by name, all of them, or none; a loop that is drawn as one node hides what it repeats."""
    (folder / "loops.py").write_text(LOOPS)
    whole = podium("render", "loops.py").stdout
    assert "- look " in whole
    for name in ("poll", "all"):
        assert "- look " not in podium("render", "loops.py", "--collapse", name).stdout
    assert podium("render", "loops.py", "--no-collapse").stdout == whole
    both = podium("render", "loops.py", "--no-collapse", "--collapse", "poll")
    assert (both.exit_code, "contradict" in both.stderr) == (2, True)


def test_render_opens_sub_workflows(podium: Podium, folder: Path) -> None:
    """Python brings the definitions that it calls; for JSON they are named, as files or as workflows in Python."""
    assert "- pay [SIMPLE]" in podium("render", "flows.py:mall", "--expand", "1").stdout
    for name in ("mall", "shop"):
        (folder / f"{name}.json").write_bytes(podium("export", f"flows.py:{name}").stdout_bytes)
    assert "- pay" not in podium("render", "mall.json", "--expand", "1").stdout
    for place in ("shop.json", "flows.py"):
        assert "- pay [SIMPLE]" in podium("render", "mall.json", "--expand", "1", "--definitions", place).stdout


def test_render_shows_iterations_children_and_moments_of_a_run(podium: Podium, folder: Path) -> None:
    """An iteration that is not the newest, the runs of sub-workflows, and the run as it was before."""
    (folder / "loops.py").write_text(LOOPS)
    podium("run", "loops.py")
    assert podium("render", "last", "--iteration", "poll=1").exit_code == 0
    beyond = podium("render", "last", "--iteration", "poll=9")
    assert (beyond.exit_code, "iteration 9" in beyond.stderr) == (2, True)
    podium("run", "flows.py:mall")
    assert "- pay" not in podium("render", "last").stdout
    assert "- pay [SIMPLE] - ✗ failed" in podium("render", "last", "--children").stdout
    before = podium("render", "last", "--children", "--at", "0s")
    assert "in progress" in before.stdout.splitlines()[1]
    assert "- pay [SIMPLE] - not started" in before.stdout
    assert "✗ failed" in podium("render", "last", "--at", "2999-01-01 12:00").stdout.splitlines()[1]


def test_render_finds_what_a_run_names_in_the_database(podium: Podium) -> None:
    """A run keeps only its own definition; the failure workflow and sub-workflows are registered beside it."""
    podium("run", "flows.py:shop")
    (run,) = json.loads(podium("list", "--json", "--name", "shop").stdout)
    drawn = podium("render", run["workflowId"], "-o", "run.mmd", "--undo")
    assert drawn.exit_code == 0
    assert "undo_hold" in Path("run.mmd").read_text()
    podium("run", "flows.py:mall", "--timeout", "0")
    assert "- pay [SIMPLE]" in podium("render", "last", "--expand", "1").stdout


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["flows.py:shop", "--focus", "payy"], "did you mean 'pay'?"),
        (["flows.py:shop", "--hops", "1"], "--hops says how far away from --focus"),
        (["flows.py:shop", "--focus", "pay", "--between", "hold", "pay"], "give one of them"),
        (["flows.py:shop", "--collapse", "nothing"], "'nothing'"),
        (["flows.py:shop", "--children"], "--children is for runs, and flows.py:shop is a workflow"),
        (["flows.py:shop", "--at", "1"], "--at is for runs"),
        (["flows.py:shop", "--iteration", "poll=1"], "--iteration is for runs"),
        (["flows.py:shop", "--iteration", "poll"], "'poll' is no iteration of a loop; write LOOP=N"),
        (["last", "--iteration", "poll=3"], "there is no loop 'poll'"),
        (["last", "--at", "soon"], "'soon' is no moment of a run"),
        (["last", "--at", "-1"], "'-1' is no moment of a run"),
        (["last", "--at", "2001-02-03"], "at 2001-02-03 the run had not begun"),
    ],
)
def test_render_explains_what_it_cannot_draw(podium: Podium, words: list[str], message: str) -> None:
    """Options that fit nothing, or not each other, end with 2 and a line that says so."""
    podium("run", "flows.py:hello", "-i", "name=x")
    result = podium("render", *words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr


def test_an_svg_goes_with_its_page_unless_told(podium: Podium, folder: Path) -> None:
    """Without ``--theme`` it is light, and dark on a dark page; with it, it stays as it is."""
    podium("render", "flows.py:hello", "-o", "a.svg")
    podium("render", "flows.py:hello", "-o", "b.svg", "--theme", "light")

    assert "prefers-color-scheme" in (folder / "a.svg").read_text()
    assert "prefers-color-scheme" not in (folder / "b.svg").read_text()
