"""One program in four places: the same definitions and workers give the same everywhere."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from benchmarks.places import Outcome, outcomes
from podium.testing.servers import DatabaseServer
from podium.testing.serving import running_server


def told(found: Sequence[Outcome]) -> list[tuple[object, ...]]:
    """Return all of an outcome but its time."""
    return [(one.workflow, one.status, one.output, one.steps) for one in found]


@pytest.mark.slow
def test_the_order_and_the_audit_give_the_same_in_every_place(tmp_path: Path, postgresql: DatabaseServer) -> None:
    """In memory, in a file, on PostgreSQL and on a server: equal statuses, outputs, and outputs of every step."""
    reports = str(tmp_path)
    first = outcomes("memory://", reports)
    assert [(one.workflow, one.status, len(one.steps)) for one in first] == [
        ("order", "COMPLETED", 7),
        ("audit_packages", "COMPLETED", 24),
    ]

    assert told(outcomes(f"sqlite:///{tmp_path}/podium.db", reports)) == told(first)
    assert told(outcomes(postgresql.url(), reports)) == told(first)
    with running_server() as server:
        assert told(outcomes(server.api, reports)) == told(first)
