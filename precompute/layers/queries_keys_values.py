"""Writes queries_keys_values: how alike queries, keys and values find the words, beside what tells learning from arithmetic.

The three are linear maps of one vector, so they must be compared with linear maps that nobody trained: random projections of the same
input to the same widths.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from artefacts.schemas.layers import PairAgreement, PartSelectivity, PartsLayer, PublishedProcedure, QueriesKeysValues, Spread
from precompute.layers.geometry import spread
from precompute.layers.many_layers import cosine_scores, d_of_r, shuffled
from precompute.layers.words_in_carriers import Parts, compared, decoder_parts
from precompute.rsa.coefficients import scores
from precompute.rsa.rdms import category_dissimilarities, pair_cosines
from precompute.statistics_of import pearson, rounded
from precompute.workspace import Workspace

SEEDS = 5  # of the random projections
PERMUTATIONS = 1_000
SEED = 13
OPTIONS = {"seeds": SEEDS, "permutations": PERMUTATIONS, "seed": SEED}
MADE = ("query", "key", "value")
PAIRS = (*combinations(MADE, 2), *(("input", part) for part in MADE))


@dataclass(frozen=True)
class Kinds:
    """Which pairs of words are of one category. same: [pair] of bool."""

    same: np.ndarray

    def d(self, cosines: np.ndarray) -> np.ndarray:
        """Cohen's d of pair cosines or their scores, [.., pair] -> [..]."""
        wanted = scores("pearson", self.same.astype(np.float64))
        unit = cosines - cosines.mean(axis=-1, keepdims=True)
        unit /= np.maximum(np.linalg.norm(unit, axis=-1, keepdims=True), 1e-300)
        return self.d_of(unit @ wanted)

    def d_of(self, r: np.ndarray) -> np.ndarray:
        """Cohen's d of correlations with the category RDM."""
        return d_of_r(r, int(self.same.sum()), int((~self.same).sum()))

    def within(self, first: np.ndarray, second: np.ndarray) -> float:
        """Pearson over pairs of one category alone, mean over rows [row, pair]."""
        return _mean_pearson(first[:, self.same], second[:, self.same])

    def across(self, first: np.ndarray, second: np.ndarray) -> float:
        """Mean Pearson correlation over pairs of words of two categories. first, second: [row, pair]."""
        return _mean_pearson(first[:, ~self.same], second[:, ~self.same])


def _mean_pearson(first: np.ndarray, second: np.ndarray) -> float:
    return float(np.mean([pearson(a, b) for a, b in zip(first, second, strict=True)]))


