"""The checks behind the claims of inside_the_layers.toml: each takes a set's exported data and returns a verdict, a number and a reason.

What part 2 reports is about GPT-2 XL: for other decoders the same procedure gives an analogue, never a verdict. What it concludes from
its findings is about linear maps in general, and can be judged in any set by the control that the published code lacks.
"""

from __future__ import annotations

import numpy as np

from artefacts.schemas.layers import PairAgreement, QueriesKeysValues, SelectivityOfModel
from charts.reading import fixed, listed, of_role, percent
from sitegen.checking import Data, each, facts_by_role, graded, not_computed
from sitegen.verdicts import CheckResult

# --- thresholds ------------------------------------------------------------------------------------------------------------

CHANGED = 0.01  # a mean cosine of a word with itself must fall this far below 1 for the vectors to be different
UNCORRELATED = 0.2  # a mean correlation below this in size is "largely uncorrelated"
HIGH = 0.7  # a mean RSA from which we call it "quite high"
SIGNIFICANT = 0.05

GPT2_XL_IDS = {"gpt2-xl", "openai-community/gpt2-xl"}
GPT2_XL_SHAPE = (1600, 48)
MADE = ("query", "key", "value")


# --- finding things in the data --------------------------------------------------------------------------------------------


def _is_gpt2_xl(data: Data) -> bool:
    fact = facts_by_role(data)["decoder"]
    return fact.id in GPT2_XL_IDS and (fact.embedding_dims, fact.layers) == GPT2_XL_SHAPE


def _parts(data: Data) -> QueriesKeysValues:
    return data["queries_keys_values"]


def _name(data: Data) -> str:
    return facts_by_role(data)["decoder"].name


def _pairs(data: Data) -> list[PairAgreement]:
    """Of Q, K and V with each other, [layer * pair]."""
    return [pair for layer in _parts(data).layers for pair in layer.pairs if pair.first != "input"]


def _means(data: Data, field: str) -> list[float]:
    return [getattr(pair, field).mean for pair in _pairs(data)]


def _range(values: list[float]) -> str:
    return f"{fixed(min(values))} to {fixed(max(values))}"


def _selective(data: Data, role: str) -> SelectivityOfModel:
    return next(e for e in data["layer_selectivity"].by_model if (e.role, e.treatment) == (role, "standardised"))


def _judged(data: Data, verdict: str, value: str, reason: str) -> CheckResult:
    """A verdict for GPT-2 XL; for another decoder its number as an analogue."""
    if _is_gpt2_xl(data):
        return CheckResult(verdict, value, reason)
    reason = "The claim is about GPT-2 XL; the same steps were taken with this set's decoder."
    return not_computed("this set's decoder is not GPT-2 XL", reason, value)


# --- part 1 ----------------------------------------------------------------------------------------------------------------


def rsa_reaches_inside(data: Data) -> CheckResult:
    best = next(m for m in data["layer_map"].maps if (m.measure, m.treatment) == ("rsa", "standardised"))
    return CheckResult(
        "holds with a caveat",
        f"states of every layer: r up to {fixed(best.best.value)} between the models; Q, K and V of {_name(data)}: "
        f"{_range(_means(data, 'rsa'))}",
        "RSA needs only pairs of vectors, so it can be applied anywhere; what a score there means depends on the control beside it.",
    )


def embeddings_change_through_the_stack(data: Data) -> CheckResult:
    geometry = {role: of_role(data["layer_geometry"].by_model, role) for role in facts_by_role(data)}
    first = {role: entry.layers[0].self_similarity.mean for role, entry in geometry.items()}
    lowest = {role: min(layer.self_similarity.mean for layer in entry.layers[1:]) for role, entry in geometry.items()}

    def text(role: str) -> str:
        return f"a word and itself in another sentence, mean cosine {fixed(first[role])} in layer 0, {fixed(lowest[role])} at its lowest"

    return CheckResult(
        graded(all(lowest[role] < first[role] - CHANGED for role in lowest), False),
        each(data, text),
        "In layer 0 at most the place differs; further up the vectors take up something of the sentence, so that one word has many "
        "vectors.",
    )


def category_selectivity_inside(data: Data) -> CheckResult:
    found = {role: _selective(data, role) for role in facts_by_role(data)}

    def text(role: str) -> str:
        best = max(found[role].layers, key=lambda layer: layer.cohens_d)
        return f"d = {fixed(best.cohens_d)} in layer {best.layer} (shuffled labels {fixed(found[role].null_maximum_95)})"

    beyond = [entry.p < SIGNIFICANT for entry in found.values()]
    return CheckResult(
        graded(any(beyond), not all(beyond)),
        each(data, text),
        "The most selective layer is compared with the most selective layer of shuffled labels; vectors standardised.",
    )


# --- part 2: what it reports -----------------------------------------------------------------------------------------------


