"""``run``, ``list``, ``show`` and the operations, in one process."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from cli_calls import Podium

from podium.backends.loader import open_backend
from podium.client import connect

RUN_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")

_COMMANDS = (
    *("export", "check", "render", "graph", "run", "list", "show", "watch", "timeline"),
    *("resume", "retry", "pause", "terminate", "complete"),
)


def newest(podium: Podium) -> str:
    """Return the id of the newest run."""
    run_id: str = json.loads(podium("list", "--json", "--limit", "1").stdout)[0]["workflowId"]
    return run_id


def test_run_writes_the_output_and_nothing_else_to_stdout(podium: Podium, capfd: pytest.CaptureFixture[str]) -> None:
    """The output is JSON on the standard output; progress, hints and what tasks print go to the standard error."""
    result = podium("run", "flows.py:hello", "-i", "name=007", "-i", "times=2")
    assert result.exit_code == 0
    assert json.loads(result.stdout) == {"result": "hello 007 hello 007 "}
    lines = result.stderr.splitlines()
    # The task may be at work, and print, before the command has told the run's id.
    assert re.search(rf"run {RUN_ID.pattern} of hello version 2", result.stderr)
    assert "printed by the task" in result.stderr
    assert any(re.fullmatch(r"  greet: COMPLETED in .+", line) for line in lines)
    assert lines[-2].startswith("COMPLETED in ")
    assert re.fullmatch(rf"picture: podium render {RUN_ID.pattern} -o run.svg", lines[-1])
    capfd.readouterr()


def test_the_hint_draws_the_run(podium: Podium, folder: Path) -> None:
    """The command that run prints at its end makes the picture."""
    result = podium("run", "flows.py:hello", "-i", "name=you", "--db", "sqlite:///other.db")
    _, words = result.stderr.splitlines()[-1].split(": podium ")
    drawn = podium(*words.split())
    assert drawn.exit_code == 0
    assert "greet" in (folder / "run.svg").read_text()


def test_a_failed_run_tells_the_reason_first(podium: Podium, folder: Path) -> None:
    """The exit code is 1; the failing task, its reason and its traceback come before everything else that is shown."""
    result = podium("run", "flows.py:shop", "-i", "sku=支")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "\nfailing task: pay (pay): FAILED_WITH_TERMINAL_ERROR\n  the card is \\x1b[31mrefused" in result.stderr
    assert "\nFAILED in " in result.stderr
    assert f"\nrestart: podium restart {RUN_ID.search(result.stderr)[0]} flows.py:shop\n" in result.stderr  # type: ignore[index]  # it is there
    shown = podium("show", "last")
    assert shown.exit_code == 0
    lines = shown.stdout.splitlines()
    assert lines[:3] == [
        "shop version 1: FAILED",
        "failing task: pay (pay): FAILED_WITH_TERMINAL_ERROR",
        "  the card is \\x1b[31mrefused\\x1b[0m: 1.5 €",
    ]
    assert lines[3:5] == ["  log:", "    Traceback (most recent call last):"]
    assert [line.split()[:3] for line in lines if line.startswith(("REF", "hold ", "pay "))] == [
        ["REF", "TYPE", "STATUS"],
        ["hold", "hold", "COMPLETED"],
        ["pay", "pay", "FAILED_WITH_TERMINAL_ERROR"],
    ]


def test_the_output_of_a_run_that_failed_is_no_result(podium: Podium, folder: Path) -> None:
    """What a workflow says as it fails is told on the standard error, and marked."""
    (folder / "ends.py").write_text(
        "from podium import terminate, workflow\n"
        "@workflow\n"
        "def ends(why: str) -> None:\n"
        '    terminate("stop", "FAILED", output={"why": why, "more": None}, reason="no")\n'
    )
    result = podium("run", "ends.py", "-i", "why=late")
    assert (result.exit_code, result.stdout) == (1, "")
    assert 'output, though it did not complete: {"why": "late"}' in result.stderr


def test_a_null_in_the_output_of_a_run_that_failed_is_explained(podium: Podium, folder: Path) -> None:
    """The stored text is Conductor's; beside it stands which step gave nothing."""
    (folder / "books.py").write_text(
        "from podium import task, workflow\n"
        "@task\ndef ask(name: str) -> str:\n    return name\n"
        "@task(retries=0)\ndef book(name: str) -> str:\n    raise ValueError('full')\n"
        "@workflow\ndef books(name: str) -> str:\n"
        "    return f'Booking {book(name).output} for {ask.as_(\"who\")(name).output}'\n"
    )
    (folder / "twice.py").write_text(
        (folder / "books.py").read_text().replace("raise ValueError('full')", "return 'B1'")
    )
    for said in (podium("run", "books.py", "-i", "name=Ann").stderr, podium("show", "last").stdout):
        assert "Booking null for null" in said
        assert "null in the output: nothing came from book, who" in said
    assert "null in" not in podium("run", "twice.py", "-i", "name=Ann").stderr


