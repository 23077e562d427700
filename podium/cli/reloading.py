"""``podium worker --reload``: a child does the work, and is replaced when a file changes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from threading import Event

from podium.cli.console import say

#: Seconds between two looks at the files.
_LOOK_S = 0.3
#: Folders that hold nobody's workflows.
_SKIPPED = frozenset({"__pycache__", "node_modules", "site-packages"})


def files_of(places: Sequence[str]) -> Iterator[Path]:
    """Yield the Python files of the folders that the places are in, or of the working directory for modules."""
    folders = {Path(place).resolve().parent if place.endswith(".py") else Path.cwd() for place in places}
    for folder in sorted(folders):
        for path in folder.rglob("*.py"):
            parts = path.relative_to(folder).parts
            if not any(part in _SKIPPED or part.startswith(".") for part in parts):
                yield path


def _seen(places: Sequence[str]) -> dict[Path, float]:
    found = {}
    for path in files_of(places):
        try:
            found[path] = path.stat().st_mtime
        except OSError:
            continue  # it is gone between two looks
    return found


def supervise(words: Sequence[str], places: Sequence[str], stop: Event) -> int:
    """
    Run ``podium`` with these words in a child process, anew after each change of a file, until told to stop.

    The child ends as it does on SIGTERM: what runs is finished first. One that dies by itself is started again with the
    next change, for that is probably what mends it.

    Args:
        words: Behind ``podium``.
        places: The files and modules whose folders are looked at.
        stop: Set when it is time to end.

    Returns:
        The exit code of the last child.
    """
    while True:
        seen = _seen(places)
        child = subprocess.Popen([sys.executable, "-m", "podium", *words])  # noqa: S603  # this program itself
        has_died = False
        while not stop.wait(_LOOK_S) and _seen(places) == seen:
            if child.poll() is not None and not has_died:
                has_died = True
                say(
                    f"the worker has ended with {child.returncode}; it starts again when a file changes",
                    colour="yellow",
                )
        if child.poll() is None:
            child.terminate()
        code = child.wait()
        if stop.is_set():
            return code
        say("a file has changed: the worker starts anew")
