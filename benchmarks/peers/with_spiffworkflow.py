"""The chain on SpiffWorkflow, which keeps nothing by itself: its serializer's text goes into SQLite after each step."""

import json
import sqlite3

from chains import LENGTH, measured
from SpiffWorkflow import Workflow
from SpiffWorkflow.serializer.dict import DictionarySerializer
from SpiffWorkflow.specs import Simple, WorkflowSpec
from SpiffWorkflow.util.task import TaskState


def main(folder: str) -> None:
    """Measure and print."""
    connection = sqlite3.connect(f"{folder}/spiff.db", isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE runs (id INTEGER PRIMARY KEY, state TEXT NOT NULL)")
    spec = WorkflowSpec("chain", addstart=True)
    last = spec.start
    for number in range(LENGTH):
        step = Simple(spec, f"s{number}")
        last.connect(step)
        last = step
    serializer = DictionarySerializer()

    def run(number: int) -> int:
        workflow, x = Workflow(spec), number
        while not workflow.is_completed():
            task = next(iter(workflow.get_tasks(state=TaskState.READY)))
            if task.task_spec.name.startswith("s") and task.task_spec.name[1:].isdigit():
                x += 1
                task.data["x"] = x
            task.run()
            state = json.dumps(serializer.serialize_workflow(workflow, include_spec=False), default=str)
            connection.execute("INSERT OR REPLACE INTO runs VALUES (?, ?)", (number, state))
        return x

    measured("spiffworkflow", run, threads=())  # it is Python alone: threads bring nothing


if __name__ == "__main__":
    import sys

    main(sys.argv[1])
