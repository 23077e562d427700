"""The command: play recordings and say what differs."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from podium.testing.oracle.recording import read
from podium.testing.oracle.verdict import judge


def main(arguments: Sequence[str] | None = None) -> int:
    """Play the recordings that the command line names; 1 if a difference is not explained."""
    parser = argparse.ArgumentParser(prog="python -m podium.testing.oracle", description=__doc__)
    parser.add_argument("recordings", nargs="+", type=Path, metavar="RECORDING", help="a .jsonl or .jsonl.gz file")
    parser.add_argument("--only", default="", help="play only the cases whose title holds this text")
    options = parser.parse_args(arguments)
    verdicts = [judge(case) for path in options.recordings for case in read(path) if options.only in case.title]
    for verdict in verdicts:
        for difference in verdict.unexplained:
            print(f"{verdict.case.title}: {difference}")  # noqa: T201  # a command's answer
    equal = sum(verdict.is_equal for verdict in verdicts)
    unexplained = sum(bool(verdict.unexplained) for verdict in verdicts)
    for rule, count in sorted(Counter(rule for verdict in verdicts for rule in verdict.rules).items()):
        print(f"{count:5} {rule}")  # noqa: T201  # same
    print(  # noqa: T201  # same
        f"{len(verdicts)} cases: {equal} equal, {len(verdicts) - equal - unexplained} explained by rules, "
        f"{unexplained} unexplained"
    )
    return 1 if unexplained else 0


if __name__ == "__main__":
    sys.exit(main())
