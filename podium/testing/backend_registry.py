"""What a backend answers of its registry, of kept outputs and messages, and of engine processes, and in which order."""

from __future__ import annotations

from podium.engine.ports import Backend
from podium.engine.rows import (
    CachedRow,
    EngineRow,
    EntryRow,
    MessageRow,
    OutboxRow,
    SchemaRow,
    TaskDefRow,
    WorkflowRow,
    WriteSet,
)
from podium.testing.backend_fixtures import StoreFixtures


class RegistryContract(StoreFixtures):
    """Workflows and task definitions."""

    def test_workflows_come_by_name_and_version(self, store: Backend) -> None:
        """Names are ordered as Python orders strings; without a version the greatest is given, 10 after 9."""
        keys = [("Z", 1), ("a", 2), ("a", 9), ("a", 10), ("a b", 1), ("é", 1), ("\N{SNOWMAN}", 1), ("😀", 1)]
        rows = [WorkflowRow(name, version, 1, 2, b"{}") for name, version in keys]
        store.commit(WriteSet(workflows=rows[::-1]))

        assert rows == store.workflows()
        assert [rows[3], rows[2], None] == [store.workflow("a", version) for version in (None, 9, 3)]
        assert (store.workflow("none", None), store.workflow("A", None)) == (None, None)

    def test_task_definitions_come_by_name(self, store: Backend) -> None:
        """Names are ordered as Python orders strings."""
        rows = [TaskDefRow(name, name.encode()) for name in ("B", "a", "c", "é")]
        store.commit(WriteSet(task_defs=rows[::-1]))

        assert rows == store.task_defs()
        assert (rows[1], None) == (store.task_def("a"), store.task_def("A"))

    def test_registering_again_overwrites(self, store: Backend) -> None:
        """The registry holds the latest entry of a name and version, the last one of a commit."""
        entries = [WorkflowRow("a", 1, at, at, str(at).encode()) for at in range(3)]
        store.commit(WriteSet(workflows=entries[:1], task_defs=[TaskDefRow("t", b"0")]))
        store.commit(WriteSet(workflows=entries[1:], task_defs=[TaskDefRow("t", b"1"), TaskDefRow("t", b"2")]))

        assert ([entries[2]], [TaskDefRow("t", b"2")]) == (store.workflows(), store.task_defs())

    def test_what_is_taken_out_of_the_registry_is_gone(self, store: Backend) -> None:
        """Entries go by their keys, before new ones are written; the greatest version is then the one below."""
        rows = [WorkflowRow("a", version, 1, 2, b"{}") for version in (1, 2)]
        store.commit(WriteSet(workflows=rows, task_defs=[TaskDefRow("t", b"{}")], schemas=[SchemaRow("s", 1, b"{}")]))
        before = store.registry_version()
        store.commit(
            WriteSet(
                deleted_workflows=[("a", 2), ("b", 1)],
                deleted_task_defs=["t", "u"],
                deleted_schemas=[("s", 1), ("s", 2)],
            )
        )

        assert (rows[0], None) == (store.workflow("a", None), store.workflow("a", 2))
        assert (rows[:1], [], []) == (store.workflows(), store.task_defs(), store.schemas())
        assert store.registry_version() != before
        store.commit(WriteSet(deleted_workflows=[("a", 1)], workflows=[rows[0]]))
        store.commit(WriteSet(deleted_workflows=[("a", 1)]))
        assert (store.workflow("a", None), store.workflows()) == (None, [])

    def test_the_registry_version_changes_with_each_write(self, store: Backend) -> None:
        """A workflow or a task definition, new or written again, gives a number that was never seen before."""
        seen = [store.registry_version()]
        for _ in range(2):
            store.commit(WriteSet(workflows=[WorkflowRow("a", 1, 1, 1, b"{}")]))
            seen.append(store.registry_version())
            store.commit(WriteSet(task_defs=[TaskDefRow("t", b"{}")]))
            seen.append(store.registry_version())

        store.commit(WriteSet(schemas=[SchemaRow("a", 1, b"{}")]))
        seen.append(store.registry_version())
        assert len(set(seen)) == len(seen)

    def test_entries_come_by_kind_and_name(self, store: Backend) -> None:
        """An entry is the latest of its kind and name; one that is taken out is gone, and others stay."""
        rows = [EntryRow("k", "a", 3, b"3"), EntryRow("k", "b", 1, b"1")]
        store.commit(WriteSet(entries=[EntryRow("k", "a", 1, b"0"), EntryRow("l", "a", 1, b"2"), *rows[::-1]]))
        seen = [store.registry_version()]
        assert rows == store.entries("k")
        assert [rows[0], None, None] == [store.entry("k", "a"), store.entry("l", "b"), store.entry("m", "a")]
        store.commit(WriteSet(deleted_entries=[("k", "a"), ("k", "none")]))
        assert (rows[1:], [EntryRow("l", "a", 1, b"2")]) == (store.entries("k"), store.entries("l"))
        assert store.registry_version() not in seen

    def test_schemas_come_by_name_and_version(self, store: Backend) -> None:
        """Without a version the greatest is given, 10 after 9; the last entry of a name and version holds."""
        rows = [SchemaRow("a", 9, b"9"), SchemaRow("a", 10, b"10"), SchemaRow("b", 1, b"1")]
        store.commit(WriteSet(schemas=[SchemaRow("b", 1, b"0"), *rows[::-1]]))

        assert rows == store.schemas()
        assert [rows[1], rows[0], None] == [store.schema("a", version) for version in (None, 9, 3)]
        assert store.schema("none", None) is None

    def test_no_version_is_too_large_to_be_asked_for(self, store: Backend) -> None:
        """Callers name versions, of any size; under one that no store can have there is nothing."""
        store.commit(WriteSet(workflows=[WorkflowRow("a", 1, 1, 1, b"{}")], schemas=[SchemaRow("a", 1, b"{}")]))

        for version in (1 << 31, (1 << 63) - 1, 1 << 63, -1, -(1 << 70)):
            assert (store.workflow("a", version), store.schema("a", version)) == (None, None)


