# ruff: noqa: INP001  # a script, not a part of the package
"""
Makes the pages of this folder from its samples: ``python docs/constructs/make.py [FOLDER]``.

A page is a Python file in ``samples``. Its docstring is the title and the introduction; a line ``# %% Title`` begins a
section, and the comment lines below that are its text (Markdown). The code of a section is shown above the picture and
beside the JSON of the last workflow that it defines. ``# %%`` without a title is code that a page needs at its
beginning; it is shown without JSON.

Comment lines directly below the text choose what is shown:

==================  ====================================================================================
``# json: whole``   the whole definition, not the steps alone
``# json: name``    the workflow of that name instead of the last one
``# json: task t``  the definition of the task ``t``
``# json: none``    the code alone
``# also: name``    a picture of that workflow too
``# draw: …``       options of the picture, such as ``undo=True``; ``none`` for no picture
==================  ====================================================================================
"""

from __future__ import annotations

import importlib.util
import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import attrs

from podium import Workflow
from podium.model import codec
from podium.render import render_file

HERE = Path(__file__).parent
SAMPLES = HERE / "samples"

#: The pages, in the order in which they are read.
PAGES = ("steps", "choices", "parallel", "loops", "workflows", "waiting", "services", "data", "ai")

#: The widest line of JSON.
WIDTH = 58


@attrs.frozen(kw_only=True)
class Section:
    """One construct."""

    #: Empty for what the page needs at its beginning.
    title: str
    text: str
    code: str
    #: ``json``, ``draw`` and ``also``, where they are chosen.
    choices: Mapping[str, str]


@attrs.frozen(kw_only=True)
class Page:
    """One file of samples."""

    name: str
    title: str
    introduction: str
    sections: Sequence[Section]


def read_page(name: str) -> Page:
    """Read a file of samples."""
    source = (SAMPLES / f"{name}.py").read_text()
    head, *cells = re.split(r"^# %% ?", source, flags=re.MULTILINE)
    docstring = re.match(r'"""\n(.*?)"""', head, re.DOTALL)
    assert docstring is not None, f"{name}.py needs a docstring"
    title, _, introduction = docstring[1].strip().partition("\n\n")
    return Page(name=name, title=title, introduction=introduction, sections=[_section(cell) for cell in cells])


def _section(cell: str) -> Section:
    title, _, rest = cell.partition("\n")
    lines = rest.splitlines()
    text: list[str] = []
    while lines and lines[0].startswith("#"):
        text.append(lines.pop(0).removeprefix("#").removeprefix(" "))
    choices = dict(line.split(": ", 1) for line in text if re.match(r"(json|draw|also): ", line))
    words = [line for line in text if not re.match(r"(json|draw|also): ", line)]
    return Section(title=title.strip(), text="\n".join(words).strip(), code="\n".join(lines).strip(), choices=choices)


