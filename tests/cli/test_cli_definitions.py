"""``export`` and ``check``, and how a workflow is named."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from cli_calls import Podium, Start

ORDER = str(Path(__file__).parents[2] / "examples" / "order.py") + ":order"


def write_json(name: str, *tasks: Mapping[str, object], **more: object) -> str:
    """Write a definition into a file and give the file's name."""
    Path(name).write_text(json.dumps({"name": "w", "version": 1, "schemaVersion": 2, "tasks": tasks, **more}))
    return name


def test_export_twice_gives_the_same_bytes(podium: Podium, folder: Path) -> None:
    """The canonical JSON is deterministic, and the same in a file as on the standard output."""
    first = podium("export", "flows.py:hello")
    assert first.exit_code == 0
    assert podium("export", "flows.py:hello").stdout_bytes == first.stdout_bytes
    assert podium("export", "flows.py:hello", "-o", "hello.json").stdout == ""
    assert (folder / "hello.json").read_bytes() == first.stdout_bytes
    assert json.loads(first.stdout)["name"] == "hello"
    assert first.stdout.endswith("}\n")


def test_export_and_check_are_connected_by_a_pipe(start: Start) -> None:
    """The example's definition passes the check in another process, which has nothing to write."""
    export = start("export", ORDER)
    check = start("check", "-", stdin=export.stdout)
    out, err = check.communicate(timeout=60)
    assert (check.returncode, out, err) == (0, "", "no problems\n")
    export.wait(timeout=60)
    assert export.returncode == 0


def test_export_reads_json_too(podium: Podium) -> None:
    """What comes from JSON, by file or by the standard input, leaves in canonical form."""
    text = '{"tasks": [{"taskReferenceName": "a", "name": "a", "optional": false}], "name": "w", "description": null}'
    Path("w.json").write_text(text)
    from_file, from_stdin = podium("export", "w.json"), podium("export", "-", stdin=text)
    assert from_file.stdout == from_stdin.stdout
    assert json.loads(from_file.stdout)["tasks"] == [{"name": "a", "taskReferenceName": "a", "type": "SIMPLE"}]


def test_export_says_why_it_cannot_write(podium: Podium) -> None:
    """A folder that is not there is a usage error."""
    result = podium("export", "flows.py:hello", "-o", "missing/hello.json")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "missing/hello.json cannot be written: No such file or directory" in result.stderr


def test_export_says_what_conductor_rounds(podium: Podium) -> None:
    """A fraction of a second is a note beside the JSON, which holds both."""
    name = write_json(
        "w.json", {"name": "a", "taskReferenceName": "a", "startDelay": 1, "exactSeconds": {"startDelay": 0.5}}
    )
    result = podium("export", name)
    assert result.stderr == "note: startDelay of 'a' is 0.5 s, which Conductor reads as 1 s\n"
    assert json.loads(result.stdout)["tasks"][0]["exactSeconds"] == {"startDelay": 0.5}


def test_check_names_place_code_and_what_to_write(podium: Podium) -> None:
    """An error in JSON has the file and the path; the advice stands below it; the exit code is 2."""
    name = write_json("w.json", {"name": "a", "taskReferenceName": "a", "inputParameters": {"x": "${ship.output.y}"}},
                      {"name": "ship", "taskReferenceName": "shipp"})  # fmt: skip
    result = podium("check", name)
    assert result.exit_code == 2
    first, hint = result.stdout.splitlines()
    assert first.startswith("w.json tasks[0].inputParameters.x: R1 ")
    assert hint.startswith("    ")


def test_check_passes_with_warnings(podium: Podium) -> None:
    """A warning is shown and is no failure."""
    loop = {"name": "l", "taskReferenceName": "l", "type": "DO_WHILE", "loopCondition": "true",
            "loopOver": [{"name": "a", "taskReferenceName": "a"}]}  # fmt: skip
    result = podium("check", write_json("w.json", loop))
    assert result.exit_code == 0
    assert ": L1 warning: " in result.stdout
    assert result.stderr == "1 warning, no error\n"


def test_check_gives_the_line_of_python(podium: Podium, folder: Path) -> None:
    """A mistake in Python is reported at the author's line, of all workflows in the file."""
    code = "from podium import *\n@task\ndef a() -> int: ...\n"
    code += "@workflow\ndef good() -> None:\n    a()\n@workflow\ndef bad() -> None:\n    a(zz=1)\n"
    (folder / "wrong.py").write_text(code)
    result = podium("check", "wrong.py")
    assert result.exit_code == 2
    (line,) = result.stdout.splitlines()
    assert line.startswith(f"{folder / 'wrong.py'}:9: ")


def test_check_looks_at_several_subjects(podium: Podium) -> None:
    """One that cannot be found does not keep the others from being checked."""
    wrong = write_json("w.json")
    result = podium("check", "flows.py:hello", "nowhere.py", wrong)
    assert result.exit_code == 2
    assert "w.json tasks: V1 the workflow has no tasks" in result.stdout
    assert "error: there is no file nowhere.py" in result.stderr
    assert podium("check", "flows.py").exit_code == 0


