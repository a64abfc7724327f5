"""The checks behind the claims: each takes a set's exported data and returns a verdict, a number and a reason.

Every function is named in who_lives_next_door.toml. A claim about a model that the set does not hold gets "not computed here" and, where
it helps, an analogue: what the set's own models show. An analogue never becomes a verdict. What can be settled without the
model (from the numbers that the source itself prints, or from the real tokenizers, which every set carries) is settled.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from statistics import mean
from typing import Any

from artefacts.schemas.neighbours import WordNeighbourhood
from artefacts.tokens import token_text
from charts.reading import angle, fixed, listed, of_role, percent
from sitegen.checking import GPT2_IDS, GPT2_SHAPE, Data, each, facts_by_role, graded, not_computed, plain, quoted, real_bert, real_gpt2
from sitegen.verdicts import CheckResult

# --- thresholds: what our words mean in numbers --------------------------------------------------------------------------

SAME_DIRECTION_DEGREES = 18.2  # "virtually the same direction": a cosine of 0.95; also what `within_18_degrees` counts
RELATED_GAP = 1.0  # related pairs are closer than unrelated ones if their means differ by this many SD of random pairs
MOST_FOUND, FEW_FOUND = 0.5, 0.05  # a search works if it finds more partners of related pairs, and fewer of unrelated ones
CROWDED_SHARE = 0.1  # a neighbour list is crowded by a kind of token if that kind fills a tenth of its places or more
CORRELATION_TOLERANCE = 0.01  # cosine and Pearson "agree" on a pair if they differ by less
ROUNDING_TOLERANCE = 1e-5  # two 32-bit computations of a cosine are the same if they differ by no more
PUBLISHED_TOLERANCE = 0.001  # a published cosine of three decimals is confirmed if ours differs by less
MOST = 0.5  # "the neighbours are X" holds if more than half of them are labelled X, and with no caveat if all are

GPT2_TOKENS = 50_257
NAME = "Mike"
# Pairs among content/words/pairs.toml, by the label they have in the data, for the caveat of "related words cluster".
OPPOSITES = ("hot / cold", "day / night", "north / south", "summer / winter", "buy / sell")
SYNONYMS = ("happy / glad", "big / large", "begin / start", "fast / quick")


# --- finding things in the data ------------------------------------------------------------------------------------------


def _name_neighbourhood(data: Data, role: str, leading_space: bool) -> WordNeighbourhood | None:
    """The neighbourhood of the name; None where it is not one token there."""
    for entry in data["neighbourhoods"].entries:
        if (entry.role, entry.word, entry.leading_space) == (role, NAME, leading_space) and entry.lists is not None:
            return entry
    return None


def _texts(data: Data, entry: WordNeighbourhood) -> list[str]:
    """The texts of a neighbourhood, nearest first; spaces kept."""
    kind = facts_by_role(data)[entry.role].tokenizer_kind
    return [token_text(neighbour.token.raw, kind) for neighbour in entry.lists.cosine]


def _published(data: Data) -> list[tuple[str, float]]:
    """The neighbours that the source prints for "Mike", the token itself left out."""
    return [(n.text, n.cosine) for n in data["neighbourhoods"].published_name_neighbours if n.text != NAME]


def _pieces(data: Data, word: str, leading_space: bool) -> list[str] | None:
    """The raw GPT-2 tokens of a word; None where the example is not in the data."""
    for example in data["tokenisation_examples"].examples:
        if (example.word, example.leading_space) == (word, leading_space):
            return next((t.raw for t in example.by_tokenizer if t.tokenizer == "gpt2"), None)
    return None


def _gpt2_counts(data: Data) -> Any:
    return next(counts for counts in data["vocabulary_statistics"].tokenizers if counts.tokenizer == "gpt2")


# --- source 1, in the order of the page -----------------------------------------------------------------------------------


def embedding_shows_internal_neighbourhoods(data: Data) -> CheckResult:
    """Caveat as soon as the model has parameters beyond the matrix, which every layer adds."""
    shares = {role: fact.embedding_share for role, fact in facts_by_role(data).items() if fact.embedding_share is not None}
    if not shares:
        return not_computed("no parameter counts", "The set does not say how many parameters its models have.")
    return CheckResult(
        graded(True, min(shares.values()) < 1),
        each(data, lambda role: f"{percent(shares[role])} of the parameters" if role in shares else None),
        "The rows are real and so are their neighbourhoods, but they are what a token has before the first layer; "
        "the rest of the model, which turns them into vectors in context, is not looked at.",
    )


def _related_cosines(data: Data, role: str, only: Iterable[str] | None = None) -> list[float]:
    """Cosines of the related pairs of a model, or of those of them that have one of the given labels."""
    pairs = data["pair_similarities"].pairs
    return [p.cosine for p in pairs if (p.role, p.group) == (role, "related") and (only is None or p.label in only)]


def _related_gaps(data: Data, only: Iterable[str] | None = None) -> dict[str, float]:
    """Role -> (mean cosine of related pairs - of unrelated pairs) / SD of random whole-word pairs."""
    gaps = {}
    for role in facts_by_role(data):
        related = _related_cosines(data, role, only)
        unrelated = [p.cosine for p in data["pair_similarities"].pairs if (p.role, p.group) == (role, "unrelated")]
        random = of_role(data["random_pairs"].by_model, role)
        if related and unrelated and random is not None and random.whole_words.standard_deviation > 0:
            gaps[role] = (mean(related) - mean(unrelated)) / random.whole_words.standard_deviation
    return gaps


def _crowding(data: Data) -> dict[str, tuple[float, float]]:
    """Role -> share of neighbour places filled by variants of the word, share filled by hubs."""
    result = {}
    for role in facts_by_role(data):
        variants, marks = of_role(data["variants"].by_model, role), data[f"token_marks_{role}"]
        if variants is not None:
            result[role] = (variants.mean_any / variants.k, marks.hub_share_of_places)
    return result


def _crowding_text(data: Data) -> str:
    crowding = _crowding(data)

    def text(role: str) -> str | None:
        if role not in crowding:
            return None
        variants, hubs = crowding[role]
        return f"variants fill {percent(variants)} of the places next to words, hubs {percent(hubs)} of all places"

    return each(data, text)


def related_words_are_nearest(data: Data) -> CheckResult:
    """The search itself, from each word of the pairs: how often is its partner among the nearest?

    Holds if most related partners are found and unrelated ones hardly ever; caveat if some are missed, or variants or hubs crowd the lists.
    """
    found, crowding = _partners_found(data), _crowding(data)
    if not found or not crowding:
        return not_computed("no labelled pairs", "The set has no pairs labelled related and unrelated.")
    k = data["neighbourhoods"].k
    most = all(related > MOST_FOUND and unrelated < FEW_FOUND for related, unrelated in found.values())
    missed = min(related for related, _ in found.values()) < 1
    crowded = max(max(shares) for shares in crowding.values()) >= CROWDED_SHARE
    value = each(data, lambda role: f"{percent(found[role][0])} of partners found" if role in found else None)
    strangers = each(data, lambda role: percent(found[role][1]) if role in found else None)
    reason = (
        f"We searched from each word of our related pairs: is its partner among the {k} nearest? So many were; of the unrelated pairs' "
        f"words ({strangers}). The lists hold other things as well: {_crowding_text(data)}."
    )
    return CheckResult(graded(most, missed or crowded), value, reason)


def _partners_found(data: Data) -> dict[str, tuple[float, float]]:
    """Role -> share of words whose partner is among their nearest, in related and in unrelated pairs. Each pair counts both ways."""
    k, found = data["neighbourhoods"].k, {}
    for role in facts_by_role(data):
        shares = []
        for group in ("related", "unrelated"):
            pairs = [p for p in data["pair_similarities"].pairs if (p.role, p.group) == (role, group)]
            shares.append(mean((p.rank_of_second <= k) + (p.rank_of_first <= k) for p in pairs) / 2 if pairs else None)
        if None not in shares:
            found[role] = tuple(shares)
    return found


def related_words_cluster(data: Data) -> CheckResult:
    """Holds if related pairs are closer than unrelated ones in both models; caveat if opposites alone are so too."""
    gaps = _related_gaps(data)
    if not gaps:
        return not_computed("no labelled pairs", "The set has no pairs labelled related and unrelated.")
    opposite_gaps = _related_gaps(data, only=OPPOSITES)
    related = min(gaps.values()) >= RELATED_GAP
    opposites_too = bool(opposite_gaps) and min(opposite_gaps.values()) >= RELATED_GAP
    reason = "Related pairs are clearly closer than unrelated ones."
    if not related:
        reason = "In at least one model our related pairs are hardly closer than our unrelated ones."
    elif opposites_too:
        means = each(data, lambda role: _opposites_and_synonyms(data, role))
        reason = f"Related pairs are clearly closer than unrelated ones, but opposites are too ({means})."
    value = each(data, lambda role: f"{fixed(gaps[role], 1)} standard deviations apart" if role in gaps else None)
    return CheckResult(graded(related, opposites_too), value, reason)


def _opposites_and_synonyms(data: Data, role: str) -> str | None:
    opposites, synonyms = (_related_cosines(data, role, labels) for labels in (OPPOSITES, SYNONYMS))
    if not opposites or not synonyms:
        return None
    return f"{len(opposites)} pairs of opposites average {fixed(mean(opposites))}, {len(synonyms)} of synonyms {fixed(mean(synonyms))}"


def same_direction(data: Data) -> CheckResult:
    """Settled by the source's printed cosines: how many degrees are they?"""
    angles = sorted(angle(cosine) for _, cosine in _published(data))
    within = sum(angle <= SAME_DIRECTION_DEGREES for angle in angles)

    def median_angle(role: str) -> str | None:
        nearest = of_role(data["nearest_neighbours"].by_model, role)
        return nearest and f"{fixed(nearest.angle_percentiles_degrees['50'], 0)}°"

    medians = each(data, median_angle)
    return CheckResult(
        graded(within > 0, within < len(angles)),
        f"{fixed(angles[0], 0)}° at best, then {fixed(angles[1], 0)}° to {fixed(angles[-1], 0)}°",
        "So say the cosines that the source prints itself. 90° is a right angle, and we would let 18° pass as virtually the same.",
        f"From the typical whole word to its nearest neighbour: {medians}" if medians else None,
    )