def test_only_steps_that_tell_something_are_shown(podium: Podium, folder: Path) -> None:
    """Forks, joins, loops and the like are shown with --verbose only."""
    (folder / "loops.py").write_text(
        "from podium import loop, task, workflow\n"
        "@task\ndef look(n: int) -> int:\n    return n\n"
        "@workflow\ndef polls() -> None:\n"
        "    with loop('poll', max_iterations=1) as poll:\n        look(poll.iteration)\n"
    )
    usual, verbose = podium("run", "loops.py").stderr, podium("run", "loops.py", "-v").stderr
    assert "  look__1: COMPLETED in " in usual
    assert "poll:" not in usual
    assert "  poll: COMPLETED in " in verbose


def test_a_retry_and_a_wait_are_announced(podium: Podium, folder: Path) -> None:
    """While nothing happens, the command has said what it waits for; resume says it again."""
    (folder / "slow.py").write_text(
        "from podium import fork, human, task, wait, workflow\n"
        "@task(retries=2, retry_delay='100s')\ndef charge() -> None:\n    raise ValueError('no luck')\n"
        "@workflow\ndef slow() -> None:\n"
        "    charge()\n"
        "@workflow\ndef waits() -> None:\n"
        "    with fork('f') as f:\n"
        "        with f.branch():\n            wait('gap', duration='10 minutes')\n"
        "        with f.branch():\n            human('approve')\n"
    )
    begun = podium("run", "slow.py:slow", "--timeout", "0.5").stderr
    assert "  charge: attempt 1 failed: ValueError: no luck; retry 1 of 2 in 100 s\n" in begun
    again = podium("resume", "last", "slow.py:slow", "--timeout", "0").stderr
    assert re.search(r"  charge: attempt 1 failed: ValueError: no luck; retry 1 of 2 in \d+ s\n", again)
    waiting = podium("run", "slow.py:waits", "--timeout", "0.5").stderr
    assert "  gap: waits for 10 minutes\n" in waiting
    assert f"  approve: waits for somebody: podium complete {newest(podium)} approve\n" in waiting


def test_what_was_done_is_undone_before_the_command_ends(podium: Podium, folder: Path) -> None:
    """The failure workflow of a failed run is seen to its end."""
    result = podium("run", "flows.py:shop", "-i", "sku=A1")
    assert re.search(rf"failure workflow: run {RUN_ID.pattern} of shop_undo", result.stderr)
    assert (folder / "trace.txt").read_text().splitlines() == ["hold", "pay", "release held A1"]


def test_a_failure_is_followed_into_the_sub_workflow(podium: Podium, folder: Path) -> None:
    """The reason that is shown is that of the task deep down; what was done there is undone too."""
    result = podium("run", "flows.py:mall")
    assert result.exit_code == 1
    pattern = (
        rf"failing task: shop \(SUB_WORKFLOW\): FAILED, because of run ({RUN_ID.pattern}) of shop:\nfailing task: pay "
    )
    found = re.search(pattern, result.stderr)
    assert found is not None
    assert "release held A1" in (folder / "trace.txt").read_text()
    shown = [row["workflowType"] for row in json.loads(podium("list", "--json").stdout)]
    assert (sorted(shown[:2]), shown[2:]) == (["mall_undo", "shop_undo"], ["mall"])
    everything = json.loads(podium("list", "--json", "--all").stdout)
    # Both failure workflows begin in one commit, and may have one moment, which leaves their order to their ids.
    names = [row["workflowType"] for row in everything]
    assert (sorted(names[:2]), names[2:]) == (["mall_undo", "shop_undo"], ["shop", "mall"])
    assert f"sub-workflow of {everything[3]['workflowId']}" in podium("show", found[1]).stdout
    assert "\n  output" in podium("show", "last").stdout
    assert podium("show", "last").stdout.startswith("mall ")


