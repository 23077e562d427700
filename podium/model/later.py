"""
What is loaded when it is first used: whoever uses it pays for it, and nobody else.

A module that few processes need is imported for type checkers, and is `later` at run time::

    if TYPE_CHECKING:
        from podium.client import statistics
    else:
        statistics = later("podium.client.statistics")
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from typing import Any


def by_name(names: Mapping[str, Iterable[str]]) -> dict[str, str]:
    """
    Return the module of each name.

    Args:
        names: Module to the names that it has.

    Example:
        >>> by_name({"podium.dsl.system": ["noop", "terminate"]})
        {'noop': 'podium.dsl.system', 'terminate': 'podium.dsl.system'}
    """
    return {name: module for module, its_names in names.items() for name in its_names}


def loader(package: str, homes: Mapping[str, str]) -> Callable[[str], Any]:
    """
    Return the ``__getattr__`` of a package whose names are loaded when they are first used.

    Args:
        package: The package.
        homes: Name to the module that has it, or that it stands for.

    Raises:
        AttributeError: By what is returned: there is no such name.

    Example:
        >>> loader("podium.model", {"camel": "podium.model.codec", "codec": "podium.model.codec"})("camel")("seq_no")
        'seqNo'
    """

    def load(name: str) -> Any:
        home = homes.get(name)
        if home is None:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        module = import_module(home)
        value = module if home.endswith(f".{name}") else getattr(module, name)
        setattr(sys.modules[package], name, value)
        return value

    return load


class later:  # noqa: N801  # it reads as a word of the language
    """
    Stands for a module, which is loaded when something of it is asked for.

    Example:
        >>> later("podium.model.codec").camel("seq_no")
        'seqNo'
    """

    __slots__ = ("_module",)

    def __init__(self, module: str) -> None:
        self._module = module

    def __getattr__(self, name: str) -> Any:
        # Not from `sys.modules`: it may hold a module that another thread has not loaded to its end, which this awaits.
        return getattr(import_module(self._module), name)


def named(reference: str) -> Any:
    """
    Return what a reference names, whose module is loaded now.

    Args:
        reference: Module and name, as entry points have them.

    Example:
        >>> named("podium.model.codec:camel")("seq_no")
        'seqNo'
    """
    module, _, name = reference.partition(":")
    return getattr(import_module(module), name)
