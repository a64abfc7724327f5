"""Each token's own baseline, and who the hubs are."""

from __future__ import annotations

from artefacts.schemas.parts import Cosine, Role, Strict, TokenRef


class BaselineOfToken(Strict):
    """How near a token is to everybody."""

    token: TokenRef
    mean_cosine: Cosine  # with all other tokens of the vocabulary


class HubsOfModel(Strict):
    """The hubs of one model, as `TokenMarks` marks them. Shares are of all tokens * k places, 0..1."""

    hubs: int
    under_trained: int  # of the hubs
    under_trained_share_of_places: float  # filled by those
    others_share_of_places: float  # filled by the other hubs
    others_whole_words: int  # of the other hubs: whole-word tokens
    others_longer_than: float | None  # the share of tokens that are shorter than a typical (median) one of them; None: there is none
    hundredth: int  # how many tokens are a hundredth of the vocabulary
    longest_hubs: int  # hubs among the hundredth with the longest rows
    highest_baseline_hubs: int  # hubs among the hundredth with the highest baselines
    copies: int  # of all tokens: those whose row equals another's bit for bit
    distinct_rows: int  # how many different rows the copies have
    distinct_rows_degrees: float | None  # the largest angle between two of those; None: there are not two
    hubs_without_copies: int  # if each of those rows stood in the table only once
    share_of_places_without_copies: float  # filled by them then


class BaselinesOfModel(Strict):
    """Baselines of the tokens nearest to the name, and the hubs."""

    role: Role
    name_neighbours: list[BaselineOfToken]  # the k nearest to the name by cosine, after the mean vector is taken off every row
    hubs: HubsOfModel


class OwnBaselines(Strict):
    """Each token's own baseline, its mean cosine with all others, where the lesson looks at it; and who the hubs are."""

    by_model: list[BaselinesOfModel]
