"""The checks behind the claims about GPT-2's and BERT's vocabularies and matrices.

Every function is named in two_ways_to_cut_and_place_words.toml. What is about the real tokenizers is settled in every set, because
every set carries them. What is about the real matrices is recounted where a set holds both, settled by published counts where there
are some, and left open otherwise, with what the set's own models show as an analogue.
"""

from __future__ import annotations

from statistics import mean
from typing import Any

from artefacts.tokens import visible_text
from charts.reading import fixed, listed, of_role, percent
from sitegen.checking import BERT_SHAPE, Data, each, facts_by_role, graded, not_computed, quoted, real_bert, real_gpt2
from sitegen.verdicts import CheckResult

# --- thresholds: what our words mean in numbers --------------------------------------------------------------------------------

TYPICALLY = 0.95  # "typically" inside a range: of the entries
SLIGHTLY = 1.5  # "slightly higher": less than so many times
NEARLY_ALL = 0.98  # of the entries, if "every dimension" is used
RELATED_GAP = 1.0  # standard deviations of random pairs between related and unrelated pairs
PEAKS = {4, 5, 6}
SMALL_LENGTH = 0.05  # characters: below it two definitions of length agree
RARE = 20_000  # words from this rank on are called rare
FRAGMENT_GAP = 0.1  # tokens a word: less is no difference
FEW_PERCENT = 0.01  # a picture shows the range if less than this share lies beyond its colours

# Measured on the real matrices by others, and published; see the notes of the claims.
GPT2_BEYOND, BERT_BEYOND = 0.49, 0.045  # share of entries larger than 0.1 in size
GPT2_VARIANCE, BERT_VARIANCE = 0.02065, 0.001775  # mean variance of a row


def _real_pair(data: Data) -> bool:
    """Whether the set's models are GPT-2 small and BERT base, by id and by shape."""
    return real_gpt2(data) is not None and real_bert(data) is not None


def _names(data: Data) -> str:
    return listed(fact.name for fact in facts_by_role(data).values())


def _with_gpt2_and_bert(data: Data) -> str:
    """The set's models, GPT-2 and BERT, each once."""
    return listed(dict.fromkeys([*(fact.name for fact in facts_by_role(data).values()), "GPT-2", "BERT"]))


def _kinds(data: Data, tokenizer: str) -> Any:
    return next(entry for entry in data["token_kinds"].tokenizers if entry.tokenizer == tokenizer)


def _lengths(data: Data, tokenizer: str, definition: str) -> Any:
    return next(by for by in _kinds(data, tokenizer).lengths if by.definition == definition)


def _kind(data: Data, tokenizer: str, kind: str) -> float:
    """The share of a vocabulary's entries that are of a kind."""
    entry = _kinds(data, tokenizer)
    return next(found.tokens for found in entry.kinds if found.kind == kind) / entry.size


def _step(data: Data, name: str) -> Any:
    return next(step for step in data["source_code"].steps if step.id == name)


def _architectures(data: Data) -> dict[str, Any]:
    return {entry.name: entry for entry in data["source_code"].architectures}


def _beyond(entry: Any, threshold: float) -> float:
    return entry.share_beyond[min(range(len(entry.thresholds)), key=lambda n: abs(entry.thresholds[n] - threshold))]


# --- the core concept ----------------------------------------------------------------------------------------------------------


def every_transformer_has_a_look_up(data: Data) -> CheckResult:
    """Decided from the literature, in every set."""
    return CheckResult(
        "holds with a caveat",
        "true of models of text",
        f"{_with_gpt2_and_bert(data)} begin with such a table. Transformers for images do not: they multiply each patch by a matrix.",
    )


def one_hot_is_mostly_zero(data: Data) -> CheckResult:
    size = _kinds(data, "gpt2").size
    return CheckResult("holds", f"{size - 1:,} of {size:,} values", "By definition: one value is 1, all others are 0.")


