"""Payloads survive the store."""

from __future__ import annotations

import pytest

from podium.model.payloads import dump, parse


@pytest.mark.parametrize(
    "value",
    [{}, {"a": None}, {"n": 2**64 + 1, "deep": [{"m": -(2**70)}]}, {"x": 1.5, "t": "ä€😀"}],
    ids=repr,
)
def test_a_payload_reads_back_as_it_was(value: dict[str, object]) -> None:
    """Integers beyond 64 bits too, which the quick reader would turn into floats."""
    assert parse(dump(value)) == value
    assert repr(parse(dump(value))) == repr(value)


def test_what_is_no_json_is_refused_with_the_type() -> None:
    """The error names the type that JSON cannot hold."""
    with pytest.raises(TypeError, match="set"):
        dump({"a": {1, 2}})


def test_half_a_surrogate_pair_is_refused() -> None:
    """A text that no encoding can carry is a TypeError as well, not a crash further on."""
    with pytest.raises(TypeError, match="surrogates"):
        dump({"a": "\ud800"})
