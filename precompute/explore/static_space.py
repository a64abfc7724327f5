"""The static vectors that the token explorer shows: those of words that are a single token of the decoder or of the encoder."""

from __future__ import annotations

from artefacts.schemas.parts import Role
from precompute.exact_neighbours import NeighbourTable, neighbours_by_cosine
from precompute.neighbours import K, neighbour_table
from precompute.space import Space
from precompute.workspace import Workspace


def explored_space(work: Workspace, role: Role) -> Space:
    """A model's whole vocabulary; of the static vectors those of whole words that decoder or encoder have as one token.

    Words count in lower case. Rows of the static space are numbered anew, in the order of the full list: from frequent to rare.
    """
    return work.space(role) if role != "static" else work.once("explored static space", lambda: _static_space(work))


def explored_neighbours(work: Workspace, role: Role) -> NeighbourTable:
    """The exact cosine neighbours within `explored_space`."""
    if role != "static":
        return neighbour_table(work, role)
    units = explored_space(work, role).units
    return work.once("explored static neighbours", lambda: neighbours_by_cosine(units, K, description="neighbours of static words"))


def _static_space(work: Workspace) -> Space:
    model = work.model_set.model("static")
    wanted = {space.texts[i].strip().lower() for space in work.spaces() for i in space.whole_words.tolist()}
    words = model.raw_tokens()
    seen: set[str] = set()
    rows = [n for n, word in enumerate(words) if word in wanted and not (word in seen or seen.add(word))]
    return Space(
        role="static",
        name=model.spec.name,
        kind=model.tokenizer_kind,
        raw_tokens=[words[n] for n in rows],
        vectors=model.token_embeddings()[rows],
        special_ids=[],
    )
