"""The examples in docstrings give what they say."""

from __future__ import annotations

import doctest
import pkgutil
from importlib import import_module
from pathlib import Path

import pytest

import podium

#: What runs when it is imported: programs, what Alembic calls, and a program that stands for a function of its name.
_PROGRAMS = ("__main__", ".migrations.", "podium.testing.simulate.")

MODULES = [
    module.name
    for module in pkgutil.walk_packages(podium.__path__, "podium.")
    if not any(part in module.name + "." for part in _PROGRAMS)
]


@pytest.mark.parametrize("room", sorted({name.split(".")[1] for name in MODULES}))
def test_examples_in_docstrings_work(room: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An example that has become false, or names what is not there, fails."""
    monkeypatch.chdir(tmp_path)
    wrong = [name for name in MODULES if name.split(".")[1] == room and doctest.testmod(import_module(name)).failed]

    assert wrong == []
