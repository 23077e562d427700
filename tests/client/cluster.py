"""Somebody else's server, as the suite of clients needs it: with nothing in it."""

from __future__ import annotations

from typing import Any

import httpx

#: What an open-source Conductor (3.32.3) does otherwise than Podium, where the interface leaves it open or Conductor
#: has no other way; the tests that show it, by the reason. docs/remote.md has what users should know of it.
DIFFERENCES: dict[str, tuple[str, ...]] = {
    "a rerun inside of a sub-workflow does not do again what followed in the runs above": (
        "test_a_call_is_rerun_with_another_input_of_the_child",
        "test_a_task_in_a_child_is_found",
    ),
    "an input is not held against a schema": ("test_another_input_is_held_against_the_schema_and_filled_up",),
    "a definition that comes with the start has its template passed over": (
        "test_a_workflow_that_is_only_named_takes_any_input",
    ),
    "a restarted run keeps the variables of its first life": (
        "test_a_restarted_run_that_fails_early_undoes_only_what_it_did",
    ),
    "masked fields are shown": ("test_what_is_masked_is_not_found",),
    "the history of schedules is written some time later": ("test_a_schedule_runs_by_itself_in_real_time",),
    "the index of searches is written some time later": (
        "test_a_run_that_lives_is_deleted_by_force",
        "test_an_open_run_and_a_part_of_one_are_not_deleted",
    ),
    "it remembers for a while who has polled for a task": ("test_a_timeout_says_what_the_run_waits_for",),
    "runs of one millisecond come in any order": ("test_all_runs_are_given_page_by_page",),
    "what an EVENT task sends reaches no handler with its settings as they come": (
        "test_an_event_task_starts_what_handlers_say",
    ),
    "actions of handlers are read more strictly, and given back with all their fields": (
        "test_handlers_are_listed_changed_and_taken_out",
        "test_one_action_that_cannot_be_done_stops_no_other",
    ),
    "it says the same in other words": ("test_an_update_by_name_gives_the_run",),
    "a run of five steps takes longer than the second that the test gives it": (
        "test_the_timeout_bounds_the_wait_for_what_undoes",
    ),
}

#: Runs that one search gives.
_PAGE = 200


def empty(url: str) -> None:
    """Delete all that is there: runs, what starts them, and definitions."""
    with httpx.Client(base_url=url, timeout=30) as http:
        while found := _json(http.get("/workflow/search", params={"size": _PAGE, "query": ""}))["results"]:
            for run in found:
                if run["status"] in {"RUNNING", "PAUSED"}:
                    http.delete(f"/workflow/{run['workflowId']}")
                http.delete(f"/workflow/{run['workflowId']}/remove", params={"archiveWorkflow": False})
        for handler in _json(http.get("/event")):
            http.delete(f"/event/{handler['name']}")
        for schedule in _json(http.get("/scheduler/schedules")):
            http.delete(f"/scheduler/schedules/{schedule['name']}").raise_for_status()
        for definition in _json(http.get("/metadata/workflow")):
            http.delete(f"/metadata/workflow/{definition['name']}/{definition['version']}").raise_for_status()
        for definition in _json(http.get("/metadata/taskdefs")):
            http.delete(f"/metadata/taskdefs/{definition['name']}").raise_for_status()


def difference(test: str) -> str | None:
    """Return why a test cannot pass there; None for one that must."""
    return next((reason for reason, tests in DIFFERENCES.items() if test in tests), None)


def _json(answer: httpx.Response) -> Any:
    return answer.raise_for_status().json()
