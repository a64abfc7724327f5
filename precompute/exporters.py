"""Which artefacts there are, in the order they are made, and what each of them depends on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from precompute import (
    matrix_product,
    measured_times,
    metric_agreement,
    model_facts,
    nearest_neighbours,
    neighbourhoods,
    neighbours,
    norms,
    pairs,
    random_pairs,
    similarity_curves,
    token_marks,
    tokenisation_examples,
    variants,
    vocabularies,
    vocabulary_statistics,
)

# What each result depends on beside our own code. gguf and safetensors read weights, tokenizers splits text, torch searches.
MODEL_LIBRARIES = ("numpy", "gguf", "safetensors", "tokenizers")
SEARCH_LIBRARIES = (*MODEL_LIBRARIES, "torch")


@dataclass(frozen=True)
class Exporter:
    """One artefact. `export` returns its data, or its data and the shard files that belong to it.

    parts: the members and tokenizers of the set that it reads; `options` and `word_lists` change its result too.
    """

    artefact: str
    export: Callable[..., Any]
    parts: tuple[str, ...] = ("decoder", "encoder")
    word_lists: tuple[str, ...] = ()
    options: dict[str, Any] = field(default_factory=dict)
    libraries: tuple[str, ...] = MODEL_LIBRARIES
    measures_time: bool = False  # made when missing or asked for by name, never because something changed


_TOKENIZERS = vocabularies.TOKENIZERS
_K = {"k": neighbours.K}

EXPORTERS: tuple[Exporter, ...] = (
    Exporter(
        "model_facts",
        model_facts.export,
        ("decoder", "encoder", "static", "gpt2", "bert"),
        libraries=(*MODEL_LIBRARIES, "transformers"),
    ),
    *(Exporter(f"vocabulary_{name}", vocabularies.export_of[name], (name,)) for name in _TOKENIZERS),
    Exporter("vocabulary_statistics", vocabulary_statistics.export, _TOKENIZERS),
    Exporter("tokenisation_examples", tokenisation_examples.export, _TOKENIZERS, ("tokenisation_examples",)),
    Exporter(
        "neighbours_decoder",
        neighbours.export_decoder,
        ("decoder",),
        options=_K | {"shard_tokens": neighbours.SHARD_TOKENS},
        libraries=SEARCH_LIBRARIES,
    ),
    Exporter(
        "neighbours_encoder",
        neighbours.export_encoder,
        ("encoder",),
        options=_K | {"shard_tokens": neighbours.SHARD_TOKENS},
        libraries=SEARCH_LIBRARIES,
    ),
    Exporter(
        "token_marks_decoder",
        token_marks.export_decoder,
        ("decoder",),
        options=_K | token_marks.OPTIONS,
        libraries=SEARCH_LIBRARIES,
    ),
    Exporter(
        "token_marks_encoder",
        token_marks.export_encoder,
        ("encoder",),
        options=_K | token_marks.OPTIONS,
        libraries=SEARCH_LIBRARIES,
    ),
    Exporter("random_pairs", random_pairs.export, options=random_pairs.OPTIONS),
    Exporter("nearest_neighbours", nearest_neighbours.export, options=_K | token_marks.OPTIONS, libraries=SEARCH_LIBRARIES),
    Exporter(
        "neighbourhoods",
        neighbourhoods.export,
        word_lists=neighbourhoods.WORD_LISTS,
        options=_K | token_marks.OPTIONS,
        libraries=SEARCH_LIBRARIES,
    ),
    Exporter(
        "similarity_curves",
        similarity_curves.export,
        word_lists=("similarity_words",),
        options=similarity_curves.OPTIONS | random_pairs.OPTIONS,
    ),
    Exporter("pair_similarities", pairs.export_similarities, word_lists=("pairs",)),
    Exporter("pair_scatter", pairs.export_scatter, word_lists=("pairs",)),
    Exporter("variants", variants.export, options=_K | variants.OPTIONS, libraries=SEARCH_LIBRARIES),
    Exporter("metric_agreement", metric_agreement.export, options=metric_agreement.OPTIONS),
    Exporter("norms", norms.export, word_lists=("similarity_words",), options=norms.OPTIONS),
    Exporter("matrix_product", matrix_product.export, word_lists=("similarity_words",)),
    Exporter(
        "measured_times", measured_times.export, word_lists=("similarity_words",), libraries=("numpy", "torch"), measures_time=True
    ),
)
