"""
The playback of a run: its picture at each moment at which something changed.

All frames have the shape of the whole run and one layout, so that nothing jumps: what has not happened yet is drawn as
not started.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256
from os import PathLike
from typing import Final, Unpack

from attrs import evolve, frozen

from podium.model.errors import RenderError
from podium.model.moments import frame_times
from podium.model.runs import WorkflowRun
from podium.render.files import save
from podium.render.fonts import text_width
from podium.render.notebook import forms_bundle, page_prefix
from podium.render.options import Options, RenderOptions, read_options
from podium.render.overlay import draw_moments
from podium.render.palette import NOT_STARTED, style_of
from podium.render.picture import LabelLine, Node, NodeKind, Picture
from podium.render.playback_html import playback_html
from podium.render.playback_svg import Frames, Shown, animated_svg
from podium.render.timeline_scale import tick_label
from podium.render.views import view_of

_NEWS_MAX: Final = 3


@frozen(kw_only=True)
class Playback(Frames):
    """
    A run that can be played back.

    Made by `podium.render.playback`; a notebook shows it with a slider, without widgets and without the network.
    """

    def html(self, *, id_prefix: str | None = None) -> str:
        """
        Return a piece of HTML: one SVG for all frames, a slider, and buttons to step and to play.

        Args:
            id_prefix: What every id begins with, for pages that have the same playback twice; by itself it is made from
                what is played.
        """
        return playback_html(self, id_prefix=f"v{self._digest()}_" if id_prefix is None else id_prefix)

    def svg(self, *, seconds: float | None = None) -> str:
        """
        Return an SVG that plays by itself, for slides and web pages.

        It loops. Where motion is unwelcome (``prefers-reduced-motion``), and in programs that do not animate, it shows
        the last frame.

        Args:
            seconds: How long one round takes; 0.7 for each frame if it is not given.

        Raises:
            RenderError: *seconds* is not positive.
        """
        if seconds is not None and seconds <= 0:
            raise RenderError(f"seconds is a positive number, not {seconds!r}")
        return animated_svg(self, id_prefix=f"a{self._digest()}_", seconds=seconds)

    def describe(self) -> str:
        """Return the captions of all frames, one line each."""
        return "".join(f"{line}\n" for line in [self.title, *(f"  {frame.caption}" for frame in self.frames)])

    def render(self, path: str | PathLike[str], *, seconds: float | None = None) -> str:
        """
        Write the playback into a file: ``.svg`` plays by itself, ``.html`` has a slider, ``.txt`` tells it.

        Returns:
            The path, as text.

        Raises:
            RenderError: The suffix is another (GIF is not made: every slide program and browser plays the SVG),
                *seconds* is wrong, or the file cannot be written.
        """
        forms = {
            ".svg": lambda: self.svg(seconds=seconds),
            ".html": lambda: _PAGE.format(body=self.html()),
            ".txt": self.describe,
        }
        return save(path, forms, what="playback", hints=_HINTS)

    def __str__(self) -> str:
        return self.describe()

    def _digest(self) -> str:
        # Sets are left out: their order, and so their text, is another in each process.
        drawn = [(frame.caption, frame.picture.nodes, frame.picture.edges) for frame in self.frames]
        return sha256(repr((self.title, self.options.theme, drawn)).encode()).hexdigest()[:8]

    def _repr_mimebundle_(
        self, include: Iterable[str] | None = None, exclude: Iterable[str] | None = None
    ) -> dict[str, str]:
        forms = {
            "text/plain": self.describe,
            "text/html": lambda: self.html(id_prefix=page_prefix(f"html {self._digest()}")),
            "image/svg+xml": self.svg,
        }
        wanted = ("text/plain", "text/html") if include is None else include
        return forms_bundle(forms, wanted, exclude, fallback="<Playback>")


_HINTS: Final = {".gif": "an animated .svg plays in slides and browsers as a GIF does"}
_PAGE: Final = '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"></head><body>\n{body}</body></html>\n'


def playback_of(run: WorkflowRun, count: int, **options: Unpack[RenderOptions]) -> Playback:
    """
    Make the playback of a run.

    Raises:
        RenderError: An option is wrong.
        InvalidRequest: *count* is less than 1.
    """
    chosen = read_options(options)
    moments = frame_times(run, count) or (run.create_time,)
    pictures = _pictures(run, moments, chosen)
    shown = tuple(
        Shown(at_ms=at_ms, caption=_caption(at_ms - moments[0], picture, before), picture=picture)
        for at_ms, picture, before in zip(moments, pictures, [None, *pictures], strict=False)
    )
    return Playback(title=pictures[-1].title, frames=shown, shape=_shape(pictures), options=chosen)


def _pictures(run: WorkflowRun, moments: Sequence[int], options: Options) -> list[Picture]:
    whole = draw_moments(run, moments, options)
    parts = [view_of(picture, options) for picture in whole]
    if len({tuple(node.id for node in part.nodes) for part in parts}) == 1:
        return parts
    # Which of very many cases are in sight depends on what happened; a playback shows all rather than let them jump.
    return [view_of(picture, evolve(options, collapse=False)) for picture in whole]


def _caption(since_ms: int, picture: Picture, before: Picture | None) -> str:
    """Tell the time since the start, and which nodes stand otherwise than in the frame before."""
    when = f"+{tick_label(since_ms, 1 if since_ms < 60_000 else 1_000)}"
    old = {node.id: _standing(node) for node in before.nodes} if before else {}
    news = [
        f"{node.name} {style_of(node.status).word}"
        for node in picture.nodes
        if node.status is not None
        and node.status != NOT_STARTED
        and (node.task_type or node.kind is NodeKind.END)
        and old.get(node.id) != _standing(node)
    ]
    if len(news) > _NEWS_MAX:
        news = [*news[:_NEWS_MAX], f"{len(news) - _NEWS_MAX} more"]
    return f"{when}: {', '.join(news)}" if news else when


def _standing(node: Node) -> tuple[str | None, int, int]:
    return node.status, 0 if node.kind is NodeKind.LOOP else node.iteration, node.attempts


# -- one shape for all frames ------------------------------------------------------------------------------------------


def _shape(pictures: Sequence[Picture]) -> Picture:
    """Return the last picture with the longest texts that any has, so that all fit into its layout."""
    last = pictures[-1]
    nodes = (
        evolve(each[-1], lines=_largest([node.lines for node in each]))
        for each in zip(*(picture.nodes for picture in pictures), strict=True)
    )
    boxes = (
        evolve(each[-1], lines=_largest([box.lines for box in each]))
        for each in zip(*(picture.containers for picture in pictures), strict=True)
    )
    return evolve(
        last,
        subtitle=max((picture.subtitle for picture in pictures), key=len),
        nodes=tuple(nodes),
        containers=tuple(boxes),
        explained=frozenset().union(*(picture.statuses for picture in pictures)),
    )


def _largest(labels: Sequence[tuple[LabelLine, ...]]) -> tuple[LabelLine, ...]:
    """Return as many lines as the highest label has, one of them as wide as the widest label."""
    highest = max(labels, key=len)
    if not highest:
        return highest
    widest = max((line for label in labels for line in label), key=lambda line: text_width(line.text, 1.0))
    return highest if widest in highest else (*highest[:-1], widest)
