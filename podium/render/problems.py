"""The problems of a check as a table for a notebook."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import Final

from podium.model.problems import Problem
from podium.render.naming import clean
from podium.render.notebook import forms_bundle

#: Words and signs, no colours: the page's own theme stays.
_SIGNS: Final = {"error": "✕ error", "warning": "! warning", "note": "· note"}
_CELL: Final = "text-align:left;vertical-align:top;padding:2px 8px"


def problems_bundle(
    problems: Sequence[Problem], include: Iterable[str] | None = None, exclude: Iterable[str] | None = None
) -> dict[str, str]:
    """
    Return what a notebook shows of the problems of a check: their text, and a table.

    Never raises.

    Args:
        problems: What `podium.check` gave.
        include: The only forms wanted, or None for all.
        exclude: Forms not wanted.
    """
    forms = {"text/plain": lambda: repr(problems), "text/html": lambda: problems_html(problems)}
    return forms_bundle(forms, include, exclude, fallback=f"{len(problems)} problems")


def problems_html(problems: Sequence[Problem]) -> str:
    """Return the problems as an HTML table, or a paragraph if there is none; every text of a definition is escaped."""
    if not problems:
        return "<p>✓ no problems</p>"
    head = "".join(f'<th scope="col" style="{_CELL}">{word}</th>' for word in ("", "Code", "Where", "What"))
    rows = "".join(f"<tr>{''.join(_cells(problem))}</tr>" for problem in problems)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _cells(problem: Problem) -> Iterable[str]:
    where = [f"<code>{_text(part)}</code>" for part in (problem.place, problem.path) if part]
    hint = f"<br/><em>{_text(problem.hint)}</em>" if problem.hint else ""
    for content in (
        _text(_SIGNS.get(problem.severity, problem.severity)),
        _text(problem.code),
        "<br/>".join(where),
        f"{_text(problem.message)}{hint}",
    ):
        yield f'<td style="{_CELL}">{content}</td>'


def _text(text: str) -> str:
    return escape(clean(text))
