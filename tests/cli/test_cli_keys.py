"""``podium keys``, and where a server may listen without asking for them."""

from __future__ import annotations

from cli_calls import Podium


def test_keys_are_made_listed_and_taken_back(podium: Podium) -> None:
    """The secret is printed once; a list shows ids, names and roles."""
    made = dict(line.split("=", 1) for line in podium("keys", "new", "billing", "--role", "worker").stdout.split())
    listed = podium("keys", "list").stdout
    assert (made["CONDUCTOR_AUTH_KEY"] in listed, "billing  WORKER" in listed) == (True, True)
    assert made["CONDUCTOR_AUTH_SECRET"] not in listed
    assert podium("keys", "revoke", made["CONDUCTOR_AUTH_KEY"]).exit_code == 0
    assert podium("keys", "list").stdout == ""
    assert podium("keys", "revoke", "none").exit_code == 2
    assert podium("keys", "new", "x", "--role", "king").exit_code == 2


def test_other_machines_are_not_let_in_without_a_word(podium: Podium) -> None:
    """A server on another address than loopback is refused until --auth or --no-auth is said."""
    refused = podium("server", "--host", "0.0.0.0", "--port", "0")
    assert (refused.exit_code, "--auth" in refused.stderr, "--no-auth" in refused.stderr) == (2, True, True)
