"""Broken systems: each is built on a fresh server, and has one cause that its pages must lead to."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic, sleep
from typing import Any

import httpx
from attrs import frozen

from podium import Schedule, fan_out, fork, human, secret, task, wait, workflow
from podium.client.embedded import EmbeddedClient
from podium.testing.serving import RunningServer

#: Seconds that what a server does by itself may take.
_PATIENCE_S = 20.0


@task(retries=0)
def charge(amount: float) -> str:
    """Charge a card; no negative amount."""
    if amount < 0:
        raise ValueError(f"amount: {amount} is less than 0")
    return "receipt"


@task(retries=0)
def pack(name: str) -> str:
    """Pack an item, unless it is broken."""
    if name == "vase":
        raise RuntimeError("the vase is broken")
    return name


@task(retries=0, concurrency_limit=1)
def press(sheet: int) -> int:
    """Print with the one machine there is."""
    return sheet


@task(retries=0, rate_limit=(1, "1h"))
def quote(city: str) -> float:
    """Ask somebody who may be asked once an hour."""
    return 9.0


@task(retries=0)
def send(text: str) -> str:
    """Send a text."""
    return text


@task(retries=0, response_timeout="1s")
def carry(load: int) -> int:
    """Carry something."""
    return load


@workflow
def haul(load: int) -> Any:
    """Carry one load."""
    return carry(load).output


@workflow
def order(amount: float = 1.0) -> Any:
    """Charge, and say so."""
    return send(charge(amount).output).output


@workflow
def parcel(names: list[dict[str, str]]) -> None:
    """Pack all items beside each other."""
    fan_out("items", pack, names)


@workflow
def poster(sheet: int) -> Any:
    """Print one poster."""
    return press(sheet).output


@workflow
def contract(text: str = "yes") -> None:
    """Send it while somebody signs, and go on when both is done."""
    with fork("both") as both:
        with both.branch():
            send(text)
        with both.branch():
            human("signature")
    send("signed").as_("tell")


@workflow
def trip(city: str = "Rome") -> Any:
    """Quote a trip."""
    return quote(city).output


@workflow
def report(text: str = "weekly") -> Any:
    """Send a text."""
    return send(text).output


@workflow
def letter(text: str = "hello") -> Any:
    """Send a text with a secret in it."""
    return send(secret("MAIL_KEY")).output


@workflow
def reminder() -> Any:
    """Wait for a day that is far away."""
    wait("the_day", until="2099-01-01 00:00 UTC")
    return send("now").output


@workflow
def cellar(amount: float) -> Any:
    """What fails in the end."""
    return charge(amount).output


@workflow
def floor(amount: float) -> Any:
    """What calls it."""
    return cellar(amount).output


@workflow
def house(amount: float) -> Any:
    """What calls that."""
    return floor(amount).output


@frozen(kw_only=True)
class Drill:
    """
    A broken system.

    Attributes:
        name: What is broken.
        build: Breaks it.
        start: What the start page says of it, as a regular expression.
        clicks: Where somebody clicks then: regions of pages (by their headings; empty for the whole page) and links.
        cause: What the page that this leads to says, as a regular expression.
    """

    name: str
    build: Callable[[RunningServer], None]
    start: str
    clicks: tuple[tuple[str, str], ...]
    cause: str


def until(is_so: Callable[[], object], what: str) -> None:
    """Wait for what a server does by itself."""
    deadline = monotonic() + _PATIENCE_S
    while not is_so():
        assert monotonic() < deadline, f"{what} takes too long"
        sleep(0.02)


def _client(server: RunningServer) -> EmbeddedClient:
    assert server.client is not None
    return server.client


def _poll(server: RunningServer, task_type: str, worker: str, count: int = 1) -> list[dict[str, Any]]:
    """Take attempts as a worker elsewhere does."""
    asked = {"workerid": worker, "count": count, "timeout": 2_000}
    with httpx.Client(base_url=server.api, timeout=30) as api:
        return list(api.get(f"/tasks/poll/batch/{task_type}", params=asked).raise_for_status().json())


def _report(server: RunningServer, attempt: dict[str, Any], worker: str, status: str, **more: Any) -> None:
    told = {"workflowInstanceId": attempt["workflowInstanceId"], "taskId": attempt["taskId"], "workerId": worker}
    with httpx.Client(base_url=server.api, timeout=30) as api:
        api.post("/tasks", json={**told, "status": status, **more}).raise_for_status()


# -- what is broken ----------------------------------------------------------------------------------------------------


def _dead_worker(server: RunningServer) -> None:
    client = _client(server)
    run_ids = [client.start(haul, {"load": load}) for load in range(3)]
    (taken,) = _poll(server, "carry", "worker-7")  # it takes one, and is never heard of again
    until(lambda: client.get(taken["workflowInstanceId"]).status.is_terminal, "the time-out")
    assert len(run_ids) == 3


def _wrong_input(server: RunningServer) -> None:
    client = _client(server)
    with client.workers([charge, send]):
        for amount in (3.0, -5.0):
            client.run(order, {"amount": amount}, timeout=30)


def _poisoned_branch(server: RunningServer) -> None:
    client = _client(server)
    names = [{"name": name} for name in ("cup", "vase", "plate")]
    with client.workers([pack]):
        client.run(parcel, {"names": names}, timeout=30)


def _held_slot(server: RunningServer) -> None:
    client = _client(server)
    for sheet in range(3):
        client.start(poster, {"sheet": sheet})
    assert len(_poll(server, "press", "press-1", 3)) == 1


def _stuck_join(server: RunningServer) -> None:
    client = _client(server)
    run_id = client.start(contract)
    with client.workers([send]):
        until(lambda: (found := client.get(run_id).task("send")) and found.status.is_terminal, "a branch")


def _bad_deploy(server: RunningServer) -> None:
    client = _client(server)
    for text in "abcdef":
        client.start(report, {"text": text})
    for number, attempt in enumerate(_poll(server, "send", "sender-1.9", 3)):
        _report(server, attempt, "sender-1.9", "COMPLETED", outputData={"result": number})
    for attempt in _poll(server, "send", "sender-2.0", 3):
        reason = "TypeError: send() got an unexpected keyword argument 'text'"
        _report(server, attempt, "sender-2.0", "FAILED", reasonForIncompletion=reason)


def _exhausted_rate(server: RunningServer) -> None:
    client = _client(server)
    with client.workers([quote]):
        client.run(trip, timeout=30)
        client.start(trip, {"city": "Oslo"})
        until(
            lambda: "RATE_LIMIT" in str(client.explain(client.search(name="trip")[0].workflow_id).causes), "the limit"
        )


def _forgotten_pause(server: RunningServer) -> None:
    client = _client(server)
    run_id = client.start(report)
    client.pause(run_id)


def _missing_secret(server: RunningServer) -> None:
    client = _client(server)
    with client.workers([send]):
        client.run(letter, timeout=30)


def _far_timer(server: RunningServer) -> None:
    client = _client(server)
    with client.workers([send]):
        client.start(reminder)


def _late_schedule(server: RunningServer) -> None:
    client = _client(server)
    client.register(report)
    client.schedules.add(Schedule("0 6 * * MON", name="weekly report", workflow="report"))
    client.schedules.pause("weekly report", reason="until the holidays are over")


def _deep_failure(server: RunningServer) -> None:
    client = _client(server)
    with client.workers([charge]):
        client.run(house, {"amount": -1.0}, timeout=30)


#: What fails, the newest run of it; what waits, the one that has waited longest.
_NEWEST = ("What fails", r"ago$|s ago|min ago")
_LONGEST = ("What waits", r"ago$|s ago|min ago")

DRILLS = (
    Drill(
        name="a dead worker",
        build=_dead_worker,
        start="worker-7",
        clicks=(_NEWEST,),
        cause=r"timed out.*on worker-7.*responseTimeout",
    ),
    Drill(
        name="a wrong input",
        build=_wrong_input,
        start=r"amount: -5\.0 is less than 0",
        clicks=(_NEWEST, ("", "Input and output")),
        cause=r"amount: -5\.0 is less than 0.*Input.*amount\s*-5",
    ),
    Drill(
        name="a poisoned branch",
        build=_poisoned_branch,
        start="the vase is broken",
        clicks=(("What fails", "_pack_1"),),
        cause=r"the vase is broken.*name\s+\"vase\"",
    ),
    Drill(
        name="a slot that is held",
        build=_held_slot,
        start=r"waits for a slot: 1 of 'press' are at work.*press at once\s*1 of 1\s*2",
        clicks=(("Limits", r"^[0-9a-f-]{36}$"),),
        cause="'press' is at work on press-1 since",
    ),
    Drill(
        name="a join that is stuck",
        build=_stuck_join,
        start="'signature' waits for somebody",
        clicks=(_LONGEST,),
        cause=r"signature.*in progress",
    ),
    Drill(
        name="a bad deploy of one version of a worker",
        build=_bad_deploy,
        start=r"3\s+report.*unexpected keyword argument 'text'.*sender-2\.0",
        clicks=(_NEWEST,),
        cause=r"on sender-2\.0.*unexpected keyword argument",
    ),
    Drill(
        name="a rate limit that is exhausted",
        build=_exhausted_rate,
        start="'quote' waits for its rate limit, 1 of 'quote' in 3600 s; the next begins in",
        clicks=(_LONGEST,),
        cause="quote.*waits for its rate limit",
    ),
    Drill(
        name="a pause that somebody forgot",
        build=_forgotten_pause,
        start="it is paused",
        clicks=(_LONGEST,),
        cause=r"paused.*it is paused.*Resume",
    ),
    Drill(
        name="a secret that is missing",
        build=_missing_secret,
        start="a text is expected, not null",
        clicks=(_NEWEST,),
        cause="it asks for the secret 'MAIL_KEY', which is not there",
    ),
    Drill(
        name="a timer far in the future",
        build=_far_timer,
        start="waits until 2099-01-01",
        clicks=(_LONGEST,),
        cause="2099-01-01",
    ),
    Drill(
        name="a schedule that starts nothing",
        build=_late_schedule,
        start="Overview",
        clicks=(("", "^Schedules$"), ("", "weekly report")),
        cause="paused.*until the holidays are over",
    ),
    Drill(
        name="a failure deep in sub-workflows",
        build=_deep_failure,
        start=r"house.*amount: -1\.0 is less than 0",
        clicks=(("What fails", r"^floor$"),),
        cause=r"amount: -1\.0 is less than 0",
    ),
)
