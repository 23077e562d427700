"""What Podium writes is read by the models of the official Python SDK, and comes back whole."""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from sdk_process import ask, needs_sdk
from wire_meaning import task_meaning, workflow_meaning

from podium import Task, Workflow, task, workflow
from podium.model import codec

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted(path for path in (ROOT / "examples").rglob("*.py") if path.name not in {"demo.py", "__init__.py"})
GOLDEN = sorted((ROOT / "tests" / "snapshots" / "dsl").glob("*.json"))

pytestmark = needs_sdk

#: Keys of Conductor's own model (`META/workflow/*.java`, `META/tasks/TaskDef.java`) that the SDK's classes do not have.
#: They drop them; definitions registered as JSON keep them.
UNKNOWN_TO_THE_SDK: Mapping[str, set[str]] = {
    "WorkflowDef": {"cacheConfig", "failureWorkflowVersion", "maskedFields"},
    "WorkflowTask": {"items", "joinMode", "metadata"},
    "TaskDef": {"backoffJitterMs", "maxRetryDelaySeconds", "taskStatusListenerEnabled"},
}

#: What the SDK's class of workflows says by itself where nothing was said; Conductor's own default is true.
SAID_BY_THE_SDK: Mapping[str, Any] = {"enforceSchema": False}

#: Below these keys stands what authors call as they like.
PLAIN_DATA = {"inputParameters", "inputTemplate", "outputParameters", "variables"}


@task(
    name="full",
    retries=2,
    retry_delay="5s",
    retry_logic="EXPONENTIAL_BACKOFF",
    backoff_scale=3,
    timeout="1m",
    response_timeout="30s",
    total_timeout="10m",
    poll_timeout="10s",
    timeout_policy="TIME_OUT_WF",
    concurrency_limit=4,
    rate_limit=(10, "1s"),
    input_template={"speed": "POST"},
    secrets=["API_KEY"],
    description="What can be said of one",
    owner="orders@example.com",
)
def full(order_id: str, speed: str) -> None:
    """Have every setting that the SDK knows."""


@task(max_retry_delay="1m", jitter="250ms")
def newer(order_id: str) -> None:
    """Have settings that Conductor knows and the SDK does not."""


@task(schemas=True)
def described(order_id: str, speed: str = "POST") -> int:
    """Have schemas of input and output."""
    return len(order_id + speed)


@workflow(schemas=True)
def described_workflow(order_id: str, speed: str = "POST") -> int:
    """Have schemas too."""
    return described(order_id, speed).output


def module_of(path: Path) -> ModuleType:
    """Import an example."""
    name = f"interop_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def ours() -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the workflows and the task definitions of the examples and the golden files, as JSON data."""
    workflows = {f"{path.name}:{each['name']}": each for path in GOLDEN for each in json.loads(path.read_text())}
    tasks = {each.name: codec.to_dict(each.task_def) for each in (full, newer, described)}
    workflows["described"] = described_workflow.to_dict()
    for path in EXAMPLES:
        for value in vars(module_of(path)).values():
            if isinstance(value, Workflow):
                workflows.update({f"{path.name}:{each.name}": codec.to_dict(each) for each in value.definitions})
            elif isinstance(value, Task):
                tasks[f"{path.name}:{value.name}"] = codec.to_dict(value.task_def)
    return workflows, tasks


def through_the_sdk(document: Any, dropped: set[str]) -> Any:
    """Return what the SDK should make of the data; the keys that it loses are added to *dropped*."""
    if isinstance(document, list):
        return [through_the_sdk(each, dropped) for each in document]
    if not isinstance(document, Mapping):
        return document
    kind = "WorkflowDef" if "tasks" in document else "WorkflowTask" if "taskReferenceName" in document else "TaskDef"
    kept = dict(SAID_BY_THE_SDK) if kind == "WorkflowDef" else {}
    for key, value in document.items():
        if key in UNKNOWN_TO_THE_SDK[kind]:
            dropped.add(key)
        elif key == "workflowDefinition" and isinstance(value, str):
            kept[key] = {"tasks": [], **SAID_BY_THE_SDK}  # it reads no expression there, and makes an empty workflow
        else:
            kept[key] = value if key in PLAIN_DATA else through_the_sdk(value, dropped)
    return kept


def compare(written: dict[str, Any], back: list[Any], meant: Any) -> set[str]:
    """Hold what came back against what was written, and give the keys that were dropped."""
    dropped: set[str] = set()
    for (name, document), other in zip(written.items(), back, strict=True):
        assert meant(other) == through_the_sdk(meant(document), dropped), name
    return dropped


def test_definitions_come_back_from_the_models_of_the_sdk() -> None:
    """Every workflow and task definition comes back whole, but for keys that the SDK has no attribute for."""
    workflows, tasks = ours()
    back = ask("models", {"WorkflowDef": list(workflows.values()), "TaskDef": list(tasks.values())})
    assert len(workflows) >= 10
    compare(workflows, back["WorkflowDef"], workflow_meaning)
    assert compare(tasks, back["TaskDef"], task_meaning) == {"backoffJitterMs", "maxRetryDelaySeconds"}


def test_the_list_of_unknown_keys_is_current() -> None:
    """The SDK has learnt none of the keys that are listed as unknown to it."""
    step = {"name": "a", "taskReferenceName": "a", "items": "x", "joinMode": "SYNC", "metadata": {"a": 1}}
    definition = {"name": "w", "tasks": [step], "cacheConfig": {"key": "a"}, "maskedFields": ["a"]}
    definition["failureWorkflowVersion"] = 2
    own = {"name": "t", "backoffJitterMs": 1, "maxRetryDelaySeconds": 1, "taskStatusListenerEnabled": False}

    back = ask("models", {"WorkflowDef": [definition], "TaskDef": [own]})

    (kept,), (kept_own,) = back["WorkflowDef"], back["TaskDef"]
    known = {"WorkflowDef": kept, "WorkflowTask": kept["tasks"][0], "TaskDef": kept_own}
    assert {kind: set(known[kind]) & keys for kind, keys in UNKNOWN_TO_THE_SDK.items() if set(known[kind]) & keys} == {}
