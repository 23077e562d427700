"""Pictures, sound and files in the outputs of tasks."""

from __future__ import annotations

import attrs

from podium.typed.records import CamelCase


@attrs.frozen(kw_only=True)
class Media(CamelCase):
    """One picture, sound or file."""

    #: Where it is stored.
    location: str
    #: The bytes in base64, where it is not stored.
    data: str
    mime_type: str
