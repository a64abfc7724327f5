"""A decoder as what it is: a function from the tokens so far to a probability for each token of the vocabulary."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from artefacts.schemas.parts import TokenizerKind, TokenRef
from artefacts.schemas.writing import Candidate
from artefacts.tokens import token_bytes
from precompute.softmax import softmax
from precompute.workspace import Workspace

START = "<|endoftext|>"  # stands between the documents of a training text, so also for "nothing before"
CHAT = "<|im_start|>"


@dataclass
class LanguageModel:
    """The set's decoder with its vocabulary."""

    network: Any
    raw: list[str]
    kind: TokenizerKind
    model: Any

    @property
    def start(self) -> TokenRef | None:
        """The token that is put before a text; None where the vocabulary has none."""
        return self.token(self.raw.index(START)) if START in self.raw else None

    @cached_property
    def special(self) -> frozenset[int]:
        """Ids of entries that stand for no text."""
        return frozenset(self.model.special_ids())

    def token(self, token_id: int) -> TokenRef:
        """A token by its id, with its raw spelling."""
        return TokenRef(id=int(token_id), raw=self.raw[token_id])

    def ids(self, text: str) -> list[int]:
        """Ids of a text, without a start token."""
        return self.model.tokenize(text)

    def started(self, ids: Sequence[int]) -> list[int]:
        """With the start token in front, if there is one."""
        return [self.start.id, *ids] if self.start else list(ids)

    def text(self, ids: Sequence[int]) -> str:
        """The text that tokens spell, special ones left out; a character that is not whole yet is dropped."""
        spelled = b"".join(token_bytes(self.raw[i], self.kind) for i in ids if i not in self.special)
        return spelled.decode("utf-8", errors="ignore")

    def logits(self, ids: Sequence[int]) -> np.ndarray:
        """[position, token] float64: the scores of what follows each position."""
        import torch

        with torch.inference_mode():
            return self.network(torch.tensor([list(ids)])).logits[0].double().numpy()

    def probabilities(self, ids: Sequence[int]) -> np.ndarray:
        """[position, token] float64, each row summing to 1: what the model expects after each position."""
        return softmax(self.logits(ids))

    def candidates(self, probabilities: np.ndarray, number: int) -> list[Candidate]:
        """The most probable tokens; ties by id."""
        return [
            Candidate(token=self.token(i), probability=significant(probabilities[i])) for i in best(probabilities, number)
        ]


def open_language_model(work: Workspace) -> LanguageModel:
    """The set's decoder, opened once a run."""
    model = work.model_set.model("decoder")
    return work.once("language model", lambda: LanguageModel(model.network, model.raw_tokens(), model.tokenizer_kind, model))


def best(probabilities: np.ndarray, number: int) -> list[int]:
    """Ids of the most probable tokens, equals by id. probabilities: [token]."""
    return [int(i) for i in np.argsort(-probabilities, kind="stable")[:number]]


def rank(probabilities: np.ndarray, token_id: int) -> int:
    """1 + how many tokens are more probable."""
    return int((probabilities > probabilities[token_id]).sum()) + 1


def entropy_bits(probabilities: np.ndarray) -> float:
    """Shannon's entropy of a distribution, in bits."""
    positive = probabilities[probabilities > 0]
    return float(-(positive * np.log2(positive)).sum())


def surprisals(model: LanguageModel, ids: Sequence[int]) -> np.ndarray:
    """[position - 1] bits: -log2 of the probability of each token but the first, given those before it."""
    rows = model.probabilities(ids)
    return -np.log2(rows[np.arange(len(ids) - 1), np.asarray(ids[1:], dtype=np.int64)])


def total_variation(first: np.ndarray, second: np.ndarray) -> float:
    """Total variation distance of two distributions [token], 0 to 1: half the sum of the differences (Levin & Peres 2017, sec. 4.1)."""
    return float(np.abs(first - second).sum() / 2)


def significant(value: float, digits: int = 6) -> float:
    """A probability to six significant digits."""
    return float(f"{float(value):.{digits}g}")
