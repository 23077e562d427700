"""``podium check``: sets of workflows, the forms of its output, and its exit codes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from cli_calls import Podium

from podium.cli.checks.sarif import uri_of
from podium.model.expressions import references
from podium.model.positions import Positions
from podium.model.values import JsonValue

#: As OASIS publishes it: https://docs.oasis-open.org/sarif/sarif/v2.1.0/
SCHEMA = Path(__file__).parent / "sarif-schema-2.1.0.json"

CORPUS = Path(__file__).parents[2].parent / "shared" / "corpus" / "definitions"

_CHILD = {"name": "b", "taskReferenceName": "b", "inputParameters": {"x": "${workflow.input.sku}"}}
_CALL = {"name": "c", "taskReferenceName": "c", "type": "SUB_WORKFLOW", "subWorkflowParam": {"name": "child"}}


def _write(file: str, *tasks: JsonValue, name: str = "w", **more: JsonValue) -> str:
    Path(file).parent.mkdir(parents=True, exist_ok=True)
    Path(file).write_text(json.dumps({"name": name, "version": 1, "tasks": tasks, **more}, indent=2))
    return file


@pytest.fixture
def wrong(podium: Podium) -> str:
    """Return a file with an error and a warning."""
    task = {"name": "a", "taskReferenceName": "a", "inputParameters": {"x": "${nobody.output.y}"}}
    return _write("flows/wrong one.json", task, inputParameters=["sku"])


def test_workflows_named_together_see_each_other(podium: Podium) -> None:
    """Alone, a call is not looked into; together, its inputs are."""
    parent, child = _write("parent.json", _CALL), _write("child.json", _CHILD, name="child")

    assert podium("check", parent).stderr == podium("check", child).stderr == "no problems\n"
    assert "R3 warning: 'c' does not give 'sku'" in podium("check", parent, child).stdout


def test_json_sees_workflows_in_python(podium: Podium, folder: Path) -> None:
    """A definition that calls what a Python file has is held against its parameters."""
    (folder / "flow.py").write_text(
        "from podium import *\n@task\ndef a(x: str) -> int: ...\n@workflow\ndef child(sku: str): a(sku)\n"
    )

    assert "R3" in podium("check", _write("parent.json", _CALL), "flow.py").stdout


def test_a_folder_is_looked_through(podium: Podium, folder: Path) -> None:
    """Definitions and Python that uses us, at any depth; what is somebody else's is passed over."""
    _write("all/a/parent.json", _CALL)
    _write("all/b/child.json", _CHILD, name="child")
    _write("all/.hidden/x.json")
    _write("all/node_modules/x.json")
    Path("all/package.json").write_text('{"name": "x", "scripts": {}}')
    Path("all/broken.json").write_text("{")
    Path("all/tool.py").write_text("raise SystemExit('this is not to be run')")
    Path("all/tasks.py").write_text("from podium import *\n@task\ndef b() -> int: ...\n")
    Path("all/flow.py").write_text(
        "from podium import *\n@task\ndef a() -> int: ...\n@workflow\ndef w(unused: int): a()\n"
    )
    result = podium("check", "all")

    assert result.exit_code == 0
    assert [line.split(" ")[1] for line in result.stdout.splitlines() if not line.startswith(" ")] == [
        "tasks[0].inputParameters:",
        "inputParameters[0]:",
    ]
    assert result.stderr == "2 warnings, no error\n"


def test_a_definition_that_is_broken_is_told_in_a_folder_too(podium: Podium) -> None:
    """What looks like a definition and cannot be read is not passed over."""
    _write("all/a.json", {"taskReferenceName": 3})
    Path("all/b.json").write_text('{"name": "w", "tasks": [')
    result = podium("check", "all")

    assert result.exit_code == 2
    assert [line.partition(": ")[0] for line in result.stdout.splitlines()] == [
        "all/a.json tasks[0].taskReferenceName",
        "all/b.json",
    ]


def test_python_in_a_folder_that_fails_does_not_keep_the_others_from_being_looked_at(podium: Podium) -> None:
    """It is told, and the exit code is 2."""
    _write("all/z.json", {"name": "a", "taskReferenceName": "a"}, inputParameters=["sku"])
    Path("all/bad.py").write_text("import podium\nraise RuntimeError('no')\n")
    Path("all/worse.py").write_text("from podium import *\n@workflow\ndef w():\n    1 / 0\n")
    result = podium("check", "all")

    assert result.exit_code == 2
    assert "I1" in result.stdout
    assert "all/bad.py cannot be imported: RuntimeError: no" in result.stderr
    assert "all/worse.py:w cannot be built: ZeroDivisionError" in result.stderr