def mike_neighbours(data: Data) -> CheckResult:
    """With GPT-2: are the four named tokens among its top 20?"""
    named = [text for text, _ in _published(data)]
    entry = _name_neighbourhood(data, "decoder", leading_space=False)
    if real_gpt2(data) is None or entry is None:
        return _not_gpt2(data, _nearest_names(data))
    found = [text for text in named if text in _texts(data, entry)]
    return CheckResult(
        graded(bool(found), len(found) < len(named)),
        f"{len(found)} of {len(named)} in the top {len(entry.lists.cosine)}",
        f"In the list: {listed(map(quoted, found))}." if found else "None of them is in the list.",
    )


def _nearest_names(data: Data) -> str | None:
    """What stands next to the name in the set's own models."""

    def first_four(role: str) -> str | None:
        entry = _name_neighbourhood(data, role, role == "decoder") or _name_neighbourhood(data, role, False)
        return listed(map(quoted, _texts(data, entry)[:4])) if entry else None

    text = each(data, first_four)
    return f"Nearest to the name: {text}" if text else None


def _not_gpt2(data: Data, analogue: str | None) -> CheckResult:
    return not_computed(
        "it needs GPT-2's matrix",
        f"This set holds {listed(fact.name for fact in facts_by_role(data).values())}, not GPT-2, and no other model can settle it.",
        analogue,
    )


