"""What differs between two runs, in words, as data and as a picture."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from test_render_palette import VISIONS, ciede2000, contrast, lab, linear, seen

from podium import fan_out, fork, loop, switch, task, workflow
from podium.diff import RunChange, RunDiff, diff_runs
from podium.model.errors import InvalidRequest, PodiumError
from podium.model.runs import WorkflowRun
from podium.render import run_diff
from podium.render.palette import RUN_CHANGES
from podium.testing import completed, connect, failed, simulate


@task(retries=1, retry_delay="2s")
def charge(amount: int) -> str:
    """A task that is mocked."""
    return ""


@task
def check(amount: int) -> str:
    """Another one."""
    return ""


@task
def pack(n: int) -> int:
    """Another one."""
    return n


@task
def look(amount: int) -> bool:
    """Another one."""
    return True


@workflow
def order(amount: int, items: list[dict[str, int]]) -> None:
    """A workflow with everything in which ways part."""
    charge(amount)
    found = check(amount)
    with fork("prepare") as prepare:
        with prepare.branch():
            fan_out("parts", pack, items)
        with prepare.branch(), loop("again", max_iterations=5) as again:
            again.until(look(amount).output)
    with switch("way", found.output) as way:
        with way.case("FAST"):
            pack(1).as_("fast")
        with way.case("SLOW"):
            pack(2).as_("slow")


@workflow(name="order", version=2)
def later(amount: int, items: list[dict[str, int]]) -> None:
    """Another version, without the fork, with a step of another name."""
    charge(amount)
    found = check(amount)
    with switch("way", found.output) as way:
        with way.case("FAST"):
            pack(1).as_("swift")
        with way.case("SLOW"):
            pack(2).as_("slow")


def _run(*, items: int = 2, seed: int = 0, amount: int = 3, **mocks: object) -> WorkflowRun:
    usual = {"charge": completed("r7", takes="1s"), "check": "FAST", "look": [True], "pack": 1}
    given = {"amount": amount, "items": [{"n": n} for n in range(items)]}
    return simulate(order, given, usual | mocks, seed=seed)


def _changes(found: RunDiff) -> dict[str, str]:
    return {step.reference: step.change.value for step in found.changed_steps}


def test_two_runs_alike_do_not_differ() -> None:
    """Ids and moments are each run's own, and no difference; so a difference is false."""
    with connect() as client, client.workers(order.tasks):
        given = {"amount": 3, "items": [{"n": 1}]}
        first, second = (client.run(order, given) for _ in range(2))
        found = first.diff(second)

    assert not found
    assert (found.first, found.summary) == ((), "no difference")
    assert "Nothing differs." in found.describe()


def test_what_differs_first_is_told_first() -> None:
    """Other inputs, then steps that came to something else from the same input, then where the ways part."""
    slow = {"check": "SLOW", "charge": [failed("no route"), completed("r7", takes="12s")], "look": [False, True]}
    found = diff_runs(_run(), _run(seed=1, items=3, **slow))

    assert found.first == (
        'the input differs: items: [{"n": 0}, {"n": 1}] -> [{"n": 0}, {"n": 1}, {"n": 2}]',
        "'charge' is COMPLETED -> COMPLETED after 2 attempts, with the same input",
        "'check' came to another output (result: FAST -> SLOW), with the same input",
        "'parts' came to 2 branches -> 3 branches",
        "'again' came to 1 turn -> 2 turns",
        "'look__1' came to another output (result: true -> false), with the same input",
        "'way' came to the case 'FAST' -> the case 'SLOW'; only A came to 'fast', only B came to 'slow'",
        "'charge' took 1.0 s -> 12.0 s, waited 0 ms -> 2.0 s",
    )
    changes = _changes(found)
    assert (changes["fast"], changes["slow"], changes["look__2"]) == ("ONLY_A", "ONLY_B", "ONLY_B")
    assert (changes["charge"], changes["check"], changes["way"]) == ("OTHER_WAY", "OTHER_VALUES", "OTHER_WAY")


def test_what_follows_from_other_inputs_is_no_origin() -> None:
    """A step that was given something else may end otherwise; what is to blame stands above it."""
    good, bad = _run(amount=3), _run(amount=-1, charge=failed("refused", terminal=True))
    found = good.diff(bad)
    (step,) = (each for each in diff_runs(good, bad).steps if each.reference == "charge")

    assert (step.change, step.is_origin) == (RunChange.OTHER_END, False)
    assert found.first[0] == "the input differs: amount: 3 -> -1"
    assert "COMPLETED -> FAILED_WITH_TERMINAL_ERROR: refused" in step.facts


def test_a_slower_step_differs_in_its_time_only() -> None:
    """Times that are twice as long count as a difference of the step, and not of the runs."""
    found = diff_runs(_run(), _run(charge=completed("r7", takes="9s")))

    assert (bool(found), _changes(found), found.first) == (
        False,
        {"charge": "OTHER_TIME"},
        ("'charge' took 1.0 s -> 9.0 s",),
    )
    assert "~ charge" in found.describe()


