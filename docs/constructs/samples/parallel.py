"""
At the same time

A fork has branches that are written down; a fan-out has one for each item of a list that is known only later. Both
have a join that waits for all of them.
"""

# %%
from collections.abc import Mapping
from typing import Any

import attrs

from podium import collected, fan_out, fork, join, task, workflow


@attrs.frozen
class Quote:
    carrier: str
    price: float


@task
def ask(carrier: str, city: str = "Rome") -> Quote:
    return Quote(carrier=carrier, price=float(len(carrier)))


@task
def cheapest(quotes: Mapping[str, Quote]) -> Quote:
    return min(collected(quotes), key=lambda quote: quote.price)


@task
def tell(text: str) -> None:
    print(text)


# %% Branches
# Leaving the block adds the JOIN, with the list of what it waits for. Behind it, the outputs of all branches are
# there.
@workflow
def both() -> None:
    with fork("quotes") as quotes:
        with quotes.branch():
            train = ask.as_("ask_train")("train")
        with quotes.branch():
            flight = ask.as_("ask_flight")("flight")
            tell(f"flight asked: {flight.output.price}")
    tell.as_("last")(f"{train.output.price}, {flight.output.price}")


# %% Branches as values
# The same structure without blocks; behind `>>`, a list of lists is a fork too.
@workflow
def as_values() -> None:
    train, flight = (
        ask.as_("ask_train")("train"),
        ask.as_("ask_flight")("flight"),
    )
    fork("quotes", [train], [flight, tell("flight asked")])


# %% A join that does not wait for all
# The branch that is not waited for goes on beside what follows.
@workflow
def some() -> None:
    train, flight = (
        ask.as_("ask_train")("train"),
        ask.as_("ask_flight")("flight"),
    )
    fork(
        "quotes",
        [train],
        [flight],
        join=join("first_is_enough", on=[train]),
    )
    tell(f"{train.output.price}")


# %% A branch that may fail
# `optional`: as if it had gone well. `permissive`: the others go on, and the run fails at the join.
@workflow
def lenient() -> None:
    train = ask.as_("ask_train")("train").opts(optional=True)
    flight = ask.as_("ask_flight")("flight").opts(permissive=True)
    fork("quotes", [train], [flight])


# %% One instance per item
# The items give the inputs of each instance; the join's output maps the instances to their outputs.
@workflow
def spread(offers: list[dict[str, Any]]) -> None:
    quotes = fan_out("ask_all", ask, offers)
    cheapest(quotes.output)


# %% Several steps per item
# They are a workflow of their own: a sub-workflow for each item.
# also: one_offer
@workflow
def one_offer(carrier: str) -> Quote:
    quote = ask(carrier)
    tell(f"{carrier} wants {quote.output.price}")
    return quote.output


@workflow
def spread_steps(offers: list[dict[str, Any]]) -> None:
    fan_out("ask_all", one_offer, offers)


# %% Items of items
# A fan-out in the workflow that is fanned out.
# also: one_trip
@workflow
def one_trip(offers: list[dict[str, Any]]) -> Quote:
    return cheapest(fan_out("ask_all", ask, offers).output).output


@workflow
def all_trips(trips: list[dict[str, Any]]) -> None:
    fan_out("plan_all", one_trip, trips)
