"""The checks behind the claims of spaces_that_share_no_axes.toml: each takes a set's exported data and returns a verdict.

What is about any two spaces is judged with the small models trained here and with the set's own; what is about the real tokenizers with
their vocabularies, which every set carries; what is about GPT-2 medium and BERT large only where a set holds both.
"""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np

from charts.reading import fixed, listed, millions, percent
from charts.spaces_that_share_no_axes.parts import by_key, pair_name, range_of, widths
from sitegen.checking import Data, each, facts_by_role, graded, not_computed
from sitegen.verdicts import CheckResult

# --- thresholds: what our words mean in numbers --------------------------------------------------------------------------------

ZERO = 0.05  # a mean correlation smaller than this is "basically zero"
NOISE = 0.1  # "noise" leaves at most this share of words outside the range that holds 95% of independent rows
THOUSANDS = 2000  # "several thousand" dimensions, at least
GPT2_PARAMETERS = 124_439_808  # of GPT-2 small, by its shapes
ROTATION = 0.9  # mean cosine from which we would call two tables rotations of each other; twins, with their noise, do not reach it
SHARED = 0.3  # share of held-out words that find themselves, from which structure is shared beyond doubt
STICKS_OUT = 2.0  # an axis differs from other directions if it has so many times their largest variance or tail
NEAR = 2 / 3  # two words are near if their cosine is higher than that of this share of the pairs: a third are within one category
NEAR_ZERO_IMAGE = 0.2  # a pixel-wise correlation smaller than this is "nearly zero"
SAME = 1e-5  # a cosine that moves by less has not moved
GPT2_MEDIUM, BERT_LARGE = "gpt2-medium", "bert-large-uncased"
LARGE_WIDTH = 1024

# --- finding things in the data ------------------------------------------------------------------------------------------------


def _pairs(data: Data, relation: str) -> list[Any]:
    return [pair for pair in data["direct_comparisons"].pairs if pair.relation == relation]


def _twins(data: Data) -> Any:
    """The first pair of small models that differ in their seed only, number by number."""
    return _pairs(data, "other seed")[0]


def _of_large_models(data: Data) -> Any | None:
    """GPT-2 medium and BERT large, number by number, where the set holds both with their real width."""
    direct = data["direct_comparisons"]
    spaces = by_key(direct.spaces)
    found = [pair for pair in direct.pairs if {pair.first, pair.second} == {GPT2_MEDIUM, BERT_LARGE}]
    return found[0] if found and spaces[GPT2_MEDIUM].width == spaces[BERT_LARGE].width == LARGE_WIDTH else None


def _aligned(data: Data) -> Any:
    """Decoder and encoder."""
    return next(pair for pair in data["space_alignments"].pairs if (pair.first, pair.second) == ("decoder", "encoder"))


def _alignments_of_twins(data: Data, same: bool) -> list[Any]:
    objective = {model.name: model.objective for model in data["twins"].models}
    return [pair.alignment for pair in data["twins"].pairs if (objective[pair.first] == objective[pair.second]) is same]


def _all_words(data: Data) -> list[str]:
    """The source's list, known or not."""
    return [*data["twins"].words, *data["twins"].left_out]


def _twin_value(data: Data) -> str:
    found = _twins(data).correlations
    return (
        f"two small models of the same width: mean r {fixed(found.same_word.mean, 3)} over {data['direct_comparisons'].words:,} words, "
        f"{fixed(found.other_word.mean, 3)} with another word’s row"
    )


def _dims(data: Data) -> str:
    return each(data, lambda role: f"{facts_by_role(data)[role].embedding_dims:,} numbers a token")


# --- what embeddings are -------------------------------------------------------------------------------------------------------


def models_process_numbers(data: Data) -> CheckResult:
    reason = "By construction: text is cut into tokens, tokens are numbered, and each number picks a vector."
    return CheckResult("holds", _dims(data), reason)


def each_word_is_a_coordinate(data: Data) -> CheckResult:
    left_out = data["direct_comparisons"].left_out
    value = (
        f"of the source’s {len(_all_words(data))} words, {len(left_out)} "
        + ("lacks" if len(left_out) == 1 else "lack")
        + " a row of its own in some space here"
        + (f": {listed(left_out)}" if left_out else "")
    )
    reason = "Tokens have vectors. A word that is cut into several has several, and none of its own."
    return CheckResult("holds with a caveat", value, reason)


