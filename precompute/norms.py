"""Writes norms: how long the vectors are, over the vocabulary's order and for the curated words. Cosine hides this."""

from __future__ import annotations

import numpy as np

from artefacts.schemas.measures import NormBin, Norms, NormsOfModel, WordNorm
from artefacts.schemas.parts import TokenizerKind
from precompute.space import Space
from precompute.statistics_of import rounded, spearman
from precompute.workspace import Workspace

BINS = 48
EXTREMES = 10
OPTIONS = {"bins": BINS, "extremes": EXTREMES}

ORDER: dict[TokenizerKind, str] = {
    "byte_level_bpe": "Ids follow the order in which merges were learned: after the single bytes, roughly from frequent to rare.",
    "wordpiece": "Ids list placeholders and single characters first, then words and pieces roughly from frequent to rare, and last "
    "single characters as continuations.",
    "words": "Words are listed from frequent to rare.",
}


def export(work: Workspace) -> Norms:
    """Distributions of Euclidean row lengths, and the lengths of the curated words."""
    return Norms(by_model=[_of_model(work, space) for space in work.spaces()])


def _of_model(work: Workspace, space: Space) -> NormsOfModel:
    model = work.model_set.model(space.role)
    asked = {word: model.word_token(word, space.kind == "byte_level_bpe") for word in work.words("similarity_words")["words"]}
    words = space.whole_words if len(space.whole_words) > 1 else np.arange(len(space))
    by_length = space.whole_words[np.argsort(space.norms[space.whole_words], kind="stable")]

    def word_norm(word: str, token_id: int) -> WordNorm:
        return WordNorm(word=word, token=space.token(token_id), norm=rounded(space.norms[token_id], 5))

    return NormsOfModel(
        role=space.role,
        order=ORDER[space.kind],
        minimum=rounded(space.norms.min(), 5),
        mean=rounded(space.norms.mean(), 5),
        maximum=rounded(space.norms.max(), 5),
        spearman_id_norm=rounded(spearman(np.arange(len(space)), space.norms), 5),
        spearman_id_norm_whole_words=rounded(spearman(words, space.norms[words]), 5),
        bins=[_bin(run, space.norms[run]) for run in np.array_split(np.arange(len(space)), min(BINS, len(space)))],
        words=[word_norm(word, token_id) for word, token_id in asked.items() if token_id is not None],
        shortest=[word_norm(space.texts[i].strip(), i) for i in by_length[:EXTREMES]],
        longest=[word_norm(space.texts[i].strip(), i) for i in by_length[::-1][:EXTREMES]],
    )


def _bin(ids: np.ndarray, norms: np.ndarray) -> NormBin:
    low, middle, high = (rounded(p, 5) for p in np.percentile(norms, (5, 50, 95)))
    return NormBin(first_id=int(ids[0]), last_id=int(ids[-1]), percentile_5=low, percentile_50=middle, percentile_95=high)
