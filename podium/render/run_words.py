"""What a run says about a task, in words: lines for the node, facts for its tooltip."""

from __future__ import annotations

from typing import Final

from attrs import evolve

from podium.model.durations import duration_text
from podium.model.runs import TaskRun
from podium.model.statuses import TaskStatus, TaskType
from podium.render.attempts import DRAWN_MAX, Mark
from podium.render.naming import clean, lines_of, shorten
from podium.render.palette import style_of
from podium.render.picture import LabelLine, LineRole, Node, NodeKind
from podium.render.tallies import TROUBLE, counts, worst

_TROUBLE: Final = TROUBLE | {TaskStatus.COMPLETED_WITH_ERRORS.value}

#: Kinds whose time is their own; a fork takes none, and a join's or a merge's is that of others.
_TIMED: Final = frozenset(
    {
        NodeKind.WORKER,
        NodeKind.SYSTEM,
        NodeKind.SUB_WORKFLOW,
        NodeKind.WAIT,
        NodeKind.HUMAN,
        NodeKind.EVENT,
        NodeKind.LOOP,
        NodeKind.ENTER,
    }
)


def marked(node: Node, mark: Mark, branches: tuple[Mark, ...], *, chosen: int = 0, drawn_max: int = DRAWN_MAX) -> Node:
    """
    Write into a node what a run says about it.

    Args:
        node: The node of the definition's picture.
        mark: The attempts of its task.
        branches: The branches of a dynamic fork.
        chosen: The iteration of a loop that is shown instead of the newest; 0 for the newest.
        drawn_max: Most branches that are drawn one by one.
    """
    newest = mark.newest
    status: str = newest.status.value
    stands_for_all = len(branches) > drawn_max
    if stands_for_all:  # the node stands for all of them, and a failed one must not hide behind it
        status = worst({newest.status, *(branch.newest.status for branch in branches)})
    reason = clean(newest.reason_for_incompletion or "") if status in _TROUBLE else ""
    node = evolve(node, status=status, attempts=mark.attempts, iteration=_iteration(newest), reason=reason)
    return evolve(
        node,
        lines=(*node.lines, *_run_lines(node, mark, branches, chosen, stands_for_all=stands_for_all)),
        tooltip=(*node.tooltip, *_run_facts(node, mark, branches)),
    )


def _iteration(attempt: TaskRun) -> int:
    """Return the iteration of an attempt; of a loop that has ended, its output tells how often it went round."""
    said = attempt.output_data.get("iteration") if attempt.task_type == TaskType.DO_WHILE else None
    return said if attempt.status.is_terminal and isinstance(said, int) else attempt.iteration


def _run_lines(
    node: Node, mark: Mark, branches: tuple[Mark, ...], chosen: int, *, stands_for_all: bool
) -> list[LabelLine]:
    newest = mark.newest
    lines: list[LabelLine] = []
    if node.task_type == TaskType.DYNAMIC and newest.task_type != TaskType.DYNAMIC:
        lines.append(LabelLine(LineRole.FACT, f"runs {shorten(newest.task_type, 30)}"))
    if branches:
        lines.append(LabelLine(LineRole.FACT, f"x {len(branches)}"))
        lines += _broken(counts(branch.newest.status for branch in branches))
    if node.kind is NodeKind.LOOP and node.iteration:
        lines.append(LabelLine(LineRole.FACT, iterations(node, chosen)))
    elif len(mark.iterations) > 1 and node.kind in _TIMED:
        lines += _broken(f"{len(mark.iterations)} times: {counts(attempt.status for attempt in mark.iterations)}")
    lines.append(LabelLine(LineRole.STATUS, _status(node, newest)))
    if node.attempts > 1:
        lines.append(LabelLine(LineRole.STATUS, f"↻ {node.attempts} attempts"))
    lines += [LabelLine(LineRole.REASON, text) for text in lines_of(node.reason, width=34, count=3)]
    if stands_for_all:
        lines += _troubled(branches)
    return lines


def _broken(text: str) -> list[LabelLine]:
    return [LabelLine(LineRole.FACT, line) for line in lines_of(text, width=34, count=3)]


def _status(node: Node, newest: TaskRun) -> str:
    """Say how the newest attempt stands, and how long it took where that is its own time."""
    style = style_of(node.status or newest.status)
    words = f"{style.icon} {style.word}"
    took = _took(newest)
    if node.kind not in _TIMED or took < 1 or not newest.status.is_terminal:
        return words
    return f"{words} {'in' if newest.status.is_successful else 'after'} {duration_text(took)}"


def _took(attempt: TaskRun) -> int:
    """Return the milliseconds that an attempt worked, -1 if that is not known."""
    known = attempt.start_time and attempt.end_time >= attempt.start_time
    return attempt.end_time - attempt.start_time if known else -1


def _troubled(branches: tuple[Mark, ...]) -> list[LabelLine]:
    """Name the first branch in trouble of a fork whose branches are too many to be drawn."""
    for branch in branches:
        if branch.newest.status.value in _TROUBLE:
            text = f"{branch.newest.reference_task_name}: {branch.newest.reason_for_incompletion or 'no reason given'}"
            return [LabelLine(LineRole.REASON, line) for line in lines_of(text, width=34, count=3)]
    return []


def _run_facts(node: Node, mark: Mark, branches: tuple[Mark, ...]) -> list[str]:
    newest = mark.newest
    facts = [style_of(node.status or newest.status).word]
    if node.attempts > 1:
        facts.append(f"{node.attempts} attempts")
    if node.iteration:
        facts.append(iterations(node))
    if newest.scheduled_time and newest.queue_wait_time:
        facts.append(f"waited {duration_text(newest.queue_wait_time)}")
    if _took(newest) >= 0:
        facts.append(f"took {duration_text(_took(newest))}")
    if newest.worker_id:
        facts.append(f"by {shorten(newest.worker_id, 60)}")
    if branches:
        facts.append(counts(branch.newest.status for branch in branches))
    if node.reason:
        facts.append(node.reason)
    return facts


def iterations(node: Node, chosen: int = 0) -> str:
    """Say which iteration a loop or a task in a loop is in, and which is shown if that is another."""
    limit = f" of {node.iteration_limit}" if node.kind is NodeKind.LOOP and node.iteration_limit else ""
    if chosen and chosen != node.iteration:
        return f"shown: iteration {chosen}; newest: {node.iteration}{limit}"
    return f"iteration {node.iteration}{limit}"
