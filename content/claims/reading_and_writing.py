"""The checks behind the claims of reading_and_writing.toml: who sees whom, BERT's input and games, the next token.

What a paper settles is settled by it, and the reason says so. What a set's own decoder or encoder can show about decoders and
encoders in general is measured. What needs a model that the set does not hold is not computed here.
"""

from __future__ import annotations

import math
from typing import Any

from artefacts.packing import dequantise, unpack
from artefacts.schemas.reading import EncoderInput, FlowOfModel
from artefacts.schemas.writing import NextWords
from charts.reading import fixed, listed, of_role, percent
from sitegen.checking import Data, each, facts_by_role, graded, named, not_computed, quoted, real_bert
from sitegen.verdicts import CheckResult, Verdict

# --- thresholds: what our words mean in numbers --------------------------------------------------------------------------

SHARE_TOLERANCE = 0.01  # a share of the draws is the nominal one if it differs by less: one percentage point
HIGH_PROBABILITY = 0.01  # "high" for one of tens of thousands of tokens
BITS_TOLERANCE = 1e-4  # rounding of the surprisals that are added up
SOURCE_TOKENS = ["[CLS]", "The", "cat", "sat", "on", "the", "mat", "[SEP]", "It", "then", "went", "to", "sleep", "[SEP]"]
SOURCE_PAIR_TOKENS = ["[CLS]", "I", "went", "to", "the", "store", "[SEP]", "They", "were", "out", "of", "milk", "[SEP]"]
FOX = "The quick brown [MASK] jumps over the lazy dog."


# --- finding things in the data --------------------------------------------------------------------------------------------


def _flow(data: Data, role: str) -> FlowOfModel:
    return of_role(data["information_flow"].by_model, role)


def _seen(flow: FlowOfModel) -> int:
    """How many pairs (position, replaced token) have influence."""
    return sum(change > 0 for row in flow.changes for change in row)


def _pairs(flow: FlowOfModel) -> int:
    return len(flow.tokens) ** 2


def _cells(flow: FlowOfModel) -> str:
    return f"{_seen(flow)} of {_pairs(flow)} pairs"


def _sees_all(flow: FlowOfModel) -> bool:
    return _seen(flow) == _pairs(flow)


def _sees_later(flow: FlowOfModel) -> int:
    """How many positions moved when a later token was replaced."""
    return sum(flow.changes[later][place] > 0 for later in range(len(flow.tokens)) for place in range(later))


def _sees_all_earlier(flow: FlowOfModel) -> bool:
    return all(flow.changes[earlier][place] > 0 for place in range(len(flow.tokens)) for earlier in range(place))


def _input(data: Data, first: str, second: str | None) -> EncoderInput | None:
    return next((i for i in data["encoder_inputs"].inputs if (i.first, i.second) == (first, second)), None)


def _source_pair(data: Data) -> EncoderInput | None:
    return _input(data, "The cat sat on the mat.", "It then went to sleep.")


def _raw(entry: EncoderInput) -> list[str]:
    return [token.raw for token in entry.tokens]


def _settled(verdict: Verdict, value: str, reason: str) -> CheckResult:
    """Settled by what has been published."""
    return CheckResult(verdict, value, reason)


def _missing(what: str) -> CheckResult:
    return not_computed(f"no {what}", f"The set's data has no {what}.")


# --- two siblings ----------------------------------------------------------------------------------------------------------


def not_variants(data: Data) -> CheckResult:
    """Flow differs, and the blocks do too: holds. Flow differs, blocks of one kind: caveat. Same flow: does not hold."""
    decoder, encoder = _flow(data, "decoder"), _flow(data, "encoder")
    differs = _sees_later(decoder) == 0 < _sees_later(encoder)
    one_kind = all(f.attention_blocks == f.layers and not f.cross_attention for f in (decoder, encoder))
    return CheckResult(
        graded(differs, one_kind),
        each(data, lambda role: f"{_cells(_flow(data, role))} with influence, {_blocks(_flow(data, role))}"),
        "The information flows differ, but both stack one attention block a layer: halves of one design, another mask. Only attention "
        "blocks were counted; positions, heads and normalisation can differ."
        if one_kind
        else "Information flows differ, and so do the blocks.",
    )


