"""
Many rows at once: the UPDATE that `podium.backends.sql.queries` writes for one row, taken apart.

Drivers run a statement once for each row, which costs the server and Python several times what one UPDATE of all rows
costs. How a server spells that one is its own matter.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cached_property, lru_cache
from operator import itemgetter
from typing import Any

from attrs import frozen

from podium.backends.sql.database import Values

#: A mark, and the type that SQLAlchemy gives it.
MARK = r'%s(?P<cast>(?:::\w+)?(?: COLLATE "C")?)'
_UPDATE = re.compile(r"UPDATE (?P<table>\w+) SET (?P<values>.+) WHERE (?P<tests>.+)")
_VALUE = re.compile(rf"(?P<name>\w+)={MARK}")
_TEST = re.compile(rf"(?P<name>\w+\.`?\w+`?) = {MARK}")


@frozen(slots=False)
class Update:
    """
    An UPDATE that finds its row by columns that are equal to parameters, and sets others to parameters.

    Attributes:
        table: What is changed.
        values: The columns that are set, in the order of the parameters.
        tests: Those that are compared, which come after them.
        casts: What each parameter is followed by.
    """

    table: str
    values: tuple[str, ...]
    tests: tuple[str, ...]
    casts: tuple[str, ...]

    def changes(self, target: str = "") -> str:
        """Return what is set, to columns ``c0``, ``c1``, … of ``v``; *target* stands before each column's name."""
        return ", ".join(f"{target}{name} = v.c{number}" for number, name in enumerate(self.values))

    @property
    def keys(self) -> str:
        """The condition, on the columns of ``v`` that follow."""
        return " AND ".join(f"{name} = v.c{number}" for number, name in enumerate(self.tests, len(self.values)))

    def in_order(self, rows: Sequence[Values]) -> Sequence[Values] | None:
        """
        Return rows of parameters by what finds their rows: who locks in one order does not wait in a circle.

        None if two of them find the same row: one statement would run only one of them.
        """
        found = self._finds
        if len(set(map(found, rows))) < len(rows):
            return None
        return sorted(rows, key=found)

    @cached_property
    def _finds(self) -> Callable[[Values], Any]:
        """What of a row's parameters tells it from others: what is compared, and is not set anew."""
        # A column that is set as well as compared (the revision) finds no row of its own.
        names = [name.rpartition(".")[2].strip("`") for name in self.tests]
        return itemgetter(*(at for at, name in enumerate(names, len(self.values)) if name not in self.values))


@lru_cache(maxsize=64)
def parse_update(sql: str) -> Update | None:
    """Return the parts of an UPDATE of rows that are found by their keys; None for any other statement."""
    match = _UPDATE.fullmatch(sql)
    if match is None:
        return None
    values, tests = list(_VALUE.finditer(match["values"])), list(_TEST.finditer(match["tests"]))
    # The parts must be all there is: a statement that is only partly understood is run row by row.
    is_known = ", ".join(one[0] for one in values) == match["values"]
    if not is_known or " AND ".join(one[0] for one in tests) != match["tests"]:
        return None
    return Update(
        match["table"],
        tuple(one["name"] for one in values),
        tuple(one["name"] for one in tests),
        tuple(one["cast"] for one in (*values, *tests)),
    )
