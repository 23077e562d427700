"""Variables and failures as records: what is written, and what is refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, TypedDict

import attrs
import pytest
from pydantic import BaseModel, Field

from podium import Workflow, connect, failure, inline, set_variable, task, terminate, variable, variables, workflow
from podium.dsl.refs import Ref
from podium.model.errors import AuthoringError
from podium.model.statuses import RunStatus


@attrs.frozen
class Quote:
    price: float = 0.0


@attrs.frozen
class Progress:
    __wire_names__: ClassVar[Mapping[str, str]] = {"is_done": "isDone"}

    stage: str = "new"
    is_done: bool = False
    best: Quote = Quote()


@attrs.frozen
class Needed:
    _left: int
    right: int = 0


class Loose(TypedDict, total=False):
    stage: str


class Model(BaseModel):
    zip_code: str = Field(alias="zipCode", default="")


def inputs_of(made: object) -> Mapping[str, object]:
    """Return what a SET_VARIABLE step would set."""
    inputs: Mapping[str, object] = made.input_parameters  # type: ignore[attr-defined]  # a step
    return inputs


def test_variables_are_read_through_their_record() -> None:
    """Fields give references with types, names on the wire are put in, a wrong field is R2 with the nearest name."""
    now = variables(Progress)
    assert str(now.stage) == "${workflow.variables.stage}"
    assert str(now.is_done) == "${workflow.variables.isDone}"
    assert str(now.best.price) == "${workflow.variables.best.price}"
    assert str(variables(Loose)["stage"]) == "${workflow.variables.stage}"
    with pytest.raises(AuthoringError, match="R2 Progress has no field 'stag'; did you mean 'stage'"):
        _ = now.stag  # type: ignore[attr-defined]  # the mistake


def test_variables_are_set_by_their_record() -> None:
    """Only what is given is set, by position or by name; every kind of record works."""
    assert inputs_of(set_variable("a", Progress, is_done=True)) == {"isDone": True}
    assert inputs_of(set_variable("b", Progress, "done", best=Quote(2.0))) == {"stage": "done", "best": {"price": 2.0}}
    assert inputs_of(set_variable("c", Needed, left=1)) == {"_left": 1}
    assert inputs_of(set_variable("d", Loose, stage="x")) == {"stage": "x"}
    assert inputs_of(set_variable("e", Model, zipCode="1")) == {"zipCode": "1"}
    assert inputs_of(set_variable("f", stage="x", anything=1)) == {"stage": "x", "anything": 1}


@pytest.mark.parametrize(
    ("kind", "args", "values", "message"),
    [
        (Progress, (), {"stag": "x"}, "R2 Progress has no field 'stag'; did you mean 'stage'"),
        (Progress, ("x",), {"stage": "y"}, "R3 'stage' is given twice"),
        (Progress, (1, 2, 3, 4), {}, "R3 Progress has 3 fields, not 4"),
        (Needed, (), {"right": 1}, "R3 Needed needs _left; give the fields defaults"),
        (int, (), {}, "P1 variables are described by a record class"),
        (Progress(), (), {}, "P1 variables are described by a record class"),
    ],
)
def test_wrong_variables_are_refused(
    kind: type, args: tuple[object, ...], values: dict[str, object], message: str
) -> None:
    """What the type checkers refuse is refused at run time too, at the author's line."""
    with pytest.raises(AuthoringError, match=message):
        set_variable("x", kind, *args, **values)


def test_what_is_no_record_class_has_no_variables() -> None:
    """An instance or a plain type is refused."""
    with pytest.raises(AuthoringError, match="P1 variables are described by a record class"):
        variables(int)


def test_a_failure_is_a_record_of_what_conductor_passes_on() -> None:
    """The paths are those of Conductor; the failed workflow's variables have the type of their record."""
    failed = failure(Progress)
    assert str(failed.reason) == "${workflow.input.reason}"
    assert str(failed.failure_task_id) == "${workflow.input.failureTaskId}"
    assert str(failed.failed_workflow.failed_reference_names[0]) == (
        "${workflow.input.failedWorkflow.failedReferenceTaskNames[0]}"
    )
    assert str(failed.failed_workflow.variables.is_done) == "${workflow.input.failedWorkflow.variables.isDone}"
    assert str(failure().failed_workflow.variables["any"]) == "${workflow.input.failedWorkflow.variables.any}"
    assert isinstance(failed.failed_workflow.variables, Ref)
    with pytest.raises(AuthoringError, match="R2 Progress has no field 'stag'"):
        _ = failed.failed_workflow.variables.stag  # type: ignore[attr-defined]  # the mistake


def test_a_run_reads_sets_and_hands_on_its_variables() -> None:
    """First values, a change, a condition on it, and the failure workflow that sees them."""
    seen: list[tuple[str, str, str]] = []

    @task
    def note(reason: str, stage: str, city: str) -> None:
        seen.append((reason, stage, city))

    @workflow
    def cleans_up(city: str) -> None:
        failed = failure(Progress)
        note(failed.reason, failed.failed_workflow.variables.stage, city)

    @workflow(variables=Progress(stage="start"), failure_workflow=cleans_up)
    def trip(city: str) -> str:
        first = inline("first", "$.stage", stage=variables(Progress).stage, returns=str)
        set_variable("note_it", Progress, stage=f"{first.output}, booked")
        terminate("no", "FAILED", f"no way to {city}")
        return variable("stage", str)

    with connect("memory://") as client, client.workers([note]):
        client.register(cleans_up)
        run = client.run(trip, {"city": "Rome"}, timeout=20)
        assert run.status is RunStatus.FAILED
        client.wait(str(run.output["conductor.failure_workflow"]), timeout=20)
    assert seen == [("no way to Rome", "start, booked", "Rome")]


def test_variables_of_a_loaded_workflow_stay_json() -> None:
    """A record and the map that it stands for give the same definition."""
    as_map = {"stage": "new", "isDone": False, "best": {"price": 0.0}}
    first, second = Workflow("w", variables=Progress()), Workflow("w", variables=as_map)
    for each in (first, second):
        each >> set_variable("x", y=1)
    assert first.to_json() == second.to_json()
