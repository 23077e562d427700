"""What a run adds to the picture of its definition."""

from __future__ import annotations

import pytest
from attrs import evolve
from render_samples import (
    attempt,
    definition,
    nesting,
    polled_run,
    polling,
    run_of,
    shipped_run,
    shipping,
    spread_run,
    task,
    telling,
)

from podium.model.durations import duration_text
from podium.model.runs import WorkflowRun
from podium.model.statuses import RunStatus, TaskStatus
from podium.render import graph, outline, svg
from podium.render.flow import draw_definition
from podium.render.options import Options
from podium.render.overlay import draw_run
from podium.render.picture import NodeKind, Picture
from podium.render.subject import picture_of


def taken(picture: Picture) -> set[tuple[str, str]]:
    """Return the lines that the run took."""
    return {(picture.node(e.source).key, picture.node(e.target).key) for e in picture.edges if e.taken}


def written(picture: Picture, node_id: str) -> str:
    """Return all that is written in a node."""
    return " / ".join(line.text for line in picture.node(node_id).lines)


def test_run_has_the_shape_of_its_definition() -> None:
    """Nothing of the definition is left out, so a picture keeps its shape while the run goes on."""
    run, plain = draw_run(shipped_run()), picture_of(shipping())

    assert [node.id for node in plain.nodes] == [node.id for node in run.nodes]
    assert [(e.source, e.target) for e in plain.edges] == [(e.source, e.target) for e in run.edges]


def test_taken_path() -> None:
    """The path leads along what happened; the case that was chosen tells parallel ways apart."""
    picture = draw_run(shipped_run())

    assert {
        ("start", "reserve"),
        ("reserve", "shipping"),
        ("shipping", "shipping_merge"),
        ("shipping_merge", "end"),
    } == taken(picture)
    assert {False} == {edge.taken for edge in picture.edges if edge.source == "n_quote_post"}


def test_switch_without_a_fitting_case() -> None:
    """A value that no case has goes the default's way, and not the way of a case without tasks."""
    cases = {"A": (task("a"),), "B": ()}
    flow = definition(task("s", "SWITCH", decision_cases=cases, default_case=(task("d"),)), task("z"))
    run = run_of(flow, attempt("s", task_type="SWITCH", input_data={"case": "?"}), attempt("d"), attempt("z"))

    assert {("start", "s"), ("s", "d"), ("d", "z")} == taken(draw_run(run))


def test_termination_is_the_only_way_to_the_end() -> None:
    """A run that a TERMINATE ended did not come to its end another way."""
    flow = definition(task("s", "SWITCH", decision_cases={"A": (task("t", "TERMINATE"),)}), task("z"))
    done = attempt("s", task_type="SWITCH", output_data={"selectedCase": "A"})
    picture = draw_run(run_of(flow, done, attempt("t", task_type="TERMINATE"), status=RunStatus.COMPLETED))

    assert {("start", "s"), ("s", "t"), ("t", "end")} == taken(picture)


def test_statuses_are_words_with_icons() -> None:
    """A node says its status in words; what has not started says nothing and is told in the tooltip."""
    picture = draw_run(shipped_run())

    assert written(picture, "n_reserve") == "reserve / reserve_stock / ✓ completed in 1.5 s"
    assert "not started" in picture.node("n_quote_post").tooltip
    assert "took 1.5 s" in picture.node("n_reserve").tooltip
    assert picture.subtitle == ("Run run-1: ✓ completed",)


def test_loop_shows_its_newest_iteration() -> None:
    """The loop tells the iteration and its limit, its tasks their newest attempt, retries as a badge."""
    picture = draw_run(polled_run())

    assert "iteration 4 of 30" in written(picture, "n_poll")
    assert "iteration 4 of 30" in picture.containers[0].title
    assert written(picture, "n_track") == "HTTP / track / 4 times: 4 done / ✓ completed in 1.5 s / ↻ 2 attempts"
    assert picture.node("n_poll_gap").status == TaskStatus.IN_PROGRESS
    assert ("poll", "track") in taken(picture)
    assert ("poll_gap", "poll") not in taken(picture)