def space_variant_is_semantic(data: Data) -> CheckResult:
    """Settled by GPT-2's vocabulary: the two tokens are one byte apart."""
    bare, spaced = _pieces(data, NAME, False), _pieces(data, NAME, True)
    if not bare or not spaced:
        return not_computed("no example", f"{NAME} is not among the set's tokenisation examples.")
    same = len(bare) == len(spaced) == 1 and token_text(spaced[0], "byte_level_bpe") == f" {token_text(bare[0], 'byte_level_bpe')}"
    if not same:
        return not_computed(f"{len(bare)} and {len(spaced)} tokens", "The two are not one token each that differ by a space.")
    return CheckResult(
        "does not hold",
        "one byte: the space",
        "The two tokens spell the same word, at the start of a text and after another word. Michael is another form of the name; "
        "the space is no part of the meaning.",
    )


def _multiplications(data: Data) -> str:
    entries = {entry.role: entry for entry in data["matrix_product"].by_model}

    def millions(role: str) -> str | None:
        entry = entries.get(role)
        return entry and f"{fixed(entry.tokens * entry.dims / 1e6, 1)} million multiplications"

    return each(data, millions)


def loops_are_slow(data: Data) -> CheckResult:
    """Never judged: times are measured, and differ from machine to machine."""
    return CheckResult(
        "not computed here",
        _multiplications(data),
        "Fast and slow depend on the machine, so no verdict is made from times; the lesson shows those we measured.",
    )