class ResultContract(StoreFixtures):
    """Outputs that may be used again, and messages that wait to be sent."""

    def test_a_kept_output_is_there_until_it_expires(self, store: Backend) -> None:
        """The last output of a key is given before its moment, not at it; what has expired can be removed."""
        store.commit(WriteSet(cached=[CachedRow("k", 5, b"1"), CachedRow("l", 9, b"3")]))
        store.commit(WriteSet(cached=[CachedRow("k", 7, b"2")]))

        assert [store.cached("k", now) for now in (6, 7)] == [CachedRow("k", 7, b"2"), None]
        assert store.forget_expired(7) == 1
        assert [store.cached(key, 1) for key in "kl"] == [None, CachedRow("l", 9, b"3")]

    def test_messages_to_a_run_wait_in_their_order(self, store: Backend) -> None:
        """By number, a part at a time, until they are taken or the inbox is emptied, which comes before new ones."""
        rows = [MessageRow("run-1", number, 5, f"m{number}", b"%d" % number) for number in range(1, 5)]
        store.commit(WriteSet(new_messages=[rows[2], rows[0], rows[1], rows[0]._replace(run_id="run-2")]))

        assert (rows[:3], rows[1:2]) == (store.load_messages("run-1", 0, 9), store.load_messages("run-1", 1, 1))
        store.commit(WriteSet(taken_messages=[("run-1", 1), ("run-1", 9), ("run-9", 1)]))
        assert rows[1:3] == store.load_messages("run-1", 0, 9)
        store.commit(WriteSet(emptied_inboxes=["run-1", "run-9"], new_messages=[rows[3]]))
        assert ([rows[3]], 1) == (store.load_messages("run-1", 0, 9), len(store.load_messages("run-2", 0, 9)))

    def test_messages_wait_until_they_are_sent(self, store: Backend) -> None:
        """Oldest first; one that is there is not written again, and to forget an unknown one is fine."""
        rows = [OutboxRow("b", "e1", 1, b"1"), OutboxRow("a", "e1", 2, b"2"), OutboxRow("c", "e2", 2, b"3")]
        store.commit(WriteSet(outbox=rows[::-1]))
        store.commit(WriteSet(outbox=[OutboxRow("a", "e9", 9, b"9")]))

        assert (rows, rows[:1]) == (store.unsent(9), store.unsent(1))
        store.forget_sent(["b", "c", "none"])
        assert store.unsent(9) == [rows[1]]


class MembershipContract(StoreFixtures):
    """Engine processes."""

    def test_a_server_tells_the_time_and_others_go_by_that_of_the_machine(self, store: Backend) -> None:
        """Who works on one server from several machines goes by its clock."""
        before, after = store.time(), store.time()

        assert (before is None and after is None) or 1_500_000_000_000 < (before or 0) <= (after or 0)

    def test_engines_come_by_id_until_they_say_good_bye(self, store: Backend) -> None:
        """A heartbeat inserts or updates an engine's row; to forget an unknown one is fine."""
        store.heartbeat(EngineRow("e2", "host:2", 1))
        store.heartbeat(EngineRow("e1", "host:1", 2))
        store.heartbeat(EngineRow("e2", "host:3", 4, '["q"]'))
        assert [EngineRow("e1", "host:1", 2), EngineRow("e2", "host:3", 4, '["q"]')] == store.engines()

        store.forget_engine("e1")
        store.forget_engine("none")
        assert [EngineRow("e2", "host:3", 4, '["q"]')] == store.engines()
