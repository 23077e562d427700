"""Texts that are no Unicode, as file names and scripts give them."""

from __future__ import annotations

import os

from hypothesis import given
from hypothesis import strategies as st

from podium.model.texts import is_unicode, storable


def test_a_lone_half_of_a_surrogate_pair_becomes_a_mark() -> None:
    """The words around it stay; two halves that belong together are their character again."""
    assert storable(os.fsdecode(b"no caf\xe9.txt")) == "no caf\ufffd.txt"
    assert storable("\ud83d\ude00 and \ude00") == "\U0001f600 and \ufffd"


@given(st.text(st.characters(exclude_categories=())))
def test_what_is_stored_can_be_encoded_and_good_texts_stay(text: str) -> None:
    """The law of it: Unicode without a NUL stays as it is, anything else becomes that."""
    assert is_unicode(storable(text))
    assert "\0" not in storable(text)
    assert (storable(text) == text) == (is_unicode(text) and "\0" not in text)
