"""The timeline of a run: what waited, worked and ended when, as a value, as SVG and as text."""

from __future__ import annotations

import os
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from render_samples import SNAPSHOTS, corpus_subjects, definition, nasty_run, polled_run, run_of, task
from test_render_children import family
from timeline_samples import DONE, START, charging_run, encoding_run, looping_run, timed

from podium.model.errors import InvalidRequest, RenderError
from podium.model.runs import WorkflowRun
from podium.model.statuses import RunStatus, TaskStatus
from podium.render import timeline
from podium.render.palette import STYLES
from podium.render.timeline_parts import Gap, SegmentKind, TimelineRow
from podium.render.timeline_scale import Scale, tick_label, ticks
from podium.render.timelines import Timeline

SVG = "{http://www.w3.org/2000/svg}"

SAMPLES = {"charging": charging_run(), "looping": looping_run(70), "live": looping_run(4, live=True)}


def rows(found: Timeline) -> list[str]:
    """Return the labels of all rows, indented."""
    return ["  " * row.depth + row.label for row in found.rows]


def stretches(row: TimelineRow) -> list[tuple[str, int]]:
    """Return kind and seconds of each stretch of a row."""
    return [(segment.span.value, segment.duration_ms // 1000) for segment in row.segments]


@pytest.mark.parametrize("form", ["svg", "txt"])
@pytest.mark.parametrize("name", SAMPLES)
def test_snapshots(name: str, form: str) -> None:
    """Each form is what it was when somebody last looked at it; PODIUM_UPDATE_SNAPSHOTS=1 writes them anew."""
    found = timeline(SAMPLES[name])
    text = found.svg() if form == "svg" else found.describe()
    path = SNAPSHOTS / f"timeline_{name}.{form}"
    if os.environ.get("PODIUM_UPDATE_SNAPSHOTS"):
        path.write_text(text)

    assert path.read_text() == text


def test_queue_and_work_are_told_apart() -> None:
    """A row tells how long its task waited for a worker, and how long it worked."""
    found = timeline(charging_run())

    assert stretches(found.rows[0]) == [("queue", 1), ("work", 3)]
    assert stretches(found.rows[1]) == [("hold", 86_396)]


def test_retries_are_segments_of_one_row() -> None:
    """Attempts stand one after the other, with what each waited for: a worker, or the moment it became due."""
    charge = timeline(charging_run()).rows[2]

    assert stretches(charge) == [
        ("queue", 10), ("work", 30),
        ("delay", 10), ("queue", 2), ("work", 3),
        ("delay", 5), ("queue", 10), ("work", 10),
    ]  # fmt: skip
    assert [segment.attempt for segment in charge.segments] == [1, 1, 2, 2, 2, 3, 3, 3]
    assert {segment.status for segment in charge.segments if segment.attempt == 1} == {"TIMED_OUT"}
    assert (charge.attempts, charge.reason) == (3, "declined <b>")


def test_what_never_began_only_waited() -> None:
    """A task that was canceled in the queue has no work."""
    assert stretches(timeline(charging_run()).rows[3]) == [("queue", 20)]


def test_the_present_is_now() -> None:
    """A run that a client gave is drawn up to now; one from a file, or as it was, up to its last change."""
    flow = definition(task("ask", "HUMAN"))
    asked = timed(("ask", "HUMAN"), TaskStatus.IN_PROGRESS, 0, 0, -1)
    run = WorkflowRun(status=RunStatus.RUNNING, create_time=START, tasks=(asked,), workflow_definition=flow)
    live = evolve(run, source=lambda: run)

    assert timeline(run).now_ms == START
    assert (timeline(live).now_ms or 0) > START + 31_536_000_000  # the sample began years ago
    assert "in progress for 3.2 s" in timeline(live, now=3.2).subtitle[0]
    assert timeline(live, now=3.2).rows[0].segments[0].duration_ms == 3_200
    assert live.at(-1.0).source is None


def test_waits_that_matter_are_not_compressed() -> None:
    """One that goes on, and one that ended the run; a wait that went well gives its room to the others."""
    flow = definition(task("a"), task("gap", "WAIT"), task("b"))
    before = timed(("a", "a"), DONE, 0, 0, 1_000)
    for status, ended, gaps in ((TaskStatus.TIMED_OUT, 60_000, 0), (DONE, 60_000, 1), (TaskStatus.IN_PROGRESS, -1, 0)):
        wait = timed(("gap", "WAIT"), status, 1_000, 1_000, ended)
        after = [timed(("b", "b"), DONE, 60_000, 60_000, 61_000)] if status is DONE else []
        run = WorkflowRun(
            status=RunStatus.RUNNING, create_time=START, tasks=(before, wait, *after), workflow_definition=flow
        )
        assert len(timeline(run, now=61.0).gaps) == gaps, status


def test_long_idle_gaps_are_compressed() -> None:
    """A day of waiting takes less room than the seconds of work beside it, and the mark says how long it was."""
    found = timeline(charging_run())
    text = found.svg()

    assert found.gaps == (Gap(start_ms=START + 4_000, end_ms=START + 86_400_000),)
    assert "23 h 59 min without work, drawn shorter than it was" in text
    assert "≈ idle, drawn shorter: 23 h 59 min" in found.describe()
    assert timeline(looping_run(40)).gaps == ()  # the rhythm of a loop is none


def test_thousands_of_tasks_share_rows() -> None:
    """Branches of a fork are one row with counts; the one that failed is named, with the input that tells it apart."""
    found = timeline(encoding_run(1_000))

    assert rows(found) == [
        "split",
        "encode_all",
        "  encode_all branches x 1,000",
        "    encode_17 film=film-00017.mov",
        "encode_all_join",
    ]
    assert found.rows[2].counts == "999 done, 1 failed"
    assert found.rows[2].status == "FAILED"
    assert found.tasks == 1_003
    assert "encode_17: disk full" in found.subtitle
    assert len(found.svg()) < 30_000


def test_iterations_share_rows_by_place() -> None:
    """Each task of a loop's body has one row for all iterations; a place or an iteration can be opened."""
    run = looping_run(70)

    assert rows(timeline(run)) == ["poll", "  track x 70", "    track__67", "  poll_gap x 70"]
    assert rows(timeline(run, iteration={"poll": 3})) == ["poll", "  track__3", "  poll_gap__3"]
    assert len(timeline(run, opened="track").rows) == 72
    assert len(timeline(run, rows_max=500).rows) == 141
    with pytest.raises(RenderError, match="loop 'poll' has no iteration 71; it has 1 to 70"):
        timeline(run, iteration={"poll": 71})


def test_masked_inputs_tell_nothing_apart() -> None:
    """An input that the definition masks is not shown; the next one that differs is."""
    run = encoding_run(3)
    assert run.workflow_definition is not None
    hidden = evolve(run, workflow_definition=evolve(run.workflow_definition, masked_fields=("film",)))

    assert timeline(run).rows[2].label == "encode_0 film=film-00000.mov"
    assert timeline(hidden).rows[2].label == "encode_0 index=0"


def test_live_runs_have_a_now_line() -> None:
    """What has not ended goes on to now, which can be said and is the newest record otherwise."""
    run = looping_run(4, live=True)
    usual, later = timeline(run), timeline(run, now=START + 60_000)

    assert (usual.now_ms, later.now_ms) == (START + 3_500, START + 60_000)
    assert later.rows[-1].segments[-1].is_open
    assert later.rows[-1].segments[-1].end_ms == START + 60_000
    assert '<g class="now">' in later.svg()
    assert "► in progress 56.8 s so far" in later.describe()
    assert timeline(charging_run()).now_ms is None
    with pytest.raises(InvalidRequest):
        timeline(run, now="now")  # type: ignore[arg-type]


def test_runs_of_sub_workflows_stand_below_their_task() -> None:
    """To a depth, as in pictures."""
    run, runs = family()

    assert rows(timeline(run)) == ["below"]
    assert rows(timeline(run, runs=runs)) == ["below", "  first", "  below"]
    assert rows(timeline(run, runs=runs, expand=2)) == ["below", "  first", "  below", "    first", "    burn"]
    assert timeline(run, runs=runs).subtitle[1] == "below/below/burn: too hot"


def test_svg_is_accessible() -> None:
    """Role, title and description; every row says all in words; nothing is smaller than 12 px."""
    root = ET.fromstring(timeline(charging_run()).svg(id_prefix="x_"))
    titles = [group.findtext(f"{SVG}title") for group in root.iter(f"{SVG}g") if "row" in group.get("class", "")]

    assert (root.get("role"), root.get("aria-labelledby")) == ("img", "x_title x_desc")
    assert root.findtext(f"{SVG}desc", "").startswith("4 tasks in 4 rows over 1 d 0 h. 1 long idle")
    assert titles[2] == (
        "charge; failed; from 1 d 0 h after the start; waited for a worker 22.0 s; not yet due 15.0 s; worked 43.0 s; "
        "3 attempts; declined <b>"
    )
    assert all(float(element.get("font-size", "12")) >= 12 for element in root.iter())
    assert all(element.get("id", "x_").startswith("x_") for element in root.iter())


def test_themes_share_the_fills_of_statuses() -> None:
    """The page is swapped, the palette is not; only colours of the palette and its themes are used."""
    light, dark = timeline(charging_run()).svg(), timeline(charging_run()).svg(theme="dark")

    assert 'fill="#0d1117"' in dark
    assert 'fill="#0d1117"' not in light
    for status in ("COMPLETED", "FAILED", "TIMED_OUT"):
        assert STYLES[status].fill in light
        assert STYLES[status].fill in dark


def test_files_and_records(tmp_path: Path) -> None:
    """A timeline is written as SVG or text; as records it has one mapping for each row."""
    found = timeline(charging_run())

    assert Path(found.render(tmp_path / "a.svg")).read_text() == found.svg()
    assert Path(found.render(tmp_path / "a.txt")).read_text() == str(found)
    with pytest.raises(RenderError, match=r"\.svg or \.txt"):
        found.render(tmp_path / "a.png")
    with pytest.raises(RenderError, match="cannot be written"):
        found.render(tmp_path / "no" / "a.txt")
    record = found.to_records()[2]
    assert (record["reference"], record["work_ms"], record["queue_ms"], record["delay_ms"]) == (
        "charge", 43_000, 22_000, 15_000,
    )  # fmt: skip


def test_notebook_shows_svg_and_text() -> None:
    """Both forms, less if asked; ids are unique in a page."""
    found = timeline(charging_run())

    shown = found._repr_mimebundle_()

    assert list(shown) == ["text/plain", "image/svg+xml"]
    assert 'id="title"' not in shown["image/svg+xml"]
    assert list(found._repr_mimebundle_(include=["text/plain"])) == ["text/plain"]
    assert list(found._repr_mimebundle_(exclude=["text/plain"])) == ["image/svg+xml"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"theme": "pink"}, "theme is one of auto, light, dark"),
        ({"width": 10}, "at least 600"),
        ({"runs": 3}, "runs is a"),
    ],
)
def test_wrong_options_are_told(options: dict[str, object], words: str) -> None:
    """An option that cannot be obeyed is an error that says what can."""
    with pytest.raises(RenderError, match=words):
        timeline(charging_run(), **options)  # type: ignore[arg-type]


