"""
A place in the text of a path, and the ways to look on from it.

Conductor: Jayway's `CharacterIndex`. Reading behind the end of the text raises `IndexError`, which makes it no path;
the *end* may lie in front of that, and then what is behind it can still be seen.
"""

from __future__ import annotations

from podium.expressions.jsonpath.nodes import PathError


class TextCursor:
    """A text with the place in it that is read next, and the place of its last character."""

    __slots__ = ("at", "last", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.last = len(text) - 1

    def trim(self) -> None:
        """Leave blanks at both ends out."""
        self.skip_blanks()
        while self.at < self.last and self.text[self.last] == " ":
            self.last -= 1

    def skip_blanks(self) -> str:
        """Pass over blanks; give the character behind them."""
        while self.at < self.last and self.text[self.at] == " ":
            self.at += 1
        return self.text[self.at]

    @property
    def char(self) -> str:
        """The character at the place."""
        return self.text[self.at]

    @property
    def is_inside(self) -> bool:
        """Whether the place is not behind the end."""
        return self.at <= self.last

    def is_at_tail(self) -> bool:
        """Return whether at most one character is left; nothing more is read then."""
        return self.at >= self.last

    def significant_from(self, place: int) -> int:
        """Return the first place behind *place* without a blank."""
        place += 1
        while place <= self.last and self.text[place] == " ":
            place += 1
        return place

    def significant_before(self, place: int) -> int:
        """Return the last place in front of *place* without a blank; -1 if there is none."""
        place -= 1
        while place >= 0 and self.text[place] == " ":
            place -= 1
        return place

    def next_significant(self, place: int | None = None) -> str:
        """Return the first character behind a place that is no blank; a blank if there is none."""
        found = self.significant_from(self.at if place is None else place)
        return self.text[found] if found <= self.last else " "

    def find_next_significant(self, place: int, char: str) -> int:
        """Return where *char* stands behind a place, with nothing but blanks between; -1 if another one does."""
        found = self.significant_from(place)
        return found if self.text[found] == char else -1

    def find(self, char: str, start: int) -> int:
        """Return where a character stands from *start* on; -1 if nowhere."""
        return self.text.find(char, start, self.last + 1)

    def find_unescaped(self, char: str, start: int) -> int:
        """Return where a character stands behind *start* without a backslash in front; -1 if nowhere."""
        place = start + 1
        while place <= self.last:
            if self.text[place] == "\\":
                place += 1
            elif self.text[place] == char:
                return place
            place += 1
        return -1

    def find_closing(self, start: int, closing: str, *, over_patterns: bool) -> int:
        """
        Return where the bracket at *start* closes; -1 if nowhere.

        Brackets in quotes do not count, nor, if wished, those between slashes.
        """
        opening = self.text[start]
        opened = 1
        place = start + 1
        while place <= self.last:
            for fence in (self.text[place] if self.text[place] in "'\"" else "", "/" if over_patterns else ""):
                if fence and self.text[place] == fence:
                    place = self.find_unescaped(fence, place)
                    if place < 0:
                        raise PathError(f"no closing {fence}")
                    place += 1
            if self.text[place] == opening:
                opened += 1
            if self.text[place] == closing:
                opened -= 1
                if opened == 0:
                    return place
            place += 1
        return -1
