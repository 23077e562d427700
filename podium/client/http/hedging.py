"""The same request several times at once: the first good answer counts."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from typing import Any

from podium.engine.service_ports import HttpReply


async def first_good(requests: Iterable[Coroutine[Any, Any, HttpReply]], is_good: Callable[[int], bool]) -> HttpReply:
    """
    Return the first answer whose status is good, and break the other requests off.

    Returns:
        The first answer of all, where none is good.

    Raises:
        OSError: There was no answer at all; it is what was wrong first.
    """
    tasks = [asyncio.create_task(one) for one in requests]
    bad: list[HttpReply] = []
    wrong: list[OSError] = []
    try:
        for ended in asyncio.as_completed(tasks):
            try:
                answer = await ended
            except OSError as error:
                wrong.append(error)
                continue
            if is_good(answer.status_code):
                return answer
            bad.append(answer)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    if bad:
        return bad[0]
    raise wrong[0]
