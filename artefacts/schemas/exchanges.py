"""Many exchanged words: whether weights foretell whose states move, and whether it depends on what a word means."""

from __future__ import annotations

from artefacts.schemas.parts import Role, Strict, TokenRef


class Spread(Strict):
    """A mean over sentences, and its 95% interval with the sentences as the sample (Student's t)."""

    mean: float
    low: float
    high: float


class AgreementOfModel(Strict):
    """How weights and rollout agree with the experiment, over all tokens that look at enough exchanged words; means of sentences.

    A movement is |h' - h| / |h| of the last state; "per change" is a movement divided by |e' - e| / |e| of what was put in.
    """

    role: Role
    sentences: int  # with at least one such token
    rows: int  # such tokens, in all sentences
    attention: Spread  # rank correlation of last layer's weights, mean of heads, with movements
    rollout: Spread
    attention_per_change: Spread
    rollout_per_change: Spread
    brightest_moves_most: Spread  # share of rows in which the word with the largest weight moves the token most
    brightest_moves_least: Spread
    by_chance: float  # mean of 1 / number of words looked at: what either share would be for a word picked at random


class Substitute(Strict):
    """A word in the place of the one that is changed."""

    word: str
    of_kind: bool  # of the same kind: a water for "river"
    change: float  # |e' - e| / |e| of what enters the first block in this place
    movement: list[float]  # [token], |h' - h| / |h| in the last layer


class KindEffect(Strict):
    """Least squares: movement = constant + slope * change + effect * of_kind."""

    slope: float
    effect: float  # how much further a token moves for a word of the same kind, at equal change
    low: float  # 95% interval of the effect
    high: float


class KindsOfModel(Strict):
    """Whether tokens move less for words of the same kind than for others that change the input as much."""

    role: Role
    tokens: list[TokenRef]
    bank: int
    changed: int
    substitutes: list[Substitute]
    effects: list[KindEffect]  # [token]


class WordExchanges(Strict):
    """Many exchanged words: whether weights foretell movements, and whether movements depend on meaning."""

    substitutes_per_word: int
    left_out: list[str]
    agreement: list[AgreementOfModel]
    kinds: KindsOfModel | None  # the encoder; None where too few words are one token
