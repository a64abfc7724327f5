"""Exported data of a few kilobytes, made by hand: enough for the fixture project in tests/fixtures/tiny_site, without any model."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np

from artefacts.envelope import SCHEMA_VERSION, Envelope, ModelIdentity, dump_json, write_artefact
from artefacts.neighbour_lists import NeighbourLists, packed_lists
from artefacts.schemas.models import ModelFact, ModelFacts
from artefacts.schemas.neighbours import CosineDistribution, NeighbourIndex, NeighbourShard, RandomPairs, RandomPairsOfModel
from artefacts.schemas.parts import Histogram, Strict
from artefacts.schemas.vocabularies import Tokenisation, TokenisationExample, TokenisationExamples

TOKENS, SHARD_TOKENS, K = 6, 4, 2

HOSTILE_TEXTS = (
    " Mike",
    "</script>",
    "<img src=x onerror=alert(1)>",
    "**bold** _it_ `code`",
    "[a](javascript:alert(1))",
    "{{ 7 * 7 }} {% raw %}",
    "a|b",
    "=1+1",
    "\"quoted\", 'twice'",
    "&lt;b&gt; &amp;",
    "# heading",
    "$x$ and $$y$$",
    "\u202ebidi\u200b",
    "\ue0000\ue001",
    "null\x00 bell\x07",
)
"""What a vocabulary may hold and a page must show as text, whatever it looks like."""


def write_set(folder: Path, title: str, decoder_mean: float) -> None:
    """Write the artefacts of one set into `folder`, which is named after it. decoder_mean: the number by which sets differ."""
    for name, data in {
        "model_facts": _model_facts(title),
        "random_pairs": _random_pairs(decoder_mean),
        "tokenisation_examples": _tokenisation_examples(),
        "neighbours_decoder": _neighbours(folder / "neighbours_decoder"),
    }.items():
        write_artefact(folder / f"{name}.json", _envelope(name, folder.name), data)


def _envelope(name: str, set_name: str) -> Envelope:
    identity = ModelIdentity(role="decoder", id="tiny", version="sha256:0", licence="MIT", quantisation=None)
    return Envelope(
        schema_name=name, version=SCHEMA_VERSION, set=set_name, models=[identity], options={}, libraries={}, inputs="sha256:0"
    )


def _model_facts(title: str) -> ModelFacts:
    kinds = {"decoder": "byte_level_bpe", "encoder": "wordpiece", "static": "words"}
    models = [
        ModelFact(
            role=role,
            name=f"Tiny{role.capitalize()}",
            full_name=f"Tiny {role} of {title}",
            id=f"tiny-{role}",
            architecture="random numbers",
            source="Made by hand.",
            source_url="https://example.org/tiny",
            licence="MIT",
            version="sha256:0",
            quantisation=None,
            tokenizer_kind=kind,
            vocabulary_size=1000 + TOKENS,
            embedding_dims=4,
            layers=2,
            attention_heads=2,
            key_value_heads=None,
            positions="none",
            max_positions=None,
            parameters=1234,
            embedding_parameters=600,
            embedding_share=0.49,
            tied_embeddings=True,
            file_bytes=12_345,
        )
        for role, kind in kinds.items()
    ]
    return ModelFacts(set_title=title, note=f"{title} is made by hand.", models=models)


def _distribution(mean: float) -> CosineDistribution:
    histogram = Histogram(edges=[-1.0, 0.0, 1.0], counts=[1, 2])
    return CosineDistribution(count=3, histogram=histogram, mean=mean, standard_deviation=0.1, percentiles={"50": mean})


def _random_pairs(decoder_mean: float) -> RandomPairs:
    by_model = [
        RandomPairsOfModel(
            role=role,
            all_tokens=_distribution(mean),
            whole_words=_distribution(mean),
            whole_word_tokens=2,
            whole_words_by_id=[],
            centred=_distribution(0.0),
            mean_vector_norm=0.5,
            mean_row_norm=1.0,
        )
        for role, mean in (("decoder", decoder_mean), ("encoder", 0.02))
    ]
    return RandomPairs(seed=1, whole_word_rule="All of them.", by_model=by_model)


def _tokenisation_examples() -> TokenisationExamples:
    examples = [
        TokenisationExample(
            word=text,
            leading_space=False,
            by_tokenizer=[
                Tokenisation(tokenizer="decoder", ids=[n], raw=[text.replace(" ", "Ġ")]),
                Tokenisation(tokenizer="encoder", ids=[n, n], raw=[text.replace(" ", "_"), f"##{text.replace(' ', '_')}"]),
            ],
        )
        for n, text in enumerate(HOSTILE_TEXTS)
    ]
    return TokenisationExamples(
        tokenizer_names={"decoder": "TinyDecoder", "encoder": "TinyEncoder"},
        tokenizer_kinds={"decoder": "byte_level_bpe", "encoder": "wordpiece"},
        examples=examples,
    )


def _neighbours(folder: Path) -> NeighbourIndex:
    folder.mkdir(parents=True)
    hasher = hashlib.sha256()
    starts = range(0, TOKENS, SHARD_TOKENS)
    for n, first in enumerate(starts):
        count = min(SHARD_TOKENS, TOKENS - first)
        ids = np.array([[(first + i + 1) % TOKENS, (first + i + 2) % TOKENS] for i in range(count)])
        lists = NeighbourLists(ids, np.full((count, K), 0.5), ids, np.full((count, K), 1.25))
        text = dump_json(_plain(NeighbourShard(first_id=first, lists=packed_lists(lists, TOKENS, 0.01))))
        (folder / f"{n:04}.json").write_text(text, encoding="utf-8")
        hasher.update(text.encode("utf-8"))
    return NeighbourIndex(
        role="decoder",
        k=K,
        tokens=TOKENS,
        shard_tokens=SHARD_TOKENS,
        shards=len(starts),
        shard_sha256=f"sha256:{hasher.hexdigest()}",
        cosine_step=0.001,
        distance_step=0.01,
    )


def _plain(data: Strict) -> dict:
    return data.model_dump(mode="json")