def test_check_lists_everything_that_keeps_json_from_being_read(podium: Podium) -> None:
    """All faults of a document are told, each with its path; what is no JSON at all is told as such."""
    text = '{"name": 1, "tasks": [{"taskReferenceName": "a", "startDelay": "soon"}]}'
    result = podium("check", "-", stdin=text)
    assert result.exit_code == 2
    assert [line.split(":")[0] for line in result.stdout.splitlines()] == ["stdin name", "stdin tasks[0].startDelay"]
    assert "stdin: JSON this is not JSON" in podium("check", "-", stdin="{").stdout


@pytest.mark.parametrize(
    ("subject", "message"),
    [
        ("nowhere.py", "there is no file nowhere.py"),
        ("nowhere.py:x", "there is no file nowhere.py"),
        ("nowhere.json", "nowhere.json cannot be read: No such file or directory"),
        ("nowhere:x", "there is no module nowhere"),
        ("podium.nowhere:x", "there is no module podium.nowhere"),
        ("nowhere.deep:x", "there is no module nowhere.deep (there is no nowhere)"),
        ("flows", "flows has 5 workflows; name one of them: flows:hello, flows:shop, flows:mall, flows:asks"),
        ("flows.py", "flows.py has 5 workflows; name one of them: flows.py:hello,"),
        (
            "flows.py:helo",
            "flows.py has no helo; did you mean hello? its workflows are: hello, shop, mall, asks, signed",
        ),
        ("flows:greet", "greet in flows is a Task, not a workflow; its workflows are: hello, shop, mall, asks, signed"),
        ("empty.py", "empty.py has no workflow; make one with @workflow"),
        ("empty.py:x", "empty.py has no x; it has no workflow"),
        ("broken.py", "broken.py cannot be imported: NameError: name 'oops' is not defined ("),
        ("needy.py", "needy.py cannot be imported: ModuleNotFoundError: No module named 'nowhere_else' ("),
        ("syntax.py", "syntax.py cannot be imported: SyntaxError: "),
        ("leaves.py", "leaves.py cannot be imported: it ends the program"),
        ("raises.py", "raises.py:w cannot be built: ZeroDivisionError: division by zero ("),
        ("authored.py", "authored.py:5: "),
        ("a b", "'a b' is no file that exists, and no module's name"),
    ],
)
def test_a_subject_that_cannot_be_had_is_explained(podium: Podium, folder: Path, subject: str, message: str) -> None:
    """One line on the standard error says what is wrong and what there is; the exit code is 2."""
    for name, code in {
        "empty": "",
        "broken": "oops",
        "needy": "import nowhere_else",
        "syntax": "def",
        "leaves": "import sys; sys.exit(3)",
        "raises": "from podium import *\n@workflow\ndef w() -> None:\n    1 / 0\n",
        "authored": "from podium import *\n@task\ndef a() -> int: ...\nwf = Workflow('w')\nwf >> 3\n",
    }.items():
        (folder / f"{name}.py").write_text(code)
    result = podium("export", subject)
    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr
    assert result.stderr.startswith("error: ")
    assert "Traceback" not in result.stderr


def test_a_traceback_is_there_for_the_asking(podium: Podium, folder: Path) -> None:
    """With --debug the author sees where the own code failed."""
    (folder / "broken.py").write_text("oops")
    result = podium("--debug", "export", "broken.py")
    assert result.exit_code == 2
    assert "NameError: name 'oops' is not defined" in result.stderr
    assert "Traceback" in result.stderr


def test_a_module_in_a_package_is_found(podium: Podium, folder: Path) -> None:
    """Files of a package may import their neighbours, named as a file or as a module; one workflow needs no name."""
    (folder / "shop").mkdir()
    (folder / "shop" / "__init__.py").write_text("")
    (folder / "shop" / "tasks.py").write_text("from podium import task\n@task\ndef a() -> int: ...\n")
    code = (
        "from podium import workflow\nfrom .tasks import a\nprint('noise')\n@workflow\ndef sale() -> None:\n    a()\n"
    )
    (folder / "shop" / "flows.py").write_text(code)
    by_file, by_module = podium("export", "shop/flows.py"), podium("export", "shop.flows:sale")
    assert by_file.exit_code == 0
    assert by_file.stdout == by_module.stdout
    assert json.loads(by_file.stdout)["name"] == "sale"


def test_a_file_may_have_the_name_of_a_module(podium: Podium, folder: Path) -> None:
    """A file that is called like a module of Python is imported without replacing it."""
    import email

    (folder / "email.py").write_text(
        "from podium import *\n@task\ndef a() -> int: ...\n@workflow\ndef w() -> None: a()\n"
    )
    assert json.loads(podium("export", "email.py").stdout)["name"] == "w"
    assert hasattr(email, "message_from_string")


def test_a_definition_object_is_a_subject_too(podium: Podium, folder: Path) -> None:
    """A `WorkflowDef` in a module can be named."""
    (folder / "plain.py").write_text(
        "from podium import load\n"
        "given = load({'name': 'w', 'tasks': [{'name': 'a', 'taskReferenceName': 'a'}]}).definition\n"
    )
    assert json.loads(podium("export", "plain.py:given").stdout)["name"] == "w"
