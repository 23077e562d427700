"""A definition coloured by what became of its tasks in many runs."""

from __future__ import annotations

import re
from itertools import combinations
from pathlib import Path

import pytest
from test_render_palette import VISIONS, ciede2000, contrast, lab, linear, seen

from podium import fan_out, fork, loop, switch, task, terminate, workflow
from podium.model.errors import RenderError
from podium.model.runs import WorkflowRun
from podium.model.statistics import RunStatistics, statistics_of
from podium.render import dot, graph, mermaid, outline, svg
from podium.render.heat import percent
from podium.render.palette import HEAT_METRICS, HEATS, heat_key
from podium.testing import completed, failed, simulate


@task(retries=1, retry_delay="2s")
def charge(amount: int) -> str:
    """A task that is mocked."""
    return ""


@task
def look(amount: int) -> bool:
    """Another one."""
    return True


@task
def pack(amount: int) -> int:
    """Another one."""
    return amount


@workflow
def order(amount: int, way: str) -> None:
    """A workflow with everything in which ways part."""
    charge(amount)
    with fork("prepare") as prepare:
        with prepare.branch():
            pack(amount)
        with prepare.branch(), loop("again", max_iterations=5) as again:
            again.until(look(amount).output)
    with switch("how", way) as how:
        with how.case("FAST"):
            pack(amount).as_("fast")
        with how.case("STOP"):
            terminate("stopped", "COMPLETED", "enough")


def _run(way: str, **mocks: object) -> WorkflowRun:
    usual = {"charge": completed("r", takes="2s"), "look": [False, False, True], "pack": 1}
    return simulate(order, {"amount": 1, "way": way}, usual | mocks)


@pytest.fixture(scope="module")
def many() -> RunStatistics:
    """Ten runs: six go FAST, two stop, one goes on, one fails in a branch."""
    runs = [_run("FAST") for _ in range(6)] + [_run("STOP"), _run("STOP"), _run("NO")]
    runs.append(_run("FAST", charge=[failed("no"), "r"], pack=failed("torn", terminal=True)))
    return statistics_of(runs)


def _taken(found: RunStatistics) -> dict[tuple[str, str], str]:
    return {(a, b): line["label"] for a, b, line in graph(found).edges(data=True)}


def test_each_node_says_what_became_of_its_task(many: RunStatistics) -> None:
    """Executions, failures, retries and times stand in the nodes, and the heading counts the runs."""
    text = outline(many)

    assert "10 runs\n9 completed, 1 failed; p50 2.0 s" in text
    assert "- charge [SIMPLE] x 10, ↻ 1 retry, p50 2.0 s, p95 2.0 s" in text
    assert "- pack [SIMPLE] x 10, ✗ 1 failed (10 %)" in text
    assert re.search(r"- look \[SIMPLE\] x 2\d in 10 runs|- look \[SIMPLE\] x 2\d in 9 runs", text)


def test_each_line_says_how_often_it_was_taken(many: RunStatistics) -> None:
    """Where ways part their counts are written, those that only the other lines tell as well."""
    found = _taken(many)

    assert [found["how", "fast"], found["how", "stopped"], found["how", "end"]] == [
        "FAST: 6",
        "STOP: 2",
        "otherwise: 1",
    ]
    assert found["again", "look"].startswith("again")
    edges = graph(many).edges
    assert edges["start", "charge"]["taken"]
    assert 'stroke-width="6"' in svg(many)


def test_a_way_that_nobody_took_is_thin(many: RunStatistics) -> None:
    """A step that no run came to is drawn as not started, and the line to it as not taken."""
    few = statistics_of([_run("FAST")])
    found = graph(few)

    assert found.nodes["stopped"]["status"] == "NOT_STARTED"
    assert [found.edges["how", "stopped"]["taken"], found.edges["how", "fast"]["taken"]] == [False, True]


def test_the_colours_tell_what_is_asked_for(many: RunStatistics) -> None:
    """Failures, retries, time and waiting are four pictures of the same runs; anything else is refused."""
    heats = {metric: graph(many, heat=metric).nodes["charge"]["status"] for metric in HEAT_METRICS}  # type: ignore[arg-type]

    assert heats == {"failures": "failures-0", "retries": "retries-3", "time": "time-2", "waiting": "waiting-2"}
    assert graph(many).nodes["pack"]["status"] == heat_key("failures", 3)
    with pytest.raises(RenderError, match="heat is one of failures, retries, time, waiting"):
        svg(many, heat="luck")  # type: ignore[typeddict-item]


def test_other_tasks_stand_beside_the_flow() -> None:
    """Branches that only runs know are counted by their type, in a note."""

    @workflow
    def parts(amounts: list[dict[str, int]]) -> None:
        fan_out("all", pack, amounts)

    runs = [simulate(parts, {"amounts": [{"amount": n} for n in range(3)]}, {"pack": 1}) for _ in range(2)]
    text = outline(statistics_of(runs))

    assert "Other tasks, by their type:\n  pack: x 6 in 2 runs" in text


def test_heat_has_every_form(many: RunStatistics, tmp_path: Path) -> None:
    """It draws itself as definitions do: files, Mermaid, DOT, notebooks."""
    many.render(tmp_path / "heat.svg", theme="dark", direction="LR")

    assert "more failed" not in (tmp_path / "heat.svg").read_text()
    assert "up to 20 % failed" in (tmp_path / "heat.svg").read_text()
    assert "FAST: 6" in mermaid(many)
    assert "FAST: 6" in dot(many)
    assert set(many._repr_mimebundle_()) == {"text/plain", "image/svg+xml"}
    assert "x 10" in str(many)


def test_heat_is_hidden_by_no_block(many: RunStatistics) -> None:
    """What is drawn as one node is as hot as the hottest in it."""
    assert graph(many, collapse=["prepare"]).nodes["prepare"]["status"] == heat_key("failures", 3)


@pytest.mark.parametrize("vision", VISIONS)
def test_steps_of_heat_can_be_told_apart(vision: str) -> None:
    """No two of the five fills are closer than 10, whatever the eye; their texts can be read, their borders differ."""
    looks = list(dict.fromkeys((style.fill, style.text, style.border) for style in HEATS.values()))
    colours = [lab(seen(linear(fill), vision)) for fill, _, _ in looks]

    assert len(looks) == len({border for _, _, border in looks}) == 5
    assert min(ciede2000(one, two) for one, two in combinations(colours, 2)) >= 10
    assert all(contrast(fill, text) >= 4.5 for fill, text, _ in looks)


def test_shares_are_never_rounded_to_nothing() -> None:
    """What happened is no 0 %, and what did not happen always no 100 %."""
    assert [percent(*each) for each in ((0, 9), (9, 9), (1, 10_000), (9_999, 10_000), (1, 40))] == [
        *("0 %", "100 %", "< 0.1 %", "> 99 %", "2.5 %"),
    ]
