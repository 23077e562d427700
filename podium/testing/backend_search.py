"""What `podium.engine.ports.SearchStore` answers, and in which order."""

from __future__ import annotations

from functools import partial

import pytest

from podium.engine.ports import Backend
from podium.engine.rows import RunFilter, RunRow, StartKeyRow, TaskRow, WriteSet
from podium.engine.searches import Compare, Condition, Either, Every, Order, Search, holds
from podium.testing.backend_fixtures import StoreFixtures, a_run, a_task

_RUNS = (
    a_run("run-1", created_at=10, input='{"city":"Köln"}'.encode()),
    a_run("run-2", created_at=20, ended_at=25, status="COMPLETED", correlation_id="c", output=b'{"n":100}'),
    a_run("run-3", created_at=20, ended_at=60, status="FAILED", name="refund[1]", version=2, reason="is 100%_ off"),
    a_run("run-4", created_at=30, name="Refund", priority=9, parent_id="run-1", correlation_id="C"),
)
_TASKS = (
    a_task("run-1", 1, started_at=12, scheduled_at=11),
    a_task("run-1", 2, "pay", task_type="pay", status="FAILED", scheduled_at=12, started_at=14, ended_at=30),
    a_task("run-3", 1, "pay", task_type="pay", status="COMPLETED", scheduled_at=9, started_at=9, ended_at=10),
    a_task("run-4", 1, status="IN_PROGRESS", reason="Waits", scheduled_at=40, started_at=41, output=b'{"n":1}'),
)
_NEWEST = (Order("created_at", is_descending=True),)


def _run_value(run: RunRow, field: str) -> object:
    return run.ended_at - run.created_at if field == "duration" else getattr(run, field)


