"""Paths that are more than names and single indexes: they are read and walked as JSONPath."""

from __future__ import annotations

from itertools import takewhile

from podium.expressions.document import Document
from podium.expressions.jsonpath.nodes import Members, PathError
from podium.expressions.jsonpath.syntax import read_path
from podium.expressions.jsonpath.walk import TEMPLATE_WORK_MAX, WORK_MAX, Walk
from podium.expressions.refusals import PathFault, PathRefused, PathTooCostly, PatternRefused
from podium.model.values import JsonValue


class GeneralPath:
    """
    A path that needs JSONPath.

    Attributes:
        is_indefinite: It always answers with a list.

    Raises:
        PathError: The text is no path.
        PatternRefused: A pattern in it needs what takes unlimited time.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._syntax = syntax = read_path(text)
        self.is_indefinite: bool = not syntax.is_definite
        #: The names of the root and the field that it begins at, which need no look at the rest of the document.
        self._beginning: tuple[str, ...] = ()
        if not syntax.needs_root:
            first = takewhile(lambda step: isinstance(step, Members) and len(step.names) == 1, syntax.steps[:2])
            self._beginning = tuple(step.names[0] for step in first if isinstance(step, Members))

    def find(self, document: Document) -> JsonValue:
        """Find the value, or the list of values of an indefinite path."""
        match self._beginning:
            case (root, name):
                value, skip = document.field(root, name), 2
            case (root,):
                value, skip = document.whole(root), 1
            case _:
                value, skip = None, 0
        if value is None:
            roots = [root for root in document.roots() if root in self._beginning or not self._beginning]
            value, skip = {root: document.whole(root) for root in roots}, 0
        walk = Walk(value, min(WORK_MAX, TEMPLATE_WORK_MAX - document.walked))
        try:
            return walk.value(self._syntax, value, skip=skip)
        except (PathError, PathFault):
            return None
        except (PathTooCostly, PatternRefused) as exc:
            raise PathRefused(f"${{{self._text[:200]}}}: {exc}") from None
        except RecursionError:
            raise PathRefused(f"${{{self._text[:200]}}}: it has too many steps, or too deep filters") from None
        finally:
            document.walked += walk.done
