# ruff: noqa: D103  # the name of a flow says what it does
"""
What the examples of the official Python SDK do, by its own classes; only ``CONDUCTOR_SERVER_URL`` is set.

This is a program: ``python flows_python.py`` writes what each flow gave, as JSON. The SDK's worker runner starts
processes, so it is not for the process of the tests.
"""

import json
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

from conductor.client.automator.task_handler import TaskHandler
from conductor.client.configuration.configuration import Configuration
from conductor.client.context import get_task_context
from conductor.client.http.models import RerunWorkflowRequest, StartWorkflowRequest, TaskDef, TaskResult
from conductor.client.orkes_clients import OrkesClients
from conductor.client.worker.worker_task import worker_task
from conductor.client.workflow.conductor_workflow import ConductorWorkflow
from conductor.client.workflow.executor.workflow_executor import WorkflowExecutor
from conductor.client.workflow.task.do_while_task import LoopTask
from conductor.client.workflow.task.dynamic_fork_task import DynamicForkTask
from conductor.client.workflow.task.human_task import HumanTask
from conductor.client.workflow.task.join_task import JoinTask
from conductor.client.workflow.task.switch_task import SwitchTask
from conductor.client.workflow.task.terminate_task import TerminateTask, WorkflowStatus
from conductor.client.workflow.task.wait_task import WaitForDurationTask, WaitTask

PATIENCE_S = 30.0


@worker_task(task_definition_name="greet", register_task_def=True)
def greet(name: str) -> str:
    context = get_task_context()
    context.add_log(f"greeting {name}")
    return f"Hello, {name}"


@worker_task(task_definition_name="spread")
def spread(count: int) -> dict[str, Any]:
    names = [f"branch_{number}" for number in range(count)]
    return {
        "dynamicTasks": [{"name": "greet", "taskReferenceName": name, "type": "SIMPLE"} for name in names],
        "dynamicTasksInputs": {name: {"name": name} for name in names},
    }


@worker_task(task_definition_name="fails_once")
def fails_once() -> int:
    attempt = get_task_context().get_retry_count()
    if attempt == 0:
        raise RuntimeError("not yet")
    return attempt