class SearchContract(StoreFixtures):
    """Runs and attempts by what people search them by."""

    @pytest.mark.parametrize(
        "where",
        [
            Every(),
            Either(()),
            Compare("name", "=", "order"),
            Compare("name", "!=", "order"),
            Compare("correlation_id", "=", "c"),
            Compare("correlation_id", "!=", "c"),
            Compare("correlation_id", "null"),
            Compare("correlation_id", "not null"),
            Compare("correlation_id", "<", "a"),
            Compare("created_at", "<", 20),
            Compare("created_at", "<=", 20),
            Compare("created_at", ">", 20),
            Compare("created_at", ">=", 20),
            Compare("duration", ">", 5),
            Compare("name", "like", "*fund*"),
            Compare("name", "like", "refund[1]"),
            Compare("name", "like", "refund*]"),
            Compare("name", "like", "Order"),
            Compare("name", "like", "*"),
            Compare("reason", "like", "*100%_*"),
            Compare("reason", "like", "*100%!*"),
            Compare("reason", "has", "100%"),
            Compare("reason", "has", "IS"),
            Compare("input", "holds", "Köln"),
            Compare("output", "holds", '"n":100'),
            Every((Compare("status", "=", "RUNNING"), Compare("priority", "=", 0))),
            Either(
                (Compare("priority", "=", 9), Every((Compare("version", "=", 2), Compare("status", "=", "FAILED"))))
            ),
            Every(
                (Either((Compare("name", "=", "order"), Compare("version", ">", 1))), Compare("correlation_id", "null"))
            ),
        ],
        ids=str,
    )
    def test_a_search_gives_the_runs_that_meet_its_condition(self, store: Backend, where: Condition) -> None:
        """Every store means the same by a condition, and never that it is unknown; the runs come whole."""
        store.commit(WriteSet(new_runs=_RUNS))

        expected = [run for run in _RUNS[::-1] if holds(where, partial(_run_value, run))]
        assert expected == store.search_runs(Search(where, _NEWEST))
        assert len(expected) == store.count_runs(where)

    def test_texts_are_told_apart_letter_by_letter(self, store: Backend) -> None:
        """Case, accents and blanks at the end count, in keys too; the order is that of the letters' numbers."""
        texts = (
            "A",
            "a",
            "a ",
            "a  ",
            "a\t",
            "a\x01",
            "a%",
            "a_",
            "\u00e1",
            "a\u0301",
            "\u00e4",
            "\uffff",
            "\U00010000",
        )
        runs = [a_run(f"run-{text}", name=text, correlation_id=text, created_at=1) for text in texts]
        keys = [StartKeyRow("order", text, run.run_id) for text, run in zip(texts, runs, strict=True)]
        store.commit(WriteSet(new_runs=runs, start_keys=keys))

        ordered = store.search_runs(Search(Every(), (Order("correlation_id"),)))
        assert [run.name for run in ordered] == sorted(texts)
        for text, run in zip(texts, runs, strict=True):
            assert store.search_runs(Search(Compare("name", "=", text))) == [run]
            assert [one.run_id for one in store.list_runs(RunFilter(correlation_id=text), 9, 0)] == [run.run_id]
            assert store.run_of_key("order", text) == run.run_id
            assert store.load_runs([run.run_id]) == {run.run_id: run}

    def test_a_search_has_an_order_and_parts(self, store: Backend) -> None:
        """Fields count one after the other, what is None comes first, and the key decides between equals."""
        store.commit(WriteSet(new_runs=_RUNS))

        def found(*order: Order, limit: int = 100, offset: int = 0) -> list[str]:
            return [run.run_id[-1] for run in store.search_runs(Search(Every(), order, limit, offset))]

        assert found(Order("created_at")) == ["1", "2", "3", "4"]
        assert found(Order("created_at", is_descending=True)) == ["4", "3", "2", "1"]
        assert found(Order("correlation_id")) == ["1", "3", "4", "2"]
        assert found(Order("correlation_id", is_descending=True)) == ["2", "4", "3", "1"]
        assert found(Order("created_at", is_descending=True), Order("status")) == ["4", "2", "3", "1"]
        assert found() == ["1", "2", "3", "4"]
        assert [found(limit=3, offset=at) for at in range(5)] == [
            ["1", "2", "3"],
            ["2", "3", "4"],
            ["3", "4"],
            ["4"],
            [],
        ]

    @pytest.mark.parametrize(
        ("where", "expected"),
        [
            (Every(), ["run-1/1", "run-1/2", "run-3/1", "run-4/1"]),
            (Compare("task_type", "=", "pay"), ["run-1/2", "run-3/1"]),
            (Compare("duration", ">=", 16), ["run-1/2"]),
            (Compare("waited", "=", 1), ["run-1/1", "run-4/1"]),
            (Compare("run_name", "=", "Refund"), ["run-4/1"]),
            (Compare("run_correlation_id", "not null"), ["run-4/1"]),
            (Compare("reason", "null"), ["run-1/1", "run-1/2", "run-3/1"]),
            (Every((Compare("run_id", "=", "run-1"), Compare("seq", ">", 1))), ["run-1/2"]),
            (Compare("output", "holds", '"n"'), ["run-4/1"]),
        ],
        ids=str,
    )
    def test_attempts_are_searched_by_their_own_fields_and_those_of_their_runs(
        self, store: Backend, where: Condition, expected: list[str]
    ) -> None:
        """A search by attempts gives them, or the runs that have such a one, each once."""
        store.commit(WriteSet(new_runs=_RUNS, new_tasks=_TASKS))

        def key(task: TaskRow) -> str:
            return f"{task.run_id}/{task.seq}"

        assert expected == [key(task) for task in store.search_tasks(Search(where, order=()))]
        assert len(expected) == store.count_tasks(where)
        runs = sorted({each.partition("/")[0] for each in expected})
        assert runs == [run.run_id for run in store.search_runs_by_tasks(Search(where, (Order("created_at"),)))]
        assert len(runs) == store.count_runs_by_tasks(where)

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
            (RunFilter(reason=""), ["run-4", "run-3"]),
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
