"""Slips of the pen in names."""

from __future__ import annotations


def is_slip(name: str, meant: str) -> bool:
    """
    Return whether a name was probably meant to be another one: case, underscores, doubled or swapped letters differ.

    Example:
        >>> is_slip("orderId", "order_id"), is_slip("order", "order_id")
        (True, False)
    """
    return name != meant and (_squeezed(name) == _squeezed(meant) or sorted(name) == sorted(meant))


def _squeezed(name: str) -> str:
    letters = name.lower().replace("_", "").replace("-", "")
    return "".join(letter for i, letter in enumerate(letters) if i == 0 or letters[i - 1] != letter)
