"""The names that ``podium`` offers."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import version

import podium
import podium.dsl


def test_every_authoring_word_is_a_name_of_the_package() -> None:
    """The package's list holds all of podium.dsl's names and resolves each of them."""
    assert set(podium.dsl.__all__) <= set(podium.__all__)
    assert all(getattr(podium, name) is not None for name in podium.__all__)


def test_importing_the_package_loads_no_room_that_is_not_asked_for() -> None:
    """A bare import costs next to nothing: no engine, no authoring, no third-party library beyond the model's."""
    heavy = ("podium.engine", "podium.dsl", "networkx", "httpx")
    program = f"import podium, sys; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


def test_the_package_tells_its_version() -> None:
    """Where packages do so: bug reports ask for it."""
    assert podium.__version__ == version("podium")
