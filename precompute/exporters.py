"""Which artefacts there are, in the order they are made, and what each of them depends on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from artefacts.envelope import ModelIdentity
from precompute import (
    matrix_product,
    measured_times,
    metric_agreement,
    model_facts,
    nearest_neighbours,
    neighbourhoods,
    neighbours,
    norms,
    own_baselines,
    pairs,
    random_pairs,
    similarity_curves,
    token_marks,
    tokenisation_examples,
    variants,
    vocabularies,
    vocabulary_statistics,
)
from precompute.acceptance import measurements
from precompute.attention import head_scores
from precompute.attention import sentences as attention_sentences
from precompute.context import (
    attention_maps,
    attention_step,
    bank_contexts,
    block_updates,
    changed_words,
    patches_and_residues,
    position_marks,
    sense_tests,
    word_exchanges,
    word_order,
)
from precompute.cutting import cutting_steps, pieces_per_word, token_kinds
from precompute.explore import (
    detailed_words,
    extremes,
    live_tokenizers,
    spaces,
    static_neighbours,
    token_facts,
    word_details,
    word_maps,
)
from precompute.family import bert_family, pieces_by_field, published_similarity
from precompute.lab import exports as lab
from precompute.layers import geometry, layer_map, layer_selectivity, map_corner, queries_keys_values
from precompute.layers.reference_frame import OPTIONS as _FRAME_OPTIONS
from precompute.layers.words_in_carriers import REFERENCE_LISTS as _LAYER_REFERENCE
from precompute.layers.words_in_carriers import WORD_LISTS as _LAYER_WORDS
from precompute.matrices import matrix_entries, mutual_neighbours, row_statistics, same_index, same_word, source_code
from precompute.reading import encoder_inputs, information_flow, masking_draws, pretraining_heads
from precompute.rsa import agreement, agreement_tests, similarities
from precompute.scores import (
    category_selectivity,
    partial_scores,
    people_scores,
    quantised_copies,
    score_matrix,
    word_influences,
    word_samples,
)
from precompute.sentences import answers_with_passages, sentence_pairs, sentence_search, word_overlap
from precompute.sentences.vectors import WORD_LISTS as _SENTENCE_LISTS
from precompute.spaces import axis_directions, changed_images, direct_comparisons, space_alignments, twin_geometry
from precompute.spaces.words_in_common import LIBRARIES as _COMMON_LIBRARIES
from precompute.spaces.words_in_common import PARTS as _COMMON_PARTS
from precompute.spaces.words_in_common import WORD_LISTS as _COMMON_WORDS
from precompute.twins import twin_training, twins
from precompute.vectors import analogies, associations, axes, lookups, output_scores, parameter_counts, relations
from precompute.writing import continuations, next_tokens, rounding_draws, temperatures

# What each result depends on beside our own code. gguf and safetensors read weights, tokenizers splits text, torch searches.
MODEL_LIBRARIES = ("numpy", "gguf", "safetensors", "tokenizers")
SEARCH_LIBRARIES = (*MODEL_LIBRARIES, "torch")
NETWORK_LIBRARIES = (*MODEL_LIBRARIES, "torch", "transformers")  # for those that run a network
RSA_LIBRARIES = (*MODEL_LIBRARIES, "scipy")


@dataclass(frozen=True)
class Exporter:
    """One artefact. `export` returns its data, or its data and the shard files that belong to it.

    parts: the members and tokenizers of the set that it reads; "more" stands for the members without a role, and "static" may be
    missing from a set. `options` and `word_lists` change its result too. needs_static: not made for a set without static vectors.
    """

    artefact: str
    export: Callable[..., Any]
    parts: tuple[str, ...] = ("decoder", "encoder")
    word_lists: tuple[str, ...] = ()
    options: dict[str, Any] = field(default_factory=dict)
    libraries: tuple[str, ...] = MODEL_LIBRARIES
    sources: tuple[ModelIdentity, ...] = ()  # what it reads that belongs to no set
    optional: tuple[str, ...] = ()  # members that it reads where the set has them and they are at hand
    needs_static: bool = False
    measures_time: bool = False  # made when missing or asked for by name, never because something changed


_TOKENIZERS = vocabularies.TOKENIZERS
_K = {"k": neighbours.K}
_SENTENCE_PARTS = ("decoder", "encoder", "static")
_READING = ("reading_and_writing",)
_BOTH = ("decoder", "encoder")

_SPACES = ("decoder", "encoder", "static")
_SCORE_LIBRARIES = (*MODEL_LIBRARIES, "scipy", "torch")  # torch trains the small models

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
    Exporter(
        "nearest_neighbours",
        nearest_neighbours.export,
        options=_K | token_marks.OPTIONS | nearest_neighbours.OPTIONS,
        libraries=SEARCH_LIBRARIES,
    ),
    Exporter(
        "neighbourhoods",
        neighbourhoods.export,
        word_lists=neighbourhoods.WORD_LISTS,
        options=_K | token_marks.OPTIONS,
        libraries=SEARCH_LIBRARIES,
    ),
    Exporter(
        "own_baselines",
        own_baselines.export,
        word_lists=own_baselines.WORD_LISTS,
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
        "position_marks",
        position_marks.export,
        word_lists=("bank_sentences",),
        options=position_marks.OPTIONS,
        libraries=NETWORK_LIBRARIES,
    ),
    Exporter("word_order", word_order.export, word_lists=("bank_sentences",), libraries=NETWORK_LIBRARIES),
    Exporter("attention_step", attention_step.export, libraries=("numpy",)),
    Exporter("block_updates", block_updates.export, word_lists=("bank_sentences",), libraries=NETWORK_LIBRARIES),
    Exporter("bank_contexts", bank_contexts.export, word_lists=("bank_sentences",), libraries=NETWORK_LIBRARIES),
    Exporter("sense_tests", sense_tests.export, word_lists=("bank_sentences",), libraries=NETWORK_LIBRARIES),
    Exporter(
        "attention_maps",
        attention_maps.export_maps,
        word_lists=("bank_sentences",),
        options=attention_maps.OPTIONS,
        libraries=NETWORK_LIBRARIES,
    ),
    Exporter(
        "attention_sinks",
        attention_maps.export_sinks,
        word_lists=("bank_sentences",),
        options=attention_maps.SINK_OPTIONS,
        libraries=NETWORK_LIBRARIES,
    ),
    Exporter("changed_words", changed_words.export, word_lists=("bank_sentences",), libraries=NETWORK_LIBRARIES),
    Exporter(
        "word_exchanges",
        word_exchanges.export,
        word_lists=("bank_sentences", "river_substitutes"),
        options=word_exchanges.OPTIONS,
        libraries=(*NETWORK_LIBRARIES, "scipy"),
    ),
    Exporter(
        "patches_and_residues",
        patches_and_residues.export,
        (),
        libraries=NETWORK_LIBRARIES,
        optional=patches_and_residues.OPTIONAL,
    ),
    # the lesson on what happens inside the layers
    Exporter("layer_words", geometry.export_words, word_lists=_LAYER_WORDS, libraries=NETWORK_LIBRARIES),
    Exporter("layer_geometry", geometry.export_geometry, word_lists=_LAYER_REFERENCE, libraries=NETWORK_LIBRARIES),
    Exporter("rogue_dimensions", geometry.export_rogue, _BOTH, _LAYER_REFERENCE, _FRAME_OPTIONS, NETWORK_LIBRARIES),
    Exporter("layer_map", layer_map.export, _BOTH, _LAYER_REFERENCE, layer_map.OPTIONS | _FRAME_OPTIONS, NETWORK_LIBRARIES),
    Exporter("map_corner", map_corner.export, _BOTH, _LAYER_REFERENCE, map_corner.OPTIONS | _FRAME_OPTIONS, NETWORK_LIBRARIES),
    Exporter("layer_selectivity", layer_selectivity.export, _BOTH, _LAYER_REFERENCE, layer_selectivity.OPTIONS, NETWORK_LIBRARIES),
    Exporter(
        "queries_keys_values", queries_keys_values.export, _BOTH, _LAYER_WORDS, queries_keys_values.OPTIONS, NETWORK_LIBRARIES
    ),
    # the lesson on vocabularies and matrices
    Exporter("cutting_steps", cutting_steps.export, ("gpt2", "bert"), ("cutting_words",)),
    Exporter("pieces_per_word", pieces_per_word.export, (*_TOKENIZERS, "static"), options=pieces_per_word.OPTIONS),
    Exporter("token_kinds", token_kinds.export, _TOKENIZERS, options=token_kinds.OPTIONS),
    Exporter("matrix_entries", matrix_entries.export, options=matrix_entries.OPTIONS),
    Exporter("row_statistics", row_statistics.export, ("decoder", "encoder", "bert", "static"), options=row_statistics.OPTIONS),
    Exporter("same_index", same_index.export, _TOKENIZERS, options=same_index.OPTIONS),
    Exporter("same_word", same_word.export, options=same_word.OPTIONS),
    Exporter("mutual_neighbours", mutual_neighbours.export, options=_K | mutual_neighbours.OPTIONS, libraries=SEARCH_LIBRARIES),
    Exporter("source_code", source_code.export, ("gpt2", "bert"), libraries=NETWORK_LIBRARIES),
    Exporter(
        "twin_training",
        twin_training.export,
        (),
        twin_training.WORD_LISTS,
        options=twin_training.OPTIONS,
        libraries=("numpy", "torch"),
        sources=twin_training.SOURCES,
    ),
    Exporter("twins", twins.export, (), twins.WORD_LISTS, options=twins.OPTIONS, libraries=("numpy", "torch"), sources=twins.SOURCES),
    # the lesson on representational similarity analysis
    Exporter("rsa_similarities", similarities.export, _SPACES, similarities.WORD_LISTS, libraries=RSA_LIBRARIES),
    Exporter("rsa_agreement", agreement.export, _SPACES, agreement.WORD_LISTS, libraries=RSA_LIBRARIES),
    Exporter("rsa_inference", agreement_tests.export, _SPACES, agreement_tests.WORD_LISTS, agreement_tests.OPTIONS, RSA_LIBRARIES),
    Exporter(
        "measured_times", measured_times.export, word_lists=("similarity_words",), libraries=("numpy", "torch"), measures_time=True
    ),
    Exporter("axis_extremes", axes.export, _SPACES, options=axes.OPTIONS),
    Exporter("lookups", lookups.export, word_lists=("vector_examples",), options=lookups.OPTIONS),
    Exporter(
        "parameter_counts",
        parameter_counts.export,
        ("decoder", "encoder", "gpt2", "bert"),
        ("vector_examples",),
        libraries=NETWORK_LIBRARIES,
    ),
    Exporter(
        "output_scores", output_scores.export, ("decoder",), ("vector_examples",), output_scores.OPTIONS, NETWORK_LIBRARIES
    ),
    Exporter("word_relations", relations.export, _SPACES, ("word_relations",), relations.OPTIONS),
    Exporter("analogies", analogies.export, _SPACES, ("analogies",), analogies.OPTIONS),
    Exporter("associations", associations.export, _SPACES, ("associations",), associations.OPTIONS),
    Exporter("information_flow", information_flow.export, word_lists=_READING, libraries=NETWORK_LIBRARIES),
    Exporter("encoder_inputs", encoder_inputs.export, ("bert",), _READING),
    Exporter("masking_draws", masking_draws.export, ("bert",), _READING, masking_draws.OPTIONS, NETWORK_LIBRARIES),
    Exporter("pretraining_heads", pretraining_heads.export, ("encoder",), _READING, libraries=NETWORK_LIBRARIES),
    Exporter(
        "next_token_steps",
        next_tokens.export_steps,
        ("decoder",),
        (*_READING, "search_sentences"),
        next_tokens.OPTIONS,
        NETWORK_LIBRARIES,
    ),
    Exporter("next_word_chances", next_tokens.export_chances, ("decoder",), _READING, next_tokens.OPTIONS, NETWORK_LIBRARIES),
    Exporter("rounding_draws", rounding_draws.export, ("decoder",), _READING, rounding_draws.OPTIONS, NETWORK_LIBRARIES),
    Exporter("temperatures", temperatures.export, ("decoder",), _READING, temperatures.OPTIONS, NETWORK_LIBRARIES),
    Exporter("continuations", continuations.export, ("decoder",), _READING, continuations.OPTIONS, NETWORK_LIBRARIES),
    Exporter("bert_family", bert_family.export, ("encoder",), ("bert_family",), libraries=NETWORK_LIBRARIES),
    Exporter("published_similarity", published_similarity.export, ("bert",), ("published_similarity",), libraries=()),
    Exporter("pieces_by_field", pieces_by_field.export, ("bert",), ("field_words",)),
    Exporter("sentence_pairs", sentence_pairs.export, _SENTENCE_PARTS, _SENTENCE_LISTS, libraries=NETWORK_LIBRARIES),
    Exporter("contrastive_batch", sentence_pairs.export_batch, _SENTENCE_PARTS, _SENTENCE_LISTS, libraries=NETWORK_LIBRARIES),
    Exporter(
        "sentence_search",
        sentence_search.export,
        _SENTENCE_PARTS,
        _SENTENCE_LISTS,
        options=sentence_search.OPTIONS | word_overlap.OPTIONS,
        libraries=NETWORK_LIBRARIES,
    ),
    Exporter(
        "answers_with_passages", answers_with_passages.export, _SENTENCE_PARTS, _SENTENCE_LISTS, libraries=NETWORK_LIBRARIES
    ),
    # the lesson on spaces that share no axes
    Exporter(
        "direct_comparisons",
        direct_comparisons.export,
        _COMMON_PARTS,
        _COMMON_WORDS,
        direct_comparisons.OPTIONS,
        _COMMON_LIBRARIES,
        direct_comparisons.SOURCES,
    ),
    Exporter(
        "twin_geometry",
        twin_geometry.export,
        (),
        twin_geometry.WORD_LISTS,
        twin_geometry.OPTIONS,
        ("numpy", "torch"),
        twin_geometry.SOURCES,
    ),
    Exporter(
        "changed_images",
        changed_images.export,
        (),
        options=changed_images.OPTIONS,
        libraries=("numpy", "scipy", "scikit-learn"),
        sources=changed_images.SOURCES,
    ),
    Exporter(
        "space_alignments",
        space_alignments.export,
        _COMMON_PARTS,
        _COMMON_WORDS,
        space_alignments.OPTIONS,
        (*_COMMON_LIBRARIES, "scipy"),
        space_alignments.SOURCES,
    ),
    Exporter(
        "axis_directions",
        axis_directions.export,
        _COMMON_PARTS,
        _COMMON_WORDS,
        axis_directions.OPTIONS,
        _COMMON_LIBRARIES,
        axis_directions.SOURCES,
    ),
    # the lesson on what a score rests on
    Exporter(
        "score_matrix",
        score_matrix.export,
        _SPACES,
        score_matrix.LISTS,
        options=score_matrix.OPTIONS,
        libraries=_SCORE_LIBRARIES,
        sources=score_matrix.SOURCES,
        optional=("more",),
    ),
    Exporter(
        "people_scores",
        people_scores.export,
        _SPACES,
        people_scores.LISTS,
        options=people_scores.OPTIONS,
        libraries=_SCORE_LIBRARIES,
        sources=people_scores.SOURCES,
    ),
    Exporter(
        "word_influences", word_influences.export, _SPACES, word_influences.LISTS, word_influences.OPTIONS, _SCORE_LIBRARIES
    ),
    Exporter("word_samples", word_samples.export, _SPACES, word_samples.LISTS, word_samples.OPTIONS, _SCORE_LIBRARIES),
    Exporter(
        "category_selectivity",
        category_selectivity.export,
        _SPACES,
        category_selectivity.LISTS,
        category_selectivity.OPTIONS,
        _SCORE_LIBRARIES,
    ),
    Exporter("partial_scores", partial_scores.export, _SPACES, partial_scores.LISTS, partial_scores.OPTIONS, _SCORE_LIBRARIES),
    Exporter(
        "quantised_copies", quantised_copies.export, _SPACES, quantised_copies.LISTS, quantised_copies.OPTIONS, _SCORE_LIBRARIES
    ),
    # the token explorer
    *(
        Exporter(f"live_tokenizer_{name}", live_tokenizers.export_of[name], tuple(filter(None, (live_tokenizers.KIN.get(name), name))))
        for name in _TOKENIZERS
    ),
    Exporter(
        "neighbours_static",
        static_neighbours.export,
        _SPACES,
        options=_K | {"shard_tokens": neighbours.SHARD_TOKENS},
        libraries=SEARCH_LIBRARIES,
        needs_static=True,
    ),
    *(
        Exporter(
            f"token_facts_{role}",
            token_facts.export_of[role],
            _SPACES,
            options=_K | {"shard_tokens": token_facts.SHARD_TOKENS, "words": detailed_words.WORDS},
            libraries=SEARCH_LIBRARIES,
            needs_static=True,
        )
        for role in detailed_words.ROLES
    ),
    *(
        Exporter(
            f"word_details_{role}",
            word_details.export_of[role],
            _SPACES,
            options=_K | word_details.OPTIONS,
            libraries=SEARCH_LIBRARIES,
            needs_static=True,
        )
        for role in detailed_words.ROLES
    ),
    *(
        Exporter(
            f"word_map_{role}",
            word_maps.export_of[role],
            _SPACES,
            options=word_maps.OPTIONS,
            libraries=(*SEARCH_LIBRARIES, "scikit-learn"),
            needs_static=True,
        )
        for role in detailed_words.ROLES
    ),
    Exporter(
        "explorer_spaces",
        spaces.export,
        (*_TOKENIZERS, "static"),
        options=_K | spaces.OPTIONS,
        libraries=SEARCH_LIBRARIES,
        needs_static=True,
    ),
    Exporter(
        "explorer_extremes",
        extremes.export,
        _SPACES,
        options=_K | extremes.OPTIONS,
        libraries=SEARCH_LIBRARIES,
        needs_static=True,
    ),
    # the attention explorer
    Exporter(
        "attention_heads", head_scores.export, _BOTH, head_scores.WORD_LISTS, head_scores.OPTIONS, NETWORK_LIBRARIES
    ),
    Exporter(
        "attention_sentences",
        attention_sentences.export,
        _BOTH,
        attention_sentences.WORD_LISTS,
        attention_sentences.OPTIONS,
        NETWORK_LIBRARIES,
    ),
    Exporter(
        "own_sentences",
        attention_sentences.export_own,
        _BOTH,
        attention_sentences.WORD_LISTS,
        attention_sentences.OPTIONS,
        NETWORK_LIBRARIES,
    ),
    # the RSA lab
    Exporter("lab_words", lab.export_words, _SPACES, lab.LAYER_LISTS, libraries=NETWORK_LIBRARIES),
    *(
        Exporter(
            f"lab_vectors_{role}_static".replace("static_static", "static"),
            export,
            _SPACES,
            lab.ROW_LISTS,
            lab.OPTIONS,
            needs_static=role == "static",
        )
        for role, export in lab.export_rows.items()
    ),
    *(
        Exporter(f"lab_vectors_{role}_{depth}", export, _SPACES, lab.LAYER_LISTS, lab.OPTIONS, NETWORK_LIBRARIES)
        for (role, depth), export in lab.export_layers.items()
    ),
    # for no page: python -m precompute check
    Exporter("published_measurements", measurements.export, options=measurements.OPTIONS, libraries=NETWORK_LIBRARIES),
)
