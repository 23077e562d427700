"""
Putting secrets in, at the last moment.

Stored inputs keep the literal ``${workflow.secrets.NAME}``; the value is put in when a task is handed to a worker or
started by the engine, and never written down. The pattern is simpler than that of other references: it does not nest
and ends at the first ``}``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from podium.engine.expressions.template import value_in_json
from podium.engine.expressions.text import java_text
from podium.model.values import JsonValue

_SECRET = re.compile(r"\$\{workflow\.secrets\.([^}]*)\}")
_MARK = "${workflow.secrets."


def deliver_secrets(value: JsonValue, secrets: Mapping[str, str]) -> JsonValue:
    """
    Replace references to secrets in a value that is about to be handed over.

    A string that is one whole reference becomes the secret's text, or None if there is no such secret; with a path
    (``${workflow.secrets.DB.password}``) the secret is read as JSON and the value there is taken. Inside a longer
    string a missing secret is the empty text. What was put in is not looked through again.

    Args:
        value: Any JSON value, such as a task's input.
        secrets: The secrets by name.

    Returns:
        A copy with the secrets in it, sharing what did not change; the very same object if nothing was to replace.
    """
    if isinstance(value, str):
        return _deliver_text(value, secrets) if _MARK in value else value
    if isinstance(value, dict):
        changed = {key: new for key, item in value.items() if (new := deliver_secrets(item, secrets)) is not item}
        return {**value, **changed} if changed else value
    if isinstance(value, list):
        items = [deliver_secrets(item, secrets) for item in value]
        return items if any(new is not old for new, old in zip(items, value, strict=True)) else value
    return value


def _deliver_text(text: str, secrets: Mapping[str, str]) -> JsonValue:
    """Replace in one string."""
    whole = _SECRET.fullmatch(text)
    if whole is not None:
        return _secret(whole[1], secrets)

    def embed(match: re.Match[str]) -> str:
        value = _secret(match[1], secrets)
        return "" if value is None else java_text(value)

    return _SECRET.sub(embed, text)


def _secret(name_and_path: str, secrets: Mapping[str, str]) -> JsonValue:
    """Look up one secret, or a place in one that holds JSON; a name with dots in it wins over a path."""
    if name_and_path in secrets:
        return secrets[name_and_path]
    name, dot, path = name_and_path.partition(".")
    return value_in_json(secrets.get(name), path) if dot else None
