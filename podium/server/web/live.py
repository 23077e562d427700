"""Streams of server-sent events: a page hears that what it shows has changed, and asks for it anew."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from podium.server.following import ALL
from podium.server.web.security import HEADERS, UNKEPT

if TYPE_CHECKING:
    from podium.server.desk import Desk

#: Seconds between two events of one run, and of lists, at least; so many that show nothing new cost nobody anything.
_RUN_S, _LIST_S = 0.25, 1.0
#: Seconds after which a silent stream says that it is there: proxies end what is silent for a minute.
_SILENCE_S = 20.0


def news_of_run(desk: Desk, request: Request) -> Response:
    """Return the stream of one run: an event with its revision whenever it has changed."""
    return _stream(_run_events(desk, request.path_params["run_id"]))


def news_of_list(desk: Desk, request: Request) -> Response:
    """Return the stream of all runs: an event whenever anything was committed."""
    return _stream(_list_events(desk))


def _stream(events: AsyncIterator[str]) -> Response:
    headers = {**HEADERS, **UNKEPT, "x-accel-buffering": "no"}
    return StreamingResponse(events, media_type="text/event-stream", headers=headers)


async def _run_events(desk: Desk, run_id: str) -> AsyncIterator[str]:
    yield "retry: 2000\n\n"
    seen = None
    with desk.following.of(run_id) as signal:
        while not desk.following.is_closed:
            signal.clear()
            pulse = (await desk.look(lambda: desk.engine.backend.pulses([run_id]))).get(run_id)
            if pulse is None:
                yield "event: gone\ndata: gone\n\n"
                return
            if pulse != seen:
                seen = pulse
                yield f"event: changed\ndata: {pulse.revision} {pulse.status}\n\n"
                await asyncio.sleep(_RUN_S)
            if not await _told(signal):
                yield ": still here\n\n"


async def _list_events(desk: Desk) -> AsyncIterator[str]:
    yield "retry: 2000\n\n"
    with desk.following.of(ALL) as signal:
        while not desk.following.is_closed:
            if await _told(signal):
                signal.clear()
                yield "event: changed\ndata: runs\n\n"
                await asyncio.sleep(_LIST_S)
            else:
                yield ": still here\n\n"


async def _told(signal: asyncio.Event) -> bool:
    """Wait for a signal; False if it does not come before the silence is too long."""
    try:
        await asyncio.wait_for(signal.wait(), _SILENCE_S)
    except TimeoutError:
        return False
    return True
