"""Runs that are shown while they go on."""

from __future__ import annotations

import asyncio
import io
import os
import threading
from collections.abc import Iterator

import pytest
from attrs import evolve

import podium
from podium import human, task, workflow
from podium.client import EmbeddedClient
from podium.model.errors import InvalidRequest, RunNotFound, RunTimeout
from podium.model.runs import RunSource, WorkflowRun
from podium.model.statuses import RunStatus
from podium.render.live import Live
from podium.render.screens import TerminalScreen, _fitting, in_notebook


@task
def pack(order: str) -> str:
    """Pack an order."""
    return f"{order} packed"


@workflow
def ship(order: str) -> str:
    """Pack, once somebody has agreed."""
    human("approve")
    return pack(order).output


class Frames:
    """A screen that remembers what it was shown."""

    def __init__(self) -> None:
        self.runs: list[WorkflowRun] = []
        self.threads: set[int] = set()
        self.has_two = threading.Event()

    def show(self, run: WorkflowRun) -> None:
        """Remember a frame."""
        self.runs.append(run)
        self.threads.add(threading.get_ident())
        if len(self.runs) > 1:
            self.has_two.set()


class TornScreen:
    """A screen that has gone."""

    def show(self, run: WorkflowRun) -> None:
        """Fail."""
        raise OSError("the page was closed")


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        """Say so."""
        return True


@pytest.fixture
def client() -> Iterator[EmbeddedClient]:
    """Yield a client whose worker packs."""
    with podium.connect() as made, made.workers([pack]):
        yield made


def test_live_shows_each_change_until_the_end(client: EmbeddedClient) -> None:
    """The first frame is shown at once, the following ones from a thread; the last one is the run's end."""
    run = client.get(client.start(ship, {"order": "7"}))
    frames = Frames()
    live = Live(run, screen=frames).start()
    assert [run] == frames.runs

    client.complete_task(run.workflow_id, "approve")
    ended = live.wait(timeout=10)

    assert ended.status is RunStatus.COMPLETED
    assert frames.runs[-1] == ended == live.run
    assert all(one != two for one, two in zip(frames.runs, frames.runs[1:], strict=False))
    assert len(frames.threads) == 2


def test_live_stops_with_a_last_look(client: EmbeddedClient) -> None:
    """Leaving the block shows the run as it is then, and the run goes on."""
    run_id = client.start(ship, {"order": "7"})
    frames = Frames()
    with Live(client.get(run_id), screen=frames) as live:
        client.pause(run_id)

    assert frames.runs[-1].status is RunStatus.PAUSED
    assert live.wait(timeout=0).status is RunStatus.PAUSED
    assert client.get(run_id).status is RunStatus.PAUSED


def test_live_of_a_run_that_has_ended_is_one_frame() -> None:
    """It needs no client and no thread."""
    run = ship_without_client()
    frames = Frames()
    before = threading.active_count()

    assert run == Live(run, screen=frames).wait(timeout=0)
    assert [run] == frames.runs
    assert before == threading.active_count()


def ship_without_client() -> WorkflowRun:
    """Return an ended run that came from nowhere."""
    return WorkflowRun(status=RunStatus.COMPLETED, workflow_id="run-1", workflow_definition=ship.definition)


def test_live_refuses_what_will_never_change() -> None:
    """A live run that was read from JSON has nowhere to be looked at; and too many frames help nobody."""
    with pytest.raises(InvalidRequest, match=r"client\.live"):
        WorkflowRun(status=RunStatus.RUNNING, workflow_id="run-1").live()
    with pytest.raises(InvalidRequest, match="interval"):
        ship_without_client().live(interval=0.1)


def test_live_waits_no_longer_than_told(client: EmbeddedClient) -> None:
    """The run goes on after the caller's patience has ended."""
    live = client.live(client.start(ship, {"order": "7"}))
    live._screen = Frames()

    with pytest.raises(RunTimeout), live:
        live.wait(timeout=0.01)
    assert live.run.status is RunStatus.RUNNING


def test_live_keeps_its_last_frame_when_the_client_is_closed() -> None:
    """A run that cannot be seen any longer ends the thread quietly; whoever waits gets the error."""
    frames = Frames()
    gone = threading.Event()

    with podium.connect() as client:
        run = client.get(client.start(ship, {"order": "7"}))

    def fetch() -> WorkflowRun:
        gone.set()
        raise RunNotFound("No such workflow")

    live = Live(evolve(run, source=RunSource(fetch)), screen=frames).start()

    assert gone.wait(10)
    with pytest.raises(RunNotFound):
        live.wait(timeout=10)
    assert [run] == frames.runs
    assert isinstance(live.error, RunNotFound)


