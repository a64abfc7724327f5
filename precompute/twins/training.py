"""word2vec, small: skip-gram and CBOW with negative sampling (Mikolov et al. 2013), in batches of thousands of pairs.

Both objectives are about the same pairs of a hidden vector h and an output vector u: -log s(h.u) for the word that is there,
-log s(-h.n) for each noise word, s being the logistic function. In skip-gram h is the centre word's vector and u belongs to a word
beside it; in CBOW h is the mean of the vectors of the words beside it and u belongs to the centre word. The noise words of a batch
are shared by all of its pairs and weighted as if each pair had drawn `negatives` of its own. Adagrad, element by element.

One thread, so that sums are taken in one order: the same seed gives the same bytes whatever the number of cores.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from artefacts.schemas.twins import Objective
from precompute.twins.corpus import Corpus

if TYPE_CHECKING:
    import torch

NOISE_POWER = 0.75
"""Noise words are drawn by their count to this power."""
EVALUATION_SEED = 2013
_TINY = 1e-8


@dataclass(frozen=True)
class Recipe:
    """What the models share."""

    width: int = 64
    window: int = 5
    negatives: int = 5
    subsampling: float = 1e-4
    learning_rate: float = 0.1
    batch: int = 2048
    noise_words: int = 256  # shared by a batch
    epochs: float = 4.0


@dataclass(frozen=True)
class Examples:
    """What a batch is cut from. known: ids of the words that are given, [example, slot], padded with the vocabulary's size."""

    known: np.ndarray  # int32 [example, slot]; one slot in skip-gram, 2 * window in CBOW
    target: np.ndarray  # int32 [example]

    def __len__(self) -> int:
        return len(self.target)


@dataclass(frozen=True)
class Snapshot:
    """A model after `epochs` passes through the text."""

    epochs: float
    vectors: np.ndarray  # float32 [word, dim], the embeddings
    outputs: np.ndarray  # float32 [word, dim]


# --- examples ------------------------------------------------------------------------------------------------------------------


def keep_probabilities(counts: np.ndarray, subsampling: float) -> np.ndarray:
    """With which probability an occurrence of each word stays in the text: frequent words are thinned out."""
    share = subsampling / (counts / counts.sum())
    return np.minimum(1, np.sqrt(share) + share)


def make_examples(
    ids: np.ndarray, text_of: np.ndarray, keep: np.ndarray, window: int, objective: Objective, numbers: np.random.Generator
) -> Examples:
    """One epoch's examples in random order: words thinned out, then a window of 1 to `window` words drawn for each centre."""
    stays = numbers.random(len(ids)) < keep[ids]
    ids, text_of = ids[stays], text_of[stays]
    reach = numbers.integers(1, window + 1, len(ids))
    padding = len(keep)
    beside = np.full((len(ids), 2 * window), padding, dtype=np.int32)
    for distance in range(1, min(window, len(ids) - 1) + 1):
        same_text = text_of[:-distance] == text_of[distance:]
        right = same_text & (reach[:-distance] >= distance)
        left = same_text & (reach[distance:] >= distance)
        beside[:-distance, distance - 1][right] = ids[distance:][right]
        beside[distance:, window + distance - 1][left] = ids[:-distance][left]
    if objective == "CBOW":
        known, target = beside[(beside < padding).any(axis=1)], ids[(beside < padding).any(axis=1)]
    else:
        centre, slot = np.nonzero(beside < padding)
        known, target = ids[centre][:, None], beside[centre, slot]
    order = numbers.permutation(len(target))
    return Examples(known[order], target[order].astype(np.int32))


# --- one step --------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Gradients:
    """Of the summed loss of a batch, with respect to the vectors that took part."""

    hidden: torch.Tensor  # [example, dim]
    target: torch.Tensor  # [example, dim]
    noise: torch.Tensor  # [noise word, dim]


def gradients(hidden: torch.Tensor, target: torch.Tensor, noise: torch.Tensor, weight: float) -> Gradients:
    """hidden, target: [example, dim], row by row a pair; noise: [noise word, dim], each weighing `weight` on every pair."""
    import torch

    too_low = torch.sigmoid((hidden * target).sum(dim=1, keepdim=True)) - 1
    too_high = torch.sigmoid(hidden @ noise.T) * weight
    return Gradients(too_low * target + too_high @ noise, too_low * hidden, too_high.T @ hidden)


