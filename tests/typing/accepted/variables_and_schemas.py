"""Typed variables, failure workflows and schemas."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypedDict, assert_type

import attrs
from pydantic import BaseModel

from podium import (
    Failure,
    SchemaDef,
    Step,
    failure,
    loop,
    set_variable,
    task,
    variable,
    variables,
    workflow,
)
from podium.model.statuses import SchemaType


@attrs.frozen
class Progress:
    stage: str = "new"
    done: int = 0


@dataclass(frozen=True)
class Count:
    left: int
    right: int = 0


class Seen(BaseModel):
    last: str = ""


class Loose(TypedDict):
    note: str


@task(schemas=True, input_schema=Count, output_schema={"type": "object"}, enforce_schema=True, input_template=True)
def book(city: str, nights: int = 1) -> int:
    return nights


@task(input_template={"city": "Rome"}, output_schema=int)
def tell(text: str, city: str = "") -> None: ...


@workflow(variables={"stage": "new"})
def cleans_up(city: str) -> None:
    failed = failure(Progress)
    assert_type(failed, Failure[Progress])
    assert_type(failed.reason, str)
    assert_type(failed.failure_task_id, str | None)
    assert_type(failed.failed_workflow.variables.done, int)
    tell(f"{failed.failed_workflow.workflow_id}: {failed.reason} in {city}")
    assert_type(failure().failed_workflow.variables, Mapping[str, Any])


@workflow(variables=Progress(stage="start"), failure_workflow=cleans_up, schemas=True, output_schema=Progress)
def trip(city: str) -> int:
    now = variables(Progress)
    assert_type(now, Progress)
    assert_type(now.stage, str)
    booked = book(city, nights=now.done)
    assert_type(set_variable("note", Progress, stage="booked"), Step[None])
    set_variable("note_both", Progress, "booked", done=booked.output)
    set_variable("count", Count, 1, right=booked.output)
    set_variable("see", Seen, last=city)
    set_variable("free", stage="x", anything=booked.output)
    assert_type(variables(Loose)["note"], str)
    assert_type(variable("done", int), int)
    with loop("again", max_iterations=3) as again:
        tell(now.stage).opts(output_schema=Progress)
        again.until(now.done > 3)
    return now.done


@workflow(input_schema=SchemaDef(name="x", type=SchemaType.JSON))
def described(city: str) -> None:
    tell(city)
