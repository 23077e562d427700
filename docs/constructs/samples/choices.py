"""
Choices

Python's `if` sees values of now, not of the run; a choice between steps is a part of the graph.
"""

# %%
import attrs

from podium import (
    decision,
    if_,
    is_in,
    is_null,
    js,
    len_,
    starts_with,
    switch,
    task,
    terminate,
    when,
    workflow,
)


@attrs.frozen
class Quote:
    carrier: str
    price: float


@task
def ask_train(city: str) -> Quote:
    return Quote(carrier="train", price=49.0)


@task
def ask_flight(city: str) -> Quote:
    return Quote(carrier="flight", price=99.0)


@task
def tell(text: str) -> None:
    print(text)


# %% One of several cases
# SWITCH by a value.
@workflow
def by_value(city: str, way: str) -> None:
    with switch("way", way) as ways:
        with ways.case("TRAIN"):
            ask_train(city)
        with ways.case("FLIGHT"):
            ask_flight(city)
        with ways.otherwise():
            tell(f"there is no way to {city} by {way}")


# %% One output of two cases
# `merge` gives the output of whichever ran: an EXCLUSIVE_JOIN.
# json: whole
@workflow
def merged(city: str, hurry: str) -> Quote:
    with switch("way", hurry) as way:
        with way.case("YES"):
            fast = ask_flight(city)
        with way.otherwise():
            slow = ask_train(city)
    return way.merge(fast, slow).output


# %% Several values for one case
@workflow
def grouped(city: str, hurry: str) -> None:
    with switch("way", hurry) as way:
        with way.case("YES", "VERY"):
            ask_flight(city)
        with way.otherwise():
            ask_train(city)


# %% Steps under a condition
# Python's operators on values of the run compile to the JavaScript that Conductor takes. Put comparisons in
# parentheses; `&`, `|` and `~` stand for `and`, `or` and `not`.
@workflow
def careful(price: float, kind: str) -> None:
    with when("dear", (price > 100) & ~is_in(kind, ["GIFT", "VIP"])):
        tell("ask the boss")


# %% A condition with two sides
@workflow
def two_sides(price: float) -> None:
    with when("dear", price > 100) as dear:
        tell("ask the boss")
    with dear.otherwise():
        tell.as_("go_on")("just do it")


# %% A case that a condition names
# `if_` is Python's `a if condition else b`; it may be nested.
@workflow
def sized(price: float) -> None:
    size = if_(price < 10, "S", if_(price < 100, "M", "L"))
    with switch("size", size) as sizes:
        with sizes.case("S"):
            tell.as_("small")("fits in a letter")
        with sizes.case("L"):
            tell.as_("large")("needs a van")


# %% Null, empty, beginning with
# Null is what a value is that nobody gave. `if_`, `len_`, `is_null` and their kin stand for what Python cannot see
# here.
@workflow
def asked(name: str | None, tags: list[str]) -> None:
    unknown = is_null(name) | (len_(tags) == 0)
    with when("unknown", unknown | starts_with(name, "tmp")):
        tell("who is it?")


# %% A case that a script names
# What operators and functions cannot say, JavaScript can.
@workflow
def scripted(price: float) -> None:
    parity = js("Math.round($.p) % 2 ? 'ODD' : 'EVEN'", p=price)
    with switch("parity", parity) as which, which.case("ODD"):
        tell("odd")


# %% End the run at once
# TERMINATE ends the whole run, with a status, a reason and an output.
@workflow
def refused(price: float) -> None:
    with when("too_dear", price > 1000):
        terminate("refuse", "FAILED", f"{price} is too much")
    tell("fine")


# %% The older DECISION
# For workflows that were written with it.
@workflow
def older(way: str) -> None:
    with (
        decision("way", way, input_name="kind") as ways,
        ways.case("TRAIN"),
    ):
        tell("by train")
