"""
The examples of Conductor's documentation, written with Podium in examples/official, mean what the originals mean.

Equal are: every step, its type, inputs, references, conditions, options, and what the workflow says of itself. Not
compared are words for people (descriptions, prompts), which are ours. Where a script is worded otherwise, both are run
on samples and must give the same. Whatever else differs, is a correction that is listed with its reason.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from wire_meaning import meaning

from podium import Workflow
from podium.expressions import javascript, jq
from podium.model.definitions import WorkflowDef

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples" / "official"
CORPUS = ROOT.parent / "shared" / "corpus" / "definitions"

needs_corpus = pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus of definitions is not here")

#: Original, as the corpus calls it, to module and variable of ours.
EQUALS = {
    "hello_workflow-149d4b": "quickstart:hello_workflow",
    "greetings-525256": "quickstart:greetings",
    "process_order-fd9ae4": "quickstart:process_order",
    "enrich_customer_data-c902aa": "services:enrich_customer_data",
    "user_onboarding-a734e3": "services:user_onboarding",
    "order_processing-f9ce98": "services:order_processing",
    "order_with_manual_approval-5db491": "waiting:order_with_manual_approval",
    "scheduled_report-30efb9": "waiting:scheduled_report",
    "order_approval-7616be": "waiting:order_approval",
    "wait_for_order_approval-2ee175": "waiting:wait_for_order_approval",
    "publish_order_event-4dea2d": "waiting:publish_order_event",
    "fulfill_order-055422": "waiting:fulfill_order",
    "test_workflow_for_eventHandler-4bfde1": "waiting:starts_another_by_event",
    "test_workflow_startedBy_eventHandler-567f3b": "waiting:started_by_event",
    "saga_order_fulfillment-6abfb7": "sagas:saga_order_fulfillment",
    "saga_order_compensation-77d766": "sagas:saga_order_compensation",
    "order_processing-84f041": "sagas:order_processing",
    "order_compensation-dab258": "sagas:order_compensation",
    "shipping_failure-5a28ac": "sagas:shipping_failure",
    "parent_wf-051171": "children:parent_wf",
    "my_inline_workflow-b291ad": "children:my_inline_workflow",
    "image_convert_resize_subworkflow1-e43e92": "children:image_convert_resize_subworkflow1",
    "wmq_echo_loop-6c9e7c": "messages:wmq_echo_loop",
    "fan_out_http_calls-b2abc3": "fan_outs:fan_out_http_calls",
    "dynamic_workflow_array_http-57bf63": "fan_outs:dynamic_workflow_array_http",
    "dynamic_fork_different_tasks-4e2531": "fan_outs:dynamic_fork_different_tasks",
    "chat_workflow-67776e": "agents:chat_workflow",
    "rag_workflow-4170fe": "agents:rag_workflow",
    "mcp_ai_agent_workflow-f013fd": "agents:mcp_ai_agent_workflow",
    "ai_workflow_router-ddd920": "agents:ai_workflow_router",
    "hitl_approved_action-6776b4": "agents:hitl_approved_action",
    "human_approved_external_action-9f7be1": "agents:human_approved_external_action",
    "rag_agent-e743c1": "agents:rag_agent",
    "greetings-5a93c5": "python_sdk:greetings",
    "secure_workflow-610579": "python_sdk:secure_workflow",
    "kitchensink-1ada5a": "kitchensink:kitchensink",
    "sub_flow_1-2df70b": "kitchensink:sub_flow_1",
}

#: Tasks that the reference pages show alone: reference name to our workflow, and the digest of what the original means
#: (`digest_of`), because those pages are not in the corpus.
SINGLE = {
    "kafka_ref": ("single_tasks:kafka_publish", "75dd562e3c766464"),
    "do_while_ref": ("single_tasks:process_list", "c042d46242a890f9"),
    "process_items_ref": ("single_tasks:process_items", "7d4113b1f4468b9c"),
    "first_response": ("single_tasks:first_response", "2a67b53ee356063d"),
    "terminate_ref": ("single_tasks:no_provider", "f96d0c3ef33482a7"),
    "set_name_ref": ("single_tasks:welcome_user", "4bce8bec48bd4166"),
    "greet_user_ref": ("single_tasks:welcome_user", "24816ea039f0f46e"),
    "send_reminder_email_ref": ("single_tasks:welcome_user", "71c3e279d853f5cc"),
}

#: Workflows that programs of the SDK build: ours, and the digest of what theirs mean but for the differences of
#: `test_chains`. A definition that theirs carries has no version, and a default that refers to its caller and so cannot
#: be resolved; ours has version 1 and no such default.
BUILT = {
    "python_sdk:dynamic_workflow": "a27c6ffe2f3bac3b",
    "python_sdk:kitchensink2": "a5e3eea12b785327",
}

#: What their scripts make of an input.
RESULTS: Mapping[tuple[str, str], tuple[dict[str, Any], Any]] = {
    ("python_sdk:kitchensink2", "hello_script"): (
        {"name": "Ada"},
        {"text": "hello Ada", "url": "https://orkes-api-tester.orkesconductor.com/api"},
    ),
    ("python_sdk:kitchensink2", "jq_process"): ({"key1": {"value1": [1]}, "key2": {"value2": [2]}}, {"key3": [1, 2]}),
}

#: A part of another example, without an original of its own.
PARTS = {"python_sdk:sub0"}

#: Every workflow of the examples.
OURS = sorted({*EQUALS.values(), *(place for place, _ in SINGLE.values()), *BUILT, *PARTS})

#: (Original, reference name) to inputs on which two scripts must give the same.
SAMPLES: Mapping[tuple[str, str], list[dict[str, Any]]] = {
    ("hello_workflow-149d4b", "parse_ref"): [
        {"data": {"hostName": "h1", "apiRandomDelay": "12 ms", "randomInt": 7}},
    ],
    ("process_order-fd9ae4", "enrich_order"): [
        {"order": {"country": "US", "id": 1}},
        {"order": {"country": "DE", "region": "?"}},
    ],
    ("user_onboarding-a734e3", "tier_switch"): [{"tier": tier} for tier in ("enterprise", "free", None)],
    ("order_processing-f9ce98", "review_gate"): [{"totalAmount": amount} for amount in (0, 500, 500.01, 9000)],
    ("saga_order_compensation-77d766", "completed_steps"): [
        {"failed": {}},
        {
            "failed": {
                "input": {"orderId": "7"},
                "tasks": [
                    {"status": "COMPLETED", "referenceTaskName": "reserve_inventory"},
                    {"status": "FAILED", "referenceTaskName": "charge_payment"},
                ],
            }
        },
        {"failed": {"tasks": [{"status": "COMPLETED", "referenceTaskName": "charge_payment"}]}},
    ],
    ("dynamic_fork_different_tasks-4e2531", "prepare"): [{}],
    ("hitl_approved_action-6776b4", "normalize_decision"): [
        {"decision": {}},
        {"decision": {"approved": "yes"}},
        {"decision": {"approved": True, "approver": "Ada", "note": "fine"}},
    ],
    ("rag_agent-e743c1", "retrieval_loop"): [
        {"retrieval_loop": {"iteration": count}, "sufficient": enough}
        for count in (1, 2, 3)
        for enough in (True, False, None)
    ],
    ("rag_agent-e743c1", "verify_citations"): [
        {"answer": {}},
        {"answer": {"citations": ["a", "b"]}},
        {"answer": {"citations": []}},
    ],
    ("wmq_echo_loop-6c9e7c", "echo_payload_ref"): [
        {"messages": []},
        {"messages": None},
        {"messages": [{"id": "m1", "payload": {"a": 1}, "receivedAt": "now"}, {"id": "m2"}]},
    ],
}


def _join_on_what_is_there(task: dict[str, Any]) -> None:
    """The original waits for a step that it does not have, so its join would never end."""
    if task.get("joinOn") == ["subworkflow_jpg_ref", "upload_toS3_webp_ref"]:
        task["joinOn"] = ["subworkflow_jpg_ref", "subworkflow_webp_ref"]


#: Mistakes of originals that ours do not repeat.
CORRECTIONS: Mapping[str, Callable[[dict[str, Any]], None]] = {
    "image_convert_resize_subworkflow1-e43e92": _join_on_what_is_there,
}


@cache
def module_of(name: str) -> ModuleType:
    """Import an example."""
    spec = importlib.util.spec_from_file_location(f"official_{name}", EXAMPLES / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def workflow_of(place: str) -> Workflow[..., Any]:
    """Return a workflow of ours by ``module:variable``."""
    module, _, name = place.partition(":")
    found: Workflow[..., Any] = getattr(module_of(module), name)
    return found


def tasks_in(data: Any) -> Iterator[dict[str, Any]]:
    """Yield each task of a definition's JSON, at every depth."""
    if isinstance(data, dict):
        if "taskReferenceName" in data:
            yield data
        for value in list(data.values()):
            yield from tasks_in(value)
    elif isinstance(data, list):
        for value in data:
            yield from tasks_in(value)