def test_a_file_may_hold_a_list(podium: Podium) -> None:
    """Each definition of it is looked at, and paths say which."""
    child = {"name": "child", "tasks": [_CHILD]}
    Path("all.json").write_text(json.dumps([{"name": "w", "tasks": [_CALL]}, child]))
    result = podium("check", "all.json")

    assert result.stdout.startswith("all.json [0].tasks[0].inputParameters: R3 warning:")
    Path("all.json").write_text(json.dumps([child, 3]))
    assert podium("check", "all.json").stdout == "all.json [1]: JSON an object is expected here\n"


def test_task_definitions_are_given(podium: Podium, folder: Path) -> None:
    """In JSON, one or a list, or in Python; then other names are errors."""
    file = _write("w.json", {"name": "b", "taskReferenceName": "b"})
    Path("one.json").write_text('{"name": "a"}')
    Path("two.json").write_text('[{"name": "a"}, {"name": "b"}]')
    (folder / "mine.py").write_text("from podium import *\n@task\ndef b() -> int: ...\n")

    assert podium("check", file).exit_code == 0
    assert "T1 there is no task definition 'b'" in podium("check", file, "--tasks", "one.json").stdout
    assert podium("check", file, "--tasks", "two.json").exit_code == 0
    assert podium("check", file, "--tasks", "one.json", "--tasks", "mine.py").exit_code == 0
    Path("bad.json").write_text('[{"name": "a", "retryCount": "often"}]')
    for tasks, message in {
        "none.json": "none.json cannot be read",
        "bad.json": "the task definitions in bad.json has 1 problem",
    }.items():
        result = podium("check", file, "--tasks", tasks)
        assert (result.exit_code, message in result.stderr) == (2, True), result.stderr


def test_codes_are_chosen_and_left_out(podium: Podium, wrong: str) -> None:
    """By code or letter, with commas or by repetition; what is left out does not count."""

    def of(*words: str) -> tuple[int, list[str]]:
        result = podium("check", wrong, *words)
        lines = [line for line in result.stdout.splitlines() if not line.startswith(" ")]
        return result.exit_code, [line.partition(": ")[2][:2] for line in lines]

    assert of() == (2, ["I1", "R1"])
    assert of("--ignore", "R1") == (0, ["I1"])
    assert of("--ignore", "r,I1") == (0, [])
    assert of("--ignore", "R", "--ignore", "I1") == (0, [])
    assert of("--select", "I") == (0, ["I1"])
    assert of("--select", "R1,I1", "--ignore", "I1") == (2, ["R1"])
    unknown = podium("check", wrong, "--select", "Q7")
    assert (unknown.exit_code, "there is no code 'Q7'" in unknown.stderr) == (2, True)


def test_exit_codes(podium: Podium, wrong: str) -> None:
    """0 without errors, 1 with warnings if they count, 2 with errors or where something cannot be looked at."""
    assert podium("check", wrong, "--strict").exit_code == 2
    assert podium("check", wrong, "--strict", "--ignore", "R1").exit_code == 1
    assert podium("check", wrong, "--ignore", "R1").exit_code == 0
    assert podium("check", wrong, "--strict", "--ignore", "R1,I1").exit_code == 0
    assert podium("check", "nowhere.json", "--ignore", "R1").exit_code == 2


def test_notes_are_shown_on_demand(podium: Podium) -> None:
    """They are no mistakes and change no exit code."""
    loop = {"name": "l", "taskReferenceName": "l", "type": "DO_WHILE", "loopCondition": "$.l.iteration < 3",
            "loopOver": [{"name": "a", "taskReferenceName": "a"}]}  # fmt: skip
    file = _write("w.json", loop, outputParameters={"x": "${a.output.x}"})

    assert podium("check", file).stderr == "no problems\n"
    noted = podium("check", file, "--notes", "--strict")
    assert (noted.exit_code, noted.stderr) == (0, "1 note, no error\n")
    assert "w.json outputParameters.x: D3 note: " in noted.stdout


