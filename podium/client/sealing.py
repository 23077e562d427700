"""
Secrets at rest: sealed with a key that the store does not have.

The cipher is Fernet's of ``cryptography``, which is kept by the field and authenticates what it seals. Keys stand in
the environment (``PODIUM_SECRETS_KEY``): the first one seals, and all of them open, so a key is changed by putting the
new one before the old one.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from podium.model.errors import BackendNotInstalled, InvalidRequest

if TYPE_CHECKING:
    from cryptography.fernet import MultiFernet

#: Where keys are looked for.
KEY_VARIABLE = "PODIUM_SECRETS_KEY"


class Seal:
    """
    Seals and opens values.

    Args:
        keys: Keys, as `new_key` makes them.

    Raises:
        InvalidRequest: One of them is no key.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        self._keys = tuple(key for key in (each.strip() for each in keys) if key)
        if self._keys:
            _ = self._cipher  # a wrong key is found where it is given

    @cached_property
    def _cipher(self) -> MultiFernet:
        try:
            from cryptography.fernet import Fernet, MultiFernet
        except ImportError as error:
            raise BackendNotInstalled("stored secrets need cryptography: pip install 'podium[secrets]'") from error
        if not self._keys:
            raise InvalidRequest(
                f"secrets are kept sealed, and there is no key: make one with `podium secrets new-key`, and put it "
                f"into the environment as {KEY_VARIABLE}"
            )
        try:
            return MultiFernet([Fernet(key) for key in self._keys])
        except ValueError:
            raise InvalidRequest(f"{KEY_VARIABLE}: a key is what `podium secrets new-key` prints") from None

    def seal(self, name: str, value: str) -> bytes:
        """
        Return a value as it is stored.

        Raises:
            InvalidRequest: There is no key.
        """
        return self._cipher.encrypt(json.dumps([name, value]).encode())

    def open(self, name: str, sealed: bytes) -> str | None:
        """Return a stored value; None if no key opens it, or if it was stored under another name."""
        from cryptography.fernet import InvalidToken

        if not self._keys:
            return None
        try:
            stored, value = json.loads(self._cipher.decrypt(sealed))
        except InvalidToken:
            return None
        # Whoever can write to the store, and has no key, must not give one secret for another.
        return str(value) if stored == name else None


def new_key() -> str:
    """Return a new key."""
    try:
        from cryptography.fernet import Fernet
    except ImportError as error:
        raise BackendNotInstalled("keys need cryptography: pip install 'podium[secrets]'") from error
    return Fernet.generate_key().decode()
