"""The checks behind the claims of comparing_by_similarity.toml: each takes a set's exported data and returns a verdict, a number, a reason.

Claims about GPT-2 medium, GPT-2 XL or BERT large are not settled by other models: these give an analogue. Claims about the method are
settled by its definition or by its literature, and the reason says so.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from artefacts.schemas.rsa import SpaceSimilarities
from charts.comparing_by_similarity.parts import MEASURE_NAMES, agreement_of, measures, of_pair, p_text, pair_name, space_pairs, spaces
from charts.reading import fixed, listed, of_role
from sitegen.checking import Data, graded, not_computed, real_bert
from sitegen.verdicts import CheckResult

# --- thresholds ------------------------------------------------------------------------------------------------------------

LEVELS_APART = 0.02  # mean cosines differ if they are further apart
SAME_SCALE = ("pearson", "spearman")  # coefficients whose values may stand in one range; tau-a is on a scale of its own
SAME_RESULT = 0.02  # scores that differ by less are the same for our purposes
OFFSET = 0.3  # added to a list of cosines

# --- finding things in the data --------------------------------------------------------------------------------------------


def _space(data: Data, role: str) -> SpaceSimilarities:
    return of_role(data["rsa_similarities"].by_model, role)


def _test(data: Data, first: str, second: str) -> Any:
    return of_pair(data["rsa_inference"].tests, first, second, coefficient="pearson")


def _agreement(data: Data, first: str = "decoder", second: str = "encoder") -> str:
    """r with p and interval: "r = 0.29 (p = 0.0001, interval 0.16 to 0.45)"."""
    test = _test(data, first, second)
    return f"r = {fixed(test.observed)} (p = {p_text(test.p)}, interval {fixed(test.low)} to {fixed(test.high)})"


def _all_agreements(data: Data) -> str:
    members = spaces(data)
    return "; ".join(f"{pair_name(members, *both)}: {_agreement(data, *both)}" for both in space_pairs(members))


def _other_models(data: Data, what: str, analogue: str) -> CheckResult:
    members = spaces(data)
    here = listed(member.name for role, member in members.items() if role != "static")
    return not_computed("decoder and encoder of this set are others", f"It is about {what}. Decoder and encoder here are {here}.", analogue)


# --- where RSA comes from ----------------------------------------------------------------------------------------------------


def rsa_from_neuroscience(data: Data) -> CheckResult:
    return CheckResult(
        "holds",
        "Settled by its literature",
        "Kriegeskorte, Mur and Bandettini introduced it in 2008, in a journal of systems neuroscience.",
    )


def rsa_adapted_step_by_step(data: Data) -> CheckResult:
    return CheckResult(
        "holds with a caveat",
        "Settled by its literature",
        "The first paper proposed it for subjects, species, ways of measuring and computational models from the start, and showed it on "
        "brain scans and models; species followed in the same year. So the uses came one after the other, but not as later adaptations.",
    )


def rsa_in_machine_learning(data: Data) -> CheckResult:
    return CheckResult(
        "holds", "Settled by its literature", "Abnar et al. (2019), for one, compare language models with each other and with brains by it."
    )


def rsa_is_easy(data: Data) -> CheckResult:
    members = spaces(data)
    doubtful = max(space_pairs(members), key=lambda both: _test(data, *both).p)
    naive = of_pair(data["rsa_inference"].naive, *doubtful)
    alarms = max(entry.false_alarms for entry in data["rsa_inference"].naive)
    return CheckResult(
        "holds with a caveat",
        f"{pair_name(members, *doubtful)}: p = {p_text(_test(data, *doubtful).p)} by words, {p_text(10**naive.log10_p)} by pairs",
        "Easy to code. To interpret it one must know that pairs are not independent (a test that counts them calls up to "
        f"{fixed(100 * alarms, 0)}% of shuffled words significant at 5%), what value is reachable, and that the words decide the score.",
    )


# --- the method ----------------------------------------------------------------------------------------------------------------


def inner_structure_can_be_compared(data: Data) -> CheckResult:
    return CheckResult("holds", _all_agreements(data), "The comparison needs no common axes: it is defined for each pair of spaces.")


def rsa_within_then_between(data: Data) -> CheckResult:
    reason = "This is how its authors define it: a matrix in each space, then a comparison of matrices."
    return CheckResult("holds", "Settled by definition", reason)


def relations_can_be_compared(data: Data) -> CheckResult:
    widths = listed(f"{space.dims}" for space in data["rsa_similarities"].by_model)
    return CheckResult(
        "holds",
        f"{data['rsa_similarities'].pairs} relations, compared between spaces of {widths} dimensions",
        "Each relation is one number in each space, whatever the axes; these numbers can be put side by side.",
    )


def two_steps_cosine_then_correlation(data: Data) -> CheckResult:
    members = spaces(data)
    values = {
        both: [a.value for a in data["rsa_agreement"].agreements if (a.first, a.second) == both and a.coefficient in SAME_SCALE]
        for both in space_pairs(members)
    }
    return CheckResult(
        "holds with a caveat",
        "; ".join(f"{pair_name(members, *both)}: {fixed(min(v))} to {fixed(max(v))}" for both, v in values.items()),
        "This is one of several versions: the literature also uses other distances, and rank coefficients. With each measure of step one, "
        "and Pearson or Spearman in step two, the score varies as shown; tau-a is left out, since it is on a scale of its own.",
    )


def offsets_matter_within(data: Data) -> CheckResult:
    members = spaces(data)
    moved = {
        both: abs(agreement_of(data["rsa_agreement"], *both) - agreement_of(data["rsa_agreement"], *both, measure="correlation"))
        for both in space_pairs(members)
    }
    most = max(moved.values())
    value = f"without each vector's own mean, RSA changes by at most {fixed(most, 3)}"
    taken_off = "Taking each vector's mean over its dimensions off in step one changes"
    if most >= SAME_RESULT:
        return CheckResult("holds with a caveat", value, f"{taken_off} the result; that it carries meaning is not shown by this.")
    nothing = f"{taken_off} next to nothing in these models."
    if real_bert(data):
        return CheckResult("does not hold", value, f"{nothing} The comparison does not need it.")
    reason = f"{nothing} BERT's tokens share an offset, so that it would be the model to ask."
    return not_computed("it needs models whose vectors have an offset", reason, value)


def levels_differ_between_models(data: Data) -> CheckResult:
    means = {member.name: _space(data, role).mean for role, member in spaces(data).items()}
    apart = max(means.values()) - min(means.values())
    return CheckResult(
        graded(apart > LEVELS_APART, False),
        "mean cosine " + listed(f"{fixed(mean)} in {name}" for name, mean in means.items()),
        "The lists are on different levels." if apart > LEVELS_APART else "The lists are on one level in this set.",
    )


def offset_moves_cosine_not_correlation(data: Data) -> CheckResult:
    first, second = (np.array(_space(data, role).cosines) for role in ("decoder", "encoder"))
    still, moved = measures(first, second, 0), measures(first, second, OFFSET)
    return CheckResult(
        "holds",
        f"{fixed(OFFSET, 1)} added: cosine {fixed(still['cosine'])} to {fixed(moved['cosine'])}, Pearson {fixed(still['pearson'])} to "
        f"{fixed(moved['pearson'])}",
        "Pearson's correlation subtracts each list's mean first, so what is added to all values drops out.",
    )


def cosine_suits_embeddings(data: Data) -> CheckResult:
    return CheckResult(
        "holds with a caveat",
        "Settled by its literature",
        "It is the usual choice, but a few large dimensions or a shared offset can rule it (Timkey and van Schijndel 2021), and for some "
        "trainings it is arbitrary (Steck et al. 2024).",
    )


def any_measure_works_alike(data: Data) -> CheckResult:
    members = spaces(data)
    found = {both: [agreement_of(data["rsa_agreement"], *both, measure=m) for m in MEASURE_NAMES] for both in space_pairs(members)}
    most = max(max(values) - min(values) for values in found.values())
    return CheckResult(
        graded(True, most >= SAME_RESULT),
        "; ".join(
            f"{pair_name(members, *both)}: "
            + listed(f"{name} {fixed(value)}" for name, value in zip(MEASURE_NAMES.values(), values, strict=True))
            for both, values in found.items()
        ),
        "Any of them can be used in step one"
        + (f", but the result is not the same: Pearson's r differs by up to {fixed(most)}." if most >= SAME_RESULT else "."),
    )


def called_dissimilarity_analysis(data: Data) -> CheckResult:
    return CheckResult(
        "does not hold",
        "Settled by its literature",
        "Its inventors compute dissimilarities and call the method representational similarity analysis all the same; dissimilarity is in "
        "the name of the matrix.",
    )


def categories_not_used(data: Data) -> CheckResult:
    members = spaces(data)
    parts = []
    for both in space_pairs(members):
        kinds = {kind: of_pair(data["rsa_agreement"].by_kind, *both, kind=kind) for kind in ("all", "across")}
        if None not in (kinds["all"].pearson, kinds["across"].pearson):
            parts.append(f"{pair_name(members, *both)} {fixed(kinds['all'].pearson)}, across only {fixed(kinds['across'].pearson)}")
    return CheckResult(
        "holds with a caveat",
        "; ".join(parts) or "too few pairs",
        "No formula uses them, but the words were chosen by category, and the score of all pairs contains the difference between pairs "
        "within and across. The two numbers of a line are not to be ranked, since the spread differs.",
    )


def rsa_robust_to_width(data: Data) -> CheckResult:
    widths = {member.name: _space(data, role).dims for role, member in spaces(data).items()}
    return CheckResult(
        "holds with a caveat",
        listed(f"{name} {dims}" for name, dims in widths.items()) + " dimensions, all compared",
        "It is defined whatever the widths are. That its value would not change with the width is another claim, which is not tested here.",
    )


# --- the source's models -----------------------------------------------------------------------------------------------------------


def categories_visible_as_blocks(data: Data) -> CheckResult:
    parts = []
    for role, member in spaces(data).items():
        space, test = _space(data, role), _test(data, role, "category")
        if space.within_mean is not None and space.across_mean is not None:
            means = f"{fixed(space.within_mean)} within, {fixed(space.across_mean)} across"
            parts.append(f"{member.name}: mean cosine {means} (p = {p_text(test.p)})")
    return _other_models(data, "GPT-2 medium and BERT large", "; ".join(parts) or "too few pairs")


def gpt2_cosines_are_stronger(data: Data) -> CheckResult:
    means = listed(f"{fixed(_space(data, role).mean)} in {member.name}" for role, member in spaces(data).items())
    return _other_models(data, "GPT-2 medium and BERT large", f"mean cosine {means}")


def pairs_similar_in_both(data: Data) -> CheckResult:
    return _other_models(data, "GPT-2 medium and BERT large", f"{pair_name(spaces(data), 'decoder', 'encoder')}: {_agreement(data)}")


def shared_statistical_patterns(data: Data) -> CheckResult:
    return _other_models(data, "GPT-2 medium and BERT large", _all_agreements(data))


def gpt2_xl_has_1600(data: Data) -> CheckResult:
    return CheckResult("holds", "1,600, as published", "Settled by its paper (Radford 2019).")


def rsa_xl_looks_great(data: Data) -> CheckResult:
    return _other_models(data, "GPT-2 XL and BERT large", f"{pair_name(spaces(data), 'decoder', 'encoder')}: {_agreement(data)}")
