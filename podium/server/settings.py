"""What may be set of a server."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from attrs import frozen

from podium.model.definitions import TaskDef, WorkflowDef
from podium.model.runs import WorkflowRun

#: Runs a workflow with the mocks of a test request, by the definitions that it names; kept nowhere.
Tester: TypeAlias = "Callable[[WorkflowDef, Mapping[str, Any], Sequence[WorkflowDef | TaskDef]], WorkflowRun]"


@frozen(kw_only=True)
class ServerSettings:
    """
    The settings of a server.

    Attributes:
        body_bytes: Most bytes of a request's body.
        asks_who: Only who brings the token of a key is answered (`podium.server.access`).
        tester: What answers test requests; None for a server that takes none.
    """

    body_bytes: int = 50 * 1024 * 1024
    asks_who: bool = False
    tester: Tester | None = None
