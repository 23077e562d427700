"""What can be chosen about a picture."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal, TypedDict

from attrs import evolve, field, fields, frozen

from podium.model.errors import RenderError
from podium.model.runs import WorkflowRun
from podium.model.values import JsonValue
from podium.render.palette import THEMES, Theme

#: Gives the run that has an id, such as ``client.get``; a mapping, or a function that may raise `NotFound`.
Runs = Mapping[str, WorkflowRun] | Callable[[str], WorkflowRun]


class RenderOptions(TypedDict, total=False):
    """The keyword arguments of every function that draws."""

    #: ``TB``, from top to bottom, or ``LR``, from left to right.
    direction: Literal["TB", "LR"]
    theme: Literal["light", "dark"]
    #: Explain the statuses of a run; None means in exported files only. A definition has no statuses to explain.
    legend: bool | None
    #: How many levels of inline sub-workflows are shown open; True for all.
    expand: int | bool
    #: Of a run: which iteration of a loop is shown, by the loop's reference name; the newest if it is not named.
    iteration: Mapping[str, int]
    #: Of a run: where the runs of its sub-workflows are, by id. They are shown open, one level deep or to ``expand``.
    runs: Runs | None


@frozen(kw_only=True)
class Options:
    """The same, checked, with the defaults."""

    direction: str = "TB"
    theme: str = "light"
    legend: bool | None = None
    expand: int = 0
    iteration: Mapping[str, int] = field(factory=dict)
    runs: Runs | None = None

    @property
    def colours(self) -> Theme:
        """The theme's values."""
        return THEMES[self.theme]

    def with_legend(self, *, default: bool) -> Options:
        """Give the same options with the legend decided."""
        return self if self.legend is not None else evolve(self, legend=default)


#: Deeper than any definition can nest.
_ALL_LEVELS = 100


def read_options(given: RenderOptions) -> Options:
    """
    Check the keyword arguments of a drawing function.

    Raises:
        RenderError: An option is unknown or has a value that it cannot have.
    """
    values: dict[str, JsonValue] = dict(given)
    known = [attribute.name for attribute in fields(Options)]
    for name in values:
        if name not in known:
            raise RenderError(f"there is no option {name!r}; the options are {', '.join(known)}")
    _one_of(values, "direction", ("TB", "LR"))
    _one_of(values, "theme", tuple(THEMES))
    if not isinstance(values.get("legend"), bool | None):
        raise RenderError(f"legend is True, False or None, not {values['legend']!r}")
    _check_run_options(values)
    depth = values.get("expand", 0 if values.get("runs") is None else 1)
    if not isinstance(depth, int) or depth < 0:
        raise RenderError(f"expand is a number of levels, True or False, not {depth!r}")
    values["expand"] = _ALL_LEVELS if depth is True else min(int(depth), _ALL_LEVELS)
    return Options(**values)


def _check_run_options(values: dict[str, JsonValue]) -> None:
    iteration = values.get("iteration", {})
    if not isinstance(iteration, Mapping) or not all(isinstance(number, int) for number in iteration.values()):
        raise RenderError(f'iteration is a mapping such as {{"poll": 3}}, loop to iteration, not {iteration!r}')
    runs = values.get("runs")
    if runs is not None and not isinstance(runs, Mapping) and not callable(runs):
        raise RenderError(f"runs is a mapping from run id to run, or a function, not {runs!r}")


def _one_of(values: dict[str, JsonValue], name: str, allowed: tuple[str, ...]) -> None:
    if name in values and values[name] not in allowed:
        raise RenderError(f"{name} is one of {', '.join(allowed)}, not {values[name]!r}")
