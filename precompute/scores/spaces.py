"""The spaces that can be compared: the set's models, those that accompany them if they are here, and the small models trained here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import numpy as np

from artefacts.schemas.scores import ComparedSpace
from precompute.rsa.rdms import dissimilarities
from precompute.rsa.words import SOURCE_WORDS, WORD_LIST, ComparedWords, compared_words, source_words
from precompute.twins.models import TWINS, trained
from precompute.workspace import Workspace
from problems import Problem, ProjectError

WORD_LISTS = (WORD_LIST, "category_sets")
COEFFICIENT = "pearson"  # the source's score
PERMUTATIONS = RESAMPLES = 10_000
SEED = 20
FEWEST_WORDS = 4  # three words have three pairs: too few to leave one out
LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)

Shared = Literal["seed", "text", "architecture", "nothing"]


@dataclass(frozen=True)
class WordSpace:
    """A space with the vectors of some words, [word, dim] float64."""

    facts: ComparedSpace
    vectors: np.ndarray

    @property
    def key(self) -> str:
        """The key of its facts: a role, an accompanying model, or a small model."""
        return self.facts.key

    def pairs(self) -> np.ndarray:
        """[pair], cosine dissimilarities."""
        return dissimilarities(self.vectors)


def members_here(work: Workspace) -> list[str]:
    """The set's roles, then the accompanying models whose files are here and whose words can be looked up."""
    here = []
    for key, spec in work.model_set.members.items():
        if key in work.model_set.roles or (spec.tokenizer_kind is not None and work.model_set.model(key).is_here()):
            here.append(key)
    return here


def facts_of_member(work: Workspace, key: str) -> ComparedSpace:
    """Name, family and width of a member of the set."""
    model = work.model_set.model(key)
    spec = model.spec
    role = key if key in work.model_set.roles else None
    return ComparedSpace(key=key, name=spec.name, role=role, family=spec.architecture, dims=model.token_embeddings().shape[1])


def spaces_of_set(work: Workspace, words: ComparedWords) -> list[WordSpace]:
    """The set's own models, in the order of its roles."""
    return [WordSpace(facts_of_member(work, role), words.vectors[role]) for role in work.model_set.roles]


def small_spaces(work: Workspace, words: Sequence[str]) -> tuple[list[WordSpace], list[str]]:
    """The models trained here, and the words that they do not know. Vectors are those of the other words, in their order."""
    twins = trained(work)
    place = twins.corpus.place
    known = [word for word in words if word.lower() in place]
    rows = np.array([place[word.lower()] for word in known], dtype=np.int64)
    spaces = []
    for twin in TWINS:
        vectors = twins.finished(twin.name).vectors[rows].astype(np.float64)
        name = f"{twin.objective} {twin.seed}"
        facts = ComparedSpace(key=twin.name, name=name, role=None, family=twin.objective, dims=vectors.shape[1])
        spaces.append(WordSpace(facts, vectors))
    return spaces, [word for word in words if word.lower() not in place]


def shared_by(one: ComparedSpace, other: ComparedSpace) -> Shared:
    """What two spaces have in common beside English."""
    small = {twin.name for twin in TWINS}
    if one.key in small and other.key in small:
        return "seed" if one.family == other.family else "text"
    return "architecture" if one.family == other.family else "nothing"


def published_words(work: Workspace, members: Sequence[str] | None = None) -> ComparedWords:
    """The source's words. Raises ProjectError where too few can be compared."""
    return _enough(source_words(work, members), WORD_LIST)


def all_categories(work: Workspace) -> tuple[ComparedWords, list[str]]:
    """The source's three categories and the ten of this lesson, in one list; and the names of the source's."""
    published = work.words(WORD_LIST)[SOURCE_WORDS]
    return compared_words(work, published | work.words("category_sets")["categories"]), list(published)


def pairs_of_spaces(spaces: Sequence[WordSpace]) -> list[tuple[int, int]]:
    """Places of each two of them."""
    return list(combinations(range(len(spaces)), 2))


def pair_keys(spaces: Sequence[WordSpace]) -> list[list[str]]:
    """[pair]: the keys of both spaces, in the order of `pairs_of_spaces`."""
    return [[spaces[i].key, spaces[j].key] for i, j in pairs_of_spaces(spaces)]


def _enough(words: ComparedWords, name: str) -> ComparedWords:
    if len(words) < FEWEST_WORDS or len(set(words.categories)) in (1, len(words)):
        what = f"only {len(words)} of its words are single tokens in all models of the set, which is too few to compare"
        raise ProjectError(Problem(f"content/words/{name}.toml", None, what, "Add shorter, more frequent words."))
    return words
