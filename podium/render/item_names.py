"""What tells the branches of a fan-out apart, for people: the input that is another in each."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Final

from podium.model.runs import TaskRun
from podium.model.values import JsonObject
from podium.render.naming import clean, shorten

#: How many siblings are looked at to find the input that tells them apart.
_LOOKED_AT: Final = 100
_ITEM_LENGTH: Final = 40


def item_names(siblings: Mapping[str, TaskRun], masked: Collection[str]) -> dict[str, str]:
    """
    Return a label for each of several siblings: the first short input that differs between all of them.

    Inputs that are masked, long or made of others are not looked at; without such an input the names must do.

    Args:
        siblings: The branches of one fork, by their name in the run.
        masked: Names of inputs that must not be shown.

    Example:
        >>> from podium.model.statuses import TaskStatus
        >>> def of(name): return TaskRun(task_type="cut", status=TaskStatus.COMPLETED, input_data={"name": name})
        >>> item_names({"_cut_0": of("dog"), "_cut_1": of("cat")}, ())
        {'_cut_0': 'name=dog', '_cut_1': 'name=cat'}
    """
    facts = {name: dict(_facts(attempt.input_data, frozenset(masked))) for name, attempt in siblings.items()}
    sample = list(facts.values())[:_LOOKED_AT]
    if len(sample) < 2:
        return {}
    keys = [key for key in sample[0] if len({fact.get(key, "") for fact in sample}) == len(sample)]
    texts = [key for key in keys if not sample[0][key].replace(".", "").isdigit()]
    if not keys:
        return {}
    chosen = (texts or keys)[0]
    bare = chosen.rsplit(".", maxsplit=1)[-1]
    return {name: f"{bare}={shorten(fact[chosen], _ITEM_LENGTH)}" for name, fact in facts.items() if fact.get(chosen)}


def _facts(inputs: JsonObject, masked: frozenset[str], path: str = "") -> Iterator[tuple[str, str]]:
    for key, value in inputs.items():
        if key in masked or key.startswith("_"):
            continue
        if isinstance(value, str | int | float) and not isinstance(value, bool):
            text = clean(str(value))
            if 0 < len(text) <= 2 * _ITEM_LENGTH:
                yield f"{path}{key}", text
        elif isinstance(value, dict) and path.count(".") < 2:
            yield from _facts(value, masked, f"{path}{key}.")
