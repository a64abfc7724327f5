"""The checks behind the claims of from_words_to_vectors.toml. As in who_lives_next_door.py: an analogue never becomes a verdict."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from charts.reading import fixed, listed, of_role, percent
from sitegen.checking import GPT2_SHAPE, Data, each, facts_by_role, graded, named, not_computed, plain, real_gpt2
from sitegen.verdicts import CheckResult

# --- thresholds: what our words mean in numbers --------------------------------------------------------------------------

HIGH_DIMENSIONAL = 50  # dimensions, from which on a space is called high-dimensional
CLEARLY_ABOVE = 0.75  # one kind of pair is closer than another if it wins so many comparisons
HARDLY_ABOVE = 0.6  # below this the two kinds can hardly be told apart
BEYOND_CHANCE = 0.1  # axes stand out if a tenth of their ends beat 95% of random directions' ends
MOST = 0.5
ROUNDING_TOLERANCE = 1e-5
STRANGERS_AS_CLOSE = "In at least one space synonyms are hardly closer than the same words in other pairs."
CROWDED_MEAN = 0.2  # random pairs of a space whose mean cosine is larger are not "far apart" by their angle

GPT2, BERT = "GPT-2", "BERT base"  # names in parameter_counts


def _names(data: Data) -> dict[str, str]:
    """Role -> name, static vectors included."""
    return {fact.role: fact.name for fact in data["model_facts"].models if fact.role in ("static", "decoder", "encoder")}


def _by_space(data: Data, values: Iterable[tuple[str, str]]) -> str:
    """ "GloVe: 0.7; SmolLM2: 0.5" from (role, text)."""
    names = _names(data)
    return "; ".join(f"{names[role]}: {text}" for role, text in values)


def _relations(data: Data) -> list[Any]:
    return list(data["word_relations"].by_model)


def _published(data: Data, name: str) -> Any:
    return next(model for model in data["parameter_counts"].models if model.name == name and model.source)


# --- overview ------------------------------------------------------------------------------------------------------------


def dense_vectors(data: Data) -> CheckResult:
    """Holds where a row is at most a tenth as long as a one-hot vector."""
    entries = {entry.role: entry for entry in data["lookups"].by_model}
    return CheckResult(
        graded(all(entry.dims * 10 <= entry.rows for entry in entries.values()), False),
        each(data, lambda role: f"{entries[role].dims:,} numbers instead of {entries[role].rows:,}"),
        "A one-hot vector has an entry for every token, all but one of them zero; a row has far fewer numbers and uses them all.",
    )


def words_or_sub_words(data: Data) -> CheckResult:
    """Caveat if part of a vocabulary is not made of letters."""
    counts = {entry.tokenizer: entry for entry in data["vocabulary_statistics"].tokenizers if entry.tokenizer in ("gpt2", "bert")}
    shares = {name: entry.letters_only / entry.size for name, entry in counts.items()}
    text = listed(f"{percent(1 - share)} of {counts[name].name}'s are not made of letters" for name, share in shares.items())
    return CheckResult(
        graded(min(shares.values()) > MOST, min(shares.values()) < 1),
        text,
        "Most tokens are words or parts of words; the rest are numbers, signs, white space, odd bytes and special tokens.",
    )


def high_dimensional(data: Data) -> CheckResult:
    dims = {entry.role: entry.dims for entry in data["axis_extremes"].by_model}
    return CheckResult(
        graded(min(dims.values()) >= HIGH_DIMENSIONAL, False),
        _by_space(data, ((role, f"{number:,} dimensions") for role, number in dims.items())),
        f"We call a space high-dimensional from {HIGH_DIMENSIONAL} dimensions on.",
    )


def similar_placed_close(data: Data) -> CheckResult:
    """Fails where synonyms hardly beat strangers; caveat where the win is not clear, or antonyms win alike."""
    entries = _relations(data)
    least = min(entry.synonyms_over_crossed for entry in entries)
    antonyms = max(entry.antonyms_over_crossed for entry in entries)
    return CheckResult(
        graded(least >= HARDLY_ABOVE, least < CLEARLY_ABOVE or antonyms >= CLEARLY_ABOVE),
        _by_space(data, ((e.role, f"{percent(e.synonyms_over_crossed)} of comparisons won") for e in entries)),
        "Synonyms are closer than the same words in other pairs far more often than not, but antonyms, which are used alike, are close too."
        if least >= HARDLY_ABOVE
        else STRANGERS_AS_CLOSE,
    )


def dissimilar_farther(data: Data) -> CheckResult:
    """By categories: across further than within in every space; caveat if random words of a space share a direction."""
    clusters = data["word_relations"].clusters
    farther = all(clusters.within[role] > clusters.across[role] for role in clusters.within)
    crowded = [entry.role for entry in _relations(data) if entry.random.mean > CROWDED_MEAN]
    reason = "Words of different categories have smaller cosines than words of one category."
    if crowded:
        spaces = listed(_names(data)[role] for role in crowded)
        reason = f"{reason[:-1]}, but in {spaces} even random words lie well within a right angle: farther is not far."
    return CheckResult(
        graded(farther, bool(crowded)),
        _by_space(
            data,
            ((role, f"{fixed(clusters.within[role])} within, {fixed(clusters.across[role])} across") for role in clusters.within),
        ),
        reason if farther else "In at least one space words of different categories are as close as words of one.",
    )


def bridge(data: Data) -> CheckResult:
    """By construction; the decoder's output scores show that the same matrix can lead back."""
    scores = data["output_scores"]
    return CheckResult(
        "holds",
        named(data, "decoder", f"{scores.vocabulary:,} symbols{', and the same matrix leads back' if scores.tied else ''}"),
        "Ids go in, rows come out, and the decoder's scores for the next token are dot products with the very same rows."
        if scores.tied
        else "Ids go in and rows come out; the decoder has a second matrix for the way back.",
    )


