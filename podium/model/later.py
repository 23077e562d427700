"""Names that a package gives without having loaded them: whoever uses one pays for it, and nobody else."""

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
