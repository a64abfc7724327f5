"""Which artefacts there are, and the schema of each: the file name without `.json` -> its pydantic model."""

from __future__ import annotations

from artefacts.schemas.attention import AttentionMaps, AttentionSinks, AttentionStep, BlockUpdates, ChangedWords
from artefacts.schemas.attention_explorer import AttentionFile, AttentionHeads, AttentionSentences
from artefacts.schemas.contexts import BankContexts
from artefacts.schemas.cutting import CuttingSteps, PiecesPerWord, TokenKinds
from artefacts.schemas.explore import (
    ExplorerExtremes,
    ExplorerSpaces,
    LiveTokenizer,
    TokenFactsIndex,
    TokenFactsShard,
    WordDetailsIndex,
    WordDetailsShard,
    WordMap,
)
from artefacts.schemas.family import BertFamily, PiecesByField, PublishedSimilarity
from artefacts.schemas.lab import LabVectors, LabWords
from artefacts.schemas.layers import (
    LayerGeometry,
    LayerMap,
    LayerSelectivity,
    LayerWords,
    QueriesKeysValues,
    RogueDimensions,
)
from artefacts.schemas.matrices import MatrixEntries, MutualNeighbours, RowStatistics, SameIndex, SameWord
from artefacts.schemas.measures import MatrixProduct, MetricAgreement, Norms, Variants
from artefacts.schemas.models import ModelFacts
from artefacts.schemas.neighbours import (
    NearestNeighbours,
    Neighbourhoods,
    NeighbourIndex,
    NeighbourShard,
    RandomPairs,
    SimilarityCurves,
    TokenMarks,
)
from artefacts.schemas.pairs import PairScatter, PairSimilarities
from artefacts.schemas.parts import Strict
from artefacts.schemas.passages import AnswersWithPassages
from artefacts.schemas.patches_and_residues import PatchesAndResidues
from artefacts.schemas.positions import PositionMarks, WordOrder
from artefacts.schemas.published import PublishedMeasurements
from artefacts.schemas.reading import EncoderInputs, InformationFlow, MaskingDraws, PretrainingHeads
from artefacts.schemas.rsa import RsaAgreement, RsaInference, RsaSimilarities
from artefacts.schemas.scores import (
    CategorySelectivity,
    PartialScores,
    PeopleScores,
    QuantisedCopies,
    ScoreMatrix,
    WordInfluences,
    WordSamples,
)
from artefacts.schemas.sentences import Batch, SentencePairs, SentenceSearch
from artefacts.schemas.source_code import SourceCode
from artefacts.schemas.spaces import AxisDirections, ChangedImages, DirectComparisons, SpaceAlignments, TwinGeometry
from artefacts.schemas.times import MeasuredTimes
from artefacts.schemas.twins import Twins, TwinTraining
from artefacts.schemas.vectors import Analogies, Associations, AxisExtremes, Lookups, OutputScores, ParameterCounts, WordRelations
from artefacts.schemas.vocabularies import TokenisationExamples, Vocabulary, VocabularyStatistics
from artefacts.schemas.writing import Continuations, NextTokenSteps, NextWordChances, Temperatures

