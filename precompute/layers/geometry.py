"""Writes layer_words, layer_geometry and rogue_dimensions: which words and carriers, and what the space of each layer is like."""

from __future__ import annotations

import numpy as np

from artefacts.schemas.layers import (
    GeometryLayer,
    GeometryOfModel,
    LayerGeometry,
    LayerWords,
    LeftOutWord,
    PlacesOfModel,
    RogueDimension,
    RogueDimensions,
    RogueLayer,
    RogueOfModel,
    Spread,
)
from precompute.context.networks import readers
from precompute.layers.reference_frame import ROGUE, Frame, contributions, frames, kin
from precompute.layers.words_in_carriers import (
    CARRIERS,
    LayerVectors,
    carriers,
    compared,
    layer_vectors,
    published_carrier,
    reference_states,
)
from precompute.rsa.rdms import matrix_of, pair_cosines
from precompute.statistics_of import pearson, rounded
from precompute.workspace import Workspace

NAMED = 3  # dimensions named in each layer


def export_words(work: Workspace) -> LayerWords:
    """Which words are compared, which were left out and why, in which carrier sentences."""
    words = compared(work)
    return LayerWords(
        words=words.words,
        categories=words.categories,
        left_out=[LeftOutWord(word=w.word, category=w.category, pieces=w.pieces) for w in words.left_out],
        carriers=carriers(work),
        published_carrier=published_carrier(work),
        example=example_word(work),
        by_model=[
            PlacesOfModel(role=v.role, places=v.places, alone_is_first=not r.adds_specials)
            for v, r in zip(layer_vectors(work), readers(work), strict=True)
        ],
    )


def example_word(work: Workspace) -> str:
    """The word that is followed through the lesson; the first compared word where a set cuts that one into pieces."""
    wanted, words = work.words(CARRIERS)["example"]["word"], compared(work).words
    return wanted if wanted in words else words[0]


def spread(values: np.ndarray, digits: int = 4) -> Spread:
    """Mean, smallest and largest of some numbers, rounded."""
    return Spread(mean=rounded(np.mean(values), digits), low=rounded(np.min(values), digits), high=rounded(np.max(values), digits))


def self_similarity(vectors: np.ndarray) -> np.ndarray:
    """[word], mean cosine of a word's vectors over pairs of carriers (Ethayarajh 2019, definition 1). vectors: [carrier, word, dim]."""
    return np.array([pair_cosines(vectors[:, word]).mean() for word in range(vectors.shape[1])])


def export_geometry(work: Workspace) -> LayerGeometry:
    """Anisotropy, self-similarity and lengths of states in every layer of both models. After Ethayarajh 2019."""
    return LayerGeometry(by_model=[_geometry_of(work, vectors) for vectors in layer_vectors(work)])


def _geometry_of(work: Workspace, vectors: LayerVectors) -> GeometryOfModel:
    reference, layers = reference_states(work, vectors.role), []
    example = compared(work).words.index(example_word(work))
    for layer, frame in enumerate(frames(work, vectors.role)):
        here, alone = vectors.in_carriers[layer].astype(np.float64), vectors.alone[layer].astype(np.float64)
        alike = self_similarity(here)
        layers.append(
            GeometryLayer(
                layer=layer,
                anisotropy=rounded(frame.mean_cosine, 4),
                self_similarity=spread(alike),
                example_self_similarity=rounded(alike[example], 4),
                words_in_carriers=spread([pair_cosines(carrier).mean() for carrier in here]),
                words_alone=rounded(pair_cosines(alone).mean(), 4),
                norm=rounded(np.linalg.norm(reference.states[layer].astype(np.float64), axis=1).mean(), 3),
                norm_alone=rounded(np.linalg.norm(alone, axis=1).mean(), 3),
            )
        )
    return GeometryOfModel(
        role=vectors.role,
        reference_tokens=len(reference.ids),
        reference_sentences=len(set(reference.sentences.tolist())),
        layers=layers,
    )


def export_rogue(work: Workspace) -> RogueDimensions:
    """The dimensions that carry most of the mean cosine, and what is left without them. After Timkey & van Schijndel 2021."""
    return RogueDimensions(removed=ROGUE, by_model=[_rogue_of(work, vectors) for vectors in layer_vectors(work)])


def _rogue_of(work: Workspace, vectors: LayerVectors) -> RogueOfModel:
    reference = reference_states(work, vectors.role)
    left_out = kin(reference)
    categories = np.array(compared(work).categories)
    names, layers = compared(work).words, []
    example = names.index(example_word(work))
    for layer, frame in enumerate(frames(work, vectors.role)):
        words = {treatment: frame.treated(vectors.mean[layer], treatment) for treatment in ("raw", "without_rogue", "standardised")}
        cosines = {treatment: pair_cosines(rows) for treatment, rows in words.items()}
        nearest = {treatment: _nearest(values) for treatment, values in cosines.items()}
        layers.append(
            RogueLayer(
                layer=layer,
                dimensions=[_dimension(frame, reference.states[layer], int(dim)) for dim in frame.by_contribution[:NAMED]],
                mean_cosine={t: rounded(contributions(frame.treated(reference.states[layer], t), left_out).sum(), 4) for t in words},
                words_cosine={t: rounded(values.mean(), 4) for t, values in cosines.items()},
                nearest_same_category={t: int((categories[near] == categories).sum()) for t, near in nearest.items()},
                example_nearest={t: names[near[example]] for t, near in nearest.items()},
                rsa_with_standardised={t: rounded(pearson(cosines[t], cosines["standardised"]), 4) for t in ("raw", "without_rogue")},
            )
        )
    shares = np.stack([frame.contributions / frame.mean_cosine for frame in frames(work, vectors.role)])  # [layer, dim]
    named = np.sort(np.argsort(-shares.max(axis=0), kind="stable")[:NAMED])
    return RogueOfModel(
        role=vectors.role,
        dims=shares.shape[1],
        named=named.tolist(),
        shares=[[rounded(share, 4) for share in row] for row in shares[:, named]],
        layers=layers,
    )


def _dimension(frame: Frame, states: np.ndarray, dim: int) -> RogueDimension:
    return RogueDimension(
        dim=dim,
        share=rounded(frame.contributions[dim] / frame.mean_cosine, 4),
        mean=rounded(frame.mean[dim], 3),
        deviation=rounded(frame.deviation[dim], 3),
        typical=rounded(np.median(np.abs(states.astype(np.float64))), 3),
    )


def _nearest(cosines: np.ndarray) -> np.ndarray:
    """[word], the most similar other word; ties to the first. cosines: [pair]."""
    return matrix_of(cosines, diagonal=-np.inf).argmax(axis=1)