def product_is_instantaneous(data: Data) -> CheckResult:
    """Never judged, as above."""
    return CheckResult(
        "not computed here",
        _multiplications(data),
        "The matrix product does all the multiplications that the loop does, only without Python in between; how long that takes "
        "depends on the machine, so no verdict is made from times.",
    )


def gpt2_vocabulary_size(data: Data) -> CheckResult:
    size = _gpt2_counts(data).size
    return CheckResult(graded(size == GPT2_TOKENS, False), f"{size:,}", "Counted in GPT-2's own vocabulary file.")


def gpt2_width(data: Data) -> CheckResult:
    """Read from GPT-2's matrix, else from its description. real_gpt2 recognises GPT-2 by its shape too, so here the id alone must do."""
    fact = facts_by_role(data)["decoder"]
    if fact.id not in GPT2_IDS:
        width = next(entry.dims for entry in data["source_code"].architectures if entry.name == "GPT-2")
        return CheckResult(
            graded(width == GPT2_SHAPE[0], False),
            f"{width:,}, as published",
            "So say its paper and transformers' own description of it.",
            each(data, lambda role: f"{facts_by_role(data)[role].embedding_dims:,} dimensions"),
        )
    verdict = graded(fact.embedding_dims == GPT2_SHAPE[0], False)
    return CheckResult(verdict, f"{fact.embedding_dims:,}", "Read from the shape of the embedding matrix.")


def tokens_build_words(data: Data) -> CheckResult:
    """Caveat if part of the vocabulary is not made of letters, fails if most of it is not."""
    counts = _gpt2_counts(data)
    letters, spaced = counts.letters_only / counts.size, counts.space_and_letters / counts.size
    return CheckResult(
        graded(letters > MOST, letters < 1),
        f"{percent(spaced)} are a space and letters, {percent(letters - spaced)} letters alone, {percent(1 - letters)} neither",
        "Many tokens are whole words already, and some are no part of any word: numbers, signs, white space, odd bytes.",
    )


def apple_is_one_token(data: Data) -> CheckResult:
    pieces = _pieces(data, "apple", False)
    if pieces is None:
        return not_computed("no example", "apple is not among the set's tokenisation examples.")
    value = "1 token" if len(pieces) == 1 else " + ".join(pieces)
    return CheckResult(graded(len(pieces) == 1, False), value, "Cut with GPT-2's own tokenizer, without a space before it.")


def banana_is_two_tokens(data: Data) -> CheckResult:
    """Holds for the bare words; caveat if a space before them makes them one token."""
    expected = {"banana": ["ban", "ana"], "cosmic": ["cos", "mic"]}
    bare = {word: _pieces(data, word, False) for word in expected}
    spaced = {word: _pieces(data, word, True) for word in expected}
    if None in bare.values() or None in spaced.values():
        return not_computed("no example", "banana and cosmic are not among the set's tokenisation examples.")
    whole = [word for word, pieces in spaced.items() if len(pieces) == 1]
    return CheckResult(
        graded(bare == expected, bool(whole)),
        ", ".join(" + ".join(pieces) for pieces in bare.values()),
        f"Only where no space comes first, as at the start of a text. With the space before it, as inside a sentence, "
        f"{listed(whole)} {'is' if len(whole) == 1 else 'are each'} a single token."
        if whole
        else "Cut with GPT-2's own tokenizer, with and without a space before them.",
    )


def scatter_shows_correlation(data: Data) -> CheckResult:
    """Holds if cosine and Pearson agree on all pairs of both models; caveat if on some model they do not."""
    gaps: dict[str, float] = {}
    for pair in data["pair_similarities"].pairs:
        gaps[pair.role] = max(gaps.get(pair.role, 0.0), abs(pair.cosine - pair.pearson))
    if not gaps:
        return not_computed("no pairs", "The set has no pairs to compare.")
    agree = max(gaps.values()) < CORRELATION_TOLERANCE
    names = listed(fact.name for role, fact in facts_by_role(data).items() if role in gaps)
    return CheckResult(
        graded(True, not agree),
        each(data, lambda role: f"they differ by at most {fixed(gaps[role], 4)}" if role in gaps else None),
        f"In {names} the numbers of each vector average about zero, so that the two measures are nearly one."
        + ("" if real_bert(data) else " In BERT they need not be: its tokens share an offset.")
        if agree
        else "The plot shows the correlation; the cosine in its title is another number, as the vectors do not average zero.",
    )