def test_masked_values_stay_masked() -> None:
    """A field that the workflow masks is told to differ, and nowhere what it holds."""
    hidden = evolve(order.definition, masked_fields=("pin",))
    one, other = ({"pin": f"secret-{number}", "n": number} for number in (1, 2))
    found = diff_runs(*(evolve(_run(), workflow_definition=hidden, input=given) for given in (one, other)))
    told = found.describe() + found.to_json() + str(found.first) + run_diff(found.a, found.b).svg()

    assert "pin: (hidden) -> (hidden)" in told
    assert "n: 1 -> 2" in told
    assert "secret-" not in told


def test_two_versions_are_compared_by_what_is_the_same_step() -> None:
    """A renamed step is one; steps of one version only are in its run only; that the definitions differ is told."""
    found = diff_runs(_run(), simulate(later, _run().input, {"charge": "r7", "check": "FAST", "pack": 1}))
    changes = _changes(found)

    assert found.definition is not None
    assert any(text.startswith("the definitions differ: order version 1 -> order version 2:") for text in found.first)
    assert "fast" not in changes
    assert changes["parts"] == "ONLY_A"
    nodes = {node.reference: node.status for node in found.picture().picture.nodes}  # type: ignore[attr-defined]
    assert (nodes["swift"], nodes["parts"], "fast" in nodes) == (None, "ONLY_A", False)


def test_a_failure_deep_inside_is_followed() -> None:
    """What differs in the runs of sub-workflows is told at the step that started them, whatever their depth."""

    @workflow
    def inner(amount: int) -> None:
        charge(amount)

    @workflow
    def middle(amount: int) -> None:
        inner(amount)

    @workflow
    def outer(amount: int) -> None:
        middle(amount)

    answers = iter([True, False, False])

    @task(name="charge", retries=1, retry_delay="2s")
    def flaky(amount: int) -> str:
        if next(answers):
            return "r7"
        raise OSError("no route")

    with connect() as client, client.workers([flaky]):
        good, bad = (client.run(outer, {"amount": 1}) for _ in range(2))
        found = good.diff(bad)

    assert found.first[0].startswith(
        "inside 'middle': inside 'inner': 'charge' is COMPLETED -> FAILED after 2 attempts"
    )
    assert "OSError: no route" in found.first[0]
    json.dumps(found.to_dict())


def test_the_picture_has_both_ways() -> None:
    """Lines say which run went along them, nodes how it went in each, and thick outlines where it begins."""
    drawn = run_diff(_run(), _run(seed=1, items=3, check="SLOW", pack=[1, 1, 1, failed("no lorry", terminal=True)]))
    picture = drawn.picture
    told = {(edge.source, edge.target): (edge.label, edge.taken) for edge in picture.edges}
    lines = {node.reference: [line.text for line in node.lines] for node in picture.nodes}

    assert (told["n_way", "n_fast"], told["n_way", "n_slow"]) == (("FAST: only A", None), ("SLOW: only B", None))
    assert told["n_charge", "n_check"] == ("", True)
    assert "A ✓ completed" in lines["fast"]
    assert {"B ✗ failed", "B: no lorry"} <= set(lines["slow"])
    assert "✓ completed in both" in lines["charge"][-1]
    assert "2 branches -> 3 branches" in lines["parts"]
    assert picture.focus == {"n_check"}
    assert "only in A" in drawn.svg()
    assert 'class="node-worker status-only-b"' in drawn.svg()


def test_a_run_that_came_to_nothing_can_be_compared() -> None:
    """A run that has just begun, or came without its definition, is drawn all the same."""
    run = _run()
    nothing = evolve(run, tasks=(), status=run.status.__class__.RUNNING, end_time=0, output={})
    bare = evolve(run, workflow_definition=None)

    assert set(_changes(diff_runs(run, nothing)).values()) == {"ONLY_A"}
    for pair in ((run, nothing), (nothing, run), (nothing, nothing), (bare, run), (bare, bare)):
        assert diff_runs(*pair).picture().svg().startswith("<svg")
        assert diff_runs(*pair).describe()


def test_a_difference_has_every_form(tmp_path: Path) -> None:
    """Files, text, data, notebooks; what is no run is refused in words."""
    found = _run().diff(_run(check="SLOW"))
    for suffix in ("svg", "txt", "json", "mmd", "dot"):
        found.render(tmp_path / f"diff.{suffix}")

    assert "Where they begin to differ:" in (tmp_path / "diff.txt").read_text()
    assert json.loads((tmp_path / "diff.json").read_text())["first"][0].startswith("'check' came to another output")
    assert set(found._repr_mimebundle_()) == {"text/plain", "image/svg+xml"}  # type: ignore[attr-defined]
    with pytest.raises(InvalidRequest, match="two runs are compared"):
        _run().diff("last")  # type: ignore[arg-type]
    with pytest.raises(PodiumError, match="a difference is written as"):
        found.render(tmp_path / "diff.gif")


@pytest.mark.parametrize("vision", VISIONS)
def test_changes_can_be_told_apart(vision: str) -> None:
    """No two of the fills are closer than 10, whatever the eye; icons differ and texts can be read."""
    looks: Sequence[Any] = list(RUN_CHANGES.values())
    colours = [lab(seen(linear(look.fill), vision)) for look in looks]

    assert set(RUN_CHANGES) == {change.value for change in RunChange} - {"SAME"}
    assert min(ciede2000(one, two) for one, two in combinations(colours, 2)) >= 10
    assert len({look.icon for look in looks}) == len(looks)
    assert all(contrast(look.fill, look.text) >= 4.5 for look in looks)
