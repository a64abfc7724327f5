"""Whether the code of the source about GPT-2 and BERT still runs, and what its libraries say about the two models."""

from __future__ import annotations

from artefacts.schemas.parts import Strict


class CodeStep(Strict):
    """One expression of the source's code and what it gives today."""

    id: str
    lines: str  # of the source's page
    code: str  # the expression that was tried
    runs: bool
    found: str  # what it gave, or the error, short
    as_printed: bool | None  # whether that is what the source prints; None: it prints nothing there


class ArchitectureFacts(Strict):
    """Of the library's default configuration, which is that of the published base model; no weights are needed."""

    name: str
    rows: int
    dims: int
    initial_standard_deviation: float  # of the random numbers that the library's matrix starts from
    authors_initial_standard_deviation: float  # of those that the authors' own program draws
    largest_norm_enforced: bool  # whether the look-up limits the length of its rows
    normalised_after_lookup: bool  # whether the summed embedding passes a LayerNorm before the first block


class SourceCode(Strict):
    """Each step of the source's code, tried with today's transformers and the real tokenizers."""

    transformers_version: str
    steps: list[CodeStep]
    architectures: list[ArchitectureFacts]