def test_json_has_everything(podium: Podium, wrong: str) -> None:
    """The number of workflows, each problem with its line, and what could not be looked at."""
    result = podium("check", wrong, "nowhere.json", "--format", "json")
    found = json.loads(result.stdout)

    assert result.exit_code == 2
    assert (found["checked"], found["failures"]) == (1, ["nowhere.json cannot be read: No such file or directory"])
    assert found["problems"][1] == {
        "code": "R1",
        "severity": "error",
        "subject": wrong,
        "file": wrong,
        "line": 9,
        "path": "tasks[0].inputParameters.x",
        "message": "${nobody.output.y}: no step is named 'nobody'",
        "hint": None,
    }


def test_json_of_what_is_sound(podium: Podium) -> None:
    """An empty list, and nothing else on the standard output."""
    file = _write("w.json", {"name": "a", "taskReferenceName": "a"})

    assert json.loads(podium("check", file, "--format", "json").stdout) == {
        "checked": 1,
        "problems": [],
        "failures": [],
    }


def _sarif(podium: Podium, *words: str, **options: Any) -> dict[str, Any]:
    log: dict[str, Any] = json.loads(podium("check", *words, "--format", "sarif", **options).stdout)
    jsonschema.validate(log, json.loads(SCHEMA.read_text()))
    return log


def test_sarif_is_valid_and_has_the_places(podium: Podium, wrong: str, folder: Path) -> None:
    """Files are named from the working directory, JSON has line and column, Python has the line."""
    (folder / "flow.py").write_text(
        "from podium import *\n@task\ndef a() -> int: ...\n@workflow\ndef w(unused: int):\n    a()\n"
    )
    (run,) = _sarif(podium, wrong, "flow.py:w", "nowhere.json")["runs"]

    rules = run["tool"]["driver"]["rules"]
    places = [each["locations"][0]["physicalLocation"] for each in run["results"]]
    assert [(each["ruleId"], each["level"]) for each in run["results"]] == [
        ("I1", "warning"),
        ("R1", "error"),
        ("I1", "warning"),
    ]
    assert all(rules[each["ruleIndex"]]["id"] == each["ruleId"] for each in run["results"])
    assert [each["artifactLocation"]["uri"] for each in places] == ["flows/wrong%20one.json"] * 2 + ["flow.py"]
    assert [each["region"] for each in places] == [
        {"startLine": 14, "startColumn": 5},
        {"startLine": 9, "startColumn": 9},
        {"startLine": 4},
    ]
    (invocation,) = run["invocations"]
    assert not invocation["executionSuccessful"]
    assert "nowhere.json" in invocation["toolExecutionNotifications"][0]["message"]["text"]


def test_sarif_without_problems_and_without_a_file(podium: Podium) -> None:
    """Both are valid; what came by the standard input has a name and no file."""
    good, bad = '{"name": "w", "tasks": [{"name": "a", "taskReferenceName": "a"}]}', '{"name": "w", "tasks": []}'

    assert _sarif(podium, "-", stdin=good)["runs"][0]["results"] == []
    (result,) = _sarif(podium, "-", stdin=bad)["runs"][0]["results"]
    assert result["locations"] == [{"logicalLocations": [{"fullyQualifiedName": "stdin tasks"}]}]
    assert _sarif(podium, "-", stdin="{")["runs"][0]["results"][0]["ruleId"] == "JSON"


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus of definitions is not here")
def test_real_definitions_as_sarif(podium: Podium) -> None:
    """All complaints about them have a line, and the whole is valid."""
    (run,) = _sarif(podium, str(CORPUS), "--notes")["runs"]

    assert len(run["results"]) > 50
    assert all("region" in each["locations"][0]["physicalLocation"] for each in run["results"])


def test_uris(folder: Path) -> None:
    """Below the folder they are relative, elsewhere they are whole."""
    assert uri_of(str(folder / "a" / "ü.json"), folder) == "a/%C3%BC.json"
    assert uri_of("../x.json", folder) == (folder.parent / "x.json").resolve().as_uri()


