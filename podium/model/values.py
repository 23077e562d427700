"""The words for JSON values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

#: Anything that JSON can hold. The one place where ``Any`` enters: JSON has no static shape.
JsonValue: TypeAlias = Any

#: A JSON object. Treat it as read-only unless you made it.
JsonObject: TypeAlias = Mapping[str, JsonValue]
