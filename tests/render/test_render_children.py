"""Chosen iterations of loops, and the runs of sub-workflows inside the picture of their parent."""

from __future__ import annotations

import os

import pytest
from render_samples import SNAPSHOTS, attempt, definition, polled_run, run_of, spread_run, task

from podium.model.definitions import SubWorkflowParams
from podium.model.errors import RenderError, RunNotFound
from podium.model.runs import WorkflowRun
from podium.model.statuses import RunStatus, TaskStatus
from podium.render import dot, graph, mermaid, outline
from podium.render.children import failing_path
from podium.render.drawing import drawing
from podium.render.options import Options
from podium.render.steps import nodes_inside
from podium.render.subject import picture_of


def family(depth: int = 2) -> tuple[WorkflowRun, dict[str, WorkflowRun]]:
    """Return a failed run whose sub-workflow failed, and so on, and the runs below it."""
    runs: dict[str, WorkflowRun] = {}
    for level in range(depth, 0, -1):
        inner = "burn" if level == depth else "below"
        kind = "SIMPLE" if level == depth else "SUB_WORKFLOW"
        flow = definition(task("first"), task(inner, kind), name=f"level_{level}")
        bad = attempt(
            inner,
            TaskStatus.FAILED,
            task_type=kind,
            reason_for_incompletion="too hot",
            sub_workflow_id=f"run-{level + 1}" if level < depth else None,
        )
        runs[f"run-{level}"] = run_of(flow, attempt("first"), bad, status=RunStatus.FAILED)
    flow = definition(task("below", "SUB_WORKFLOW"), task("after"), name="top")
    top = attempt(
        "below", TaskStatus.FAILED, task_type="SUB_WORKFLOW", sub_workflow_id="run-1", reason_for_incompletion="child"
    )
    return run_of(flow, top, status=RunStatus.FAILED, reason_for_incompletion="child"), runs


def test_a_chosen_iteration_is_shown() -> None:
    """The tasks of the loop's body show that iteration; the loop says which, and which is the newest."""
    found = graph(polled_run(), iteration={"poll": 2})

    assert (found.nodes["track"]["iteration"], found.nodes["track"]["attempts"]) == (2, 1)
    assert found.nodes["poll_gap"]["status"] == TaskStatus.COMPLETED
    assert "shown: iteration 2; newest: 4 of 30" in found.nodes["poll"]["label"]


@pytest.mark.parametrize(
    ("iteration", "words"),
    [
        ({"poll": 9}, "loop 'poll' has no iteration 9; it has 1 to 4"),
        ({"pool": 1}, "there is no loop 'pool'; the loops are poll"),
        ({"poll": "x"}, "iteration is a mapping"),
        (3, "iteration is a mapping"),
    ],
)
def test_iterations_that_are_not_there_are_told(iteration: object, words: str) -> None:
    """The error says which loops and iterations there are."""
    with pytest.raises(RenderError, match=words):
        outline(polled_run(), iteration=iteration)  # type: ignore[arg-type]


def test_an_iteration_of_an_inner_loop() -> None:
    """With loops in loops each can be chosen; what is not chosen shows its newest."""
    inner = task("inner", "DO_WHILE", loop_over=(task("a"),))
    flow = definition(task("outer", "DO_WHILE", loop_over=(inner,)))
    tries = [attempt(f"a__{i}__{j}", iteration=j, seq=10 * i + j) for i in (1, 2) for j in (1, 2, 3)]
    run = run_of(flow, attempt("outer", iteration=2), *(attempt(f"inner__{i}", iteration=3) for i in (1, 2)), *tries)

    def shown(iteration: dict[str, int]) -> str:
        node = picture_of(run, Options(iteration=iteration)).node("n_a")
        return f"{node.iteration} {next(line.text for line in node.lines if 'times' in line.text)}"

    assert shown({"inner": 2}) == "2 6 times: 6 done"
    assert shown({"outer": 1}) == "3 6 times: 6 done"


def test_children_are_drawn_inside_their_parents() -> None:
    """The runs of sub-workflows are opened to a depth, each with its own statuses and path."""
    run, runs = family()
    once, twice = graph(run, runs=runs), graph(run, runs=runs, expand=2)

    assert list(once) == ["start", "below", "below/first", "below/below", "below/end", "after", "end"]
    assert "below/below/burn" in twice
    assert twice.nodes["below/below/burn"]["status"] == TaskStatus.FAILED
    assert twice.nodes["below/below/burn"]["container"] == "below/below"
    assert twice.edges["below/first", "below/below"]["taken"]
    assert not twice.edges["below/end", "after"]["taken"]
    assert list(graph(run, runs=runs, expand=0)) == ["start", "below", "after", "end"]


