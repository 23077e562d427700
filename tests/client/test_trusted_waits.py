"""Waiting for a run that this process works on: its memory tells that it goes on, unless others commit something."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from queue import SimpleQueue

import pytest

from podium import WorkflowDef, WorkflowTask
from podium.client.embedded import EmbeddedClient, open_embedded
from podium.engine.rows import PulseRow
from podium.model.errors import RunNotFound

PAUSE = WorkflowDef(name="pause", tasks=(WorkflowTask(name="w", task_reference_name="w", type="HUMAN"),))
NOTHING = WorkflowDef(name="nothing", tasks=(WorkflowTask(name="n", task_reference_name="n", type="NOOP"),))


def test_a_run_that_was_begun_here_is_known_to_go_on_and_to_have_ended(tmp_path: Path) -> None:
    """Who starts a run and waits for it hears of its end from the engine: no look into the store tells more."""
    with open_embedded(f"sqlite:///{tmp_path}/runs.db") as client:
        client.register(PAUSE)
        _let_a_moment_pass(client)
        run_id = client.start("pause")
        kernel = client._engine.kernel

        assert kernel.stands_here(run_id) == (False, client._engine.reader.pulse(run_id)[1])
        client.terminate(run_id, "enough")
        assert kernel.stands_here(run_id) == (True, client._engine.reader.pulse(run_id)[1])
        assert kernel.stands_here("no such run") is None


def test_a_run_that_another_process_has_ended_is_looked_up(tmp_path: Path) -> None:
    """What this process remembers of a run is not trusted when another one has committed something since."""
    url = f"sqlite:///{tmp_path}/runs.db"
    with open_embedded(url) as client:
        client.register(PAUSE)
        run_id = client.start("pause")
        with open_embedded(url) as other:
            other.terminate(run_id, "enough")

        assert client.wait(run_id, timeout=30).status == "TERMINATED"


def test_the_first_who_waits_for_what_ended_here_needs_no_look_into_the_store(tmp_path: Path) -> None:
    """It is as if he had waited before the end; whoever comes after him, or after a look, hears what the store says."""
    with open_embedded(f"sqlite:///{tmp_path}/runs.db") as client:
        client.register(NOTHING)
        _let_a_moment_pass(client)
        looks = _counted_looks(client)
        run_ids = client.start_many("nothing", [{}, {}])

        assert [client.wait(run_id, timeout=30).status for run_id in run_ids] == ["COMPLETED", "COMPLETED"]
        assert looks == []
        client.wait(run_ids[0], timeout=30)
        assert looks == [run_ids[0]]


def test_a_run_that_was_seen_and_then_deleted_by_another_process_is_gone(tmp_path: Path) -> None:
    """What was seen of a run since its end is no news: another process may have deleted it since."""
    url = f"sqlite:///{tmp_path}/runs.db"
    with open_embedded(url) as client:
        client.register(NOTHING)
        run_id = client.start("nothing")
        while not client.get(run_id).status.is_terminal:
            pass
        with open_embedded(url) as other:
            other.delete(run_id)

        with pytest.raises(RunNotFound):
            client.wait(run_id, timeout=30)


def _let_a_moment_pass(client: EmbeddedClient) -> None:
    """What was heard in the moment of a change may have been of it."""
    began = client.engine.clock.now()
    while client.engine.clock.now() == began:
        pass


def _counted_looks(client: EmbeddedClient) -> list[str]:
    """Return a list to which each look at a run's revision in the store is added."""
    looks: list[str] = []
    backend = client.engine.backend
    pulses = backend.pulses

    def counted(run_ids: Collection[str]) -> Mapping[str, PulseRow]:
        looks.extend(run_ids)
        return pulses(run_ids)

    backend.pulses = counted  # type: ignore[method-assign]  # of this one store
    return looks


def test_who_follows_runs_looks_every_second_where_others_work(tmp_path: Path) -> None:
    """Processes do not tell each other of steps that concern nobody; a page that shows such a run sees them still."""
    url = f"sqlite:///{tmp_path}/runs.db"
    with open_embedded(url) as one, open_embedded(url) as other:
        other.start(PAUSE)
        one.start(PAUSE)
        looks: SimpleQueue[object] = SimpleQueue()
        one.engine.kernel.watchers.followers.append(looks.put)

        for _ in range(3):
            assert looks.get(timeout=30) is None