def _sells_without_undo(folder: Path) -> None:
    code = "from flows import hold, pay\nfrom podium import workflow\n@workflow\ndef buy():\n    hold('A1')\n"
    (folder / "buying.py").write_text(code + "    return pay(1.5).output\n")


def test_retry_goes_on_from_the_failed_task(podium: Podium, folder: Path) -> None:
    """What was done is not done again; with the subject, the tasks are served here."""
    _sells_without_undo(folder)
    assert podium("run", "buying.py").exit_code == 1
    (folder / "solvent").touch()
    result = podium("retry", "last", "buying.py")
    assert (result.exit_code, json.loads(result.stdout)) == (0, {"result": "paid"})
    assert "hold: COMPLETED" not in result.stderr
    assert (folder / "trace.txt").read_text().splitlines().count("hold") == 1


def test_retry_without_subject_leaves_the_work_to_others(podium: Podium, folder: Path) -> None:
    """The run is open again, and resume with a subject works on it."""
    _sells_without_undo(folder)
    podium("run", "buying.py")
    (folder / "solvent").touch()
    result = podium("retry", "last")
    assert result.exit_code == 0
    assert "SUBJECT" in result.stderr
    assert json.loads(podium("list", "--json", "--name", "buy").stdout)[0]["status"] == "RUNNING"
    assert podium("resume", "last", "flows.py").exit_code == 0


def test_what_was_undone_is_said_and_only_begins_anew(podium: Podium, folder: Path) -> None:
    """The end tells what was undone and how to begin anew; a retry is refused with the same words."""
    failed = podium("run", "flows.py:shop")
    assert "\nundone: hold\n" in failed.stderr
    assert "undone: hold\n" in podium("show", "last").stdout
    assert "undone: hold\n" in podium("watch", "last").stdout
    (run_id, *_) = RUN_ID.findall(failed.stderr)
    restart = f"podium restart {run_id} flows.py:shop"
    assert f"\nrestart: {restart}\n" in failed.stderr
    (folder / "solvent").touch()

    refused = podium("retry", run_id, "flows.py:shop")
    forced = podium("retry", run_id, "flows.py:shop", "--force")
    again = podium("restart", run_id, "flows.py:shop")

    assert refused.exit_code == 2
    assert (
        f"because it was undone when it failed: hold; begin anew: {restart}; --force takes up what is left\n"
        in refused.stderr
    )
    assert (forced.exit_code, json.loads(forced.stdout)) == (0, {"result": "paid"})
    assert (again.exit_code, json.loads(again.stdout)) == (0, {"result": "paid"})
    assert (folder / "trace.txt").read_text().splitlines().count("hold") == 2


def test_after_a_terminate_task_the_hint_is_a_command_that_works(podium: Podium, folder: Path) -> None:
    """Nothing failed, so nothing can be retried: the run can begin anew."""
    (folder / "stops.py").write_text(
        "from podium import terminate, workflow\n@workflow\ndef stops():\n    terminate('end', 'FAILED', 'no more')\n"
    )
    ended = podium("run", "stops.py")
    hint = re.search(r"^restart: podium (restart .*)$", ended.stderr, re.MULTILINE)
    assert hint is not None, ended.stderr
    assert podium(*hint[1].split()).exit_code == 1
    assert "is RUNNING" in podium("restart", "last").stderr


def test_failures_of_sub_workflows_are_said_too(podium: Podium, folder: Path) -> None:
    """What fails in a run that is not shown is said from the log; what is shown is not said twice."""
    result = podium("run", "flows.py:mall")
    told = [line for line in result.stderr.splitlines() if "is refused" in line or "attempt 1 failed" in line]
    assert sum("of shop: 'pay' attempt 1 failed: " in line and "the run ends as FAILED" in line for line in told) == 1
    assert not any("of mall: 'shop' attempt" in line for line in told)


def test_json_runs_with_workers_from_elsewhere(podium: Podium, folder: Path) -> None:
    """A definition in JSON brings no tasks: those of --workers serve it."""
    (folder / "hello.json").write_bytes(podium("export", "flows.py:hello").stdout_bytes)
    (folder / "input.json").write_text('{"name": "you", "times": 1}')
    result = podium("run", "hello.json", "-i", "@input.json", "--workers", "flows.py")
    assert (result.exit_code, json.loads(result.stdout)) == (0, {"result": "hello you "})
    assert "nobody here" not in result.stderr


