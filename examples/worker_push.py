"""
A worker that attempts are sent to: an ASGI route, here beside the routes of a web application.

``uvicorn examples.worker_push:app`` serves it; whoever has an attempt posts it to ``/work`` with the token and gets the
result, such as `forward` of ``worker_serverless.py``.
"""

from __future__ import annotations

import os

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route

from podium import TaskContext, task, workflow
from podium.workers import PushRoute


@task(retries=2)
async def invoice(context: TaskContext, order: str, amount: float) -> str:
    """Stand for work that belongs to this application."""
    context.log(f"invoice for {order}")
    return f"invoice-{order}-{amount:.2f}"


@workflow
def billing(order: str, amount: float) -> str:
    return invoice(order, amount).output


async def home(_: Request) -> PlainTextResponse:
    return PlainTextResponse("the application itself")


app = Starlette(
    routes=[
        Route("/", home),
        Mount("/work", PushRoute([invoice], token=os.environ.get("WORK_TOKEN", "change-me"))),
    ]
)