def _blocks(flow: FlowOfModel) -> str:
    return f"{flow.attention_blocks} attention blocks in {flow.layers} layers"


def mask_decides_learning(data: Data) -> CheckResult:
    reason = "Mask and training game differ together in every model we have."
    return not_computed("it needs two models trained alike but for the mask", reason)


def encoder_sees_everything(data: Data) -> CheckResult:
    """Holds if every replaced token moved every position."""
    flow = _flow(data, "encoder")
    return CheckResult(
        graded(_sees_all(flow), False),
        named(data, "encoder", f"{_cells(flow)} with influence"),
        "Whichever token was replaced, the vectors of all positions moved."
        if _sees_all(flow)
        else "Some positions did not move when some tokens were replaced.",
    )


def decoder_sequential(data: Data) -> CheckResult:
    """Caveat if no later token has influence: the order is kept by the mask, not by working one after the other."""
    flow = _flow(data, "decoder")
    steps = len(data["next_token_steps"].texts[0].steps)
    return CheckResult(
        graded(_sees_later(flow) == 0, True),
        named(data, "decoder", f"{steps} expectations from one run"),
        "It writes one token at a time, but it reads a given text in one run, all positions side by side.",
    )


def bert_objectives(data: Data) -> CheckResult:
    return _settled("holds", "as published", "So say the papers of BERT (Devlin et al. 2019) and GPT (Radford et al. 2018, 2019).")


def original_encoder_decoder(data: Data) -> CheckResult:
    return _settled("holds", "as published", "So says the paper (Vaswani et al. 2017), which translated with it.")


def models_split_in_half(data: Data) -> CheckResult:
    """Caveat whatever the set shows: published models keep both halves."""
    halves = sum(not _flow(data, role).cross_attention for role in facts_by_role(data))
    return CheckResult(
        graded(halves > 0, True),
        f"{halves} of {len(facts_by_role(data))} models here have no second part",
        "Many do, but not all: T5 (Raffel et al. 2020), for one, keeps encoder and decoder.",
    )


def bert_uses_encoder_stack(data: Data) -> CheckResult:
    """Holds if the set's encoder is of BERT's architecture and has one attention block a layer that sees everything."""
    fact, flow = facts_by_role(data)["encoder"], _flow(data, "encoder")
    if fact.architecture != "BERT":
        return not_computed("no encoder of BERT's architecture", "The set's encoder is built otherwise.")
    good = flow.attention_blocks == flow.layers and not flow.cross_attention and _sees_all(flow)
    reason = f"Settled by its paper (Devlin 2019). {fact.name} has BERT's architecture."
    return CheckResult(graded(good, False), "as its paper says", reason, f"{fact.name}: {_blocks(flow)}, and no mask")


def gpt_uses_decoder_stack(data: Data) -> CheckResult:
    """Caveat if the decoder has no cross-attention: then something of the original stack is gone."""
    flow = _flow(data, "decoder")
    return CheckResult(
        graded(_sees_later(flow) == 0, not flow.cross_attention),
        named(data, "decoder", _blocks(flow)),
        "A decoder layer of 2017 had a second attention block, over the source text; with no source, it was dropped."
        if not flow.cross_attention
        else "The decoder has all that the original had.",
    )


def reacts_to_past_only(data: Data) -> CheckResult:
    """Holds if not one earlier position moved."""
    flow = _flow(data, "decoder")
    later = _sees_later(flow)
    return CheckResult(
        graded(later == 0, False),
        named(data, "decoder", f"{later} earlier vectors moved"),
        "Before the replaced token every vector kept every bit." if later == 0 else "Some earlier vectors moved.",
    )


