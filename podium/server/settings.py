"""What may be set of a server."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from attrs import frozen

from podium.model.definitions import TaskDef, WorkflowDef
from podium.model.runs import RunCounterfactual, WorkflowRun

#: Runs a workflow with the mocks of a test request, by the definitions that it names; kept nowhere.
Tester: TypeAlias = "Callable[[WorkflowDef, Mapping[str, Any], Sequence[WorkflowDef | TaskDef]], WorkflowRun]"

#: Tells how a run would have gone with some mocks, or another input: `podium.testing.what_if`.
Imagining: TypeAlias = "Callable[[WorkflowRun, Mapping[str, Any], Mapping[str, Any] | None], RunCounterfactual]"


@frozen(kw_only=True)
class ServerSettings:
    """
    The settings of a server.

    Attributes:
        body_bytes: Most bytes of a request's body.
        asks_who: Only who brings the token of a key is answered (`podium.server.access`).
        rate: Most requests a second of each key, person or, where nobody is asked, address; None for any number. For a
            moment twice as many.
        origins: Sites whose pages may ask by a browser, such as ``https://ops.example.com``; none at first.
        tester: What answers test requests; None for a server that takes none.
        worker_metrics: What workers of this process have done, as Prometheus reads it; None where none work.
        imagine: What tells how a run would have gone; None for a server whose pages do not.
    """

    body_bytes: int = 50 * 1024 * 1024
    asks_who: bool = False
    rate: float | None = None
    origins: Sequence[str] = ()
    tester: Tester | None = None
    imagine: Imagining | None = None
    worker_metrics: Callable[[], bytes] | None = None