def hidden_vectors(vectors: torch.Tensor, known: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """(hidden [example, dim], number of known words [example, 1]): the mean of each example's known words, padding left out."""
    if known.shape[1] == 1:
        return vectors[known[:, 0]], known.new_ones((len(known), 1))
    is_word = known < len(vectors)
    found = vectors[known.clamp(max=len(vectors) - 1)] * is_word.unsqueeze(2)
    number = is_word.sum(dim=1, keepdim=True)
    return found.sum(dim=1) / number, number


class Adagrad:
    """Steps of `rate` times gradient over the root of all squared gradients so far; rows without a gradient stay as they are."""

    def __init__(self, values: torch.Tensor, rate: float):
        self.values, self.rate = values, rate
        self.squares = values.new_zeros(values.shape)

    def step(self, rows: torch.Tensor, gradient: torch.Tensor) -> None:
        """rows: [n] ids, repeated or not; gradient: [n, dim], summed over equal rows first."""
        import torch

        rows, place = torch.unique(rows, return_inverse=True)
        summed = gradient.new_zeros((len(rows), gradient.shape[1])).index_add_(0, place, gradient)
        squares = self.squares[rows] + summed * summed
        self.squares[rows] = squares
        self.values[rows] -= self.rate * summed / (squares.sqrt() + _TINY)


# --- a whole training --------------------------------------------------------------------------------------------------------------


def train(corpus: Corpus, recipe: Recipe, objective: Objective, seed: int, checkpoints: Sequence[float] = ()) -> list[Snapshot]:
    """The model at each of `checkpoints` (in epochs, increasing) and at the end.

    The seed decides the first vectors, which words are thinned out, the windows, the order of the examples and the noise.
    """
    import torch

    numbers = np.random.default_rng(seed)
    size = len(corpus.vocabulary)
    first = numbers.uniform(-0.5, 0.5, (size, recipe.width)) / recipe.width
    vectors = Adagrad(torch.tensor(first, dtype=torch.float32), recipe.learning_rate)
    outputs = Adagrad(torch.zeros(size, recipe.width), recipe.learning_rate)
    noise_up_to = _cumulative_noise(corpus.counts)
    keep = keep_probabilities(corpus.counts, recipe.subsampling)
    ids, text_of = corpus.part(held_out=False)
    waiting = sorted({*checkpoints, recipe.epochs})
    found: list[Snapshot] = []

    def look(epochs: float) -> None:
        while waiting and waiting[0] <= epochs + 1e-9:
            found.append(Snapshot(waiting.pop(0), vectors.values.numpy().copy(), outputs.values.numpy().copy()))

    with one_thread():
        look(0)
        epoch = 0
        while waiting:
            examples = make_examples(ids, text_of, keep, recipe.window, objective, numbers)
            for start, stop in _stretches(len(examples), recipe.batch, [at - epoch for at in waiting]):
                known = torch.from_numpy(examples.known[start:stop]).long()
                target = torch.from_numpy(examples.target[start:stop]).long()
                noise = torch.from_numpy(np.searchsorted(noise_up_to, numbers.random(recipe.noise_words)))
                _step(vectors, outputs, known, target, noise, recipe.negatives / recipe.noise_words)
                look(epoch + stop / len(examples))
            epoch += 1
            if not len(examples):
                look(epoch)
    return found


def _step(vectors: Adagrad, outputs: Adagrad, known: torch.Tensor, target: torch.Tensor, noise: torch.Tensor, weight: float) -> None:
    import torch

    hidden, number = hidden_vectors(vectors.values, known)
    found = gradients(hidden, outputs.values[target], outputs.values[noise], weight)
    outputs.step(torch.cat([target, noise]), torch.cat([found.target, found.noise]))
    if known.shape[1] == 1:
        vectors.step(known[:, 0], found.hidden)
    else:
        example, slot = (known < len(vectors.values)).nonzero(as_tuple=True)
        vectors.step(known[example, slot], (found.hidden / number)[example])


def _stretches(examples: int, batch: int, marks: Sequence[float]) -> Iterator[tuple[int, int]]:
    """Batches (start, stop); one ends at each mark (a share of the epoch), so that a checkpoint falls between two steps."""
    ends = {math.ceil(mark * examples) for mark in marks if 0 < mark < 1} | {examples}
    start = 0
    for end in sorted(ends):
        while start < end:
            stop = min(start + batch, end)
            yield start, stop
            start = stop


def _cumulative_noise(counts: np.ndarray) -> np.ndarray:
    powers = counts**NOISE_POWER
    cumulative = np.cumsum(powers) / powers.sum()
    cumulative[-1] = 1.0
    return cumulative


def held_out_loss(corpus: Corpus, recipe: Recipe, snapshot: Snapshot) -> float:
    """Skip-gram's loss in nats a pair, on pairs and noise words from the held-out texts that are the same for every model."""
    numbers = np.random.default_rng(EVALUATION_SEED)
    ids, text_of = corpus.part(held_out=True)
    keep = keep_probabilities(corpus.counts, recipe.subsampling)
    examples = make_examples(ids, text_of, keep, recipe.window, "skip-gram", numbers)
    noise = np.searchsorted(_cumulative_noise(corpus.counts), numbers.random((len(examples), recipe.negatives)))
    hidden = snapshot.vectors[examples.known[:, 0]].astype(np.float64)
    true = np.einsum("ed,ed->e", hidden, snapshot.outputs[examples.target].astype(np.float64))
    false = np.einsum("ed,end->en", hidden, snapshot.outputs[noise].astype(np.float64))
    return float((np.logaddexp(0, -true) + np.logaddexp(0, false).sum(axis=1)).mean())


@contextmanager
def one_thread() -> Iterator[None]:
    """torch on one thread in here, whatever it was."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
