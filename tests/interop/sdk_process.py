"""
The official Python SDK, asked from a process of its own.

``python sdk_process.py QUESTION`` answers with JSON; what the question needs stands in its standard input. Warnings of
the SDK's own modules concern its makers, so they are not errors there.
"""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__)

needs_sdk = pytest.mark.skipif(
    importlib.util.find_spec("conductor") is None, reason="conductor-python is not installed"
)


def ask(question: str, document: Any = None) -> Any:
    """
    Ask the SDK in another process.

    Args:
        question: ``builds``, ``models`` or ``chains``.
        document: What the question needs, as JSON data.
    """
    done = subprocess.run(
        [sys.executable, str(HERE), question],
        input=json.dumps(document),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def _builds(_: Any) -> Any:
    import sdk_builds
    from conductor.client.http.api_client import ApiClient

    wire = ApiClient().sanitize_for_serialization
    workflows, used = sdk_builds.used_in(sdk_builds.RECIPES)
    return {
        "classes": sorted(f"{each.__module__}.{each.__name__}" for each in set(sdk_builds.classes())),
        "used": sorted(f"{each.__module__}.{each.__name__}" for each in used),
        "workflows": {name: wire(each.to_workflow_def()) for name, each in workflows.items()},
        "task_defs": {name: wire(each) for name, each in sdk_builds.TASK_DEFS.items()},
    }


def _models(documents: Any) -> Any:
    from conductor.client.http import models
    from conductor.client.http.api_client import ApiClient

    client = ApiClient()
    return {
        kind: [
            client.sanitize_for_serialization(client.deserialize_class(each, getattr(models, kind))) for each in given
        ]
        for kind, given in documents.items()
    }


def _chains(_: Any) -> Any:
    import sdk_chains
    from conductor.client.http.api_client import ApiClient

    wire = ApiClient().sanitize_for_serialization
    return {name: wire(make().to_workflow_def()) for name, make in sdk_chains.RECIPES.items()}


if __name__ == "__main__":
    answer = {"builds": _builds, "models": _models, "chains": _chains}[sys.argv[1]]
    sys.stdout.write(json.dumps(answer(json.load(sys.stdin))))
