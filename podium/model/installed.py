"""What installed packages bring: entries of a group, and quickly none where no package has any."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from importlib.machinery import PathFinder
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint


def entries(group: str) -> Sequence[EntryPoint]:
    """
    Return the entry points of a group.

    A program whose packages bring none, as most do, does not pay for `importlib.metadata`: to import it and to let it
    read what is installed takes a tenth of a cold start.

    Example:
        >>> entries("podium.no_such_group")
        ()
    """
    if not _may_have(group):
        return ()
    from importlib.metadata import entry_points

    return tuple(entry_points(group=group))


def _may_have(group: str) -> bool:
    """Return whether a text that may hold entry points names the group; so also where it cannot be told."""
    finders = [finder for finder in sys.meta_path if hasattr(finder, "find_distributions")]
    if finders != [PathFinder]:
        return True  # a finder that knows of packages elsewhere
    heading = f"[{group}]".encode()
    return any(text is None or heading in text for folder in map(os.fsdecode, sys.path) for text in _texts(folder))


def _texts(folder: str) -> Iterator[bytes | None]:
    """Return the texts of the packages in a folder that hold their entry points; None for one that cannot be read."""
    try:
        names = os.listdir(folder or ".")  # noqa: PTH208 - pathlib takes three times as long
    except NotADirectoryError:
        yield None  # an archive, or no file of packages at all
        return
    except OSError:
        return  # there is none, as for most programs in one or two places of the path
    for name in names:
        if name.endswith((".dist-info", ".egg-info", ".egg")):
            if name.endswith(".egg"):
                yield None
                continue
            try:
                with open(f"{folder or '.'}/{name}/entry_points.txt", "rb") as file:  # noqa: PTH123 - as above
                    yield file.read()
            except (FileNotFoundError, NotADirectoryError):
                continue  # it brings none
            except OSError:
                yield None
