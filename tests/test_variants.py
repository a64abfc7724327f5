"""What counts as a variant of a word: spaces, case, endings, typing errors."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from precompute.space import Space
from precompute.variants import MINIMUM_TYPO, is_one_edit_apart, is_spelling_variant, kind_of_variant

LETTERS = "abcdefg"


def space_of(*raw: str, kind: str = "byte_level_bpe") -> Space:
    return Space("decoder", "made up", kind, list(raw), np.ones((len(raw), 2), dtype=np.float32), [])


@pytest.mark.parametrize(
    ("seed", "other", "kind", "expected"),
    [
        ("Ġrun", "run", "byte_level_bpe", "space"),
        ("Ġrun", "ĠRun", "byte_level_bpe", "case"),
        ("Ġrun", "RUN", "byte_level_bpe", "case"),
        ("Ġrun", "Ġrunning", "byte_level_bpe", "spelling"),
        ("Ġrun", "Ġwalk", "byte_level_bpe", None),
        ("run", "##run", "wordpiece", "space"),
        ("run", "runs", "wordpiece", "spelling"),
        ("Ġrun", "ĠĠrun", "byte_level_bpe", None),
    ],
)
def test_kinds(seed: str, other: str, kind: str, expected: str | None) -> None:
    assert kind_of_variant(space_of(seed, other, kind=kind), 0, 1) == expected


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("run", "runs"),
        ("run", "running"),
        ("make", "making"),
        ("city", "cities"),
        ("happy", "happily"),
        ("walked", "walking"),
        ("big", "bigger"),
        ("teach", "teacher"),
        ("colour", "color"),
        ("centre", "center"),
        ("banana", "bannana"),
        ("london", "lodnon"),
    ],
)
def test_spelling_variants(first: str, second: str) -> None:
    assert is_spelling_variant(first, second)
    assert is_spelling_variant(second, first)


@pytest.mark.parametrize(
    ("first", "second"),
    [("king", "ring"), ("king", "kind"), ("kevin", "devin"), ("bank", "tank"), ("cat", "car"), ("12345", "12346")],
)
def test_other_words(first: str, second: str) -> None:
    assert not is_spelling_variant(first, second)
    assert not is_spelling_variant(second, first)


def distance(first: str, second: str) -> int:
    """Damerau-Levenshtein distance, restricted edit form, by the textbook table."""
    table = [[max(i, j) if not i * j else 0 for j in range(len(second) + 1)] for i in range(len(first) + 1)]
    for i, a in enumerate(first, 1):
        for j, b in enumerate(second, 1):
            table[i][j] = min(table[i - 1][j] + 1, table[i][j - 1] + 1, table[i - 1][j - 1] + (a != b))
            if i > 1 and j > 1 and a == second[j - 2] and first[i - 2] == b:
                table[i][j] = min(table[i][j], table[i - 2][j - 2] + 1)
    return table[-1][-1]


@given(st.text(LETTERS, min_size=3, max_size=8), st.text(LETTERS, min_size=3, max_size=8))
def test_one_edit_apart_agrees_with_the_textbook(first: str, second: str) -> None:
    expected = distance(first, second) == 1 and min(len(first), len(second)) >= MINIMUM_TYPO
    assert first == second or is_one_edit_apart(first, second) == expected


@given(
    st.text(LETTERS, min_size=5, max_size=8),
    st.integers(0, 8),
    st.sampled_from(LETTERS),
    st.sampled_from(["in", "out", "swap", "change"]),
)
def test_one_edit_is_found(word: str, at: int, letter: str, edit: str) -> None:
    at = min(at, len(word) - 1)
    other = {
        "in": word[:at] + letter + word[at:],
        "out": word[:at] + word[at + 1 :],
        "swap": word[:at] + word[at : at + 2][::-1] + word[at + 2 :],
        "change": word[:at] + letter + word[at + 1 :],
    }[edit]
    assert other == word or len(other) < MINIMUM_TYPO or is_one_edit_apart(word, other)
