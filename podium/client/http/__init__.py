"""The requests of HTTP tasks: who may be asked (`policy`), how (`sender`), and the engine's consumer (`runner`)."""

from podium.client.http.policy import HttpPolicy

__all__ = ["HttpPolicy"]