def every_dimension_is_used(data: Data) -> CheckResult:
    """Fails if some numbers are zero in bulk; else caveat: how efficiently they are used was not measured."""
    filled = {e.role: e.share_beyond[0] for e in data["matrix_entries"].by_model}
    return CheckResult(
        graded(min(filled.values()) > NEARLY_ALL, True),
        each(data, lambda role: f"{percent(filled[role])} of the numbers are not zero" if role in filled else None),
        "Nearly no number is zero. That says nothing on how efficiently they are packed, which was not measured.",
    )


def distance_goes_with_meaning(data: Data) -> CheckResult:
    """Holds with a caveat at best: opposites are among the related pairs, and they are near as well."""
    gaps: dict[str, float] = {}
    for role in facts_by_role(data):
        pairs = [p for p in data["pair_similarities"].pairs if p.role == role]
        groups = {group: [p.cosine for p in pairs if p.group == group] for group in ("related", "unrelated")}
        random = of_role(data["random_pairs"].by_model, role)
        if all(groups.values()) and random is not None:
            gaps[role] = (mean(groups["related"]) - mean(groups["unrelated"])) / random.all_tokens.standard_deviation
    if not gaps:
        return not_computed("no pairs", "The set has no labelled pairs to compare.")
    return CheckResult(
        graded(min(gaps.values()) >= RELATED_GAP, True),
        each(
            data,
            lambda role: f"related pairs lie {fixed(gaps[role], 1)} standard deviations above unrelated ones" if role in gaps else None,
        ),
        "Words used alike lie closer than words that are not. That is not quite meaning: opposites are used alike too."
        if min(gaps.values()) >= RELATED_GAP
        else "In at least one of these models related words are hardly closer than unrelated ones.",
    )


def words_in_768_dimensions(data: Data) -> CheckResult:
    dims = {name: entry.dims for name, entry in _architectures(data).items()}
    return CheckResult(
        graded(set(dims.values()) == {BERT_SHAPE[0]}, False),
        listed(f"{number} in {name}" for name, number in dims.items()),
        "Read from transformers' own description of the two base models.",
        None if _real_pair(data) else each(data, lambda role: f"{facts_by_role(data)[role].embedding_dims}"),
    )


def signatures_differ(data: Data) -> CheckResult:
    """Caveat in every set: there is no frame in which rows of two models could be alike."""
    same, other = data["same_word"].same_word, data["same_word"].other_word
    return CheckResult(
        "holds with a caveat",
        "their axes have nothing to do with each other",
        "They differ, but not as two signatures on one sheet: dimension 1 of one model has nothing to do with dimension 1 of the other.",
        f"Between {_names(data)} the same word correlates {fixed(same.mean, 3)} on average, another word {fixed(other.mean, 3)}.",
    )


def objectives_make_the_difference(data: Data) -> CheckResult:
    """Never settled by two finished models that differ in everything; small models that differ in one thing only give a hint."""
    pairs = {(pair.first, pair.second): pair.coordinate_correlation for pair in data["twins"].pairs}
    tasks = {model.name: model.objective for model in data["twins"].models}
    same = [abs(r) for (first, second), r in pairs.items() if tasks[first] == tasks[second]]
    analogue = (
        f"Between small models of one task that differ in their random start, the numbers of the same words correlate {fixed(max(same))} "
        "at most, in size."
        if same
        else None
    )
    return not_computed(
        "it needs an experiment",
        "GPT-2 and BERT differ in task, text, tokenizer and random start at once. A different start alone is enough to make all numbers "
        "differ, as small models show that were trained here.",
        analogue,
    )


def objectives_of_gpt2_and_bert(data: Data) -> CheckResult:
    """Decided from the papers, in every set."""
    return CheckResult(
        "holds with a caveat", "from the papers", "BERT had a second task as well: to tell whether one passage follows another."
    )


# --- vocabularies --------------------------------------------------------------------------------------------------------------


def bpe_and_wordpiece(data: Data) -> CheckResult:
    """Holds if the two algorithms, written out, end as the real tokenizers do; the exporter refuses data in which they do not."""
    words = data["cutting_steps"].words
    same = sum(w.merges[-1].pieces == w.bpe_tokens and [m.piece for m in w.matches] == w.wordpiece_tokens for w in words)
    return CheckResult(
        graded(same == len(words), False),
        f"{same} of {len(words)} words cut alike",
        "We wrote both out step by step, over the real merges and entries. GPT-2's BPE works on bytes, so nothing is unknown to it.",
    )


