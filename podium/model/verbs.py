"""
What higher rooms do for the nouns of lower ones.

A workflow can draw, check and run itself, and a run can draw itself, yet the rooms that draw, check and run stand above
and must not be imported. So each noun says in a Protocol what it asks for (`podium.model.drawing.DrawingVerbs`,
`podium.model.runs.RunVerbs`, …) and gets it `SuppliedVerbs`. `podium/__init__.py`, which knows every room, supplies
`podium._verbs.RoomVerbs`, which a type checker holds against each of the Protocols; it is imported at its first use.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Generic, TypeVar, cast

from podium.model.errors import InternalError

T = TypeVar("T")

#: Gives the object that has every verb; one, as there is one package.
_suppliers: Final[list[Callable[[], object]]] = []


def supply(verbs: Callable[[], object]) -> None:
    """
    Say who has the verbs.

    Args:
        verbs: Gives an object that fits every Protocol of `SuppliedVerbs`; called whenever one is asked for.
    """
    _suppliers[:] = [verbs]


class SuppliedVerbs(Generic[T]):
    """
    The verbs that one noun asks for, by their Protocol.

    Example:
        ``_VERBS: FromAbove[DrawingVerbs] = FromAbove()``, and ``_VERBS().outline(self)`` where it is needed.
    """

    __slots__ = ()

    def __call__(self) -> T:
        """
        Return what has the verbs.

        Raises:
            InternalError: Nobody supplied them.
        """
        if not _suppliers:
            raise InternalError("no room supplies the verbs of workflows and runs")
        return cast("T", _suppliers[0]())  # `podium._verbs` shows to type checkers that it is one
