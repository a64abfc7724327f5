"""The compared words inside the carrier sentences: their states in every layer of both models, and the decoder's queries, keys, values.

A *layer vector* of a word is the state at its token (single in both models, so the last token of the word is the word) in one carrier.
No word stands first in a text. Alone, a word of a decoder without a start token would: `alone` keeps those states, to show the difference.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np

from precompute.context.networks import Reader, readers, rotary_part
from precompute.layers.capture import Capture, capture
from precompute.rsa.words import ComparedWords, source_words
from precompute.workspace import Workspace
from problems import Problem, ProjectError

CARRIERS = "layer_carriers"
REFERENCE = "search_sentences"
WORD_LISTS = (CARRIERS, "rsa_words")
REFERENCE_LISTS = (*WORD_LISTS, REFERENCE)
SLOT = "{word}"
SENTENCES_PER_TOPIC = 5  # of the reference sentences: enough tokens, in half the time
OFFSETS = (-1, 0, 1)  # tokens kept of the decoder's parts: the one before the word, the word, the one after it
PART_NAMES = ("input", "query", "key", "value")


@dataclass(frozen=True)
class LayerVectors:
    """One model's states of the words.

    in_carriers: [layer + 1, carrier, word, dim]; alone: [layer + 1, word, dim], each word as the whole text; places: [carrier],
    the place of the word's token in the input; all float32.
    """

    role: str
    in_carriers: np.ndarray
    alone: np.ndarray
    places: list[int]

    @property
    def mean(self) -> np.ndarray:
        """[layer + 1, word, dim] float64: each word's vectors averaged over the carriers."""
        return self.in_carriers.mean(axis=1, dtype=np.float64)


@dataclass(frozen=True)
class Parts:
    """What a decoder's blocks make at and beside the word; float32, [layer, carrier, offset, word, dim] by part and `OFFSETS`.

    Queries and keys are rotated where the model rotates; heads stand side by side in one row. The last carrier is the published one.
    """

    by_name: dict[str, np.ndarray]
    heads: int
    key_value_heads: int
    rotary: bool = False

    def at(self, part: str, offset: int) -> np.ndarray:
        """[layer, carrier, word, dim]."""
        return self.by_name[part][:, :, OFFSETS.index(offset)]


def compared(work: Workspace) -> ComparedWords:
    """The words that are one token in decoder and encoder alike."""
    return work.once("layer words", lambda: source_words(work, ("decoder", "encoder")))


def carriers(work: Workspace) -> list[str]:
    """The carrier sentences, each with a place for the word."""
    return list(work.words(CARRIERS)["carriers"])


def published_carrier(work: Workspace) -> str:
    """The one that the source used."""
    return work.words(CARRIERS)["published"]["carrier"]


def layer_vectors(work: Workspace) -> list[LayerVectors]:
    """Decoder and encoder, in this order."""
    return [work.once(("layer vectors", reader.role), lambda reader=reader: _read_words(work, reader)[0]) for reader in readers(work)]


def decoder_parts(work: Workspace) -> Parts:
    """The decoder's inputs, queries, keys and values of the compared words, from the same passes as the states."""
    layer_vectors(work)
    return work.once("decoder parts", lambda: _read_words(work, readers(work)[0])[1])


@dataclass(frozen=True)
class ReferenceStates:
    """Ordinary words in ordinary sentences. states: [layer + 1, token, dim] float32; ids, sentences: [token]."""

    states: np.ndarray
    ids: np.ndarray
    sentences: np.ndarray


def reference_states(work: Workspace, role: str) -> ReferenceStates:
    """Every token of the first sentences of each topic of the search library, but the first token of a text and what is put around it."""
    reader = next(reader for reader in readers(work) if reader.role == role)
    return work.once(("reference", role), lambda: _read_reference(work, reader))


