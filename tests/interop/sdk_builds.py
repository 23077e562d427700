# ruff: noqa: D103  # the name of a recipe says what it makes
"""
Workflows made with the classes of the official Python SDK, one for each class and each way to use it.

This module runs in a process of its own (see `sdk_process`): importing the SDK starts threads' machinery, chooses how
processes are started and installs metrics, which is not for the process of the tests.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from typing import Any

from conductor.client.http.models import StartWorkflowRequest, TaskDef
from conductor.client.worker.worker_task import worker_task
from conductor.client.workflow import task as task_package
from conductor.client.workflow.conductor_workflow import ConductorWorkflow
from conductor.client.workflow.conductor_workflow import InlineSubWorkflowTask as ChainedInlineSubWorkflowTask
from conductor.client.workflow.task.do_while_task import DoWhileTask, ForEachTask, LoopTask
from conductor.client.workflow.task.dynamic_fork_task import DynamicForkTask
from conductor.client.workflow.task.dynamic_task import DynamicTask
from conductor.client.workflow.task.event_task import ConductorEventTask, EventTaskInterface, SqsEventTask
from conductor.client.workflow.task.fork_task import ForkTask
from conductor.client.workflow.task.get_document import GetDocument
from conductor.client.workflow.task.http_poll_task import HttpPollInput, HttpPollTask
from conductor.client.workflow.task.http_task import HttpInput, HttpMethod, HttpTask
from conductor.client.workflow.task.human_task import HumanTask
from conductor.client.workflow.task.inline import InlineTask
from conductor.client.workflow.task.javascript_task import JavascriptTask
from conductor.client.workflow.task.join_task import JoinTask
from conductor.client.workflow.task.json_jq_task import JsonJQTask
from conductor.client.workflow.task.kafka_publish import KafkaPublishTask
from conductor.client.workflow.task.kafka_publish_input import KafkaPublishInput
from conductor.client.workflow.task.llm_tasks import (
    CallMcpTool,
    ChatMessage,
    GenerateAudio,
    GenerateImage,
    ListMcpTools,
    LlmChatComplete,
    LlmGenerateEmbeddings,
    LlmIndexDocument,
    LlmIndexText,
    LlmQueryEmbeddings,
    LlmSearchEmbeddings,
    LlmSearchIndex,
    LlmStoreEmbeddings,
    LlmTextComplete,
    Role,
    ToolCall,
    ToolSpec,
)
from conductor.client.workflow.task.llm_tasks.utils.embedding_model import EmbeddingModel
from conductor.client.workflow.task.pull_workflow_messages_task import PullWorkflowMessagesTask
from conductor.client.workflow.task.set_variable_task import SetVariableTask
from conductor.client.workflow.task.simple_task import SimpleTask, simple_task
from conductor.client.workflow.task.start_workflow_task import StartWorkflowTask
from conductor.client.workflow.task.sub_workflow_task import InlineSubWorkflowTask, SubWorkflowTask
from conductor.client.workflow.task.switch_task import SwitchTask
from conductor.client.workflow.task.task import TaskInterface
from conductor.client.workflow.task.terminate_task import TerminateTask, WorkflowStatus
from conductor.client.workflow.task.timeout_policy import TimeoutPolicy
from conductor.client.workflow.task.wait_for_webhook_task import WaitForWebHookTask, wait_for_webhook
from conductor.client.workflow.task.wait_task import WaitForDurationTask, WaitTask, WaitUntilTask

Recipe = Callable[[], ConductorWorkflow]

RECIPES: dict[str, Recipe] = {}


def recipe(function: Recipe) -> Recipe:
    """Note a function that makes a workflow."""
    RECIPES[function.__name__] = function
    return function


def flow(name: str) -> ConductorWorkflow:
    """Return an empty workflow; no server is asked for anything."""
    return ConductorWorkflow(executor=None, name=name, version=1)


def step(name: str, **inputs: Any) -> TaskInterface:
    """Return a step for a worker."""
    return simple_task(f"do_{name}", name, inputs)


@recipe
def everything_of_a_workflow() -> ConductorWorkflow:
    wf = ConductorWorkflow(executor=None, name="everything", version=3, description="What can be said of one")
    wf.owner_email("orders@example.com").timeout_policy(TimeoutPolicy.TIME_OUT_WORKFLOW).timeout_seconds(3600)
    wf.failure_workflow("clean_up").restartable(restartable=False)
    wf.input_parameters(["order_id"]).input_template({"speed": "POST"}).variables({"stage": "NEW"})
    wf.enable_status_listener("kafka:ends")
    first = SimpleTask("reserve", "reserve_it")
    first.input_parameter("order_id", wf.input("order_id"))
    first.description = "Put goods aside"
    first.optional = True
    first.cache("${workflow.input.order_id}", 60)
    wf >> first
    wf.output_parameters({"id": first.output("id")}).output_parameter("whole", first.output())
    return wf


@recipe
def workers() -> ConductorWorkflow:
    @worker_task(task_definition_name="greet")
    def greet(name: str) -> str:
        return f"Hello {name}"

    wf = flow("workers")
    greeting = greet(task_ref_name="greeting", name=wf.input("name"))
    return wf >> greeting >> step("again", text=greeting.output("result"))


@recipe
def switches() -> ConductorWorkflow:
    wf = flow("switches")
    by_value = SwitchTask("by_value", wf.input("country"))
    by_value.switch_case("DE", [step("germany")]).switch_case("FR", step("france")).default_case([step("elsewhere")])
    by_script = SwitchTask("by_script", "$.amount > 100 ? 'LARGE' : 'SMALL'", use_javascript=True)
    by_script.input_parameter("amount", wf.input("amount"))
    by_script.switch_case("LARGE", [step("ask")])
    return wf >> by_value >> by_script


@recipe
def forks() -> ConductorWorkflow:
    wf = flow("forks")
    with_join = ForkTask("with_join", [[step("a"), step("b")], [step("c")]], join_on=["b", "c"])
    own_join = ForkTask("own_join", [[step("d")], [step("e")]])
    left_to_the_sdk = ForkTask("left", [[step("f")], [step("g")]])
    return wf >> with_join >> own_join >> JoinTask("gather", join_on=["d", "e"]) >> left_to_the_sdk >> step("last")


@recipe
def a_fork_without_a_join() -> ConductorWorkflow:
    return flow("open_fork") >> step("first") >> ForkTask("split", [[step("a")], [step("b")]])


@recipe
def a_join_with_a_script() -> ConductorWorkflow:
    fork = ForkTask("split", [[step("a")], [step("b")]])
    return flow("scripted_join") >> fork >> JoinTask("gather", join_on_script="(function(){ return true; })();")


@recipe
def dynamic_forks() -> ConductorWorkflow:
    wf = flow("dynamic_forks")
    prepared = step("prepare")
    fan = DynamicForkTask("fan", join_task=JoinTask("fan_join"))
    fan.input_parameter("dynamicTasks", prepared.output("tasks"))
    fan.input_parameter("dynamicTasksInputs", prepared.output("inputs"))
    named = DynamicForkTask("named", tasks_param="todo", tasks_input_param_name="how")
    named.input_parameter("todo", prepared.output("tasks")).input_parameter("how", prepared.output("inputs"))
    return wf >> prepared >> fan >> named >> JoinTask("named_join")


@recipe
def loops() -> ConductorWorkflow:
    wf = flow("loops")
    until = DoWhileTask("until_done", "if ($.look.done != true) { true; } else { false; }", [step("look")])
    return wf >> until >> LoopTask("three_times", 3, [step("ping")])


@recipe
def a_loop_over_items() -> ConductorWorkflow:
    wf = flow("each")
    return wf >> ForEachTask("each_city", [step("visit")], iterate_over=wf.input("cities"))


@recipe
def sub_workflows() -> ConductorWorkflow:
    inner = flow("inner") >> step("inside")
    inner.input_template({"a": 1})
    called = SubWorkflowTask("called", "other", 2, task_to_domain_map={"*": "blue"})
    called.input_parameter("a", "${workflow.input.a}")
    request = StartWorkflowRequest(input={"a": "${workflow.input.a}"}, correlation_id="c1")
    started = StartWorkflowTask("started", "third", request, version=1)
    return flow("sub_workflows") >> called >> InlineSubWorkflowTask("carried", inner) >> inner >> started


@recipe
def http_calls() -> ConductorWorkflow:
    wf = flow("http_calls")
    get = HttpTask("get", HttpInput(uri="https://example.com/a", accept="application/json"))
    post = HttpTask(
        "post",
        HttpInput(
            method=HttpMethod.POST,
            uri="https://example.com/b",
            headers={"X-Id": ["1"]},
            body={"status": get.status_code(), "body": get.body("id"), "type": get.headers("Content-Type")},
            connection_time_out=1000,
            read_timeout=2000,
        ),
    )
    plain = HttpTask("plain", {"uri": "https://example.com/c"})
    return wf >> get >> post >> plain


@recipe
def an_http_poll() -> ConductorWorkflow:
    request = HttpPollInput(
        uri="https://example.com/job",
        termination_condition="$.output.response.body.done",
        polling_interval=10,
        max_poll_count=5,
    )
    return flow("http_poll") >> HttpPollTask("poll", request)


@recipe
def scripts() -> ConductorWorkflow:
    wf = flow("scripts")
    inline = InlineTask("inline", "(function(){ return $.a + 1; })();", bindings={"a": wf.input("a")})
    script = JavascriptTask("script", "$.a * 2", bindings={"a": inline.output("result")})
    query = JsonJQTask("query", ".items | length")
    query.input_parameter("items", wf.input("items"))
    return wf >> inline >> script >> query


@recipe
def events() -> ConductorWorkflow:
    wf = flow("events")
    wf >> ConductorEventTask("tell_conductor", "done") >> SqsEventTask("tell_sqs", "queue")
    return wf >> EventTaskInterface("tell_nats", "nats", "subject")


@recipe
def kafka() -> ConductorWorkflow:
    request = KafkaPublishInput(
        bootstrap_servers="localhost:9092",
        topic="orders",
        key="k",
        key_serializer="org.apache.kafka.common.serialization.StringSerializer",
        value='{"id": "${workflow.input.id}"}',
        request_timeout_ms="1000",
        max_block_ms="1000",
        headers={"X-Id": "1"},
    )
    return flow("kafka") >> KafkaPublishTask("publish", request)


@recipe
def waits() -> ConductorWorkflow:
    wf = flow("waits")
    wf >> WaitForDurationTask("a_minute", 60) >> WaitUntilTask("until", "2030-12-24 18:00 UTC")
    return wf >> WaitTask("seconds", wait_for_seconds=10) >> WaitTask("for_a_signal")


@recipe
def a_wait_with_the_wrong_key() -> ConductorWorkflow:
    return flow("wrong_wait") >> WaitTask("never", wait_until="2030-12-24 18:00 UTC")


@recipe
def webhooks() -> ConductorWorkflow:
    matches = {"$['type']": "created", "$['id']": "${workflow.input.id}"}
    return flow("webhooks") >> WaitForWebHookTask("hook", matches) >> wait_for_webhook("other", matches, "named_hook")


@recipe
def people() -> ConductorWorkflow:
    return flow("people") >> HumanTask("approve", display_name="Approve?", form_template="form", form_version=1)


@recipe
def ends() -> ConductorWorkflow:
    wf = flow("ends")
    stage = SetVariableTask("stage")
    stage.input_parameter("stage", "DONE")
    dynamic = DynamicTask(wf.input("task"), "any")
    renamed = DynamicTask(wf.input("task"), "any_other", dynamic_task_param="what")
    messages = PullWorkflowMessagesTask("inbox", batch_size=5)
    return (
        wf
        >> stage
        >> dynamic
        >> renamed
        >> messages
        >> TerminateTask("stop", WorkflowStatus.COMPLETED, "no more to do")
    )


@recipe
def chat() -> ConductorWorkflow:
    wf = flow("chat")
    messages = [
        ChatMessage(Role.SYSTEM, "Be short."),
        ChatMessage("user", wf.input("question"), media=["https://example.com/a.png"], mime_type="image/png"),
        ChatMessage("tool_call", "", tool_calls=[ToolCall("search", input_parameters={"q": "a"})]),
    ]
    tool = ToolSpec("search", description="Look it up", input_schema={"type": "object"})
    first = LlmChatComplete(
        "ask",
        "openai",
        "gpt-4o-mini",
        messages=messages,
        tools=[tool],
        max_tokens=100,
        temperature=0.1,
        json_output=True,
    )
    first.prompt_variable("a", 1)
    text = LlmTextComplete("complete", "openai", "gpt-4o-mini", "a_prompt", stop_words=["."], top_p=0.5)
    text.prompt_variables({"answer": first.output("result")})
    return wf >> first >> text


@recipe
def retrieval() -> ConductorWorkflow:
    wf = flow("retrieval")
    model = EmbeddingModel("openai", "text-embedding-3-small")
    store = {"vector_db": "pgvector", "index": "docs"}
    embedded = LlmGenerateEmbeddings("embed", "openai", "text-embedding-3-small", "some text", dimensions=256)
    vector = embedded.output("result")
    wf >> GetDocument("get_document", "page", "https://example.com/a.html", "text/html")
    wf >> LlmIndexText("index_text", embedding_model=model, text="a", doc_id="1", namespace="n", **store)
    wf >> LlmIndexDocument("index_page", namespace="n", embedding_model=model, url="u", media_type="text/html", **store)
    wf >> embedded
    wf >> LlmStoreEmbeddings("store", embeddings=vector, id="1", metadata={"a": 1}, **store)
    wf >> LlmQueryEmbeddings("query", embeddings=vector, namespace="n", **store)
    wf >> LlmSearchEmbeddings("search", embeddings=vector, max_results=3, **store)
    return wf >> LlmSearchIndex("find", "pgvector", "n", "docs", "openai", "text-embedding-3-small", "what?")


@recipe
def media_and_tools() -> ConductorWorkflow:
    wf = flow("media_and_tools")
    wf >> GenerateImage("image", "openai", "dall-e-3", "a cat", size="small", style="oil")
    wf >> GenerateAudio("audio", "openai", "tts-1", text="hello", voice="alloy", speed=1.5)
    wf >> ListMcpTools("tools", "http://localhost:3001/mcp", headers={"A": "b"})
    return wf >> CallMcpTool("call", "http://localhost:3001/mcp", "weather", arguments={"city": wf.input("city")})


@recipe
def a_list_behind_the_arrow() -> ConductorWorkflow:
    return flow("arrow") >> [[step("a"), step("b")], [step("c")]] >> [step("d"), step("e")] >> step("last")


TASK_DEFS = {
    "plain": TaskDef(name="plain"),
    "full": TaskDef(
        name="full",
        description="What can be said of one",
        retry_count=2,
        retry_logic="EXPONENTIAL_BACKOFF",
        retry_delay_seconds=5,
        backoff_scale_factor=2,
        timeout_seconds=60,
        timeout_policy="TIME_OUT_WF",
        response_timeout_seconds=30,
        poll_timeout_seconds=10,
        total_timeout_seconds=600,
        concurrent_exec_limit=4,
        rate_limit_per_frequency=10,
        rate_limit_frequency_in_seconds=1,
        input_keys=["a"],
        output_keys=["b"],
        input_template={"a": 1},
        owner_email="orders@example.com",
        runtime_metadata=["API_KEY"],
    ),
}


def classes() -> Iterator[type[TaskInterface]]:
    """Yield each class of the SDK's tasks that an author uses."""
    for module in pkgutil.walk_packages(task_package.__path__, f"{task_package.__name__}."):
        for _, found in inspect.getmembers(importlib.import_module(module.name), inspect.isclass):
            if issubclass(found, TaskInterface) and found is not TaskInterface:
                yield found
    yield ChainedInlineSubWorkflowTask


def used_in(recipes: dict[str, Recipe]) -> tuple[dict[str, ConductorWorkflow], set[type]]:
    """Make the workflows, and note the classes of the tasks that were made for them."""
    used: set[type] = set()
    original = TaskInterface.__init__

    def noting(self: TaskInterface, *args: Any, **kwargs: Any) -> None:
        used.add(type(self))
        original(self, *args, **kwargs)

    TaskInterface.__init__ = noting
    try:
        return {name: make() for name, make in recipes.items()}, used
    finally:
        TaskInterface.__init__ = original
