"""``podium secrets``."""

from __future__ import annotations

import pytest
from cli_calls import Podium

from podium.client.sealing import KEY_VARIABLE


def test_a_secret_is_put_listed_and_taken_out(podium: Podium, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key is made, a value read from the standard input and never printed, and without a key nothing is kept."""
    monkeypatch.delenv(KEY_VARIABLE, raising=False)
    podium("run", "flows.py:hello", "-i", "name=x")
    refused = podium("secrets", "put", "SHOP", stdin="k-123\n")
    assert (refused.exit_code, "podium secrets new-key" in refused.stderr) == (2, True)
    monkeypatch.setenv(KEY_VARIABLE, podium("secrets", "new-key").stdout.strip())
    kept = podium("secrets", "put", "SHOP", stdin="k-123\n")
    listed = podium("secrets", "list")
    assert (kept.exit_code, listed.stdout.split()[0]) == (0, "SHOP")
    assert "k-123" not in kept.stdout + kept.stderr + listed.stdout
    assert podium("secrets", "put", "a.b", stdin="x").exit_code == 2
    podium("secrets", "delete", "SHOP")
    assert podium("secrets", "list").stdout == ""