def architecture_determines_tasks(data: Data) -> CheckResult:
    return _settled(
        "does not hold",
        "counter-examples published",
        "A decoder tuned on pairs of texts is a strong text encoder (Wang et al. 2024; seven billion parameters): training and size "
        "decide too.",
    )


def goes_back(data: Data) -> CheckResult:
    """Caveat: all positions at once, layer by layer; there is no first and second reading."""
    flow = _flow(data, "encoder")
    return CheckResult(
        graded(_sees_all(flow), True),
        named(data, "encoder", f"{flow.layers} layers, one pass"),
        "All words do matter for each word, but nothing is read first and revisited later: all positions go through the layers together.",
    )


def deeper_understanding(data: Data) -> CheckResult:
    return not_computed("no measure of understanding", "No two models here differ in their reading alone; nobody tested understanding.")


# --- architecture ------------------------------------------------------------------------------------------------------------


def attention_is_the_difference(data: Data) -> CheckResult:
    """Caveat if the blocks are of one kind: then it is the mask, and the game, that differ."""
    flows = [_flow(data, role) for role in facts_by_role(data)]
    one_kind = all(flow.attention_blocks == flow.layers for flow in flows)
    differs = len({_sees_later(flow) == 0 for flow in flows}) > 1
    return CheckResult(
        graded(differs, one_kind),
        each(data, lambda role: _blocks(_flow(data, role))),
        "Both stack one attention block a layer, with another mask; the training game differs as well.",
    )


def every_token_sees_every_other(data: Data) -> CheckResult:
    """Holds if every pair of different positions has influence in the encoder."""
    flow = _flow(data, "encoder")
    n = len(flow.tokens)
    other = sum(flow.changes[a][b] > 0 for a in range(n) for b in range(n) if a != b)
    return CheckResult(
        graded(other == n * (n - 1), False),
        named(data, "encoder", f"{other} of {n * (n - 1)} pairs of different tokens"),
        "Whichever token is replaced, all others notice, directly or by way of others. That nothing is masked is as its paper says."
        if other == n * (n - 1)
        else "Some tokens have no influence on some others.",
    )


def captures_context(data: Data) -> CheckResult:
    """Caveat: influence is not capture, and inputs end somewhere."""
    flow, longest = _flow(data, "encoder"), facts_by_role(data)["encoder"].max_positions
    limit = f", in inputs of up to {longest:,} tokens" if longest else ""
    return CheckResult(
        graded(_sees_all(flow), True),
        named(data, "encoder", f"{_cells(flow)} with influence{limit}"),
        "Every word can have influence on every other; that the context is captured does not follow from that.",
    )


def only_previous_tokens(data: Data) -> CheckResult:
    """Holds if later tokens have no influence and tokens give themselves no attention; caveat if they do.

    A token's own vector says nothing here: it is carried past the attention, and would move in any case.
    """
    later = _sees_later(_flow(data, "decoder"))
    maps = of_role(data["attention_maps"].by_model, "decoder")
    weights = dequantise(unpack(maps.weights), 0, 1)  # [layer, head, query, key]
    places = weights.shape[-1]
    own = sum(bool(weights[:, :, n, n].max() > 0) for n in range(1, places))
    return CheckResult(
        graded(later == 0, own > 0),
        named(data, "decoder", f"later tokens with influence: {later}; weight on the token itself at {own} of {places - 1} later places"),
        "No later token has influence, but tokens put weight on themselves, too; the first has nothing else to look at."
        if own
        else "Later tokens have no influence, and no token puts weight on itself.",
    )


def ideal_for_generation(data: Data) -> CheckResult:
    return not_computed("no other way of generating", "No other way to generate, trained as well, is here to compare with.")


