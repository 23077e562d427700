from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from podium.testing.seeds import main, simulate

#: Seeds in one test.
BLOCK = 25


@pytest.mark.parametrize("first", range(0, 150, BLOCK))
def test_nothing_goes_wrong_in_memory(first: int, tmp_path: Path) -> None:
    """Whatever fails, every commit is in order, and every run ends as told when the world has healed."""
    for seed in range(first, first + BLOCK):
        assert simulate(seed, "memory", tmp_path).disagreements == ()


@pytest.mark.parametrize(
    "seed", [424, 954, 1000, 1043, 1130, 1152, 1180, 1270, 1545, 1691, 1865, 2202, 2849, 2902, 4228, 4481]
)
def test_a_seed_that_found_something_finds_it_no_more(seed: int, tmp_path: Path) -> None:
    """
    What had been wrong.

    424: a child that lives again, and its parent had passed it. 954: a run that has not begun is retried. 1043: a
    read that failed before the world healed. 1130: a repeated word of a start came after the put-back. 1152: a
    paused run never timed out. 1545: two words of an attempt in one moment. 1691: a turn of a loop that comes and
    goes in one commit. 1865: a schedule that is deleted and made anew. 2849: one that is saved while the world
    heals. 2902: a failure beside a TERMINATE. 4228: a JOIN over one that may give nothing. 4481: a process that was
    thought dead and begins what lies open for others. The others: a run ends, and lives again, in one and the same
    commit.
    """
    assert simulate(seed, "memory", tmp_path).disagreements == ()


def test_nothing_goes_wrong_in_an_sqlite_file_and_it_is_the_same_world(tmp_path: Path) -> None:
    """A seed gives the same trace on both backends: the order of results is part of their contract."""
    for seed in range(15):
        assert simulate(seed, "sqlite", tmp_path).digest == simulate(seed, "memory", tmp_path).digest


@pytest.mark.parametrize("kind", ["postgresql", "mariadb"])
def test_nothing_goes_wrong_on_a_server_and_it_is_the_same_world(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """A seed gives the same trace on a database server, whose transactions break off before any of their statements."""
    url = request.getfixturevalue(kind).url()
    for seed in range(8):
        assert simulate(seed, url, tmp_path).digest == simulate(seed, "memory", tmp_path).digest


def test_a_long_simulation(tmp_path: Path) -> None:
    """Worlds that go wrong for long heal as well."""
    for seed in range(5):
        assert simulate(seed, "memory", tmp_path, steps=1_500).runs > 10


def test_a_seed_repeats_itself_in_another_process(tmp_path: Path) -> None:
    """A trace follows from its seed alone, and not from how the interpreter happens to hash strings."""
    seen = set()
    for hash_seed in ("1", "2"):
        command = [sys.executable, "-m", "podium.testing.simulate", "--seeds", "0-9", "--verbose"]
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
        seen.add(subprocess.run(command, env=environment, capture_output=True, check=True, text=True).stdout)

    assert len(seen) == 1


def test_the_command_says_that_nothing_broke(capsys: pytest.CaptureFixture[str]) -> None:
    """The last line is the one that a build looks for."""
    assert main(["--seeds", "0-3"]) == 0
    assert "0 violations" in capsys.readouterr().out