def several_thousand_dimensions(data: Data) -> CheckResult:
    spaces = [space for space in data["direct_comparisons"].spaces if space.kind != "twin"]
    value = "; ".join(f"{space.name}: {space.width:,}" for space in spaces)
    return CheckResult(
        graded(True, min(space.width for space in spaces) < THOUSANDS),
        value,
        "Large models of today have several thousand, and no model of this lesson has, nor have the two that the source uses."
        if max(space.width for space in spaces) < THOUSANDS
        else "Some models have several thousand.",
    )


def smallest_gpt2_has_768(data: Data) -> CheckResult:
    facts = facts_by_role(data).values()
    dims = next(entry.dims for entry in data["source_code"].architectures if entry.name == "GPT-2")
    smaller = [f"{fact.name} with {millions(fact.parameters)} million" for fact in facts if fact.parameters < GPT2_PARAMETERS]
    return CheckResult(
        graded(dims == 768, True),
        f"{dims} in transformers’ description of GPT-2",
        "The width is right. With 124 million parameters it is small, but smaller models exist"
        + (f": here {listed(smaller)}." if smaller else "."),
        _dims(data),
    )


def these_models_have_1024(data: Data) -> CheckResult:
    spaces = by_key(data["direct_comparisons"].spaces)
    if GPT2_MEDIUM in spaces and BERT_LARGE in spaces:
        found = [spaces[GPT2_MEDIUM].width, spaces[BERT_LARGE].width]
        return CheckResult(graded(found == [LARGE_WIDTH] * 2, False), listed(f"{n:,}" for n in found), "Read from the matrices.")
    reason = "Settled by the papers (Radford 2019, Devlin 2019); the set does not hold both models."
    return CheckResult("holds", "1,024 in both, as published", reason, _dims(data))


def dimensions_not_human_crafted(data: Data) -> CheckResult:
    return CheckResult(
        "holds with a caveat",
        f"small models trained here: {data['twins'].recipe.width} axes, random at the start",
        "Nobody designs them. That none matches a trait that people name is another matter: a few can be read in part, as the first "
        "lesson’s figure of extreme words lets you try.",
    )


def _axes_that_differ(data: Data) -> list[tuple[str, float, float]]:
    """Name, variance and tail of the most unusual axis, as multiples of the most unusual random direction's."""
    spaces = by_key(data["axis_directions"].spaces)
    return [
        (
            spaces[entry.key].name,
            entry.axes[0] / entry.random[0],
            max(entry.tail, 0.0) / max(entry.random_tail, 0.1),
        )
        for entry in data["axis_directions"].by_space
    ]


def axes_mean_nothing(data: Data) -> CheckResult:
    found = _axes_that_differ(data)
    unusual = [name for name, variance, tail in found if max(variance, tail) >= STICKS_OUT]
    value = "; ".join(
        f"{name}: largest variance {fixed(variance, 1)} times, longest tail {fixed(tail, 1)} times that of any random direction"
        for name, variance, tail in found
    )
    reason = "In general nothing ties an axis to a meaning"
    if unusual:
        reason += f", but axes are not just any directions: in {listed(unusual)} some stick out"
    reason += ". A few coordinates of trained models are known to dominate cosines (Timkey and van Schijndel 2021)."
    return CheckResult("holds with a caveat", value, reason)


def embeddings_key_to_safety(data: Data) -> CheckResult:
    return not_computed("it is about a field", "A view on what research needs, which models cannot settle.")


# --- how they could be compared --------------------------------------------------------------------------------------------------


def all_models_have_an_embedding_layer(data: Data) -> CheckResult:
    spaces = [space for space in data["direct_comparisons"].spaces if space.kind != "twin"]
    return CheckResult(
        "holds",
        "; ".join(f"{space.name}: {space.width:,} numbers a word" for space in spaces),
        "A model of text begins with such a table; its rows and its width differ from model to model.",
    )


def training_changes_vectors(data: Data) -> CheckResult:
    objective = _pairs(data, "other objective")[0].correlations
    return CheckResult(
        graded(abs(objective.same_word.mean) < 0.5, True),
        f"same text and width, another objective: mean r of a word’s two rows {fixed(objective.same_word.mean, 3)}",
        "Vectors of another width cannot be the same. With another objective they are others, but so they are with another seed alone, so "
        "this does not show what the objective does. Another text alone was not tried "
        "here.",
    )


