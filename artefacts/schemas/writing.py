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


class NextTokenSteps(Strict):
    """What the decoder expects at each place of a text, and how surprising is what comes."""

    start: TokenRef | None  # put before every text, so that its first token can be predicted; None: the vocabulary has none
    texts: list[TextSteps]


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


class NextWordChances(Strict):
    """What the decoder expects after a few beginnings."""

    by_context: list[NextWords]


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
