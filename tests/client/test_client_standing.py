"""Whether anybody works on a store, and what is registered in it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import podium
from podium import WorkflowDef, WorkflowTask
from podium.backends.memory import MemoryBackend
from podium.client.store_activity import has_engine
from podium.engine.rows import EngineRow
from podium.testing.bench import VirtualClock


class Elsewhere:
    """Processes of which this machine knows nothing, or the same of all."""

    def __init__(self, answer: bool | None) -> None:
        self._answer = answer

    def identity(self) -> str:
        """Name this one."""
        return "here"

    def is_alive(self, identity: str) -> bool | None:
        """Return the one answer."""
        del identity
        return self._answer


def human_step(name: str) -> WorkflowDef:
    """Return a workflow that waits for somebody."""
    return WorkflowDef(name=name, tasks=(WorkflowTask(name="ask", task_reference_name="ask", type="HUMAN"),))


@pytest.mark.parametrize(
    ("answer", "silent_ms", "expected"),
    [
        (True, 3_600_000, True),  # a process of this machine that lives is never called dead
        (False, 0, False),
        (None, 29_000, True),
        (None, 31_000, False),
    ],
)
def test_an_engine_lives_as_the_rescue_has_it(answer: bool | None, silent_ms: int, expected: bool) -> None:
    """The operating system's word counts; of another machine's process its last sign of life."""
    backend, clock = MemoryBackend(), VirtualClock()
    assert not has_engine(backend, Elsewhere(answer), clock)
    backend.heartbeat(EngineRow("engine-1", "there", clock.now()))
    clock.move_to(clock.now() + silent_ms)
    assert has_engine(backend, Elsewhere(answer), clock) is expected


def test_an_engine_that_said_good_bye_works_no_more() -> None:
    """Its row may still be there, until others have taken over what it left."""
    backend, clock = MemoryBackend(), VirtualClock()
    backend.heartbeat(EngineRow("engine-1", "there", 0))
    assert not has_engine(backend, Elsewhere(answer=True), clock)


def test_a_look_from_another_client_tells_whether_anybody_works(tmp_path: Path) -> None:
    """It is so while a client's engine runs, and no longer when that is closed; looking starts no engine."""
    url = f"sqlite:///{tmp_path / 'podium.db'}"
    with podium.connect(url) as looker:
        assert not looker.has_engine()
        with podium.connect(url) as client:
            assert not looker.has_engine()
            client.start(human_step("asking"))
            assert looker.has_engine()
            assert client.has_engine()
        assert not looker.has_engine()


def test_a_killed_process_is_known_to_be_gone(tmp_path: Path) -> None:
    """Nobody needs to wait for its silence."""
    url = f"sqlite:///{tmp_path / 'podium.db'}"
    code = (
        "import podium, sys\n"
        "client = podium.connect(sys.argv[1])\n"
        "step = podium.WorkflowTask(name='ask', task_reference_name='ask', type='HUMAN')\n"
        "client.start(podium.WorkflowDef(name='asking', tasks=(step,)))\n"
        "print('started', flush=True)\n"
        "sys.stdin.read()\n"
    )
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", code, url], text=True, **pipes) as other:  # type: ignore[call-overload]  # the options are those of a text process
        assert other.stdout.readline() == "started\n"
        with podium.connect(url) as looker:
            assert looker.has_engine()
            other.kill()
            other.wait()
            assert not looker.has_engine()


def test_registered_workflows_are_listed(tmp_path: Path) -> None:
    """By name and version, and without an engine."""
    url = f"sqlite:///{tmp_path / 'podium.db'}"
    with podium.connect(url) as client:
        client.register(human_step("b"), human_step("a"), WorkflowDef(name="a", version=2, tasks=human_step("a").tasks))
    with podium.connect(url) as looker:
        assert [(each.name, each.version) for each in looker.workflows()] == [("a", 1), ("a", 2), ("b", 1)]
        assert not looker.has_engine()
