"""What a decoder expects next: probabilities token by token, temperatures, continuations."""

from __future__ import annotations

from artefacts.schemas.parts import Strict, TokenRef
from artefacts.schemas.reading import Probability


class Candidate(Strict):
    """A token that may come next."""

    token: TokenRef
    probability: Probability  # six significant digits


class Step(Strict):
    """One token of a text, and what the model expected in its place."""

    token: TokenRef
    probability: Probability
    surprisal_bits: float  # -log2 of the probability
    rank: int  # 1: nothing was expected more
    entropy_bits: float  # of the whole distribution
    candidates: list[Candidate]  # best first


class TextSteps(Strict):
    """A text, token by token."""

    text: str
    steps: list[Step]
    total_bits: float  # the sum of the surprisals: -log2 of the probability of the text after the start token


class PlaceEffect(Strict):
    """How far the surprisal of the tokens at one place of a text moves when the start token is left out."""

    place: int  # 2: the second token of the text; the first cannot be predicted from nothing
    texts: int  # that have such a place
    mean_change_bits: float  # mean of the absolute differences
    costlier: Probability  # share of texts whose token costs more without the start token


class NextTokenSteps(Strict):
    """What the decoder expects at each place of a text, and how surprising is what comes."""

    start: TokenRef | None  # put before every text, so that its first token can be predicted; None: the vocabulary has none
    even_bits: float  # what any token would cost if all of the vocabulary were equally probable: log2 of its size
    texts: list[TextSteps]
    garden_path: list[TextSteps]  # one sentence that leads astray, then others like it that do not
    without_start: list[PlaceEffect]  # empty where there is no start token


class WordChance(Strict):
    """A word, with a space before it, as the next token."""

    word: str
    token: TokenRef | None  # None: several tokens; its probability is that of all of them, one after the other
    probability: Probability
    rank: int | None  # of the token in the vocabulary; None where it is several tokens


class NextWords(Strict):
    """The words and tokens that may follow a context."""

    context: str
    start: TokenRef | None  # what stood before the context; None: nothing
    words: list[WordChance]
    candidates: list[Candidate]


class Opening(Strict):
    """Something put before the context, and what the word then has."""

    before: list[TokenRef]
    text: str | None  # None: special tokens, which stand for no text
    probability: Probability  # of the word after the context
    favourite: Candidate


class FirstWord(Strict):
    """The context's first word exchanged for another; total variation is the share of all probability that goes elsewhere."""

    word: str
    start: TokenRef | None  # what stood before it; None: nothing
    probability: Probability  # of the word that is asked for
    moved_at_once: Probability  # total variation of the forecast right after the first word
    moved_at_the_end: Probability  # total variation of the forecast after the whole context


class Openings(Strict):
    """What stands in front of a context, and what its first word is: which of the two makes the forecast?"""

    context: str
    word: str  # with a space before it
    before: list[Opening]
    first_words: list[FirstWord]


class NextWordChances(Strict):
    """What the decoder expects after a few beginnings."""

    by_context: list[NextWords]
    openings: Openings


class RoundingDraw(Strict):
    """What the decoder says with weights that rounding would make into those of this copy."""

    probability: Probability  # of the word after the context
    total_bits: list[float]  # [text] -log2 of the probability of the text after the start token


class RoundingDraws(Strict):
    """How far rounding of this size moves what a decoder says. Not how far it moved this one: its original is not at hand."""

    context: str
    word: str  # with a space before it
    texts: list[str]
    seed: int
    formats: dict[str, int]  # GGUF format -> how many matrices of the network are rounded so
    relative_error: float | None  # length of the change over that of the rounded weights, mean of the draws; None: nothing is rounded
    copy_as_it_is: RoundingDraw
    draws: list[RoundingDraw]  # none where nothing is rounded


class TemperatureCurves(Strict):
    """One distribution at many temperatures: p(token) is proportional to exp(logit / temperature)."""

    context: str
    candidates: list[TokenRef]  # the most probable at temperature 1
    probabilities: list[list[Probability]]  # [temperature, candidate]
    rest: list[Probability]  # [temperature] of all other tokens together
    entropy_bits: list[float]  # [temperature]


class Temperatures(Strict):
    """One distribution over the next token, sharpened and flattened by temperature."""

    start: TokenRef | None
    temperatures: list[float]
    contexts: list[TemperatureCurves]


class Continuation(Strict):
    """How the decoder went on once."""

    prompt: str
    chat: bool  # whether the prompt was put as a message of a conversation
    temperature: float  # 0: greedy, always the most probable token
    draw: int  # 1, 2, ...; greedy has one
    tokens: list[str]  # raw
    text: str
    bits_per_token: float  # mean surprisal of its tokens at temperature 1
    ended: bool  # whether the model ended the text by itself


class Continuations(Strict):
    """How the decoder goes on from a few beginnings, greedily and by chance."""

    start: TokenRef | None
    length: int  # tokens, at most
    seed: int
    temperatures: list[float]  # without 0
    draws: int
    continuations: list[Continuation]
