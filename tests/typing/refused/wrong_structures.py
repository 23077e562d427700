"""Mistakes around switches, forks, loops, fan-outs, conditions and sub-workflows."""

from __future__ import annotations

from typing import Literal

import attrs

from podium import (
    collected,
    fan_out,
    floor,
    for_each,
    fork,
    if_,
    int_,
    len_,
    loop,
    starts_with,
    switch,
    task,
    when,
    workflow,
)


@attrs.frozen
class Quote:
    carrier: str
    price: float


@attrs.frozen
class Job:
    id: str
    state: Literal["RUNNING", "DONE"]
    tries: int


@task
def ask(order_id: str) -> Quote:
    return Quote(order_id, 1.0)


@task
def track(job: str) -> Job:
    return Job(job, "DONE", 1)


@task
def pack(name: str, size: int = 1) -> Quote:
    return Quote(name, size)


@workflow
def child(order_id: str, amount: float = 1.0) -> Quote:
    return ask(order_id).output


@workflow
def switches(order_id: str, speed: Literal["POST", "EXPRESS"]) -> None:
    with switch("shipping", speed) as shipping:
        with shipping.case("EXPRESS"):
            fast = ask(order_id)
        with shipping.otherwise():
            slow = track(order_id)
    shipping.merge(fast, slow)  # expect error: merge | Job
    shipping.merge(fast.output)  # expect error: Step
    print(shipping.merge(fast).output.prize)  # expect error: prize
    shipping.merge("fast")  # expect error: Step
    switch(speed)  # expect error: value
    switch("other", speed, default=[fast])  # expect error: default
    switch("third", speed, {"POST": ["fast"]})  # expect error: str
    shipping.cas("POST")  # expect error: cas


@workflow
def conditions(amount: float, job: str) -> None:
    now = track(job)
    when("a", now.output.stat == "DONE")  # expect error: stat
    when("b", amount > "much")  # expect error: >
    when("c", now.output.tries < None)  # expect error: <
    when("d", now.output.state == "DONEE")  # expect error: overlap
    when("e", now.output.tries == "3")  # expect error: overlap
    when("f", amount > 1, steps="ask")  # expect error: str
    when("g", len_(job) > "3")  # expect error: >
    when("h", starts_with(amount, "a"))  # expect error: str
    when("i", floor(job) == 1)  # expect error: float
    ask(if_(amount > 1, 1, 2))  # expect error: str
    ask(int_(job))  # expect error: str
    when(amount > 1)  # expect error: condition


@workflow
def forks(order_id: str) -> None:
    with fork("quotes") as quotes, quotes.brnch():  # expect error: brnch
        ask(order_id)
    fork("named", [ask(order_id)], join=3)  # expect error: join
    fork("steps", ["ask"])  # expect error: str
    print(quotes.outputs)  # expect error: outputs


@workflow
def loops(job: str, parts: list[Quote]) -> None:
    loop("other", max=30)  # expect error: max
    with loop("poll", max_iterations=30) as poll:
        now = track(job)
        print(poll.at("3", now))  # expect error: int
        print(poll.at(3, now).stat)  # expect error: stat
        print(poll.at(3, job))  # expect error: Step
    with for_each("each", parts) as each:
        print(each.item.prize)  # expect error: prize
        ask(each.item)  # expect error: str
        ask(each.index)  # expect error: str
    for_each("number", 3)  # expect error: Iterable


@workflow
def fans(names: list[str]) -> None:
    packed = fan_out("pack_all", pack, names)
    print(packed.output["_pack_0"].prize)  # expect error: prize
    print(collected(packed.output)[0].prize)  # expect error: prize
    fan_out("function", pack.fn, names)  # expect error: fan_out
    fan_out("number", pack, 3)  # expect error: Iterable


@workflow
def calls(order_id: str) -> int:
    child(3)  # expect error: str
    child()  # expect error: order_id
    child.inline(order_id, amont=1)  # expect error: amont
    child.start(order_id, amount="1")  # expect error: float
    child.as_("again")(order_id, 1.0, 2)  # expect error: argument
    child.opts(retrys=1)(order_id)  # expect error: retrys
    print(child(order_id).output.prize)  # expect error: prize
    return ask(order_id).output  # expect error: int
