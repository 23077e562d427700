"""
Finds the backend for a URL.

The scheme names it: the built-in ones are known here, all others come from the entry point group ``podium.backends``,
whose entries are functions that take the URL and give a `podium.engine.ports.Backend`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias, cast

from podium.engine.ports import Backend
from podium.model.errors import BackendNotInstalled, UnknownBackend
from podium.model.later import named
from podium.model.texts import shown

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

#: Opens a backend; what an entry point of the group `GROUP` must be. It gets the whole URL.
BackendFactory: TypeAlias = Callable[[str], Backend]

#: The entry point group through which a package supplies a backend; the entry's name is the URL's scheme.
GROUP = "podium.backends"

# Known without a look at the installed packages: that scan costs milliseconds, and finds nothing in a bare checkout.
_BUILT_IN = {
    "memory": "podium.backends.memory:open_backend",
    "sqlite": "podium.backends.sql.sqlite:open_backend",
    "postgresql": "podium.backends.sql.postgresql:open_backend",
    "mysql": "podium.backends.sql.mysql:open_backend",
    "mariadb": "podium.backends.sql.mysql:open_backend",
}

#: Drivers that Podium names as extras.
_EXTRAS = {"psycopg": "'podium[postgresql]'", "pymysql": "'podium[mysql]'"}


def open_backend(url: str) -> Backend:
    """
    Open the store that a URL names.

    Args:
        url: ``memory://``, ``sqlite:///relative.db``, ``sqlite:////absolute.db``, ``postgresql://user@host/database``,
            ``mysql://user@host/database`` (also ``mariadb://``), or what an installed backend takes. A scheme such as
            ``postgresql+psycopg`` is looked up whole, then without its driver.

    Raises:
        UnknownBackend: No backend has this scheme.
        BackendNotInstalled: The backend's module or its driver is missing; the message names it.
        BackendError: The URL says something that the backend cannot do.
        StoreUnavailable: The store cannot be reached.

    Example:
        >>> open_backend("memory://").is_durable
        False
    """
    if not isinstance(url, str):
        raise UnknownBackend(f"a backend URL is a text such as 'sqlite:///podium.db', not {shown(url)}")
    scheme, colon, _ = url.partition(":")
    if not colon:
        raise UnknownBackend(f"{url!r} is not a backend URL; write for example memory:// or sqlite:///podium.db")
    try:
        return _factory(scheme)(url)
    except ModuleNotFoundError as error:
        wanted = _EXTRAS.get(error.name or "", error.name)
        raise BackendNotInstalled(
            f"the backend for {scheme}:// needs the Python package {error.name!r}, which is not installed;"
            f" install it with: pip install {wanted}",
        ) from error


def _factory(scheme: str) -> BackendFactory:
    """Return the function that opens backends of this scheme."""
    for name in dict.fromkeys((scheme, scheme.partition("+")[0])):
        if name in _BUILT_IN:
            return cast("BackendFactory", named(_BUILT_IN[name]))
    entries = _entry_points()
    for name in dict.fromkeys((scheme, scheme.partition("+")[0])):
        if name in entries:
            return cast("BackendFactory", entries[name].load())
    # Only the scheme is shown: the rest of a URL may hold a password.
    known = ", ".join(f"{name}://" for name in sorted({*_BUILT_IN, *entries}))
    raise UnknownBackend(
        f"no backend is known for {scheme}://; known are {known}."
        f" Write for example memory:// or sqlite:///podium.db, or install a package that brings {scheme}://"
        f" (entry point group {GROUP!r})",
    )


def _entry_points() -> dict[str, EntryPoint]:
    """Return the installed packages' entries by scheme."""
    from importlib.metadata import entry_points  # a slow import that the built-in backends do not need

    return {entry.name: entry for entry in entry_points(group=GROUP)}
