"""
Run the notebooks: ``python scripts/notebooks.py [--check] [--fresh] [NOTEBOOK …]``.

Each runs from its first cell to its last in a fresh kernel, in the folder where it lies. Then it is saved with what it
gave. An output that says the same as the one saved before, ids and times aside, stays as it was, so a notebook changes
only where it says something else; ``--fresh`` saves everything anew. ``--check`` saves nothing and says what differs.
"""

from __future__ import annotations

import argparse
import os
import re
import socket
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, TypeAlias
from xml.etree import ElementTree as ET  # reads only what Podium has just drawn

import nbformat
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = ROOT / "notebooks"
CORPUS = ROOT.parent / "shared" / "corpus"
#: Seconds that a cell may take.
PATIENCE_S = 120

Notebook: TypeAlias = Any
Output: TypeAlias = Any

#: What is another thing at each run, and what stands for it in a comparison.
_PASSING = (
    (re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}\b"), "ID"),
    (re.compile(r"\b\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(\.\d+)?"), "MOMENT"),
    (re.compile(r"\b\d{13}\b"), "MOMENT"),
    (re.compile(r"\b\d+(\.\d+)?( ms| s\b)"), "TIME"),
    (re.compile(r"\b0\.\d+\b"), "TIME"),
    (re.compile(r"; (took|waited) TIME"), ""),
    (re.compile(r"; (waited for a worker|worked)\b"), ""),  # a part of less than a millisecond is not told
    (re.compile(r"( in| after| took| ·)? ?TIME"), ""),
    (re.compile(r"[█░▒▓─]+ *"), ""),
    (re.compile(r"\bp[0-9a-f]{8}_"), ""),
    (re.compile(r" +"), " "),
)


def executed(path: Path) -> Notebook:
    """
    Run a notebook in a fresh kernel, in the folder where it lies.

    Raises:
        CellExecutionError: A cell failed.
    """
    notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]  # nbformat has no annotations
    with tempfile.TemporaryDirectory() as profile:
        os.environ |= {"IPYTHONDIR": profile, "JUPYTER_PLATFORM_DIRS": "1", "PYDEVD_DISABLE_FILE_VALIDATION": "1"}
        client = NotebookClient(
            notebook,
            timeout=PATIENCE_S,
            kernel_name="python3",
            resources={"metadata": {"path": str(path.parent)}},
            extra_arguments=["--log-level=40"],  # that it talks over TCP is no news
        )
        client.execute()
    return tidied(notebook)


def tidied(notebook: Notebook) -> Notebook:
    """Take away what says nothing of the notebook: when and where its cells ran."""
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    for number, cell in enumerate(notebook.cells, start=1):
        cell.id = f"cell-{number:02}"
        cell.metadata = {}
        if cell.cell_type == "code":
            cell.outputs = [without_names(output) for output in joined(cell.outputs)]
    return notebook


def joined(outputs: Sequence[Output]) -> list[Output]:
    """Join what was printed to one stream in several pieces."""
    found: list[Output] = []
    for output in outputs:
        if found and output.output_type == "stream" == found[-1].output_type and output.name == found[-1].name:
            found[-1].text += output.text
        else:
            found.append(output)
    return found


def without_names(output: Output) -> Output:
    """Take the names of this machine and of its processes out of an output."""
    host = re.escape(socket.gethostname())

    def clean(text: str) -> str:
        text = re.sub(rf"\b{host}-\d+\b", "laptop-4711", text).replace(str(ROOT), "podium")
        return re.sub(rf"{re.escape(tempfile.gettempdir())}/\w+/", "folder/", text)

    if output.output_type == "stream":
        output.text = clean(output.text)
    elif "data" in output:
        output.metadata = {}
        for form, content in output.data.items():
            if isinstance(content, str):
                output.data[form] = clean(content)
    return output


