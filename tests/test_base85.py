"""Base 85 by whole arrays is Python's own."""

from __future__ import annotations

import base64

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from artefacts.base85 import base85_decoded, base85_encoded


@given(st.binary(max_size=40))
@example(b"\xff" * 8)
def test_text_is_pythons_and_gives_the_bytes_back(data: bytes) -> None:
    text = base85_encoded(data)
    assert text == base64.b85encode(data).decode("ascii")
    assert base85_decoded(text) == data


@given(st.text(max_size=12) | st.text(st.sampled_from("09AZaz~|{"), max_size=12))
@example("|NsC1")  # five digits that are one more than four bytes can be
@example("~")
def test_what_python_refuses_is_refused(text: str) -> None:
    try:
        expected = base64.b85decode(text)
    except ValueError:
        with pytest.raises(ValueError):
            base85_decoded(text)
    else:
        assert base85_decoded(text) == expected