def test_only_runs_have_a_timeline() -> None:
    """A definition has no times; the error says so."""
    with pytest.raises(RenderError, match="not int"):
        timeline(3)  # type: ignore[arg-type]


def test_any_run_has_a_timeline() -> None:
    """Runs without times, without tasks, with hostile names, and all of the corpus."""
    odd: list[WorkflowRun] = [nasty_run(), polled_run(), run_of(None)]
    odd += [subject for _, subject in corpus_subjects() if isinstance(subject, WorkflowRun)]
    for run in odd:
        found = timeline(run)
        ET.fromstring(found.svg())
        assert found.describe()


def test_a_run_has_the_method() -> None:
    """``run.timeline()`` is the same."""
    import podium  # noqa: F401  # says where the verbs live

    assert charging_run().timeline(width=800) == timeline(charging_run(), width=800)


@given(st.lists(st.integers(0, 10_000), min_size=2, max_size=12, unique=True))
def test_scale_never_turns_back(moments: list[int]) -> None:
    """Later is further right, whatever is compressed, and the end is at the end."""
    moments.sort()
    gaps = [Gap(start_ms=one, end_ms=two) for one, two in list(pairwise(moments))[::2]]
    scale = Scale(0, 10_000, gaps, length=500, gap_length=20)
    places = [scale.place(moment) for moment in range(0, 10_001, 50)]

    assert places == sorted(places)
    assert scale.place(0) == 0
    assert scale.place(10_000) == pytest.approx(500, abs=0.01) or sum(g.end_ms - g.start_ms for g in gaps) == 10_000
    assert not any(gap.start_ms < tick < gap.end_ms for tick in ticks(0, 10_000, gaps, 100) for gap in gaps)


def test_ticks_are_as_exact_as_they_stand_apart() -> None:
    """Seconds are told after a day too, where ticks stand seconds apart."""
    assert [tick_label(ms, 1_000) for ms in (0, 500, 1_500, 61_000, 3_661_000, 90_061_000)] == [
        "0", "500 ms", "1.5 s", "1:01 min", "1:01:01", "1 d 1:01:01",
    ]  # fmt: skip
    assert [tick_label(ms, 3_600_000) for ms in (7_200_000, 90_000_000)] == ["2:00 h", "1 d 1:00"]
    assert tick_label(172_800_000, 86_400_000) == "2 d"


def test_stretches_of_a_kind_are_added_up() -> None:
    """A row adds the stretches of its attempts."""
    assert timeline(charging_run()).rows[2].total_ms(SegmentKind.WORK, SegmentKind.QUEUE) == 65_000
