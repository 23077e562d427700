"""
Pictures of definitions and runs: networkx, Graphviz, Mermaid, plain SVG, text.

Everything here takes a `WorkflowDef`, a `WorkflowRun`, or an object whose ``definition`` is a `WorkflowDef`, and draws
it without running it and without the network. The same subject gives the same bytes.

Keyword arguments of all drawing functions (`RenderOptions`): ``direction`` ("TB" or "LR"), ``theme`` ("auto", "light"
or "dark"), ``legend`` (None: in exported files only), ``expand`` (levels of sub-workflows that are shown open) and
``definitions`` (where those are that are only named), ``undo`` (also draw what undoes the workflow); for a part of a
large flow ``focus="charge", hops=2``, ``between=("charge", "ship")``, and ``collapse`` (names, True, False or "auto");
for runs also ``iteration`` (loop to the iteration that is shown) and ``runs`` (the runs of sub-workflows, by id).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from podium.model.later import loader

if TYPE_CHECKING:
    from podium.render.front import (
        animate,
        diff_picture,
        dot,
        draw,
        graph,
        mermaid,
        mimebundle,
        outline,
        playback,
        render_file,
        run_diff,
        svg,
        timeline,
    )
    from podium.render.options import RenderOptions

__all__ = [
    "RenderOptions",
    "animate",
    "diff_picture",
    "dot",
    "draw",
    "graph",
    "mermaid",
    "mimebundle",
    "outline",
    "playback",
    "render_file",
    "run_diff",
    "svg",
    "timeline",
]

# Hidden from type checkers, which would take every misspelt name for something.
if not TYPE_CHECKING:
    # Who only defines or runs workflows does not pay for them.
    __getattr__ = loader(__name__, dict.fromkeys(__all__, "podium.render.front"))
