"""
Workflows in workflows

A workflow is called like a task. It may also be carried along, be started to go its own way, or clean up after
another.
"""

# %%
from typing import Any

from podium import (
    failure,
    load,
    start_workflow,
    sub_workflow,
    sub_workflow_from,
    task,
    workflow,
)


@task
def book(city: str) -> str:
    return f"room in {city}"


@task
def cancel(booking: str) -> None: ...


@task
def tell(text: str) -> None:
    print(text)


@task
def make_plan(goal: str) -> Any: ...


@workflow(version=2)
def trip(city: str) -> str:
    return book(city).output


# %% Call it
# SUB_WORKFLOW, by name and version; registering the caller registers it too.
# draw: expand=1
@workflow
def calls(city: str) -> None:
    went = trip(city)
    tell(went.output)


# %% Carry it along
# The definition is a part of the caller's, and need not be registered.
# draw: expand=1
@workflow
def carries(city: str) -> None:
    trip.inline(city)


# %% Start it and go on
# START_WORKFLOW: the other run goes its own way.
@workflow
def starts(city: str) -> None:
    other = trip.start(city)
    tell(f"started as {other.output.workflow_id}")


# %% By its name
# Where only the name is known; without a version it is the newest.
@workflow
def by_name(city: str) -> None:
    sub_workflow("go", "trip", city=city)
    start_workflow("go_too", "trip", city=city)


# %% A workflow that a step has written
# The definition is an output of another step; a person, a model or a program may have made it.
@workflow
def written(goal: str) -> None:
    plan = make_plan(goal)
    sub_workflow_from("follow_plan", plan.output["definition"], goal=goal)


# %% Undo what was done
# If the run fails later, what was done is undone, the last thing first, by a workflow that you can read and draw.
# draw: undo=True
@workflow
def safe(city: str) -> None:
    room = book(city)
    room.undo(cancel, booking=room.output)
    tell(f"booked {room.output}")


# %% The workflow that undoes it
# Made from the one above: a definition like any other.
# draw: none
undo = load(safe.definitions[1])


# %% A failure workflow of your own
# It has the inputs of the run that failed, and `failure()` tells which one that is, and why.
# json: alarm
@workflow
def alarm(city: str) -> None:
    failed = failure()
    tell(f"{failed.workflow_id} to {city}: {failed.reason}")


@workflow(failure_workflow=alarm)
def watched(city: str) -> None:
    book(city)
