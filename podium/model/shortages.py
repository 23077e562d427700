"""Errors that say "not now": the machine lacks something for a moment, and the work itself is not to blame."""

from __future__ import annotations

import errno
from collections.abc import Iterator

from podium.model.errors import Shortage

#: File descriptors, memory, processes and threads, buffers.
_PASSING = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EAGAIN, errno.ENOBUFS})


def is_shortage(error: BaseException) -> bool:
    """
    Return whether an error, or one that it comes from, is a passing shortage of the machine.

    Example:
        >>> is_shortage(OSError(errno.EMFILE, "Too many open files")), is_shortage(FileNotFoundError())
        (True, False)
    """
    return any(map(_is_one, _chain(error)))


def _is_one(error: BaseException) -> bool:
    if isinstance(error, Shortage | MemoryError):
        return True
    if isinstance(error, OSError):
        return error.errno in _PASSING and not isinstance(error, TimeoutError)
    return type(error) is RuntimeError and "can't start new thread" in str(error)


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    link: BaseException | None = error
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        yield link
        link = link.__cause__ or (None if link.__suppress_context__ else link.__context__)