def same_training_other_vectors(data: Data) -> CheckResult:
    found = _twins(data).correlations
    return CheckResult(
        graded(abs(found.same_word.mean) < 0.5, True),
        _twin_value(data),
        "The vectors are others, number by number. The random start is one reason; the order in which examples are drawn is another, and "
        "our seeds change both.",
    )


def cannot_compare_directly(data: Data) -> CheckResult:
    after = [alignment.cosine for alignment in _alignments_of_twins(data, True)]
    return CheckResult(
        graded(abs(_twins(data).correlations.same_word.mean) < ZERO, min(after) > 2 * ZERO),
        _twin_value(data),
        f"As they are, no. Turned onto each other first, they can: twins then reach a mean cosine of {range_of(after)} on words that the "
        "rotation never saw.",
    )


def banana_differs_relations_stay(data: Data) -> CheckResult:
    geometry, direct = data["twin_geometry"], data["direct_comparisons"]
    if not {"banana", "apple"} <= set(geometry.words):
        return not_computed("the words are missing", "The small models do not know the words.")
    place = next(n for n, pair in enumerate(combinations(geometry.words, 2)) if set(pair) == {"banana", "apple"})
    cosines = [row[place] for row in geometry.cosines]
    above = min(sum(cosine < row[place] for cosine in row) / len(row) for row in geometry.cosines)
    r = _twins(data).correlations.listed[direct.listed.index("banana")] if "banana" in direct.listed else None
    return CheckResult(
        graded(above >= NEAR, False),
        f"cosine of banana and apple in the {len(cosines)} small models: {range_of(cosines)}, in each higher than that of at least "
        f"{percent(above)} of the pairs" + (f"; r of banana’s rows in the first two: {fixed(r)}" if r is not None else ""),
        "The numbers of a word are others in each model, and the two words are near each other in all of them."
        if above >= NEAR
        else "In these models the two words are not near each other everywhere.",
    )


# --- matrices and vocabularies ---------------------------------------------------------------------------------------------------


def tokenizer_picks_rows(data: Data) -> CheckResult:
    rows = each(data, lambda role: f"{facts_by_role(data)[role].vocabulary_size:,} rows")
    return CheckResult("holds", rows, "By construction: a token’s number is the number of its row.")


def shapes_of_large_matrices(data: Data) -> CheckResult:
    sizes = {entry.tokenizer: entry.size for entry in data["token_kinds"].tokenizers}
    return CheckResult(
        graded((sizes["bert"], sizes["gpt2"]) == (30522, 50257), False),
        f"{sizes['bert']:,} and {sizes['gpt2']:,} entries in the real vocabularies; 1,024 columns as published",
        "Rows counted in the vocabularies, columns settled by the papers (Devlin 2019, Radford 2019).",
        each(data, lambda role: f"{facts_by_role(data)[role].vocabulary_size:,} × {facts_by_role(data)[role].embedding_dims:,}"),
    )


def shape_is_vocabulary_and_width(data: Data) -> CheckResult:
    return CheckResult(
        "holds",
        each(data, lambda role: f"{facts_by_role(data)[role].vocabulary_size:,} tokens × {facts_by_role(data)[role].embedding_dims:,}"),
        "By construction. “Learned” is a little off: the list of tokens is fixed before the model is trained.",
    )


def bert_whole_words_gpt2_subwords(data: Data) -> CheckResult:
    of = {entry.tokenizer: entry for entry in data["token_kinds"].tokenizers}

    def share(name: str, kind: str) -> float:
        return next(found.tokens for found in of[name].kinds if found.kind == kind) / of[name].size

    whole = {name: share(name, "starts a word") for name in ("gpt2", "bert")}
    scripts = {name: share(name, "letters of other scripts") + share(name, "part of a character") for name in ("gpt2", "bert")}
    return CheckResult(
        graded(whole["bert"] > 0.5, scripts["gpt2"] < 0.1),
        f"start a word: {percent(whole['gpt2'])} of GPT-2’s tokens, {percent(whole['bert'])} of BERT’s; letters of other scripts or parts "
        f"of such: {percent(scripts['gpt2'], 1)} and {percent(scripts['bert'], 1)}; repeat another entry’s letters with other case or "
        f"space: {percent(of['gpt2'].twins / of['gpt2'].size)} and {percent(of['bert'].twins / of['bert'].size)}",
        "BERT’s tokens mostly start a word, and so do GPT-2’s. Other scripts are few in GPT-2’s list; most of its extra entries repeat a "
        "word with a space or a capital letter.",
    )