def vocabularies_differ_in_structure(data: Data) -> CheckResult:
    twins = {name: _kinds(data, name).twins / _kinds(data, name).size for name in ("gpt2", "bert")}
    starts = {name: _kind(data, name, "starts a word") for name in ("gpt2", "bert")}
    return CheckResult(
        "holds with a caveat",
        f"twins: {percent(twins['gpt2'])} of GPT-2's entries, {percent(twins['bert'])} of BERT's",
        f"Entries after a space are {percent(starts['gpt2'])} of GPT-2's, entries without ## {percent(starts['bert'])} of BERT's. But "
        "capitals are no matter of the algorithm: BERT's text was put into small letters first.",
    )


def vocabulary_sizes(data: Data) -> CheckResult:
    sizes = {name: _kinds(data, name).size for name in ("bert", "gpt2")}
    return CheckResult(
        graded(sizes == {"bert": 30_522, "gpt2": 50_257}, False),
        f"{sizes['bert']:,} and {sizes['gpt2']:,}",
        "Counted in the real vocabularies.",
    )


def _rare_pieces(data: Data, tokenizer: str, best_case: bool) -> float:
    """Tokens per rare word, bins of ranks weighted alike."""
    pieces = data["pieces_per_word"]
    entry = next(e for e in pieces.by_tokenizer if e.tokenizer == tokenizer)
    means = entry.mean_pieces_best_case if best_case else entry.mean_pieces
    rare = [value for value, ranks in zip(means, pieces.bins, strict=True) if ranks.first_rank > RARE]
    return mean(rare or means[-3:])


def size_decides_fragmentation(data: Data) -> CheckResult:
    """Holds if the smaller vocabulary cuts rare words into more pieces; caveat if it cuts them into about as many or fewer."""
    gpt2, bert = (_rare_pieces(data, name, False) for name in ("gpt2", "bert"))
    return CheckResult(
        graded(True, bert - gpt2 < FRAGMENT_GAP),
        f"{fixed(gpt2)} tokens a rare word in GPT-2, {fixed(bert)} in BERT",
        f"Size is not all: with far fewer entries BERT cuts rare words into no more pieces. It puts them into small letters and drops "
        f"accents first, and some words GPT-2 has only with a capital. Where a capital may help, GPT-2 needs "
        f"{fixed(_rare_pieces(data, 'gpt2', True))}."
        if bert - gpt2 < FRAGMENT_GAP
        else "The smaller vocabulary cuts rare words into more pieces.",
    )


def size_decides_matrix(data: Data) -> CheckResult:
    rows = {name: entry.rows for name, entry in _architectures(data).items()}
    sizes = {"GPT-2": _kinds(data, "gpt2").size, "BERT": _kinds(data, "bert").size}
    return CheckResult(
        graded(rows == sizes, False),
        listed(f"{number:,} rows in {name}" for name, number in rows.items()),
        "One row a token; the other side of the matrix is the model's width, which the vocabulary does not decide.",
    )


def length_can_be_measured(data: Data) -> CheckResult:
    """Caveat if what the code counts differs from the characters of the text."""
    counted = {name: _lengths(data, name, "raw").mean - _lengths(data, name, "stripped").mean for name in ("gpt2", "bert")}
    return CheckResult(
        graded(True, max(counted.values()) > SMALL_LENGTH),
        f"{fixed(counted['gpt2'])} characters too many in GPT-2, {fixed(counted['bert'])} in BERT, on average",
        "The code counts the vocabulary's own spelling: a mark for the space, two for ##, and one sign for each byte of a letter.",
    )