Scripts = dict[str, tuple[str, str]]


def comparable(document: Any) -> tuple[dict[str, Any], Scripts]:
    """Return what a definition means without words for people, and its scripts by reference name."""
    definition = meaning(json.loads(json.dumps(document)), WorkflowDef)
    definition.pop("description", None)
    scripts: Scripts = {}
    for each in tasks_in(definition):
        each.pop("description", None)
        _wrap_request(each)
        _drop_defaults_of_inputs(each)
        _drop_repeated_retries(each)
        _take_out_script(each, scripts)
        _drop_words(each)
    return definition, scripts


def _wrap_request(task: dict[str, Any]) -> None:
    """Conductor takes the request of an HTTP task under a key of its own, or flat among the inputs."""
    inputs = task.get("inputParameters", {})
    if task.get("type") == "HTTP" and "http_request" not in inputs:
        task["inputParameters"] = {"http_request": inputs}


def _drop_repeated_retries(task: dict[str, Any]) -> None:
    """Ours say the retries at the step too, where it carries its task's definition."""
    if "retryCount" in task and task["retryCount"] == task.get("taskDefinition", {}).get("retryCount"):
        del task["retryCount"]


def _drop_defaults_of_inputs(task: dict[str, Any]) -> None:
    """A queue of messages is waited at unless one says otherwise."""
    inputs = task.get("inputParameters", {})
    if task.get("type") == "PULL_WORKFLOW_MESSAGES" and inputs.get("blocking") is True:
        del inputs["blocking"]