# --- the matrix ----------------------------------------------------------------------------------------------------------


def matrix_shape(data: Data) -> CheckResult:
    entries = {entry.role: entry for entry in data["lookups"].by_model}
    return CheckResult(
        "holds",
        each(data, lambda role: f"{entries[role].rows:,} × {entries[role].dims:,}"),
        "Read from the matrices of this set; a model may also factorise its matrix into two.",
    )


def row_is_a_token(data: Data) -> CheckResult:
    """Caveat where several tokens have equal rows."""
    duplicates = {role: data[f"token_marks_{role}"].duplicates for role in facts_by_role(data)}
    return CheckResult(
        graded(True, any(duplicates.values())),
        each(data, lambda role: f"{duplicates[role]:,} rows that equal another"),
        "Every token has a row of its own, but some rows hold the same numbers."
        if any(duplicates.values())
        else "Every token has a row of its own, and no two rows are equal.",
    )


def simple_look_up(data: Data) -> CheckResult:
    """Holds if the one-hot product is the row up to rounding."""
    largest = max(entry.maximum_absolute_difference for entry in data["lookups"].by_model)
    return CheckResult(
        graded(largest <= ROUNDING_TOLERANCE, False),
        f"largest difference {plain(largest)}",
        "A one-hot vector times the whole matrix gives the row that reading it gives, with no arithmetic.",
    )


def learned_parameter(data: Data) -> CheckResult:
    """Caveat where rows look as if training had hardly touched them."""
    marks = {role: data[f"token_marks_{role}"] for role in facts_by_role(data)}
    rare = sum(mark.under_trained for mark in marks.values())
    return CheckResult(
        graded(True, rare > 0),
        each(data, lambda role: f"{marks[role].under_trained:,} rows look hardly trained"),
        "All rows can be changed, but a row is changed much only if training meets its token; some look as if it hardly had."
        if rare
        else "All rows can be changed, and by our rule none looks untrained.",
    )


# --- GPT-2 ---------------------------------------------------------------------------------------------------------------


def gpt2_vocabulary(data: Data) -> CheckResult:
    size = next(entry.size for entry in data["vocabulary_statistics"].tokenizers if entry.tokenizer == "gpt2")
    return CheckResult(graded(size == 50_257, False), f"{size:,}", "Counted in GPT-2's own vocabulary.")


