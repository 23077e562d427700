"""Which Podium this is."""

from __future__ import annotations


def own_version() -> str | None:
    """Return the version of the installed package, None if it is not installed."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("podium")
    except PackageNotFoundError:
        return None
