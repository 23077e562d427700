"""
A store in the memory of this process: fast, private, gone with the process.

It keeps every run that it was given, so it suits tests, notebooks and short programs. `tables` holds the rows and
writes them; each duty of `podium.engine.ports` has a module that answers its questions, and `store` joins them.
"""

from podium.backends.memory.store import MemoryBackend, open_backend

__all__ = ["MemoryBackend", "open_backend"]
