"""
Every picture on one page: ``python scripts/gallery.py [FOLDER]``.

Draws the examples and, where the corpus is there, each of its definitions and executions: light, dark, as Mermaid text
and as outline. The page needs no network and no other file. The Mermaid texts are written beside it, one file each, for
``scripts/check_mermaid.mjs``.
"""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import redirect_stdout
from functools import cache
from html import escape
from io import StringIO
from pathlib import Path
from types import ModuleType

import attrs

from podium.model.codec import from_dict
from podium.model.definitions import WorkflowDef
from podium.model.errors import PodiumError
from podium.model.runs import WorkflowRun
from podium.render import mermaid, outline, svg, timeline

ROOT = Path(__file__).resolve().parents[1]
CORPUS = ROOT.parent / "shared" / "corpus"

STYLE = """
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; --line: #8888; }
body { margin: 0 auto; padding: 1rem 1.5rem; }
h1, h2, h3 { line-height: 1.2; }
h3 { margin: 0; font-size: 1rem; overflow-wrap: anywhere; }
nav { columns: 14rem; font-size: .85rem; overflow-wrap: anywhere; }
nav a { display: block; color: inherit; }
.row { display: flex; flex-wrap: wrap; gap: 1rem; align-items: flex-start; }
article { border: 1px solid var(--line); border-radius: 8px; padding: .75rem; max-width: 100%; box-sizing: border-box; }
article p { margin: .1rem 0 .6rem; font-size: .85rem; opacity: .8; }
figure { margin: 0 0 .5rem; padding: .5rem; border-radius: 6px; overflow: auto; }
figure svg { max-width: 100%; height: auto; }
.light { background: #ffffff; } .dark { background: #0d1117; }
pre { max-width: 60rem; overflow: auto; font-size: .8rem; }
@media (prefers-color-scheme: light) { #auto:checked ~ main .dark { display: none; } }
@media (prefers-color-scheme: dark) { #auto:checked ~ main .light { display: none; } }
#light:checked ~ main .dark, #dark:checked ~ main .light { display: none; }
"""

#: What to look at; without scripts, so that the page works wherever HTML is shown.
SWITCHES = "".join(
    f'<input type="radio" name="theme" id="{key}"{" checked" if key == "auto" else ""}> '
    f'<label for="{key}">{words}</label> '
    for key, words in {"auto": "as the system", "light": "light", "dark": "dark", "both": "both"}.items()
)


@attrs.frozen(kw_only=True)
class Exhibit:
    """One thing to be drawn."""

    #: Unique on the page; the name of its files.
    key: str
    section: str
    title: str
    subject: WorkflowDef | WorkflowRun


@attrs.frozen(kw_only=True)
class Built:
    """What became of it."""

    page: Path
    #: How many were drawn.
    drawn: int
    #: What could not be drawn, and why.
    refused: dict[str, str]


def exhibits(corpus: Path = CORPUS) -> Iterator[Exhibit]:
    """
    Yield everything that is drawn, in the order of the page.

    Args:
        corpus: The folder with ``definitions`` and ``executions``; where it is missing, only the examples are given.
    """
    # What everybody has comes first; the corpus is large, and may be missing.
    yield from example_definitions()
    yield from example_runs()
    for path in sorted((corpus / "executions").glob("*.json")):
        data = json.loads(path.read_text(encoding="utf-8"))
        if "tasks" in data:  # the others are results of a search, and a list has no graph
            run = from_dict(data, WorkflowRun)
            yield Exhibit(key=f"run-{path.stem}", section="Executions of the corpus", title=path.stem, subject=run)
    for path in sorted((corpus / "definitions").glob("*.json"), key=lambda path: path.stem.lower()):
        found = from_dict(json.loads(path.read_text(encoding="utf-8")), WorkflowDef)
        yield Exhibit(key=f"def-{path.stem}", section="Definitions of the corpus", title=path.stem, subject=found)


def example_definitions() -> Iterator[Exhibit]:
    """Yield the workflows of ``examples/`` and of README.md."""
    audit = example("package_audit")
    for each in (painter().example_of_readme(), example("order").order, audit.audit_packages, audit.audit_distribution):
        yield Exhibit(key=f"example-{each.name}", section="Examples", title=each.name, subject=each.definition)


def example_runs() -> Iterator[Exhibit]:
    """Yield runs of the examples, in virtual time: one that went well, one that failed, one that is under way."""
    run_on_bench, order = painter().run_on_bench, example("order").order
    bought = {"order_id": "1", "sku": "A1", "amount": 12.5, "speed": "EXPRESS"}
    with redirect_stdout(StringIO()):  # the examples' workers say what they do
        trip = run_on_bench(painter().example_of_readme(), {"city": "Rome", "nights": 3})
        done = run_on_bench(order, bought)
        failed = run_on_bench(order, bought, broken=lambda attempt: attempt.queue == "charge")
    runs = {"trip": trip, "order": done, "order, charge failing": failed, "order, after two seconds": done.at(2.0)}
    for title, run in runs.items():
        key = "example-run-" + title.replace(", ", "-").replace(" ", "-")
        yield Exhibit(key=key, section="Runs of the examples", title=title, subject=run)


