"""Tasks and records that the tests of the authoring room share."""
# ruff: noqa: D103  # their names say what they stand for

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypedDict

import attrs

from podium.dsl import task


@attrs.define
class Reservation:
    id: str


@attrs.define
class Quote:
    carrier: str
    price: float


@attrs.define
class Fraud:
    verdict: Literal["OK", "REJECT"]
    score: float


@dataclass
class Payment:
    id: str
    amount: float = 0.0


class Job(TypedDict):
    id: str
    state: str


@attrs.define
class JobState:
    state: str
    percent: float


@attrs.define
class EncodeIn:
    profile: str
    rate: int


@attrs.define
class Probe:
    profiles: list[EncodeIn]
    names: list[str]


@attrs.define
class Encoded:
    url: str


@attrs.define
class OrderResult:
    order_id: str
    carrier: str


@attrs.define
class Approval:
    approved: bool
    note: str


@task
def reserve(order_id: str, sku: str) -> Reservation:
    return Reservation(f"{order_id}-{sku}")


@task
def release(reservation_id: str) -> None:
    """Put it back."""


@task
def check_fraud(order_id: str, amount: float) -> Fraud:
    return Fraud("OK", amount)


@task
def quote_express(order_id: str) -> Quote:
    return Quote(order_id, 2.0)


@task
def quote_post(order_id: str) -> Quote:
    return Quote(order_id, 1.0)


@task
def charge(order_id: str, amount: float) -> Payment:
    return Payment(order_id, amount)


@task
def audit(carrier: str) -> int:
    return len(carrier)


@task
def send_mail(order_id: str) -> None:
    """Tell."""


@task
def start_job(src: str) -> JobState:
    return JobState(src, 0.0)


@task
def get_job(job: str) -> JobState:
    return JobState(job, 100.0)


@task
def probe(url: str) -> Probe:
    return Probe([], [url])


@task
def encode(profile: str, rate: int) -> Encoded:
    return Encoded(f"{profile}{rate}")


@task
def shout(input: str) -> str:  # noqa: A002  # the name under which a scalar item arrives
    return input.upper()


@task
def publish(parts: Mapping[str, Encoded]) -> int:
    return len(parts)


@task
def anything(value: Any) -> Any:
    return value