def says(output: Output) -> tuple[str, ...]:
    """Return what an output says, without ids and times: its kind, then its forms with their texts."""
    if output.output_type == "stream":
        return ("stream", output.name, plain(output.text))
    if "<script" in output.get("data", {}).get("text/html", ""):
        return ("something that moves",)  # a playback: how many frames it has depends on the moments
    forms = sorted((form, content) for form, content in output.get("data", {}).items() if isinstance(content, str))
    return (
        output.output_type.replace("execute_result", "display_data"),
        *(f"{form}: {told(form, content)}" for form, content in forms),
    )


def told(form: str, content: str) -> str:
    """Return what one form of an output says."""
    return "|".join(drawn(content)) if form == "image/svg+xml" else plain(content)


def drawn(svg: str) -> list[str]:
    """Return the words of an SVG, and with which classes and colours it is drawn: all but places and lengths."""
    marks: set[str] = set()
    for element in ET.fromstring(svg).iter():  # noqa: S314  # our own
        marks |= {plain(f"{key}={element.get(key)}") for key in ("class", "fill", "stroke") if element.get(key)}
        if element.text and plain(element.text):
            marks.add(plain(element.text))
    return sorted(marks)


def plain(text: str) -> str:
    """Return a text without what is another thing at each run."""
    for pattern, instead in _PASSING:
        text = pattern.sub(instead, text)
    return text.strip()


def differences(saved: Notebook, now: Notebook) -> Iterator[str]:
    """Say which cells gave something else than what is saved."""
    for number, (old, new) in enumerate(zip(saved.cells, now.cells, strict=True), start=1):
        was = [says(output) for output in old.get("outputs", ())]
        is_ = [says(output) for output in new.get("outputs", ())]
        for before, after in zip(was, is_, strict=False):
            if before != after:
                yield f"cell {number}: {_first_difference(before, after)}"
        if len(was) != len(is_):
            yield f"cell {number}: {len(was)} outputs are saved, {len(is_)} came"


def _first_difference(before: Sequence[str], after: Sequence[str]) -> str:
    for one, other in zip(before, after, strict=False):
        if one != other:
            pairs = zip(re.split(r"[\n|]", one), re.split(r"[\n|]", other), strict=False)
            return next((f"saved {a!r}, now {b!r}" for a, b in pairs if a != b), f"saved {one!r}, now {other!r}")
    return f"saved {before}, now {after}"


def kept(saved: Notebook, now: Notebook) -> Notebook:
    """Put saved outputs in the place of new ones that say the same."""
    for old, new in zip(saved.cells, now.cells, strict=True):
        if new.cell_type == "code":
            olds, news = old.get("outputs", []), new.outputs
            if [says(output) for output in olds] == [says(output) for output in news]:
                new.outputs = olds
    return now


def main(arguments: Sequence[str] | None = None) -> int:
    """Run them; gives the process's exit code."""
    parser = argparse.ArgumentParser(description="Run the notebooks.")
    parser.add_argument("--check", action="store_true", help="save nothing; say what differs from what is saved")
    parser.add_argument("--fresh", action="store_true", help="save all outputs anew")
    parser.add_argument("notebooks", nargs="*", type=Path)
    chosen = parser.parse_args(arguments)
    stale = 0
    for path in chosen.notebooks or sorted(NOTEBOOKS.glob("*.ipynb")):
        saved = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]  # nbformat has no annotations
        now = executed(path)
        if not CORPUS.is_dir() and "shared/corpus" in path.read_text(encoding="utf-8"):
            print(f"{path.name} ran; without the corpus it says other things, so nothing is compared or saved")
            continue
        found = list(differences(saved, now))
        if chosen.check:
            for difference in found:
                print(f"{path.name}, {difference}", file=sys.stderr)
            stale += bool(found)
        else:
            nbformat.write(now if chosen.fresh else kept(saved, now), path)  # type: ignore[no-untyped-call]  # nbformat has no annotations
        print(f"{path.name}: {'says something else than was saved' if found else 'current'}")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
