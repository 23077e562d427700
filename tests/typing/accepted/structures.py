"""Switches, forks, loops, fan-outs, conditions and sub-workflows keep the types of what is in them."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any, Literal, assert_type

import attrs

from podium import (
    Step,
    Workflow,
    collected,
    contains,
    fan_out,
    floor,
    for_each,
    fork,
    if_,
    int_,
    is_in,
    is_null,
    join,
    js,
    len_,
    loop,
    lower,
    max_,
    not_,
    starts_with,
    switch,
    task,
    terminate,
    upper,
    wait,
    when,
    workflow,
)


class Speed(Enum):
    EXPRESS = "EXPRESS"
    POST = "POST"


@attrs.frozen
class Quote:
    carrier: str
    price: float


@attrs.frozen
class Job:
    id: str
    state: Literal["RUNNING", "DONE"]
    tries: int


@attrs.frozen
class Part:
    name: str
    size: int = 0


@task
def ask(order_id: str) -> Quote:
    return Quote(order_id, 1.0)


@task
def ask_express(order_id: str) -> Quote:
    return Quote(order_id, 2.0)


@task
def track(job: str) -> Job:
    return Job(job, "DONE", 1)


@task
def pack(name: str, size: int) -> Part:
    return Part(name, size)


@task
def publish(parts: Mapping[str, Part]) -> int:
    return len(collected(parts))


@task
def tell(text: str) -> None: ...


@workflow
def switches(order_id: str, speed: Speed, verdict: Literal["OK", "REJECT"], amount: float, count: int | None) -> Quote:
    with switch("shipping", speed) as shipping:
        with shipping.case(Speed.EXPRESS):
            fast = ask_express(order_id)
        with shipping.otherwise():
            slow = ask(order_id)
    quote = shipping.merge(fast, slow)
    assert_type(quote, Step[Quote])
    with switch("verdict", verdict) as choice, choice.case("REJECT"):
        terminate("rejected", "FAILED", f"too dear: {quote.output.price}")
    with switch("large", amount > 1000) as large:
        with large.case(True):
            tell("large")
        with large.case(False):
            tell.as_("tell_small")("small")
    with switch("counted", count) as counted:
        with counted.case(1, 2):
            tell.as_("few")("few")
        with counted.case(None):
            tell.as_("none")("none")
    with switch("scripted", js("$.a + 1", a=count)) as scripted, scripted.case("2", 3):
        tell.as_("scripted_case")("two")
    third, fourth = ask.as_("third")(order_id), ask_express.as_("fourth")(order_id)
    merged = switch("values", speed, {"EXPRESS": [fourth], ("POST", "SEA"): third}, otherwise=[tell("x")])
    assert_type(merged.merge(third, fourth).output.carrier, str)
    return quote.output


@workflow
def conditions(amount: float, name: str, tags: list[str], job: str) -> None:
    now = track(job)
    with when("dear", (amount > 10) & (now.output.tries < 3)) as dear:
        tell("dear")
    with dear.otherwise():
        tell.as_("cheap")("cheap")
    when("short", (len_(name) < 3) & not_(is_null(name)) & starts_with(name, "a"), [tell.as_("short_x")("x")])
    assert_type(if_(amount > 3, "much", "little"), str)
    assert_type(if_(amount > 3, 1, None), int | None)
    assert_type(lower(name), str)
    assert_type(max_(amount, 2.0), float)
    assert_type(floor(amount), int)
    assert_type(int_(name), int)
    assert_type(len_(tags), int)
    tell.as_("tell_if")(if_(is_null(name), "nobody", upper(name)))
    when("named", not_(name == "x"), [tell.as_("named_x")(name)])
    when("tagged", contains(tags, "new") | is_in(name, ["a", "b"]), tell.as_("tagged_x")(name))
    when("done", now.output.state == "DONE", otherwise=[tell.as_("not_done")(name)])
    when("scripted", js("$.a ? 'true' : 'false'", a=amount), [wait("pause", duration="5 seconds")])


@workflow
def forks(order_id: str) -> Quote:
    with fork("quotes") as quotes:
        with quotes.branch():
            post = ask(order_id)
        with quotes.branch():
            express = ask_express(order_id)
            tell(express.output.carrier)
    assert_type(quotes.output, Mapping[str, Any])
    assert_type(post.output.price, float)
    fork("others", [tell.as_("a")("a")], tell.as_("b")("b"), join="both")
    loose = fork("loose", [tell.as_("c")("c")], join=False).opts(optional=True)
    loose.opts(description="on its own")
    join("gather", on=[express, "c"]).opts(join_mode="ASYNC")
    return express.output


@workflow
def loops(job: str, parts: list[Part], names: list[str], most: int) -> Job:
    with loop("poll", max_iterations=30, keep_last=2) as poll:
        now = track(job)
        wait("gap", duration="10 seconds")
        poll.until(now.output.state == "DONE")
        assert_type(poll.iteration, int)
    assert_type(poll.at(3, now), Job)
    with for_each("each_part", parts) as each:
        assert_type(each.item, Part)
        assert_type(each.index, int)
        pack(each.item.name, size=each.item.size)
    for_each("each_name", names, lambda one: [tell(one.item)])
    for_each("each_number", [1, 2, 3], lambda one: tell.as_("number")(f"{one.item}"), until=js("$.x"))
    loop("again", [tell.as_("again_x")("x")], until=now.output.tries > 3, max_iterations=most)
    return now.output


@workflow
def ship(name: str, size: int = 1) -> Part:
    return pack(name, size).output


@workflow(version=2)
def whole(names: list[Part]) -> Quote:
    packed = fan_out("pack_all", pack, names)
    assert_type(packed.output, Mapping[str, Part])
    assert_type(publish(packed.output).output, int)
    shipped = fan_out("ship_all", ship, [{"name": "a"}, {"name": "b", "size": 2}])
    assert_type(shipped.output["_ship_0"].size, int)
    called = ship("a", size=2)
    assert_type(called, Step[Part])
    assert_type(ship.inline("b").output.name, str)
    assert_type(ship.as_("again").opts(retries=1)("c").output, Part)
    ship.as_("away").start(name="d")
    return switches("1", Speed.POST, "OK", amount=1.0, count=None).output


def values(wf: Workflow[..., Any]) -> None:
    grown = Workflow("grown", version=2, inputs=["a"])
    with grown:
        ask(grown.input("a", str))
    chained = wf >> ask("1") >> [tell("a"), [tell("b"), tell("c")]]
    assert_type(chained, Workflow[..., Any])
    grown.returns(result="${ask.output.price}")


values(whole)
