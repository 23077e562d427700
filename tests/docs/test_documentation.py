from __future__ import annotations

import contextlib
import importlib.util
import io
import json
import logging
import os
import re
import shlex
import subprocess
import sys
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
import typer
from docs_pages import ROOT, Block, anchors_of, blocks_of, commands_of, is_like, is_part, links_of, pages

import podium
from podium.checks.codes import CODES
from podium.cli.main import app
from podium.dsl import Workflow
from podium.dsl.headers import WorkflowSettings
from podium.dsl.settings import StepOptions
from podium.engine.operators import OWN_TYPES
from podium.model import codec
from podium.model.errors import AuthoringError
from podium.model.problems import Problem
from podium.render.options import RenderOptions
from podium.render.palette import STYLES


class Reader:
    """Somebody who reads one page and tries everything on it, in a folder of its own."""

    def __init__(self, page: str, folder: Path) -> None:
        self.folder = folder
        self.module = types.ModuleType(f"page_{re.sub(r'[^a-z]', '_', page.lower())}")
        self.printed = ""
        self.said = ""

    def try_block(self, block: Block) -> None:
        """Do what the page says, and compare."""
        if "file" in block.notes:
            (self.folder / block.notes["file"]).write_text(block.text)
        if "skip" in block.notes:
            assert len(block.notes["skip"]) > 10, "a block is skipped without a reason"
        elif "needs" in block.notes and importlib.util.find_spec(block.notes["needs"]) is None:
            return
        elif block.language == "python":
            self._python(block)
        elif block.language == "json":
            self._json(block)
        elif block.language == "text":
            self._text(block)
        elif block.language == "sh" and "run" in block.notes:
            self._shell(block)

    def _python(self, block: Block) -> None:
        before = dict(vars(self.module))
        error: Exception | None = None
        try:
            self.printed = self._script(block) if block.file_name else self._executed(block)
        except Exception as raised:
            if not {"raises", "gives"} & block.notes.keys():
                raise
            error = raised
        for promised in block.promised:
            assert is_like(self.printed, f"…{promised}…"), f"not printed: {promised}; printed: {self.printed}"
        if "raises" in block.notes:
            self._raised(error, block.notes["raises"])
        new = {name: value for name, value in vars(self.module).items() if before.get(name) is not value}
        self._checked(block, [value for value in new.values() if isinstance(value, Workflow)], error)

    def _executed(self, block: Block) -> str:
        code = compile("\n" * (block.line - 1) + block.text, str(ROOT / block.page), "exec")
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            exec(code, vars(self.module))
        return printed.getvalue()

    def _script(self, block: Block) -> str:
        (self.folder / str(block.file_name)).write_text(block.text)
        done = _run([sys.executable, str(block.file_name)], self.folder)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def _raised(self, error: Exception | None, wanted: str) -> None:
        assert error is not None, f"no error was raised, but {wanted} was promised"
        assert wanted in {getattr(error, "code", ""), type(error).__name__}, repr(error)
        self.said = str(error)

    def _checked(self, block: Block, workflows: list[Workflow[..., Any]], error: Exception | None = None) -> None:
        if not {"gives", "clean"} & block.notes.keys():
            return
        given = eval(f"dict({block.notes.get('with', '')})", vars(self.module))
        given.setdefault("others", workflows)
        problems = [problem for workflow in workflows for problem in workflow.check(**given)]
        if isinstance(error, AuthoringError):
            problems.append(Problem(code=error.code, path="", message=error.faults[0].message))
        if "clean" in block.notes:
            assert workflows, "no workflow was defined"
            assert problems == []
        else:
            assert {problem.code for problem in problems} == {block.notes["gives"]}, problems
            self.said = "\n".join(_without_place(problem) for problem in problems)

    def _json(self, block: Block) -> None:
        shown = json.loads(block.text)
        if {"gives", "clean"} & block.notes.keys():
            self._checked(block, [podium.load(each) for each in (shown if isinstance(shown, list) else [shown])])
        elif "of" in block.notes:
            value = eval(block.notes["of"], vars(self.module))
            whole = value.to_dict() if hasattr(value, "to_dict") else codec.to_dict(value)
            assert is_part(shown, whole), json.dumps(whole, indent=2)

    def _text(self, block: Block) -> None:
        if "says" in block.notes:
            assert is_like(self.said, f"…{block.text.strip()}…"), self.said
        elif "prints" in block.notes:
            assert is_like(_trimmed(self.printed), _trimmed(block.text)), self.printed

    def _shell(self, block: Block) -> None:
        self.printed = ""
        for command, exit_code in commands_of(block):
            done = _run([sys.executable, "-m", *shlex.split(command)], self.folder)
            assert done.returncode == exit_code, f"{command}: {done.returncode}\n{done.stdout}{done.stderr}"
            self.printed += done.stdout + done.stderr


