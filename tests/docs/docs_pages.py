"""
The pages of the documentation as a list of blocks, and what it takes to try each block.

A block is what stands between two lines of back quotes. HTML comments on the lines above it are its notes; readers do
not see them. The notes:

=====================  ===============================================================================================
``skip: reason``       the block is not tried
``needs: module``      the block is tried only where this module is installed
``untyped: reason``    the type checkers do not look at the block
``file: name``         the reader saves the block under this name
``raises: N1``         (python) it ends with an error of this code, or of this class
``says``               (text) the error of the block before says this; ``…`` stands for anything
``gives: R1``          (python, json) check() of what it defines finds a problem of this code; ``says`` may follow
``clean``              (python, json) check() of what it defines finds nothing
``with: tasks=[a]``    what check() is given besides; several definitions in one JSON list see each other
``prints``             (text) what the block before has printed, line for line; ``…`` stands for anything
``of: trip``           (json) a part of ``trip.to_dict()``; a map may leave keys out, ``"…"`` stands for anything, and
                       in a list for any number of items
``run``                (sh) its ``podium`` commands are run, one after the other; a comment ``# exit 1`` at the end of
                       the line says how
=====================  ===============================================================================================

A python block whose first line is ``# name.py`` is that file: it is written and run as a script, and later blocks may
import it. Of every ``print(...)  # text``, the text must have been printed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from attrs import frozen

from podium.model.values import JsonValue

ROOT = Path(__file__).parents[2]

_FENCE = re.compile(r"^( *)```(\w*)$")
_NOTE = re.compile(r"^ *<!-- *(.+?) *-->$")
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_PRINTED = re.compile(r"^ *print\(.*\)  +# (.+)$")


@frozen(kw_only=True)
class Block:
    """One block of code on a page."""

    page: str
    #: Line of its first line of code, from 1.
    line: int
    #: ``python``, ``json``, ``sh``, ``text``; empty if the page does not say.
    language: str
    text: str
    #: Word to what follows the colon.
    notes: Mapping[str, str]

    @property
    def place(self) -> str:
        """Where it is, for messages."""
        return f"{self.page}:{self.line}"

    @property
    def file_name(self) -> str | None:
        """The name of the Python file that it is."""
        first = self.text.partition("\n")[0]
        match = re.fullmatch(r"# (\w+\.py)", first) if self.language == "python" else None
        return match[1] if match else None

    @property
    def promised(self) -> Sequence[str]:
        """What its comments say that it prints."""
        return [match[1] for line in self.text.splitlines() if (match := _PRINTED.match(line))]


def pages() -> Sequence[str]:
    """Return the pages' paths from the root."""
    return ["README.md", *sorted(str(path.relative_to(ROOT)) for path in (ROOT / "docs").rglob("*.md"))]


def blocks_of(page: str) -> Sequence[Block]:
    """Return the blocks of a page, in order."""
    return list(_blocks(page, (ROOT / page).read_text().splitlines()))


def _blocks(page: str, lines: Sequence[str]) -> Iterator[Block]:
    notes: dict[str, str] = {}
    inside: list[str] | None = None
    language, start, indent = "", 0, ""
    for number, line in enumerate(lines, start=1):
        fence = _FENCE.match(line)
        if inside is None and fence:
            indent, language, start, inside = fence[1], fence[2], number + 1, []
        elif inside is None:
            note = _NOTE.match(line)
            if note:
                word, _, rest = note[1].partition(":")
                notes[word.strip()] = rest.strip()
            elif line.strip():
                notes = {}
        elif fence:
            yield Block(page=page, line=start, language=language, text="\n".join(inside) + "\n", notes=notes)
            notes, inside = {}, None
        else:
            inside.append(line.removeprefix(indent))


def links_of(page: str) -> Sequence[str]:
    """Return where the links of a page lead, those to other sites left out."""
    outside_code = re.sub(r"```.*?```|`[^`\n]*`", "", (ROOT / page).read_text(), flags=re.DOTALL)
    return [link for link in _LINK.findall(outside_code) if not link.startswith(("http:", "https:", "mailto:"))]


def anchors_of(page: Path) -> frozenset[str]:
    """Return the names under which the headings of a page can be linked to."""
    headings = re.findall(r"^#+ +(.+?) *$", page.read_text(), flags=re.MULTILINE)
    return frozenset(re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings)


def is_part(shown: JsonValue, whole: JsonValue) -> bool:
    """Tell whether what a page shows is *whole*, with something left out, or such a part of it."""
    if _fits(shown, whole):
        return True
    inner = whole.values() if isinstance(whole, dict) else whole if isinstance(whole, list) else ()
    return any(is_part(shown, each) for each in inner)


def _fits(shown: JsonValue, whole: JsonValue) -> bool:
    if shown == "…":
        return True
    if isinstance(shown, dict):
        known = isinstance(whole, dict)
        return known and all(key in whole and _fits(value, whole[key]) for key, value in shown.items())
    if isinstance(shown, list):
        return isinstance(whole, list) and _fits_in_order(shown, whole)
    return bool(type(shown) is type(whole) and shown == whole)


def _fits_in_order(shown: Sequence[JsonValue], whole: Sequence[JsonValue]) -> bool:
    if not shown:
        return not whole
    if shown[0] == "…":
        return any(_fits_in_order(shown[1:], whole[start:]) for start in range(len(whole) + 1))
    return bool(whole) and _fits(shown[0], whole[0]) and _fits_in_order(shown[1:], whole[1:])


def is_like(text: str, pattern: str) -> bool:
    """Tell whether a text is as a page shows it; ``…`` stands for anything."""
    pieces = [re.escape(piece) for piece in pattern.strip().split("…")]
    return re.fullmatch(".*".join(pieces), text.strip(), flags=re.DOTALL) is not None


def commands_of(block: Block) -> Iterator[tuple[str, int]]:
    """Yield the ``podium`` commands of a block of shell, and the exit code that each one should have."""
    joined = block.text.replace("\\\n", " ")
    for line in joined.splitlines():
        command, _, comment = line.partition("  #")
        exit_code = re.search(r"exit (\d+)", comment)
        if command.strip().startswith("podium "):
            yield command.strip(), int(exit_code[1]) if exit_code else 0
