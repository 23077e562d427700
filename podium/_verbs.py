"""
The verbs that higher rooms have for workflows, runs and what else stands below them.

Each imports its room when it is first called, so that a process pays only for what it needs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from os import PathLike
    from typing import Unpack

    import graphviz
    import networkx as nx

    from podium.diff.differences import DiffVerbs
    from podium.diff.run_differences import RunDiff, RunDiffVerbs
    from podium.dsl.tasks import Task
    from podium.dsl.workflows import Workflow, WorkflowVerbs
    from podium.model.definitions import TaskDef, WorkflowDef
    from podium.model.drawing import (
        AnimateOptions,
        DrawingVerbs,
        PlaybackOptions,
        RenderOptions,
        Runs,
        TimelineOptions,
    )
    from podium.model.problems import CheckReport, ReportVerbs
    from podium.model.runs import RunVerbs, WorkflowRun
    from podium.model.values import JsonValue
    from podium.render.diff_pictures import DiffPicture
    from podium.render.live import Live
    from podium.render.playbacks import Playback
    from podium.render.timelines import Timeline
    from podium.testing.counterfactuals import WhatIf


class RoomVerbs:
    """The verbs, as the Protocols of the nouns ask for them; their docstrings say what each does."""

    def render_file(self, subject: object, path: str | PathLike[str], **options: Unpack[RenderOptions]) -> str:
        from podium.render import render_file

        return render_file(subject, path, **options)

    def draw(self, subject: object, **options: Unpack[RenderOptions]) -> graphviz.Digraph:
        from podium.render import draw

        return draw(subject, **options)

    def graph(self, subject: object, **options: Unpack[RenderOptions]) -> nx.DiGraph[str]:
        from podium.render import graph

        return graph(subject, **options)

    def mermaid(self, subject: object, **options: Unpack[RenderOptions]) -> str:
        from podium.render import mermaid

        return mermaid(subject, **options)

    def outline(self, subject: object, **options: Unpack[RenderOptions]) -> str:
        from podium.render import outline

        return outline(subject, **options)

    def mimebundle(
        self, subject: object, include: Iterable[str] | None, exclude: Iterable[str] | None
    ) -> dict[str, str]:
        from podium.render import mimebundle

        return mimebundle(subject, include, exclude)

    def live(self, run: WorkflowRun, *, interval: float) -> Live:
        from podium.render.live import live

        return live(run, interval=interval)

    def playback(self, run: WorkflowRun, **options: Unpack[PlaybackOptions]) -> Playback:
        from podium.render import playback

        return playback(run, **options)

    def animate(self, run: WorkflowRun, path: str | PathLike[str], **options: Unpack[AnimateOptions]) -> str:
        from podium.render import animate

        return animate(run, path, **options)

    def timeline(self, run: WorkflowRun, **options: Unpack[TimelineOptions]) -> Timeline:
        from podium.render import timeline

        return timeline(run, **options)

    def problems(
        self, report: CheckReport, include: Iterable[str] | None, exclude: Iterable[str] | None
    ) -> dict[str, str]:
        from podium.render.problems import problems_bundle

        return problems_bundle(report, include, exclude)

    def diff_picture(self, old: WorkflowDef, new: WorkflowDef, **options: Unpack[RenderOptions]) -> DiffPicture:
        from podium.render import diff_picture

        return diff_picture(old, new, **options)

    def run_diff_picture(self, diff: RunDiff, **options: Unpack[RenderOptions]) -> DiffPicture:
        from podium.render.run_diff_pictures import draw_run_diff

        return draw_run_diff(diff, **options)

    def run_diff(self, run: WorkflowRun, other: WorkflowRun, *, runs: Runs | None) -> RunDiff:
        from podium.diff import diff_runs

        return diff_runs(run, other, runs=runs)

    def what_if(
        self,
        run: WorkflowRun,
        mocks: Mapping[str, object] | None,
        *,
        input: Mapping[str, object] | None,  # noqa: A002  # the field's own name
        others: Iterable[Any],
    ) -> WhatIf:
        from podium.testing.counterfactuals import what_if

        return what_if(run, mocks, input=input, others=others)

    def check(
        self,
        workflow: Workflow[..., Any],
        *,
        tasks: Iterable[TaskDef] | None,
        others: Iterable[Workflow[..., Any] | WorkflowDef],
        notes: bool,
    ) -> CheckReport:
        from podium.checks.authored import check_one

        return check_one(workflow, tasks=tasks, others=others, notes=notes)

    def to_python(self, definition: WorkflowDef, *, line_length: int) -> str:
        from podium.decompile import to_python

        return to_python(definition, line_length=line_length)

    def run(
        self,
        workflow: Workflow[..., Any],
        run_input: Mapping[str, JsonValue],
        *,
        workers: Sequence[Task[..., Any]] | None,
        timeout: float | None,
    ) -> WorkflowRun:
        from podium.client import run_workflow

        return run_workflow(workflow, run_input, workers=workers, timeout=timeout)


VERBS: Final = RoomVerbs()

if TYPE_CHECKING:
    # What `podium.model.verbs` promises.
    _PROOF: tuple[DrawingVerbs, RunVerbs, ReportVerbs, DiffVerbs, RunDiffVerbs, WorkflowVerbs] = (
        *(VERBS, VERBS, VERBS),
        *(VERBS, VERBS, VERBS),
    )