def lengths_peak_at_4_to_6(data: Data) -> CheckResult:
    """Caveat if some definition of length has another peak."""
    names = {"gpt2": "GPT-2", "bert": "BERT"}
    peaks = {(name, by.definition): by.peaks for name in names for by in _kinds(data, name).lengths}
    raw = {name: set(peaks[name, "raw"]) for name in names}
    inside = any(found & PEAKS for found in raw.values())
    shown = "; ".join(
        f"{shown} {listed(map(str, peaks[name, 'raw']))}, without marks {listed(map(str, peaks[name, 'stripped, no placeholders']))}"
        for name, shown in names.items()
    )
    return CheckResult(
        graded(inside, any(set(found) != PEAKS for found in peaks.values())),
        shown,
        "It depends on what a character is: the most common three lengths change when the marks for a space and ## are not counted.",
    )


def peak_is_the_average_subword(data: Data) -> CheckResult:
    """Does not hold whatever the numbers: neither the peak nor the mean of a list is an average of a language."""
    found = {name: _lengths(data, name, "stripped, no placeholders") for name in ("gpt2", "bert")}
    return CheckResult(
        "does not hold",
        f"peak {found['gpt2'].peaks[0]}, mean {fixed(found['gpt2'].mean, 1)} in GPT-2; peak {found['bert'].peaks[0]}, "
        f"mean {fixed(found['bert'].mean, 1)} in BERT",
        "Every entry counts once here, however often English uses it. So neither the peak nor the mean of the list is an average of "
        "English.",
    )


# --- the code ------------------------------------------------------------------------------------------------------------------


def encoder_attribute(data: Data) -> CheckResult:
    step, version = _step(data, "encoder"), data["source_code"].transformers_version
    return CheckResult(
        graded(step.runs, False),
        step.found,
        f"Tried with transformers {version}. get_vocab(), which the source uses for BERT, works for both."
        if not step.runs
        else f"Tried with transformers {version}.",
    )


def enumeration_is_the_id(data: Data) -> CheckResult:
    step = _step(data, "order")
    return CheckResult(
        graded(step.found == "True", False),
        "in order" if step.found == "True" else "in no order",
        "The dictionary lists tokens as it pleases; the id of a token is its value. For a histogram it makes no difference.",
    )


def weights_are_parameters(data: Data) -> CheckResult:
    steps = [_step(data, name) for name in ("wte", "word_embeddings")]
    return CheckResult(
        graded(all(step.runs for step in steps), False),
        f"both names exist in transformers {data['source_code'].transformers_version}",
        "Tried on models of the right shape with random numbers.",
    )


def matrix_shapes(data: Data) -> CheckResult:
    steps = [_step(data, name) for name in ("word_embeddings", "wte")]
    return CheckResult(
        graded(all(step.as_printed for step in steps), False),
        listed(step.found for step in steps),
        "The library's default configuration of the two base models has these shapes.",
    )


# --- the matrices --------------------------------------------------------------------------------------------------------------


def picture_shows_the_range(data: Data) -> CheckResult:
    """Caveat if more than a hundredth of the entries lies beyond the colours of the source's picture."""
    beyond = {e.role: _beyond(e, 0.15) for e in data["matrix_entries"].by_model}
    return CheckResult(
        graded(True, max(beyond.values()) > FEW_PERCENT),
        each(data, lambda role: f"{percent(beyond[role])} of the numbers are larger than 0.15" if role in beyond else None),
        "A picture shows no more than its colours do. The source's end at 0.15, and everything beyond looks the same.",
    )


def _within(data: Data) -> str:
    beyond = {e.role: _beyond(e, 0.1) for e in data["matrix_entries"].by_model}
    return each(data, lambda role: f"{percent(beyond[role])} are larger than 0.1" if role in beyond else None)


def entries_within_a_tenth(data: Data) -> CheckResult:
    """Recounted with both real matrices; settled by published counts otherwise."""
    if _real_pair(data):
        beyond = {e.role: _beyond(e, 0.1) for e in data["matrix_entries"].by_model}
        return CheckResult(
            graded(max(beyond.values()) <= 1 - TYPICALLY, False), _within(data), "Counted over all numbers of both matrices."
        )
    return CheckResult(
        graded(max(GPT2_BEYOND, BERT_BEYOND) <= 1 - TYPICALLY, False),
        f"published: about {percent(GPT2_BEYOND)} of GPT-2's numbers are larger, {fixed(BERT_BEYOND * 100, 1)}% of BERT's",
        "Typical it is for BERT, but half of GPT-2's numbers lie outside. The counts are published ones, not ours.",
        f"Counted here: {_within(data)}.",
    )