def test_times_of_children_are_theirs() -> None:
    """Inside an open sub-workflow each node has the times of the child's run; without that run it has none."""
    flow = definition(task("wrap"), task("stick"), name="packing")
    child = run_of(flow, *(attempt(name, times={"scheduled_time": 700}) for name in ("wrap", "stick")))
    params = SubWorkflowParams(name="packing", workflow_definition=flow)
    whole = definition(task("pack", "SUB_WORKFLOW", sub_workflow_param=params), task("wrap"), name="selling")
    run = run_of(whole, attempt("pack", task_type="SUB_WORKFLOW", sub_workflow_id="run-1"), attempt("wrap"))

    open_, named = graph(run, runs={"run-1": child}), graph(child)

    columns = ("scheduled_ms", "started_ms", "ended_ms", "wait_ms", "duration_ms", "attempts_all", "task_ids")
    for key in ("wrap", "stick"):
        assert [open_.nodes[f"pack/{key}"][name] for name in columns] == [named.nodes[key][name] for name in columns]
    assert (open_.nodes["pack/wrap"]["wait_ms"], open_.nodes["wrap"]["wait_ms"]) == (300, 0)
    assert open_.nodes["pack"]["duration_ms"] == graph(run).nodes["pack"]["duration_ms"] > 0
    assert graph(run, expand=1).nodes["pack/wrap"]["attempts_all"] == 0


def test_times_of_grandchildren_are_theirs() -> None:
    """Two levels down, too."""
    run, runs = family()

    burned = graph(run, runs=runs, expand=2).nodes["below/below/burn"]

    assert (burned["duration_ms"], burned["attempts_all"]) == (graph(runs["run-2"]).nodes["burn"]["duration_ms"], 1)
    assert graph(run, runs=runs, expand=2).nodes["below/below"]["sub_workflow_id"] == "run-2"


def test_runs_may_be_a_function() -> None:
    """Such as ``client.get``; a run that nobody has any more stays closed."""
    run, runs = family()
    asked: list[str] = []

    def get(run_id: str) -> WorkflowRun:
        asked.append(run_id)
        if run_id == "run-2":
            raise RunNotFound(run_id)
        return runs[run_id]

    assert "below/below" in graph(run, runs=get, expand=True)
    assert "below/below/burn" not in graph(run, runs=get, expand=True)
    assert {"run-1", "run-2"} == set(asked)
    with pytest.raises(RenderError, match="runs gave int for run-1, not a run"):
        dot(run, runs={"run-1": 3})  # type: ignore[dict-item]


def test_the_failing_task_is_named_through_its_parents() -> None:
    """The title says which task failed and why, down to where the runs are known."""
    run, runs = family()

    assert failing_path(run) == ("below", "child")
    assert failing_path(run, runs) == ("below/below/burn", "too hot")
    assert "below/below/burn: too hot" in outline(run, runs=runs).splitlines()[2]
    assert "_encode_1: disk full" in outline(spread_run(3, bad=1))  # and not the join that passes it on


def test_opened_children_have_a_whole_picture() -> None:
    """Every node has its place in the nesting, every line and box its ends; every form can be drawn."""
    run, runs = family(3)
    picture = picture_of(run, Options(runs=runs, expand=3))
    ids = [node.id for node in picture.nodes]
    boxes = {box.id for box in picture.containers}

    assert len(ids) == len(set(ids))
    assert nodes_inside(picture.steps) == ids[1:-1]
    assert {end for edge in picture.edges for end in (edge.source, edge.target)} <= set(ids)
    assert {node.container for node in picture.nodes} - {None} <= boxes
    assert drawing(picture, Options()).count("<title>") >= len(ids)
    assert "cluster_c_below_Z_below_Z_below" in dot(run, runs=runs, expand=3)


def test_inline_children_without_a_run_are_open_too() -> None:
    """Where the run is not known, an inline definition still shows what is inside."""
    child = definition(task("pack"), name="packing")
    params = SubWorkflowParams(name="packing", workflow_definition=child)
    flow = definition(task("box", "SUB_WORKFLOW", sub_workflow_param=params))

    assert "box/pack" in graph(run_of(flow), runs={})
    assert graph(run_of(flow), runs={}).nodes["box/pack"]["status"] is None


@pytest.mark.parametrize("form", ["mmd", "txt", "svg"])
def test_snapshots(form: str) -> None:
    """Each form is what it was when somebody last looked at it; PODIUM_UPDATE_SNAPSHOTS=1 writes them anew."""
    run, runs = family()
    text = {
        "mmd": lambda: mermaid(run, runs=runs, expand=2),
        "txt": lambda: outline(run, runs=runs, expand=2),
        "svg": lambda: drawing(picture_of(run, Options(runs=runs, expand=2)), Options(legend=True)),
    }[form]()
    path = SNAPSHOTS / f"family_run.{form}"
    if os.environ.get("PODIUM_UPDATE_SNAPSHOTS"):
        path.write_text(text)

    assert path.read_text() == text
