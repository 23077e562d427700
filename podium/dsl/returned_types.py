"""The type that ``returns=`` says of an output: ``Any`` where an author does not say it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from typing_extensions import TypeVar  # only checkers know the default yet (PEP 696)

    T = TypeVar("T", default=Any)
else:
    from typing import TypeVar

    T = TypeVar("T")

#: What ``returns=`` is by default.
ANYTHING: Final[Any] = Any
