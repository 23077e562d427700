"""Runs by what went in and came out of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import count, islice

from attrs import frozen

from podium.client.checked import checked_object, checked_text
from podium.engine.rows import RunFilter
from podium.model.run_facts import RunFacts
from podium.model.runs import RunSummary
from podium.model.values import JsonObject, JsonValue

#: How many runs are looked at together.
_PAGE = 500


@frozen(kw_only=True)
class PayloadFilter:
    """What runs are asked for by, beside what a store has columns for."""

    input: JsonObject
    output: JsonObject
    text: str | None

    @property
    def is_asked(self) -> bool:
        """Whether any condition on payloads is set."""
        return bool(self.input or self.output or self.text)

    def narrowed(self, where: RunFilter) -> RunFilter:
        """Return a filter that lets fewer runs through, and all that are asked for."""
        text = self.text if self.text is not None and _written(self.text)[1:-1] == self.text else None
        return where._replace(input=_telling(self.input), output=_telling(self.output), text=text)

    def are_in(self, run: RunFacts) -> bool:
        """Return whether a run, as everybody is shown it, has them."""
        if not (_holds(run.input, self.input) and _holds(run.output, self.output)):
            return False
        if not self.text:
            return True
        if self.text in (run.reason_for_incompletion or "") or self.text in (run.correlation_id or ""):
            return True
        part = _written(self.text)[1:-1]
        return any(part in _written(payload) for payload in (run.input, run.output, run.variables))


def contents(
    given_input: Mapping[str, object] | None, given_output: Mapping[str, object] | None, text: str | None
) -> PayloadFilter:
    """
    Return what a caller asks for.

    Raises:
        InvalidRequest: An input or an output is no JSON object, or the text is none.
    """
    return PayloadFilter(
        input=checked_object(given_input, "input"),
        output=checked_object(given_output, "output"),
        text=checked_text(text, "text"),
    )


def matching(
    fits: Callable[[str], bool],
    page: Callable[[int, int], Sequence[RunSummary]],
    limit: int,
    offset: int,
) -> list[RunSummary]:
    """
    Return the runs that fit.

    Args:
        fits: Tells it of a run by its id.
        page: Gives runs that may, by limit and offset.
        limit: Most runs to give.
        offset: How many to pass over.
    """

    def found() -> Iterator[RunSummary]:
        for start in count(0, _PAGE):
            runs = page(_PAGE, start)
            yield from (run for run in runs if fits(run.workflow_id))
            if len(runs) < _PAGE:
                return

    return list(islice(found(), offset, offset + limit))


def _holds(value: JsonValue, part: JsonValue) -> bool:
    """Return whether a value has a part in it: maps hold maps with fewer keys, all else is equal."""
    if isinstance(part, dict):
        return isinstance(value, dict) and all(key in value and _holds(value[key], item) for key, item in part.items())
    return value == part and isinstance(value, bool) is isinstance(part, bool)


def _telling(part: JsonObject) -> str | None:
    """Return the longest text that the stored JSON of what has this part must contain."""
    texts = [
        f"{_written(key)}:{_written(value) if isinstance(value, str | bool) or value is None else ''}"
        for key, value in part.items()
    ]
    return max(texts, key=len, default=None)


def _written(value: JsonValue) -> str:
    """Return a value as the store has it."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