@cache
def painter() -> ModuleType:
    """Return the script that draws the pictures of the documentation."""
    return module_of(ROOT / "docs" / "pictures" / "make.py")


@cache
def example(name: str) -> ModuleType:
    """Import a file of ``examples/``."""
    return module_of(ROOT / "examples" / f"{name}.py")


def module_of(path: Path) -> ModuleType:
    """Import a Python file."""
    spec = importlib.util.spec_from_file_location(f"gallery_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise LookupError(f"{path} is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # annotations are looked up there
    spec.loader.exec_module(module)
    return module


def article(number: int, exhibit: Exhibit) -> str:
    """
    Return one exhibit as HTML.

    Raises:
        PodiumError: It cannot be drawn.
    """
    subject = exhibit.subject
    figures = [
        f'<figure class="{theme}">{svg(subject, theme=theme, id_prefix=f"{theme[0]}{number}_")}</figure>'
        for theme in ("light", "dark")
    ]
    if isinstance(subject, WorkflowRun):
        figures += [
            f'<figure class="{theme}">{timeline_svg(subject, theme, f"t{theme[0]}{number}_")}</figure>'
            for theme in ("light", "dark")
        ]
    return (
        f'<article id="{escape(exhibit.key)}"><h3>{escape(exhibit.title)}</h3><p>{escape(about(subject))}</p>'
        + "\n".join(figures)
        + folded("outline", outline(subject))
        + folded("Mermaid", mermaid(subject))
        + "</article>"
    )


def about(subject: WorkflowDef | WorkflowRun) -> str:
    """Say in a line what it is."""
    if isinstance(subject, WorkflowDef):
        return f"{subject.name}, version {subject.version}: {subject.description or 'no description'}"
    reason = f": {subject.reason}" if subject.reason else ""
    return f"run of {subject.workflow_name}, {subject.status}{reason}"


def timeline_svg(run: WorkflowRun, theme: str, id_prefix: str) -> str:
    """Return the timeline of a run as SVG."""
    return timeline(run, theme=theme).svg(id_prefix=id_prefix)


def folded(title: str, text: str) -> str:
    """Return a text that opens when it is asked for."""
    return f"<details><summary>{title}</summary><pre>{escape(text)}</pre></details>"


def page(shown: Sequence[tuple[Exhibit, str]]) -> str:
    """Return the page of all articles."""
    sections: dict[str, list[tuple[Exhibit, str]]] = {}
    for exhibit, html in shown:
        sections.setdefault(exhibit.section, []).append((exhibit, html))
    parts: list[str] = []
    for section, members in sections.items():
        links = "".join(f'<a href="#{escape(each.key)}">{escape(each.title)}</a>' for each, _ in members)
        parts.append(f"<h2>{section} ({len(members)})</h2><nav>{links}</nav>")
        parts.append('<div class="row">' + "\n".join(html for _, html in members) + "</div>")
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>Podium: all pictures</title>'
        f"<style>{STYLE}</style></head>\n<body><h1>Podium: all pictures</h1>{SWITCHES}\n<main>"
        + "\n".join(parts)
        + "</main></body></html>\n"
    )


def build(folder: Path, corpus: Path = CORPUS) -> Built:
    """
    Write the page and the Mermaid texts.

    Args:
        folder: Where to; it is made.
        corpus: See `exhibits`.

    """
    texts = folder / "mermaid"
    texts.mkdir(parents=True, exist_ok=True)
    for old in texts.glob("*.mmd"):
        old.unlink()
    shown: list[tuple[Exhibit, str]] = []
    refused: dict[str, str] = {}
    for number, exhibit in enumerate(exhibits(corpus)):
        try:
            shown.append((exhibit, article(number, exhibit)))
            (texts / f"{exhibit.key}.mmd").write_text(mermaid(exhibit.subject), encoding="utf-8")
            turned = mermaid(exhibit.subject, direction="LR", theme="dark")
            (texts / f"{exhibit.key}.lr.mmd").write_text(turned, encoding="utf-8")
        except PodiumError as error:
            refused[exhibit.key] = str(error)
    path = folder / "index.html"
    path.write_text(page(shown), encoding="utf-8")
    return Built(page=path, drawn=len(shown), refused=refused)


def main() -> int:
    """Build it; gives the process's exit code."""
    built = build(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "gallery")
    if not CORPUS.is_dir():
        print(f"the corpus is not here ({CORPUS}): the gallery shows the examples only")
    for key, why in built.refused.items():
        print(f"{key} could not be drawn: {why}", file=sys.stderr)
    print(f"{built.drawn} drawn: {built.page}")
    return 1 if built.refused else 0


if __name__ == "__main__":
    sys.exit(main())
