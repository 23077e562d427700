"""``podium prune``."""

from __future__ import annotations

import json
from pathlib import Path

from cli_calls import Podium

from podium.client import read_archive


def test_old_runs_are_counted_then_archived_and_deleted(podium: Podium) -> None:
    """A dry run changes nothing; what has not ended stays; the archive holds what is gone."""
    podium("run", "flows.py:hello", "-i", "name=x")
    podium("run", "flows.py:signed", "--timeout", "0")

    counted = podium("prune", "--older-than", "0s", "--dry-run")
    assert (counted.exit_code, counted.stdout) == (0, "hello: 1\n")
    assert "1 runs would be deleted" in counted.stderr

    pruned = podium("prune", "--older-than", "0s", "--archive", "old.jsonl.gz", "--json")
    assert json.loads(pruned.stdout) == {"hello": 1}
    (run,) = read_archive("old.jsonl.gz")
    assert (run.workflow_name, run.output) == ("hello", {"result": "hello x "})
    assert podium("prune", "--older-than", "0s", "--dry-run").stdout == ""


def test_only_what_was_asked_for_goes(podium: Podium) -> None:
    """By age and by workflow; an age that cannot be read is an error, and so is an archive that is there."""
    podium("run", "flows.py:hello", "-i", "name=x")
    Path("old.jsonl.gz").write_bytes(b"")

    assert podium("prune", "--older-than", "30d").stdout == ""
    assert podium("prune", "--older-than", "0s", "--workflow", "shop").stdout == ""
    assert podium("prune", "--older-than", "soon").exit_code == 2
    refused = podium("prune", "--older-than", "0s", "--archive", "old.jsonl.gz")
    assert (refused.exit_code, "is there already" in refused.stderr) == (2, True)
    assert podium("prune", "--older-than", "0s").stdout == "hello: 1\n"


def test_policies_are_kept_in_the_store(podium: Podium) -> None:
    """They are set, listed, carried out and removed; the one for all spares what has its own."""
    podium("run", "flows.py:hello", "-i", "name=x")
    podium("run", "flows.py:mall")
    assert podium("prune").exit_code == 2
    told = podium("retention", "set", "0s")
    assert (told.exit_code, "nobody works on this store" in told.stderr) == (0, True)
    podium("retention", "set", "forever", "--workflow", "hello")

    assert podium("retention", "list").stdout == "runs of all other workflows stay 0s\nruns of hello stay for ever\n"
    assert podium("prune", "--dry-run", "--json").stdout == podium("prune", "--json").stdout
    assert podium("prune", "--older-than", "0s", "--dry-run").stdout == "hello: 1\n"
    assert podium("retention", "remove").exit_code == 0
    assert podium("retention", "remove").exit_code == 2
    assert podium("retention", "set", "soon").exit_code == 2
    assert podium("prune", "--workflow", "hello").exit_code == 2
