"""The checks behind the claims of where_words_meet.toml: each takes a set's exported data and returns a verdict, a number and a reason.

What follows from an architecture, or from what a model's authors published, is settled without the model, and the reason says so.
A claim about a model that the set does not hold is otherwise not computed, with an analogue where one helps.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from artefacts.packing import dequantise, unpack
from artefacts.schemas.attention import AttentionOfModel, ChangedWordsOfModel
from artefacts.schemas.exchanges import AgreementOfModel
from artefacts.schemas.positions import OrderCondition
from charts.reading import fixed, listed, of_role, percent
from sitegen.checking import Data, each, facts_by_role, graded, not_computed, plain, real_bert, real_gpt2
from sitegen.verdicts import CheckResult

# --- thresholds ------------------------------------------------------------------------------------------------------------

SAME = 1e-4  # relative difference of states below which they are the same: rounding of 32-bit numbers
DIFFERENT = 0.01  # a mean cosine must fall this far below 1 for the vectors to be different
STANDS_OUT = 1.5  # a cell stands out if it has so many times the mean weight of its column in the other rows
AGREES = 0.8  # mean rank correlation, or share of cases, from which one measure shows what another does
FAR_FROM_MEAN = 0.1  # heads differ from their mean if a weight is off by more than this on average of the largest
BERT_BASE_PARAMETERS = 110_000_000  # Devlin et al. 2019, section 3



# --- finding things in the data --------------------------------------------------------------------------------------------


def _condition(data: Data, role: str, positions: bool, mask: bool) -> OrderCondition:
    entry = of_role(data["word_order"].by_model, role)
    return next(c for c in entry.conditions if (c.positions, c.mask) == (positions, mask))


def _recipe(data: Data, role: str) -> Any:
    return of_role(data["position_marks"].recipes, role)


def _recipe_text(data: Data, role: str) -> str:
    recipe = _recipe(data, role)
    if recipe.rotary:
        return "nothing is added, queries and keys are rotated"
    return " + ".join(part.part for part in recipe.parts if part.part in ("token", "position", "segment"))


def _changed(data: Data, role: str) -> ChangedWordsOfModel:
    return of_role(data["changed_words"].by_model, role)


def _movement_of_bank(data: Data, role: str) -> float:
    """Of the last state, mean over replacements."""
    entry = _changed(data, role)
    return float(np.mean([r.movement[-1][entry.bank] for r in entry.replacements]))


def _attention(data: Data, role: str) -> tuple[AttentionOfModel, np.ndarray]:
    entry = of_role(data["attention_maps"].by_model, role)
    return entry, dequantise(unpack(entry.weights), 0, 1)


def _cell(data: Data) -> tuple[float, float]:
    """The encoder's weight of "bank" on "river", last layer, mean of heads; and the mean of that column in the other rows."""
    entry, weights = _attention(data, "encoder")
    changed = _changed(data, "encoder")
    square = weights[-1].mean(axis=0)
    others = [q for q in range(len(entry.tokens)) if q not in (changed.bank, changed.changed)]
    return float(square[changed.bank, changed.changed]), float(square[others, changed.changed].mean())


def _agreement(data: Data, role: str) -> AgreementOfModel | None:
    return next((found for found in data["word_exchanges"].agreement if found.role == role), None)


def _contexts(data: Data, role: str) -> Any:
    return of_role(data["bank_contexts"].by_model, role)


# --- source 3, in its order ------------------------------------------------------------------------------------------------


def static_one_vector(data: Data) -> CheckResult:
    def text(role: str) -> str:
        added = any(part.part == "position" for part in _recipe(data, role).parts)
        cosine = fixed(_contexts(data, role).layers[0].across)
        return (
            f"mean cosine of “bank” across meanings before the first layer, {'positions included' if added else 'nothing added'}: {cosine}"
        )

    reason = "A table of static vectors has one row for a word, whatever stands beside it: true by construction."
    return CheckResult("holds", "one row a word", reason, each(data, text))


def contextual_vector_changes(data: Data) -> CheckResult:
    last = {role: _contexts(data, role).layers[-1].across for role in facts_by_role(data)}
    blind = all(r.unmoved[_changed(data, "decoder").bank] for r in _changed(data, "decoder").replacements)
    return CheckResult(
        graded(all(value < 1 - DIFFERENT for value in last.values()), blind),
        each(data, lambda role: f"last layer, “bank” of different meanings: mean cosine {fixed(last[role])}"),
        "The vector of one word differs from sentence to sentence"
        + (", but a decoder's depends only on the tokens before it." if blind else "."),
    )


