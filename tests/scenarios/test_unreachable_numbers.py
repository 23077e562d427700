"""Numbers beyond all bounds: what can never come is waited for, and what no store has is refused in words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import podium
from podium.model.codec import from_dict
from podium.model.definitions import WorkflowDef
from podium.model.errors import DefinitionError

FAR = 10**18


def one(**more: Any) -> dict[str, Any]:
    """Return a workflow of one task."""
    return {"name": "far", "tasks": [{"name": "t", "taskReferenceName": "t", "type": "SIMPLE", **more}]}


@pytest.mark.parametrize(
    "definition",
    [
        one(cacheConfig={"key": "k", "ttlInSecond": FAR}),
        {**one(), "timeoutSeconds": FAR, "timeoutPolicy": "TIME_OUT_WF"},
        *(
            one(taskDefinition={"name": "t", name: FAR})
            for name in ("pollTimeoutSeconds", "totalTimeoutSeconds", "timeoutSeconds", "responseTimeoutSeconds")
        ),
        one(taskDefinition={"name": "t", "retryDelaySeconds": FAR, "backoffJitterMs": FAR, "retryCount": 3}),
    ],
)
def test_what_ends_in_a_billion_years_does_not_end_a_run(tmp_path: Path, definition: dict[str, Any]) -> None:
    """Its moment is one that a store can keep; the attempt is there, and may fail and come again."""
    with podium.connect(f"sqlite:///{tmp_path / 'far.db'}") as client:
        run_id = client.start(from_dict(definition, WorkflowDef))
        run = client.get(run_id)
        assert (str(run.status), len(run.tasks)) == ("RUNNING", 1)
        if "retryDelaySeconds" in str(definition):
            client.complete_task(run_id, "t", status="FAILED")
            assert [str(each.status) for each in client.get(run_id).tasks] == ["FAILED", "SCHEDULED"]


@pytest.mark.parametrize(
    "definition",
    [
        {**one(), "version": 1 << 31},
        one(startDelay=FAR),
        one(type="SUB_WORKFLOW", subWorkflowParam={"name": "far", "version": FAR}),
    ],
)
def test_a_number_that_no_database_has_is_refused(tmp_path: Path, definition: dict[str, Any]) -> None:
    """In words, and before anything is stored."""
    with (
        podium.connect(f"sqlite:///{tmp_path / 'far.db'}") as client,
        pytest.raises(DefinitionError, match="at most 32 bits"),
    ):
        client.start(from_dict(definition, WorkflowDef))