def qkv_largely_uncorrelated(data: Data) -> CheckResult:
    found = _parts(data).published
    values = found.direct_word
    mean = float(np.mean(np.abs(values)))
    return _judged(
        data,
        graded(mean < UNCORRELATED, True),
        f"{_name(data)}, at the word: r from {_range(values)}, {fixed(mean)} in size on average",
        "So it is, but random matrices give the same, and the published code computes it at a place where all words are alike.",
    )


def qkv_rsa_high(data: Data) -> CheckResult:
    found = _parts(data).published
    mean = float(np.mean(found.rsa_word))
    return _judged(
        data,
        graded(mean > HIGH, True),
        f"{_name(data)}, same prompt: {_range(found.rsa_word)}, {fixed(mean)} on average",
        "So they are; random matrices given the same input are the baseline that the report lacks.",
    )


def within_exceeds_across(data: Data) -> CheckResult:
    found = _parts(data).published
    share = found.within_exceeds_across / found.cells
    return _judged(
        data,
        graded(share == 1, True),
        f"{_name(data)}, same prompt: in {found.within_exceeds_across} of {found.cells} layers and pairs; random matrices in "
        f"{percent(found.random_within_exceeds_across)}",
        "Random matrices show it as well: they distort high cosines less than low ones, and pairs of one category have the higher ones.",
    )


# --- part 2: what follows from it ------------------------------------------------------------------------------------------


def uncorrelated_means_idiosyncratic(data: Data) -> CheckResult:
    real, random = (float(np.mean(np.abs(_means(data, field)))) for field in ("direct", "random_direct"))
    pairs = _pairs(data)
    outside = sum(not pair.random_direct.low <= pair.direct.mean <= pair.random_direct.high for pair in pairs)
    seeds = _parts(data).seeds
    by_chance = 2 * len(pairs) / (seeds + 1)  # cases in which one more random matrix would lie outside all the others
    value = (
        f"{_name(data)}: size of r {fixed(real)} on average; outside all {seeds} random matrices in {outside} of {len(pairs)} cases, where "
        f"chance alone gives about {by_chance:.0f}"
    )
    if random < UNCORRELATED:
        reason = "Matrices of random numbers give values near zero, too. So a value near zero is no sign of a way to calculate."
        return CheckResult("does not hold", value, reason)
    return CheckResult("holds with a caveat", value, "Here random matrices are correlated, so zero would be news.")


def high_rsa_means_meaning(data: Data) -> CheckResult:
    real, random = np.array(_means(data, "rsa")), np.array(_means(data, "random_rsa"))
    below = int((real <= random).sum())
    value = (
        f"{_name(data)}: trained {fixed(real.mean())}, random {fixed(random.mean())} on average; "
        f"trained is no higher in {below} of {len(real)}"
    )
    if below >= len(real) / 2:
        return CheckResult("does not hold", value, "Random matrices agree as well or better: the agreement comes with the common input.")
    return CheckResult(
        graded(True, below > 0), value, "The trained matrices agree more than random ones do, which the common input alone cannot explain."
    )


def direct_correlations_compare_words(data: Data) -> CheckResult:
    found = _parts(data)
    rows = found.published.different_rows_before
    words = len(data["layer_words"].words)
    value = f"{_name(data)}: {rows} different vector{'' if rows == 1 else 's'} among {words} words at a token before the word"
    if rows == 1:
        return CheckResult(
            "does not hold", value, "What stands before the word is the same in all prompts, and a decoder sees nothing else there."
        )
    return CheckResult("holds", value, "The vectors before the word differ between prompts, so this decoder is not causal.")


def within_over_across_shows_knowledge(data: Data) -> CheckResult:
    layers = _parts(data).layers
    above = {part: sum(p.word.mean > p.random.high for layer in layers for p in layer.parts if p.part == part) for part in MADE}
    random = float(np.mean([p.random.mean for layer in layers for p in layer.parts if p.random]))
    real = float(np.mean([p.word.mean for layer in layers for p in layer.parts if p.random]))
    names = dict(zip(MADE, "QKV", strict=True))
    value = (
        f"{_name(data)}: d = {fixed(real)} on average, random matrices {fixed(random)}; above all random ones in "
        f"{listed(f'{number} of {len(layers)} layers ({names[part]})' for part, number in above.items())}"
    )
    by_chance = len(layers) / (_parts(data).seeds + 1)  # layers in which one more random matrix would beat all the others
    beyond = [number > 2 * by_chance for number in above.values()]
    if all(beyond):
        return CheckResult("holds", value, "Each trained matrix sets the categories further apart than all random ones in many layers.")
    if any(beyond):
        which = listed(names[part] for part, more in zip(above, beyond, strict=True) if more)
        reason = (
            f"Not in each of them. The separation is in the input, and random matrices pass it on; only {which} "
            f"{'beats' if sum(beyond) == 1 else 'beat'} all random ones in more than twice as many layers as chance would "
            f"({by_chance:.0f} of {len(layers)})."
        )
        return CheckResult("does not hold", value, reason)
    return CheckResult("does not hold", value, "The separation is in the input; random matrices pass it on about as well as trained ones.")