def equal_width_is_comparable(data: Data) -> CheckResult:
    found = _twins(data).correlations
    meaningful = found.same_word.mean > found.other_word.mean + 0.1
    return CheckResult(
        graded(meaningful, False),
        _twin_value(data),
        "Equal width makes a correlation computable. It says nothing, because axis 1 of one model has nothing to do with axis 1 of another."
        if not meaningful
        else "In these models the axes do agree.",
    )


# --- the 34 words ----------------------------------------------------------------------------------------------------------------


def thirty_four_words(data: Data) -> CheckResult:
    number = len(_all_words(data))
    return CheckResult(graded(number == 34, False), f"{number} words in the source’s three lists", "Counted.")


def words_are_single_tokens(data: Data) -> CheckResult:
    gpt2, bert = set(data["vocabulary_gpt2"].tokens), set(data["vocabulary_bert"].tokens)
    words = _all_words(data)
    missing = [word for word in words if f"Ġ{word}" not in gpt2 or word not in bert]
    left_out = data["direct_comparisons"].left_out
    return CheckResult(
        graded(not missing, False),
        f"{len(words) - len(missing)} of {len(words)} in both real vocabularies",
        "Looked up in the vocabularies of GPT-2 and BERT." if not missing else f"Not so: {listed(missing)}.",
        f"single tokens in every space of this set: all but {listed(left_out)}" if left_out else None,
    )


def space_comes_from_byte_pairs(data: Data) -> CheckResult:
    tokens = data["vocabulary_gpt2"].tokens
    spaced = sum(token.startswith("Ġ") for token in tokens)
    inside = sum("Ġ" in token.strip("Ġ") for token in tokens)
    return CheckResult(
        "holds with a caveat",
        f"{percent(spaced / len(tokens))} of GPT-2’s tokens begin with a space; in {inside:,} a space stands between other characters",
        "That a space is a character like any other, and can be merged, comes from byte-level byte-pair encoding. That it goes with the "
        "word after it comes from a rule that cuts the text before any pair is merged (Radford 2019).",
    )


def eighteen_by_1024(data: Data) -> CheckResult:
    number = len(_all_words(data))
    return CheckResult(
        graded(number == 18, False),
        f"{number} rows",
        "The source’s own list has 34 words, so its submatrices have 34 rows; 18 is a slip.",
    )


# --- the direct comparison -------------------------------------------------------------------------------------------------------


def shared_axes_would_correlate(data: Data) -> CheckResult:
    before = [alignment.cosine_before for alignment in _alignments_of_twins(data, True)]
    after = [alignment.cosine for alignment in _alignments_of_twins(data, True)]
    return CheckResult(
        graded(min(after) > 0.5, min(after) < ROTATION) if min(after) > max(before) + 0.1 else "not computed here",
        f"twins, mean cosine of a held-out word’s two rows: {range_of(before)} on their own axes, {range_of(after)} once they share axes",
        ("Where axes are shared, a word’s rows agree" + (", but far less than the source expects." if min(after) < ROTATION else "."))
        if min(after) > 0.5
        else "These models learned too little for a rotation to show it.",
    )


def direct_correlations_are_zero(data: Data) -> CheckResult:
    pair = _of_large_models(data)
    if pair is None:
        return not_computed("the models are not in this set", "It needs GPT-2 medium and BERT large.", _twin_value(data))
    mean = pair.correlations.same_word.mean
    value = f"mean r {fixed(mean, 3)} over {data['direct_comparisons'].words:,} words"
    return CheckResult(graded(abs(mean) < ZERO, False), value, "Computed on both matrices.")


def rest_is_noise(data: Data) -> CheckResult:
    pair, twins = _of_large_models(data), _twins(data).correlations
    analogue = f"twins: {percent(twins.same_word.beyond)} of the words outside the range of 95% of independent rows"
    if pair is None:
        return not_computed("the models are not in this set", "It needs GPT-2 medium and BERT large.", analogue)
    found = pair.correlations
    return CheckResult(
        graded(found.same_word.beyond <= NOISE, abs(found.same_word.mean) > found.null_standard_deviation / 2),
        f"{percent(found.same_word.beyond)} of the words outside the range of 95% of independent rows",
        f"With another word’s row it is {percent(found.other_word.beyond)}.",
        analogue,
    )


def direct_needs_same_axes(data: Data) -> CheckResult:
    reason = "By what a correlation is: it pairs the first number with the first, the second with the second."
    return CheckResult("holds", _twin_value(data), reason)