def every_block_gives_contextual_vectors(data: Data) -> CheckResult:
    lowest = {role: min(1 - layer.across for layer in _contexts(data, role).layers[1:]) for role in facts_by_role(data)}
    return CheckResult(
        graded(all(value > 0 for value in lowest.values()), True),
        each(data, lambda role: f"from block 1 on, at least {fixed(lowest[role], 4)} below a cosine of 1"),
        "Each block changes every vector, but a decoder's first token sees nothing but itself, so its vectors hold no context.",
    )


def bert_and_gpt2_are_contextual(data: Data) -> CheckResult:
    own = real_gpt2(data) is not None and real_bert(data)
    value = each(data, lambda role: f"mean cosine {fixed(_contexts(data, role).layers[-1].across)} across meanings in the last layer")
    if own:
        return CheckResult("holds", value, "The vectors of one word differ between sentences in both models.")
    return CheckResult(
        "holds",
        "Settled by a published measurement",
        "Ethayarajh (2019) measured it in BERT, ELMo and GPT-2: in all layers a word's vectors differ from context to context.",
        value,
    )


def permutation_invariant(data: Data) -> CheckResult:
    encoder, decoder = (_condition(data, role, False, True).difference[-1] for role in ("encoder", "decoder"))
    names = {role: fact.name for role, fact in facts_by_role(data).items()}
    value = (
        f"states that go with their tokens differ by {plain(encoder)} of their length in {names['encoder']} and by "
        f"{plain(decoder)} in {names['decoder']}"
    )
    if encoder < SAME:
        reason = "An encoder is equivariant: outputs are not the same but change places with the tokens."
    else:
        reason = "Even the encoder's states change."
    if decoder >= SAME:
        reason += " A decoder is not even that, because its mask tells which tokens come before (Haviv 2022)."
    return CheckResult("does not hold", value, reason)


def position_vector_is_added(data: Data) -> CheckResult:
    recipes = {role: _recipe(data, role) for role in facts_by_role(data)}
    rotary = any(recipe.rotary for recipe in recipes.values())
    more = any({"segment", "normalised"} & {part.part for part in recipe.parts} for recipe in recipes.values())

    return CheckResult(
        graded(any("position" in {part.part for part in recipe.parts} for recipe in recipes.values()), rotary or more),
        each(data, lambda role: _recipe_text(data, role)),
        "So it is in the first Transformer, in BERT and in GPT-2; BERT adds a segment vector and normalises, and models with "
        "rotary positions add nothing and rotate queries and keys inside attention.",
    )


def final_is_token_plus_position(data: Data) -> CheckResult:
    decoder = _recipe(data, "decoder")
    if real_gpt2(data) is not None:
        parts = [part.part for part in decoder.parts]
        norms = ", ".join(f"{part.part} {fixed(part.mean_norm)}" for part in decoder.parts)
        return CheckResult(
            graded(parts == ["token", "position", "sum"], False), f"mean lengths: {norms}", "GPT-2 adds the two and nothing else."
        )
    return CheckResult(
        "holds",
        "Settled by GPT-2's architecture",
        "GPT-2 adds the rows of two tables and nothing else before its first block.",
        each(data, lambda role: _recipe_text(data, role)),
    )


def sum_carries_identity_and_position(data: Data) -> CheckResult:
    parts = {role: {part.part: part.mean_norm for part in _recipe(data, role).parts} for role in facts_by_role(data)}
    return not_computed(
        "no probe was trained",
        "Reading both from a sum can be tested with probes and controls, which nobody did here or in the source.",
        each(
            data,
            lambda role: (
                f"lengths: token {fixed(parts[role]['token'])}, position {fixed(parts[role]['position'])}"
                if "position" in parts[role]
                else None
            ),
        )
        or None,
    )


def gpt2_position_matrix(data: Data) -> CheckResult:
    if real_gpt2(data) is not None:
        table = next(s for s in data["position_marks"].schemes if s.kind == "learned" and s.role == "decoder")
        shape = f"{table.positions:,} × {table.dims}"
        return CheckResult(graded(table.dims == 768, False), shape, "The table is a parameter of the model.")
    encoder = next((s for s in data["position_marks"].schemes if s.kind == "learned"), None)
    return CheckResult(
        "holds",
        "1,024 × 768, by its published sizes",
        "GPT-2 reads at most 1,024 tokens of width 768, and its positions are a learned table.",
        None if encoder is None else f"{encoder.name}: {encoder.positions:,} × {encoder.dims}",
    )


def sinusoidal_is_fixed(data: Data) -> CheckResult:
    scheme = next(s for s in data["position_marks"].schemes if s.kind == "sinusoidal")
    return CheckResult(
        "holds with a caveat",
        f"computed from the formula: likeness {fixed(scheme.similarity[1])} at distance 1",
        "It did, but its authors tried a learned table as well and found nearly the same results (Vaswani 2017, section 3.5).",
    )


