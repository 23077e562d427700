"""Open the store that ``--db`` names, and find runs in it."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator, Sequence
from itertools import count, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from podium.cli.defaults import DEFAULT_DB
from podium.model.errors import InvalidRequest, RunNotFound
from podium.model.runs import RunSummary, WorkflowRun
from podium.model.statuses import RunStatus

if TYPE_CHECKING:
    from podium.client.embedded import EmbeddedClient
    from podium.client.showing import ShowingClient

AnyRun = TypeVar("AnyRun", RunSummary, WorkflowRun)

_SQLITE = "sqlite:///"
#: How many of the newest runs are looked through for the beginning of an id.
_NEWEST = 1_000
#: The word for the newest run that somebody started.
LAST = "last"
#: What Conductor gives to a run that is started because another failed.
_FAILURE_INPUTS = frozenset({"workflowId", "failureStatus", "failedWorkflow"})

#: Eight digits at least: a module may well be called "cafe".
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{0,4}){0,3}(-[0-9a-f]{0,12})?")
_WHOLE_ID_LENGTH = 36


def is_server(db: str) -> bool:
    """
    Return whether ``--db`` names a server.

    Example:
        >>> [is_server(db) for db in ("http://localhost:8080/api", "sqlite:///podium.db")]
        [True, False]
    """
    return db.lower().startswith(("http:", "https:"))


def open_store(db: str) -> ShowingClient:
    """
    Connect to a store, which is made if it is not there, or to a server.

    Raises:
        BackendError: The URL names no backend, or one that cannot be used.
        StoreUnavailable: It cannot be reached.
        InvalidRequest: The address of a server cannot be right.
    """
    if is_server(db):
        from podium.client.remote.client import open_remote  # httpx is slow to import
        from podium.client.remote.settings import server_settings

        return open_remote(server_settings(db))
    return open_embedded(db)


def open_embedded(db: str) -> EmbeddedClient:
    """
    Connect to a store, with an engine in this process.

    Raises:
        InvalidRequest: It is a server.
        BackendError: As `open_store`.
        StoreUnavailable: As `open_store`.
    """
    from podium.client import embedded

    refuse_server(db)
    return embedded.open_embedded(db)


def refuse_server(db: str) -> None:
    """Raise `InvalidRequest` if a URL is a server's, for what only the store itself can do."""
    if is_server(db):
        raise InvalidRequest(f"{db} is a server, and this works on a store: name the one that the server works on")


def open_existing(db: str) -> ShowingClient:
    """
    Connect to a store that is there already, or to a server.

    Raises:
        InvalidRequest: The file does not exist; a look at runs should not make one.
        BackendError: As `open_store`.
        StoreUnavailable: As `open_store`.
    """
    refuse_missing(db)
    return open_store(db)


def refuse_missing(db: str) -> None:
    """Raise `InvalidRequest` if a URL names a file that does not exist."""
    if db.startswith(_SQLITE):
        path = db.partition("?")[0].removeprefix(_SQLITE)
        if path and not Path(path).exists():
            raise InvalidRequest(f"there is no database {path}; 'podium run' makes it, --db names another")


def looks_like_run(text: str) -> bool:
    """
    Return whether a text can be (the beginning of) a run's id, or the word for the newest run.

    Example:
        >>> [looks_like_run(text) for text in ("018bcfe5-68", "018bcfe5", "last", "order.py", "feed.module")]
        [True, True, True, False, False]
    """
    return text == LAST or _ID.fullmatch(text.lower()) is not None


def find_run(client: ShowingClient, text: str) -> str:
    """
    Return the whole id of a run.

    Args:
        client: Where to look.
        text: The id, the beginning of it, or ``last`` for the newest that somebody started, which means neither a
            sub-workflow nor a failure workflow.

    Raises:
        RunNotFound: No run has this id; of the newest thousand none begins with it.
        InvalidRequest: Several do.
    """
    if text == LAST:
        return _last(client)
    if len(text) == _WHOLE_ID_LENGTH:
        return text.lower()
    found = [each.workflow_id for each in client.search(limit=_NEWEST) if each.workflow_id.startswith(text.lower())]
    if not found:
        raise RunNotFound(f"no run's id begins with {text!r}; 'podium list' shows the runs")
    if len(found) > 1:
        raise InvalidRequest(f"{len(found)} runs' ids begin with {text!r}: {', '.join(found[:5])}")
    return found[0]


def _last(client: ShowingClient) -> str:
    for each in _newest(client):
        if not each.parent_workflow_id:
            run = client.get(each.workflow_id, include_tasks=False)
            if not run.input.keys() >= _FAILURE_INPUTS:
                return each.workflow_id
    raise RunNotFound("there is no run yet")


def newest_runs(
    client: ShowingClient,
    *,
    limit: int,
    name: str | None,
    status: RunStatus | None,
    with_children: bool,
    **conditions: Any,
) -> Sequence[RunSummary]:
    """
    Return runs, newest first.

    Args:
        client: Where to look.
        limit: Most runs to give.
        name: Of the workflow; None for all.
        status: None for all.
        with_children: Give sub-workflows too.
        conditions: Further ones, as `podium.Client.search` takes them.
    """
    found = _newest(client, name=name, status=status, page=limit if with_children else _NEWEST, **conditions)
    return list(islice((each for each in found if with_children or not each.parent_workflow_id), limit))


def _newest(
    client: ShowingClient,
    *,
    name: str | None = None,
    status: RunStatus | None = None,
    page: int = _NEWEST,
    **conditions: Any,
) -> Iterator[RunSummary]:
    for offset in count(0, page):
        found = client.search(name=name, status=status, limit=page, offset=offset, **conditions)
        yield from found
        if len(found) < page:
            return


def left_alone(client: ShowingClient, runs: Iterable[AnyRun]) -> list[AnyRun]:
    """Return those of the runs that should go on, and do not: no engine works on the store."""
    running = [run for run in runs if run.status is RunStatus.RUNNING]
    return running if running and not client.has_engine() else []


def command(*words: str, db: str) -> str:
    """
    Return a command line that the user can copy, with ``--db`` if it is needed.

    Example:
        >>> command("show", "last", db="sqlite:///my runs.db")
        "podium show last --db 'sqlite:///my runs.db'"
    """
    place = () if db == DEFAULT_DB else ("--db", db)
    return shlex.join(("podium", *words, *place))
