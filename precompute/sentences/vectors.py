"""One vector for a sentence, made in several ways from the set's models. Opens networks; every exporter of this folder reads it.

encoder_mean   mean of the last layer's states over all tokens, [CLS] and [SEP] included, then length 1: what the library
               sentence-transformers does with all-MiniLM-L6-v2 (Reimers & Gurevych 2019, section 3)
encoder_first  the last layer's state of the first token, [CLS], then length 1
decoder_mean   mean of the last layer's states over all tokens but the first, then length 1. The first position is left out because
               it takes up attention that has nowhere else to go, and is nearly the same whatever token stands there
decoder_centred  the same, after taking away the mean of all library sentences
decoder_last   the last layer's state of the last token, then length 1
static_mean    mean of the static vectors of the words, then length 1; words without a vector are left out
"""

from __future__ import annotations

import re

import numpy as np

from artefacts.schemas.sentences import SentenceMethod
from precompute.special_tokens import with_special_tokens
from precompute.workspace import Workspace

WORD_LIST, PAIR_LIST = WORD_LISTS = ("search_sentences", "sentence_pairs")


def methods_of(work: Workspace) -> list[SentenceMethod]:
    """The ways that this set has: without static vectors there is one less."""
    ways: list[SentenceMethod] = ["encoder_mean", "encoder_first", "decoder_mean", "decoder_centred", "decoder_last"]
    return [*ways, "static_mean"] if "static" in work.model_set.members else ways


def library(work: Workspace) -> list[tuple[str, str]]:
    """(topic, sentence) of all sentences of the library, in the order of the word list."""
    return [(topic, sentence) for topic, sentences in work.words(WORD_LIST)["topics"].items() for sentence in sentences]


def library_vectors(work: Workspace, method: SentenceMethod) -> np.ndarray:
    """[sentence, dim] float64, rows of length 1 (or 0, where no word of a sentence has a vector)."""
    return vectors(work, method, [sentence for _, sentence in library(work)])


def vectors(work: Workspace, method: SentenceMethod, sentences: list[str]) -> np.ndarray:
    """[sentence, dim] float64, rows of length 1 (or 0)."""
    raw = raw_vectors(work, method, sentences)
    if method == "decoder_centred":
        raw = raw - work.once("mean of the library", lambda: _library_mean(work))
    return unit(raw)


def vectors_less_their_mean(work: Workspace, method: SentenceMethod, sentences: list[str]) -> np.ndarray:
    """The same after taking away the mean of just these sentences: what they share by their kind, such as being queries, is gone."""
    raw = raw_vectors(work, method, sentences)
    return unit(raw - raw.mean(axis=0))


def unit(rows: np.ndarray) -> np.ndarray:
    """Rows divided by their norms; a row of zeros stays one."""
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    return rows / np.where(norms > 0, norms, 1)


def _library_mean(work: Workspace) -> np.ndarray:
    return raw_vectors(work, "decoder_mean", [sentence for _, sentence in library(work)]).mean(axis=0)


def raw_vectors(work: Workspace, method: SentenceMethod, sentences: list[str]) -> np.ndarray:
    """[sentence, dim] float64, before they are brought to length 1, and not centred."""
    return np.stack([_raw(work, method, sentence) for sentence in sentences])


def _raw(work: Workspace, method: SentenceMethod, sentence: str) -> np.ndarray:
    """[dim] float64, before it is brought to length 1."""
    if method == "static_mean":
        return work.once(("words of", sentence), lambda: _mean_of_words(work, sentence))
    role, pooling = method.split("_")
    states = work.once(("states", role), lambda: _states(work, role, all_sentences(work)))[sentence]
    if pooling == "first":
        return states[0]
    if pooling == "last":
        return states[-1]
    if role == "decoder" and len(states) > 1:
        states = states[1:]
    return states.mean(axis=0)


def all_sentences(work: Workspace) -> list[str]:
    """Every sentence of both word lists, each once: the networks are run over them together."""
    queries = [text for query in work.words(WORD_LIST)["query"] for text in (query["text"], query["question"])]
    pairs = [sentence for group in work.words(PAIR_LIST).values() for pair in group for sentence in pair]
    return list(dict.fromkeys([*(sentence for _, sentence in library(work)), *queries, *pairs]))


def _states(work: Workspace, role: str, sentences: list[str]) -> dict[str, np.ndarray]:
    """Sentence -> [token, dim] float64: the last layer's output (a decoder's after its final normalisation, as its output layer
    sees it). Sentences of equal length go through the network together, so that none needs padding."""
    import torch

    model = work.model_set.model(role)
    network = model.network if role == "encoder" else model.network.base_model
    by_length: dict[int, list[tuple[str, list[int]]]] = {}
    for sentence in sentences:
        ids = with_special_tokens(model, sentence) if role == "encoder" else model.tokenize(sentence)
        by_length.setdefault(len(ids), []).append((sentence, ids))
    found: dict[str, np.ndarray] = {}
    for same in by_length.values():
        ids = torch.tensor([ids for _, ids in same])
        with torch.inference_mode():
            output = network(input_ids=ids, attention_mask=torch.ones_like(ids)).last_hidden_state.double().numpy()
        found |= {sentence: states for (sentence, _), states in zip(same, output, strict=True)}
    return found


def words(sentence: str) -> list[str]:
    """Lower-case words, signs and the 's of a genitive dropped."""
    return re.findall(r"[a-z]+(?:-[a-z]+)*", re.sub(r"'s\b", "", sentence.lower()))


def _mean_of_words(work: Workspace, sentence: str) -> np.ndarray:
    static = work.model_set.model("static")
    table = static.token_embeddings()
    ids = [i for word in words(sentence) if (i := static.word_token(word)) is not None]
    return table[ids].astype(np.float64).mean(axis=0) if ids else np.zeros(table.shape[1])
