"""What the pages teach passes the type checker, as the code of their readers should."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from docs_pages import ROOT, blocks_of, pages

pytestmark = pytest.mark.slow


def complaints_about(files: list[Path]) -> list[str]:
    """Run mypy with the project's settings; give what it says of these files."""
    assert files
    command = [
        sys.executable,
        "-m",
        "mypy",
        "--no-error-summary",
        "--cache-dir",
        ".mypy_cache/typing",
        *map(str, files),
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode in {0, 1}, done.stdout + done.stderr
    names = {path.name for path in files}
    return [line for line in done.stdout.splitlines() if re.split(r"[/:]", line.split(":")[0])[-1] in names]


def test_samples_of_constructs_are_typed() -> None:
    """The code of every page of constructs is accepted."""
    assert complaints_about(sorted((ROOT / "docs" / "constructs" / "samples").glob("*.py"))) == []


#: Notes of blocks that are wrong on purpose, or that need what has no types.
_UNTYPED = {"raises", "gives", "skip", "needs", "untyped"}
#: What strict mypy asks and a page need not do: short examples leave out return types and bodies, and say a name again.
_MYPY_LENIENT = ["no-untyped-def", "no-untyped-call", "no-redef", "empty-body"]
#: The same of pyright, which also asks it of names that a page imports for its reader. ``~`` on a condition is ours;
#: networkx leaves some of its own types open; the picture of a notebook has a name that begins with ``_``.
_PYRIGHT_LENIENT = [
    "reportRedeclaration",
    "reportUnusedImport",
    "reportUnusedExpression",
    "reportDuplicateImport",
    "reportDeprecated",
    "reportUnknownMemberType",
    "reportPrivateUsage",
]


def modules_of(page: str) -> dict[str, str]:
    """
    Put the code of a page into modules: its files, and the rest in pieces that can stand alone.

    A piece begins where the page imports from its own files, or shows the right way of a rule; before it comes what the
    page says at its top.
    """
    blocks = [block for block in blocks_of(page) if block.language == "python" and not _UNTYPED & block.notes.keys()]
    files = {block.file_name: block.text for block in blocks if block.file_name}
    imports = re.compile(rf"^from ({'|'.join(name.removesuffix('.py') for name in files) or '-'}) import", re.MULTILINE)
    pieces: list[list[str]] = [[]]
    for block in blocks:
        if block.file_name:
            continue
        if imports.search(block.text) or "clean" in block.notes:
            pieces.append([])
        pieces[-1].append(f"# {page}:{block.line}\n{block.text}")
    top, *others = pieces
    texts = [top, *([*top, *piece] for piece in others)] if others else [top]
    return files | {f"piece_{number}.py": "\n".join(text) for number, text in enumerate(texts) if text}


@pytest.fixture(scope="module")
def typed_pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for each page with its modules."""
    root = tmp_path_factory.mktemp("pages") / "pages"
    for page in pages():
        folder = root / re.sub(r"\W", "_", page)
        for name, text in modules_of(page).items():
            folder.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text)
    return root


def test_pages_pass_mypy_strictly(typed_pages: Path) -> None:
    """All Python code of all pages; each page is a folder that is looked at alone."""
    found = []
    for folder in sorted(typed_pages.iterdir()):
        lenient = [f"--disable-error-code={code}" for code in _MYPY_LENIENT]
        command = [
            sys.executable,
            "-m",
            "mypy",
            "--no-error-summary",
            "--cache-dir",
            str(ROOT / ".mypy_cache" / "typing"),
        ]
        done = subprocess.run(
            [*command, "--config-file", str(ROOT / "pyproject.toml"), *lenient, *sorted(map(str, folder.glob("*.py")))],
            cwd=folder,
            env={**os.environ, "MYPYPATH": os.pathsep.join([str(folder), str(ROOT)])},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode in {0, 1}, done.stdout + done.stderr
        found += [f"{folder.name}/{line}" for line in done.stdout.splitlines() if ": error: " in line]
    assert found == []


def test_pages_pass_pyright_strictly(typed_pages: Path) -> None:
    """The same for the checker of most editors."""
    environments = [{"root": f"{typed_pages.name}/{each.name}"} for each in sorted(typed_pages.iterdir())]
    lenient = dict.fromkeys(_PYRIGHT_LENIENT, False)
    settings = {"typeCheckingMode": "strict", "pythonVersion": "3.11", "extraPaths": [str(ROOT)], **lenient}
    (typed_pages.parent / "pyrightconfig.json").write_text(
        json.dumps(
            {**settings, "executionEnvironments": [{**each, "extraPaths": [str(ROOT)]} for each in environments]}
        )
    )
    command = [
        sys.executable,
        "-m",
        "pyright",
        "--pythonpath",
        sys.executable,
        "--outputjson",
        "-p",
        str(typed_pages.parent),
    ]
    done = subprocess.run(command, cwd=typed_pages, capture_output=True, text=True, check=False)
    assert done.returncode in {0, 1}, done.stdout + done.stderr
    report = json.loads(done.stdout)
    assert report["summary"]["filesAnalyzed"] >= sum(1 for _ in typed_pages.rglob("*.py"))
    found = [
        f"{Path(each['file']).relative_to(typed_pages)}:{each['range']['start']['line'] + 1}: {each['message']}"
        for each in report["generalDiagnostics"]
    ]
    assert found == []
