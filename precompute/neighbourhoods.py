"""Writes neighbourhoods: top-20 lists of a dozen curated words by cosine, with and without the mean, Euclid and dot product."""

from __future__ import annotations

import numpy as np

from artefacts.schemas.neighbours import NameShare, Neighbour, Neighbourhoods, NeighbourLists, PublishedNeighbour, WordNeighbourhood
from artefacts.schemas.parts import Role
from precompute.neighbours import K
from precompute.progress import track
from precompute.space import angle_degrees, best_first, cosines_with_all, distances_to_all, dot_products_with_all
from precompute.statistics_of import rounded
from precompute.token_marks import flag_names, marks_of
from precompute.variants import kind_of_variant, text_without_mark
from precompute.workspace import Workspace

WORD_LISTS = ("similarity_words", "first_names", "published_neighbours")


def export(work: Workspace) -> Neighbourhoods:
    """A list by each measure for every word that is one token in a model; for others their pieces."""
    curated = work.words("similarity_words")
    name = curated["name"]
    asked = [(word, role, spaced) for word in curated["words"] for role, spaced in _forms(work, word == name)]
    centred_units = {space.role: space.centred_units(np.arange(len(space))) for space in work.spaces()}  # once, for all words
    entries = [
        _neighbourhood(work, role, word, spaced, centred_units[role], is_name=word == name)
        for word, role, spaced in track(asked, "neighbourhoods", len(asked))
    ]
    return Neighbourhoods(
        k=K,
        words=curated["words"],
        entries=entries,
        name_shares=[_name_share(entry) for entry in entries if entry.word == name and entry.lists is not None],
        published_name_neighbours=[PublishedNeighbour(**row) for row in work.words("published_neighbours")["neighbours"]],
    )


def _forms(work: Workspace, is_name: bool) -> list[tuple[Role, bool]]:
    """(model, leading space?): a word is looked up as it stands in running text, the name also bare."""
    forms = []
    for space in work.spaces():
        spaced = space.kind == "byte_level_bpe"
        forms.append((space.role, spaced))
        if is_name and spaced:
            forms.append((space.role, False))
    return forms


def _neighbourhood(
    work: Workspace, role: Role, word: str, spaced: bool, centred_units: np.ndarray, *, is_name: bool
) -> WordNeighbourhood:
    """centred_units: [token, dim], all rows of length one, after the mean vector is taken off."""
    model, space = work.model_set.model(role), work.space(role)
    token_id = model.word_token(word, spaced)
    pieces = [space.raw_tokens[i] for i in model.tokenize(f" {word}" if spaced else word)]
    if token_id is None:
        nothing = dict.fromkeys(("token", "norm", "lists", "overlap_cosine_euclidean", "overlap_cosine_dot", "self_rank_by_dot"))
        return WordNeighbourhood(role=role, word=word, leading_space=spaced, pieces=pieces, **nothing)
    cosines, distances, dots = (measure(space, token_id) for measure in (cosines_with_all, distances_to_all, dot_products_with_all))
    in_order = best_first(cosines, descending=True, leave_out=token_id)
    rank_of = dict(zip(in_order.tolist(), range(1, len(space)), strict=True))
    marks = marks_of(work, role)
    name_labels = first_name_labels(work.words("first_names")) if is_name else {}

    def neighbour(i: int) -> Neighbour:
        return Neighbour(
            token=space.token(i),
            cosine=rounded(cosines[i]),
            angle_degrees=rounded(angle_degrees(float(cosines[i])), 3),
            euclidean_distance=rounded(distances[i], 5),
            dot_product=rounded(dots[i], 5),
            norm=rounded(space.norms[i], 5),
            in_degree=int(marks.in_degree[i]),
            flags=flag_names(marks.flags[i]),
            rank_by_cosine=rank_of[int(i)],
            variant=kind_of_variant(space, token_id, i),
            first_name=name_labels.get(text_without_mark(space, i).lower()),
        )

    by_cosine = in_order[:K]
    by_distance, by_dot = (
        best_first(scores, descending=descending, leave_out=token_id)[:K] for scores, descending in ((distances, False), (dots, True))
    )
    return WordNeighbourhood(
        role=role,
        word=word,
        leading_space=spaced,
        token=space.token(token_id),
        pieces=pieces,
        norm=rounded(space.norms[token_id], 5),
        lists=NeighbourLists(
            cosine=[neighbour(i) for i in by_cosine],
            euclidean=[neighbour(i) for i in by_distance],
            dot=[neighbour(i) for i in by_dot],
            centred=[neighbour(i) for i in nearest_without_the_mean(centred_units, token_id)],
        ),
        overlap_cosine_euclidean=len(np.intersect1d(by_cosine, by_distance)),
        overlap_cosine_dot=len(np.intersect1d(by_cosine, by_dot)),
        self_rank_by_dot=int(np.flatnonzero(best_first(dots, descending=True) == token_id)[0]) + 1,
    )


def nearest_without_the_mean(centred_units: np.ndarray, token_id: int) -> np.ndarray:
    """Ids of the `K` nearest to a token by cosine after the mean vector is taken off every row. centred_units: [token, dim]."""
    cosines = (centred_units @ centred_units[token_id]).astype(np.float32)
    return best_first(cosines, descending=True, leave_out=token_id)[:K]


def first_name_labels(labels: dict[str, list[str]]) -> dict[str, bool]:
    """Text of a token, without its space and in lower case -> whether a person labelled it a first name."""
    return dict.fromkeys(labels["first_names"], True) | dict.fromkeys(labels["other"], False)


def _name_share(entry: WordNeighbourhood) -> NameShare:
    labels = [neighbour.first_name for neighbour in entry.lists.cosine if neighbour.first_name is not None]
    return NameShare(
        role=entry.role, word=entry.word, leading_space=entry.leading_space, labelled=len(labels), first_names=sum(labels)
    )