def gpt2_dimension(data: Data) -> CheckResult:
    """Read from the matrix where the set holds GPT-2; else settled by the paper."""
    fact = real_gpt2(data)
    if fact is None:
        width = _published(data, GPT2).dims
        reason = "The paper prints this width for its smallest model; to see it in the matrix, build the set with GPT-2."
        return CheckResult(
            graded(width == GPT2_SHAPE[0], False),
            f"{width:,}, as published",
            reason,
            each(data, lambda role: f"{facts_by_role(data)[role].embedding_dims:,} dimensions"),
        )
    return CheckResult(
        graded(fact.embedding_dims == GPT2_SHAPE[0], False), f"{fact.embedding_dims:,}", "Read from the shape of the matrix."
    )


def gpt2_39_million(data: Data) -> CheckResult:
    """Arithmetic: the real vocabulary's size times the published width."""
    model = _published(data, GPT2)
    size = model.parts["token embeddings"]
    return CheckResult(
        graded(round(size / 1e6) == 39, False),
        f"{model.vocabulary:,} × {model.dims:,} = {size:,}",
        "The size of the real vocabulary times the width that the paper prints.",
    )


def one_of_the_largest_blocks(data: Data) -> CheckResult:
    """Settled by the published sizes: the matrix is larger than a whole layer."""
    model = _published(data, GPT2)
    size = model.parts["token embeddings"]
    layer = (model.parts["attention"] + model.parts["feed-forward"]) // model.layers
    return CheckResult(
        graded(size > layer, False),
        f"{percent(size / model.total)} of {model.total:,}; a whole layer has {layer:,}",
        "It is the largest single block, and it is used twice: at the input and, transposed, at the output.",
    )


# --- geometry ------------------------------------------------------------------------------------------------------------


def meaning_as_geometry(data: Data) -> CheckResult:
    """Fails if categories do not lie together; caveat if the axes mean no more than random directions."""
    clusters, axes = data["word_relations"].clusters, data["axis_extremes"].by_model
    total = sum(len(words) for words in clusters.categories.values())
    together = min(clusters.nearest_same.values()) / total > MOST
    nameless = all(entry.axes_above_directions <= BEYOND_CHANCE for entry in axes)
    return CheckResult(
        graded(together, nameless),
        _by_space(data, ((role, f"{n} of {total} words nearest to their own kind") for role, n in clusters.nearest_same.items())),
        "Closeness carries meaning, mixed with use and frequency; by the words at their ends, axes mean no more than random directions."
        if together
        else "In at least one space words of one category do not lie together.",
    )


def synonyms_cluster(data: Data) -> CheckResult:
    entries = _relations(data)
    least = min(entry.synonyms_over_crossed for entry in entries)
    opposites = min(entry.synonyms_over_antonyms for entry in entries)
    return CheckResult(
        graded(least >= HARDLY_ABOVE, opposites < CLEARLY_ABOVE),
        _by_space(data, ((e.role, f"synonyms {fixed(e.synonyms_mean)}, antonyms {fixed(e.antonyms_mean)} on average") for e in entries)),
        "Synonyms lie together, and so do antonyms; the cosine hardly tells the one from the other."
        if least >= HARDLY_ABOVE
        else STRANGERS_AS_CLOSE,
    )


def analogies_as_arithmetic(data: Data) -> CheckResult:
    """Fails if fewer than half come out in the best space even without the given words; caveat if that rule is needed."""
    exported = data["analogies"]
    total = len(exported.analogies)
    best = max(score.right_left_out for score in exported.scores)
    kept = max(score.right_kept for score in exported.scores)
    return CheckResult(
        graded(best > MOST * total, kept < total),
        _by_space(
            data,
            (
                (s.role, f"{s.right_left_out} of {total}, with the given words kept {s.right_kept}, nothing subtracted {s.right_b_plus_c}")
                for s in exported.scores
            ),
        ),
        "Many come out, but mostly because the words of the question are barred from being the answer; without that rule few do."
        if best > MOST * total
        else "Fewer than half of them come out in any space.",
    )