def pieces_are_similar(data: Data) -> CheckResult:
    """With GPT-2: are pieces of a word closer than unrelated pairs, by at least one SD of random pairs?"""
    summaries = {(s.role, s.group): s for s in data["pair_similarities"].summaries}

    def pieces_and_baseline(role: str) -> str | None:
        pieces, random = summaries.get((role, "pieces")), of_role(data["random_pairs"].by_model, role)
        if pieces is None or random is None:
            return None
        return f"pieces average {fixed(pieces.mean_cosine)}, random pairs of tokens {fixed(random.all_tokens.mean)}"

    if real_gpt2(data) is None or ("decoder", "pieces") not in summaries:
        return _not_gpt2(data, each(data, pieces_and_baseline) or None)
    random = of_role(data["random_pairs"].by_model, "decoder").all_tokens
    gap = (summaries["decoder", "pieces"].mean_cosine - random.mean) / random.standard_deviation
    return CheckResult(
        graded(gap >= RELATED_GAP, False),
        f"{fixed(summaries['decoder', 'pieces'].mean_cosine)}, random pairs {fixed(random.mean)}",
        f"That is {fixed(abs(gap), 1)} standard deviations {'above' if gap >= 0 else 'below'} two tokens drawn at random.",
    )


def top_20_are_20_neighbours(data: Data) -> CheckResult:
    """Settled by the source's printed list, in every set: its first line is "Mike" itself, at 1.000."""
    return CheckResult(
        "holds with a caveat",
        "19, and the token itself",
        "The first of the sorted list is always the token itself, with a cosine of 1; leave it out before counting.",
    )


def self_similarity_is_one(data: Data) -> CheckResult:
    """Caveat if a model has a row of zeros, which has no direction."""
    norms = {entry.role: entry.minimum for entry in data["norms"].by_model}
    return CheckResult(
        graded(True, min(norms.values()) == 0),
        each(data, lambda role: f"shortest row {fixed(norms[role])}" if role in norms else None),
        "By definition, for every vector that is not all zeros; neither matrix has such a row."
        if min(norms.values()) > 0
        else "By definition, except for rows of zeros, of which there is one here at least.",
    )


def highly_structured(data: Data) -> CheckResult:
    """With GPT-2: are related pairs closer than unrelated ones? (That nearest neighbours stand out is no proof by itself: the best
    of fifty thousand does so in any table, even one of random numbers. The lesson sets their angle beside that of random tables.)"""
    gaps = _related_gaps(data)

    def text(role: str) -> str | None:
        return f"{fixed(gaps[role], 1)} standard deviations" if role in gaps else None

    if real_gpt2(data) is None or "decoder" not in gaps:
        texts = each(data, text)
        return _not_gpt2(data, f"Related pairs lie above unrelated ones by {texts}" if texts else None)
    return CheckResult(
        graded(gaps["decoder"] >= RELATED_GAP, False),
        f"{text('decoder')} between related and unrelated pairs",
        "Structure means that words chosen as related, before anybody looked, lie closer than words chosen as unrelated.",
    )


def neighbours_are_male_first_names(data: Data) -> CheckResult:
    """With GPT-2 and hand labels: are most of the neighbours first names?"""
    shares = data["neighbourhoods"].name_shares

    def share(role: str) -> str | None:
        entry = next((s for s in shares if s.role == role and s.labelled), None)
        return entry and f"{entry.first_names} of {entry.labelled} neighbours are first names"

    entry = next((s for s in shares if s.role == "decoder" and not s.leading_space and s.labelled), None)
    if real_gpt2(data) is None:
        return _not_gpt2(data, each(data, share) or None)
    if entry is None:
        return not_computed("no labels", "Nobody has labelled this list of neighbours by hand yet.")
    return CheckResult(
        graded(entry.first_names / entry.labelled > MOST, True),
        f"{entry.first_names} of {entry.labelled} are first names",
        "Labelled by hand as first names or not; whose names they are was not labelled, and forms of the same name count.",
    )