def start_random_then_trained(data: Data) -> CheckResult:
    deviations = listed(f"{entry.initial_standard_deviation:g} in {entry.name}" for entry in data["source_code"].architectures)
    return CheckResult(
        "holds with a caveat",
        f"standard deviation of the start: {deviations}",
        "They do start so. BERT’s text was books and Wikipedia (Devlin 2019), GPT-2’s pages that Reddit linked to (Radford 2019).",
    )


# --- the image analogy ------------------------------------------------------------------------------------------------------------


def _change(data: Data, key: str) -> Any:
    return next(change for change in data["changed_images"].changes if change.key == key)


def rotated_seven(data: Data) -> CheckResult:
    images = data["changed_images"]
    sevens = [n for n, digit in enumerate(images.digits) if digit == 7]
    rotated, transposed = (float(np.mean([_change(data, key).own[n] for n in sevens])) for key in ("rotate", "transpose"))
    moved = max(_change(data, key).largest_difference for key in ("rotate", "transpose"))
    return CheckResult(
        graded(moved < SAME and abs(rotated) < NEAR_ZERO_IMAGE, True),
        f"{len(sevens)} handwritten sevens: mean r {fixed(rotated)} with themselves rotated, {fixed(transposed)} transposed; all digits "
        f"rotated: {fixed(_change(data, 'rotate').own_mean)}",
        "Nothing is lost in either. Near zero is the average over digits; a single image may correlate more, where its shape looks alike "
        "when turned. Any orthogonal map keeps all cosines, even a shuffling of the pixels.",
    )


def many_images_complete_the_analogy(data: Data) -> CheckResult:
    images = data["changed_images"]
    kept = [change for change in images.changes if change.kept]
    worst = max(change.largest_difference for change in kept)
    return CheckResult(
        graded(worst < SAME, False),
        f"{len(images.cosines)} pairs of images: r = {fixed(min(change.cosine_correlation for change in kept), 3)} under {len(kept)} maps",
        "Exactly so, because a rotation changes no cosine; a blur of the same images does.",
    )


# --- rotations of each other? ------------------------------------------------------------------------------------------------------


def _rotation(data: Data) -> str:
    aligned, pair = data["space_alignments"], _aligned(data)
    return (
        f"{pair_name(pair, by_key(aligned.spaces))}, {aligned.held_out_words:,} held-out words: mean cosine {fixed(pair.held_out.cosine)} "
        f"after the rotation, right word first for {percent(pair.held_out.first_place)}"
    )


def not_simply_rotated(data: Data) -> CheckResult:
    pair = _aligned(data)
    twins = next(p for p in data["space_alignments"].pairs if p.relation == "other seed")
    often = pair.held_out.first_place > 0.5
    return CheckResult(
        graded(pair.held_out.cosine < ROTATION, often),
        _rotation(data),
        f"No turn does better than {fixed(pair.fitted)} even on the words it was fitted on. How much of the rest is noise is not known: "
        f"twins, which differ in their seed alone, reach {fixed(twins.held_out.cosine)}, in fewer axes."
        + (" Yet it carries most words to themselves, so the spaces are far more alike than the sentence suggests." if often else ""),
    )


def distinct_but_shared(data: Data) -> CheckResult:
    pair = _aligned(data)
    chance = 1 / max(data["space_alignments"].held_out_words, 1)
    shared = pair.held_out.first_place > max(SHARED, 20 * chance)
    return CheckResult(
        graded(shared and pair.held_out.cosine < ROTATION, True),
        _rotation(data),
        f"These two do: by lot, {percent(pair.shuffled.first_place, 2)} of the words would. One pair does not stand for all."
        if shared
        else "In these models hardly any word finds itself.",
    )


def bert_for_classification(data: Data) -> CheckResult:
    return CheckResult(
        "does not hold",
        "BERT was trained to fill masked words and to judge whether two sentences follow each other",
        "Settled by its paper (Devlin 2019); classification is what it can be fine-tuned for. GPT-2 was trained to predict the next token.",
    )


def unequal_widths_give_errors(data: Data) -> CheckResult:
    direct = data["direct_comparisons"]
    spaces = by_key(direct.spaces)
    without = [pair for pair in direct.pairs if pair.correlations is None]
    return CheckResult(
        "holds",
        "; ".join(f"{pair_name(pair, spaces)}: {widths(pair, spaces)}" for pair in without[:3]) or "all widths here agree",
        "By definition: a correlation needs pairs of numbers.",
    )
