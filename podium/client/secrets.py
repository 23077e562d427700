"""What callers do with secrets and variables: ``client.secrets.put(...)``, ``client.environment.list()``."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple, Protocol


class SecretInfo(NamedTuple):
    """A secret, without its value, which nobody is told."""

    name: str
    changed_at: datetime


class Secrets(Protocol):
    """
    The secrets of a store, which tasks get as ``${workflow.secrets.NAME}`` when they are handed out.

    They are sealed with a key of the environment (``PODIUM_SECRETS_KEY``) that each engine process of the store has,
    and go before those of the process (``CONDUCTOR_SECRET_<name>``). Nothing gives a value back. `AsyncClient.secrets`
    has the same methods, to be awaited.

    Example:
        >>> client.secrets.put("shop", "geheim")  # doctest: +SKIP
        >>> [each.name for each in client.secrets.list()]  # doctest: +SKIP
        ['shop']
    """

    def put(self, name: str, value: str) -> None:
        """
        Keep a secret, in place of one of the same name.

        Raises:
            InvalidRequest: The name or the value cannot be, or there is no key to seal it with.
        """

    def list(self) -> tuple[SecretInfo, ...]:
        """Return what secrets there are in the store, by name."""

    def delete(self, name: str) -> None:
        """Take a secret out; one that is not there is fine."""


class Variables(Protocol):
    """
    The variables of a store, which expressions see as ``${workflow.env.NAME}``.

    They go before those of the process (``CONDUCTOR_ENV_<name>``). `AsyncClient.environment` has the same methods, to
    be awaited.

    Example:
        >>> import podium
        >>> with podium.connect("memory://") as client:
        ...     client.environment.put("region", "eu")
        ...     client.environment.list()
        {'region': 'eu'}
    """

    def put(self, name: str, value: str) -> None:
        """
        Set a variable.

        Raises:
            InvalidRequest: The name or the value cannot be.
        """

    def list(self) -> dict[str, str]:
        """Return the variables, those of the process too, by name."""

    def delete(self, name: str) -> None:
        """Take a variable of the store out; one that is not there is fine."""