def less_globally_aware(data: Data) -> CheckResult:
    """Holds if a smaller share of pairs has influence in the decoder."""
    shares = {role: _seen(_flow(data, role)) / _pairs(_flow(data, role)) for role in facts_by_role(data)}
    less = shares["decoder"] < shares["encoder"]
    return CheckResult(
        graded(less, False),
        each(data, lambda role: percent(shares[role])),
        "Of all pairs of positions, a smaller share has influence in the decoder." if less else "The decoder sees as much.",
    )


def fluent_coherent(data: Data) -> CheckResult:
    written = [c for c in data["continuations"].continuations if not c.chat]
    means = {t: [c.bits_per_token for c in written if c.temperature == t] for t in sorted({c.temperature for c in written})}
    name = facts_by_role(data)["decoder"].name
    said = listed(f"{fixed(sum(values) / len(values), 1)} at temperature {fixed(t, 1)}" for t, values in means.items())
    return not_computed(
        "no readers were asked",
        "Whether a text is fluent is for readers to say; the lesson shows what was written.",
        f"Bits a token of the texts that {name} wrote: {said}",
    )


# --- more on BERT --------------------------------------------------------------------------------------------------------------


def cls_is_start(data: Data) -> CheckResult:
    """Caveat if the source's two sentences get fewer than two."""
    pair = _source_pair(data)
    if pair is None:
        return _missing("pair of sentences")
    starts = _raw(pair).count("[CLS]")
    return CheckResult(
        graded(_raw(pair)[0] == "[CLS]", starts < 2),
        f"{starts} for two sentences",
        "It opens every input, not every sentence.",
    )


def sep_marks_boundaries(data: Data) -> CheckResult:
    """Caveat if the same sentences as one text have no [SEP] between them."""
    pair, one = _source_pair(data), _input(data, "The cat sat on the mat. It then went to sleep.", None)
    if pair is None or one is None:
        return _missing("such pair of inputs")
    as_pair, as_text = _raw(pair).count("[SEP]"), _raw(one).count("[SEP]")
    return CheckResult(
        graded(as_pair == 2, as_text < 2),
        f"{as_pair} as a pair, {as_text} as one text",
        "It closes each of the texts that the caller hands over; the tokenizer does not look for sentences.",
    )


def mask_token(data: Data) -> CheckResult:
    """Caveat if some selected tokens are not covered."""
    counted = data["masking_draws"].counts[-1]
    share = counted.masked / counted.selected if counted.selected else 0.0
    return CheckResult(
        graded(share > 0, share < 1),
        f"{percent(share)} of the selected tokens",
        "It covers a token, which need not be a word, and not every token that the model is asked for.",
    )


def unk_token(data: Data) -> CheckResult:
    """Caveat if words that are not in the vocabulary are cut into pieces instead."""
    inputs = data["encoder_inputs"].inputs
    pieces = max(sum(raw.startswith("##") for raw in _raw(entry)) for entry in inputs)
    unknown = sum(_raw(entry).count("[UNK]") for entry in inputs)
    return CheckResult(
        graded(unknown > 0, pieces > 0),
        f"{unknown} in {len(inputs)} texts, rare words in pieces",
        "Words that are not in the vocabulary are cut into pieces that are; [UNK] is left for signs that have none.",
    )


def source_example_tokens(data: Data) -> CheckResult:
    """Holds if the tokens are exactly the source's; caveat if they differ in capitals alone."""
    pair = _source_pair(data)
    if pair is None:
        return _missing("pair of sentences")
    real, lower = _raw(pair), [raw if raw.startswith("[") else raw.lower() for raw in SOURCE_TOKENS]
    stops = real.count(".")
    return CheckResult(
        graded(real in (SOURCE_TOKENS, lower), real != SOURCE_TOKENS),
        " ".join(real),
        f"The tokenizer turns capitals into small letters and keeps the full stops ({stops} of them)."
        if stops
        else "The tokens are those of the source, but for capitals.",
    )


