"""
As many branches as the input or another step says: over tasks that have no function here, and over those that differ.

Where each branch runs a function or a workflow of yours, ``fan_out(...)`` writes all of this (docs/authoring.md).
Originals: docs/devguide/cookbook/dynamic-parallelism.md and
docs/documentation/configuration/workflowdef/operators/dynamic-fork-task.md in conductor-oss/conductor.
"""

from __future__ import annotations

from typing import Any

import attrs

from podium import Step, inline, join, raw, workflow


def fan(name: str, task_name: str, inputs: dict[str, Any], **fields: str) -> Step[Any]:
    """Give a FORK_JOIN_DYNAMIC."""
    task = {"name": task_name, "taskReferenceName": name, "type": "FORK_JOIN_DYNAMIC", "inputParameters": inputs}
    return raw({**task, **fields})


@workflow
def fan_out_http_calls() -> None:
    """Get three pages at the same time."""
    pages = [f"https://jsonplaceholder.typicode.com/posts/{number}" for number in (1, 2, 3)]
    calls = [{"http_request": {"uri": page, "method": "GET"}} for page in pages]
    fan("parallel_fetch", "fork_join_dynamic", {"forkTaskName": "HTTP", "forkTaskInputs": calls})
    join("join_ref").opts(task_name="join")


@workflow(owner="example@email.com")
def dynamic_workflow_array_http() -> None:
    """Ask one service twice at the same time."""
    calls = [{"http_request": {"method": "GET", "uri": "https://randomuser.me/api/"}} for _ in range(2)]
    name = "dynamic_workflow_array_http"
    fan(f"{name}_ref", name, {"forkTaskType": "HTTP", "forkTaskInputs": calls})
    join(f"{name}_join_ref").opts(task_name=f"{name}_join")


@attrs.frozen
class Chosen:
    """Which tasks to run, and with which inputs."""

    dynamicTasks: list[dict[str, Any]]
    dynamicTasksInput: dict[str, Any]


@workflow
def dynamic_fork_different_tasks() -> None:
    """Let a script say what runs at the same time."""
    script = """
        const pages = {
            fetch_weather: 'https://api.weather.gov/points/39.7456,-104.9994',
            fetch_news: 'https://hacker-news.firebaseio.com/v0/topstories.json',
        };
        const names = Object.keys(pages);
        const request = (name) => ({http_request: {uri: pages[name], method: 'GET'}});
        ({
            dynamicTasks: names.map((name) => ({name: 'HTTP', taskReferenceName: name, type: 'HTTP'})),
            dynamicTasksInput: Object.fromEntries(names.map((name) => [name, request(name)])),
        })
    """
    chosen = inline("prepare", script, returns=Chosen).opts(task_name="prepare_tasks")
    fan(
        "dynamic_fork",
        "fork_join_dynamic",
        {"dynamicTasks": chosen.output.dynamicTasks, "dynamicTasksInput": chosen.output.dynamicTasksInput},
        dynamicForkTasksParam="dynamicTasks",
        dynamicForkTasksInputParamName="dynamicTasksInput",
    )
    join("join_ref").opts(task_name="join")


if __name__ == "__main__":
    print(fan_out_http_calls.describe())
