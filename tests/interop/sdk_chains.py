# ruff: noqa: D103  # the name of a recipe says what it makes
"""
Workflows chained with the ``>>`` of the official Python SDK; `test_chains` has the same ones in Podium's words.

This module runs in a process of its own (see `sdk_process`).
"""

from __future__ import annotations

from conductor.client.http.models import StartWorkflowRequest
from conductor.client.workflow.conductor_workflow import ConductorWorkflow
from conductor.client.workflow.task.do_while_task import DoWhileTask, LoopTask
from conductor.client.workflow.task.dynamic_fork_task import DynamicForkTask
from conductor.client.workflow.task.dynamic_task import DynamicTask
from conductor.client.workflow.task.event_task import ConductorEventTask
from conductor.client.workflow.task.fork_task import ForkTask
from conductor.client.workflow.task.http_task import HttpInput, HttpMethod, HttpTask
from conductor.client.workflow.task.human_task import HumanTask
from conductor.client.workflow.task.inline import InlineTask
from conductor.client.workflow.task.join_task import JoinTask
from conductor.client.workflow.task.json_jq_task import JsonJQTask
from conductor.client.workflow.task.kafka_publish import KafkaPublishTask
from conductor.client.workflow.task.kafka_publish_input import KafkaPublishInput
from conductor.client.workflow.task.pull_workflow_messages_task import PullWorkflowMessagesTask
from conductor.client.workflow.task.set_variable_task import SetVariableTask
from conductor.client.workflow.task.simple_task import SimpleTask, simple_task
from conductor.client.workflow.task.start_workflow_task import StartWorkflowTask
from conductor.client.workflow.task.sub_workflow_task import InlineSubWorkflowTask, SubWorkflowTask
from conductor.client.workflow.task.switch_task import SwitchTask
from conductor.client.workflow.task.terminate_task import TerminateTask, WorkflowStatus
from conductor.client.workflow.task.timeout_policy import TimeoutPolicy
from conductor.client.workflow.task.wait_task import WaitForDurationTask, WaitTask, WaitUntilTask
from sdk_builds import Recipe, flow

RECIPES: dict[str, Recipe] = {}


def recipe(function: Recipe) -> Recipe:
    """Note a function that makes a workflow."""
    RECIPES[function.__name__] = function
    return function


def named(name: str, *inputs: str) -> ConductorWorkflow:
    """Return an empty workflow with the names of its inputs."""
    return flow(name).input_parameters(list(inputs))


@recipe
def chain() -> ConductorWorkflow:
    wf = named("chain", "city")
    booked = simple_task("book", "book", {"city": wf.input("city"), "nights": 2})
    told = simple_task("tell", "tell_guest", {"text": f"booked: {booked.output('result')}"})
    wf.timeout_policy(TimeoutPolicy.TIME_OUT_WORKFLOW).timeout_seconds(3600).owner_email("trips@example.com")
    wf >> booked >> told
    return wf.output_parameters({"booking": booked.output("result")})


@recipe
def cases() -> ConductorWorkflow:
    wf = named("cases", "way")
    way = SwitchTask("way", wf.input("way"))
    way.switch_case("TRAIN", [simple_task("ask_train", "ask_train", {})])
    way.switch_case("FLIGHT", [simple_task("ask_flight", "ask_flight", {}), simple_task("tell", "tell", {"text": "x"})])
    way.default_case([TerminateTask("no_way", WorkflowStatus.FAILED, "no such way")])
    return wf >> way


@recipe
def scripted_cases() -> ConductorWorkflow:
    wf = named("scripted_cases", "price")
    dear = SwitchTask("dear", "$.price > 100 ? 'true' : 'false'", use_javascript=True)
    dear.input_parameter("price", wf.input("price"))
    dear.switch_case("true", [simple_task("tell", "tell", {"text": "ask the boss"})])
    return wf >> dear


@recipe
def parallel() -> ConductorWorkflow:
    quotes = [simple_task("ask_train", "ask_train", {}), simple_task("tell", "tell", {"text": "asked"})]
    return named("parallel") >> [quotes, [simple_task("ask_flight", "ask_flight", {})]] >> simple_task("end", "end", {})


@recipe
def joined() -> ConductorWorkflow:
    arrange = ForkTask(
        "arrange",
        [[simple_task("ask_train", "ask_train", {})], [simple_task("ask_flight", "ask_flight", {})]],
        join_on=["ask_train", "ask_flight"],
    )
    return named("joined") >> arrange


@recipe
def spread() -> ConductorWorkflow:
    wf = named("spread")
    plan = simple_task("plan", "plan", {})
    fan = DynamicForkTask("fan", join_task=JoinTask("fan_join"))
    fan.input_parameters.update({"dynamicTasks": plan.output("tasks"), "dynamicTasksInputs": plan.output("inputs")})
    return wf >> plan >> fan


@recipe
def thrice() -> ConductorWorkflow:
    return named("thrice") >> LoopTask("three_times", 3, [simple_task("tell", "tell", {"text": "again"})])


@recipe
def until() -> ConductorWorkflow:
    look = simple_task("look", "look", {})
    condition = "if ($.look['done'] == true || $.poll['iteration'] >= 30) { false; } else { true; }"
    return named("until") >> DoWhileTask("poll", condition, [look, WaitForDurationTask("gap", 10)])


@recipe
def workflows() -> ConductorWorkflow:
    wf = named("workflows", "city")
    called = SubWorkflowTask("called", "trip", 2)
    called.input_parameter("city", wf.input("city"))
    carried = named("inner") >> simple_task("end", "end", {})
    request = StartWorkflowRequest(input={"city": wf.input("city")}, correlation_id="c1")
    started = StartWorkflowTask("started", "trip", request, version=2)
    return wf >> called >> InlineSubWorkflowTask("carried", carried) >> started


@recipe
def services() -> ConductorWorkflow:
    wf = named("services", "id")
    got = HttpTask("got", HttpInput(uri="https://example.com/a"))
    posted = HttpTask(
        "posted",
        HttpInput(method=HttpMethod.POST, uri="https://example.com/b", body={"id": wf.input("id")}, read_timeout=500),
    )
    first = JsonJQTask("first", ".days[0]")
    first.input_parameter("days", got.body("days"))
    total = InlineTask("total", "$.a * 2 + 1", bindings={"a": first.output("result")})
    request = KafkaPublishInput(bootstrap_servers="localhost:9092", topic="trips", value={"id": wf.input("id")})
    return wf >> got >> posted >> first >> total >> KafkaPublishTask("publish", request)


@recipe
def signals() -> ConductorWorkflow:
    wf = named("signals", "task")
    stage = SetVariableTask("stage")
    stage.input_parameters.update({"stage": "BOOKED"})
    wf >> stage >> WaitForDurationTask("a_minute", 60) >> WaitUntilTask("until_then", "2030-12-24 18:00 UTC")
    wf >> WaitTask("news") >> HumanTask("approve", display_name="Approve?", form_template="form", form_version=1)
    inbox = PullWorkflowMessagesTask("inbox", batch_size=10).input_parameter("blocking", value=True)
    wf >> ConductorEventTask("announce", "booked") >> inbox
    any_task = DynamicTask(wf.input("task"), "any")
    last = SimpleTask("tell", "last")
    last.optional = True
    return wf >> any_task >> last >> TerminateTask("stop", WorkflowStatus.COMPLETED, "no more to do")
