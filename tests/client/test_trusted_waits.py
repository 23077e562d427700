"""Waiting for a run that this process works on: its memory tells that it goes on, unless others commit something."""

from __future__ import annotations

from pathlib import Path

from podium import WorkflowDef, WorkflowTask
from podium.client.embedded import open_embedded

PAUSE = WorkflowDef(name="pause", tasks=(WorkflowTask(name="w", task_reference_name="w", type="HUMAN"),))


def test_a_run_that_was_begun_here_is_known_to_go_on_and_to_have_ended(tmp_path: Path) -> None:
    """Who starts a run and waits for it hears of its end from the engine: no look into the store tells more."""
    with open_embedded(f"sqlite:///{tmp_path}/runs.db") as client:
        client.register(PAUSE)
        began = client.engine.clock.now()
        while client.engine.clock.now() == began:
            pass  # what was heard in the moment of a change may have been of it
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
