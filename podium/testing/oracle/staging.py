"""
How a case is played: plainly, or as if something of the official server held here too.

A difference spreads: a run that starts with other values goes another way. So what explains it is put into the staging,
and the case is played again; if nothing else differs then, that was all.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from attrs import evolve, frozen

from podium.engine.scripts import DirectScripts
from podium.expressions.jq import JqError
from podium.model.values import JsonValue


@frozen
class Staging:
    """
    What is taken from the official server.

    Attributes:
        results: (query, its input as JSON) to what the server made of it: its error's text, or its results.
        without_template: Workflows whose ``inputTemplate`` is not applied.
    """

    results: Mapping[tuple[str, str], str | list[JsonValue]] = {}
    without_template: frozenset[str] = frozenset()

    def with_result(self, query: str, given: JsonValue, theirs: str | list[JsonValue]) -> Staging:
        """Return this staging in which a query gives what it gave the server."""
        return evolve(self, results={**self.results, (query, text_of(given)): theirs})


class StagedScripts(DirectScripts):
    """Scripts, and queries with the results of a staging."""

    def __init__(self, staging: Staging) -> None:
        self._staging = staging

    def transform(self, query: str, data: JsonValue) -> tuple[JsonValue, list[JsonValue]]:
        """Return a query's results, or those of the staging."""
        theirs = self._staging.results.get((query, text_of(data)))
        if theirs is None:
            return super().transform(query, data)
        if isinstance(theirs, str):
            raise JqError(theirs)
        return (theirs[0] if theirs else None), list(theirs)


def text_of(value: JsonValue) -> str:
    """Return a value as JSON that is the same for equal values."""
    return json.dumps(value, sort_keys=True)
