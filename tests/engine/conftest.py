"""What the engine's tests share."""

from __future__ import annotations

import pytest

from podium.testing.bench import Bench


@pytest.fixture
def bench() -> Bench:
    """An engine in virtual time on a fresh store in memory."""
    return Bench()
