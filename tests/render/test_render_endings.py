"""The ends of flows: one for all, and one of its own for each place at which a workflow ends early."""

from __future__ import annotations

from render_samples import attempt, definition, run_of, shipped_run, shipping, task

from podium.model.statuses import RunStatus
from podium.render import dot, graph, mermaid
from podium.render.drawing import drawing
from podium.render.endings import with_own_ends
from podium.render.options import Options
from podium.render.overlay import draw_run
from podium.render.palette import NOT_STARTED
from podium.render.subject import picture_of


def test_a_termination_has_its_own_end() -> None:
    """So its line crosses nothing; the graph for analysis keeps the one end."""
    flow = shipping()
    picture = with_own_ends(picture_of(flow))
    plain = drawing(picture, Options())

    assert [(e.source, e.target) for e in picture.edges if e.source == "n_refuse"] == [("n_refuse", "end_n_refuse")]
    assert with_own_ends(picture) == picture
    assert graph(flow).has_edge("refuse", "end")
    for text in (dot(flow), mermaid(flow), plain):
        assert "end_n_refuse" in text
        assert "e_n_refuse__flow_end" not in text
    assert len(drawing(picture_of(flow), Options())) == len(plain)


def test_a_termination_that_all_ways_lead_to_has_the_end_itself() -> None:
    """Nothing lies between it and the end."""
    flow = definition(task("a"), task("stop", "TERMINATE"))

    assert with_own_ends(picture_of(flow)) == picture_of(flow)


def test_a_run_that_was_terminated_ended_there() -> None:
    """The end behind the termination has the run's status, and the other end was not reached."""
    run = run_of(
        shipping(),
        attempt("reserve"),
        attempt("shipping", task_type="SWITCH", output_data={"selectedCase": "NEVER"}),
        attempt("refuse", task_type="TERMINATE"),
        status=RunStatus.FAILED,
    )

    picture = with_own_ends(draw_run(run))
    own, end = picture.node("end_n_refuse"), picture.end

    assert (own.status, [line.text for line in own.lines]) == ("FAILED", ["✗ failed"])
    assert (end.status, [line.text for line in end.lines]) == (NOT_STARTED, ["end"])
    assert with_own_ends(draw_run(shipped_run())).node("end_n_refuse").status == NOT_STARTED
