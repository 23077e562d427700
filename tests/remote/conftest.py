"""What the tests of servers' clients share."""

from __future__ import annotations

import pytest
from fake_server import FakeServer

from podium.client.remote import session


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let tries follow at once, and let no key of this environment count."""
    monkeypatch.setattr(session, "_PAUSE_S", 0.001)
    monkeypatch.delenv("CONDUCTOR_AUTH_KEY", raising=False)
    monkeypatch.delenv("CONDUCTOR_AUTH_SECRET", raising=False)


@pytest.fixture
def server() -> FakeServer:
    """A server that answers as the test says."""
    return FakeServer()
