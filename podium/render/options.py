"""What can be chosen about a picture."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final

from attrs import evolve, field, fields, frozen

from podium.model.drawing import RenderOptions, Runs
from podium.model.errors import RenderError
from podium.render.catalogue import Catalogue, catalogue_of
from podium.render.palette import AUTO, HEAT_METRICS, THEMES, Theme

__all__ = ["NOTHING", "Options", "RenderOptions", "Runs", "read_options"]


@frozen(kw_only=True)
class Options:
    """The same, checked, with the defaults."""

    direction: str = "TB"
    theme: str = AUTO
    legend: bool | None = None
    expand: int = 0
    iteration: Mapping[str, int] = field(factory=dict)
    runs: Runs | None = None
    definitions: Catalogue = field(factory=Catalogue)
    undo: bool = False
    focus: str | None = None
    hops: int = 2
    between: tuple[str, str] | None = None
    collapse: bool | str | tuple[str, ...] = AUTO
    heat: str = HEAT_METRICS[0]

    @property
    def colours(self) -> Theme:
        """The theme's values."""
        return THEMES["light" if self.adapts else self.theme]

    @property
    def adapts(self) -> bool:
        """Whether an SVG goes with the page that it stands in."""
        return self.theme == AUTO

    def with_legend(self, *, default: bool) -> Options:
        """Return the same options with the legend decided."""
        return self if self.legend is not None else evolve(self, legend=default)


#: What ``collapse`` is for texts and graphs: nothing but what they are told to, and more than 12 branches as one. False
#: draws each branch.
NOTHING: tuple[str, ...] = ()

#: Deeper than any definition can nest.
_ALL_LEVELS = 100


def read_options(given: RenderOptions, *, collapse: bool | str | tuple[str, ...] = AUTO) -> Options:
    """
    Check the keyword arguments of a drawing function.

    Args:
        given: The arguments.
        collapse: What ``collapse`` is if it is not among them.

    Raises:
        RenderError: An option is unknown or has a value that it cannot have.
    """
    values: dict[str, Any] = dict(given)
    known = [attribute.name for attribute in fields(Options)]
    for name, value in values.items():
        if name not in known:
            raise RenderError(f"there is no option {name!r}; the options are {', '.join(known)}")
        if name in _CHECKS and not _CHECKS[name][1](value):
            raise RenderError(f"{name} is {_CHECKS[name][0]}, not {value!r}")
    if values.get("focus") is not None and values.get("between") is not None:
        raise RenderError("focus and between are two ways to choose a part; give one of them")
    if values.get("between") is not None:
        values["between"] = _names(values, "between", 'two names of tasks, such as ("charge", "ship")')
        if len(values["between"]) != 2:
            raise RenderError(f"between is two names of tasks, not {len(values['between'])}")
    if isinstance(values.get("collapse"), str) and values["collapse"] != AUTO:
        values["collapse"] = (values["collapse"],)
    if not isinstance(values.get("collapse"), bool | str | None):
        values["collapse"] = _names(values, "collapse", 'True, False, "auto" or names of loops, forks and the like')
    if values.get("collapse") is None:
        values["collapse"] = collapse
    depth = values.get("expand", 0 if values.get("runs") is None else 1)
    values["expand"] = _ALL_LEVELS if depth is True else min(int(depth), _ALL_LEVELS)
    definitions = values.get("definitions")
    values["definitions"] = catalogue_of(() if definitions is None else definitions)
    return Options(**values)


def _is_count(value: object) -> bool:
    return isinstance(value, int) and value >= 0


#: What an option is, in words, and whether a value is that.
_CHECKS: Final[Mapping[str, tuple[str, Callable[[Any], bool]]]] = MappingProxyType(
    {
        "direction": ("one of TB, LR", lambda value: value in ("TB", "LR")),
        "theme": (f"one of {', '.join((AUTO, *THEMES))}", lambda value: value in (AUTO, *THEMES)),
        "legend": ("True, False or None", lambda value: isinstance(value, bool | None)),
        "heat": (f"one of {', '.join(HEAT_METRICS)}", lambda value: value in HEAT_METRICS),
        "expand": ("a number of levels, True or False", _is_count),
        "undo": ("True or False", lambda value: isinstance(value, bool)),
        "focus": ("the name of a task", lambda value: isinstance(value, str | None)),
        "hops": ("a number of lines, 0 or more", lambda value: _is_count(value) and not isinstance(value, bool)),
        "iteration": (
            'a mapping such as {"poll": 3}, loop to iteration',
            lambda value: isinstance(value, Mapping) and all(isinstance(each, int) for each in value.values()),
        ),
        "runs": (
            "a mapping from run id to run, or a function",
            lambda value: value is None or isinstance(value, Mapping) or callable(value),
        ),
    }
)


def _names(values: Mapping[str, Any], name: str, what: str) -> tuple[str, ...]:
    given = values[name]
    names = tuple(given) if isinstance(given, Iterable) and not isinstance(given, str) else (None,)
    if not all(isinstance(each, str) for each in names):
        raise RenderError(f"{name} is {what}, not {given!r}")
    return names
