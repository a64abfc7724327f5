"""Writes explorer_spaces: what the token explorer must know of each space before a token is chosen."""

from __future__ import annotations

from typing import Any

import numpy as np

from artefacts.schemas.explore import ExampleCut, ExplorerSpace, ExplorerSpaces, MarkedTokens
from artefacts.schemas.parts import Role, TokenRef
from precompute.explore.detailed_words import ROLES, WORDS, detailed_words
from precompute.explore.static_space import explored_neighbours, explored_space
from precompute.random_pairs import cosines_of_random_pairs
from precompute.statistics_of import cosine_distribution, rounded
from precompute.token_marks import DUPLICATE_RULE, FLAGS, HUB_FACTOR, marks_of
from precompute.untrained_tokens import duplicate_groups
from precompute.vocabularies import TOKENIZERS
from precompute.workspace import Workspace

EXAMPLE_TEXT = "Tokenizers don't agree on unhappiness, naïve cafés, 3.14159 or 🙂."
OPTIONS: dict[str, Any] = {"words": WORDS, "hub_factor": HUB_FACTOR, "example_text": EXAMPLE_TEXT}


def export(work: Workspace) -> ExplorerSpaces:
    """Names, sizes, baselines, marks and example cuts of all spaces."""
    return ExplorerSpaces(
        example_text=EXAMPLE_TEXT,
        example_cuts=[_example(work, name) for name in TOKENIZERS],
        spaces=[_space(work, role) for role in ROLES],
        static_words="\n".join(explored_space(work, "static").raw_tokens),
        detailed_words=len(detailed_words(work).words),
    )


def _example(work: Workspace, name: str) -> ExampleCut:
    tokenizer = work.model_set.tokenizer(name)
    raw = tokenizer.raw_tokens()
    return ExampleCut(tokenizer=name, tokens=[TokenRef(id=i, raw=raw[i]) for i in tokenizer.tokenize(EXAMPLE_TEXT)])


def _space(work: Workspace, role: Role) -> ExplorerSpace:
    space = explored_space(work, role)
    cosines = cosines_of_random_pairs(space.units.__getitem__, np.arange(len(space)))
    return ExplorerSpace(
        role=role,
        name=space.name,
        tokens=len(space),
        whole_words=len(space.whole_words),
        baseline=cosine_distribution(cosines),
        mean_norm=rounded(space.norms.mean()),
        marks=_static_marks(work) if role == "static" else _marks(work, role),
    )


def _marks(work: Workspace, role: Role) -> list[MarkedTokens]:
    marks = marks_of(work, role)
    k = explored_neighbours(work, role).ids.shape[1]
    rules = {
        "hub": _hub_rule(k),
        "under-trained": marks.under_trained_rule,
        "duplicate": DUPLICATE_RULE,
        "special": "A special token stands for no text.",
    }
    return [MarkedTokens(mark=mark, rule=rules[mark], ids=np.flatnonzero(marks.flags & bit).tolist()) for mark, bit in FLAGS.items()]


def _static_marks(work: Workspace) -> list[MarkedTokens]:
    """Words have no under-trained or special entries."""
    space, ids = explored_space(work, "static"), explored_neighbours(work, "static").ids
    in_degree = np.bincount(ids.ravel(), minlength=len(space))
    hubs = np.flatnonzero(in_degree > HUB_FACTOR * ids.shape[1]).tolist()
    equal = sorted(i for group in duplicate_groups(space.vectors) for i in group)
    return [
        MarkedTokens(mark="hub", rule=_hub_rule(ids.shape[1]), ids=hubs),
        MarkedTokens(mark="duplicate", rule=DUPLICATE_RULE, ids=equal),
    ]


def _hub_rule(k: int) -> str:
    return f"A hub stands in more than {HUB_FACTOR * k:,} lists of {k} neighbours; the mean is {k}."
