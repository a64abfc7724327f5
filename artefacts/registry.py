"""Which artefacts there are, and the schema of each: the file name without `.json` -> its pydantic model, loaded when first asked for.

There are hundreds of models, and making them takes longer than most builds have use for.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from artefacts.schemas.parts import Strict


class Schemas(Mapping[str, "type[Strict]"]):
    """Name -> schema, from names of the form "module of artefacts/schemas.class"."""

    def __init__(self, places: dict[str, str]):
        self._places = places

    def __getitem__(self, name: str) -> type[Strict]:
        return getattr(importlib.import_module(self.module_of(name)), self._places[name].partition(".")[2])

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)

    def __contains__(self, name: object) -> bool:
        return name in self._places

    def module_of(self, name: str) -> str:
        """The module that holds the schema, which need not be loaded for that."""
        return f"artefacts.schemas.{self._places[name].partition('.')[0]}"


ARTEFACTS = Schemas(
    {
        "model_facts": "models.ModelFacts",
        "vocabulary_gpt2": "vocabularies.Vocabulary",
        "vocabulary_bert": "vocabularies.Vocabulary",
        "vocabulary_decoder": "vocabularies.Vocabulary",
        "vocabulary_encoder": "vocabularies.Vocabulary",
        "vocabulary_statistics": "vocabularies.VocabularyStatistics",
        "tokenisation_examples": "vocabularies.TokenisationExamples",
        "neighbours_decoder": "neighbours.NeighbourIndex",
        "neighbours_encoder": "neighbours.NeighbourIndex",
        "token_marks_decoder": "neighbours.TokenMarks",
        "token_marks_encoder": "neighbours.TokenMarks",
        "random_pairs": "neighbours.RandomPairs",
        "nearest_neighbours": "neighbours.NearestNeighbours",
        "neighbourhoods": "neighbours.Neighbourhoods",
        "own_baselines": "baselines.OwnBaselines",
        "similarity_curves": "neighbours.SimilarityCurves",
        "pair_similarities": "pairs.PairSimilarities",
        "pair_scatter": "pairs.PairScatter",
        "variants": "measures.Variants",
        "metric_agreement": "measures.MetricAgreement",
        "norms": "measures.Norms",
        "matrix_product": "measures.MatrixProduct",
        "position_marks": "positions.PositionMarks",
        "word_order": "positions.WordOrder",
        "attention_step": "attention.AttentionStep",
        "block_updates": "attention.BlockUpdates",
        "bank_contexts": "contexts.BankContexts",
        "sense_tests": "contexts.SenseTests",
        "attention_maps": "attention.AttentionMaps",
        "attention_sinks": "attention.AttentionSinks",
        "changed_words": "attention.ChangedWords",
        "word_exchanges": "exchanges.WordExchanges",
        "patches_and_residues": "patches_and_residues.PatchesAndResidues",
        "rsa_similarities": "rsa.RsaSimilarities",
        "rsa_agreement": "rsa.RsaAgreement",
        "rsa_inference": "rsa.RsaInference",
        "layer_words": "layers.LayerWords",
        "layer_geometry": "layers.LayerGeometry",
        "rogue_dimensions": "layers.RogueDimensions",
        "layer_map": "layers.LayerMap",
        "map_corner": "layers.MapCorner",
        "layer_selectivity": "layers.LayerSelectivity",
        "queries_keys_values": "layers.QueriesKeysValues",
        "twin_training": "twins.TwinTraining",
        "twins": "twins.Twins",
        "measured_times": "times.MeasuredTimes",
        "axis_extremes": "vectors.AxisExtremes",
        "lookups": "vectors.Lookups",
        "parameter_counts": "vectors.ParameterCounts",
        "output_scores": "vectors.OutputScores",
        "word_relations": "vectors.WordRelations",
        "analogies": "vectors.Analogies",
        "associations": "vectors.Associations",
        "information_flow": "reading.InformationFlow",
        "encoder_inputs": "reading.EncoderInputs",
        "masking_draws": "reading.MaskingDraws",
        "pretraining_heads": "reading.PretrainingHeads",
        "next_token_steps": "writing.NextTokenSteps",
        "next_word_chances": "writing.NextWordChances",
        "rounding_draws": "writing.RoundingDraws",
        "temperatures": "writing.Temperatures",
        "continuations": "writing.Continuations",
        "cutting_steps": "cutting.CuttingSteps",
        "pieces_per_word": "cutting.PiecesPerWord",
        "token_kinds": "cutting.TokenKinds",
        "matrix_entries": "matrices.MatrixEntries",
        "row_statistics": "matrices.RowStatistics",
        "same_index": "matrices.SameIndex",
        "same_word": "matrices.SameWord",
        "mutual_neighbours": "matrices.MutualNeighbours",
        "source_code": "source_code.SourceCode",
        "bert_family": "family.BertFamily",
        "published_similarity": "family.PublishedSimilarity",
        "pieces_by_field": "family.PiecesByField",
        "sentence_pairs": "sentences.SentencePairs",
        "contrastive_batch": "sentences.Batch",
        "sentence_search": "sentences.SentenceSearch",
        "answers_with_passages": "passages.AnswersWithPassages",
        "direct_comparisons": "spaces.DirectComparisons",
        "twin_geometry": "spaces.TwinGeometry",
        "changed_images": "spaces.ChangedImages",
        "space_alignments": "spaces.SpaceAlignments",
        "axis_directions": "spaces.AxisDirections",
        "score_matrix": "scores.ScoreMatrix",
        "people_scores": "scores.PeopleScores",
        "word_influences": "scores.WordInfluences",
        "word_samples": "scores.WordSamples",
        "category_selectivity": "scores.CategorySelectivity",
        "partial_scores": "scores.PartialScores",
        "quantised_copies": "scores.QuantisedCopies",
        **{f"live_tokenizer_{name}": "explore.LiveTokenizer" for name in ("gpt2", "bert", "decoder", "encoder")},
        "neighbours_static": "neighbours.NeighbourIndex",
        **{f"token_facts_{role}": "explore.TokenFactsIndex" for role in ("decoder", "encoder", "static")},
        **{f"word_details_{role}": "explore.WordDetailsIndex" for role in ("decoder", "encoder", "static")},
        **{f"word_map_{role}": "explore.WordMap" for role in ("decoder", "encoder", "static")},
        "explorer_spaces": "explore.ExplorerSpaces",
        "explorer_extremes": "explore.ExplorerExtremes",
        "attention_heads": "attention_explorer.AttentionHeads",
        "attention_sentences": "attention_explorer.AttentionSentences",
        "own_sentences": "attention_explorer.AttentionSentences",
        "lab_words": "lab.LabWords",
        **{
            f"lab_vectors_{role}_{depth}": "lab.LabVectors"
            for role in ("decoder", "encoder")
            for depth in ("static", "third", "two_thirds", "last")
        },
        "lab_vectors_static": "lab.LabVectors",
        "published_measurements": "published.PublishedMeasurements",
    }
)

SHARDS = Schemas(
    {
        **{f"neighbours_{role}": "neighbours.NeighbourShard" for role in ("decoder", "encoder", "static")},
        **{f"token_facts_{role}": "explore.TokenFactsShard" for role in ("decoder", "encoder", "static")},
        **{f"word_details_{role}": "explore.WordDetailsShard" for role in ("decoder", "encoder", "static")},
        "attention_sentences": "attention_explorer.AttentionFile",
        "own_sentences": "attention_explorer.AttentionFile",
    }
)
"""Artefacts that are an index beside a folder of shards, and the schema of a shard."""
