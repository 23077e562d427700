"""Task definitions as settings of stubs."""

from __future__ import annotations

from typing import Any

import pytest
from decompile_calls import run_source

from podium.decompile import to_package
from podium.decompile.taskdefs import task_settings
from podium.dsl import Task, load
from podium.dsl.settings import apply_to_task_def
from podium.model import codec
from podium.model.definitions import TaskDef


@pytest.mark.parametrize(
    ("document", "settings", "lost"),
    [
        ({"retryCount": 3}, {}, []),
        (
            {"retryCount": 0, "description": "d", "ownerEmail": "a@b.c"},
            {"retries": 0, "description": "d", "owner": "a@b.c"},
            [],
        ),
        (
            {"timeoutSeconds": 60, "responseTimeoutSeconds": 60},
            {"timeout": "1m", "timeout_policy": "TIME_OUT_WF"},
            [],
        ),
        (
            {
                "timeoutSeconds": 60,
                "responseTimeoutSeconds": 30,
                "timeoutPolicy": "RETRY",
                "retryLogic": "LINEAR_BACKOFF",
            },
            {"timeout": "1m", "response_timeout": "30s", "retry_logic": "LINEAR_BACKOFF"},
            [],
        ),
        (
            {
                "rateLimitPerFrequency": 5,
                "rateLimitFrequencyInSeconds": 60,
                "concurrentExecLimit": 2,
                "backoffJitterMs": 250,
            },
            {"rate_limit": (5, "1m"), "concurrency_limit": 2, "jitter": "250ms"},
            [],
        ),
        (
            {"inputTemplate": {"a": 1}, "runtimeMetadata": ["KEY"]},
            {"input_template": {"a": 1}, "secrets": ("KEY",)},
            [],
        ),
        ({"timeoutSeconds": 60}, {"timeout": "1m"}, ["responseTimeoutSeconds", "timeoutPolicy"]),
        ({"inputKeys": ["a"], "createTime": 5, "retryCount": 1}, {"retries": 1}, ["createTime", "inputKeys"]),
    ],
)
def test_settings_make_the_task_definition(document: Any, settings: Any, lost: list[str]) -> None:
    """Each field has its setting; what none says, or what Conductor would refuse, is told."""
    definition = codec.from_dict({"name": "t", **document}, TaskDef)

    found, untold = task_settings(definition)

    assert (found, untold) == (settings, lost)
    if not lost:
        assert apply_to_task_def(TaskDef(name="t"), found) == definition


def test_stubs_of_a_package_have_the_settings() -> None:
    """The stub's decorator makes the task definition again."""
    definition = load({"name": "w", "tasks": [{"name": "charge", "taskReferenceName": "a"}]}).definition
    task_def = TaskDef(name="charge", retry_count=1, rate_limit_per_frequency=3, rate_limit_frequency_in_seconds=1)

    package = to_package([definition], [task_def, TaskDef(name="unused")])
    task = vars(run_source(package.files["tasks.py"]))["charge"]

    assert isinstance(task, Task)
    assert task.task_def == task_def
    assert "unused" not in package.files["tasks.py"]
