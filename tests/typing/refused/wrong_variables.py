"""Mistakes with typed variables, failure workflows and schemas."""

from __future__ import annotations

from dataclasses import dataclass

import attrs

from podium import failure, set_variable, task, variables, workflow


@attrs.frozen
class Progress:
    stage: str = "new"
    done: int = 0


@dataclass(frozen=True)
class Count:
    left: int
    right: int = 0


@task
def tell(text: str) -> None: ...


@workflow(variables=Progress())
def trip(city: str) -> None:
    now = variables(Progress)
    print(now.stge)  # expect error: stge
    tell(now.done)  # expect error: str
    set_variable("a", Progress, stge="x")  # expect error: stge | No overload
    set_variable("b", Progress, done="x")  # expect error: "done" | No overload
    set_variable("c", Count, right=1)  # expect error: left | No overload
    set_variable("d", Progress, 1)  # expect error: "stage" | No overload
    variables(Progress(stage="x"))  # expect error: type[
    tell(variables(Count).left)  # expect error: str


@workflow
def cleans_up() -> None:
    failed = failure(Progress)
    print(failed.reasons)  # expect error: reasons
    print(failed.failed_workflow.variables.stge)  # expect error: stge
    tell(failed.failed_workflow.input)  # expect error: str


@task(schemas="yes")  # expect error: bool | No overload
def described(city: str) -> None: ...


@task(enforce_schema=1)  # expect error: bool | No overload
def enforced(city: str) -> None: ...


@workflow(input_schema=3)  # expect error: input_schema | No overload
def shaped(city: str) -> None: ...
