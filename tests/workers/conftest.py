"""What the tests of workers share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from worker_desk import FrontDesk, assignment

from podium.dsl import Task
from podium.model.assignments import Report
from podium.workers import WorkerPool


@pytest.fixture
def reporter() -> FrontDesk:
    """What the pool reports to."""
    return FrontDesk()


@pytest.fixture
def report_of() -> Callable[..., Report]:
    """Run one attempt of a task in a pool and give its report."""

    def run(task: Task[..., Any], given: Mapping[str, Any] | None = None, **options: Any) -> Report:
        secrets = options.pop("secrets", None)
        reporter = FrontDesk(secrets)
        with WorkerPool(reporter, [task]) as pool:
            pool.offer([assignment(task.name, given, **options)])
            return reporter.wait()[-1]

    return run