def _take_out_script(task: dict[str, Any], scripts: Scripts) -> None:
    """Put the script aside; both names of the JavaScript evaluator mean the same."""
    inputs = task.get("inputParameters", {})
    places = ((task, "expression"), (task, "loopCondition"), (inputs, "expression"), (inputs, "queryExpression"))
    for holder, key in places:
        kind = {"queryExpression": "jq", "loopCondition": "javascript"}.get(key) or holder.get("evaluatorType")
        if key in holder and kind != "value-param":
            assert kind in {"jq", "javascript", "graaljs"}
            holder.pop("evaluatorType", None)
            scripts[task["taskReferenceName"]] = (str(kind), holder.pop(key))


def _drop_words(task: dict[str, Any]) -> None:
    """Of prompts, the references in them are compared, not the words around them."""
    if task.get("type") != "LLM_CHAT_COMPLETE":
        return
    for message in task["inputParameters"].get("messages", []):
        message["message"] = sorted(set(re.findall(r"\$\{[^}]+\}", message["message"])))


def result_of(script: tuple[str, str], inputs: dict[str, Any]) -> Any:
    """Run a script as the engine does."""
    kind, text = script
    if kind == "jq":
        return jq.transform(text, inputs)[0]
    return javascript.evaluate(text, inputs)


