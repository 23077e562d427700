"""Laws of masking."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from podium.engine.masking import MASK, shower, without_masked

_NAMES = frozenset({"a", "b"})
_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abcd"), inner, max_size=3),
    max_leaves=12,
)


def fields(value: Any) -> list[tuple[str, Any]]:
    """Return every field of a value with what stands in it."""
    if isinstance(value, dict):
        return [*value.items(), *(found for item in value.values() for found in fields(item))]
    return [found for item in value for found in fields(item)] if isinstance(value, list) else []


@given(_values)
def test_every_masked_field_shows_the_mask_and_no_other_changes(value: Any) -> None:
    """At any depth; what holds none is given as the very object that it is."""
    shown = without_masked(value, _NAMES)
    assert all(item == MASK for name, item in fields(shown) if name in _NAMES)
    if not any(name in _NAMES for name, _ in fields(value)):
        assert shown is value
    assert without_masked(shown, _NAMES) == shown


@given(_values, st.text(min_size=3, max_size=12).filter(lambda text: len(text.strip()) >= 3 and MASK not in text))
def test_a_masked_text_stands_nowhere(value: Any, secret: str) -> None:
    """Neither under another name, nor inside of another text."""
    payload = {"a": secret, "c": f"<{secret}>", "d": [value, secret]}
    shown = shower(_NAMES, [payload])(payload)
    assert secret.strip() not in MASK
    assert shown["c"] != payload["c"]
    assert shown["d"][1] != secret


@given(_values)
def test_without_names_everything_is_shown(value: Any) -> None:
    """As it is."""
    assert shower(frozenset(), [value])(value) is value
