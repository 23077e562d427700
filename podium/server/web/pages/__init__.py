"""
The pages, a module for each subject; their rows together are the table.

The order is that of the navigation. To add a page: a handler and a row in a module's ``PAGES``, and a template.
"""

from __future__ import annotations

from podium.server.web.pages import (
    access,
    comparing,
    definitions,
    editing,
    events,
    humans,
    keeping,
    links,
    one_run,
    overview,
    run_acts,
    run_task,
    runs,
    schedules,
    signing,
    starting,
    task_definitions,
    values,
    workers,
)
from podium.server.web.table import Page

PAGES: tuple[Page, ...] = (
    *overview.PAGES,
    *runs.PAGES,
    *one_run.PAGES,
    *run_task.PAGES,
    *run_acts.PAGES,
    *humans.PAGES,
    *starting.PAGES,
    *comparing.PAGES,
    *definitions.PAGES,
    *editing.PAGES,
    *task_definitions.PAGES,
    *schedules.PAGES,
    *events.PAGES,
    *workers.PAGES,
    *values.PAGES,
    *access.PAGES,
    *keeping.PAGES,
    *signing.PAGES,
    *links.PAGES,
)
