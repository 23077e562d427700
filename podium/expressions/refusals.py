"""Why a path is not followed, or a pattern not matched; beside what does both, which few templates need."""

from __future__ import annotations

from podium.model.errors import PodiumError


class PathFault(Exception):
    """What ends the whole look-up without a value, whatever filter it happens in."""


class PatternRefused(PodiumError):
    """A pattern needs what takes unlimited time."""


class PathTooCostly(PodiumError):
    """A path looks at too many values."""


class PathRefused(PodiumError):
    """A path is not followed, because that could take any time."""
