"""A cold start: import, run a trivial workflow, print the peak memory in KiB: ``python -m benchmarks.cold sqlite``."""

from __future__ import annotations

import resource
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

import podium
from podium import task, workflow


@task
def hello(name: str) -> str:
    """Greet."""
    return f"hello {name}"


@workflow
def greet(name: str) -> str:
    """Greet somebody."""
    return hello(name).output


def main() -> None:
    """Run the workflow on the backend that the command line names."""
    with tempfile.TemporaryDirectory(prefix="podium-bench-") as folder:
        known = {"memory": "memory://", "sqlite": f"sqlite:///{folder}/bench.db"}
        url = known.get(sys.argv[1], sys.argv[1])
        with podium.connect(url) as client, client.workers([hello]):
            run = client.run(greet, {"name": "world"}, timeout=30)
    if run.output != {"result": "hello world"}:
        raise AssertionError(run)
    print(_peak_kib())


def _peak_kib() -> int:
    """Return the most memory that this program had; ``getrusage`` counts that of the process which began it, too."""
    with suppress(FileNotFoundError):
        status = Path("/proc/self/status").read_text(encoding="ascii")
        return int(status.partition("VmHWM:")[2].split()[0])
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


if __name__ == "__main__":
    main()
