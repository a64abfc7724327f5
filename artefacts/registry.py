"""Which artefacts there are, and the schema of each: the file name without `.json` -> its pydantic model."""

from __future__ import annotations

from artefacts.schemas.measures import MatrixProduct, MetricAgreement, Norms, Variants
from artefacts.schemas.models import ModelFacts
from artefacts.schemas.neighbours import NearestNeighbours, Neighbourhoods, NeighbourIndex, RandomPairs, SimilarityCurves, TokenMarks
from artefacts.schemas.pairs import PairScatter, PairSimilarities
from artefacts.schemas.parts import Strict
from artefacts.schemas.times import MeasuredTimes
from artefacts.schemas.vocabularies import TokenisationExamples, Vocabulary, VocabularyStatistics

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
    "measured_times": MeasuredTimes,
}
