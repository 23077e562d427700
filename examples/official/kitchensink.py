"""
One of everything: Conductor's kitchen sink, which its labs begin with.

Originals: rest/src/main/resources/kitchensink in conductor-oss/conductor, told in docs/devguide/labs/kitchensink.md.
"""

from __future__ import annotations

from typing import Any

import attrs

from podium import decision, dynamic, event, fork, http, join, raw, ref, task, workflow


@attrs.frozen
class Parity:
    """A number and whether it is odd."""

    mod: int
    oddEven: int


@attrs.frozen
class Fan:
    """What to run at the same time, and with which inputs."""

    dynamicTasks: list[dict[str, Any]]
    inputs: dict[str, Any]


@task
def task_1(mod: int, oddEven: int) -> Parity:
    """Begin."""
    return Parity(mod, oddEven)


@task
def task_4(mod: int, oddEven: int) -> Fan:
    """Say what to fan out to."""
    return Fan(dynamicTasks=[], inputs={})


@task
def task_5() -> None:
    """Stand for a step of the sub-workflow."""


@task
def task_6() -> None:
    """Stand for another."""


@task
def task_10() -> None:
    """Stand for one branch."""


@task
def task_11() -> None:
    """Stand for the other."""


@task
def task_30(statuses: list[int], workflowIds: list[str]) -> None:
    """Look at what was found."""


@workflow(owner="example@email.com")
def sub_flow_1(mod: int | None = None, oddEven: int | None = None) -> None:
    """Run two steps; the inputs are not used."""
    task_5()
    task_6()


@workflow(owner="example@email.com")
def kitchensink(mod: int, oddEven: int, task2Name: str) -> Any:
    """Have a step of nearly every kind."""
    begun = task_1(mod, oddEven)
    event("event_0", "conductor", mod=mod, oddEven=oddEven).opts(task_name="event_task")
    chosen = dynamic("task_2", task2Name).opts(task_name="dyntask")
    with decision("oddEvenDecision", chosen.output["oddEven"], input_name="oddEven") as way:
        with way.case("0"):
            fan = task_4(chosen.output["mod"], chosen.output["oddEven"])
            raw(
                {
                    "name": "dynamic_fanout",
                    "taskReferenceName": "fanout1",
                    "type": "FORK_JOIN_DYNAMIC",
                    "inputParameters": {"dynamicTasks": fan.output.dynamicTasks, "input": fan.output.inputs},
                    "dynamicForkTasksParam": "dynamicTasks",
                    "dynamicForkTasksInputParamName": "input",
                }
            )
            join("join1").opts(task_name="dynamic_join")
        with way.case("1"), fork("forkx", join=join("join2").opts(task_name="join")) as both:
            both.opts(task_name="fork_join")
            for first, reference_name in ((task_10, "wf3"), (task_11, "wf4")):
                with both.branch():
                    first()
                    sub_flow_1.as_(reference_name)(begun.output.mod, begun.output.oddEven).opts(
                        task_name="sub_workflow_x"
                    )
    http("get_es_1", "http://localhost:9200/conductor/_search?size=10").opts(task_name="search_elasticsearch")
    statuses, ids = ref("get_es_1.output..status"), ref("get_es_1.output..workflowId")
    task_30(statuses=statuses, workflowIds=ids)
    return {"statues": statuses, "workflowIds": ids}


if __name__ == "__main__":
    print(kitchensink.describe())
