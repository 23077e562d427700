"""The program ``python -m podium.testing.torture``; see the package."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from podium.testing.torture.play import BACKENDS, FaultTally, torture


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; gives the exit code, which is 1 if something was lost, repeated or stuck."""
    parser = argparse.ArgumentParser(prog="python -m podium.testing.torture", description="Torture the engine.")
    parser.add_argument("--backend", choices=tuple(BACKENDS), default="sqlite")
    parser.add_argument("--minutes", type=float, default=3, help="how long (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="of the moments (default: %(default)s)")
    parser.add_argument("--verbose", action="store_true", help="a line for each round")
    options = parser.parse_args(arguments)
    bad: list[str] = []

    def say(line: str) -> None:
        if options.verbose or line.startswith(" "):
            _say(line)
        if line.startswith(" "):
            bad.append(line)

    tallies = torture(options.backend, options.minutes, seed=options.seed, say=say)
    _say(table(tallies))
    injected, runs = (sum(getattr(tally, name) for tally in tallies) for name in ("injected", "runs"))
    lost, repeated, stuck = (sum(getattr(one, name) for one in tallies) for name in ("lost", "repeated", "stuck"))
    _say(f"{options.backend}: {injected} faults, {runs} runs: {lost} lost, {repeated} repeated, {stuck} stuck")
    return 1 if bad or any(tally.is_bad for tally in tallies) else 0


def table(tallies: Sequence[FaultTally]) -> str:
    """Return what came of each kind of fault, a line each."""
    names = ("injected", "runs", "refused", "lost", "repeated", "stuck")
    lines = [f"{'fault':24}" + "".join(f"{name:>10}" for name in names)]
    for tally in tallies:
        figures = "".join(f"{getattr(tally, name):>10}" for name in names)
        lines.append(f"{tally.name:24}" + (f"  skipped: {tally.skipped}" if tally.skipped else figures))
    return "\n".join(lines)


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main())
