"""
A workflow written with the official SDK's ``>>`` and the same one in Podium's words mean the same to Conductor.

Up to defaults, and up to the differences listed here: each is a function that makes the SDK's JSON into what Podium
writes, says why Podium writes it otherwise, and is needed by at least one of the workflows.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sdk_process import ask, needs_sdk
from wire_meaning import workflow_meaning

from podium import (
    Workflow,
    call_task,
    dynamic,
    event,
    fork,
    http,
    human,
    inline,
    join,
    jq,
    js,
    kafka,
    loop,
    pull_messages,
    raw,
    set_variable,
    start_workflow,
    sub_workflow,
    switch,
    task,
    terminate,
    wait,
    when,
)

pytestmark = needs_sdk


@task
def book(city: str, nights: int) -> str:
    """Stand in for a worker."""
    return f"{city} {nights}"


@task
def tell(text: str) -> None:
    """Stand in for a worker."""


@task
def ask_train() -> None:
    """Stand in for a worker."""


@task
def ask_flight() -> None:
    """Stand in for a worker."""


@task
def plan() -> Any:
    """Stand in for a worker."""


@task
def look() -> Any:
    """Stand in for a worker."""


@task
def end() -> None:
    """Stand in for a worker."""


def chain() -> Workflow[..., Any]:
    """Write steps one after the other."""
    wf = Workflow("chain", timeout="1h", owner="trips@example.com")
    booked = book(wf.input("city"), 2)
    wf >> booked >> tell.as_("tell_guest")(f"booked: {booked.output}")
    wf.returns(booking=booked.output)
    return wf


def cases() -> Workflow[..., Any]:
    """Choose by a value."""
    wf = Workflow("cases")
    way = wf.input("way")
    by_way = {"TRAIN": ask_train, "FLIGHT": [ask_flight, tell("x")]}
    wf >> switch("way", way, by_way, otherwise=terminate("no_way", "FAILED", "no such way"))
    return wf


def scripted_cases() -> Workflow[..., Any]:
    """Choose by a condition."""
    wf = Workflow("scripted_cases")
    wf >> when("dear", wf.input("price") > 100, [tell("ask the boss")])
    return wf


def parallel() -> Workflow[..., Any]:
    """Go several ways at once."""
    wf = Workflow("parallel")
    wf >> [[ask_train, tell("asked")], ask_flight] >> end
    return wf


def joined() -> Workflow[..., Any]:
    """Go several ways at once, under names of our own."""
    wf = Workflow("joined")
    wf >> fork("arrange", [ask_train], [ask_flight])
    return wf


def spread() -> Workflow[..., Any]:
    """Go as many ways as a worker says."""
    wf = Workflow("spread")
    planned = plan()
    fan = {
        "name": "fan",
        "taskReferenceName": "fan",
        "type": "FORK_JOIN_DYNAMIC",
        "inputParameters": {"dynamicTasks": planned.output["tasks"], "dynamicTasksInputs": planned.output["inputs"]},
        "dynamicForkTasksParam": "dynamicTasks",
        "dynamicForkTasksInputParamName": "dynamicTasksInputs",
    }
    wf >> planned >> raw(fan) >> join("fan_join", on=[])
    return wf


def thrice() -> Workflow[..., Any]:
    """Do it a number of times."""
    wf = Workflow("thrice")
    wf >> loop("three_times", [tell("again")], max_iterations=3)
    return wf


def until() -> Workflow[..., Any]:
    """Do it until it is done."""
    wf = Workflow("until")
    looked = look()
    wf >> loop("poll", [looked, wait("gap", duration="10s")], until=looked.output["done"] == True, max_iterations=30)  # noqa: E712  # a condition of the run
    return wf


def workflows() -> Workflow[..., Any]:
    """Use other workflows in three ways."""
    wf = Workflow("workflows")
    city = wf.input("city")
    inner = Workflow("inner")
    inner >> end
    wf >> sub_workflow("called", "trip", 2, city=city) >> inner.as_("carried").inline()
    wf >> start_workflow("started", "trip", 2, city=city, correlation_id="c1")
    return wf


def services() -> Workflow[..., Any]:
    """Ask services and compute."""
    wf = Workflow("services")
    order = wf.input("id")
    got = http("got", "https://example.com/a")
    posted = http("posted", "https://example.com/b", method="POST", body={"id": order}, read_timeout_ms=500)
    first = jq("first", ".days[0]", days=got.output.body["days"])
    total = inline("total", js("$.a * 2 + 1", a=first.output))
    wf >> got >> posted >> first >> total
    wf >> kafka("publish", servers="localhost:9092", topic="trips", value={"id": order})
    return wf


def signals() -> Workflow[..., Any]:
    """Wait, tell and end."""
    wf = Workflow("signals")
    wf >> set_variable("stage", stage="BOOKED") >> wait("a_minute", duration="60s")
    wf >> wait("until_then", until="2030-12-24 18:00 UTC") >> wait("news")
    form: dict[str, Any] = {"displayName": "Approve?", "assignmentCompletionStrategy": "LEAVE_OPEN"}
    form["userFormTemplate"] = {"name": "form", "version": 1}
    wf >> human("approve", __humanTaskDefinition=form)
    wf >> event("announce", "conductor:booked") >> pull_messages("inbox", batch_size=10)
    wf >> dynamic("any", wf.input("task")) >> call_task("last", "tell").opts(optional=True)
    wf >> terminate("stop", "COMPLETED", "no more to do")
    return wf


_SPELLINGS = (chain, cases, scripted_cases, parallel, joined, spread, thrice, until, workflows, services, signals)

OURS: dict[str, Callable[[], Workflow[..., Any]]] = {each.__name__: each for each in _SPELLINGS}


@pytest.fixture(scope="session")
def theirs() -> dict[str, Any]:
    """Return the SDK's JSON of each workflow."""
    answer: dict[str, Any] = ask("chains")
    return answer


