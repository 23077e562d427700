"""What an application may do on a server that asks who calls."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """A role of an application; what it may is said in `podium.server.access.may`."""

    ADMIN = "ADMIN"
    EDITOR = "EDITOR"
    VIEWER = "VIEWER"
    WORKER = "WORKER"
