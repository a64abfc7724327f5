"""How two tokenizers cut a word, step by step; how many pieces rare words become; what a vocabulary's entries are."""

from __future__ import annotations

from typing import Literal

from artefacts.schemas.parts import Histogram, Strict, TokenizerKind

TokenKind = Literal[
    "starts a word",
    "continues a word",
    "letters of other scripts",
    "digits",
    "signs and blanks",
    "part of a character",
    "placeholder",
    "special",
]
LengthDefinition = Literal["raw", "decoded", "stripped", "stripped, no placeholders"]


class MergeStep(Strict):
    """State of byte-level BPE after a merge; the first state of a word is its single bytes, with no merge before it."""

    pieces: list[str]  # raw
    merged: str | None  # the piece that the merge made
    rank: int | None  # place of the merge in the table, from 1: lower ranks were learned earlier and go first
    places: list[int]  # where in `pieces` the new piece stands; a merge joins all its occurrences


class MatchStep(Strict):
    """One piece that longest match took, and the longer candidates that it tried in vain before."""

    piece: str  # raw, with ## after the first
    tried: list[str]  # raw, longest first, none of them in the vocabulary
    rest: str  # what is left of the word after this piece


class CutWord(Strict):
    """One word, cut step by step by both algorithms."""

    word: str  # as the reader picks it; a leading space is part of it
    normalised: str  # what WordPiece sees: lower case, no accents, no space
    merges: list[MergeStep]
    matches: list[MatchStep]
    bpe_tokens: list[str]  # raw, what the real tokenizer gives for the word: equals the last state
    wordpiece_tokens: list[str]


class CuttingSteps(Strict):
    """Byte-level BPE merge by merge and WordPiece match by match, on chosen words."""

    bpe_name: str  # "GPT-2"
    wordpiece_name: str  # "BERT"
    merge_table: int  # merges in the table
    words: list[CutWord]


class RankBin(Strict):
    """A run of ranks in a list of words by frequency."""

    first_rank: int  # from 1, the most frequent word
    last_rank: int
    words: int  # sampled, letters only


class PiecesOfTokenizer(Strict):
    """Into how many tokens a tokenizer cuts words, by their frequency."""

    tokenizer: str
    name: str
    kind: TokenizerKind
    leading_space: bool  # words were cut with a space before them
    mean_pieces: list[float]  # [bin], tokens per word
    mean_pieces_best_case: list[float]  # [bin], each word in lower case or with a capital, whichever needs fewer
    whole: list[float]  # [bin], share of words that are a single token


class PiecesPerWord(Strict):
    """Into how many tokens words are cut, from the most frequent words to rare ones, by every tokenizer."""

    source: str  # one sentence: whose ranks these are
    word_rule: str
    seed: int
    bins: list[RankBin]
    by_tokenizer: list[PiecesOfTokenizer]


class KindCount(Strict):
    """How many entries of a vocabulary are of a kind."""

    kind: TokenKind
    tokens: int
    examples: list[str]  # raw


class LengthsByDefinition(Strict):
    """How long a vocabulary's entries are, by one definition of length."""

    definition: LengthDefinition
    entries: int
    lengths: Histogram  # bins of one character up to 24; what is longer is counted in `longer`
    longer: int
    peaks: list[int]  # the three most common lengths, most common first
    mean: float


class KindsOfVocabulary(Strict):
    """What the entries of one vocabulary are."""

    tokenizer: str
    name: str
    kind: TokenizerKind
    size: int
    kinds: list[KindCount]  # a partition: every entry is of exactly one kind
    space_twins: int  # entries of letters that stand in the vocabulary with and without their space or ##
    case_twins: int  # entries of letters of which another case stands there too, with the same space or ##
    twins: int  # entries that have a twin of either sort
    distinct_words: int  # different strings of letters, with spaces, ## and case left aside
    letter_entries: int  # the entries that these were counted among
    lengths: list[LengthsByDefinition]


class TokenKinds(Strict):
    """What the entries of each vocabulary are, each counted once, and how long they are by four definitions."""

    rules: dict[TokenKind, str]  # one clause each; the first that fits decides
    tokenizers: list[KindsOfVocabulary]