def sentence_embedding_is_one_vector(data: Data) -> CheckResult:
    entry = _contexts(data, "encoder")
    name = facts_by_role(data)["encoder"].name
    return CheckResult(
        graded(True, entry.sentences_within <= entry.sentences_across),
        f"{name}: mean cosine {fixed(entry.sentences_within)} for sentences about one kind of bank, "
        f"{fixed(entry.sentences_across)} for different kinds",
        "The mean of the last vectors is such a vector"
        + (
            ", and here it tells the kinds apart."
            if entry.sentences_within > entry.sentences_across
            else ", but here it does not tell the kinds apart."
        ),
    )


def image_patches(data: Data) -> CheckResult:
    here = next((model for model in data["patches_and_residues"].by_model if model.unit == "patch"), None)
    return CheckResult(
        "holds",
        "16 × 16 pixels in ViT-B/16: 196 patches of a 224 × 224 image",
        "Settled by the paper (Dosovitskiy 2021); "
        + (f"{here.name} here makes {here.units} patches of a picture." if here else "no such model was at hand for this set."),
    )


def protein_residues(data: Data) -> CheckResult:
    return CheckResult(
        "holds with a caveat",
        "ESMFold: one vector a residue; AlphaFold2: also one for every pair of residues",
        "Settled by the papers: ESMFold takes the vectors of the language model ESM-2 (Lin 2023), AlphaFold2 builds representations of an "
        "alignment of related sequences and of pairs of residues (Jumper 2021).",
    )


def embedding_is_first_stage(data: Data) -> CheckResult:
    return CheckResult(
        "holds",
        each(data, lambda role: f"{len(_contexts(data, role).layers) - 1} blocks after the look-up"),
        "By construction; what is looked up knows no context, and what the blocks put out does.",
    )


def tokenisation_gives_ids(data: Data) -> CheckResult:
    return CheckResult(
        "holds",
        each(data, lambda role: f"{len(of_role(data['attention_maps'].by_model, role).tokens)} ids for the lesson's sentence"),
        "By construction: an id is the number of a row.",
    )


def attention_updates_every_token(data: Data) -> CheckResult:
    entries = {role: of_role(data["block_updates"].by_model, role) for role in facts_by_role(data)}
    longer = {role: sum(layer.mlp > layer.attention for layer in entry.layers) for role, entry in entries.items()}
    return CheckResult(
        "holds with a caveat",
        each(data, lambda role: f"in {longer[role]} of {len(entries[role].layers)} blocks the MLP adds more to “bank” than attention does"),
        "Every token is updated, but by two parts: attention brings in context, and the MLP, which sees no other token, adds its "
        "own; a decoder's first token has no context to take in.",
    )


def curricula_milestone(data: Data) -> CheckResult:
    return not_computed("it is about courses", "A statement about courses, which models cannot settle.")


# --- source 2, in its order ------------------------------------------------------------------------------------------------


def weights_show_influence(data: Data) -> CheckResult:
    value = {role: found.attention for role in facts_by_role(data) if (found := _agreement(data, role))}
    if not value:
        return not_computed("too few words", "Too few words of the sentences are one token for a rank correlation.")
    names = {role: fact.name for role, fact in facts_by_role(data).items()}
    together = [names[role] for role, rho in value.items() if rho.low > 0]
    against = [names[role] for role, rho in value.items() if rho.high < 0]
    neither = [names[role] for role, rho in value.items() if rho.low <= 0 <= rho.high]
    alike = all(rho.mean >= AGREES for rho in value.values())
    return CheckResult(
        graded(bool(together), not alike),
        each(
            data,
            lambda role: (
                f"mean rank correlation with the experiment {fixed(value[role].mean)} (95%: {fixed(value[role].low)} to "
                f"{fixed(value[role].high)})"
                if role in value
                else None
            ),
        ),
        "Weights say from where a head reads, in one layer. Which word changes another's vector when it is exchanged is another question."
        + (f" In {listed(together)} the two answers {'agree' if alike else 'agree in part'}." if together else "")
        + (f" In {listed(against)} they go against each other." if against else "")
        + (f" In {listed(neither)} the one does not foretell the other." if neither else ""),
    )


def weights_show_disambiguation(data: Data) -> CheckResult:
    return CheckResult(
        "does not hold",
        "by the literature",
        "Weights alone do not show it: in models of an older kind, other weights can give the same output (Jain & Wallace 2019), and "
        "whether they explain anything needs controls (Wiegreffe & Pinter 2019). Exchanging words shows it.",
    )