def positions_learned(data: Data) -> CheckResult:
    fact = facts_by_role(data)["encoder"]
    table = fact.architecture == "BERT" and fact.positions == "learned table" and fact.max_positions
    said = f"{fact.name}: a table of {fact.max_positions:,} rows" if table else None
    reason = "So says the paper (Devlin et al. 2019)."
    if real_bert(data) and said:
        return _settled("holds", said, f"{reason} The model's file holds the table.")
    return CheckResult("holds", "as published", reason, said)


def segment_ids(data: Data) -> CheckResult:
    """Holds if the ids are 0 up to the first [SEP] and 1 after it."""
    pair = _source_pair(data)
    if pair is None:
        return _missing("pair of sentences")
    first = _raw(pair).index("[SEP]") + 1
    right = pair.segments == [0] * first + [1] * (len(pair.tokens) - first)
    zeros, ones = pair.segments.count(0), pair.segments.count(1)
    return CheckResult(
        graded(right, False),
        f"{zeros} tokens with 0, {ones} with 1",
        "[CLS] and the first [SEP] count with the first text, the last [SEP] with the second.",
    )


def segments_learned(data: Data) -> CheckResult:
    return _settled("holds", "as published", "So says the paper (Devlin et al. 2019), section 3.")


# --- the games of BERT ----------------------------------------------------------------------------------------------------------


def unsupervised_tasks(data: Data) -> CheckResult:
    return _settled(
        "holds with a caveat",
        "as published",
        "The paper calls both unsupervised. Both have right answers, taken from the text, which is now called self-supervised.",
    )


def mlm_masks_and_predicts(data: Data) -> CheckResult:
    """Holds if tokens were selected and most of them covered."""
    counted = data["masking_draws"].counts[-1]
    return CheckResult(
        graded(counted.masked > 0, False),
        f"{counted.masked:,} of {counted.tokens:,} tokens masked",
        "So says the paper (Devlin et al. 2019, section 3.1). The collator of transformers, counted here, does the same.",
    )


def mlm_fox(data: Data) -> CheckResult:
    """Holds if "fox" is the first prediction; caveat if it is among the five."""
    heads = data["pretraining_heads"]
    example = next((e for e in heads.masks if e.text == FOX), None)
    if not heads.mask_head or example is None:
        published = heads.masks[0]
        best = listed(f"{p.text} {fixed(p.probability, 3)}" for p in published.predictions[:2])
        return not_computed(
            "no head for masked words",
            f"{facts_by_role(data)['encoder'].name}, as used here, has no part that names tokens.",
            f"Published for {heads.model}, {quoted(published.text)}: {best}",
        )
    words = [p.text for p in example.predictions]
    return CheckResult(
        graded("fox" in words, words[0] != "fox"),
        listed(f"{p.text} {fixed(p.probability, 3)}" for p in example.predictions[:3]),
        f"{heads.model} was asked.",
    )


def nsp_logically_follows(data: Data) -> CheckResult:
    return _settled(
        "holds with a caveat",
        "as published",
        "The label says whether the second text came next in the document; a random one may follow logically, and a real one may not.",
    )


def nsp_source_pairs(data: Data) -> CheckResult:
    """Holds if the head says less than half to the first pair and more to the second."""
    heads = data["pretraining_heads"]
    sunny, purring = (pair.is_next for pair in heads.pairs[:2])
    if not heads.pair_head or sunny is None or purring is None:
        reason = f"{facts_by_role(data)['encoder'].name}, as used here, has no part that judges pairs; the lesson lets the reader judge."
        return not_computed("no head for pairs", reason)
    return CheckResult(
        graded(purring > 0.5, sunny > 0.5) if purring > sunny else "does not hold",
        f"sunny day {percent(sunny)}, purring {percent(purring)}",
        f"The probability of “is next” that {heads.model} gives.",
    )


