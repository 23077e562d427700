"""
Tests of workflows, in milliseconds and without a server: virtual time, mocks, assertions, coverage.

For users: `simulate` and `Stepper`, which run a workflow with mocks; `connect`, a client with real workers whose clock
jumps; `expect`, assertions on runs; `Coverage`; `explain`, `explain_path`, `mocks_from` and `what_if`; and a plugin of
pytest.
The other modules test Podium itself: the suite that every backend passes, and the simulation under faults.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from podium.model.later import loader

if TYPE_CHECKING:
    from podium.testing.counterfactuals import WhatIf as WhatIf
    from podium.testing.counterfactuals import what_if as what_if
    from podium.testing.coverage import Coverage as Coverage
    from podium.testing.expecting import expect as expect
    from podium.testing.mocks import Mock as Mock
    from podium.testing.mocks import completed as completed
    from podium.testing.mocks import failed as failed
    from podium.testing.mocks import timed_out as timed_out
    from podium.testing.path_explanations import explain_path as explain_path
    from podium.testing.recorded import mocks_from as mocks_from
    from podium.testing.stepper import Stepper as Stepper
    from podium.testing.stepper import explain as explain
    from podium.testing.stepper import simulate as simulate
    from podium.testing.virtual import Clock as Clock
    from podium.testing.virtual import VirtualClient as VirtualClient
    from podium.testing.virtual import connect as connect
    from podium.testing.virtual import connect_async as connect_async

#: Where the names live, which are loaded when they are first used.
_HOMES = {
    "Clock": "podium.testing.virtual",
    "Coverage": "podium.testing.coverage",
    "Mock": "podium.testing.mocks",
    "Stepper": "podium.testing.stepper",
    "VirtualClient": "podium.testing.virtual",
    "WhatIf": "podium.testing.counterfactuals",
    "completed": "podium.testing.mocks",
    "connect": "podium.testing.virtual",
    "connect_async": "podium.testing.virtual",
    "expect": "podium.testing.expecting",
    "explain": "podium.testing.stepper",
    "explain_path": "podium.testing.path_explanations",
    "failed": "podium.testing.mocks",
    "mocks_from": "podium.testing.recorded",
    "simulate": "podium.testing.stepper",
    "timed_out": "podium.testing.mocks",
    "what_if": "podium.testing.counterfactuals",
}

__all__ = [
    "Clock",
    "Coverage",
    "Mock",
    "Stepper",
    "VirtualClient",
    "WhatIf",
    "completed",
    "connect",
    "connect_async",
    "expect",
    "explain",
    "explain_path",
    "failed",
    "mocks_from",
    "simulate",
    "timed_out",
    "what_if",
]

# Hidden from type checkers, which would take every misspelt name for something.
if not TYPE_CHECKING:
    __getattr__ = loader(__name__, _HOMES)
