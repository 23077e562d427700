"""Decision tables in spreadsheets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from podium.dsl.builders.converting import in_minutes, one_of
from podium.dsl.builders.declaring import builder, declared
from podium.dsl.returned_types import ANYTHING, T
from podium.dsl.settings import Duration
from podium.dsl.steps import Step

__all__ = ["evaluate"]


@builder(
    "BUSINESS_RULE",
    at=("output", "result"),
    keys={
        "file": "ruleFileLocation",
        "inputs": "inputColumns",
        "outputs": "outputColumns",
        "strategy": "executionStrategy",
        "cache": "cacheTimeoutMinutes",
    },
    convert={"strategy": one_of("FIRE_FIRST", "FIRE_ALL"), "cache": in_minutes},
)
def evaluate(
    name: str,
    /,
    *,
    file: str,
    inputs: Mapping[str, object],
    outputs: Sequence[str],
    strategy: str = "FIRE_FIRST",
    cache: Duration | None = None,
    returns: type[T] = ANYTHING,
) -> Step[T]:
    """
    Look up what a decision table says (BUSINESS_RULE).

    Run by: Orkes.

    Args:
        name: The reference name.
        file: Where the table is: CSV, XLS or XLSX.
        inputs: Column to value.
        outputs: The columns to give.
        strategy: ``FIRE_FIRST`` takes the first row that fits, ``FIRE_ALL`` all of them, the last one winning.
        cache: How long the server may keep the file, in whole minutes; an hour by default.
        returns: A record of the output columns.

    Returns:
        The step; ``.output`` holds the output columns.
    """
    declared()