def test_nested_loops_have_two_suffixes() -> None:
    """``__1__2`` is the second inner iteration of the first outer one; the last created attempt counts."""
    inner = task("inner", "DO_WHILE", loop_over=(task("a"),))
    flow = definition(task("outer", "DO_WHILE", loop_over=(inner,)))
    tries = [attempt(f"a__{i}__{j}", iteration=j) for i, j in ((1, 1), (1, 2), (2, 1))]
    run = run_of(flow, attempt("outer", iteration=2), attempt("inner__2", iteration=1), *tries)

    picture = draw_run(run)

    assert (picture.node("n_a").iteration, picture.node("n_a").attempts) == (1, 1)
    assert not picture.run_only


def test_few_branches_of_a_dynamic_fork_are_drawn() -> None:
    """Up to twelve branches that only the run knows stand between fork and join."""
    picture = draw_run(spread_run(3, bad=1))

    assert {("encode_all", f"_encode_{i}") for i in range(3)} <= taken(picture)
    assert ("encode_all", "encode_all_join") not in taken(picture)
    assert "x 3 / 2 done, 1 failed" in written(picture, "n_encode_all")
    assert "✗ failed after 1.5 s / disk full" in written(picture, "n__encode_1")
    assert "disk full" in written(picture, "n_encode_all_join")
    assert "_encode_1: disk full" in picture.subtitle


def test_many_branches_are_counted() -> None:
    """More than twelve are one node with counts, which has the worst status and names the one that failed."""
    picture = draw_run(spread_run(13, bad=7))

    assert len(picture.nodes) == 5
    assert "x 13 / 12 done, 1 failed / ✗ failed / _encode_7: disk full" in written(picture, "n_encode_all")
    assert ("encode_all", "encode_all_join") in taken(picture)
    assert not picture.run_only


def test_every_branch_is_drawn_where_nothing_is_collapsed() -> None:
    """However many there are."""
    picture = draw_run(spread_run(13, bad=7), Options(collapse=False))

    assert {("encode_all", f"_encode_{i}") for i in range(13)} <= taken(picture)
    assert "✗ failed after 1.5 s / disk full" in written(picture, "n__encode_7")


def test_dynamic_fork_in_a_loop() -> None:
    """The record may list branches without the loop's suffix; those of earlier iterations are not strangers."""
    body = (task("f", "FORK_JOIN_DYNAMIC"), task("j", "JOIN"))
    flow = definition(task("l", "DO_WHILE", loop_over=body))
    tries = [
        one
        for i in (1, 2)
        for one in (
            attempt(f"f__{i}", task_type="FORK", iteration=i, input_data={"forkedTasks": ["b0", "b1"]}),
            attempt(f"b0__{i}", iteration=i),
            attempt(f"b1__{i}", iteration=i),
        )
    ]

    picture = draw_run(run_of(flow, attempt("l", iteration=2), *tries))

    assert [branch.steps[0].node[2:] for branch in picture.steps[0].branches[0].steps[0].branches] == ["b0__2", "b1__2"]
    assert not picture.run_only


def test_tasks_that_only_the_run_knows_have_their_box() -> None:
    """A task that the definition lacks is drawn apart; beyond twelve they are counted."""
    run = run_of(polling(), *(attempt(f"stray {i}", TaskStatus.CANCELED) for i in range(15)))

    picture = draw_run(run)

    assert len(picture.run_only) == 13
    assert "only in this run" in picture.containers[-1].title
    assert written(picture, "run_Z_more") == "3 more / 3 canceled"


def test_run_without_its_definition_is_a_chain() -> None:
    """Such a run is drawn from its tasks alone."""
    run = evolve(polled_run(), workflow_definition=None)

    picture = draw_run(run)

    assert [node.key for node in picture.nodes] == ["start", "poll", "track", "poll_gap", "end"]
    assert "iteration 4" in written(picture, "n_poll")