ARTEFACTS: dict[str, type[Strict]] = {
    "model_facts": ModelFacts,
    "vocabulary_gpt2": Vocabulary,
    "vocabulary_bert": Vocabulary,
    "vocabulary_decoder": Vocabulary,
    "vocabulary_encoder": Vocabulary,
    "vocabulary_statistics": VocabularyStatistics,
    "tokenisation_examples": TokenisationExamples,
    "neighbours_decoder": NeighbourIndex,
    "neighbours_encoder": NeighbourIndex,
    "token_marks_decoder": TokenMarks,
    "token_marks_encoder": TokenMarks,
    "random_pairs": RandomPairs,
    "nearest_neighbours": NearestNeighbours,
    "neighbourhoods": Neighbourhoods,
    "similarity_curves": SimilarityCurves,
    "pair_similarities": PairSimilarities,
    "pair_scatter": PairScatter,
    "variants": Variants,
    "metric_agreement": MetricAgreement,
    "norms": Norms,
    "matrix_product": MatrixProduct,
    "position_marks": PositionMarks,
    "word_order": WordOrder,
    "attention_step": AttentionStep,
    "block_updates": BlockUpdates,
    "bank_contexts": BankContexts,
    "attention_maps": AttentionMaps,
    "attention_sinks": AttentionSinks,
    "changed_words": ChangedWords,
    "patches_and_residues": PatchesAndResidues,
    "rsa_similarities": RsaSimilarities,
    "rsa_agreement": RsaAgreement,
    "rsa_inference": RsaInference,
    "layer_words": LayerWords,
    "layer_geometry": LayerGeometry,
    "rogue_dimensions": RogueDimensions,
    "layer_map": LayerMap,
    "layer_selectivity": LayerSelectivity,
    "queries_keys_values": QueriesKeysValues,
    "twin_training": TwinTraining,
    "twins": Twins,
    "measured_times": MeasuredTimes,
    "axis_extremes": AxisExtremes,
    "lookups": Lookups,
    "parameter_counts": ParameterCounts,
    "output_scores": OutputScores,
    "word_relations": WordRelations,
    "analogies": Analogies,
    "associations": Associations,
    "information_flow": InformationFlow,
    "encoder_inputs": EncoderInputs,
    "masking_draws": MaskingDraws,
    "pretraining_heads": PretrainingHeads,
    "next_token_steps": NextTokenSteps,
    "next_word_chances": NextWordChances,
    "temperatures": Temperatures,
    "continuations": Continuations,
    "cutting_steps": CuttingSteps,
    "pieces_per_word": PiecesPerWord,
    "token_kinds": TokenKinds,
    "matrix_entries": MatrixEntries,
    "row_statistics": RowStatistics,
    "same_index": SameIndex,
    "same_word": SameWord,
    "mutual_neighbours": MutualNeighbours,
    "source_code": SourceCode,
    "bert_family": BertFamily,
    "published_similarity": PublishedSimilarity,
    "pieces_by_field": PiecesByField,
    "sentence_pairs": SentencePairs,
    "contrastive_batch": Batch,
    "sentence_search": SentenceSearch,
    "answers_with_passages": AnswersWithPassages,
    "direct_comparisons": DirectComparisons,
    "twin_geometry": TwinGeometry,
    "changed_images": ChangedImages,
    "space_alignments": SpaceAlignments,
    "axis_directions": AxisDirections,
    "score_matrix": ScoreMatrix,
    "people_scores": PeopleScores,
    "word_influences": WordInfluences,
    "word_samples": WordSamples,
    "category_selectivity": CategorySelectivity,
    "partial_scores": PartialScores,
    "quantised_copies": QuantisedCopies,
    **{f"live_tokenizer_{name}": LiveTokenizer for name in ("gpt2", "bert", "decoder", "encoder")},
    "neighbours_static": NeighbourIndex,
    **{f"token_facts_{role}": TokenFactsIndex for role in ("decoder", "encoder", "static")},
    **{f"word_details_{role}": WordDetailsIndex for role in ("decoder", "encoder", "static")},
    **{f"word_map_{role}": WordMap for role in ("decoder", "encoder", "static")},
    "explorer_spaces": ExplorerSpaces,
    "explorer_extremes": ExplorerExtremes,
    "attention_heads": AttentionHeads,
    "attention_sentences": AttentionSentences,
    "own_sentences": AttentionSentences,
    "lab_words": LabWords,
    **{f"lab_vectors_{role}_{depth}": LabVectors for role in ("decoder", "encoder") for depth in ("static", "third", "two_thirds", "last")},
    "lab_vectors_static": LabVectors,
    "published_measurements": PublishedMeasurements,
}

SHARDS: dict[str, type[Strict]] = {
    **{f"neighbours_{role}": NeighbourShard for role in ("decoder", "encoder", "static")},
    **{f"token_facts_{role}": TokenFactsShard for role in ("decoder", "encoder", "static")},
    **{f"word_details_{role}": WordDetailsShard for role in ("decoder", "encoder", "static")},
    "attention_sentences": AttentionFile,
    "own_sentences": AttentionFile,
}
"""Artefacts that are an index beside a folder of shards, and the schema of a shard."""
