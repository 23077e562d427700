"""``podium keys``, and where a server may listen without asking for them."""

from __future__ import annotations

import json

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


def test_people_are_added_and_taken_out(podium: Podium) -> None:
    """With a password of ten characters at least, which nothing shows; each change is in the audit."""
    assert podium("users", "add", "ann", "--role", "editor", stdin="short\n").exit_code == 2
    assert (
        podium("users", "add", "ann", "--role", "editor", "--full-name", "Ann Lee", stdin="correct horse\n").exit_code
        == 0
    )
    assert podium("users", "add", "ann", "--role", "viewer", stdin="correct horse\n").exit_code == 2
    assert podium("users", "roles", "ann", "viewer", "worker").exit_code == 0
    assert podium("users", "list").stdout == "ann  Ann Lee  VIEWER WORKER\n"
    assert (
        podium("users", "password", "ann", stdin="battery staple\nbattery staple\n").exit_code == 2
    )  # no browser sends it
    assert podium("users", "password", "ann", stdin="battery staple\r\n").exit_code == 0
    assert podium("users", "remove", "ann").exit_code == 0
    assert (podium("users", "list").stdout, podium("users", "remove", "ann").exit_code) == ("", 2)
    told = [each["verb"] for each in json.loads(podium("audit", "--name", "ann", "--json").stdout)]
    assert told == ["remove", "set_password", "set_roles", "add"]


def test_what_is_done_with_keys_is_told(podium: Podium) -> None:
    """The audit says who has made and taken back which key, as a table and as JSON, and never its secret."""
    made = dict(line.split("=", 1) for line in podium("keys", "new", "billing", "--role", "worker").stdout.split())
    podium("keys", "revoke", made["CONDUCTOR_AUTH_KEY"])
    rows = podium("audit", "--since", "1 hour").stdout.splitlines()
    told = json.loads(podium("audit", "--verb", "add_key", "--json").stdout)

    assert [row.split()[4:6] for row in rows[1:]] == [["drop_key", "application"], ["add_key", "application"]]
    assert (told[0]["name"], told[0]["result"]) == (f"billing/{made['CONDUCTOR_AUTH_KEY']}", "OK")
    assert told[0]["who"].startswith("os:")
    assert made["CONDUCTOR_AUTH_SECRET"] not in podium("audit", "--json").stdout
    assert podium("audit", "--keep", "400 days").exit_code == 0
    assert podium("audit", "--prune", "0 seconds").stderr == "2 changes are deleted\n"
    assert podium("audit", "--keep", "soon").exit_code == 2
    assert podium("audit", "--keep", "forever", "--prune", "1 day").exit_code == 2


def test_other_machines_are_not_let_in_without_a_word(podium: Podium) -> None:
    """A server on another address than loopback is refused until --auth or --no-auth is said."""
    refused = podium("server", "--host", "0.0.0.0", "--port", "0")
    assert (refused.exit_code, "--auth" in refused.stderr, "--no-auth" in refused.stderr) == (2, True, True)
