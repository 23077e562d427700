"""What a server is asked for, as the nouns that callers know: coroutines, one for each question."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, TypeVar

from podium.client.driving import drive
from podium.client.remote.calls import HttpAnswer, HttpCall, path
from podium.client.remote.session import Session
from podium.model.codec import from_dict, to_dict
from podium.model.compensation import Undoing, failure_run_id, undoing_of
from podium.model.definitions import WorkflowDef
from podium.model.errors import DefinitionError, RunNotFound, ServerFailed, TaskNotFound, WorkflowNotFound
from podium.model.explanations import Explanation
from podium.model.forms import explanation_from_dict
from podium.model.runs import TaskLog, TaskResult, TaskRun, WorkflowRun
from podium.model.values import JsonValue

T = TypeVar("T")


#: Ids have any form that fits into a path: those of servers are UUIDs.
_RUN_ID = re.compile(r"[^\s<>{}\[\]\"]{1,255}")


class Server:
    """
    One server and what it knows.

    Args:
        session: Asks it.
    """

    def __init__(self, session: Session) -> None:
        self.session: Session = session

    async def ask(self, method: str, *parts: str | int, **more: Any) -> HttpAnswer:
        """Return the answer to a call of a path made of parts; *more* are fields of `HttpCall`."""
        return await self.session.ask(HttpCall(method, path(*parts), **more))

    async def own(self, what: str, method: str, *parts: str | int, **more: Any) -> Any:
        """
        Return the JSON that Podium's own part of the API gives.

        Raises:
            NotOffered: The server is another; *what* is what it lacks.
        """
        await self.session.needs_podium(what)
        return (await self.ask(method, "podium", *parts, **more)).json

    async def run(self, run_id: str, *, with_tasks: bool = True) -> WorkflowRun:
        """Return a run as it stands; `RunNotFound` if there is none."""
        query = None if with_tasks else {"includeTasks": False}
        answer = await self.ask("GET", "workflow", run_id, query=query or {})
        return self.read(answer, WorkflowRun)

    def read_run(self, run_id: str) -> WorkflowRun:
        """Return a run as `run` does, blocking: for what looks at several, made by a thread."""
        return drive(self.run(run_id))

    def registered(self, name: str, version: int | None) -> dict[str, WorkflowDef]:
        """Return a registered workflow under its name, blocking as `read_run` does; nothing if there is none."""
        query = {"version": version}
        try:
            answer = drive(self.ask("GET", "metadata", "workflow", name, query=query, missing=WorkflowNotFound))
        except WorkflowNotFound:
            return {}
        return {name: self.read(answer, WorkflowDef)}

    async def undoing(self, run: WorkflowRun) -> Undoing:
        """Return what was undone of a run; nothing of one that has no failure workflow made by ``step.undo``."""
        failure_id = failure_run_id(run)
        if failure_id is None:
            return Undoing()
        try:
            return undoing_of(run, await self.run(failure_id))
        except RunNotFound:
            return Undoing()

    async def task(self, task_id: str) -> TaskRun:
        """Return an attempt; `TaskNotFound` if there is none."""
        return self.read(await self.ask("GET", "tasks", task_id, missing=TaskNotFound), TaskRun)

    async def logs(self, task_id: str) -> tuple[TaskLog, ...]:
        """Return the lines that were logged for an attempt."""
        answer = await self.ask("GET", "tasks", task_id, "log", missing=TaskNotFound)
        return tuple(self.read_each(answer, TaskLog))

    async def explanation(self, run_id: str) -> Explanation:
        """Return why a run stands where it stands, of a Podium server."""
        return explanation_from_dict(await self.own("explain", "GET", "explain", run_id))

    async def update(self, result: TaskResult) -> None:
        """Say how an attempt stands; to say it twice changes nothing."""
        await self.ask("POST", "tasks", body=to_dict(result), is_repeatable=True, missing=TaskNotFound)

    # -- answers -----------------------------------------------------------------------------------------------------

    def read(self, answer: HttpAnswer, kind: type[T]) -> T:
        """
        Return the object that an answer holds.

        Raises:
            ServerFailed: It holds another, or none; so do answers of what is no such server.
        """
        return self._made(answer.json, kind)

    def read_each(self, answer: HttpAnswer, kind: type[T]) -> list[T]:
        """Return the objects of a list, as `read` does; none of an empty answer."""
        found = answer.json
        if found is None:
            return []
        if not isinstance(found, list):
            raise ServerFailed(self._strange(f"a list of {kind.__name__}s is expected"))
        return [self._made(one, kind) for one in found]

    def object(self, answer: HttpAnswer) -> Mapping[str, Any]:
        """Return the JSON object of an answer, as `read` does."""
        found = answer.json
        if not isinstance(found, dict):
            raise ServerFailed(self._strange("a JSON object is expected"))
        return found

    def run_id(self, answer: HttpAnswer) -> str:
        """Return the id of a run that was started, as `read` does: a page that asks for a password is none."""
        found = answer.text
        if not found:
            raise ServerFailed(f"{self.session.settings.base} has started a run and did not tell its id")
        if not _RUN_ID.fullmatch(found) or found == "null":
            raise ServerFailed(self._strange("the id of a run is expected"))
        return found

    def texts(self, answer: HttpAnswer) -> list[str]:
        """Return the list of texts of an answer, as `read` does."""
        found = answer.json
        if not isinstance(found, list):
            raise ServerFailed(self._strange("a list of texts is expected"))
        return [str(one) for one in found]

    def _made(self, data: JsonValue, kind: type[T]) -> T:
        try:
            return from_dict(data, kind)
        except DefinitionError as error:
            raise ServerFailed(self._strange(str(error))) from error

    def _strange(self, why: str) -> str:
        return f"what {self.session.settings.base} answers is not what a server of workflows does: {why}"