def test_what_is_exported_with_everything_runs_elsewhere(podium: Podium, folder: Path) -> None:
    """Children and task definitions stand behind the workflow; check, import and run know them."""
    (folder / "solvent").touch()
    (folder / "all.json").write_bytes(podium("export", "flows.py:mall", "--with-tasks", "--with-children").stdout_bytes)
    first, *others = json.loads((folder / "all.json").read_text())
    assert (first["name"], [each["name"] for each in others]) == (
        "mall",
        ["mall_undo", "shop", "shop_undo", *_tasks(others)],
    )
    assert {each["name"] for each in others if "tasks" not in each} >= {"hold", "pay", "release"}
    assert podium("check", "all.json").exit_code == 0
    assert podium("import", "all.json", "-o", "flows").exit_code == 0
    # In a folder of its own, so that nothing of the Python code's registration is there.
    result = podium("run", "all.json", "--workers", "flows.py", "--db", "memory://")
    assert (result.exit_code, json.loads(result.stdout)) == (0, {"result": "paid"})


def _tasks(documents: list[dict[str, object]]) -> list[object]:
    return [each["name"] for each in documents if "tasks" not in each]


def test_workers_bring_the_workflows_that_are_called(podium: Podium, folder: Path) -> None:
    """A definition that only names its children finds them beside their tasks; settings of tasks come along."""
    (folder / "mall.json").write_bytes(podium("export", "flows.py:mall").stdout_bytes)
    result = podium("run", "mall.json", "--workers", "flows.py", "--db", "memory://", "--timeout", "30")
    assert result.exit_code == 1
    assert "failing task: pay (pay): FAILED_WITH_TERMINAL_ERROR" in result.stderr
    assert "failure workflow: " in result.stderr
    (folder / "solvent").touch()
    assert podium("run", "mall.json", "--workers", "flows.py", "--db", "memory://").exit_code == 0


def test_workers_replace_what_the_workflow_brings(podium: Podium, folder: Path) -> None:
    """A task of --workers comes before one of the same name, which is how a test puts in a double."""
    (folder / "doubles.py").write_text(
        "from podium import task\n@task\ndef greet(name: str, times: int) -> str:\n    return 'double'\n"
    )
    result = podium("run", "flows.py:hello", "-i", "name=x", "--workers", "doubles.py", "--db", "memory://")
    assert json.loads(result.stdout) == {"result": "double"}
    assert "podium render" not in result.stderr


def test_a_run_that_nobody_works_on_is_announced(podium: Podium, folder: Path) -> None:
    """Missing workers are named; the run waits, ends the command by --timeout with 1, and is kept."""
    (folder / "hello.json").write_bytes(podium("export", "flows.py:hello").stdout_bytes)
    result = podium("run", "hello.json", "-i", "name=you", "-i", "times=3", "--timeout", "0")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "warning: nobody here works on greet;" in result.stderr
    assert "has not ended within 0 s; it is kept" in result.stderr
    go_on = f"go on: podium resume {newest(podium)} hello.json --workers FILE"
    assert go_on in result.stderr
    assert go_on in podium("resume", "last", "hello.json", "--timeout", "0").stderr
    assert podium("resume", newest(podium), "flows.py:hello").exit_code == 0