def fifteen_percent(data: Data) -> CheckResult:
    """Caveat if 15% are selected, but fewer masked."""
    drawn = data["masking_draws"]
    counted = drawn.counts[-1]
    selected, masked = counted.selected / counted.tokens, counted.masked / counted.tokens
    near = abs(selected - drawn.probability) < SHARE_TOLERANCE
    return CheckResult(
        graded(near, masked < selected),
        f"{percent(selected)} selected, {percent(masked)} masked",
        "15% are selected: on average in transformers' collator, counted here; always the same number in BERT's own program, "
        f"{drawn.original_rule} in our text of {len(drawn.tokens)} tokens. Fewer are masked.",
    )


def eighty_ten_ten(data: Data) -> CheckResult:
    """Holds if all three shares are within a percentage point of the nominal ones."""
    drawn = data["masking_draws"]
    counted = drawn.counts[-1]
    shares = [count / counted.selected for count in (counted.masked, counted.random, counted.kept)]
    near = all(abs(share - nominal) < SHARE_TOLERANCE for share, nominal in zip(shares, (0.8, 0.1, 0.1), strict=True))
    return CheckResult(
        graded(near, False),
        ", ".join(f"{fixed(share * 100, 1)}%" for share in shares),
        f"So says the paper (Devlin et al. 2019). Counted over {counted.draws:,} draws of transformers' collator, which copies the recipe.",
    )


def random_word(data: Data) -> CheckResult:
    """Caveat if pieces or unused entries are among what is drawn from."""
    counts = next(c for c in data["vocabulary_statistics"].tokenizers if c.tokenizer == "bert")
    no_word = (counts.continuation_pieces + counts.unused) / counts.size
    return CheckResult(
        graded(True, no_word > 0),
        f"{percent(no_word)} of the vocabulary are pieces or unused entries",
        "Any entry of the vocabulary can be drawn, and with the same chance.",
    )


def mask_mix_reason(data: Data) -> CheckResult:
    return _settled(
        "does not hold",
        "another reason is published",
        "The paper's reason is that [MASK] never occurs in fine-tuning; part of the selected tokens are shown otherwise so that the "
        "model keeps a useful vector for every token (Devlin et al. 2019, section 3.1 and A.1).",
    )


def predict_all_selected(data: Data) -> CheckResult:
    """Holds if all selected tokens, whatever was done to them, are counted as asked for."""
    counted = data["masking_draws"].counts[-1]
    whole = min(counted.masked, counted.random, counted.kept) > 0 and counted.masked + counted.random + counted.kept == counted.selected
    return CheckResult(
        graded(whole, False),
        f"{counted.selected:,} asked for: {counted.masked:,} masked, {counted.random:,} random, {counted.kept:,} kept",
        "So says the paper (Devlin et al. 2019). The collator of transformers, counted here, asks for them, too.",
    )


def mix_essential(data: Data) -> CheckResult:
    return _settled(
        "holds with a caveat",
        "later experiments published",
        "It worked, but with [MASK] alone tuned models did nearly as well (Devlin et al. 2019, appendix C.2), and 15% is not best for all "
        "(Wettig et al. 2023).",
    )


def nsp_teaches_relations(data: Data) -> CheckResult:
    return _settled(
        "holds with a caveat",
        "later experiments published",
        "That was the aim; but RoBERTa did no worse without it (Liu et al. 2019), and ALBERT's authors hold that it mostly tests topic "
        "(Lan et al. 2020).",
    )


def nsp_half_half(data: Data) -> CheckResult:
    return _settled(
        "holds with a caveat",
        "as published",
        "The paper says 50%. BERT's own program takes a random text also when a document has nothing left, so that random pairs are "
        "somewhat more than half.",
    )


def nsp_labels(data: Data) -> CheckResult:
    return _settled("holds with a caveat", "IsNext, NotNext", "So the paper calls them; the source's line 48 has another name.")


def nsp_input_format(data: Data) -> CheckResult:
    """Holds if the tokens are exactly the source's; caveat if they differ in capitals alone."""
    pair = _input(data, "I went to the store", "They were out of milk")
    if pair is None:
        return _missing("such pair")
    real = _raw(pair)
    same = [raw if raw.startswith("[") else raw.lower() for raw in SOURCE_PAIR_TOKENS]
    return CheckResult(
        graded(real in (SOURCE_PAIR_TOKENS, same), real != SOURCE_PAIR_TOKENS),
        " ".join(real),
        "The format is right; the uncased tokenizer writes small letters.",
    )