def range_for_stability(data: Data) -> CheckResult:
    limited = {name: entry.largest_norm_enforced for name, entry in _architectures(data).items()}
    return CheckResult(
        graded(any(limited.values()), True),
        "no limit is set in either model" if not any(limited.values()) else "a limit is set",
        "The look-up of neither model has a limit. BERT's training used weight decay, which pulls numbers towards zero and sets no range; "
        "GPT-2's do not stay in that range.",
    )


def index_15000_uncorrelated(data: Data) -> CheckResult:
    """About two matrices that no set but gpt2-bert holds; there, one index is judged by what other words do."""
    same = data["same_word"]
    other = same.other_word
    spread = f"other words correlate {fixed(other.mean, 3)} with a standard deviation of {fixed(other.standard_deviation, 3)}"
    if not _real_pair(data):
        return not_computed(
            "it needs both matrices",
            f"This set holds {_names(data)}. By chance alone such a value spreads by {fixed(same.published_null_standard_deviation, 3)}.",
            f"The first {same.dims} numbers of rows of {_names(data)}, put side by side: {spread}.",
        )
    return CheckResult(graded(abs(same.other_word.mean) < same.null_standard_deviation, True), spread, "Zero on average, not each time.")


def uncorrelated_because_other_word(data: Data) -> CheckResult:
    """Settled by the same word: if it does not correlate either, another word cannot be the reason."""
    same = data["same_word"]
    ours = f"the same word {fixed(same.same_word.mean, 3)} on average, another word {fixed(same.other_word.mean, 3)}"
    if _real_pair(data):
        gap = same.same_word.mean - same.other_word.mean
        return CheckResult(
            graded(gap > same.null_standard_deviation, False), ours, "If this were the reason, the same word would correlate."
        )
    return CheckResult(
        "does not hold",
        f"published for the same word: {fixed(same.published_rerun)}",
        f"For the one word that was published, “the”, it is {fixed(same.published_rerun)}. The dimensions of two models have nothing to do "
        "with each other, whatever the word.",
        f"The first {same.dims} numbers of rows of {_names(data)}, put side by side: {ours}.",
    )


def index_15000_is_another_word(data: Data) -> CheckResult:
    """Caveat if one of the two is no word, or if some index holds the same text in both."""
    index = data["same_index"]
    first = index.draws[0]
    gpt2, bert = visible_text(first.gpt2, "byte_level_bpe"), visible_text(first.bert, "wordpiece")
    piece = bert.startswith("##")
    same = f"of {index.compared:,} indices, {index.same_string:,} hold the same text in both vocabularies."
    return CheckResult(
        graded(gpt2.strip("␣") != bert.removeprefix("##"), piece or index.same_string > 0),
        f"{quoted(gpt2)} and {quoted(bert)}",
        f"Different they are; {quoted(bert)} is a piece, not a word. And {same}" if piece else f"Different here, but {same}",
    )


def the_ids(data: Data) -> CheckResult:
    """Caveat: GPT-2 has another token for the same word inside a sentence."""
    steps = {name: _step(data, name) for name in ("the_bert", "the_gpt2")}
    words = {w.word: w for w in data["cutting_steps"].words}
    spaced = len(words[" the"].bpe_tokens) == 1 if " the" in words else False
    return CheckResult(
        graded(all(step.as_printed for step in steps.values()), spaced),
        listed(step.found for step in steps.values()),
        "This is GPT-2's “the” without a space, as at the start of a text. Inside a sentence it is another token with another row.",
    )