def test_live_survives_a_screen_that_has_gone(client: EmbeddedClient) -> None:
    """The cell does not fail, and no thread is left."""
    live = Live(client.get(client.start(ship, {"order": "7"})), screen=TornScreen()).start()

    assert isinstance(live.error, OSError)
    with pytest.raises(OSError, match="closed"):
        live.wait(timeout=10)


def test_live_writes_only_what_is_new_where_it_cannot_go_back(client: EmbeddedClient) -> None:
    """In a log no line is repeated: the outline first, then the lines that changed."""
    run = client.get(client.start(ship, {"order": "7"}))
    stream = io.StringIO()
    screen = TerminalScreen(stream)
    screen.show(run)
    first = stream.getvalue()
    client.complete_task(run.workflow_id, "approve")
    screen.show(client.wait(run.workflow_id, timeout=10))

    assert "approve" in first
    news = stream.getvalue().removeprefix(first)
    assert news.count("approve") == 1
    assert "completed" in news
    assert "\x1b" not in stream.getvalue()


def test_live_redraws_a_terminal_in_place() -> None:
    """Each frame goes back over the one before, and no line wraps."""
    run = ship_without_client()
    stream = Terminal()
    screen = TerminalScreen(stream)
    screen.show(run)
    height = stream.getvalue().count("\n")
    screen.show(run)

    assert f"\x1b[{height}F\x1b[J" in stream.getvalue()
    assert stream.getvalue().count("\x1b[J") == 1


def test_a_terminal_shows_the_part_that_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that is longer and wider than the terminal shows its head and the steps around the newest one."""
    monkeypatch.setattr(os, "get_terminal_size", lambda *_: os.terminal_size((20, 8)))
    lines = ["title", "Run 1: running", *(f"  - step{i} [SIMPLE] 日本" for i in range(50))]
    lines[30:] = [f"  - step{i} - not started" for i in range(28, 50)]
    shown = _fitting(lines)

    assert shown[:2] == ["title", "Run 1: running"]
    assert len(shown) == 6
    assert all(len(line) < 20 for line in shown)
    assert "  - step27 [SIMPLE…" in shown


def test_live_has_a_text_where_there_is_no_notebook(client: EmbeddedClient, capsys: pytest.CaptureFixture[str]) -> None:
    """A plain console shows the outline of the moment, and starts nothing."""
    live = client.live(client.start(ship, {"order": "7"}))
    live._ipython_display_()

    assert not in_notebook()
    assert "approve" in repr(live)
    assert f"{live!r}\n" == capsys.readouterr().out
    assert not live._is_started


def test_everything_works_inside_a_running_event_loop(capsys: pytest.CaptureFixture[str]) -> None:
    """A notebook's cells run inside a loop: running, displaying and showing live start no loop of their own."""

    @workflow
    def just_pack(order: str) -> str:
        return pack(order).output

    async def cell() -> list[WorkflowRun]:
        short = just_pack.run(order="7", timeout=10)
        just_pack._repr_mimebundle_(include=["text/plain"])
        short._repr_mimebundle_(include=["text/plain"])
        just_pack.check()._repr_mimebundle_()
        with podium.connect() as client, client.workers([pack]):
            run = client.run(just_pack, {"order": "8"}, timeout=10)
            shown = client.live(client.start(just_pack, {"order": "9"})).wait(timeout=10)
            return [short, run, shown, run.live().wait(timeout=10)]

    runs = asyncio.run(cell())

    assert {RunStatus.COMPLETED} == {run.status for run in runs}
    assert "pack" in capsys.readouterr().out


def test_who_waits_for_a_person_is_found(client: EmbeddedClient) -> None:
    """Open HUMAN tasks of live runs, also of paused ones, with what it takes to complete them."""
    older, newer = (client.start(ship, {"order": order}) for order in ("7", "8"))
    client.pause(older)
    waiting = client.pending_humans()

    assert {"approve"} == {each.reference_task_name for each in waiting}
    assert {older, newer} == {each.workflow_instance_id for each in waiting}
    assert client.pending_humans(name="nothing") == []
    client.complete_task(newer, "approve")
    client.wait(newer, timeout=10)
    assert [older] == [each.workflow_instance_id for each in client.pending_humans()]
