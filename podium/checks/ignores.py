"""
Comments that take a problem away: ``# podium: ignore[L1]`` or ``# podium: ignore[L1, D3]``.

A comment counts for the statement in whose lines it stands; the lines of a ``with`` or of a function are those of its
head, so that one comment never hides what is inside. A comment that takes nothing away is a problem of its own, U1.
"""

from __future__ import annotations

import ast
import io
import linecache
import re
import tokenize
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

from podium.checks.codes import CODES
from podium.model.problems import Problem

_COMMENT = re.compile(r"#\s*podium:\s*ignore\b(?:\s*\[([^\]]*)\])?")
#: Stands for the code of a comment that names none: it ignores nothing, though its author may think so.
_NO_CODE = ""


class SourceFile:
    """
    One file of the author's.

    Args:
        file: As Python names it.
    """

    def __init__(self, file: str) -> None:
        self.file = file
        self._text = "".join(linecache.getlines(file))

    @cached_property
    def comments(self) -> Mapping[int, frozenset[str]]:
        """Line to the codes that a comment there ignores; one that names none has the code `_NO_CODE`."""
        if not _COMMENT.search(self._text):  # reading a file in parts takes long
            return {}
        found: dict[int, frozenset[str]] = {}
        for line, text in self._comment_texts():
            match = _COMMENT.search(text)
            if match is not None:
                codes = re.findall(r"[^\s,]+", match[1] or "")
                found[line] = frozenset(code.upper() for code in codes) or frozenset({_NO_CODE})
        return found

    def _comment_texts(self) -> list[tuple[int, str]]:
        reader = io.StringIO(self._text).readline
        try:
            tokens = list(tokenize.generate_tokens(reader))
        except (SyntaxError, tokenize.TokenError):  # no Python as a whole, such as a page with code on it
            return list(enumerate(self._text.splitlines(), start=1))
        return [(token.start[0], token.string) for token in tokens if token.type == tokenize.COMMENT]

    @cached_property
    def _statements(self) -> list[tuple[int, int, int]]:
        """Return of each statement its first line, the last line of its head, and its last line."""
        try:
            tree = ast.parse(self._text)
        except SyntaxError:
            return []
        return [_extent(node) for node in ast.walk(tree) if isinstance(node, ast.stmt)]

    def head(self, line: int) -> range:
        """Return the lines of the statement in whose head a line is."""
        heads = [range(first, end + 1) for first, end, _ in self._statements if first <= line <= end]
        return min(heads, key=len, default=range(line, line + 1))

    def whole(self, line: int) -> range:
        """Return the lines of the statement in whose head a line is, with what is inside it."""
        found = [range(first, last + 1) for first, end, last in self._statements if first <= line <= end]
        return min(found, key=len, default=range(line, line + 1))


def _extent(node: ast.stmt) -> tuple[int, int, int]:
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    first = min([node.lineno, *(each.lineno for each in decorators)])
    last = node.end_lineno or node.lineno
    body = getattr(node, "body", None) or getattr(node, "cases", None)
    if not body or not hasattr(body[0], "lineno"):
        return first, last, last
    return first, max(node.lineno, _extent(body[0])[0] - 1), last


def _useless(code: str) -> tuple[str, str]:
    """Say why a comment took nothing away, and what to do about it."""
    if code == _NO_CODE:
        return "the comment names no code, so it ignores nothing", "name them, such as in # podium: ignore[L1]"
    known = "nothing here is one" if code in CODES else "there is no such code"
    return f"the comment ignores {code}, and {known}", "take it out"


class Ignores:
    """
    The comments that concern one workflow.

    Args:
        place: ``file:line`` of the workflow.
        places: Those of its steps.
        is_function: The workflow is a function, so that every comment in it is its own.
    """

    def __init__(self, place: str | None, places: Iterable[str | None], *, is_function: bool) -> None:
        self._sources: dict[str, SourceFile] = {}
        self._used: set[tuple[str, int, str]] = set()
        self._place = place
        self._places = [each for each in places if each is not None]
        self._is_function = is_function

    def without_ignored(self, problems: Iterable[Problem]) -> list[Problem]:
        """Return the problems that no comment takes away."""
        return [problem for problem in problems if not self._is_ignored(problem)]

    def unused(self, *, unsure: frozenset[str]) -> Iterator[Problem]:
        """
        Find the comments that took nothing away so far.

        Args:
            unsure: Codes of rules that could not see everything this time.
        """
        for file, line in sorted(self._own_lines()):
            for code in sorted(self._sources[file].comments.get(line, frozenset())):
                if (file, line, code) not in self._used and code not in unsure:
                    message, hint = _useless(code)
                    yield Problem(
                        code="U1", severity="warning", path="", place=f"{file}:{line}", message=message, hint=hint
                    )

    def _is_ignored(self, problem: Problem) -> bool:
        found = self._find(problem.place)
        if found is None:
            return False
        source, line = found
        for each in source.head(line) if source.comments else ():
            if problem.code in source.comments.get(each, frozenset()):
                self._used.add((source.file, each, problem.code))
                return True
        return False

    def _own_lines(self) -> set[tuple[str, int]]:
        lines: set[tuple[str, int]] = set()
        for place in {self._place, *self._places}:
            found = self._find(place)
            if found is not None and found[0].comments:
                source, line = found
                is_whole = self._is_function and place == self._place
                extent = source.whole(line) if is_whole else source.head(line)
                lines.update((source.file, each) for each in extent)
        return lines

    def _find(self, place: str | None) -> tuple[SourceFile, int] | None:
        file, _, line = (place or "").rpartition(":")
        if not file or not line.isdigit():
            return None
        if file not in self._sources:
            self._sources[file] = SourceFile(file)
        return self._sources[file], int(line)