def tasks_of(definition: Any) -> Iterator[dict[str, Any]]:
    """Yield each task of a definition's JSON, at every depth, those of carried definitions too."""
    for value in definition.values() if isinstance(definition, dict) else definition:
        if isinstance(value, dict | list):
            yield from tasks_of(value)
    if isinstance(definition, dict) and "taskReferenceName" in definition:
        yield definition


def definitions_of(definition: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the definition and those that its tasks carry."""
    yield definition
    for each in tasks_of(definition):
        carried = each.get("subWorkflowParam", {}).get("workflowDefinition")
        if carried:
            yield carried


def no_minute(definition: dict[str, Any]) -> None:
    """Every workflow of the SDK has a timeout of 60 s, which only alerts; Podium sets a timeout where one is given."""
    for each in definitions_of(definition):
        if each.get("timeoutSeconds") == 60 and "timeoutPolicy" not in each:
            del each["timeoutSeconds"]


def no_empty_failure_workflow(definition: dict[str, Any]) -> None:
    """The SDK names a failure workflow that has no name."""
    for each in definitions_of(definition):
        if each.get("failureWorkflow") == "":
            del each["failureWorkflow"]


def schemas_enforced(definition: dict[str, Any]) -> None:
    """The SDK switches off that schemas are enforced; Conductor's default, and Podium's, is that they are."""
    for each in definitions_of(definition):
        if each.get("enforceSchema") is False:
            del each["enforceSchema"]


def one_name_of_javascript(definition: dict[str, Any]) -> None:
    """Both names mean the same evaluator; Podium uses the one whose syntax Conductor checks at registration."""
    for each in tasks_of(definition):
        for holder in (each, each.get("inputParameters", {})):
            if holder.get("evaluatorType") == "graaljs":
                holder["evaluatorType"] = "javascript"


def names_of_forks(definition: dict[str, Any]) -> None:
    """A list behind ``>>`` gets a random name from the SDK; Podium takes it from the first steps of the branches."""
    text = definition["tasks"]
    for each in tasks_of(copy.deepcopy(text)):
        if each.get("type") == "FORK_JOIN" and each["name"].startswith("forked_"):
            ours = "_".join([branch[0]["taskReferenceName"] for branch in each["forkTasks"]] + ["fork"])
            for other in tasks_of(text):
                for old, new in ((f"join_{each['name']}", f"{ours}_join"), (each["name"], ours)):
                    if other["name"] == old:
                        other["name"] = other["taskReferenceName"] = new


def no_list_at_the_fork(definition: dict[str, Any]) -> None:
    """The SDK repeats at the FORK_JOIN what its JOIN waits for; nothing reads that."""
    for each in tasks_of(definition):
        if each.get("type") == "FORK_JOIN":
            each.pop("joinOn", None)


def condition_of_a_counted_loop(definition: dict[str, Any]) -> None:
    """The SDK says when a LoopTask goes on; Podium says when a loop ends, which also serves with ``until``."""
    for each in tasks_of(definition):
        text = each.get("loopCondition", "")
        went_on = r"if \( \$\.(\w+)\.iteration < (\d+) \) \{ true; \} else \{ false; \}"
        if text:
            each["loopCondition"] = re.sub(went_on, r"if ($.\1['iteration'] >= \2) { false; } else { true; }", text)


def names_of_carried_workflows(definition: dict[str, Any]) -> None:
    """A workflow that is carried along gives its name to the step's task; the SDK repeats the reference name."""
    for each in tasks_of(definition):
        if "workflowDefinition" in each.get("subWorkflowParam", {}):
            each["name"] = each["subWorkflowParam"]["name"]


def names_of_dynamic_tasks(definition: dict[str, Any]) -> None:
    """The SDK calls each of them ``dynamic_task``; the name is replaced when the task is known."""
    for each in tasks_of(definition):
        if each.get("type") == "DYNAMIC":
            each["name"] = each["taskReferenceName"]


DIFFERENCES: tuple[Callable[[dict[str, Any]], None], ...] = (
    no_minute,
    no_empty_failure_workflow,
    schemas_enforced,
    one_name_of_javascript,
    names_of_forks,
    no_list_at_the_fork,
    condition_of_a_counted_loop,
    names_of_carried_workflows,
    names_of_dynamic_tasks,
)


def without_differences(definition: Any, left_out: Callable[..., None] | None = None) -> Any:
    """Return the SDK's definition as Podium would have written it."""
    changed = workflow_meaning(definition)
    for difference in DIFFERENCES:
        if difference is not left_out:
            difference(changed)
    return workflow_meaning(changed)


@pytest.mark.parametrize("name", OURS)
def test_both_spellings_mean_the_same(name: str, theirs: dict[str, Any]) -> None:
    """The JSON of the two is equal, up to defaults and the differences above."""
    ours = OURS[name]()

    assert workflow_meaning(ours.to_dict()) == without_differences(theirs[name])
    assert [problem for problem in ours.check() if problem.severity == "error"] == []


def test_nothing_is_compared_with_itself_only(theirs: dict[str, Any]) -> None:
    """Both sides have the same workflows."""
    assert set(theirs) == set(OURS)


@pytest.mark.parametrize("difference", DIFFERENCES, ids=lambda each: each.__name__)
def test_each_difference_is_one(difference: Callable[..., None], theirs: dict[str, Any]) -> None:
    """A difference that is no longer there has to leave the list."""
    needed = [
        name for name in OURS if without_differences(theirs[name], difference) != without_differences(theirs[name])
    ]
    assert needed