def test_optional_failure_and_unjoined_branch() -> None:
    """An optional task's failure is told with its reason, and a skipped task is not a completed one."""
    run = run_of(
        telling(),
        attempt("tell", task_type="FORK"),
        attempt("mail"),
        attempt("charge"),
        attempt("audit", TaskStatus.COMPLETED_WITH_ERRORS, reason_for_incompletion="nobody there"),
        attempt("sms", TaskStatus.SKIPPED),
        attempt("tell_join", task_type="JOIN"),
    )

    picture = draw_run(run)

    assert "✓! completed with errors in 1.5 s / nobody there" in written(picture, "n_audit")
    assert "⊘ skipped" in written(picture, "n_sms")
    assert {("audit", "tell_join"), ("mail", "tell_join")} <= taken(picture)


def test_a_join_that_was_canceled_was_not_reached_by_what_failed() -> None:
    """The branch that failed the run never came to its join; those that were done did, and waited there."""
    run = run_of(
        telling(),
        attempt("tell", task_type="FORK"),
        attempt("mail"),
        attempt("charge", TaskStatus.FAILED, reason_for_incompletion="declined"),
        attempt("audit", TaskStatus.CANCELED),
        attempt("tell_join", TaskStatus.CANCELED, task_type="JOIN"),
        status=RunStatus.FAILED,
    )

    way = taken(draw_run(run))

    assert ("mail", "tell_join") in way
    assert {("charge", "audit"), ("charge", "tell_join"), ("audit", "tell_join")}.isdisjoint(way)


def test_a_join_that_a_branch_failed_was_reached_by_it() -> None:
    """A join that fails because of a branch has seen it."""
    assert ("_encode_1", "encode_all_join") in taken(draw_run(spread_run(3, bad=1)))


def test_expanded_child_is_neutral() -> None:
    """This run knows how the sub-workflow stands, but not what happens inside it."""
    run = run_of(
        nesting(), attempt("pack", TaskStatus.FAILED, task_type="SUB_WORKFLOW", reason_for_incompletion="torn")
    )

    picture = draw_run(run, Options(expand=1))

    inside = [node for node in picture.nodes if node.nested]
    assert [node.id for node in inside] == ["n_pack_Z_pack", "n_pack_Z_stop"]
    assert {None} == {node.status for node in inside}
    assert "✗ failed after 1.5 s torn" in picture.containers[0].title
    assert {None} == {edge.taken for edge in picture.edges if edge.source == "n_pack_Z_pack"}


def test_dynamic_task_tells_what_it_runs() -> None:
    """A DYNAMIC task's record has the type that it became."""
    flow = definition(task("d", "DYNAMIC"))

    assert "runs INLINE" in written(draw_run(run_of(flow, attempt("d", task_type="INLINE"))), "n_d")


def test_live_runs_have_not_reached_their_end() -> None:
    """Running and paused runs leave the end open and say so in their title."""
    for status, words in ((RunStatus.RUNNING, "► in progress"), (RunStatus.PAUSED, "‖ paused")):
        picture = draw_run(run_of(polling(), status=status))

        assert picture.end.status == "NOT_STARTED"
        assert words in picture.subtitle[0]


def test_any_record_can_be_drawn() -> None:
    """Records with odd inputs and outputs are no reason for no picture."""
    odd = {"forkedTasks": "none", "case": 3, "selectedCase": ["x"], "evaluationResult": [], "caseOutput": None}
    flow = definition(task("s", "SWITCH", decision_cases={"A": ()}), task("f", "FORK_JOIN_DYNAMIC"), task("x"))
    run: WorkflowRun = run_of(
        flow,
        *(attempt(name, input_data=odd, output_data=odd, iteration=2) for name in ("s", "f", "x", "", "__1")),
        attempt("f", task_type="FORK", input_data={"forkedTasks": [None, 3, "gone", "x"]}),
    )

    assert NodeKind.DYNAMIC_FORK in {node.kind for node in draw_run(run).nodes}


