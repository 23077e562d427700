"""What the tests of the server share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any


def one_task(name: str, **more: Any) -> dict[str, Any]:
    """Return a workflow of one worker task."""
    task = {"name": name, "taskReferenceName": "work", "inputParameters": {"given": "${workflow.input.given}"}}
    return {"name": name, "tasks": [task], "outputParameters": {"result": "${work.output.result}"}, **more}


#: Ends the task of a run of `simple`; gives the attempt's id.
Finish = Callable[[str, Mapping[str, Any]], str]