def the_correlates_015(data: Data) -> CheckResult:
    same = data["same_word"]
    chance = f"chance alone spreads such values by {fixed(same.published_null_standard_deviation, 3)}"
    if _real_pair(data) and same.first_pairing is not None:
        close = abs(same.first_pairing - same.published_source) < same.null_standard_deviation
        return CheckResult(graded(close, False), fixed(same.first_pairing), f"Computed for the word after a space; {chance}.")
    return CheckResult(
        "does not hold",
        f"published: {fixed(same.published_rerun)}",
        f"The same code, run by others, prints {fixed(same.published_rerun)}: not even the sign agrees; {chance}.",
        None if same.first_pairing is None else f"Between {_names(data)}, first {same.dims} dimensions: {fixed(same.first_pairing)}.",
    )


def same_words_often_correlate(data: Data) -> CheckResult:
    same = data["same_word"]
    ours = (
        f"{same.shared_words:,} shared words correlate {fixed(same.same_word.mean, 3)} on average, with a standard deviation of "
        f"{fixed(same.same_word.standard_deviation, 3)}; chance gives {fixed(same.null_standard_deviation, 3)}"
    )
    if _real_pair(data):
        return CheckResult(
            graded(same.same_word.mean > same.null_standard_deviation, True), ours, "A mean within the spread is no finding."
        )
    by_place = f"The first {same.dims} numbers side by side: {ours}."
    return not_computed("it needs both matrices", f"This set holds {_names(data)}, of other widths.", by_place)


def correlation_shows_shared_meaning(data: Data) -> CheckResult:
    """Settled where the correlation that it explains is not there; and by construction: one of single dimensions shows nothing."""
    the_word = data["same_word"].published_rerun
    if the_correlates_015(data).verdict == "does not hold":
        return CheckResult(
            "does not hold",
            "by construction",
            f"The one published value is {fixed(the_word)}. And such a correlation would not show it: put one model's dimensions in "
            "another order, and it is the same model, with another correlation.",
        )
    return not_computed("it needs an experiment", "A correlation would not tell what it comes from.")


def learned_independently(data: Data) -> CheckResult:
    """Decided from the papers, in every set."""
    return CheckResult(
        "holds", "from the papers", "GPT-2 comes from OpenAI, trained on web pages; BERT from Google, trained on books and Wikipedia."
    )


def variance_slightly_higher(data: Data) -> CheckResult:
    """Recounted with both real matrices; settled by published values otherwise."""
    variances = {e.role: e.variances.mean for e in data["row_statistics"].by_model}
    ours = variances["decoder"] / variances["encoder"]
    if _real_pair(data):
        return CheckResult(graded(1 < ours < SLIGHTLY, False), f"{fixed(ours, 1)} times", "Mean variance of a row, over all rows.")
    ratio = GPT2_VARIANCE / BERT_VARIANCE
    return CheckResult(
        graded(1 < ratio < SLIGHTLY, False),
        f"published: {fixed(ratio, 1)} times",
        f"Published mean variances are {fixed(GPT2_VARIANCE, 5)} and {fixed(BERT_VARIANCE, 6)}: higher, and not slightly.",
        f"In {facts_by_role(data)['decoder'].name} it is {fixed(ours, 1)} times that of {facts_by_role(data)['encoder'].name}.",
    )


def variance_from_initialisation(data: Data) -> CheckResult:
    """Half of it can be settled: how far apart the variances of the random numbers are that the two start from."""
    found = _architectures(data)
    start = {name: entry.authors_initial_standard_deviation**2 for name, entry in found.items()}
    ratio = max(start.values()) / min(start.values())
    after = [name for name, entry in found.items() if entry.normalised_after_lookup]
    return CheckResult(
        graded(True, ratio < SLIGHTLY),
        f"at the start the variances differ {fixed(ratio, 1)} times",
        f"The random numbers in the authors' own programs differ too little. LayerNorm may be a reason: {listed(after)} normalises the sum "
        "of its embeddings, the other does not, so on the way in a factor common to all rows has no effect there. On the way out, where "
        "the same table scores tokens, it has one in both. To show what the cause is would take an experiment."
        if ratio < SLIGHTLY and after
        else "The programs of the two leave it open.",
    )