def test_positions_in_json() -> None:
    """Keys as they stand in paths, quoted ones, lists; where a path leaves the text, the last thing that is there."""
    text = '{\n  "a": [1,\n   {"b.c": "\\" {"}],\n  "d": {"x y": {"z": null}}, "e": [],\n "": 1}'
    positions = Positions(text)

    assert positions.find("") == (1, 1)
    assert positions.find("a") == (2, 3)
    assert positions.find("a[0]") == (2, 9)
    assert positions.find("a[1].b.c") == (3, 5)
    assert positions.find("d['x y'].z") == (4, 17)
    assert positions.find("d.x y.z.more[3]") == (4, 17)
    assert positions.find("a[7].x") == (2, 3)
    assert positions.find("e.nothing") == (4, 30)
    assert Positions('{"a": ').find("a") is None
    assert Positions("[" * 100_000).find("") is None


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus of definitions is not here")
def test_every_reference_of_real_definitions_has_its_line() -> None:
    """The line that a path leads to is one on which its last key stands."""
    for file in sorted(CORPUS.glob("*.json")):
        text = file.read_text()
        positions, lines = Positions(text), text.splitlines()
        for found in references(json.loads(text)):
            position = positions.find(found.path)
            assert position is not None
            key = found.path.rpartition(".")[2].partition("[")[0].strip("']")
            line = lines[position[0] - 1]
            assert key in line or found.path.endswith("]"), (file.name, found.path, line)


def test_faults_of_reading_have_their_line(podium: Podium) -> None:
    """What cannot be read as a definition is placed too."""
    file = _write("w.json", {"name": "a", "taskReferenceName": "a", "startDelay": "soon"})
    (problem,) = json.loads(podium("check", file, "--format", "json").stdout)["problems"]

    assert (problem["code"], problem["line"]) == ("JSON", 8)


def test_json_that_python_cannot_hold_is_told_like_other_json(podium: Podium) -> None:
    """A file that is nested too deeply, or holds NaN, is one wrong file among others and not the end of the check."""
    Path("flows").mkdir()
    Path("flows/deep.json").write_text('{"name": "w", "tasks": ' + "[" * 100_000 + "]" * 100_000 + "}")
    _write("flows/nan.json", {"name": "a", "taskReferenceName": "a", "inputParameters": {"rate": float("nan")}})
    _write("flows/right.json", {"name": "a", "taskReferenceName": "a"})

    result = podium("check", "flows")

    assert result.exit_code == 2
    assert "flows/deep.json: JSON this is not JSON: it is nested more than 250 levels deep" in result.stdout
    assert "flows/nan.json: JSON this is not JSON: it holds a number that JSON does not have" in result.stdout
    assert "2 errors" in result.stderr


def test_a_workflow_that_modules_import_is_looked_at_once(podium: Podium) -> None:
    """What is wrong with it is told once, with the file that it is written in; so is that of a file named twice."""
    Path("flows").mkdir()
    Path("flows/z_order.py").write_text(
        "from podium import noop, workflow\n\n@workflow\ndef order(sku: str):\n    noop('a')\n"
    )
    for name in ("__init__", "batch"):
        Path(f"flows/{name}.py").write_text("from podium import noop, workflow\nfrom flows.z_order import order\n")

    told = json.loads(podium("check", "flows", "flows/z_order.py:order", "flows/batch.py", "--format", "json").stdout)

    assert told["checked"] == 1
    assert [(each["code"], each["subject"]) for each in told["problems"]] == [("I1", "flows/z_order.py:order")]


def test_workflows_that_one_line_makes_are_all_looked_at(podium: Podium) -> None:
    """A function may make several workflows, also under one name."""
    Path("made.py").write_text(
        "from podium import Workflow, noop\n\n"
        "def make(unread):\n    flow = Workflow('w')\n    flow.input(unread)\n"
        "    flow >> noop('a')\n    return flow\n\n"
        "first, second = make('a'), make('b')\n"
    )

    told = json.loads(podium("check", "made.py", "--format", "json").stdout)

    assert [each["message"] for each in told["problems"] if each["code"] == "I1"] == [
        "the input 'a' is declared, and nothing reads it",
        "the input 'b' is declared, and nothing reads it",
    ]


def test_a_folder_without_workflows_is_no_success(podium: Podium) -> None:
    """Otherwise a script that names the wrong folder would pass for ever."""
    Path("empty").mkdir()
    Path("empty/package.json").write_text('{"name": "site", "version": "1.0.0"}')

    result = podium("check", "empty")

    assert result.exit_code == 2
    assert "there is no workflow in empty" in result.stderr