def _read_words(work: Workspace, reader: Reader) -> tuple[LayerVectors, Parts | None]:
    """One pass a carrier, for both results."""
    return work.once(("words read", reader.role), lambda: _pass_words(work, reader))


def _pass_words(work: Workspace, reader: Reader) -> tuple[LayerVectors, Parts | None]:
    words = compared(work).words
    states, parts, places = [], {name: [] for name in PART_NAMES}, []
    for carrier in [*carriers(work), published_carrier(work)]:
        ids, place = _filled(reader, carrier, words)
        found = capture(reader.network, ids)
        places.append(place)
        states.append(found.states[:, :, place].copy())  # a view would keep all tokens
        if reader.role == "decoder":
            for name, part in _flat(found).items():
                kept = [min(place + offset, part.shape[2] - 1) for offset in OFFSETS]  # the published carrier ends with the word
                parts[name].append(part[:, :, kept].transpose(0, 2, 1, 3))
    alone = _alone(reader, words)
    vectors = LayerVectors(reader.role, np.stack(states[:-1], axis=1), alone, places[:-1])
    if reader.role != "decoder":
        return vectors, None
    by_name = {name: np.stack(part, axis=1) for name, part in parts.items()}
    rotary = rotary_part(reader.network) is not None
    return vectors, Parts(by_name, found.queries.shape[3], found.keys.shape[3], rotary)


def _flat(found: Capture) -> dict[str, np.ndarray]:
    """[layer, text, token, dim] by part, the heads side by side."""
    flat = {
        name: part.reshape(*part.shape[:3], -1)
        for name, part in zip(PART_NAMES[1:], (found.queries, found.keys, found.values), strict=True)
    }
    return {"input": found.inputs} | flat


def _filled(reader: Reader, carrier: str, words: list[str]) -> tuple[list[list[int]], int]:
    """The carrier with each word in it, [word][token], and the place of the word, the same in all."""
    ids = [reader.ids(carrier.replace(SLOT, word)) for word in words]
    places = {row.index(reader.word_id(word)) for row, word in zip(ids, words, strict=True) if reader.word_id(word) in row}
    different = [n for n, column in enumerate(zip(*ids, strict=False)) if len(set(column)) > 1]
    if len({len(row) for row in ids}) != 1 or len(places) != 1 or set(different) - places or 0 in places:
        cure = f"Put {SLOT} where it is a word of its own, not at the start, and use no word of the list elsewhere in the sentence."
        raise ProjectError(Problem(f"content/words/{CARRIERS}.toml", None, f"the word of {carrier!r} cannot be found", cure))
    return ids, places.pop()


def _alone(reader: Reader, words: list[str]) -> np.ndarray:
    """[layer + 1, word, dim]: nothing stands around the word but what the model adds to every text."""
    framed = int(reader.adds_specials)
    middle = [reader.word_id(word) for word in words]
    start, end = reader.ids("")[:1] if framed else [], reader.ids("")[1:] if framed else []
    return capture(reader.network, [[*start, token, *end] for token in middle]).states[:, :, framed]


def _read_reference(work: Workspace, reader: Reader) -> ReferenceStates:
    texts = [text for topic in work.words(REFERENCE)["topics"].values() for text in topic[:SENTENCES_PER_TOPIC]]
    ids = [reader.ids(text) for text in texts]
    special = set(reader.model.special_ids())
    states, tokens, sentences = [], [], []
    for length in sorted(Counter(map(len, ids))):  # texts of one length make one batch
        batch = [n for n, row in enumerate(ids) if len(row) == length]
        found = capture(reader.network, [ids[n] for n in batch]).states
        for row, n in enumerate(batch):
            kept = [place for place, token in enumerate(ids[n]) if place > 0 and token not in special]
            states.append(found[:, row, kept])
            tokens += [ids[n][place] for place in kept]
            sentences += [n] * len(kept)
    return ReferenceStates(np.concatenate(states, axis=1), np.array(tokens), np.array(sentences))
