"""The word for what authors write."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

#: What an author may write for a value or an option: JSON, references, expressions, records, steps, and lists and maps
#: of them. It has no static shape; `podium.dsl.values` checks it and makes JSON of it.
Authored: TypeAlias = Any

#: A map of such values, such as a step's inputs, options or ``extra``.
AuthoredObject: TypeAlias = Mapping[str, Authored]
