"""Addresses of the pages of Conductor's own server, as its SDKs and their examples print them: they lead to ours."""

from __future__ import annotations

from podium.server.web.answers import Answer, Redirect
from podium.server.web.pages.definitions import definition_href
from podium.server.web.table import part
from podium.server.web.visits import Visit
from podium.server.web.writing import segment


def execution(visit: Visit) -> Answer:
    """Lead to a run."""
    return Redirect(f"/runs/{segment(visit.path['run_id'])}")


def workflow_def(visit: Visit) -> Answer:
    """Lead to a definition."""
    version = visit.path.get("version")
    return Redirect(definition_href(visit.path["workflow"], None if version is None else int(version)))


def task_def(visit: Visit) -> Answer:
    """Lead to a task definition."""
    return Redirect(f"/task-definitions/{segment(visit.path['task_def'])}")


PAGES = (
    part("/execution/{run_id}", execution),
    part("/workflowDef/{workflow}/{version:int}", workflow_def),
    part("/workflowDef/{workflow:path}", workflow_def),
    part("/taskDef/{task_def:path}", task_def),
)
