"""Mistakes in calls of tasks and in what is read of their outputs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypedDict

import attrs
from pydantic import BaseModel

from podium import InProgress, TaskContext, task, workflow


@attrs.frozen
class Quote:
    carrier: str
    price: float


@dataclass(frozen=True)
class Line:
    sku: str
    count: int = 1


class Fraud(TypedDict):
    verdict: Literal["OK", "REJECT"]


class Address(BaseModel):
    street: str


@task
def quote(order_id: str, amount: float = 1.0) -> Quote:
    return Quote(order_id, amount)


@task
def line(order_id: str) -> Line:
    return Line(order_id)


@task
async def fraud(context: TaskContext, order_id: str) -> Fraud:
    return {"verdict": "OK"}


@task
def address(order_id: str) -> Address:
    return Address(street=order_id)


@task
def polls(order_id: str) -> Quote | InProgress:
    return InProgress("5s")


@task
def count(words: list[str]) -> int:
    return len(words)


@workflow
def calls(order_id: str, number: int) -> None:
    quote()  # expect error: order_id
    quote(number)  # expect error: str
    quote(order_id, amont=1.0)  # expect error: amont
    quote(order_id, 1.0, 2.0)  # expect error: argument
    quote(order_id, amount="much")  # expect error: float
    quote.as_(3)(order_id)  # expect error: str
    quote.as_("other")(order_id, True, "x")  # expect error: argument
    fraud(TaskContext, order_id)  # expect error: argument
    fraud(order_id, order_id)  # expect error: argument
    count(order_id)  # expect error: list[str]
    count(quote(order_id).output)  # expect error: list[str]
    quote(quote(order_id))  # expect error: Step


@workflow
def reads(order_id: str) -> None:
    print(quote(order_id).output.prize)  # expect error: prize
    print(quote(order_id).price)  # expect error: price
    print(line(order_id).output.cnt)  # expect error: cnt
    print(fraud(order_id).output["verdit"])  # expect error: verdit
    print(fraud(order_id).output.verdict)  # expect error: verdict
    print(address(order_id).output.stret)  # expect error: stret
    print(polls(order_id).output.prize)  # expect error: prize
    print(count(["a"]).output.result)  # expect error: result
    quote(line(order_id).output.count)  # expect error: str


@workflow
def options(order_id: str) -> None:
    quote(order_id).opts(retrys=1)  # expect error: retrys
    quote(order_id).opts(retries="many")  # expect error: int
    quote.opts(optional="yes")(order_id)  # expect error: bool
    quote.opts(retry_delay=[1])(order_id)  # expect error: retry_delay
    quote(order_id).as_("a").opts(cache="key")  # expect error: tuple


@task(retrys=2)  # expect error: retrys | No overloads
def wrong_setting(order_id: str) -> None: ...


@task(retries="2")  # expect error: int
def wrong_value(order_id: str) -> None: ...


@task(optional=True)  # expect error: optional | No overloads
def option_of_a_step(order_id: str) -> None: ...
