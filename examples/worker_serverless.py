"""
A worker as a serverless function: one attempt in, its result out, nothing kept between two calls.

``lambda_handler`` is what a platform calls; whatever hands attempts on (a queue, a schedule, `forward` below) sends the
result to the server. Try it beside ``podium server``::

    python examples/worker_serverless.py http://localhost:8080/api
"""

from __future__ import annotations

import sys
from typing import Any

import httpx

from podium import connect, task, workflow
from podium.workers import Handler


@task(retries=2)
def thumbnail(path: str, width: int = 200) -> str:
    """Stand for work that a function in the cloud does."""
    return f"{path}@{width}"


@workflow
def pictures(path: str) -> str:
    return thumbnail(path).output


handle = Handler([thumbnail])


def lambda_handler(event: dict[str, Any], _: object = None) -> dict[str, Any]:
    """Do the attempt that an event carries; failing is a result too."""
    return dict(handle(event))


def forward(api: str, task_type: str, call: Any, *, rounds: int) -> int:
    """Poll a server, hand each attempt to a function, and send its result; gives how many there were."""
    count = 0
    with httpx.Client(base_url=api, timeout=30) as server:
        for _ in range(rounds):
            query: dict[str, str | int] = {"workerid": "bridge", "count": 10, "timeout": 1000}
            for attempt in server.get(f"/tasks/poll/batch/{task_type}", params=query).raise_for_status().json():
                server.post("/tasks", json=call(attempt)).raise_for_status()
                count += 1
    return count


def main(api: str) -> None:
    """Start a run, and let the function do its task."""
    with connect(api) as client:
        client.register(pictures)
        run_id = client.start(pictures, {"path": "cat.png"})
        forward(api, "thumbnail", lambda_handler, rounds=1)
        print(client.wait(run_id, timeout=30).output)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "http://localhost:8080/api")
