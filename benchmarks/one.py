"""Measure one workload in this process, figures as JSON lines: ``python -m benchmarks.one chain sqlite`` (or a URL)."""

from __future__ import annotations

import json
import sys

from attrs import asdict

from benchmarks.workloads import WORKLOADS


def main() -> None:
    """Measure the workload and the backend that the command line names."""
    workload, backend = sys.argv[1:3]
    for figure in WORKLOADS[workload](backend):
        print(json.dumps(asdict(figure)))


if __name__ == "__main__":
    main()