def test_durations_have_the_unit_that_people_use() -> None:
    """From milliseconds to hours."""
    assert [duration_text(ms) for ms in (900, 1_500, 62_500, 7_500_000)] == [
        "900 ms",
        "1.5 s",
        "1 min 2 s",
        "2 h 5 min",
    ]


@pytest.mark.parametrize("status", [TaskStatus.COMPLETED, TaskStatus.FAILED])
def test_a_loop_that_has_ended_tells_how_often_it_went_round(status: TaskStatus) -> None:
    """Its own record counts no iterations then, but its output does; the way back was taken."""
    ended = attempt("poll", status, task_type="DO_WHILE", output_data={"iteration": 2, "1": {}, "2": {}})
    rounds = [attempt(f"{name}__{n}", iteration=n, task_type=name) for n in (1, 2) for name in ("track", "poll_gap")]
    found = graph(run_of(polling(), ended, *rounds))

    assert found.nodes["poll"]["iteration"] == 2
    assert "iteration 2 of 30" in found.nodes["poll"]["label"]
    assert found.edges["poll", "track"]["taken"] is True


def test_a_header_says_when_and_who() -> None:
    """Start, duration and who started it; a definition says its owner and what it is for. Outlines stay as they are."""
    flow = definition(task("a"), description="Sell a thing.", owner_email="shop@example.com")
    ended = run_of(
        flow,
        attempt("a"),
        status=RunStatus.COMPLETED,
        create_time=1_700_000_000_000,
        end_time=1_700_000_062_500,
        created_by="ann",
        correlation_id="order-7",
    )

    assert draw_definition(flow).about == ("Sell a thing.", "owner: shop@example.com")
    assert draw_run(ended).about == (
        "began 2023-11-14 22:13:20 UTC, took 1 min 2 s",
        "started by ann, with correlation id order-7",
    )
    assert "shop@example.com" in svg(flow)
    assert "began 2023-11-14 22:13:20 UTC" in svg(ended)
    assert outline(ended).splitlines()[1] == "Run run-1: ✓ completed"


def test_a_terminated_run_blames_nobody() -> None:
    """Somebody ended it, for a reason of his own; the tasks that were canceled with it are no cause."""
    ended = run_of(
        telling(),
        attempt("mail", TaskStatus.CANCELED),
        attempt("tell_join", TaskStatus.CANCELED, task_type="JOIN"),
        status=RunStatus.TERMINATED,
        reason_for_incompletion="no longer wanted",
    )

    assert draw_run(ended).subtitle == ("Run run-1: ⊘ terminated", "no longer wanted")


def test_branches_of_a_fan_out_are_called_by_their_items() -> None:
    """The input that tells them apart stands first; the name in the run below it."""
    run = spread_run(2)
    tasks = [evolve(each, input_data={"name": f"photo {i}.jpg", "size": 3}) for i, each in enumerate(run.tasks[1:3])]
    picture = draw_run(evolve(run, tasks=(run.tasks[0], *tasks, *run.tasks[3:])))

    lines = [[line.text for line in picture.node(f"n__encode_{i}").lines][:2] for i in (0, 1)]
    assert lines == [["name=photo 0.jpg", "_encode_0"], ["name=photo 1.jpg", "_encode_1"]]
    named = [evolve(each, reference_task_name=name) for each, name in zip(tasks, ("left", "right"), strict=True)]
    fork = evolve(run.tasks[0], input_data={"forkedTasks": ["left", "right"]})
    picture = draw_run(evolve(run, tasks=(fork, *named)))
    assert picture.node("n_left").name == "left"  # a name that somebody gave says more
    assert graph(run).has_node("_encode_0")


def test_a_masked_input_names_no_branch() -> None:
    """What a definition hides is not shown as a name."""
    run = spread_run(2)
    tasks = [evolve(each, input_data={"card": f"card {i}"}) for i, each in enumerate(run.tasks[1:3])]
    hidden = evolve(run.workflow_definition or definition(), masked_fields=("card",))
    picture = draw_run(evolve(run, tasks=(run.tasks[0], *tasks), workflow_definition=hidden))

    assert picture.node("n__encode_0").name == "_encode_0"
