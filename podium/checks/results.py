"""Which values a condition can have, where its text shows it."""

from __future__ import annotations

import json
import re

from podium.checks.reads import reads_of

_TEXT = r"'(?:[^'\\\n])*'|\"(?:[^\"\\\n])*\""
_PLAIN = rf"(?:{_TEXT}|-?\d+|true|false|null)"
_LITERAL = re.compile(rf"\s*\(?\s*({_PLAIN})\s*\)?\s*;?\s*")
_RETURN = re.compile(rf"\breturn\b\s*(?:\(?\s*({_PLAIN})\s*\)?\s*(?=[;}}]))?")
#: ``function f(…) {…} f(…)``, ``(function (…) {…})(…)`` and ``(() => {…})()``.
_NAMED = re.compile(r"\s*function\s+(\w+)\s*\([^()]*\)\s*\{(.*)\}\s*;?\s*(\w+)\s*\([^()]*\)\s*;?\s*", re.DOTALL)
_NAMELESS = re.compile(
    r"\s*\(\s*(?:function\s*\w*\s*\([^()]*\)|\([^()]*\)\s*=>)\s*\{(.*)\}\s*\)?\s*\([^()]*\)\s*\)?\s*;?\s*", re.DOTALL
)
_COMPARES = re.compile(r"(?:[=!]==?|<=?|>=?)(?!>)")
#: A statement longer than this is not read: that would take long, and nobody could check it.
_STATEMENT_CHARS = 1000
_DEPTH = {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}


def results_of(script: str) -> frozenset[str] | None:
    """
    Return the values that a script can have, as Conductor's SWITCH sees them: as texts.

    Returns:
        The values, perhaps some more than there can really be; None if the text does not show it.

    Example:
        >>> sorted(results_of("$.amount > 1000 ? 'large' : 'small'"))
        ['large', 'small']
        >>> results_of("$.kind") is None
        True
    """
    literals = _literals_of(script)
    return None if literals is None else frozenset(_as_text(each) for each in literals)


def gives_text(script: str) -> bool:
    """
    Return whether whatever a script gives is surely a text.

    Example:
        >>> gives_text("$.n < 3 ? 'true' : 'false'"), gives_text("$.n < 3")
        (True, False)
    """
    literals = _literals_of(script)
    return literals is not None and all(each[0] in "'\"" for each in literals - {"null"}) and literals != {"null"}


def _literals_of(script: str) -> frozenset[str] | None:
    """Return the values as the script writes them, texts in their quotes."""
    script = _without_comments(script)
    for pattern in (_NAMED, _NAMELESS):
        match = pattern.fullmatch(script)
        if match is not None and (pattern is _NAMELESS or match[1] == match[3]):
            return _returned(match[2] if pattern is _NAMED else match[1])
    return _of_statement(script.strip()) if len(script) <= _STATEMENT_CHARS else None


def _without_comments(script: str) -> str:
    return re.sub(rf"({_TEXT})|//[^\n]*|/\*.*?\*/", lambda match: match[1] or " ", script, flags=re.DOTALL)


def _returned(body: str) -> frozenset[str] | None:
    """Return the values that the ``return`` statements of a function name; it may also end without one."""
    if "=>" in body or "function" in body:
        return None
    found = {"null"}
    for match in _RETURN.finditer(body):
        if match[1] is None:
            return None
        found.add(match[1])
    return frozenset(found) if len(found) > 1 else None


def _of_statement(text: str) -> frozenset[str] | None:
    if text.startswith("if"):
        return _of_if(text)
    text = text.removesuffix(";").strip()
    literal = _LITERAL.fullmatch(text)
    if literal is not None:
        return frozenset({literal[1]})
    question = _at_top(text, "?")
    if question > 0 and text[question : question + 2] not in {"?.", "??"}:
        return _of_choice(text[question + 1 :])
    return frozenset({"true", "false"}) if question < 0 and _is_truth(text) else None


def _of_if(text: str) -> frozenset[str] | None:
    """Read ``if (…) {…} else {…}``; without an ``else`` the value may be undefined."""
    opened = text.find("(")
    closed = _closing(text, opened)
    if opened < 0 or text[2:opened].strip() or closed is None:
        return None
    then, rest = _block(text[closed + 1 :].strip())
    if then is None:
        return None
    if not rest:
        return then | {"null"}
    if not rest.startswith("else"):
        return None
    rest = rest.removeprefix("else").strip()
    if rest.startswith("if"):
        other = _of_if(rest)
    else:
        other, behind = _block(rest)
        if behind:
            return None
    return None if other is None else then | other


def _block(text: str) -> tuple[frozenset[str] | None, str]:
    """Return the values of a block in braces, or of a bare statement, and what stands behind it."""
    if not text.startswith("{"):
        first, semicolon, rest = text.partition(";")
        return (_of_statement(first.strip()), rest.strip()) if semicolon else (None, "")
    closed = _closing(text, 0)
    if closed is None:
        return None, ""
    inner = text[1:closed].strip()
    if ";" in reads_of(inner.removesuffix(";")).bare:
        return None, ""
    return _of_statement(inner), text[closed + 1 :].strip().removeprefix(";").strip()


def _of_choice(text: str) -> frozenset[str] | None:
    colon = _at_top(text, ":", nested="?")
    if colon < 0:
        return None
    first, second = _of_statement(_unwrapped(text[:colon])), _of_statement(_unwrapped(text[colon + 1 :]))
    return None if first is None or second is None else first | second


def _unwrapped(text: str) -> str:
    text = text.strip()
    return text[1:-1].strip() if text.startswith("(") and _closing(text, 0) == len(text) - 1 else text


def _is_truth(text: str) -> bool:
    """Return whether an expression is surely true or false: comparisons, joined by ``&&``, ``||`` and ``!``."""
    text = _unwrapped(text)
    if any(_at_top(text, sign) >= 0 for sign in (";", ",", "=>", "\n")):
        return False
    for joint in ("||", "&&"):
        at = _at_top(text, joint)
        if at > 0:
            return _is_truth(text[:at]) and _is_truth(text[at + 2 :])
    if text.startswith("!") and not text.startswith("!="):
        return _LITERAL.fullmatch(text[1:]) is None
    return any(_COMPARES.match(text, at) for at in _tops(text))


def _tops(text: str) -> list[int]:
    """Return the positions that are in no bracket and in no text."""
    depth, found, at = 0, [], 0
    for piece in re.finditer(rf"{_TEXT}|.", text, flags=re.DOTALL):
        at = piece.start()
        step = _DEPTH.get(piece[0], 0)
        depth += min(step, 0)
        if depth == 0 and len(piece[0]) == 1:
            found.append(at)
        depth += max(step, 0)
    return found


def _at_top(text: str, sign: str, nested: str | None = None) -> int:
    """Find a sign that is in no bracket and in no text, -1 if there is none; *nested* opens what the sign closes."""
    depth = 0
    for at in _tops(text):
        if nested is not None and text[at] == nested and text[at : at + 2] not in {"?.", "??"}:
            depth += 1
        elif text.startswith(sign, at):
            if depth == 0:
                return at
            depth -= 1
    return -1


def _closing(text: str, opened: int) -> int | None:
    """Return the position of the bracket that closes the one at *opened*."""
    if opened < 0:
        return None
    tops = [at for at in _tops(text[opened:]) if at > 0 and _DEPTH.get(text[opened + at], 0) < 0]
    return opened + tops[0] if tops else None


def _as_text(literal: str) -> str:
    if literal[0] in "'\"":
        return literal[1:-1]
    return str(json.loads(literal)) if literal[0] in "-0123456789" else literal
