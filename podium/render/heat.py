"""The definition of a workflow, coloured by what became of its tasks in many runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Final

from attrs import evolve, frozen

from podium.model.durations import duration_text
from podium.model.errors import RenderError
from podium.model.runs import as_datetime
from podium.model.statistics import RunStatistics, TaskStatistics, Times
from podium.model.texts import count_of
from podium.render.flow import draw_definition
from podium.render.heat_ways import with_ways
from podium.render.legends import with_note
from podium.render.options import Options
from podium.render.palette import HEAT_STEPS, NOT_STARTED, heat_key, style_of
from podium.render.picture import LabelLine, LineRole, Node, NodeKind, Picture

#: Kinds that have no heat of their own unless they fail: they only put others in order.
_COLD: Final = frozenset({NodeKind.FORK, NodeKind.JOIN, NodeKind.MERGE, NodeKind.SWITCH})


@frozen
class _Metric:
    """What can be told of a task by its colour."""

    #: Of a task that was reached; None where nothing is known.
    value: Callable[[TaskStatistics], float | None]
    #: The greatest value of each step but the last.
    bounds: tuple[float, ...]

    def step(self, task: TaskStatistics) -> int | None:
        """Return how hot a task is, from 0; None where that is not known."""
        value = self.value(task)
        return None if value is None else sum(value > bound for bound in self.bounds)


def _p95(times: Times | None) -> float | None:
    return None if times is None else times.p95


_SHARES: Final = (0.0, 0.01, 0.05, 0.2)
_MILLISECONDS: Final = (100.0, 1_000.0, 10_000.0, 60_000.0)
_METRICS: Final[Mapping[str, _Metric]] = MappingProxyType(
    {
        "failures": _Metric(lambda task: task.failed / task.count if task.count else None, _SHARES),
        "retries": _Metric(lambda task: task.retries / task.count if task.count else None, _SHARES),
        "time": _Metric(lambda task: _p95(task.took), _MILLISECONDS),
        "waiting": _Metric(lambda task: _p95(task.waited), _MILLISECONDS),
    }
)
assert all(len(metric.bounds) == HEAT_STEPS - 1 for metric in _METRICS.values())


def draw_heat(found: RunStatistics, options: Options) -> Picture:
    """
    Make the picture of statistics: the definition, with what became of each task, and how often each way was taken.

    Args:
        found: Statistics of one workflow.
        options: ``heat``, what the colours tell, ``expand`` and ``definitions`` count.

    Raises:
        RenderError: They are of all workflows, which have no picture.
    """
    if found.definition is None:
        raise RenderError("statistics of one workflow can be drawn, such as those of client.statistics('order')")
    plain = draw_definition(found.definition, expand=options.expand, catalogue=options.definitions)
    nodes = tuple(_node(node, found, options.heat) for node in plain.nodes)
    picture = evolve(
        with_ways(evolve(plain, nodes=nodes), found),
        subtitle=tuple(_about(found)),
        legend_note="the thicker a line, the more often it was taken; thin grey: never",
    )
    others = tuple(
        LabelLine(LineRole.FACT, f"{name}: {', '.join(_words(task))}") for name, task in sorted(found.types.items())
    )
    if not others:
        return picture
    title = "Other tasks, by their type"
    return with_note(picture, "types", title, others, tooltip=[title, *(line.text for line in others)])


def _about(found: RunStatistics) -> Iterator[str]:
    """Tell how many runs were counted, since when, and what became of them."""
    bounds = [
        f"{word} {at:%Y-%m-%d %H:%M} UTC"
        for word, ms in (("from", found.started_from), ("to", found.started_to))
        if ms is not None and (at := as_datetime(ms)) is not None
    ]
    newest = "the newest " if found.is_partial else ""
    yield " ".join([f"{newest}{count_of(found.count, 'run')}", *bounds])
    for one in found.workflows.values():
        counted = sorted(one.runs.items(), key=lambda item: -item[1])
        text = ", ".join(f"{number:,} {style_of(status).word}" for status, number in counted)
        yield text + (f"; {_spread(one.took)}" if one.took else "")


def _node(node: Node, found: RunStatistics, heat: str) -> Node:
    if node.nested or not node.task_type:
        return node
    task = found.tasks.get(node.reference)
    if task is None:
        return evolve(node, status=NOT_STARTED, tooltip=(*node.tooltip, "never reached"))
    step = _METRICS[heat].step(task)
    is_told = step is not None and (node.kind not in _COLD or (step > 0 and heat == "failures"))
    lines = _words(task) if node.kind not in _COLD or task.failed else _words(task)[:1]
    return evolve(
        node,
        status=heat_key(heat, step) if is_told and step is not None else None,
        lines=(*node.lines, *(LabelLine(LineRole.FACT, text) for text in lines)),
        tooltip=(*node.tooltip, *_facts(task)),
    )


def _words(task: TaskStatistics) -> list[str]:
    """Return what stands in the node of a task."""
    words = [f"x {task.count:,}" + (f" in {count_of(task.runs, 'run')}" if task.runs != task.count else "")]
    if task.failed:
        words.append(f"{style_of('FAILED').icon} {task.failed:,} failed ({percent(task.failed, task.count)})")
    if task.retries:
        words.append(f"↻ {count_of(task.retries, 'retry')}")
    return [*words, _spread(task.took)] if task.took else words


def _spread(times: Times) -> str:
    return f"p50 {duration_text(times.p50)}, p95 {duration_text(times.p95)}"


def _facts(task: TaskStatistics) -> list[str]:
    """Return what the tooltip tells besides."""
    ended = ", ".join(f"{number:,} {style_of(status).word}" for status, number in sorted(task.executions.items()))
    facts = [f"in {count_of(task.runs, 'run')}", f"as of the newest attempts: {ended}"]
    if task.retries:
        facts.append(count_of(task.retries, "retry"))
    for word, times in (("took", task.took), ("waited", task.waited)):
        if times is not None:
            facts.append(f"{word}: {_spread(times)}, longest {duration_text(times.longest)}")
    return facts


def percent(part: int, whole: int) -> str:
    """
    Return a share in percent; what is not nothing is never 0 %, and what is not all never 100 %.

    Example:
        >>> percent(1, 10_000), percent(1, 3), percent(9_999, 10_000)
        ('< 0.1 %', '33 %', '> 99 %')
    """
    if part in {0, whole}:
        return "100 %" if part else "0 %"
    share = 100 * part / whole
    if share > 99:
        return "> 99 %"
    return f"{share:.0f} %" if share >= 10 else f"{share:.1f} %" if share >= 0.1 else "< 0.1 %"