@needs_corpus
@pytest.mark.parametrize("original", EQUALS)
def test_ours_means_what_the_original_means(original: str) -> None:
    """The JSON is equal, and so is what the scripts do."""
    document = json.loads((CORPUS / f"{original}.json").read_text())
    wf = workflow_of(EQUALS[original])
    wanted, their_scripts = comparable(document)
    found, our_scripts = comparable(wf.to_dict())
    retries = _retries_of_steps(wanted)
    if "inputParameters" not in wanted:  # they document only, and ours always do
        found.pop("inputParameters", None)
    if "failureWorkflowVersion" not in wanted:  # ours name the one that they were written with
        found.pop("failureWorkflowVersion", None)
    for each in tasks_in(wanted):
        CORRECTIONS.get(original, lambda _: None)(each)

    assert found == wanted
    assert retries == {name: _retries_of(wf, name) for name in retries}
    assert our_scripts.keys() == their_scripts.keys()
    for name, script in their_scripts.items():
        if our_scripts[name][1] != script[1]:
            samples = SAMPLES[original, name]
            assert [result_of(our_scripts[name], each) for each in samples] == [
                result_of(script, each) for each in samples
            ]


def _retries_of_steps(definition: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Take out what originals say at a step though Conductor reads it of the task's definition only."""
    found = {}
    for each in tasks_in(definition):
        taken = {key: each.pop(key) for key in ("retryLogic", "retryDelaySeconds") if key in each}
        if taken:
            found[each["name"]] = taken
    return found


def _retries_of(wf: Workflow[..., Any], name: str) -> dict[str, Any]:
    (task_def,) = [each.task_def for each in wf.tasks if each.name == name]
    return {"retryLogic": task_def.retry_logic.value, "retryDelaySeconds": task_def.retry_delay_seconds}


def digest_of(task: dict[str, Any]) -> str:
    """Tell tasks that mean different things apart."""
    return hashlib.sha256(json.dumps(task, sort_keys=True).encode()).hexdigest()[:16]


@pytest.mark.parametrize("name", SINGLE)
def test_a_single_task_means_what_the_original_means(name: str) -> None:
    """The task has the digest of its original."""
    place, digest = SINGLE[name]
    definition, _ = comparable(workflow_of(place).to_dict())
    (found,) = [each for each in tasks_in(definition) if each["taskReferenceName"] == name]
    assert digest_of(found) == digest, found


@pytest.mark.parametrize("place", BUILT)
def test_a_built_workflow_means_what_the_original_means(place: str) -> None:
    """The workflow has the digest of its original, and its scripts do what they should."""
    definition, scripts = comparable(workflow_of(place).to_dict())
    assert digest_of(without_listed_inputs(definition)) == BUILT[place], definition
    for name, script in scripts.items():
        given, expected = RESULTS[place, name]
        assert result_of(script, given) == expected


def without_listed_inputs(data: Any) -> Any:
    """Leave out which inputs a definition lists, at every depth: the list only documents."""
    if isinstance(data, list):
        return [without_listed_inputs(each) for each in data]
    if not isinstance(data, dict):
        return data
    kept = {key: without_listed_inputs(value) for key, value in data.items()}
    if "tasks" in kept:
        kept.pop("inputParameters", None)
    return kept


@pytest.mark.parametrize("place", OURS)
def test_ours_have_no_mistakes(place: str) -> None:
    """The check finds no error in any of them."""
    errors = [str(problem) for problem in workflow_of(place).check() if problem.severity == "error"]
    assert errors == []


def test_every_workflow_of_the_examples_is_compared() -> None:
    """No example stands there without its original."""
    modules = sorted(path.stem for path in EXAMPLES.glob("*.py"))
    written = {
        f"{module}:{name}"
        for module in modules
        for name, value in vars(module_of(module)).items()
        if isinstance(value, Workflow)
    }
    assert written == set(OURS)