def cls_classifies_nsp(data: Data) -> CheckResult:
    return _settled(
        "holds with a caveat",
        "as published",
        "Its last vector goes through one more layer, the pooler, before the classifier (Devlin et al. 2019 and their program).",
    )


# --- GPT ------------------------------------------------------------------------------------------------------------------------


def clm_objective(data: Data) -> CheckResult:
    """Holds if all earlier tokens and no later one have influence in the decoder."""
    flow = _flow(data, "decoder")
    good = _sees_all_earlier(flow) and _sees_later(flow) == 0
    return CheckResult(
        graded(good, False),
        named(data, "decoder", f"{_cells(flow)} with influence"),
        "At every position the model gives a distribution that depends on all earlier tokens and on no later one."
        if good
        else "In this model the expectations do not depend on just the earlier tokens.",
    )


def chain_rule(data: Data) -> CheckResult:
    """Holds if the bits add up; caveat if a start token is needed."""
    exported = data["next_token_steps"]
    texts = exported.texts
    off = max(abs(-sum(math.log2(step.probability) for step in text.steps) - text.total_bits) for text in texts)
    return CheckResult(
        graded(off < BITS_TOLERANCE, exported.start is not None),
        named(data, "decoder", f"{fixed(texts[0].total_bits, 1)} bits for {quoted(texts[0].text)}"),
        "It is true of any probabilities. For the first token something must stand before the text; here it is the sign between documents."
        if exported.start
        else "It is true of any probabilities.",
    )


def _after(data: Data, context: str) -> NextWords | None:
    start = data["next_token_steps"].start
    return next((c for c in data["next_word_chances"].by_context if (c.context, c.start) == (context, start)), None)


def _word(entry: NextWords, word: str) -> Any:
    return next(w for w in entry.words if w.word == word)


def mat_likely(data: Data) -> CheckResult:
    """Holds if mat has 1% or more and beats laptop; what comes after one more word stands beside it."""
    on, the = _after(data, "The cat sat on"), _after(data, "The cat sat on the")
    if on is None or the is None:
        return _missing("such beginning")

    def good(entry: NextWords) -> bool:
        return _word(entry, "mat").probability >= max(HIGH_PROBABILITY, _word(entry, "laptop").probability)

    def said(entry: NextWords) -> str:
        return listed(f"{word} {_chance(_word(entry, word).probability)}" for word in ("mat", "laptop"))

    name = facts_by_role(data)["decoder"].name
    likelier = _word(on, "mat").probability > _word(on, "laptop").probability
    order = "mat is the likelier of the two, but" if likelier else "mat is not even the likelier of the two, and"
    return CheckResult(
        graded(good(on), False),
        named(data, "decoder", f"{said(on)}; after “… on the”: {said(the)}"),
        "As the source says." if good(on) else f"In {name}, right after “on”, {order} neither is likely: an article comes first."
        if good(the)
        else f"In {name}, right after “on”, {order} neither is likely.",
    )


def _chance(probability: float) -> str:
    return percent(probability) if probability >= HIGH_PROBABILITY else f"1 in {round(1 / probability):,}"


# --- the takeaway ---------------------------------------------------------------------------------------------------------------


def takeaway_read_write(data: Data) -> CheckResult:
    return _settled(
        "does not hold",
        "counter-examples published",
        "A decoder tuned for it is among the best text encoders (Wang et al. 2024): a fair guess, no rule.",
    )


def takeaway_choose(data: Data) -> CheckResult:
    return _settled(
        "holds with a caveat",
        "as a first guess",
        "It fits how such models are mostly trained and used; size, data and tuning can outweigh the mask (Wang et al. 2024).",
    )
