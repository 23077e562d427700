"""What can be asked of everything that can be drawn, and the words to ask it with."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol, TypeAlias, TypedDict

from podium.model.run_facts import RunFacts
from podium.model.tracebacks import brief
from podium.model.verbs import SuppliedVerbs

if TYPE_CHECKING:
    from os import PathLike
    from typing import Unpack

    import graphviz
    import networkx as nx

    from podium.model.moments import Moment

#: Gives the run that has an id, such as ``client.get``; a mapping, or a function that may raise `NotFound`.
Runs: TypeAlias = Mapping[str, RunFacts] | Callable[[str], RunFacts]


class RenderOptions(TypedDict, total=False):
    """The keyword arguments of every function that draws."""

    #: ``TB``, from top to bottom, or ``LR``, from left to right.
    direction: Literal["TB", "LR"]
    #: ``auto`` is light, and an SVG is dark on a page that is.
    theme: Literal["auto", "light", "dark"]
    #: Explain the statuses of a run; None means in exported files only. True explains the shapes of a definition.
    legend: bool | None
    #: How many levels of sub-workflows are shown open, where their definitions are known; True for all.
    expand: int | bool
    #: Where the definitions of sub-workflows are that name theirs, and the failure workflow: definitions or workflows.
    #: A `podium.Workflow` brings its own.
    definitions: Iterable[object] | Mapping[Any, object] | None
    #: Draw the tasks that undo the workflow, which its failure workflow holds, beside it.
    undo: bool
    #: Only what is near the task of this name.
    focus: str | None
    #: How many lines away from ``focus`` is near, in either direction.
    hops: int
    #: Only what lies on a way from the first task to the second one.
    between: tuple[str, str] | None
    #: Loops, forks, sub-workflows and switches that are drawn as one node, by name; True: every loop, fork and
    #: sub-workflow; False: none. "auto" (the same as None) collapses as much as needed where a picture has more than 60
    #: nodes, and draws more than 12 branches as one. Texts and graphs of networkx collapse only what they are told to.
    collapse: bool | str | Iterable[str] | None
    #: Of a run: which iteration of a loop is shown, by the loop's reference name; the newest if it is not named.
    iteration: Mapping[str, int]
    #: Of a run: where the runs of its sub-workflows are, by id. They are shown open, one level deep or to ``expand``.
    runs: Runs | None
    #: Of statistics of many runs: what the colours tell.
    heat: Literal["failures", "retries", "time", "waiting"]


class TimelineOptions(TypedDict, total=False):
    """The keyword arguments of a timeline; `podium.render.timeline` tells what they mean."""

    opened: Iterable[str]
    iteration: Mapping[str, int] | None
    runs: Runs | None
    expand: int | bool | None
    now: Moment | None
    rows_max: int
    theme: Literal["auto", "light", "dark"]
    width: int


class PlaybackOptions(RenderOptions, total=False):
    """The keyword arguments of a playback."""

    #: Most frames, evenly through the changes.
    count: int


class AnimateOptions(PlaybackOptions, total=False):
    """The keyword arguments of a playback that is written into a file."""

    #: How long one round of an SVG takes; 0.7 for each frame if it is not given.
    seconds: float | None


class DrawingVerbs(Protocol):
    """What is asked of the room that draws, for whatever can be drawn."""

    def render_file(self, subject: object, path: str | PathLike[str], **options: Unpack[RenderOptions]) -> str:
        """Draw into a file, and return its path."""

    def draw(self, subject: object, **options: Unpack[RenderOptions]) -> graphviz.Digraph:
        """Return a Graphviz graph."""

    def graph(self, subject: object, **options: Unpack[RenderOptions]) -> nx.DiGraph[str]:
        """Return a networkx graph."""

    def mermaid(self, subject: object, **options: Unpack[RenderOptions]) -> str:
        """Return Mermaid text."""

    def outline(self, subject: object, **options: Unpack[RenderOptions]) -> str:
        """Return an indented text outline."""

    def mimebundle(
        self, subject: object, include: Iterable[str] | None, exclude: Iterable[str] | None
    ) -> dict[str, str]:
        """Return what a notebook shows."""


_VERBS: Final[SuppliedVerbs[DrawingVerbs]] = SuppliedVerbs()


class Drawable:
    """What can draw itself: workflows and runs."""

    __slots__ = ()

    @brief
    def render(self, path: str | PathLike[str], **options: Unpack[RenderOptions]) -> str:
        """
        Draw it into a file; the suffix chooses the format.

        Args:
            path: Such as ``order.svg``, ``.png``, ``.pdf``, ``.dot``, ``.mmd`` or ``.txt``.
            options: See `RenderOptions`.

        Returns:
            The path.

        Raises:
            RenderError: The format is unknown or cannot be made here.
        """
        return _VERBS().render_file(self, path, **options)

    @brief
    def draw(self, **options: Unpack[RenderOptions]) -> graphviz.Digraph:
        """Return it as a ``graphviz.Digraph``; see `RenderOptions`."""
        return _VERBS().draw(self, **options)

    @brief
    def graph(self, **options: Unpack[RenderOptions]) -> nx.DiGraph[str]:
        """Return it as a ``networkx.DiGraph``; `podium.render.graph` tells its attributes and options."""
        return _VERBS().graph(self, **options)

    @brief
    def to_mermaid(self, **options: Unpack[RenderOptions]) -> str:
        """Return it as Mermaid text; see `RenderOptions`."""
        return _VERBS().mermaid(self, **options)

    @brief
    def describe(self, **options: Unpack[RenderOptions]) -> str:
        """Return it as an indented text outline; see `RenderOptions`."""
        return _VERBS().outline(self, **options)

    def _repr_mimebundle_(
        self, include: Iterable[str] | None = None, exclude: Iterable[str] | None = None
    ) -> dict[str, str]:
        return _VERBS().mimebundle(self, include, exclude)