def learned_category(data: Data) -> CheckResult:
    """Never settled by a list of neighbours, in any set."""
    shares = {s.role: s for s in data["neighbourhoods"].name_shares if s.labelled}

    def not_names(role: str) -> str | None:
        share = shares.get(role)
        return share and f"{share.labelled - share.first_names} of {share.labelled} are no first names"

    others = each(data, not_names)
    return not_computed(
        "it needs an experiment",
        "A list of neighbours shows that some tokens are close, not that a border runs around a category, "
        "and not what made them close.",
        f"Of the neighbours of the name: {others}" if others else None,
    )


def mike_published_cosines(data: Data) -> CheckResult:
    """With GPT-2: do our cosines of the four tokens equal the printed ones?"""
    entry = _name_neighbourhood(data, "decoder", leading_space=False)
    if real_gpt2(data) is None or entry is None:
        return _not_gpt2(data, _nearest_cosines(data))
    ours = dict(zip(_texts(data, entry), (n.cosine for n in entry.lists.cosine), strict=True))
    confirmed = [text for text, cosine in _published(data) if abs(ours.get(text, math.inf) - cosine) < PUBLISHED_TOLERANCE]
    return CheckResult(
        graded(bool(confirmed), len(confirmed) < len(_published(data))),
        ", ".join(f"{text.strip()} {fixed(ours[text], 3)}" for text, _ in _published(data) if text in ours) or "none in our list",
        f"{len(confirmed)} of {len(_published(data))} printed cosines are confirmed to three decimals.",
    )


def _nearest_cosines(data: Data) -> str | None:
    def first_four(role: str) -> str | None:
        entry = _name_neighbourhood(data, role, role == "decoder") or _name_neighbourhood(data, role, False)
        near = list(zip(_texts(data, entry), entry.lists.cosine, strict=True))[:4] if entry else []
        return ", ".join(f"{text.strip()} {fixed(n.cosine, 3)}" for text, n in near) or None

    text = each(data, first_four)
    return f"Nearest to the name: {text}" if text else None


def product_equals_loop(data: Data) -> CheckResult:
    """Holds if no cosine differs beyond rounding and the top 20 agree; caveat if only the top 20 agree."""
    entries = {entry.role: entry for entry in data["matrix_product"].by_model}
    same = all(entry.same_top_20 for entry in entries.values())
    largest = max(entry.maximum_absolute_difference for entry in entries.values())
    return CheckResult(
        graded(same, largest > ROUNDING_TOLERANCE),
        f"largest difference {plain(largest)}",
        "The same sums in another order: what differs is rounding in 32-bit numbers."
        if same
        else "The two ways do not give the same twenty neighbours.",
    )


def correlation_of_loop_and_product(data: Data) -> CheckResult:
    """Holds if the correlation rounds to 1.000 in both models."""
    pearsons = {entry.role: entry.pearson for entry in data["matrix_product"].by_model}
    return CheckResult(
        graded(min(pearsons.values()) >= 0.9995, False),
        each(data, lambda role: fixed(pearsons[role], 3) if role in pearsons else None),
        "As a test of equality it is weak: numbers that are all doubled correlate 1.000 too. The largest difference tells more.",
    )


def vector_databases_work_this_way(data: Data) -> CheckResult:
    """Decided from the literature, in every set: nothing that we export bears on it."""
    return CheckResult(
        "holds with a caveat",
        "nothing: decided from the literature",
        "They compare by dot product or cosine, and can do so exactly; at millions of vectors they usually search an approximate "
        "index instead, which looks at a part of the collection and may miss some neighbours.",
    )


def mathematical_precision(data: Data) -> CheckResult:
    """Does not hold if related pairs are no closer than unrelated ones; caveat if variants or hubs crowd the lists."""
    gaps, crowding = _related_gaps(data), _crowding(data)
    if not gaps or not crowding:
        return not_computed("no counts", "The set lacks labelled pairs, or counts of variants and hubs.")
    related = min(gaps.values()) >= RELATED_GAP
    crowded = max(max(shares) for shares in crowding.values()) >= CROWDED_SHARE
    reason = "The arithmetic is exact, and neither variants nor hubs fill a tenth of the places."
    if not related:
        reason = "The arithmetic is exact, but in at least one model related words are hardly closer than unrelated ones."
    elif crowded:
        reason = (
            "The arithmetic is exact; the map is less so. Of the places next to words, some are the word itself in another form, "
            "and where there are hubs, some are taken by tokens that turn up in very many lists."
        )
    return CheckResult(graded(related, crowded), _crowding_text(data), reason)
