"""Writes twin_training: how the geometry of one small model forms, checkpoint by checkpoint."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from artefacts.schemas.twins import (
    NeighboursThen,
    RandomPairCosines,
    TrainingCheckpoint,
    TrainingRecipe,
    TwinTraining,
    WordCosine,
    WordPair,
)
from precompute.space import unit_rows
from precompute.statistics_of import rounded
from precompute.twins.corpus import IDENTITY, Corpus
from precompute.twins.models import TWINS, Plan, trained
from precompute.twins.training import Recipe, Snapshot, held_out_loss
from precompute.workspace import Workspace

WORD_LISTS = ("twins",)
TWIN = TWINS[0]
NEIGHBOURS = 8
RANDOM_PAIRS, SEED = 20_000, 6
OPTIONS = {"neighbours": NEIGHBOURS, "random_pairs": RANDOM_PAIRS, "seed": SEED}
SOURCES = (IDENTITY,)


@dataclass(frozen=True)
class Compared:
    """Words that are compared: those seen often enough to have been moved by training. Ids are increasing: frequent words first."""

    corpus: Corpus
    ids: np.ndarray  # int64 [word]

    def __len__(self) -> int:
        return len(self.ids)


def compared_words(corpus: Corpus, plan: Plan) -> Compared:
    """The words that occur often enough to be compared."""
    return Compared(corpus, np.flatnonzero(corpus.counts >= plan.compared_minimum_count))


def recipe_of(recipe: Recipe) -> TrainingRecipe:
    """What pages say of the recipe."""
    fields = TrainingRecipe.model_fields
    return TrainingRecipe(**{name: value for name, value in vars(recipe).items() if name in fields})


def export(work: Workspace) -> TwinTraining:
    """Loss on held-out text, neighbours, pairs and spread of the vectors at each checkpoint of one model."""
    twins = trained(work, (TWIN,))
    corpus, lists = twins.corpus, work.words("twins")
    place = corpus.place
    words = [word for word in lists["words"] if word in place]
    pairs = [WordPair(a=a, b=b, group=group) for group in ("related", "unrelated") for a, b in lists[group] if a in place and b in place]
    compared = compared_words(corpus, twins.plan)
    checkpoints = [
        _checkpoint(snapshot, corpus, twins.plan.recipe, compared, [place[word] for word in words], pairs)
        for snapshot in twins.snapshots[TWIN.name]
    ]
    return TwinTraining(
        corpus=corpus.facts(),
        recipe=recipe_of(twins.plan.recipe),
        objective=TWIN.objective,
        seed=TWIN.seed,
        compared_minimum_count=twins.plan.compared_minimum_count,
        compared_types=len(compared),
        words=words,
        word_counts=[int(corpus.counts[place[word]]) for word in words],
        pairs=pairs,
        checkpoints=_with_kept(checkpoints),
    )


def _checkpoint(
    snapshot: Snapshot, corpus: Corpus, recipe: Recipe, compared: Compared, words: list[int], pairs: list[WordPair]
) -> TrainingCheckpoint:
    units = unit_rows(snapshot.vectors)
    cosines = [float(units[corpus.place[pair.a]] @ units[corpus.place[pair.b]]) for pair in pairs]
    groups = {group: [c for c, pair in zip(cosines, pairs, strict=True) if pair.group == group] for group in ("related", "unrelated")}
    return TrainingCheckpoint(
        epochs=snapshot.epochs,
        loss=rounded(held_out_loss(corpus, recipe, snapshot), 5),
        mean_norm=rounded(np.linalg.norm(snapshot.vectors, axis=1).mean(), 5),
        neighbours=[_neighbours(word, units, compared) for word in words],
        pair_cosines=[rounded(cosine, 5) for cosine in cosines],
        related_mean=rounded(np.mean(groups["related"] or [0]), 5),
        unrelated_mean=rounded(np.mean(groups["unrelated"] or [0]), 5),
        random_pairs=_random_pairs(units, compared),
    )


def nearest(word: int, units: np.ndarray, compared: Compared, number: int) -> np.ndarray:
    """Ids of a word's nearest neighbours among the words compared, best first, ties by frequency; the word itself is none."""
    others = compared.ids[compared.ids != word]
    cosines = (units[others] @ units[word]).astype(np.float32)
    return others[np.argsort(-cosines, kind="stable")[:number]]


def _neighbours(word: int, units: np.ndarray, compared: Compared) -> NeighboursThen:
    vocabulary = compared.corpus.vocabulary
    found = [
        WordCosine(word=vocabulary[other], cosine=rounded(units[word] @ units[other], 5))
        for other in nearest(word, units, compared, NEIGHBOURS)
    ]
    return NeighboursThen(word=vocabulary[word], neighbours=found, kept=0)


def _with_kept(checkpoints: list[TrainingCheckpoint]) -> list[TrainingCheckpoint]:
    last = [{n.word for n in found.neighbours} for found in checkpoints[-1].neighbours]

    def counted(checkpoint: TrainingCheckpoint) -> list[NeighboursThen]:
        return [
            found.model_copy(update={"kept": sum(n.word in final for n in found.neighbours)})
            for found, final in zip(checkpoint.neighbours, last, strict=True)
        ]

    return [checkpoint.model_copy(update={"neighbours": counted(checkpoint)}) for checkpoint in checkpoints]


def _random_pairs(units: np.ndarray, compared: Compared) -> RandomPairCosines:
    numbers = np.random.default_rng(SEED)
    first = numbers.integers(0, len(compared), RANDOM_PAIRS)
    second = (first + numbers.integers(1, len(compared), RANDOM_PAIRS)) % len(compared)
    cosines = np.einsum("pd,pd->p", units[compared.ids[first]], units[compared.ids[second]])
    percentiles = {f"percentile_{p}": rounded(np.percentile(cosines, p), 5) for p in (1, 5, 50, 95, 99)}
    return RandomPairCosines(
        pairs=RANDOM_PAIRS, mean=rounded(cosines.mean(), 5), standard_deviation=rounded(cosines.std(), 5), **percentiles
    )
