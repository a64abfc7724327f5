"""The lab's words inside the carrier sentences: their states in some layers of decoder and encoder, averaged over the carriers.

The same layer vectors as in `precompute.layers.words_in_carriers`, for forty times as many words. Every word is one token, so all
sentences of a carrier have the same length, and what stands before the word is the same in all of them. A decoder does not look ahead:
it reads that beginning once, and then one token a word.
"""

from __future__ import annotations

import copy

import numpy as np

from precompute.context import networks
from precompute.context.networks import Reader, readers
from precompute.lab.words import lab_words
from precompute.layers.words_in_carriers import CARRIERS, SLOT, carriers
from precompute.workspace import Workspace
from problems import Problem, ProjectError

BATCH = 64  # sentences at a time
DEPTHS = {"third": 1 / 3, "two_thirds": 2 / 3, "last": 1}


def layers_of(blocks: int) -> dict[str, int]:
    """Depth -> how many blocks the state has passed, of a network with so many."""
    return {depth: max(1, round(share * blocks)) for depth, share in DEPTHS.items()}


def block_count(work: Workspace, role: str) -> int:
    """How many blocks the model in a role has."""
    return len(networks.blocks(_reader(work, role).network))


def layer_vectors(work: Workspace, role: str) -> dict[str, np.ndarray]:
    """Depth -> [word, dim] float64, of all words of the lab."""
    return work.once(("lab layer vectors", role), lambda: vectors_of(work, role, lab_words(work).words))


def vectors_of(work: Workspace, role: str, words: list[str]) -> dict[str, np.ndarray]:
    """Depth -> [word, dim] float64. words: single tokens of the network."""
    reader, layers = _reader(work, role), layers_of(block_count(work, role))
    states = sum(_states(reader, carrier, words, list(layers.values())) for carrier in carriers(work))
    return dict(zip(layers, states / len(carriers(work)), strict=True))


def _reader(work: Workspace, role: str) -> Reader:
    return next(reader for reader in readers(work) if reader.role == role)


def _states(reader: Reader, carrier: str, words: list[str], layers: list[int]) -> np.ndarray:
    """[layer, word, dim] float64, at the word, in one carrier."""
    sentence, place = template(reader, carrier, words)
    ids = [reader.word_id(word) for word in words]
    starts = range(0, len(ids), BATCH)
    if reader.role == "decoder":
        start = _beginning(reader, sentence[:place])
        found = [_after(reader, start, ids[at : at + BATCH], layers) for at in starts]
    else:
        found = [_inside(reader, sentence, place, ids[at : at + BATCH], layers) for at in starts]
    return np.concatenate(found, axis=1).astype(np.float64)


def template(reader: Reader, carrier: str, words: list[str]) -> tuple[list[int], int]:
    """The ids of the carrier with the first word in it, and the word's place. Raises ProjectError where the others do not fit there."""
    sentence = reader.ids(carrier.replace(SLOT, words[0]))
    other = reader.ids(carrier.replace(SLOT, words[-1]))
    places = [n for n, pair in enumerate(zip(sentence, other, strict=False)) if pair[0] != pair[1]]
    place = places[0] if len(places) == 1 else 0
    before, after = sentence[:place], sentence[place + 1 :]
    if place == 0 or any(reader.ids(carrier.replace(SLOT, word)) != [*before, reader.word_id(word), *after] for word in words):
        cure = f"Put {SLOT} where it is a word of its own, not at the start."
        raise ProjectError(Problem(f"content/words/{CARRIERS}.toml", None, f"the word of {carrier!r} cannot be found", cure))
    return sentence, place


def _beginning(reader: Reader, ids: list[int]):
    """What the network keeps of the tokens before the word: keys and values of every block."""
    import torch

    with torch.inference_mode():
        return reader.network.base_model(torch.tensor([ids]), use_cache=True).past_key_values


def _after(reader: Reader, start, ids: list[int], layers: list[int]) -> np.ndarray:
    """[layer, word, dim]: each word directly after the beginning."""
    import torch

    with torch.inference_mode():
        kept = copy.deepcopy(start)
        kept.batch_repeat_interleave(len(ids))
        out = reader.network.base_model(torch.tensor(ids)[:, None], past_key_values=kept, use_cache=True, output_hidden_states=True)
    return torch.stack([out.hidden_states[layer][:, 0] for layer in layers]).numpy()


def _inside(reader: Reader, sentence: list[int], place: int, ids: list[int], layers: list[int]) -> np.ndarray:
    """[layer, word, dim]: each word in the whole sentence."""
    import torch

    batch = torch.tensor([sentence] * len(ids))
    batch[:, place] = torch.tensor(ids)
    with torch.inference_mode():
        out = reader.network.base_model(batch, output_hidden_states=True)
    return torch.stack([out.hidden_states[layer][:, place] for layer in layers]).numpy()
