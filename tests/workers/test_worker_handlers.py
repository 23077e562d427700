"""Workers that are called instead of polling: handlers of serverless functions, and a route of web applications."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from podium import TaskContext, TerminalTaskError, task
from podium.dsl import Task
from podium.model.errors import InvalidRequest, RequestError
from podium.typed.in_progress import InProgress
from podium.workers import Handler, PushRoute, current


@task
def double(number: int) -> int:
    """Double a number."""
    return 2 * number


@task
async def halve(context: TaskContext, number: int) -> float:
    """Halve a number, and say so."""
    context.log(f"halving {number} for {context.reference_name}, attempt {context.attempt}")
    await asyncio.sleep(0)
    return number / 2


@task
def refuse(number: int) -> int:
    """Refuse every number."""
    raise TerminalTaskError(f"{number} is no good")


@task
def later(number: int) -> Any:
    """Ask for time."""
    return InProgress(30, {"so_far": number})


TASKS: list[Task[..., Any]] = [double, halve, refuse, later]


def attempt(task_type: str, **given: Any) -> dict[str, Any]:
    """Return an attempt as a server hands it out."""
    return {
        "taskType": task_type,
        "taskId": "t",
        "workflowInstanceId": "r",
        "status": "IN_PROGRESS",
        "referenceTaskName": "step",
        "retryCount": 1,
        "inputData": given,
        "unknownField": {"is": "kept out of the way"},
    }


def test_an_attempt_goes_in_and_its_result_comes_out() -> None:
    """Both are the JSON of the API; the ids are those of the attempt."""
    result = Handler(TASKS, worker_id="lambda-7")(attempt("double", number=4))

    assert result == {
        "workflowInstanceId": "r",
        "taskId": "t",
        "workerId": "lambda-7",
        "status": "COMPLETED",
        "outputData": {"result": 8},
    }


def test_async_functions_log_and_run_to_their_end() -> None:
    """A handler without an event loop makes one for each call."""
    result = Handler(TASKS)(attempt("halve", number=5))

    assert (result["status"], result["outputData"]) == ("COMPLETED", {"result": 2.5})
    (line,) = result["logs"]  # type: ignore[misc, union-attr]  # a list of lines
    assert (line["log"], line["taskId"]) == ("halving 5 for step, attempt 2", "t")  # type: ignore[index, call-overload]


def test_what_fails_is_a_result_too() -> None:
    """A terminal error, an input that does not fit, and a function that asks for time."""
    handle = Handler(TASKS)

    failed = handle(attempt("refuse", number=4))
    assert (failed["status"], failed["reasonForIncompletion"]) == ("FAILED_WITH_TERMINAL_ERROR", "4 is no good")
    unfit = handle(attempt("double", number="four"))
    assert unfit["status"] == "FAILED_WITH_TERMINAL_ERROR"
    assert "number" in str(unfit["reasonForIncompletion"])
    asked = handle(attempt("later", number=4))
    assert (asked["status"], asked["callbackAfterSeconds"], asked["outputData"]) == ("IN_PROGRESS", 30, {"so_far": 4})


def test_a_call_leaves_no_task_running() -> None:
    """The caller's thread, or task of its loop, may build workflows and ask for no context afterwards."""
    Handler(TASKS)(attempt("double", number=4))
    with pytest.raises(RequestError, match="no task is running here"):
        current()

    async def main() -> None:
        for task_type in ("double", "halve"):
            await Handler(TASKS).handle_async(attempt(task_type, number=4))
        with pytest.raises(RequestError, match="no task is running here"):
            current()

    asyncio.run(main())


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (attempt("duoble", number=1), "did you mean 'double'"),
        (attempt("xylophone", number=1), "there are double, halve, later, refuse"),
        ({"status": "NEW", "taskType": "double"}, "no attempt as a server hands it out"),
        ({}, "no attempt as a server hands it out"),
    ],
)
def test_what_is_not_done_here_is_refused(given: dict[str, Any], words: str) -> None:
    """It is the caller's mistake, and no result of the task."""
    with pytest.raises(InvalidRequest, match=words):
        Handler(TASKS)(given)


def test_an_event_loop_awaits_its_handler() -> None:
    """A call would hold the loop up, so it is refused; awaited, plain functions run on a thread."""

    async def main() -> list[Any]:
        handle = Handler(TASKS)
        with pytest.raises(InvalidRequest, match=r"await handler\.handle_async"):
            handle(attempt("double", number=1))
        both = (handle.handle_async(attempt("double", number=1)), handle.handle_async(attempt("halve", number=1)))
        return [result["outputData"] for result in await asyncio.gather(*both)]

    assert asyncio.run(main()) == [{"result": 2}, {"result": 0.5}]


@asynccontextmanager
async def caller(route: PushRoute) -> AsyncIterator[httpx.AsyncClient]:
    """Open a client of a route."""
    network = httpx.ASGITransport(app=route)  # type: ignore[arg-type]  # httpx types ASGI more narrowly
    async with httpx.AsyncClient(transport=network, base_url="http://worker") as client:
        yield client


def test_a_route_answers_an_attempt_with_its_result() -> None:
    """Also where the function failed; what is no attempt is the caller's mistake."""

    async def main() -> None:
        async with caller(PushRoute(TASKS)) as client:
            done = await client.post("/", json=attempt("double", number=4))
            assert (done.status_code, done.json()["outputData"]) == (200, {"result": 8})
            failed = await client.post("/", json=attempt("refuse", number=4))
            assert (failed.status_code, failed.json()["status"]) == (200, "FAILED_WITH_TERMINAL_ERROR")
            assert (await client.post("/", json=attempt("resize"))).status_code == 400
            assert (await client.post("/", content=b"{")).status_code == 400
            assert (await client.post("/", json=[1])).status_code == 400
            assert (await client.get("/")).status_code == 405

    asyncio.run(main())


def test_a_route_with_a_token_is_for_those_who_show_it() -> None:
    """Nothing is looked at before; a body that is too large is refused."""

    async def main() -> None:
        async with caller(PushRoute(TASKS, token="t-1")) as client:
            given = attempt("double", number=4)
            assert (await client.post("/", json=given)).status_code == 401
            wrong = {"Authorization": "Bearer t-2"}
            assert (await client.post("/", json=given, headers=wrong)).status_code == 401
            right = {"Authorization": "Bearer t-1"}
            assert (await client.post("/", json=given, headers=right)).status_code == 200
            large = b" " * (17 * 1024 * 1024)
            assert (await client.post("/", content=large, headers=right)).status_code == 413

    asyncio.run(main())
