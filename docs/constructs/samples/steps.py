"""
Steps, inputs and outputs

A workflow is a function that is called once, to build a graph. Calling a task in it makes a step.
"""

# %%
from typing import Annotated

import attrs

from podium import Workflow, call_task, dynamic, env, secret, task, workflow


@attrs.frozen
class Room:
    hotel: str
    price: float


@task
def book(city: str, nights: int = 1) -> Room:
    return Room(hotel=f"Grand Hotel {city}", price=80.0 * nights)


@task
def tell(text: str) -> None:
    print(text)


# %% A step
# Arguments become inputs; the output of one step is an input of the next. An f-string becomes text that the engine
# fills in.
# json: whole
@workflow
def stay(city: str, nights: int = 2) -> Room:
    room = book(city, nights)
    tell(f"{room.output.hotel} is yours")
    return room.output


# %% The same, as a chain
# `>>` puts steps behind each other. Inputs and outputs are declared on the workflow.
# json: whole
chained = Workflow("chained")
chained_room = book(chained.input("city"), 2)
chained >> chained_room >> tell(f"{chained_room.output.hotel} is yours")
chained.returns(hotel=chained_room.output.hotel)


# %% The same task twice
# A step is called by its task; `.as_(…)` gives it another name.
@workflow
def there_and_back() -> None:
    book("Rome")
    book.as_("book_back")("Oslo")


# %% Retries and timeouts
# They belong to the task, so that every workflow that uses it has them: the JSON is the task's definition.
# json: task charge
@task(
    retries=5,
    retry_delay="2s",
    retry_logic="EXPONENTIAL_BACKOFF",
    timeout="1m",
)
def charge(amount: float) -> str:
    return f"paid {amount}"


# %% Schemas
# JSON Schemas of input and output, from the annotations; a workflow takes `schemas=True` too.
# json: task rate
@task(schemas=True)
def rate(hotel: str, stars: Annotated[int, "1 to 5"] = 3) -> Room:
    return Room(hotel=hotel, price=0.0)


# %% Options of one step
# `.opts(…)` changes this step alone.
@workflow
def patient(city: str) -> None:
    book(city).opts(retries=0, optional=True)
    charge(80.0).opts(start_delay="10s")


# %% A worker whose function is elsewhere
# Written in another language, or in another repository: its name is enough.
@workflow
def foreign(order_id: str) -> None:
    checked = call_task("check", "check_fraud", order_id=order_id)
    tell(f"the verdict is {checked.output.verdict}")


# %% A task that is chosen while the workflow runs
# DYNAMIC: the name comes from an input or from another step.
@workflow
def chosen(channel: str) -> None:
    dynamic("notify", channel, text="we are open")


# %% Secrets and settings of the server
# They are put in when the step is handed out, and never stored.
@workflow
def signed() -> None:
    call_task(
        "ask", "ask_bank", key=secret("BANK_KEY"), region=env("REGION")
    )
