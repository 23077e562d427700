"""
Data

`${…}` puts values in their places but cannot compute; these steps can, without a worker.
"""

# %%
from typing import Any

import attrs

from podium import (
    inline,
    jq,
    js,
    legacy,
    noop,
    set_variable,
    task,
    variable,
    variables,
    workflow,
)


@attrs.frozen
class Total:
    sum: float
    count: int


@task
def tell(text: str) -> None:
    print(text)


# %% Compute with operators
# Python's operators on values of the run become a script.
@workflow
def computed(price: float, nights: int) -> None:
    total = inline("total", price * nights + 9.5)
    tell(f"{total.output} in all")


# %% Compute with a script
# The value of the last statement is the result.
@workflow
def scripted(city: str) -> None:
    shout = js("$.city.toUpperCase() + '!'", city=city)
    tell(inline("shout", shout, returns=str).output)


# %% The older LAMBDA
# For workflows that were written with it; new ones take INLINE.
@workflow
def lambda_of_old(price: float) -> None:
    legacy.lambda_("double", "return $.p * 2;", p=price)


# %% Reshape with jq
@workflow
def reshaped(rooms: list[dict[str, Any]]) -> None:
    query = "{sum: ([.rooms[].price] | add), count: (.rooms | length)}"
    total = jq("total", query, rooms=rooms, returns=Total)
    tell(f"{total.output.count} rooms for {total.output.sum}")


# %% Remember
# Variables belong to the run; every later step can read them, also in loops and branches. A record says which there
# are:
# its instance gives their first values.
# json: whole
@attrs.frozen
class Progress:
    stage: str = "NEW"
    rooms: int = 0


@workflow(variables=Progress(rooms=1))
def remembered() -> None:
    now = variables(Progress)
    tell(f"{now.rooms} rooms are {now.stage}")
    set_variable("note", Progress, stage="BOOKED")


# %% Remember, without a record
# Nobody checks the names.
@workflow(variables={"stage": "NEW"})
def unchecked(city: str) -> None:
    set_variable("note", stage="BOOKED", city=city)
    tell(f"{variable('stage')} in {variable('city')}")


# %% Do nothing
# A place that is free, or a mark in the picture.
@workflow
def nothing() -> None:
    noop("here")
