"""
Workflows that run other workflows: by name, and by a definition that another step has made.

Originals: docs/documentation/configuration/workflowdef/operators/sub-workflow-task.md in conductor-oss/conductor.
"""

from __future__ import annotations

from typing import Any, TypedDict

import attrs

from podium import Step, fork, join, sub_workflow, task, workflow


@attrs.frozen
class Plan:
    """A workflow, as JSON."""

    workflow_def: dict[str, Any]


@task
def planner_task(goal: str) -> Plan:
    """Write a workflow for a goal; stands for a model that does."""
    tasks = [{"name": "some_task", "taskReferenceName": "t1", "type": "SIMPLE"}]
    return Plan(workflow_def={"name": "dynamic_plan_wf", "version": 1, "tasks": tasks})


@workflow
def parent_wf(goal: str, threshold: float, iterations: int) -> None:
    """Have a workflow written, and run it."""
    plan = planner_task.as_("planner")(goal)
    planned = sub_workflow("exec", "dynamic_plan_wf", 1, threshold=threshold, iterations=iterations)
    param = {"name": "dynamic_plan_wf", "version": 1, "workflowDefinition": plan.output.workflow_def}
    planned.opts(task_name="exec_plan", json={"subWorkflowParam": param})


@task
def some_task(p1: float) -> float:
    """Do something with a number."""
    return p1


@workflow
def my_inline_workflow(threshold: float) -> float:
    """Have one step."""
    return some_task.as_("t1")(p1=threshold).output


class Size(TypedDict):
    """How large a picture becomes."""

    width: int
    height: int


class Recipe(TypedDict):
    """What becomes of a picture."""

    outputSize: Size
    outputFormat: str


@workflow(owner="conductor@example.com", status_listener=True)
def image_convert_resize_subworkflow1(fileLocation: str, recipeParameters: Recipe) -> Any:
    """Make two formats of a picture at the same time."""
    size = recipeParameters["outputSize"]

    def convert(kind: str) -> Step[Any]:
        recipe = {"outputSize": {"width": size["width"], "height": size["height"]}, "outputFormat": kind}
        converted = sub_workflow(
            f"subworkflow_{kind}_ref", "image_convert_resize", 1, fileLocation=fileLocation, recipeParameters=recipe
        )
        return converted.opts(task_name="image_convert_resize_sub")

    jpg, webp = convert("jpg"), convert("webp")
    # The original waits for "upload_toS3_webp_ref", which it does not have: its join never ends.
    gathered = join("image_convert_resize_multipleformat_join_ref", on=[jpg, webp])
    gathered.opts(task_name="image_convert_resize_multipleformat_join")
    both = fork("image_convert_resize_multipleformat_ref", [jpg], [webp], join=gathered)
    both.opts(task_name="image_convert_resize_multipleformat_fork")
    return {"fileLocationJpg": jpg.output["fileLocation"], "fileLocationWebp": webp.output["fileLocation"]}


if __name__ == "__main__":
    print(image_convert_resize_subworkflow1.describe())