def import_page(name: str) -> ModuleType:
    """Import a file of samples; its sections are run one after the other, so each knows what it defined."""
    spec = importlib.util.spec_from_file_location(f"constructs_{name}", SAMPLES / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@attrs.frozen(kw_only=True)
class Subject:
    """What a section shows beside its code."""

    #: How its JSON is asked for in the module.
    expression: str
    data: Any
    #: What is drawn.
    workflow: Workflow[..., Any] | None = None


def subject_of(section: Section, module: ModuleType) -> Subject | None:
    """Give what a section shows, if it does."""
    chosen = section.choices.get("json", "")
    if chosen == "none" or not section.title:
        return None
    if chosen.startswith("task "):
        name = chosen.removeprefix("task ")
        return Subject(expression=f"{name}.task_def", data=codec.to_dict(getattr(module, name).task_def))
    names = [chosen] if chosen not in {"", "whole"} else _assigned(section.code)
    found = {name: value for name in names if isinstance(value := getattr(module, name, None), Workflow)}
    if not found:
        return None
    name, workflow = list(found.items())[-1]
    definition = workflow.to_dict()
    return Subject(expression=name, data=definition if chosen == "whole" else definition["tasks"], workflow=workflow)


def _assigned(code: str) -> list[str]:
    """Give the names that the top level of a piece of code defines, in order."""
    return re.findall(r"^(?:async def |def )?(\w+)(?=\(| =)", code, re.MULTILINE)


def short_json(value: Any, indent: int = 0, used: int = 0) -> str:
    """Write JSON with each list and object on one line if it fits."""
    flat = json.dumps(value, ensure_ascii=False)
    if used + len(flat) <= WIDTH or not isinstance(value, dict | list) or not value:
        return flat
    inner = " " * (indent + 2)
    if isinstance(value, dict):
        lines = [
            f"{inner}{json.dumps(key)}: " + short_json(each, indent + 2, indent + 5 + len(key))
            for key, each in value.items()
        ]
        return "{\n" + ",\n".join(lines) + "\n" + " " * indent + "}"
    lines = [inner + short_json(each, indent + 2, indent + 3) for each in value]
    return "[\n" + ",\n".join(lines) + "\n" + " " * indent + "]"


def write_section(section: Section, module: ModuleType, stem: Path) -> Iterator[str]:
    """Give the Markdown of a section, and draw its pictures, whose names begin with *stem*."""
    if section.title:
        yield f"## {section.title}\n"
    if section.text:
        yield f"{section.text}\n"
    subject = subject_of(section, module)
    code = f"```python\n{section.code}\n```\n"
    if subject is None:
        yield code
        return
    yield '<table><tr><th>Python</th><th>JSON</th></tr><tr valign="top"><td>\n'
    yield code
    if subject.workflow is not None:
        yield from _pictures(section, {"": subject.workflow, **_also(section, module)}, stem)
    yield "</td><td>\n"
    yield f"<!-- of: {subject.expression} -->\n```json\n{short_json(subject.data)}\n```\n"
    yield "</td></tr></table>\n"


def _pictures(section: Section, workflows: Mapping[str, Workflow[..., Any]], stem: Path) -> Iterator[str]:
    chosen = section.choices.get("draw", "")
    if chosen == "none":
        return
    options = dict(re.findall(r"(\w+)=(\w+)", chosen))
    for name, each in workflows.items():
        path = stem.with_name(f"{stem.name}-{_slug(f'{section.title} {name}')}.svg")
        render_file(each, path, **{key: json.loads(value.lower()) for key, value in options.items()})
        yield f"![{each.name}]({path.parent.name}/{path.name})\n"


def _also(section: Section, module: ModuleType) -> dict[str, Workflow[..., Any]]:
    return {name: getattr(module, name) for name in section.choices.get("also", "").split()}


def _slug(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")


def write_page(page: Page, folder: Path) -> Path:
    """Write a page and its pictures."""
    module = import_page(page.name)
    pictures = folder / "pictures"
    pictures.mkdir(parents=True, exist_ok=True)
    note = f"<!-- made by docs/constructs/make.py from samples/{page.name}.py: change that file -->"
    parts = [note, "", f"# {page.title}\n", f"{page.introduction}\n"]
    for section in page.sections:
        parts += write_section(section, module, pictures / page.name)
    target = folder / f"{page.name}.md"
    target.write_text("\n".join(parts).rstrip() + "\n")
    return target


def write_index(pages: Sequence[Page], folder: Path) -> Path:
    """Write the page that lists all constructs."""
    parts = [
        "<!-- made by docs/constructs/make.py -->",
        "",
        "# How to say it: every construct in Python, in JSON and as a picture\n",
        "Each page is made from a [Python file](samples); the JSON beside the code is what that file exports.",
        "Why things are as they are, and all options, stand in [Writing workflows](../authoring.md).\n",
    ]
    parts += [f"* [{page.title}]({page.name}.md): {_links_of(page)}" for page in pages]
    target = folder / "README.md"
    target.write_text("\n".join(parts) + "\n")
    return target


def _links_of(page: Page) -> str:
    titles = [section.title for section in page.sections if section.title]
    return ", ".join(f"[{title[0].lower()}{title[1:]}]({page.name}.md#{_anchor(title)})" for title in titles)


def _anchor(title: str) -> str:
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def make(folder: Path) -> list[Path]:
    """Write all pages into a folder, and give their paths."""
    pages = [read_page(name) for name in PAGES]
    return [*(write_page(page, folder) for page in pages), write_index(pages, folder)]


if __name__ == "__main__":
    for written in make(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE):
        sys.stdout.write(f"{written}\n")
