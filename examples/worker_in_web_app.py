"""
A worker inside an existing web application: it polls as long as the application lives, on the same event loop.

``PODIUM_SERVER=http://localhost:8080/api uvicorn examples.worker_in_web_app:app`` serves both.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

import podium
from podium import task, workflow


@task(retries=2)
async def greet(name: str) -> str:
    """Stand for work that needs what the application has: its models, its connections."""
    return f"hello, {name}"


@workflow
def greeting(name: str) -> str:
    return greet(name).output


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[None]:
    """Serve the tasks while the application lives; what runs when it ends may end too."""
    server = os.environ.get("PODIUM_SERVER", "http://localhost:8080/api")
    async with podium.connect_async(server) as client, client.workers([greet], concurrency=4):
        app.state.podium = client
        yield


async def hello(request: Request) -> JSONResponse:
    """Start a run and answer with its result."""
    run = await request.app.state.podium.run(greeting, {"name": request.path_params["name"]}, timeout=10)
    return JSONResponse({"run": run.workflow_id, "said": run.result})


app = Starlette(routes=[Route("/hello/{name}", hello)], lifespan=lifespan)