class Flows:
    """The flows, each a method; `all` gives them by name."""

    def __init__(self, configuration: Configuration) -> None:
        self.clients = OrkesClients(configuration=configuration)
        self.executor: WorkflowExecutor = self.clients.get_workflow_executor()
        self.runs = self.clients.get_workflow_client()

    def workflow(self, name: str) -> ConductorWorkflow:
        return ConductorWorkflow(name=name, version=1, executor=self.executor)

    def started(self, workflow: ConductorWorkflow, **given: Any) -> str:
        workflow.register(overwrite=True)
        request = StartWorkflowRequest(name=workflow.name, version=1, input=given, correlation_id="sdk")
        return self.executor.start_workflow(request)

    def until(self, run_id: str, holds: Callable[[Any], bool]) -> Any:
        deadline = time.monotonic() + PATIENCE_S
        while True:
            run = self.runs.get_workflow(run_id, include_tasks=True)
            if holds(run):
                return run
            if time.monotonic() > deadline:
                raise TimeoutError(f"{run_id} is {run.status}: {[(one.task_type, one.status) for one in run.tasks]}")
            time.sleep(0.05)  # the SDK has nothing that waits for a run that it did not start with `execute`

    def ended(self, run_id: str) -> Any:
        return self.until(run_id, lambda run: run.status in {"COMPLETED", "FAILED", "TERMINATED", "TIMED_OUT"})

    def hello_world(self) -> Any:
        workflow = self.workflow("greetings")
        workflow >> greet(task_ref_name="greet_ref", name=workflow.input("name"))
        workflow.register(overwrite=True)
        run = self.executor.execute(name="greetings", version=1, workflow_input={"name": "World"})
        task = self.runs.get_workflow(run.workflow_id, include_tasks=True).tasks[0]
        logs = self.clients.get_task_client().get_task_logs(task.task_id)
        return [run.status, run.output["result"], [line.log for line in logs]]

    def defined_on_the_fly(self) -> Any:
        workflow = self.workflow("never_registered")
        first = greet(task_ref_name="first", name=workflow.input("who"))
        workflow >> first >> greet(task_ref_name="second", name=first.output("result"))
        workflow.output_parameters({"greeting": "${second.output.result}"})
        return workflow.execute(workflow_input={"who": "me"}).output

    def dynamic_fork(self) -> Any:
        workflow = self.workflow("spreads")
        made = spread(task_ref_name="spread_ref", count=workflow.input("count"))
        fork = DynamicForkTask("fork_ref", join_task=JoinTask("join_ref"))
        fork.input_parameters["dynamicTasks"] = made.output("dynamicTasks")
        fork.input_parameters["dynamicTasksInputs"] = made.output("dynamicTasksInputs")
        workflow >> made >> fork
        workflow.output_parameters({"joined": "${join_ref.output}"})
        joined = self.ended(self.started(workflow, count=3)).output["joined"]
        return {name: output["result"] for name, output in joined.items()}

    def do_while(self) -> Any:
        workflow = self.workflow("loops")
        workflow >> LoopTask("loop", 3, [greet(task_ref_name="in_loop", name=workflow.input("name"))])
        run = self.ended(self.started(workflow, name="you"))
        return [run.status, sum(one.reference_task_name.startswith("in_loop__") for one in run.tasks)]

    def switch_and_terminate(self) -> Any:
        workflow = self.workflow("decides")
        switch = SwitchTask("decide", workflow.input("way"))
        switch.switch_case("greet", greet(task_ref_name="greeted", name="case"))
        switch.default_case([TerminateTask("stop", WorkflowStatus.FAILED, "no such way")])
        workflow >> switch
        first, second = (self.ended(self.started(workflow, way=way)) for way in ("greet", "other"))
        return [first.status, second.status, second.reason_for_incompletion]

    def wait(self) -> Any:
        workflow = self.workflow("waits")
        workflow >> WaitForDurationTask("a_second", 1) >> WaitTask("for_somebody")
        run_id = self.started(workflow)
        self.until(run_id, lambda run: len(run.tasks) == 2)
        self.executor.update_task_by_ref_name({"by": "ref"}, run_id, "for_somebody", "COMPLETED")
        return self.ended(run_id).output

    def signal(self) -> Any:
        workflow = self.workflow("signalled")
        workflow >> HumanTask("ask") >> greet(task_ref_name="greeted", name="${ask.output.name}") >> WaitTask("more")
        run_id = self.started(workflow)
        self.until(run_id, lambda run: any(one.status == "IN_PROGRESS" for one in run.tasks))
        answer = self.executor.signal(run_id, "COMPLETED", {"name": "signal"})
        self.until(run_id, lambda run: len(run.tasks) == 3)
        self.executor.signal_async(run_id, "COMPLETED", {"last": True})
        return [answer.workflow_id == run_id, self.ended(run_id).output]

    def retries(self) -> Any:
        definition = TaskDef(name="fails_once", retry_count=1, retry_delay_seconds=0, response_timeout_seconds=10)
        self.clients.get_metadata_client().register_task_def(definition)
        workflow = self.workflow("retried")
        workflow >> fails_once(task_ref_name="once")
        run = self.ended(self.started(workflow))
        return [run.output["result"], [one.status for one in run.tasks]]

    def operations(self) -> Any:
        workflow = self.workflow("operated")
        workflow >> WaitTask("gate") >> greet(task_ref_name="greeted", name="op")
        run_id = self.started(workflow)
        self.runs.pause_workflow(run_id)
        seen = [self.runs.get_workflow(run_id).status]
        self.runs.resume_workflow(run_id)
        self.runs.terminate_workflow(run_id, reason="enough")
        seen.append(self.runs.get_workflow(run_id).status)
        self.runs.restart_workflow(run_id)
        self.executor.update_task_by_ref_name({}, run_id, "gate", "COMPLETED")
        seen.append(self.ended(run_id).status)
        self.runs.rerun_workflow(run_id, RerunWorkflowRequest(re_run_from_task_id=None))
        task = self.until(run_id, lambda run: run.status == "RUNNING" and run.tasks).tasks[0]
        self.executor.update_task(task.task_id, run_id, {}, "COMPLETED")
        seen.append(self.ended(run_id).status)
        found = self.runs.search(query=f"workflowId = '{run_id}' AND correlationId = sdk", free_text="*")
        seen.append([one.workflow_type for one in found.results])
        self.runs.delete_workflow(run_id)
        return seen

    def by_hand(self) -> Any:
        """Poll and update as a worker of one's own making does."""
        tasks = self.clients.get_task_client()
        workflow = self.workflow("by_hand")
        workflow >> greet(task_ref_name="by_hand_ref", name="x")
        workflow._tasks[0]._name = "nobody_serves_this"
        run_id = self.started(workflow)
        (task,) = tasks.batch_poll_tasks("nobody_serves_this", worker_id="me", count=1, timeout_in_millisecond=2000)
        result = TaskResult(workflow_instance_id=run_id, task_id=task.task_id, status="COMPLETED", worker_id="me")
        result.output_data = {"done": True}
        tasks.update_task(result)
        return [self.ended(run_id).output, tasks.get_queue_size_for_task("nobody_serves_this")]

    def all(self) -> Iterator[tuple[str, Callable[[], Any]]]:
        for name in (
            *("hello_world", "defined_on_the_fly", "dynamic_fork", "do_while", "switch_and_terminate", "wait"),
            *("signal", "retries", "operations", "by_hand"),
        ):
            yield name, getattr(self, name)


def main() -> None:
    configuration = Configuration()
    answers = {}
    with TaskHandler(configuration=configuration, scan_for_annotated_workers=True) as handler:
        handler.start_processes()
        for name, flow in Flows(configuration).all():
            try:
                answers[name] = flow()
            except Exception as error:  # noqa: BLE001  # the test shows it
                answers[name] = f"{type(error).__name__}: {error}"
    sys.stdout.write(f"\n{json.dumps(answers)}\n")


if __name__ == "__main__":
    main()
