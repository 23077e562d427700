"""What the room offers: every function that draws, each over the module that knows how."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from os import PathLike
from typing import TYPE_CHECKING, Unpack

from podium.diff import diff_runs
from podium.model.errors import RenderError
from podium.model.moments import Moment
from podium.model.runs import WorkflowRun
from podium.render.catalogue import definition_of
from podium.render.diff_pictures import DiffPicture, draw_diff
from podium.render.dot_source import GRAPH_NAME, dot_body, dot_text
from podium.render.drawing import drawing
from podium.render.files import check_suffix, picture_forms, save
from podium.render.graphs import digraph_of
from podium.render.mermaid_source import mermaid_text
from podium.render.notebook import bundle
from podium.render.options import NOTHING, RenderOptions, Runs, read_options
from podium.render.palette import AUTO
from podium.render.playbacks import Playback, playback_of
from podium.render.run_diff_pictures import draw_run_diff
from podium.render.subject import picture_of
from podium.render.text import outline_text
from podium.render.timeline_rows import Choices, timeline_of
from podium.render.timelines import Timeline, check_look
from podium.render.times import add_times

if TYPE_CHECKING:
    import graphviz
    import networkx as nx


def graph(subject: object, **options: Unpack[RenderOptions]) -> nx.DiGraph[str]:
    """
    Return a definition or a run as a ``networkx`` graph, for analysis.

    A node's key is the task's reference name, ``sub/inner`` inside an expanded sub-workflow; ``graph.graph["start"]``
    and ``graph.graph["end"]`` are the keys of the two ends ("start" and "end", unless tasks have these names). Nodes
    are in definition order.

    ============  ======================================================================================
    node          meaning
    ============  ======================================================================================
    id            stable id in every picture, ``n_`` and the escaped reference name
    kind          start, end, worker, system, switch, merge, fork, join, dynamic-fork, loop, sub-workflow,
                  enter, leave, wait, human, event, terminate; collapsed and gap, if asked for a part
    hidden        how many tasks it stands for besides itself, if some are collapsed or left out
    reference     reference name; in a run's dynamic forks the name in the run; empty for the ends
    name, type    the task's name and type in the definition; empty for the ends
    label         what a picture writes into the node, lines separated by line ends
    container     key of the loop or sub-workflow around it, or None
    join_on       reference names that a join waits for
    status        a `TaskStatus`, for the end a `RunStatus`; "NOT_STARTED"; None where no run says anything
    attempts      attempts of the newest iteration; 0 without a run
    iteration     iteration of the newest attempt; 0 outside loops
    reason        why the newest attempt ended badly, or empty
    ============  ======================================================================================

    Of runs also these, over all attempts and iterations of a node, in milliseconds; None, 0 or () for definitions, for
    what has not happened, and inside sub-workflows that are open without their run (see ``runs``). ``graph.graph``
    has the run's ``workflow_id``, ``started_ms`` and ``ended_ms``.

    ===============  ===================================================================================
    node             meaning
    ===============  ===================================================================================
    scheduled_ms     when the first attempt was created, in epoch milliseconds
    started_ms       when the first attempt began, in epoch milliseconds
    ended_ms         when the newest attempt ended, in epoch milliseconds; None while it goes on
    wait_ms          sum of the times from creation to beginning
    duration_ms      sum of the times from beginning to end, of attempts that have ended
    attempts_all     number of all attempts, in all iterations
    worker           who had the newest attempt
    sub_workflow_id  the child run of the newest attempt
    task_ids         the attempts' ids, in the order of creation
    ===============  ===================================================================================

    ============  ======================================================================================
    edge          meaning
    ============  ======================================================================================
    kind          flow, back (a loop's way round again), unjoined (a branch's end that no join waits for) or undo
    kinds         all kinds, where one pair of nodes has two edges
    cases         labels of the switch cases that lead this way
    otherwise     the switch's default leads this way
    label         what a picture writes at the edge
    taken         the run went this way; None where no run says anything
    ============  ======================================================================================

    Args:
        subject: What to draw.
        options: Those of `RenderOptions` that say what is drawn, such as ``expand``.

    Raises:
        RenderError: *subject* cannot be drawn, or an option is wrong.
    """
    picture = picture_of(subject, read_options(options, collapse=NOTHING))
    return add_times(digraph_of(picture), picture)


def dot(subject: object, **options: Unpack[RenderOptions]) -> str:
    """
    Return a definition or a run as DOT text.

    Raises:
        RenderError: *subject* cannot be drawn, or an option is wrong.
    """
    chosen = read_options(options).with_legend(default=False)
    return dot_text(picture_of(subject, chosen), chosen)


def draw(subject: object, **options: Unpack[RenderOptions]) -> graphviz.Digraph:
    """
    Return a definition or a run as a ``graphviz.Digraph``, to be changed further or rendered; its source is `dot`'s.

    Everything has its place already (``pos``), and the graph asks for the engine ``nop2``, which keeps it; what is
    added needs a ``pos``, too.

    Raises:
        RenderError: *subject* cannot be drawn, or an option is wrong.
    """
    import graphviz

    chosen = read_options(options).with_legend(default=False)
    body = dot_body(picture_of(subject, chosen), chosen)
    return graphviz.Digraph(GRAPH_NAME, body=body, engine="neato")


def svg(subject: object, *, id_prefix: str = "", **options: Unpack[RenderOptions]) -> str:
    """
    Return a definition or a run as SVG.

    It needs no other program. With the theme ``auto`` it is light, and dark on a page that is.

    Args:
        subject: What to draw.
        id_prefix: What every id in the SVG begins with, for pages with several pictures.
        options: See `RenderOptions`.

    Raises:
        RenderError: *subject* cannot be drawn, or an option is wrong.
    """
    chosen = read_options(options).with_legend(default=False)
    return drawing(picture_of(subject, chosen), chosen, id_prefix=id_prefix, links=True)


def mermaid(subject: object, **options: Unpack[RenderOptions]) -> str:
    """
    Return a definition or a run as a Mermaid flowchart, for Markdown.

    Raises:
        RenderError: *subject* cannot be drawn, or an option is wrong.
    """
    chosen = read_options(options)
    return mermaid_text(picture_of(subject, chosen), chosen)


def outline(subject: object, **options: Unpack[RenderOptions]) -> str:
    """
    Return a definition or a run as an indented outline, one line for each task.

    Raises:
        RenderError: *subject* cannot be drawn, or an option is wrong.
    """
    return outline_text(picture_of(subject, read_options(options, collapse=NOTHING)))


def render_file(subject: object, path: str | PathLike[str], **options: Unpack[RenderOptions]) -> str:
    """
    Draw a definition or a run into a file; the suffix says how.

    ``.svg``, ``.png`` and ``.pdf`` by Graphviz, ``.dot`` or ``.gv``, ``.mmd`` or ``.mermaid``,
    ``.txt``. A legend of a run's statuses is drawn unless ``legend=False``.

    Returns:
        The path, as text.

    Raises:
        RenderError: The suffix is unknown, *subject* cannot be drawn, an option is wrong, ``dot`` is needed and
            missing, or the file cannot be written. Nothing was written.
    """
    name = str(path)
    suffix = check_suffix(name)
    chosen = read_options(options, collapse=NOTHING if suffix == ".txt" else AUTO)
    return save(name, picture_forms(picture_of(subject, chosen), chosen.with_legend(default=True)), what="picture")


def mimebundle(
    subject: object, include: Iterable[str] | None = None, exclude: Iterable[str] | None = None
) -> dict[str, str]:
    """
    Return what a notebook shows of a definition or a run.

    ``text/plain`` and ``image/svg+xml``; if *include* asks for them also ``image/png``, ``text/vnd.mermaid`` and
    ``text/vnd.graphviz``. Never raises: a form that cannot be made is left out.

    Args:
        subject: What to show.
        include: The only forms wanted, or None for the usual ones.
        exclude: Forms not wanted.
    """
    return bundle(subject, include, exclude)


def timeline(
    run: WorkflowRun,
    *,
    opened: Iterable[str] = (),
    iteration: Mapping[str, int] | None = None,
    runs: Runs | None = None,
    expand: int | bool | None = None,
    now: Moment | None = None,
    rows_max: int = 60,
    theme: str = AUTO,
    width: int = 1000,
) -> Timeline:
    """
    Return the timeline of a run: when each task waited for a worker, worked and ended.

    A retry continues its task's row; long stretches without any work are drawn shorter and marked. Where there are more
    than *rows_max* tasks, those of one place (a task in a loop, the branches of a dynamic fork) share a row that counts
    them, and the first that failed are named below it.

    Args:
        run: The run.
        opened: Reference names of tasks or dynamic forks whose members have their own rows all the same.
        iteration: Loop to the only iteration of it that is shown.
        runs: Where the runs of sub-workflows are, by id: a mapping, or a function such as ``client.get``.
        expand: How many levels of sub-workflows are shown below their tasks; 1 if *runs* is given.
        now: The present moment, for a run that has not ended. If it is not given: now, for a run that a client gave;
            its last change, for one that was read from a file, and for one as it was (`WorkflowRun.at`).
        rows_max: Tasks from which on rows are shared.
        theme: ``auto``, ``light`` or ``dark``.
        width: Pixels, at least 600.

    Raises:
        RenderError: There is no such loop or iteration, or an option is wrong.
        InvalidRequest: *now* is no moment.
    """
    if not isinstance(run, WorkflowRun):
        raise RenderError(f"a run has a timeline, not {type(run).__name__}")
    check_look(theme, width)
    given: RenderOptions = {"iteration": iteration or {}, "runs": runs}
    chosen = read_options(given if expand is None else {**given, "expand": expand})
    choices = Choices(
        opened=frozenset([opened] if isinstance(opened, str) else opened),
        iteration=chosen.iteration,
        runs=chosen.runs,
        expand=chosen.expand,
        rows_max=rows_max,
    )
    return timeline_of(run, choices, now=now, theme=theme, width=width)


def diff_picture(old: object, new: object, **options: Unpack[RenderOptions]) -> DiffPicture:
    """
    Return what differs between two definitions, as one picture and as text.

    Steps are compared as `podium.diff` tells: added, removed, renamed, changed and moved ones are marked with a
    colour, an icon, a border and a word, and so are lines that lead elsewhere now.

    Args:
        old: A definition, or an object whose ``definition`` is one.
        new: The same.
        options: See `RenderOptions`.

    Raises:
        RenderError: One of the two is no definition, or an option is wrong.
    """
    before, after = definition_of(old), definition_of(new)
    if before is None or after is None:
        raise RenderError("two workflows or their definitions can be compared")
    return draw_diff(before, after, **options)


def run_diff(a: WorkflowRun, b: WorkflowRun, **options: Unpack[RenderOptions]) -> DiffPicture:
    """
    Return what differs between two runs, as one picture and as text.

    Each step says how it went in both; what differs is marked with a colour, an icon, a border and a word, and where
    it begins with a thick outline. Lines say which of the two went along them.

    Args:
        a: A run.
        b: Another run of the same workflow, or of another version of it.
        options: See `RenderOptions`; ``undo`` draws what undid the second run.

    Raises:
        InvalidRequest: One of the two is no run.
        RenderError: An option is wrong.
    """
    return draw_run_diff(diff_runs(a, b, runs=options.get("runs")), **options)


def playback(run: WorkflowRun, *, count: int = 60, **options: Unpack[RenderOptions]) -> Playback:
    """
    Return the pictures of a run at the moments at which something changed, in one layout.

    A notebook shows it with a slider; files hold it as an SVG that plays by itself, or as HTML.

    Args:
        run: The run; what it does not know, such as pauses, is not played.
        count: Most frames, evenly through the changes.
        options: See `RenderOptions`.

    Raises:
        RenderError: *run* is no run, or an option is wrong.
        InvalidRequest: *count* is less than 1.
    """
    if not isinstance(run, WorkflowRun):
        raise RenderError(f"a run can be played back, not {type(run).__name__}")
    return playback_of(run, count, **options)


def animate(
    run: WorkflowRun,
    path: str | PathLike[str],
    *,
    seconds: float | None = None,
    count: int = 60,
    **options: Unpack[RenderOptions],
) -> str:
    """
    Write the playback of a run into a file: ``.svg`` plays by itself, ``.html`` has a slider, ``.txt`` tells it.

    Args:
        run: The run.
        path: Where to write.
        seconds: How long one round of the SVG takes; 0.7 for each frame if it is not given.
        count: Most frames, evenly through the changes.
        options: See `RenderOptions`.

    Returns:
        The path, as text.

    Raises:
        RenderError: The suffix is another, *run* is no run, an option is wrong, or the file cannot be written.
        InvalidRequest: *count* is less than 1.
    """
    return playback(run, count=count, **options).render(path, seconds=seconds)
