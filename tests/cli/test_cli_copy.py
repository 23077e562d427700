"""``podium copy``."""

from __future__ import annotations

import json

from cli_calls import Podium


def test_a_store_is_copied_and_compared(podium: Podium) -> None:
    """Each table is told with its digest; what waits is told too, and goes on at the destination."""
    podium("run", "flows.py:hello", "-i", "name=x")
    podium("run", "flows.py:signed", "--timeout", "0")

    told = podium("copy", "sqlite:///podium.db", "sqlite:///other.db")

    assert told.exit_code == 0
    assert "runs: 2 rows, sha256 " in told.stdout
    assert "1 runs have not ended" in told.stderr
    assert podium("signal", "last", "--db", "sqlite:///other.db").exit_code == 0
    assert podium("show", "last", "--db", "sqlite:///other.db").exit_code == 0


def test_a_destination_with_content_needs_a_word(podium: Podium) -> None:
    """--merge adds to it; what is there already is counted."""
    podium("run", "flows.py:hello", "-i", "name=x")
    podium("copy", "sqlite:///podium.db", "sqlite:///other.db")

    again = podium("copy", "sqlite:///podium.db", "sqlite:///other.db")
    assert (again.exit_code, "--merge adds to it" in again.stderr) == (2, True)
    merged = podium("copy", "sqlite:///podium.db", "sqlite:///other.db", "--merge", "--json")
    runs = next(one for one in json.loads(merged.stdout)["tables"] if one["name"] == "runs")
    assert (runs["rows"], runs["found"]) == (1, 1)


def test_a_store_that_is_not_there_is_not_made(podium: Podium) -> None:
    """A mistyped source is an error."""
    told = podium("copy", "sqlite:///missing.db", "sqlite:///other.db")
    assert (told.exit_code, "there is no database missing.db" in told.stderr) == (2, True)
