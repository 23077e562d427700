"""A run's turn in a commit (`podium.engine.turn`): what counts as its time."""

from __future__ import annotations

import pytest
from engine_flows import Crew, flow, fork, join, simple

from podium.engine.library import DefinitionLibrary
from podium.engine.plan import Plan
from podium.engine.rows import WriteSet
from podium.model.definitions import WorkflowDef
from podium.testing.bench import Bench


def test_to_compile_a_definition_takes_nothing_of_the_first_runs_turn(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run is begun with its first attempts in one commit, however long its definition took to be read."""
    Crew(bench, "a", "b")
    plan_of, commit = DefinitionLibrary.compile, bench.backend.commit
    commits: list[tuple[int, int]] = []

    def compile_slowly(library: DefinitionLibrary, definition: WorkflowDef) -> Plan:
        bench.clock.move_to(bench.clock.now() + 1_000)
        return plan_of(library, definition)

    def count(writes: WriteSet) -> None:
        commits.append((len(writes.new_runs), len(writes.new_tasks)))
        commit(writes)

    monkeypatch.setattr(DefinitionLibrary, "compile", compile_slowly)
    monkeypatch.setattr(bench.backend, "commit", count)
    bench.start(flow(fork("f", [simple("a")], [simple("b")]), join("j", "a", "b")))

    assert [each for each in commits if each[0]] == [(1, 4)]
