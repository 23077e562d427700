"""The order of the torture: rounds, each of one kind of fault under load, on a stage of processes and a store."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from itertools import cycle
from pathlib import Path
from random import Random

from attrs import define

import podium
from podium.client.embedded import open_embedded
from podium.model.errors import PodiumError
from podium.testing.servers import database_server
from podium.testing.torture.cast import AHEAD_MS, Stage
from podium.testing.torture.faults import FAULTS, TortureFault
from podium.testing.torture.judge import Judge, TortureVerdict

#: Backends, and how `podium.testing.servers` calls their servers.
BACKENDS = {"sqlite": None, "postgresql": "postgresql", "mysql": "mariadb"}

#: How large the disk is that is to be filled: a server makes large files before it begins.
_SMALL_DISK = {"sqlite": "64m", "postgresql": "384m", "mysql": "512m"}

#: Most lines about one round.
_WORDS_MAX = 20

#: Seconds between two faults.
_PAUSE_S = (0.2, 1.5)


@define
class FaultTally:
    """What a kind of fault came to."""

    name: str
    injected: int = 0
    runs: int = 0
    refused: int = 0
    lost: int = 0
    repeated: int = 0
    stuck: int = 0
    #: Why it could not be tried.
    skipped: str = ""

    @property
    def is_bad(self) -> bool:
        """Whether something went wrong."""
        return bool(self.lost or self.repeated or self.stuck)


class CannotTry(PodiumError):
    """This machine does not let a fault be tried."""


@contextmanager
def small_disk(size: str) -> Iterator[Path]:
    """
    Return a folder on a disk of its own, which can be filled.

    Raises:
        CannotTry: Only root may make one, and not everywhere.
    """
    if os.geteuid() != 0:
        raise CannotTry("only root can make a small disk")
    with tempfile.TemporaryDirectory(prefix="podium-disk-") as name:
        command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", name]
        try:
            subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603  # our own words
        except (OSError, subprocess.CalledProcessError) as error:
            raise CannotTry(f"no small disk can be made: {getattr(error, 'stderr', error)}") from error
        try:
            Path(name).chmod(0o755)  # for the server's user
            yield Path(name)
        finally:
            subprocess.run(["umount", "--lazy", name], check=False)  # noqa: S603, S607  # as above


@contextmanager
def stage_for(backend: str, *, is_small: bool = False) -> Iterator[Stage]:
    """Return a stage with a store and processes that are ready; all end with the block."""
    with ExitStack() as stack:
        journals = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="podium-torture-")))
        place = stack.enter_context(small_disk(_SMALL_DISK[backend])) if is_small else journals
        kind = BACKENDS[backend]
        if kind is None:
            stage = Stage(f"sqlite:///{place}/podium.db", journals, place, None)
        else:
            if not is_small:
                place.chmod(0o755)
            server = stack.enter_context(database_server(kind, place))
            stage = Stage(server.url(), journals, place, server)
        podium.connect(stage.url).close()  # the schema, once
        for actor in stage.actors:
            stack.callback(actor.kill)
            actor.begin()
        for actor in stage.actors:
            actor.await_ready()
        yield stage


def play_round(
    stage: Stage,
    judge: Judge,
    fault: TortureFault,
    tally: FaultTally,
    rng: Random,
    *,
    name: str,
    runs: int = 12,
    injections: int = 3,
) -> TortureVerdict:
    """Begin runs, inject faults meanwhile, wait until all has come to its end; gives what became of them."""
    refused = len(stage.lines("refused"))
    stage.starter.tell(f"begin {name} {runs}")
    for _ in range(injections):
        time.sleep(rng.uniform(*_PAUSE_S))
        judge.look(name)
        fault.harm(stage, rng)
        tally.injected += 1
        if fault.kills_starter:
            stage.starter.tell(f"begin {name} {runs}")  # what it had begun has its key
    judge.look(name)
    judge.wait(name, runs)
    verdict = judge.verdict(name, runs)
    tally.runs += runs
    told = stage.lines("refused")[refused:]
    tally.refused += len(told)
    unclear = tuple(f"a caller got {line}" for line in told if line.startswith("!"))
    tally.lost += verdict.lost + len(unclear)
    tally.repeated += verdict.repeated
    tally.stuck += verdict.stuck
    return TortureVerdict(verdict.lost, verdict.repeated, verdict.stuck, (*verdict.words, *unclear))


def torture(
    backend: str,
    minutes: float,
    *,
    kinds: Sequence[TortureFault] = FAULTS,
    seed: int = 0,
    say: Callable[[str], None] = lambda _: None,
) -> list[FaultTally]:
    """
    Inject faults for some minutes; each kind at least once, however long that takes.

    Args:
        backend: ``sqlite``, ``postgresql`` or ``mysql``.
        minutes: How long.
        kinds: Which faults.
        seed: Of the moments; what happens at them is up to the machine.
        say: Hears what goes wrong, and what was done, a line each.
    """
    rng = Random(seed)  # noqa: S311  # repeatable on purpose
    deadline = time.monotonic() + minutes * 60
    kinds = [kind for kind in kinds if kind.suits(backend)]
    tallies = {kind.name: FaultTally(kind.name) for kind in kinds}
    for is_small in (True, False):
        chosen = [kind for kind in kinds if kind.needs_small_disk == is_small]
        if not chosen:
            continue
        try:
            with stage_for(backend, is_small=is_small) as stage, open_embedded(stage.url) as client:
                judge = Judge(stage, client)
                for number, kind in enumerate(cycle(chosen)):
                    if number >= len(chosen) and (is_small or time.monotonic() > deadline):
                        break
                    words = play_round(stage, judge, kind, tallies[kind.name], rng, name=f"r{number}").words
                    say(f"{kind.name}: {tallies[kind.name].runs} runs")
                    for line in words[:_WORDS_MAX]:
                        say(f"  {line}")
                _end(stage, tallies, chosen)
        except CannotTry as error:
            for kind in chosen:
                tallies[kind.name].skipped = str(error)
    if BACKENDS[backend] is not None:
        told = [tally for tally in tallies.values() if not tally.skipped]
        tallies["clocks"] = FaultTally(f"clocks {AHEAD_MS // 1000} s apart", 1, sum(tally.runs for tally in told))
    return list(tallies.values())


def _end(stage: Stage, tallies: dict[str, FaultTally], chosen: Sequence[TortureFault]) -> None:
    """Let the processes end by themselves; one that does not is stuck, by the last kind of fault that it met."""
    for actor in stage.actors:
        if not actor.end():
            tallies[chosen[-1].name].stuck += 1
