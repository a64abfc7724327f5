"""What the token explorer fetches: vocabularies that cut text in the browser, facts of every token, and maps."""

from __future__ import annotations

from artefacts.schemas.neighbours import CosineDistribution
from artefacts.schemas.parts import DeflatedArray, PackedArray, Role, Strict, TokenizerKind, TokenRef


class BytePairRules(Strict):
    """A byte-level BPE. The merge of rank r joins left_ids[r] and right_ids[r] into the token first_merged_id + r, or merged_ids[r].

    The ids are packed as text by `precompute.explore.packed_numbers`, which compresses better than base64.
    """

    atoms: list[TokenRef]  # entries that no merge makes: the bytes and the special tokens
    left_ids: str
    right_ids: str
    first_merged_id: int | None
    merged_ids: str | None  # where ids do not follow the order of the merges, as RoBERTa's do not
    split_digits: bool  # each digit is a piece of its own
    letters: str  # ranges of code points, "41-5a 61-7a": what the pattern takes for letters
    digits: str


class WordPieceRules(Strict):
    """BERT's normaliser and WordPiece."""

    tokens: str  # all entries in id order, joined by line feeds
    unknown_token: str
    continuation: str  # what marks a piece inside a word: ##
    longest_word: int  # characters; a longer word is unknown as a whole
    lowercase: bool
    strip_accents: bool
    clean_text: bool
    chinese_apart: bool
    removed: str  # ranges of code points, as in `BytePairRules`: what cleaning takes out
    accents: str  # what is stripped
    decomposed: str  # what is taken apart for that
    punctuation: str


class LiveTokenizer(Strict):
    """One tokenizer in the form in which the browser cuts texts with it: also the index of its vocabulary.

    One that cuts just as another does, entry by entry, names that one and says no rules.
    """

    tokenizer: str
    name: str
    kind: TokenizerKind
    size: int
    same_as: str | None  # "gpt2" or "bert"
    special_tokens: list[TokenRef]  # matched whole in a text
    taking_space_before: list[int]  # ids of those that swallow the white space before them
    taking_space_after: list[int]
    byte_pairs: BytePairRules | None
    word_pieces: WordPieceRules | None


class ShardIndex(Strict):
    """What the index of a sharded artefact says. Shard n holds items n*shard_items onwards, as `<artefact>/NNNN.json`."""

    role: Role
    items: int
    shard_items: int
    shards: int
    shard_sha256: str  # of all shard files, in order


class TokenFactsIndex(ShardIndex):
    """Where the length, rank and in-degree of every token lie. Item: token."""

    norm_max: float  # norm = value / 65535 * norm_max
    columns: list[str]


class TokenFactsShard(Strict):
    """Facts of a run of tokens. Not itself an artefact: it belongs to a `TokenFactsIndex`."""

    role: Role
    first_id: int
    facts: DeflatedArray  # [column, token]; columns as in the index


class WordDetailsIndex(ShardIndex):
    """A map of the neighbourhood, by cosine, of frequent words that all models of the set have. Item: word."""

    ids: PackedArray  # [word], the token of each word; from frequent to rare


class WordDetailsShard(Strict):
    """Details of a run of words. Not itself an artefact: it belongs to a `WordDetailsIndex`."""

    role: Role
    first_item: int
    map: PackedArray  # [word, 1 + neighbour, 2], int8: the word and its neighbours by cosine, in the order of their list
    variance_percent: PackedArray  # [word], uint8: how much of these points' variance the two axes keep


class MarkedTokens(Strict):
    """Tokens of one mark, by which a list of neighbours can be folded."""

    mark: str  # "hub", "under-trained", "duplicate", "special"
    rule: str
    ids: list[int]


class ExplorerSpace(Strict):
    """What the page must know of a space before any token is chosen."""

    role: Role
    name: str
    tokens: int
    whole_words: int
    baseline: CosineDistribution  # random pairs of different tokens
    mean_norm: float
    marks: list[MarkedTokens]


class ExampleCut(Strict):
    """The example text, cut by one tokenizer."""

    tokenizer: str
    tokens: list[TokenRef]


class ExplorerSpaces(Strict):
    """What the token explorer must know of all spaces, and what it shows before anything is typed."""

    example_text: str
    example_cuts: list[ExampleCut]
    spaces: list[ExplorerSpace]
    static_words: str  # the words of the static space in the order of their rows, joined by line feeds
    detailed_words: int


class ExtremeToken(Strict):
    """A token at an end of a list, and the number that put it there."""

    token: TokenRef
    value: float


class ExtremeList(Strict):
    """One list of tokens that lie at an end of something. `unit`: "distance", "length" or "cosine"."""

    name: str
    title: str
    unit: str
    tokens: list[ExtremeToken]


class ExtremesOfSpace(Strict):
    """The lists of one space."""

    role: Role
    lists: list[ExtremeList]


class ComparedWord(Strict):
    """A word in decoder and encoder: Pearson's r of its cosines with all other compared words, and how many of k neighbours are shared."""

    word: str
    decoder: TokenRef
    encoder: TokenRef
    correlation: float
    shared_neighbours: int


class ExplorerExtremes(Strict):
    """The tokens at the ends of each space, and the words on which decoder and encoder agree most and least."""

    spaces: list[ExtremesOfSpace]
    compared_words: int
    k: int
    most_alike: list[ComparedWord]
    most_different: list[ComparedWord]
    mean_correlation: float
    mean_shared: float
    shared_by_chance: float


class MapMethod(Strict):
    """One picture of all drawn words. kept: mean share of a word's k nearest drawn words that are among its k nearest in the picture."""

    name: str
    settings: str
    xy: PackedArray  # [word, 2], uint16: 0 to 65535 along the longer side
    kept: float


class WordMap(Strict):
    """An overview of the frequent words of one space, drawn by two methods."""

    role: Role
    ids: PackedArray  # [word], tokens; from frequent to rare
    k: int
    near: PackedArray  # [word, k], places in `ids`: the most similar other drawn words by cosine
    kept_by_chance: float
    methods: list[MapMethod]
