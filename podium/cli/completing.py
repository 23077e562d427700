"""
What the shell completes: ids of runs, names of workflows and schedules, reference names of steps.

``podium --install-completion`` tells the shell. The store is the one that ``--db`` or ``PODIUM_DB`` names. Nothing is
started and nothing is said: where something cannot be read, there is nothing to complete.
"""

from __future__ import annotations

import ast
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import typer

from podium.cli.defaults import DEFAULT_DB
from podium.cli.stores import find_run, open_existing
from podium.model.errors import PodiumError

if TYPE_CHECKING:
    from podium.client.showing import ShowingClient

#: A word, and what the shell shows beside it.
Completed: TypeAlias = list[tuple[str, str]]

#: How many of the newest runs are offered.
_RUNS_MAX = 50
#: Decorators that make what a SUBJECT may name.
_MAKERS = frozenset({"workflow", "task"})


def runs(ctx: typer.Context, incomplete: str) -> Completed:
    """Return the newest runs whose ids begin so."""

    def found(client: ShowingClient) -> Completed:
        newest = client.search(limit=_RUNS_MAX)
        words = [(run.workflow_id, f"{run.workflow_type} {run.status.value}") for run in newest]
        return [("last", "the newest run"), *words] if words else []

    return _looked_up(ctx, incomplete, found)


def workflows(ctx: typer.Context, incomplete: str) -> Completed:
    """Return the registered workflows whose names begin so."""
    return _looked_up(
        ctx, incomplete, lambda client: [(each.name, f"version {each.version}") for each in client.workflows()]
    )


def schedules(ctx: typer.Context, incomplete: str) -> Completed:
    """Return the schedules whose names begin so."""
    return _looked_up(
        ctx,
        incomplete,
        lambda client: [(info.name, " ".join(info.schedule.cron)) for info in client.schedules.list()],
    )


def steps(ctx: typer.Context, incomplete: str) -> Completed:
    """Return the reference names of the attempts of the run that stands before."""

    def found(client: ShowingClient) -> Completed:
        run = client.get(find_run(client, str(ctx.params.get("run_id") or "last")))
        return [(attempt.reference_task_name, attempt.status.value) for attempt in run.tasks]

    return _looked_up(ctx, incomplete, found)


def subjects(incomplete: str) -> Completed:
    """Return files, folders, and behind ``FILE.py:`` what is decorated with ``@workflow`` or ``@task`` there."""
    place, colon, _ = incomplete.rpartition(":")
    if colon and place.endswith(".py"):
        words = [f"{place}:{name}" for name in _decorated(Path(place))]
        return [(word, "") for word in words if _fits(word, incomplete)]
    folder, _, start = incomplete.rpartition(os.sep)
    base = Path(folder or (os.sep if incomplete.startswith(os.sep) else "."))
    try:
        entries = sorted(base.iterdir())
    except OSError:
        return []
    prefix = f"{folder}{os.sep}" if os.sep in incomplete else ""
    return [
        (f"{prefix}{entry.name}{os.sep if entry.is_dir() else ''}", "")
        for entry in entries
        if entry.name.startswith(start) and not entry.name.startswith((".", "__"))
        if entry.is_dir() or entry.suffix in {".py", ".json"}
    ]


def _decorated(path: Path) -> Iterator[str]:
    """Yield the names, read from the text: to complete a word runs nobody's code."""
    try:
        tree = ast.parse(path.read_bytes())
    except (OSError, SyntaxError, ValueError):
        return
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and any(map(_is_maker, node.decorator_list)):
            yield node.name


def _is_maker(decorator: ast.expr) -> bool:
    called: Any = decorator.func if isinstance(decorator, ast.Call) else decorator
    return (called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")) in _MAKERS


def _looked_up(ctx: typer.Context, incomplete: str, find: Callable[[ShowingClient], Completed]) -> Completed:
    try:
        with open_existing(str(ctx.params.get("db") or os.environ.get("PODIUM_DB") or DEFAULT_DB)) as client:
            found = dict(find(client))
    except PodiumError:
        return []  # a message in the middle of the line that is being written helps nobody
    return [(word, help_text) for word, help_text in found.items() if _fits(word, incomplete)]


def _fits(word: str, incomplete: str) -> bool:
    return word.startswith(incomplete)
