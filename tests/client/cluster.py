"""Somebody else's server, as the suite of clients needs it: with nothing in it."""

from __future__ import annotations

from typing import Any

import httpx

#: Runs that one search gives.
_PAGE = 200


def empty(url: str) -> None:
    """Delete all that is there: runs, schedules of events, and definitions."""
    with httpx.Client(base_url=url, timeout=30) as http:
        while found := _json(http.get("/workflow/search", params={"size": _PAGE, "query": ""}))["results"]:
            for run in found:
                if run["status"] in {"RUNNING", "PAUSED"}:
                    http.delete(f"/workflow/{run['workflowId']}")
                http.delete(f"/workflow/{run['workflowId']}/remove", params={"archiveWorkflow": False})
        for handler in _json(http.get("/event")):
            http.delete(f"/event/{handler['name']}")
        for definition in _json(http.get("/metadata/workflow")):
            http.delete(f"/metadata/workflow/{definition['name']}/{definition['version']}").raise_for_status()
        for definition in _json(http.get("/metadata/taskdefs")):
            http.delete(f"/metadata/taskdefs/{definition['name']}").raise_for_status()


def _json(answer: httpx.Response) -> Any:
    return answer.raise_for_status().json()