def export(work: Workspace) -> QueriesKeysValues:
    """Agreement and selectivity of queries, keys and values by layer, beside random projections of the same inputs."""
    parts, kinds = decoder_parts(work), Kinds(category_dissimilarities(compared(work).categories) == 0)
    group = parts.heads // parts.key_value_heads
    numbers = np.random.default_rng(SEED)
    found = [_layer_of(parts, layer, kinds, numbers) for layer in range(len(parts.at("input", 0)))]
    null_rsa, null_d = _nulls(parts, kinds)
    return QueriesKeysValues(
        heads=parts.heads,
        key_value_heads=parts.key_value_heads,
        head_dims=parts.at("query", 0).shape[-1] // parts.heads,
        rotary=parts.rotary,
        mapping=[head // group for head in range(parts.heads)],
        seeds=SEEDS,
        layers=found,
        null_rsa_95=rounded(null_rsa, 4),
        null_d_95=rounded(null_d, 4),
        published=_published(parts, kinds),
    )


# --- one layer -------------------------------------------------------------------------------------------------------------------


def random_projections(parts: Parts, layer: int, numbers: np.random.Generator) -> dict[str, np.ndarray]:
    """[carrier, word, dim] by part: the block's input times matrices of standard normal numbers, as wide as the trained ones."""
    given = parts.at("input", 0)[layer]
    width = {part: parts.at(part, 0).shape[-1] for part in MADE}
    return {part: given @ numbers.standard_normal((given.shape[-1], width[part]), dtype=np.float32) for part in MADE}


def _layer_of(parts: Parts, layer: int, kinds: Kinds, numbers: np.random.Generator) -> PartsLayer:
    real = {part: parts.at(part, 0)[layer, :-1] for part in ("input", *MADE)}  # [carrier, word, dim], without the published carrier
    # One token later the first layer knows nothing of the word: its cosines are 1 but for rounding, which is not to be measured.
    after = {part: np.round(_cosines(parts.at(part, 1)[layer, :-1]), 10) for part in ("input", *MADE)}
    cosines = {part: _cosines(rows) for part, rows in real.items()}
    made_up = [{part: rows[:-1] for part, rows in random_projections(parts, layer, numbers).items()} for _ in range(SEEDS)]
    random = [{"input": cosines["input"]} | {part: _cosines(rows) for part, rows in seed.items()} for seed in made_up]
    pairs = []
    for first, second in PAIRS:
        rsa = [pearson(a, b) for a, b in zip(cosines[first], cosines[second], strict=True)]
        by_seed = [_mean_pearson(seed[first], seed[second]) for seed in random]
        pairs.append(
            PairAgreement(
                first=first,
                second=second,
                direct=None if first == "input" else spread(direct(real, first, second, parts)),
                rsa=spread(rsa),
                rsa_within=rounded(kinds.within(cosines[first], cosines[second]), 4),
                rsa_across=rounded(kinds.across(cosines[first], cosines[second]), 4),
                random_direct=None if first == "input" else spread([np.mean(direct(s, first, second, parts)) for s in made_up]),
                random_rsa=spread(by_seed),
                random_rsa_within=rounded(np.mean([kinds.within(s[first], s[second]) for s in random]), 4),
                random_rsa_across=rounded(np.mean([kinds.across(s[first], s[second]) for s in random]), 4),
            )
        )
    return PartsLayer(
        layer=layer + 1,
        pairs=pairs,
        parts=[_selectivity_of(part, cosines, after, random, kinds) for part in ("input", *MADE)],
        before_largest_difference=max(_largest_difference(parts.at(part, -1)[layer]) for part in MADE),
    )


def _selectivity_of(part: str, cosines: dict, after: dict, random: list[dict], kinds: Kinds) -> PartSelectivity:
    ratio = np.mean([row[~kinds.same].std() / row[kinds.same].std() for row in cosines[part]])
    by_seed: Spread | None = None if part == "input" else spread([kinds.d(seed[part]).mean() for seed in random])
    return PartSelectivity(
        part=part,
        word=spread(kinds.d(cosines[part])),
        after=spread(kinds.d(after[part])),
        random=by_seed,
        deviation_ratio=rounded(ratio, 4),
    )


def direct(rows: dict[str, np.ndarray], first: str, second: str, parts: Parts) -> list[float]:
    """[carrier], Pearson of all numbers of all words. Keys and values are first repeated for every query head that reads them.

    rows: [carrier, word, dim] by part.
    """
    wide = [_as_read(rows[part], parts) if part != "query" else rows[part] for part in (first, second)]
    return [pearson(a.ravel(), b.ravel()) for a, b in zip(*wide, strict=True)]


def _as_read(rows: np.ndarray, parts: Parts) -> np.ndarray:
    """[.., dim of the queries]: each key/value head beside every query head that reads it."""
    heads = rows.reshape(*rows.shape[:-1], parts.key_value_heads, -1)
    return np.repeat(heads, parts.heads // parts.key_value_heads, axis=-2).reshape(*rows.shape[:-1], -1)


def _cosines(rows: np.ndarray) -> np.ndarray:
    """[carrier, pair] of [carrier, word, dim]."""
    return np.stack([pair_cosines(carrier.astype(np.float64)) for carrier in rows])


def _largest_difference(rows: np.ndarray) -> float:
    """Of any number between words. rows: [carrier, word, dim]."""
    return float((rows.max(axis=1) - rows.min(axis=1)).max())


# --- chance ----------------------------------------------------------------------------------------------------------------------


def _nulls(parts: Parts, kinds: Kinds) -> tuple[float, float]:
    """95th percentiles, over permutations, of the largest RSA of any layer and pair, and of the largest d of any layer and part."""
    z = {part: cosine_scores(parts.at(part, 0)[:, :-1]) for part in ("input", *MADE)}  # [layer, carrier, pair]
    largest = []
    for block in zip(*(shuffled(z[part], PERMUTATIONS, SEED) for part in MADE), strict=True):
        moved = dict(zip(MADE, block, strict=True))  # the same orders for all three: the same seed
        agreement = [np.einsum("nlcp,lcp->nl", moved[second], z[first]) / z[first].shape[1] for first, second in PAIRS]
        largest.append(np.max(agreement, axis=(0, 2)))
    wanted = np.concatenate(list(shuffled(scores("pearson", kinds.same.astype(np.float64)), PERMUTATIONS, SEED)))  # [permutation, pair]
    d = [kinds.d_of(z[part] @ wanted.T).mean(axis=1).max(axis=0) for part in MADE]  # [permutation] by part: mean over carriers
    return float(np.quantile(np.concatenate(largest), 0.95)), float(np.quantile(np.max(d, axis=0), 0.95))


# --- the published procedure -----------------------------------------------------------------------------------------------------


def _published(parts: Parts, kinds: Kinds) -> PublishedProcedure:
    """The public code's steps: one carrier, the numbers compared at a token before the word, the cosines at the word."""
    layers = range(len(parts.at("input", 0)))
    before = [{part: parts.at(part, -1)[layer, -1:] for part in MADE} for layer in layers]
    at_word = [{part: parts.at(part, 0)[layer, -1:] for part in MADE} for layer in layers]
    cosines = [{part: _cosines(rows) for part, rows in layer.items()} for layer in at_word]
    pairs = PAIRS[:3]
    numbers = np.random.default_rng(SEED)
    random = [
        {part: _cosines(rows[-1:]) for part, rows in random_projections(parts, layer, numbers).items()}
        for _ in range(SEEDS)
        for layer in layers
    ]
    labels = np.concatenate(list(shuffled(kinds.same.astype(np.float64), 100, SEED))).astype(bool)
    return PublishedProcedure(
        different_rows_before=max(len(np.unique(rows[part][0], axis=0)) for rows in before for part in MADE),
        direct_before=[rounded(direct(rows, *pair, parts)[0], 4) for rows in before for pair in pairs],
        direct_word=[rounded(direct(rows, *pair, parts)[0], 4) for rows in at_word for pair in pairs],
        rsa_word=[rounded(pearson(rows[a][0], rows[b][0]), 4) for rows in cosines for a, b in pairs],
        within_exceeds_across=sum(kinds.within(r[a], r[b]) > kinds.across(r[a], r[b]) for r in cosines for a, b in pairs),
        random_within_exceeds_across=rounded(
            np.mean([kinds.within(r[a], r[b]) > kinds.across(r[a], r[b]) for r in random for a, b in pairs]), 4
        ),
        shuffled_within_exceeds_across=rounded(
            np.mean([Kinds(row).within(r[a], r[b]) > Kinds(row).across(r[a], r[b]) for row in labels for r in cosines for a, b in pairs]),
            4,
        ),
        cells=len(cosines) * len(pairs),
    )
