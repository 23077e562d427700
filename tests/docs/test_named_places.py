"""What the pages for those who work on Podium name is there."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = ("docs/glossary.md", "docs/architecture.md", "CONTRIBUTING.md")
#: Entry point groups: they look like modules and are none.
GROUPS = {"podium.backends", "podium.sinks", "podium.sources", "podium.tasks"}
ROOMS = sorted(path.parent.name for path in (ROOT / "podium").glob("*/__init__.py"))
_DOTTED = re.compile(rf"`(podium(?:\.\w+)+|(?:{'|'.join(ROOMS)})(?:\.\w+)+)`")
_PATH = re.compile(r"`((?:podium|tests|scripts|docs|benchmarks|engine|backends|client|server)/[\w/.]+)`")
#: Paths that the reader is to make.
EXAMPLES = re.compile(r"/store_\d+\.sql$|^backends/(memory|sql)/$")


def _exists(name: str) -> bool:
    """Return whether a dotted name leads to a module, or to something in one."""
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        try:
            found: object = import_module(".".join(parts[:length]))
        except ImportError:
            continue
        for part in parts[length:]:
            found = getattr(found, part, None)
        return found is not None
    return False


@pytest.mark.parametrize("page", PAGES)
def test_every_name_of_a_page_exists(page: str) -> None:
    """A module, class or function that glossary, architecture or CONTRIBUTING names can be found under that name."""
    found = {
        name if name.startswith("podium.") else f"podium.{name}" for name in _DOTTED.findall((ROOT / page).read_text())
    }

    assert found
    assert [name for name in sorted(found - GROUPS) if not _exists(name)] == []


def test_the_worked_example_changes_files_that_exist() -> None:
    """The diff that adds a task type names files as they are called today."""
    diff = (ROOT / "CONTRIBUTING.md").read_text().partition("```diff\n")[2].partition("```")[0]
    paths = re.findall(r"^ (\S+)", diff, re.MULTILINE)

    assert len(paths) > 5
    assert [path for path in paths if path.endswith((".py", ".md")) and not (ROOT / path).exists()] == []


def test_the_worked_example_is_what_stands_in_the_files() -> None:
    """What the diff adds is there, spaces aside; lines that are cut short (``...``) or explained are not looked at."""
    diff = (ROOT / "CONTRIBUTING.md").read_text().partition("```diff\n")[2].partition("```")[0]
    texts = {path: "".join((ROOT / path).read_text().split()) for path in re.findall(r"^ (\S+)", diff, re.MULTILINE)}
    path, missing = "", []
    for line in diff.splitlines():
        path = line.split()[0] if line.startswith(" ") else path
        is_whole = line.startswith("+") and "..." not in line and "#" not in line
        if is_whole and "".join(line[1:].split()) not in texts[path]:
            missing.append(f"{path}: {line}")

    assert missing == []


@pytest.mark.parametrize("page", PAGES)
def test_every_file_of_a_page_exists(page: str) -> None:
    """A file that one of the pages names is where it says; paths within the package may leave its name out."""
    paths = [path for path in _PATH.findall((ROOT / page).read_text()) if EXAMPLES.search(path) is None]

    assert [path for path in paths if not ((ROOT / path).exists() or (ROOT / "podium" / path).exists())] == []
