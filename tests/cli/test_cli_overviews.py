"""``timeline``, ``graph`` and ``watch``: looks at a run along time, at many workflows, and at a run of others."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli_calls import Podium

from podium.cli.trees import window


def test_a_timeline_is_text_or_a_picture(podium: Podium) -> None:
    """A row for each task; the runs of sub-workflows are shown below their tasks if they are asked for."""
    podium("run", "flows.py:mall")
    plain = podium("timeline", "last")
    assert plain.exit_code == 0
    assert plain.stdout.startswith("mall version 1\n")
    assert "pay" not in [line.split()[0] for line in plain.stdout.splitlines()]
    assert "  pay " in podium("timeline", "last", "--children").stdout
    drawn = podium("timeline", "last", "-o", "run.svg", "--children", "--theme", "dark", "--width", "700")
    assert (drawn.exit_code, drawn.stdout, drawn.stderr) == (0, "", "wrote run.svg\n")
    assert 'width="700"' in Path("run.svg").read_text(encoding="utf-8")


def test_the_timeline_of_a_run_that_goes_on_ends_now(podium: Podium) -> None:
    """What has not ended is said to go on."""
    podium("run", "flows.py:signed", "--timeout", "0.3")
    assert "so far" in podium("timeline", "last").stdout


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["-o", "run.png"], "a timeline is written as .svg or .txt"),
        (["--iteration", "poll=1"], "'poll'"),
        (["--iteration", "poll"], "write LOOP=N"),
        (["--width", "10"], "--width"),
    ],
)
def test_a_timeline_that_cannot_be_had_is_explained(podium: Podium, words: list[str], message: str) -> None:
    """The exit code is 2, and nothing is written."""
    podium("run", "flows.py:hello", "-i", "name=x")
    result = podium("timeline", "last", *words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr


def test_the_graph_shows_which_workflow_runs_which(podium: Podium, folder: Path) -> None:
    """Of Python files, JSON files and folders alike; what a folder holds besides is named and passed over."""
    of_python = podium("graph", "flows.py")
    assert of_python.exit_code == 0
    lines = of_python.stdout.splitlines()
    assert lines[0] == "7 workflows"
    mall = next(number for number, line in enumerate(lines) if line.startswith("  - mall "))
    assert lines[mall + 1].startswith("    failureWorkflow ")
    assert lines[mall + 2].startswith("      - mall_undo ")
    called = lines.index("    SUB_WORKFLOW shop (version 1):", mall)
    assert lines[called + 1].startswith("      - shop ")
    (folder / "all" / "more").mkdir(parents=True)
    (folder / "all" / "mall.json").write_bytes(podium("export", "flows.py:mall").stdout_bytes)
    (folder / "all" / "more" / "shop.json").write_bytes(podium("export", "flows.py:shop").stdout_bytes)
    (folder / "all" / "notes.json").write_text("{}")
    of_folder = podium("graph", "all", "flows.py:hello", "-o", "all.mmd")
    assert (of_folder.exit_code, of_folder.stdout) == (0, "")
    assert "passed over all/notes.json: it holds no workflow definition" in of_folder.stderr
    text = (folder / "all.mmd").read_text(encoding="utf-8")
    assert "w_mall -->" in text
    assert "w_hello[" in text
    assert "3 workflows, 2 missing" in text


def test_the_graph_of_the_database_is_that_of_what_is_registered(podium: Podium) -> None:
    """Whatever has been run from Python is."""
    assert podium("graph").exit_code == 2
    podium("run", "flows.py:mall")
    assert podium("graph").stdout.splitlines()[0] == "4 workflows"


def test_the_graph_around_a_workflow(podium: Podium) -> None:
    """Callers and called ones, so many lines away."""
    lines = podium("graph", "flows.py", "--focus", "mall", "--hops", "1").stdout.splitlines()
    assert {line.split()[1] for line in lines if line.lstrip().startswith("- ")} == {"mall", "mall_undo", "shop"}
    assert lines[1] == "left out: 4 more"
    assert "shop_undo" in podium("graph", "flows.py", "--focus", "mall").stdout
    wrong = podium("graph", "flows.py", "--focus", "mal")
    assert (wrong.exit_code, "did you mean 'mall' or 'mall_undo'?" in wrong.stderr) == (2, True)
    assert podium("graph", "flows.py", "--hops", "1").exit_code == 2


def test_a_folder_without_workflows_is_told(podium: Podium, folder: Path) -> None:
    """Python files of a folder are not imported unasked."""
    result = podium("graph", ".")
    assert result.exit_code == 2
    assert ". holds no workflow in JSON; for one in Python, name its file" in result.stderr


def test_an_ended_run_is_watched_at_once(podium: Podium) -> None:
    """All that happened is told, with the reason of a failure; the exit code is that of the run."""
    podium("run", "flows.py:hello", "-i", "name=x")
    done = podium("watch", "last")
    assert (done.exit_code, done.stderr) == (0, "")
    assert [line.split()[0] for line in done.stdout.splitlines()] == ["run", "greet:", "COMPLETED"]
    podium("run", "flows.py:shop")
    failed = podium("watch", "last")
    assert failed.exit_code == 1
    assert "failing task: pay (pay): FAILED_WITH_TERMINAL_ERROR\n  the card is" in failed.stdout
    assert failed.stdout.splitlines()[-1].startswith("FAILED in ")


def test_watching_a_run_that_nobody_works_on_says_so(podium: Podium) -> None:
    """A look starts no engine, so the run would stand still for ever."""
    podium("run", "flows.py:signed", "--timeout", "0")
    result = podium("watch", "last", "--timeout", "0.3")
    run_id = json.loads(podium("list", "--json").stdout)[0]["workflowId"]
    assert result.exit_code == 1
    assert f"nobody works on the run; go on from another terminal: podium resume {run_id} SUBJECT\n" in result.stderr
    assert "has not ended within 0.3 s" in result.stderr


def test_a_large_tree_shows_where_the_run_is() -> None:
    """The lines around what was reached last, as many as there is room for."""
    lines = [f"{number} - ✓ completed" for number in range(50)]
    ahead = [f"{number} - not started" for number in range(50, 100)]
    assert window(lines, 60) == lines
    assert window([*lines, *ahead], 10) == [*lines[44:], *ahead[:4]]
    assert window(lines, 10) == lines[40:]
    assert window(ahead, 3) == ahead[:3]
