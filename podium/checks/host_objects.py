"""
Scripts that take what a Conductor server gives them for JavaScript objects: L2.

There ``$`` and every object and list in it are Java's. Reading members, ``...``, ``for…in`` and most methods of arrays
work; looking at an object as a whole does not. (Conductor: ``ScriptEvaluator.java``; the values are GraalJS's.)
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from podium.checks.reads import ScriptReads
from podium.checks.report import Severity
from podium.model.values import JsonValue

_MEMBERS = r"(?:\s*\??\.\s*[A-Za-z_]\w*(?!\w|\s*\()|\s*(?:\?\.)?\[[^\[\]]*\])*"
_DOLLAR = rf"(?<![\w$.])\$(?!\w){_MEMBERS}"
_KEPT = re.compile(rf"\b(?:var|let|const)\s+(\w+)\s*=\s*(?P<of>{_DOLLAR})\s*(?=[;,\n]|\|\||\?\?|$)")
_FOR_IN = re.compile(r"\bfor\s*\(\s*(?:(?:var|let|const)\s+)?\w+\s+in\b")
_LENGTH = re.compile(r"\.\s*length$")
_ROOT = re.compile(r"\$\s*(?:\??\.\s*(\w+)|(?:\?\.)?\[\s*'(\d+)'\s*\])")


def host_object_faults(reads: ScriptReads, inputs: Mapping[str, JsonValue]) -> Iterator[tuple[str, Severity, str]]:
    """
    Find what a script does to an object as a whole that means another thing on a Conductor server.

    Args:
        reads: The script.
        inputs: The inputs of the task, as they are written.

    Yields:
        What it does, how bad that is, and what to write instead; once per kind.
    """
    of_dollar = _subject(reads.numbered)
    items = _items(reads.numbered, of_dollar)
    script = _FOR_IN.sub("", reads.numbered)
    for pattern, words, hint, takes_items in _RULES:
        subject = rf"(?:{of_dollar}|{items})" if takes_items and items else of_dollar
        for match in re.finditer(pattern.replace("SUBJECT", f"(?P<subject>{subject})"), script):
            if not _is_scalar(match["subject"], reads, inputs):
                shown = _with_texts(" ".join(match["subject"].split()), reads.texts)
                function = match.groupdict().get("function") or ""
                message = words.replace("SUBJECT", shown).replace("FUNCTION", function)
                yield message, "warning", hint.replace("SUBJECT", shown)
                break


def _with_texts(numbered: str, texts: tuple[str, ...]) -> str:
    return re.sub(r"'(\d+)'", lambda number: repr(texts[int(number[1])]), numbered)


#: A pattern around SUBJECT, what to say, the advice, and whether items of lists count as well.
_RULES: tuple[tuple[str, str, str, bool], ...] = (
    (
        r"\bJSON\s*\.\s*stringify\s*\(\s*SUBJECT\s*[,)]",
        "writes SUBJECT with JSON.stringify(), which gives {} for a Java object, as it is on a Conductor server",
        "write a new object: JSON.stringify({id: SUBJECT.id}), or use tojson in JSON_JQ_TRANSFORM",
        True,
    ),
    (
        r"\b(?P<function>Object\.(?:keys|values|entries|getOwnPropertyNames|hasOwn)|Reflect\.ownKeys)\s*\(\s*SUBJECT\s*[,)]",
        "calls FUNCTION(SUBJECT), which sees the methods of a Java object on a Conductor server",
        "copy it first: ({...SUBJECT}), or loop: for (const key in SUBJECT)",
        True,
    ),
    (
        r"\bObject\s*\.\s*assign\s*\([^()]*?SUBJECT\s*[,)]",
        "copies SUBJECT with Object.assign(), which copies the methods of a Java object on a Conductor server",
        "write ({...SUBJECT})",
        True,
    ),
    (
        r"\bin\s+SUBJECT",
        "looks for a name in SUBJECT, which a Java object on a Conductor server never has",
        "compare with null: SUBJECT.name != null",
        False,
    ),
    (
        r"SUBJECT\s*\.\s*hasOwnProperty\s*\(",
        "asks SUBJECT for a name, which a Java object on a Conductor server never has",
        "compare with null: SUBJECT.name != null",
        True,
    ),
    (
        r"(?<![\w$.])String\s*\(\s*SUBJECT\s*\)",
        "makes a text of SUBJECT: on a Conductor server that of an object is {k=v}, that of a list [1, 2]",
        "name the member that is meant, or use join() for a list",
        False,
    ),
    (
        r"SUBJECT\s*\.\s*sort\s*\(",
        "sorts SUBJECT where it stands, which fails for a Java list, or gives null, on a Conductor server",
        "sort a copy: [...SUBJECT].sort()",
        False,
    ),
)


def _subject(bare: str) -> str:
    """Return a pattern for ``$``, what is read of it, and variables that hold such."""
    names = sorted({match[1] for match in _KEPT.finditer(bare)})
    return rf"(?:{_DOLLAR}|(?<![\w$.])(?:{'|'.join(names)})(?!\w){_MEMBERS})" if names else f"(?:{_DOLLAR})"


def _items(bare: str, subject: str) -> str:
    """Return a pattern for the variables that hold an item of a list; empty if there are none."""
    calls = re.finditer(
        rf"{subject}\s*\.\s*(?:map|filter|forEach|find|some|every|flatMap)\s*\(\s*(?:function\s*\w*)?\s*\(?\s*(\w+)|"
        rf"\bfor\s*\(\s*(?:var|let|const)\s+(\w+)\s+of\s+{subject}\s*\)",
        bare,
    )
    names = sorted({name for call in calls for name in call.groups() if name and name != "function"})
    return rf"(?<![\w$.])(?:{'|'.join(names)})(?!\w){_MEMBERS}" if names else ""


def _is_scalar(subject: str, reads: ScriptReads, inputs: Mapping[str, JsonValue]) -> bool:
    """Return whether what a script looks at is a text, a number or a truth value, as far as its input shows it."""
    kept = {match[1]: match["of"] for match in _KEPT.finditer(reads.numbered)}
    first = re.match(r"\w+", subject)
    root = _ROOT.match(kept.get(first[0], subject) if first is not None else subject)
    if root is None or _LENGTH.search(subject):
        return root is not None
    name = root[1] or reads.texts[int(root[2])]
    value = inputs.get(name)
    if isinstance(value, str):
        return not (value.startswith("${") and value.endswith("}"))
    return name in inputs and not isinstance(value, dict | list)
