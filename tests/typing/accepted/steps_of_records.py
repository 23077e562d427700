"""Steps know what their tasks return: attrs classes, dataclasses, TypedDicts, pydantic models and plain types."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, NotRequired, TypedDict, assert_type

import attrs
from pydantic import BaseModel, Field

from podium import InProgress, Step, Task, TaskContext, task, workflow
from podium.workers import current


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
    score: NotRequired[float]


class Address(BaseModel):
    street: str
    zip_code: str = Field(alias="zipCode")
    lines: list[str] = []


@task
def quote_post(order_id: str) -> Quote:
    return Quote(order_id, 4.0)


@task(retries=2, retry_delay="5s")
def first_line(order_id: str, /, sku: str = "", *, gift: bool = False) -> Line:
    return Line(order_id + sku, 2 if gift else 1)


@task(name="fraud_check")
async def check_fraud(order_id: str, amount: float) -> Fraud:
    return {"verdict": "OK" if amount < 100 else "REJECT"}


@task
def find_address(customer: str) -> Address:
    return Address(street=customer, zipCode="1010")


@task
def count(words: list[str]) -> int:
    return len(words)


@task
def log(text: str) -> None: ...


@task
def anything(**inputs: Any) -> Any:
    return inputs


@task
def in_order(context: TaskContext, order_id: str) -> Quote:
    context.log(order_id)
    return Quote(context.run_id, 1.0)


@task(timeout="30s")
async def waits(context: TaskContext, order_id: str) -> Quote:
    context.heartbeat()
    return Quote(order_id, 1.0)


@task
def polls(job: str) -> Quote | InProgress:
    if current().previous_output:
        return Quote(job, 1.0)
    return InProgress("5s", {"seen": 1})


@task
async def polls_too(context: TaskContext, job: str) -> int | InProgress:
    return 3 if context.previous_output else InProgress(5)


@task
def maybe(job: str) -> Quote | None:
    return None


@task
def store(value: Any, times: int = 1) -> int:
    return len(str(value)) * times


@task
async def store_later(value: object, *, times: int = 1) -> dict[str, Any]:
    return {"value": str(value) * times}


@task
def either(job: str) -> int | str:
    return job


def plain(order_id: str, amount: float = 1.0) -> Quote:
    return Quote(order_id, amount)


as_task = task(plain, name="plain_task")
as_named_task = task(name="other", retries=0)(plain)


@workflow
def reads_outputs(order_id: str, amount: float, words: list[str]) -> Quote:
    post = quote_post(order_id)
    assert_type(post, Step[Quote])
    assert_type(post.output.price, float)
    line = first_line(order_id, gift=True)
    assert_type(line.output.count, int)
    fraud = check_fraud(order_id=order_id, amount=amount)
    assert_type(fraud, Step[Fraud])
    assert_type(fraud.output["verdict"], Literal["OK", "REJECT"])
    address = find_address(order_id)
    assert_type(address.output.zip_code, str)
    assert_type(address.output.lines[0], str)
    assert_type(count(words).output, int)
    assert_type(in_order(order_id).output, Quote)
    assert_type(waits(order_id).output.carrier, str)
    assert_type(polls(order_id).output.price, float)
    assert_type(polls_too(order_id).output, int)
    assert_type(maybe(order_id).output, Quote | None)
    store({"a": 1}, times=2)
    store(value=post.output)
    assert_type(store_later({"a": 1}, times=2).output, dict[str, Any])
    assert_type(either(order_id).output, int | str)
    assert_type(as_task(order_id, amount=2.0).output, Quote)
    assert_type(as_named_task(order_id).output, Quote)
    assert_type(post.status, str)
    assert_type(post.task_id, str)
    log(f"{post.output.carrier} {post.output.price}")
    anything(a=1, b=post.output)
    return post.output


def plain_functions_stay(order_id: str) -> None:
    quote_post.fn(order_id)
    assert_type(reads_outputs.fn(order_id, 1.0, []), Quote)
    assert_type(quote_post.name, str)
    assert_type(quote_post.as_("another")(order_id), Step[Quote])
    assert_type(quote_post.opts(retries=0, optional=True)(order_id).output.price, float)
    assert_type(quote_post(order_id).as_("third").opts(timeout="10s"), Step[Quote])


def takes_any(work: Task[..., Any], outputs: Mapping[str, Quote]) -> None:
    work(1, two=2)
    assert_type(outputs["a"].price, float)


takes_any(quote_post, {})
