"""Writes same_index: which tokens two vocabularies keep at the same place."""

from __future__ import annotations

from typing import Any

import numpy as np

from artefacts.schemas.matrices import SameIndex, TokensAtIndex
from artefacts.tokens import is_partial_utf8, token_text
from precompute.workspace import Workspace

SEED = 20250316
DRAWS = 200
SOURCE_INDEX = 15_000  # the source's example
DRAWN_FROM = (10_000, 19_999)  # the source draws an index from this range
EXAMPLES = 8
OPTIONS = {"seed": SEED, "draws": DRAWS, "source_index": SOURCE_INDEX, "drawn_from": list(DRAWN_FROM)}
TOKENIZERS = ("gpt2", "bert", "decoder", "encoder")


def export(work: Workspace) -> SameIndex:
    """The entries of all vocabularies at the source's index and at indices drawn from a seed."""
    vocabularies = {name: work.model_set.tokenizer(name).raw_tokens() for name in TOKENIZERS}
    words = {name: _words(work.model_set.tokenizer(name)) for name in ("gpt2", "bert")}
    generator = np.random.default_rng(SEED)
    drawn = generator.choice(np.arange(DRAWN_FROM[0], DRAWN_FROM[1] + 1), DRAWS, replace=False)
    ids = [SOURCE_INDEX, *(int(i) for i in drawn if i != SOURCE_INDEX)][:DRAWS]

    def at(i: int) -> TokensAtIndex:
        return TokensAtIndex(id=i, **{name: tokens[i] if i < len(tokens) else None for name, tokens in vocabularies.items()})

    compared = min(len(words["gpt2"]), len(words["bert"]))
    same = [i for i in range(compared) if words["gpt2"][i] and words["gpt2"][i] == words["bert"][i]]
    return SameIndex(
        seed=SEED,
        source_index=SOURCE_INDEX,
        drawn_from=list(DRAWN_FROM),
        draws=[at(i) for i in ids],
        compared=compared,
        same_string=len(same),
        same_examples=[at(i) for i in same[:EXAMPLES]],
        shared_words=len({w for w in words["gpt2"] if w and w.isalpha()} & {w for w in words["bert"] if w and w.isalpha()}),
    )


def _words(part: Any) -> list[str | None]:
    """[token], text without leading space, ## and case; None where bytes are no whole text."""
    return [None if is_partial_utf8(raw, part.kind) else token_text(raw, part.kind).removeprefix(" ").lower() for raw in part.raw_tokens()]