def bert_base_is_small(data: Data) -> CheckResult:
    fact = facts_by_role(data)["encoder"]
    is_small = fact.architecture == "BERT" and fact.parameters is not None and fact.parameters < BERT_BASE_PARAMETERS
    return CheckResult(
        "holds with a caveat",
        f"{BERT_BASE_PARAMETERS / 1e6:.0f} million parameters, 12 layers of 12 heads",
        "It is the smaller of the two that its paper describes (Devlin 2019). Much smaller models of its architecture exist."
        + (f" {fact.name} is one, with {fact.parameters / 1e6:.0f} million." if is_small else ""),
    )


def attention_shape(data: Data) -> CheckResult:
    shapes = {role: _attention(data, role)[1].shape for role in facts_by_role(data)}
    return CheckResult(
        graded(all(shape[2] == shape[3] for shape in shapes.values()), False),
        each(data, lambda role: f"{shapes[role][0]} layers of {' × '.join(str(n) for n in shapes[role][1:])}"),
        "One square matrix a head, in every layer.",
    )


def mean_of_heads_is_simple(data: Data) -> CheckResult:
    spread = {}
    for role in facts_by_role(data):
        last = _attention(data, role)[1][-1]
        spread[role] = float(np.abs(last - last.mean(axis=0)).max(axis=(1, 2)).mean())
    return CheckResult(
        graded(True, max(spread.values()) > FAR_FROM_MEAN),
        each(data, lambda role: f"in the last layer a head has a weight that is off its mean by {fixed(spread[role])}, on average"),
        "Simple, at a price: heads do different things, and their mean may be what none of them does."
        if max(spread.values()) > FAR_FROM_MEAN
        else "Here the heads are close to their mean.",
    )


def rows_are_queries(data: Data) -> CheckResult:
    worst = {role: float(np.abs(_attention(data, role)[1].sum(axis=3) - 1).max()) for role in facts_by_role(data)}
    return CheckResult(
        graded(max(worst.values()) < 0.01, False),
        each(data, lambda role: f"rows sum to 1 within {plain(max(worst[role], 1e-4))}"),
        "Each row is one token's weights over what it looks at.",
    )


def bank_river_is_bright(data: Data) -> CheckResult:
    cell, column = _cell(data)
    name = facts_by_role(data)["encoder"].name
    value = f"{percent(cell)} of the attention of “bank”; the other tokens give “river” {percent(column)} on average"
    if not real_bert(data):
        return not_computed(
            "this set does not hold BERT",
            "The source's page does not run its code and shows no number; with BERT itself this site would settle it.",
            f"{name}: {value}",
        )
    entry, _ = _attention(data, "encoder")
    even = 1 / len(entry.tokens)
    return CheckResult(graded(cell > even, cell < STANDS_OUT * column), value, f"An even spread would give every token {percent(even)}.")


def bright_cell_reveals_use(data: Data) -> CheckResult:
    cell, column = _cell(data)
    fact = facts_by_role(data)["encoder"]
    moved = f"exchanging “river” moves “bank” by {percent(_movement_of_bank(data, 'encoder'))} of its length"
    value = f"{fact.name}: “bank” gives “river” {percent(cell)}, the other tokens {percent(column)}; {moved}"
    encoder, decoder = (_agreement(data, role) for role in ("encoder", "decoder"))
    if encoder is None:
        return not_computed("too few words", "Too few words of the sentences are one token.", value)
    most, chance = encoder.brightest_moves_most, percent(encoder.by_chance)
    reason = (
        f"In {encoder.sentences} sentences whose words were exchanged, the brightest word of a token is the one that moves it most in "
        f"{percent(most.mean)} of cases in {fact.name}; one picked at random would be in {chance}."
    )
    misleads = decoder is not None and decoder.brightest_moves_least.low > decoder.by_chance
    if misleads:
        name, least = facts_by_role(data)["decoder"].name, percent(decoder.brightest_moves_least.mean)
        reason += f" In {name} the brightest moves it least in {least}."
    return CheckResult(
        graded(most.low > encoder.by_chance, most.mean < AGREES or misleads or cell < STANDS_OUT * column),
        value,
        reason,
    )


def bidirectional_is_why(data: Data) -> CheckResult:
    moved = {role: _movement_of_bank(data, role) for role in facts_by_role(data)}
    return CheckResult(
        "holds with a caveat",
        "left to right instead of both sides: SQuAD F1 87.9 to 77.8, MRPC 86.5 to 77.5, MNLI 83.9 to 82.1, SST-2 92.6 to 92.1, QNLI 84.9 "
        "to 84.3 (Devlin 2019, table 5)",
        "Its authors trained the same network from left to right, which changed the task of the training, too: the loss is large in two of "
        "five tests, and a layer that reads both ways brings SQuAD back to 84.9. Names were not tested. Since then decoders have been "
        "turned into strong encoders (BehnamGhader 2024).",
        each(data, lambda role: f"exchanging a later word moves “bank” by {percent(moved[role])} of its length"),
    )