def _run(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    surroundings = {**os.environ, "PYTHONPATH": path, "NO_COLOR": "1", "COLUMNS": "120"}
    return subprocess.run(
        command, cwd=folder, env=surroundings, capture_output=True, text=True, timeout=60, check=False
    )


def _trimmed(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.strip().splitlines())


def _commands(page: str) -> Iterator[tuple[str, list[str]]]:
    """Yield the ``podium`` commands of a page, in blocks and in the text, with their words."""
    for block in blocks_of(page):
        if block.language == "sh":
            for command, _ in commands_of(block):
                yield block.place, shlex.split(command)
    for inline in re.findall(r"`(podium [^`…]+)`", (ROOT / page).read_text()):
        words = shlex.split(inline)
        if len(words) > 2:  # the name of a command alone is no call of it
            yield page, words


def _parse(words: list[str]) -> None:
    """Read a command line as the program does, and do nothing."""
    group: Any = typer.main.get_command(app)
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            context = group.make_context("podium", words[1:])
            name, command, rest = group.resolve_command(context, [*context._protected_args, *context.args])
            context = command.make_context(name, rest, parent=context)
            if hasattr(command, "commands"):  # `podium schedule` has commands of its own
                name, command, rest = command.resolve_command(context, [*context._protected_args, *context.args])
                command.make_context(name, rest, parent=context)
    except Exception as error:
        if getattr(error, "exit_code", None) != 0:  # --help and --version end so
            raise


def _without_place(problem: Problem) -> str:
    text = f"{problem.code} {problem.severity}: {problem.message}" + (f"; {problem.hint}" if problem.hint else "")
    return re.sub(r"\S+\.md:", "…:", text)


@contextlib.contextmanager
def _logging_as_it_was() -> Iterator[None]:
    """Take back which levels and handlers were set meanwhile."""
    before = [(log, log.level, log.handlers[:]) for log in (logging.getLogger(), logging.getLogger("podium"))]
    yield
    for log, level, handlers in before:
        log.setLevel(level)
        log.handlers[:] = handlers


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Yield a working directory from which modules can be imported; what a page sets in the process is taken back."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    known = set(sys.modules)
    with patch.dict(os.environ), _logging_as_it_was():
        yield tmp_path
    for name in set(sys.modules) - known:
        if str(getattr(sys.modules[name], "__file__", None) or "").startswith(str(tmp_path)):
            del sys.modules[name]


#: This page runs every command, each in a process of its own.
_SLOW = {"docs/cli.md"}


@pytest.mark.parametrize("page", [pytest.param(page, marks=[pytest.mark.slow] * (page in _SLOW)) for page in pages()])
def test_what_a_page_shows_is_what_happens(page: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every block of the page is tried, in order, by one reader: code runs, JSON and messages are those shown."""
    reader = Reader(page, folder)
    monkeypatch.setitem(sys.modules, reader.module.__name__, reader.module)
    for block in blocks_of(page):
        try:
            reader.try_block(block)
        except BaseException as error:
            error.add_note(f"at {block.place}")
            raise


@pytest.mark.parametrize("page", pages())
def test_links_lead_somewhere(page: str) -> None:
    """Every link to a file of the repository, or to a heading, has its target."""
    for link in links_of(page):
        path, _, anchor = link.partition("#")
        target = (ROOT / page).parent / path if path else ROOT / page
        assert target.exists(), f"{page}: {link}"
        assert not anchor or anchor in anchors_of(target), f"{page}: {link}"


def test_every_code_has_its_place_on_the_page_of_checks() -> None:
    """Each code that authoring can give is a heading of checks.md, has a bad and a good example, and no other is."""
    given = set()
    for path in (path for room in ("dsl", "checks") for path in (ROOT / "podium" / room).rglob("*.py")):
        if path.name != "codes.py":
            given |= set(re.findall(r'"([CPRNSDLITVU]\d)"', path.read_text()))
    page = (ROOT / "docs" / "checks.md").read_text()
    headings = re.findall(r"^## ([A-Z]\d)\b", page, flags=re.MULTILINE)
    assert set(headings) == given == CODES.keys() - {"JSON"}
    blocks = blocks_of("docs/checks.md")
    for code in headings:
        start = page[: page.index(f"\n## {code}\n")].count("\n") + 2
        behind = page[page.index(f"\n## {code}\n") + 1 :].partition("\n## ")[0].count("\n")
        own = [block.notes for block in blocks if start < block.line <= start + behind]
        assert {notes["gives"] for notes in own if "gives" in notes} == {code}
        assert any("clean" in notes for notes in own), f"{code} has no good example"


@pytest.mark.parametrize("page", pages())
def test_commands_can_be_read(page: str) -> None:
    """Every ``podium`` command on the page is one that the program understands."""
    for place, words in _commands(page):
        try:
            _parse(words)
        except Exception as error:
            error.add_note(f"at {place}: {shlex.join(words)}")
            raise


def test_every_command_and_option_is_described() -> None:
    """The page of the command line names every command, and every option that it has."""
    page = (ROOT / "docs" / "cli.md").read_text()
    group: Any = typer.main.get_command(app)
    for name, command in group.commands.items():
        assert f"## podium {name}\n" in page, name
        parts = [command, *getattr(command, "commands", {}).values()]
        parameters = [parameter for part in parts for parameter in part.params]
        options = {option for parameter in parameters for option in parameter.opts if option.startswith("--")}
        assert not {option for option in options - {"--help", "--input", "--output"} if option not in page}, name


def test_every_name_of_the_package_is_described() -> None:
    """Each name that ``podium`` exports stands on some page, but for the classes of what builders give."""
    text = "".join((ROOT / page).read_text() for page in pages())
    made_by_builders = {"Expression", "FanOut", "ForEach", "Fork", "Join", "Loop", "Ref", "Script", "Step", "Switch"}
    made_by_builders |= {"When", "HttpResponse", "Task", "TaskRun", "WorkflowTask"}
    missing = [name for name in podium.__all__ if name not in made_by_builders and not re.search(rf"\b{name}\b", text)]
    assert missing == []


@pytest.mark.parametrize(
    ("page_name", "settings"),
    [("authoring.md", StepOptions), ("authoring.md", WorkflowSettings), ("pictures.md", RenderOptions)],
)
def test_every_setting_is_described(page_name: str, settings: Any) -> None:
    """Each setting of tasks, steps, workflows and pictures stands on its page."""
    page = (ROOT / "docs" / page_name).read_text()
    assert [name for name in settings.__annotations__ if not re.search(rf"`{name}\b", page)] == []


def test_the_task_types_are_those_of_the_engine() -> None:
    """The page about running lists exactly the types that the engine does itself."""
    page = (ROOT / "docs" / "running.md").read_text()
    listed = re.search(r"Podium's engine runs these itself: ([A-Z_,\s]+)\.", page)
    assert listed is not None
    assert {name.strip() for name in listed[1].split(",")} == {str(name) for name in OWN_TYPES}


def test_statuses_look_as_the_page_says() -> None:
    """The table of icons and borders is that of the palette."""
    page = (ROOT / "docs" / "pictures.md").read_text()
    for style in STYLES.values():
        row = rf"^\| {style.word}[^|]* \| {re.escape(style.icon)} ?\| {style.border} \|$"
        assert re.search(row, page, re.MULTILINE), style.word


def test_the_pictures_are_those_of_today(tmp_path: Path) -> None:
    """The script makes every picture of the folder, and they say what the stored ones say."""
    folder = ROOT / "docs" / "pictures"
    done = _run([sys.executable, str(folder / "make.py"), str(tmp_path)], tmp_path)
    assert done.returncode == 0, done.stderr
    made = {path.name: _titles(path) for path in tmp_path.glob("*.svg")}
    assert made == {path.name: _titles(path) for path in folder.glob("*.svg")}, "run docs/pictures/make.py"


def _titles(path: Path) -> list[str]:
    """Return what a picture says, wherever the drawing program has put it."""
    return sorted(re.findall(r"<(?:title|desc)[^>]*>([^<]+)<", path.read_text()))
