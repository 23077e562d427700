"""What commands take where nothing is said."""

from __future__ import annotations

#: The store.
DEFAULT_DB = "sqlite:///podium.db"
