"""Workflows that tests of `podium.testing` run."""

from __future__ import annotations

from podium import human, loop, switch, task, wait, workflow
from podium.model.errors import TerminalTaskError


@task(retries=3, retry_delay="1h", response_timeout="10m")
def charge(amount: int) -> str:
    """Take money; never called in a test."""
    raise AssertionError("no test may charge")


@task
def ship(paid: str) -> str:
    """Say that it is shipped."""
    return f"shipped {paid}"


@workflow
def order(amount: int, speed: str) -> str:
    """Charge, ask or wait, ship."""
    paid = charge(amount)
    with switch("route", speed) as route:
        with route.case("EXPRESS"):
            human("approve")
        with route.otherwise():
            wait("gap", duration="30 days")
    return ship(paid.output).output


@task
def look(number: int) -> int:
    """Look once."""
    return number


@workflow
def polling() -> int:
    """Look until it is enough."""
    with loop("poll", max_iterations=10) as poll:
        now = look(poll.iteration)
        poll.until(now.output >= 3)
    return now.output


@workflow
def shop(amount: int) -> str:
    """Order inside."""
    done = order(amount, "EXPRESS")
    return done.output


@task
async def later(number: int) -> int:
    """Give the next number."""
    return number + 1


@task
def refusing() -> None:
    """Fail for good."""
    raise TerminalTaskError("no such account")
