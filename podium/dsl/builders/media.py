"""Pictures, sound and files in the outputs of tasks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import attrs

from podium.dsl.builders.declaring import camel_names


@attrs.frozen(kw_only=True)
class Media:
    """One picture, sound or file."""

    __wire_names__: ClassVar[Mapping[str, str]] = camel_names("mime_type")

    #: Where it is stored.
    location: str
    #: The bytes in base64, where it is not stored.
    data: str
    mime_type: str
