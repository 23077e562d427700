"""
How many rows this machine can insert into SQLite: the floor beside which our figures stand.

Rows of 630 bytes, 1,000 per commit, write-ahead log, synchronous FULL: what a store cannot avoid, and nothing else.

    python -m benchmarks.raw_inserts [seconds] [folder]
"""

from __future__ import annotations

import json
import sqlite3
import sys
import tempfile
import time
from pathlib import Path

from attrs import asdict

from benchmarks.workloads import Figure

ROW_BYTES = 630
ROWS_PER_COMMIT = 1_000


def measure(folder: Path, seconds: float) -> float:
    """
    Insert for a while.

    Args:
        folder: Where the file is made; its disk is what is measured.
        seconds: How long.

    Returns:
        Rows per second.
    """
    connection = sqlite3.connect(folder / "raw.db", isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE steps (id INTEGER PRIMARY KEY, body BLOB NOT NULL)")
    body = b"x" * ROW_BYTES
    count = 0
    start = time.perf_counter()
    while (spent := time.perf_counter() - start) < seconds:
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(
            "INSERT INTO steps VALUES (?, ?)",
            [(number, body) for number in range(count, count + ROWS_PER_COMMIT)],
        )
        connection.execute("COMMIT")
        count += ROWS_PER_COMMIT
    connection.close()
    return count / spent


def main() -> None:
    """Measure and print the figure as a JSON line."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 3.0
    with tempfile.TemporaryDirectory(dir=sys.argv[2] if len(sys.argv) > 2 else None) as folder:
        rate = measure(Path(folder), seconds)
    print(json.dumps(asdict(Figure(f"raw batched inserts of {ROW_BYTES}-byte rows", rate, "rows/s"))))


if __name__ == "__main__":
    main()
