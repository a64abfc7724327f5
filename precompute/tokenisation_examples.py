"""Writes tokenisation_examples: curated words through every tokenizer, with and without a leading space."""

from __future__ import annotations

from artefacts.schemas.vocabularies import Tokenisation, TokenisationExample, TokenisationExamples
from precompute.vocabularies import TOKENIZERS
from precompute.workspace import Workspace


def export(work: Workspace) -> TokenisationExamples:
    """Ids and raw tokens of each curated word by each tokenizer, with a leading space and without."""
    parts = {tokenizer: work.model_set.tokenizer(tokenizer) for tokenizer in TOKENIZERS}
    vocabularies = {tokenizer: part.raw_tokens() for tokenizer, part in parts.items()}

    def example(word: str, leading_space: bool) -> TokenisationExample:
        ids = {tokenizer: part.tokenize(f" {word}" if leading_space else word) for tokenizer, part in parts.items()}
        return TokenisationExample(
            word=word,
            leading_space=leading_space,
            by_tokenizer=[Tokenisation(tokenizer=t, ids=i, raw=[vocabularies[t][n] for n in i]) for t, i in ids.items()],
        )

    words = work.words("tokenisation_examples")["words"]
    return TokenisationExamples(
        tokenizer_names={tokenizer: part.spec.name for tokenizer, part in parts.items()},
        tokenizer_kinds={tokenizer: part.kind for tokenizer, part in parts.items()},
        examples=[example(word, leading_space) for word in words for leading_space in (False, True)],
    )
