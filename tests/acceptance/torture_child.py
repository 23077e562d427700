"""
The process that `test_sigkill.py` kills: serves two tasks, takes up what is there, starts runs until there are enough.

    python torture_child.py <database url> <folder of the journal> <number of runs>
"""

from __future__ import annotations

import sys
from pathlib import Path

import podium
from podium.testing.torture.work import add_one, double, keep_journal, tortured


def main() -> None:
    """Bring the store to the wanted number of ended runs."""
    keep_journal(Path(sys.argv[2]))
    wanted = int(sys.argv[3])
    with podium.connect(sys.argv[1]) as client, client.workers([add_one, double], concurrency=4):
        client.register(tortured)
        known = len(client.search(name="tortured", limit=10_000))
        client.start_many("tortured", [{"x": number % 2} for number in range(known, wanted)])
        for summary in client.search(name="tortured", limit=10_000):
            client.wait(summary.workflow_id, timeout=60, include_tasks=False)
    sys.stdout.write("all ended\n")


if __name__ == "__main__":
    main()
