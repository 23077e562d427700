"""``import``: one definition as source, an estate as a package."""

from __future__ import annotations

import json
from pathlib import Path

from cli_calls import Podium

ORDER = {
    "name": "order",
    "version": 3,
    "inputParameters": ["order_id"],
    "tasks": [
        {
            "name": "charge",
            "taskReferenceName": "charge",
            "type": "SIMPLE",
            "inputParameters": {"order_id": "${workflow.input.order_id}", "amount": 12.5},
        },
        {
            "name": "ship",
            "taskReferenceName": "ship_it",
            "type": "SUB_WORKFLOW",
            "inputParameters": {"payment": "${charge.output.id}"},
            "subWorkflowParam": {"name": "ship", "version": 2},
        },
    ],
}
SHIP = {
    "name": "ship",
    "version": 2,
    "tasks": [
        {
            "name": "label",
            "taskReferenceName": "label",
            "type": "SIMPLE",
            "inputParameters": {"payment": "${workflow.input.payment}"},
        }
    ],
}


def write(path: Path, document: object) -> str:
    """Write JSON into a file; give its name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document))
    return str(path)


def exported(podium: Podium, subject: str) -> object:
    """Return the definition that a subject exports."""
    result = podium("export", subject)
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def without_defaults(podium: Podium, document: object) -> object:
    """Return a definition in canonical form."""
    return json.loads(podium("export", "-", stdin=json.dumps(document)).stdout)


def test_import_prints_the_source_of_one_definition(podium: Podium, folder: Path) -> None:
    """Without -o the source goes to the standard output, from a file or from a pipe."""
    name = write(folder / "order.json", ORDER)

    from_file, from_stdin = podium("import", name), podium("import", "-", stdin=json.dumps(ORDER))

    assert from_file.exit_code == 0
    assert from_file.stdout == from_stdin.stdout
    (folder / "flow.py").write_text(from_file.stdout)
    assert exported(podium, "flow.py:order") == without_defaults(podium, ORDER)


def test_import_writes_an_estate_as_a_package(podium: Podium, folder: Path) -> None:
    """Each workflow has a module, workers have one together, callers import what they call, versions stand apart."""
    write(folder / "json" / "order.json", ORDER)
    write(folder / "json" / "more" / "ship.json", [SHIP, {**SHIP, "version": 1}])
    write(folder / "json" / "taskdefs.json", [{"name": "charge", "retryCount": 1, "inputKeys": ["order_id"]}])

    result = podium("import", "json", "-o", "shop")

    assert result.exit_code == 0, result.stderr
    assert {path.name for path in (folder / "shop").iterdir()} == {
        "__init__.py",
        "order.py",
        "ship_v1.py",
        "ship_v2.py",
        "tasks.py",
    }
    assert "from .ship_v2 import ship_v2" in (folder / "shop" / "order.py").read_text()
    assert (
        "@task(retries=1)\ndef charge(order_id: Any, amount: float) -> Any:"
        in (folder / "shop" / "tasks.py").read_text()
    )
    assert "shop/order.py: order version 3, 2 tasks\n" in result.stdout
    assert "shop/tasks.py: 2 worker tasks, to be filled in\n" in result.stdout
    assert "task definition charge: no setting for inputKeys" in result.stderr
    assert "3 workflows; no task stayed raw JSON" in result.stderr
    assert exported(podium, "shop/order.py:order") == without_defaults(podium, ORDER)
    assert exported(podium, "shop/ship_v2.py:ship_v2") == without_defaults(podium, SHIP)
    assert exported(podium, "shop/ship_v1.py:ship_v1") == without_defaults(podium, {**SHIP, "version": 1})


def test_import_replaces_nothing_without_force(podium: Podium, folder: Path) -> None:
    """Files that are there stay, and nothing is written beside them; --force replaces them and leaves the others."""
    name = write(folder / "order.json", ORDER)
    (folder / "shop").mkdir()
    (folder / "shop" / "order.py").write_text("mine")
    (folder / "shop" / "other.py").write_text("mine too")

    refused = podium("import", name, "-o", "shop")
    assert refused.exit_code == 2
    assert "shop has order.py already; --force replaces them" in refused.stderr
    assert {path.name for path in (folder / "shop").iterdir()} == {"order.py", "other.py"}

    assert podium("import", name, "-o", "shop", "--force").exit_code == 0
    assert exported(podium, "shop/order.py:order") == without_defaults(podium, ORDER)
    assert (folder / "shop" / "other.py").read_text() == "mine too"


def test_import_of_several_definitions_needs_a_folder(podium: Podium, folder: Path) -> None:
    """The standard output takes one workflow."""
    result = podium("import", write(folder / "both.json", [ORDER, SHIP]))

    assert (result.exit_code, result.stdout) == (2, "")
    assert "there are 2 workflows; name a folder for them with -o" in result.stderr


def test_import_names_the_file_that_is_wrong(podium: Podium, folder: Path) -> None:
    """A named file must be right; in a folder, what is no definition is left out and told."""
    write(folder / "json" / "order.json", ORDER)
    (folder / "json" / "notes.json").write_text("{}")
    (folder / "json" / "broken.json").write_text("{")

    whole = podium("import", "json", "-o", "shop")
    assert whole.exit_code == 0
    assert "left out: the definition in json/notes.json has 2 problems" in whole.stderr
    assert "left out: the definition in json/broken.json has 1 problem" in whole.stderr

    assert podium("import", "json/notes.json").exit_code == 2
    assert podium("import", "missing.json").exit_code == 2
    assert "missing.json cannot be read" in podium("import", "missing.json").stderr
    (folder / "empty").mkdir()
    assert "there is no workflow in empty" in podium("import", "empty", "-o", "x").stderr


def test_import_tells_what_is_defined_more_than_once(podium: Podium, folder: Path) -> None:
    """Two definitions with the same name and version are both kept, apart from each other; equal ones count once."""
    other = {**SHIP, "description": "another one"}
    write(folder / "json" / "all.json", [SHIP, other, SHIP])

    result = podium("import", "json", "-o", "shop")

    assert "2 workflows; no task stayed raw JSON; defined more than once: ship version 2" in result.stderr
    assert exported(podium, "shop/ship_v2_1.py:ship_v2_1") == without_defaults(podium, SHIP)
    assert exported(podium, "shop/ship_v2_2.py:ship_v2_2") == without_defaults(podium, other)


def test_import_takes_the_width_of_a_line(podium: Podium, folder: Path) -> None:
    """--line-length lays the source out for another width."""
    name = write(folder / "order.json", ORDER)

    wide, narrow = podium("import", name, "--line-length", "120"), podium("import", name, "--line-length", "50")

    assert max(map(len, wide.stdout.splitlines())) > 50 >= max(map(len, narrow.stdout.splitlines()))


def test_a_module_has_a_name_that_files_can_have(podium: Podium, folder: Path) -> None:
    """A workflow's name may be longer than a file's; the module's is cut, and two of them stay apart."""
    first, second = {**SHIP, "name": "x" * 300}, {**SHIP, "name": "x" * 301}
    write(folder / "all.json", [first, second])

    result = podium("import", "all.json", "-o", "shop")

    assert result.exit_code == 0, result.stderr
    modules = [f"{'x' * 100}", f"{'x' * 100}_workflow"]
    for module, document in zip(modules, [first, second], strict=True):
        assert exported(podium, f"shop.{module}") == without_defaults(podium, document)