def test_a_wrong_workflow_is_not_run(podium: Podium, folder: Path) -> None:
    """Errors of the check end the command with 2 before anything is stored; --no-check runs it all the same."""
    tasks = [{"name": "n", "taskReferenceName": "n", "type": "NOOP", "inputParameters": {"x": "${zz.output.y}"}}]
    (folder / "w.json").write_text(json.dumps({"name": "w", "version": 1, "schemaVersion": 2, "tasks": tasks}))
    result = podium("run", "w.json")
    assert result.exit_code == 2
    assert "w.json tasks[0].inputParameters.x: R1 " in result.stderr
    assert not (folder / "podium.db").exists()
    assert podium("run", "w.json", "--no-check").exit_code == 0


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["flows.py:hello"], "flows.py:hello needs name; write -i name=…"),
        (["flows.py:hello", "-i", "nam=x"], "flows.py:hello has no input 'nam'; did you mean name?"),
        (["flows.py:hello", "-i", "zzz=x"], "its inputs are: name, times"),
        (
            ["flows.py:hello", "-i", "name=x", "-i", "times=often"],
            "times: a whole number is expected, not a text ('often')",
        ),
        (["flows.py:hello", "-i", "name"], "'name' is no input"),
        (["flows.py:hello", "-i", "name=x", "--timeout", "soon"], "'soon' is no length of time"),
        (["flows.py:hello", "-i", "name=x", "--timeout", "-1"], "'-1' is no length of time"),
        (["flows.py:hello", "-i", "name=x", "--concurrency", "0"], "--concurrency"),
        (["flows.py:hello", "-i", "name=x", "--workers", "nowhere.py"], "there is no file nowhere.py"),
        (["flows.py:hello", "-i", "name=x", "--db", "nonsense"], "'nonsense' is not a backend URL"),
        (["flows.py:hello", "-i", "name=x", "--db", "zzz://x"], "no backend is known for zzz://"),
        (["flows.py:hello", "--nonsense"], "--nonsense"),
        ([], "SUBJECT"),
    ],
)
def test_wrong_usage_of_run_is_told(podium: Podium, words: list[str], message: str) -> None:
    """Wrong words end with 2 and a clear line, before anything has run."""
    result = podium("run", *words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr
    assert not Path("trace.txt").exists()


def test_timeouts_have_units(podium: Podium) -> None:
    """A timeout may be written as a duration."""
    assert podium("run", "flows.py:hello", "-i", "name=x", "--timeout", "1m 30s").exit_code == 0


def test_list_and_show_do_not_touch_the_store(podium: Podium) -> None:
    """Looking at runs starts no engine, and makes no database where there is none."""
    missing = podium("list")
    assert missing.exit_code == 2
    assert "there is no database podium.db" in missing.stderr
    assert not Path("podium.db").exists()
    podium("run", "flows.py:hello", "-i", "name=x")
    store = open_backend("sqlite:///podium.db")
    before = list(store.engines())
    assert podium("list").exit_code == podium("show", "last").exit_code == podium("render", "last").exit_code == 0
    assert list(store.engines()) == before
    store.close()


def test_list_chooses_and_counts(podium: Podium) -> None:
    """Runs are listed newest first, by name, status and number; nothing is found quietly."""
    for name in ("a", "b"):
        podium("run", "flows.py:hello", "-i", f"name={name}")
    podium("run", "flows.py:shop")
    rows = json.loads(podium("list", "--json").stdout)
    assert [(row["workflowType"], row["status"]) for row in rows] == [
        ("shop_undo", "COMPLETED"),
        ("shop", "FAILED"),
        ("hello", "COMPLETED"),
        ("hello", "COMPLETED"),
    ]
    assert len(json.loads(podium("list", "--json", "--limit", "2").stdout)) == 2
    assert len(json.loads(podium("list", "--json", "--status", "failed").stdout)) == 1
    header, *lines = podium("list", "--name", "hello").stdout.splitlines()
    assert header.split() == ["ID", "WORKFLOW", "VERSION", "STATUS", "STARTED", "DURATION", "REASON"]
    assert [line.split()[1:4] for line in lines] == [["hello", "2", "COMPLETED"]] * 2
    nothing = podium("list", "--name", "nothing")
    assert (nothing.exit_code, nothing.stdout, nothing.stderr) == (0, "", "no runs\n")
    assert podium("list", "--status", "nonsense").exit_code == 2
    assert len(json.loads(podium("list", "--json", "--since", "1 hour", "--until", "0s").stdout)) == 4
    assert json.loads(podium("list", "--json", "--until", "1h").stdout) == []
    assert "'soon' is no moment" in podium("list", "--since", "soon").stderr


def test_show_gives_the_whole_run_as_json(podium: Podium) -> None:
    """The JSON is that of the API, with tasks."""
    podium("run", "flows.py:hello", "-i", "name=x")
    run = json.loads(podium("show", "last", "--json").stdout)
    assert (run["status"], run["input"], run["tasks"][0]["referenceTaskName"]) == (
        "COMPLETED",
        {"name": "x", "times": 1},
        "greet",
    )


def test_runs_are_found_by_the_beginning_of_their_id(podium: Podium) -> None:
    """The beginning of an id is enough if only one run has it."""
    podium("run", "flows.py:hello", "-i", "name=x")
    first = newest(podium)
    assert podium("show", first[:14]).stdout == podium("show", first.upper()).stdout
    podium("run", "flows.py:hello", "-i", "name=x")
    both = podium("show", first[:4])
    assert both.exit_code == 2
    assert f"2 runs' ids begin with '{first[:4]}'" in both.stderr
    for unknown in ("ffffffff", "f" * 36):
        result = podium("show", unknown)
        assert result.exit_code == 2
        assert unknown in result.stderr


def test_the_last_run_of_an_empty_store(podium: Podium) -> None:
    """There is none, which is said."""
    connect("sqlite:///podium.db").close()
    result = podium("show", "last")
    assert (result.exit_code, result.stderr) == (2, "error: there is no run yet\n")


def test_a_run_is_paused_and_resumed(podium: Podium) -> None:
    """Pause and resume without a subject only change the run; only a paused run can be resumed so."""
    podium("run", "flows.py:signed", "--timeout", "0")
    run_id = newest(podium)
    paused = podium("pause", "last")
    assert (paused.exit_code, paused.stdout) == (0, "")
    assert paused.stderr == f"run {run_id} is PAUSED; go on: podium resume {run_id}\n"
    assert podium("show", "last").stdout.startswith("signed version 1: PAUSED\n")
    assert podium("resume", "last").stderr == f"run {run_id} is RUNNING\n"
    again = podium("resume", "last")
    assert again.exit_code == 2
    assert f"is not paused; to work on it here: podium resume {run_id} SUBJECT" in again.stderr


def test_a_paused_run_goes_on_with_its_subject(podium: Podium, folder: Path) -> None:
    """Resume with a subject lifts the pause and works to the end; of an ended run it only tells the end again."""
    (folder / "solvent").touch()
    podium("run", "flows.py:signed", "--timeout", "0")
    assert podium("pause", "last").exit_code == 0
    assert podium("complete", "last", "signature", "-o", "amount=2").exit_code == 0
    resumed = podium("resume", "last", "flows.py:signed")
    assert (resumed.exit_code, json.loads(resumed.stdout)) == (0, {"result": "paid"})
    ended = podium("resume", "last", "flows.py:signed")
    assert (ended.exit_code, ended.stdout) == (0, resumed.stdout)
    assert "pay: COMPLETED" in resumed.stderr
    assert "pay: COMPLETED" not in ended.stderr
    assert (folder / "trace.txt").read_text().splitlines() == ["pay"]


def test_terminate_keeps_the_reason(podium: Podium) -> None:
    """The reason is part of the run; a run that has ended well cannot be terminated."""
    podium("run", "flows.py:signed", "--timeout", "0")
    assert podium("terminate", "last", "--reason", "no need").exit_code == 0
    shown = podium("show", "last").stdout.splitlines()
    assert shown[:2] == ["signed version 1: TERMINATED", "reason: no need"]
    podium("run", "flows.py:hello", "-i", "name=x")
    refused = podium("terminate", "last")
    assert (refused.exit_code, "COMPLETED" in refused.stderr) == (2, True)


def test_complete_refuses_what_does_not_wait(podium: Podium) -> None:
    """Only a live task can be completed."""
    podium("run", "flows.py:hello", "-i", "name=x")
    result = podium("complete", "last", "greet")
    assert result.exit_code == 2
    assert "greet" in result.stderr


def test_the_database_may_come_from_the_environment(podium: Podium, monkeypatch: pytest.MonkeyPatch) -> None:
    """PODIUM_DB is the default of --db, and hints name it."""
    monkeypatch.setenv("PODIUM_DB", "sqlite:///elsewhere.db")
    assert "--db sqlite:///elsewhere.db" in podium("run", "flows.py:hello", "-i", "name=x").stderr
    assert len(json.loads(podium("list", "--json").stdout)) == 1
    assert not Path("podium.db").exists()


def test_version_and_help_are_there(podium: Podium) -> None:
    """The version is told in both usual ways; every command has a help."""
    assert podium("version").stdout == podium("--version").stdout
    assert re.fullmatch(r"podium \d+\.\d+.*\n", podium("version").stdout)
    text = podium("--help").stdout
    for name in _COMMANDS:
        assert f"\n  {name} " in text
        assert podium(name, "-h").exit_code == 0
    assert podium("nonsense").exit_code == 2
