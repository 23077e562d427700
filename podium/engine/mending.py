"""
What becomes of a run that an event breaks: it ends as FAILED, with the reason, and the engine lives on.

A bug, a definition that cannot be acted on or a value that cannot be written must harm no other run, and must not come
again with each start of the process.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import NamedTuple

from podium.engine.backlog import Backlog
from podium.engine.batch import Item
from podium.engine.cache import EngineCache
from podium.engine.config import EngineConfig
from podium.engine.events import Continue, Due, Fail, TakeOver
from podium.engine.publishing import KernelPort
from podium.engine.requests import StartRequest
from podium.engine.setbacks import Setbacks
from podium.engine.unreadable_runs import bury
from podium.model.errors import InternalError, LimitExceeded
from podium.model.shortages import is_shortage

_log = logging.getLogger("podium.engine")

#: Events that a run cannot do without: if one breaks, so would the next.
_GOING_ON = TakeOver | Due | Continue
#: Most characters of an error in a run's reason.
_ERROR_MAX = 1_000


class EventFailure(NamedTuple):
    """An event that breaks the engine."""

    item: Item
    error: Exception
    #: The run that was in work.
    acting: str


class FailureHandler:
    """
    Ends runs that events break. Belongs to the kernel's thread.

    Args:
        attempt: Decides and commits one event, in steps as small as they can be; gives what breaks.
    """

    def __init__(
        self,
        config: EngineConfig,
        cache: EngineCache,
        backlog: Backlog,
        *,
        office: KernelPort,
        setbacks: Setbacks,
        attempt: Callable[[Item], list[EventFailure]],
    ) -> None:
        self._ports = config
        self._cache = cache
        self._backlog = backlog
        self._office = office
        self._setbacks = setbacks
        self._attempt = attempt

    def mend(self, mishap: EventFailure) -> None:
        """
        End the run that an event breaks, with the reason; whoever asked for it is told.

        What an event sets off in other runs is done in steps of their own first, so that it is one of those that ends
        if it is the one that breaks.
        """
        item, error, acting = mishap
        if is_shortage(error) and self._setbacks.wait_out(item, error):
            return
        if not self._ports.backend.load_runs([acting]):
            acting = item.request.run_id  # what broke was to begin a run: the one that wanted it cannot go on
        reason = f"the engine could not go on: {described(error)}"
        said: set[tuple[str, str]] = set()
        for _ in range(3):
            if isinstance(item.request, StartRequest) and acting == item.request.run_id:
                _say(acting, error, said)
                item = item._replace(request=item.request._replace(fault=reason))
            elif acting != item.request.run_id or isinstance(item.request, _GOING_ON):
                _say(acting, error, said)
                self._fail(acting, reason)
            again = self._attempt(item)
            if not again:
                return
            ((_, error, acting),) = again
        _say(item.request.run_id, error, said)
        self._fail(item.request.run_id, reason)
        if item.reply is not None:
            item.reply.reject(error if isinstance(error, LimitExceeded) else _wrapped(item, error))

    def _fail(self, run_id: str, reason: str) -> None:
        """End a run as FAILED, in the simplest way that works."""
        for is_bare in (False, True):
            if not self._attempt(Item(Fail(run_id, reason, is_bare))):
                return
        self._cache.drop(run_id)
        burial = bury(self._ports.backend, run_id, reason, self._ports.clock.now())
        self._ports.backend.commit(burial.writes)
        self._backlog.put([Item(message) for message in burial.messages])
        self._office.watchers.ended(run_id)


def _wrapped(item: Item, error: Exception) -> InternalError:
    """Return what tells the caller of an error that is none of his."""
    wrapped = InternalError(f"the engine could not act on {type(item.request).__name__}: {described(error)}")
    wrapped.__cause__ = error
    return wrapped


def _say(run_id: str, error: Exception, said: set[tuple[str, str]]) -> None:
    """Log what breaks a run, unless it was said before."""
    if (run_id, described(error)) in said:
        return
    said.add((run_id, described(error)))
    if isinstance(error, LimitExceeded):  # no bug of ours: whoever gave it knows where, and the words say what
        _log.warning("run %s cannot go on: %s", run_id, error)
    else:
        _log.error("run %s cannot go on and is ended as FAILED", run_id, exc_info=error)


def described(error: Exception) -> str:
    """Say what an error is, within bounds."""
    text = str(error)
    shown = text if len(text) <= _ERROR_MAX else f"{text[:_ERROR_MAX]}…"
    return f"{type(error).__name__}: {shown}" if shown else type(error).__name__
