"""What `podium.engine.ports.SearchStore` answers, and in which order."""

from __future__ import annotations

import pytest

from podium.engine.ports import Backend
from podium.engine.rows import RunFilter, WriteSet
from podium.testing.backend_fixtures import StoreFixtures, a_run


class SearchContract(StoreFixtures):
    """Runs by what people search them by."""

    def test_lists_show_the_newest_run_first(self, store: Backend) -> None:
        """list_runs goes by created_at and then run_id, both descending, in pages, without the payloads."""
        runs = [
            a_run("run-1", created_at=5, data=b'{"kept":1}'),
            a_run("run-2", created_at=9),
            a_run("run-3", created_at=5),
        ]
        store.commit(WriteSet(new_runs=runs))

        listed = store.list_runs(RunFilter(), 10, 0)
        assert [runs[at]._replace(input=b"", output=b"", variables=b"") for at in (1, 2, 0)] == listed
        assert [listed[at : at + 2] for at in range(4)] == [store.list_runs(RunFilter(), 2, at) for at in range(4)]
        assert store.list_runs(RunFilter(), 0, 0) == []

    @pytest.mark.parametrize(
        ("where", "expected"),
        [
            (RunFilter(name="refund"), ["run-4", "run-3"]),
            (RunFilter(status="PAUSED"), ["run-4", "run-2"]),
            (RunFilter(correlation_id="c"), ["run-3", "run-2"]),
            (RunFilter(parent_id="run-1"), ["run-4", "run-3", "run-2"]),
            (RunFilter(parent_id="run-1", status="PAUSED", name="refund"), ["run-4"]),
            (RunFilter(name="order", status="RUNNING", correlation_id="c", parent_id="run-1"), []),
            (RunFilter(correlation_id=""), ["run-5"]),
            (RunFilter(version=2), ["run-3"]),
            (RunFilter(priority=7), ["run-2"]),
            (RunFilter(priority=0, name="refund"), ["run-4", "run-3"]),
            (RunFilter(reason="is 100%_"), ["run-4"]),
            (RunFilter(reason="Broken"), ["run-4"]),
            (RunFilter(reason="broken"), ["run-3"]),
            (RunFilter(reason="%"), ["run-4"]),
            (RunFilter(started_from=1_000, started_to=1_001), ["run-2", "run-1"]),
            (RunFilter(updated_from=2_001), ["run-4"]),
            (RunFilter(updated_to=1_999), ["run-5", "run-2", "run-1"]),
            (RunFilter(ended_from=0), ["run-4", "run-3"]),
            (RunFilter(ended_to=2_000), ["run-3"]),
            (RunFilter(ended_from=2_001, ended_to=2_001), ["run-4"]),
            (RunFilter(input='"city":"Köln"'), ["run-2"]),
            (RunFilter(input='"city":"köln"'), []),
            (RunFilter(output='"n":1'), ["run-3"]),
            (RunFilter(text="Köln"), ["run-3", "run-2"]),
            (RunFilter(text="100%"), ["run-5", "run-4"]),
            (RunFilter(text="c", name="refund"), ["run-3"]),
        ],
    )
    def test_lists_show_the_runs_that_meet_all_conditions(
        self,
        store: Backend,
        where: RunFilter,
        expected: list[str],
    ) -> None:
        """Conditions that are None do not count, the others all do."""
        store.commit(
            WriteSet(
                new_runs=[
                    a_run("run-1"),
                    a_run(
                        "run-2",
                        status="PAUSED",
                        correlation_id="c",
                        parent_id="run-1",
                        priority=7,
                        created_at=1_001,
                        input='{"city":"Köln"}'.encode(),
                    ),
                    a_run(
                        "run-3",
                        name="refund",
                        version=2,
                        correlation_id="c",
                        parent_id="run-1",
                        reason="broken",
                        created_at=1_002,
                        updated_at=2_000,
                        ended_at=2_000,
                        output=b'{"n":1}',
                        variables='["Köln"]'.encode(),
                    ),
                    a_run(
                        "run-4",
                        name="refund",
                        status="PAUSED",
                        parent_id="run-1",
                        reason="Broken is 100%_",
                        created_at=1_003,
                        updated_at=2_001,
                        ended_at=2_001,
                    ),
                    a_run("run-5", correlation_id="", parent_id="run-0", created_at=1_004, variables=b'"100%"'),
                ],
            ),
        )

        assert expected == [run.run_id for run in store.list_runs(where, 10, 0)]
