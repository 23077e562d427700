"""GET_WORKFLOW: a look at a run of the same store."""

from __future__ import annotations

from podium.engine.reader import Reader
from podium.engine.tasks.outcome import Outcome, done, failed, refused
from podium.expressions.text import java_text
from podium.model.assignments import Assignment
from podium.model.codec import to_dict
from podium.model.errors import RunNotFound
from podium.model.statuses import TaskType


class GetWorkflow:
    """
    Reads runs: ``id`` is the run's, ``includeTasks`` (true without it) says whether its tasks are wanted.

    The output is the run as the API shows it; a run that masks all that the other one masks gets those fields too.
    """

    task_type: str = TaskType.GET_WORKFLOW.value
    size: int = 4

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def perform(self, assignment: Assignment) -> Outcome:
        """Read the run."""
        run_id, with_tasks = assignment.input.get("id"), assignment.input.get("includeTasks")
        if not isinstance(run_id, str) or not run_id.strip():
            return refused(f"GET_WORKFLOW needs the id of a run in its input 'id', and has {java_text(run_id)}")
        try:
            run = self._reader.run_for(run_id, assignment.run_id, with_tasks=with_tasks is not False)
        except RunNotFound as error:
            return failed(str(error))
        return done(assignment.input, to_dict(run))

    def close(self) -> None:
        """Nothing is to be closed: the store is the engine's."""