def _king(data: Data) -> Any | None:
    for analogy in data["analogies"].analogies:
        if (analogy.a, analogy.b, analogy.c, analogy.expected) == ("man", "king", "woman", "queen"):
            return analogy
    return None


def king_queen(data: Data) -> CheckResult:
    """Holds where queen is first with the given words left out, in every space; caveat if it is not first with them kept."""
    analogy = _king(data)
    if analogy is None:
        return not_computed("the words are missing", "One of the four words is no single token in a model of this set.")
    spaces = {entry.role: entry for entry in analogy.by_space}
    first = all(entry.rank_left_out == 1 for entry in spaces.values())
    return CheckResult(
        graded(first, any(entry.rank_kept > 1 for entry in spaces.values())),
        _by_space(data, ((role, f"nearest of all {entry.best[0].word}, queen number {entry.rank_kept}") for role, entry in spaces.items())),
        "The nearest word to the result is one that was given; queen comes first only once the three given words are left out."
        if first
        else "Even with the given words left out, queen is not the nearest word in every space.",
    )


def king_queen_from_word2vec(data: Data) -> CheckResult:
    """Decided from the literature, in every set."""
    return CheckResult(
        "holds with a caveat",
        "nothing: decided from the literature",
        "The word2vec papers made it famous, but it was first reported for vectors of a recurrent network by the same authors "
        "(Mikolov, Yih and Zweig 2013).",
    )


def cosine_measures_distance(data: Data) -> CheckResult:
    """Fails if synonyms do not beat strangers; caveat if antonyms are not clearly below."""
    entries = _relations(data)
    useful = min(entry.synonyms_over_crossed for entry in entries) >= HARDLY_ABOVE
    blind = min(entry.synonyms_over_antonyms for entry in entries) < CLEARLY_ABOVE
    return CheckResult(
        graded(useful, blind),
        _by_space(data, ((e.role, f"synonyms beat antonyms in {percent(e.synonyms_over_antonyms)}") for e in entries)),
        "It can be measured so, beside each model's own baseline, but what is measured is likeness of use: opposites come out close."
        if useful
        else STRANGERS_AS_CLOSE,
    )


# --- training ------------------------------------------------------------------------------------------------------------


def geometry_from_next_token(data: Data) -> CheckResult:
    """Caveat where a space that never predicted a next token has the geometry as well."""
    others = [e for e in _relations(data) if e.role != "decoder" and e.synonyms_over_crossed >= CLEARLY_ABOVE]
    own = of_role(_relations(data), "decoder")
    names = _names(data)
    if not others:
        return not_computed("no other space shows it", "The other spaces of this set have no such geometry to compare with.")
    return CheckResult(
        graded(own is not None and own.synonyms_over_crossed >= HARDLY_ABOVE, True),
        _by_space(data, ((e.role, f"synonyms beat strangers in {percent(e.synonyms_over_crossed)}") for e in _relations(data))),
        f"It can come from there, but {listed(names[e.role] for e in others)} {'has' if len(others) == 1 else 'have'} it, too. "
        "To predict the next token is not the only way to it: GloVe's vectors, for one, are fitted to counts of words that stand near "
        "each other.",
    )


def prediction_tractable(data: Data) -> CheckResult:
    return not_computed("it needs an experiment", "It would take models that differ in nothing but their vectors, held fixed in training.")


def similarity_is_predictive(data: Data) -> CheckResult:
    return not_computed(
        "it needs an experiment", "That similar words have similar vectors does not show that the similarity helps to predict."
    )


# --- resources -----------------------------------------------------------------------------------------------------------


def transformer_explainer(data: Data) -> CheckResult:
    model = _published(data, GPT2)
    return not_computed(
        "another project's page",
        "What that page shows today is for its readers to see. The shape that the note gives is right: "
        f"{model.vocabulary:,} × {model.dims:,}.",
    )


def ft_interactive(data: Data) -> CheckResult:
    return not_computed("another project's page", "It is behind a paywall, and there is no number in it to check.")
