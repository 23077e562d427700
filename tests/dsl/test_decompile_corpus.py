"""Real definitions, written by others, as Python source: it builds them again, and reads as if a person wrote it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest
from decompile_calls import FILES, complaints, rebuilt, uses_of

from podium.decompile import to_python
from podium.dsl import load
from podium.model.definitions import WorkflowDef
from podium.model.walk import walk

pytestmark = pytest.mark.skipif(not FILES, reason="the corpus of definitions is not here")


def definition_in(path: Path) -> WorkflowDef:
    """Return the definition of a file."""
    return load(path).definition


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the source of every definition into a folder."""
    folder = tmp_path_factory.mktemp("generated")
    for path in FILES:
        name = "w_" + path.stem.replace("-", "_").replace(".", "_")
        (folder / f"{name}.py").write_text(to_python(definition_in(path)))
    return folder


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_source_builds_the_definition_again(path: Path) -> None:
    """Running the source gives an equal definition, up to defaults and the order of keys; twice the same source."""
    definition = definition_in(path)

    source = rebuilt(definition)

    assert to_python(definition) == source


def test_hardly_anything_stays_raw() -> None:
    """No task of the corpus needs raw JSON; scripts, bare paths and tasks without their builder stay few."""
    sources = [to_python(definition_in(path)) for path in FILES]
    tasks = sum(len(list(walk(definition_in(path).tasks))) for path in FILES)

    words = ("raw", "js", "ref", "system_task")
    uses = Counter({word: sum(uses_of(word, source) for source in sources) for word in words})

    assert uses["raw"] == 0
    assert uses["system_task"] < tasks * 0.02  # what the builders refuse, such as a number in a text
    assert uses["js"] < tasks * 0.06
    assert uses["ref"] < tasks * 0.06


def test_source_is_laid_out_as_formatters_leave_it(package: Path) -> None:
    """A formatter with its own defaults changes nothing, a linter with its own rules finds nothing."""
    isolated: Sequence[str] = ("--isolated", "--no-cache", str(package))

    assert complaints("ruff", "format", "--diff", *isolated) == ""
    assert complaints("ruff", "check", *isolated) == ""


def test_source_is_laid_out_for_other_widths(tmp_path: Path) -> None:
    """The width of a line is the caller's."""
    for number, path in enumerate(FILES):
        (tmp_path / f"w_{number}.py").write_text(to_python(definition_in(path), line_length=120))

    assert complaints("ruff", "format", "--diff", "--isolated", "--no-cache", "--line-length=120", str(tmp_path)) == ""


@pytest.mark.slow
def test_source_passes_a_type_checker(package: Path, tmp_path: Path) -> None:
    """A type checker has nothing to say about the generated modules."""
    config = tmp_path / "mypy.ini"
    config.write_text("[mypy]\ncheck_untyped_defs = true\nfollow_imports = silent\n")

    said = complaints("mypy", "--config-file", str(config), f"--cache-dir={tmp_path / 'cache'}", str(package))

    assert said == ""
