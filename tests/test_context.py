"""Positions, attention and contexts: what was exported is what transformers itself computes with the real models."""

from __future__ import annotations

import itertools
import math
from functools import cache
from typing import Any

import numpy as np
import pytest
import torch
from scipy import stats
from sklearn.linear_model import LinearRegression
from sklearn.metrics.pairwise import cosine_similarity

from artefacts.envelope import read_artefact
from artefacts.packing import unpack
from precompute.context.attention_maps import UNITS
from precompute.context.bank_contexts import nearest_others, units
from precompute.context.block_updates import parts_of_blocks
from precompute.context.changed_words import movement, rollouts
from precompute.context.networks import Reader, position_table, without_positions
from precompute.context.position_marks import cosines_by_lag, sinusoidal_vectors
from precompute.context.sense_tests import gap_scores, nearest_scores, split_test, splits_like
from precompute.context.word_exchanges import kind_effect, rows_of, sentences_of, spread
from precompute.statistics_of import spearman
from precompute.workspace import Workspace
from tests.support import ROOT
from tests.support.explained_sentences import compare_sentence
from tests.support.notebooks import executed, fresh_notebook, outputs_of
from tests.tiny_models import TINY_SET

DATA = ROOT / "content" / "data" / "smollm2-minilm"
ROLES = ("decoder", "encoder")
CLOSE = 1e-5


@cache
def artefact(name: str) -> Any:
    return read_artefact(DATA / f"{name}.json")[1]


def of_role(entries: Any, role: str) -> Any:
    return next(entry for entry in entries if entry.role == role)


@pytest.fixture(scope="module")
def work(real_models) -> Workspace:
    return Workspace(model_set=real_models, data_dir=DATA, words_dir=ROOT / "content" / "words")


def transformers_itself(work: Workspace, role: str, ids: list[int]) -> Any:
    with torch.inference_mode():
        return work.model_set.model(role).network(torch.tensor([ids]), output_attentions=True, output_hidden_states=True)


def ids_of(tokens: list[Any]) -> list[int]:
    return [token.id for token in tokens]


# --- attention ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ROLES)
def test_every_attention_row_is_that_of_transformers(work: Workspace, role: str) -> None:
    maps = artefact("attention_maps")
    entry = of_role(maps.by_model, role)
    theirs = torch.stack(transformers_itself(work, role, ids_of(entry.tokens)).attentions)[:, 0].numpy()
    ours = unpack(entry.weights).astype(np.float64) / UNITS
    assert maps.error_bound <= CLOSE
    assert ours.shape == theirs.shape
    assert np.abs(ours - theirs).max() <= CLOSE  # rounding to 16 bits, and sums of 32 bits on another processor
    assert np.abs(ours.sum(axis=3) - 1).max() <= maps.error_bound * ours.shape[3] + 1e-6
    if role == "decoder":
        assert not ours[:, :, *np.triu_indices(ours.shape[2], k=1)].any()


@pytest.mark.parametrize("name", ["river-bank", "sum", "guitar", "cat-chat"])  # a plain sentence, digits, pairs
def test_every_number_of_the_attention_explorer_is_transformers_own(work: Workspace, name: str) -> None:
    """Weights from far and near, entropy, rollout, queries and keys, and what a changed word changes."""
    sentence = next(one for one in artefact("attention_sentences").sentences if one.name == name)
    compare_sentence(work, sentence, DATA)


def test_attention_from_the_encoders_own_matrices(work: Workspace) -> None:
    """The formula of the lesson, in numpy, against the library: first layer, every head."""
    entry = of_role(artefact("attention_maps").by_model, "encoder")
    network = work.model_set.model("encoder").network
    out = transformers_itself(work, "encoder", ids_of(entry.tokens))
    part, heads = network.encoder.layer[0].attention.self, network.config.num_attention_heads
    with torch.inference_mode():
        q, k = (m(out.hidden_states[0])[0].numpy().astype(np.float64) for m in (part.query, part.key))
    q, k = (m.reshape(len(entry.tokens), heads, -1).transpose(1, 0, 2) for m in (q, k))
    scores = q @ k.transpose(0, 2, 1) / math.sqrt(q.shape[2])
    powers = np.exp(scores - scores.max(axis=2, keepdims=True))
    assert np.abs(powers / powers.sum(axis=2, keepdims=True) - out.attentions[0][0].numpy()).max() < CLOSE


@pytest.mark.parametrize("role", ROLES)
def test_sinks_by_a_plain_loop(work: Workspace, role: str) -> None:
    """Mean weight on the first token in every layer, added up one row at a time."""
    entry = of_role(artefact("attention_sinks").by_model, role)
    reader = Reader(work, role)
    total, number = 0.0, 0
    for sentence in work.words("bank_sentences")["sentences"]:
        ids = reader.ids(sentence["text"])
        attention = torch.stack(transformers_itself(work, role, ids).attentions)[:, 0].numpy().astype(np.float64)
        for query in range(2 if role == "decoder" else 0, len(ids)):
            total, number = total + attention[:, :, query, 0].mean(axis=1), number + 1
    assert np.abs(np.array([layer.first for layer in entry.layers]) - total / number).max() < 1e-4
    for layer in entry.layers:
        assert layer.first + layer.last + layer.itself + layer.previous + layer.rest == pytest.approx(1, abs=1e-3)


def test_rollout_is_the_product_of_half_mixed_layers() -> None:
    rng = np.random.default_rng(0)
    attention = rng.dirichlet(np.ones(4), size=(3, 2, 4))
    mixed = [(layer.mean(axis=0) + np.eye(4)) / 2 for layer in attention]
    assert rollouts(attention)[-1] == pytest.approx(mixed[2] @ mixed[1] @ mixed[0])
    assert rollouts(attention)[-1].sum(axis=1) == pytest.approx(np.ones(4))


# --- the worked step ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mask", ["none", "causal"])
def test_worked_step_is_what_torch_computes(mask: str) -> None:
    step = artefact("attention_step")
    masked = next(s for s in step.steps if s.mask == mask)
    q, k, v, x = (torch.tensor(m, dtype=torch.float64) for m in (step.queries, step.keys, step.values, step.inputs))
    mixed = torch.nn.functional.scaled_dot_product_attention(q[None], k[None], v[None], is_causal=mask == "causal")[0]
    assert torch.allclose(mixed, torch.tensor(masked.mixed, dtype=torch.float64), atol=CLOSE)
    after = x + mixed @ torch.tensor(step.output_matrix, dtype=torch.float64)
    normal = torch.nn.functional.layer_norm(after, after.shape[1:], eps=1e-5)
    assert torch.allclose(normal, torch.tensor(masked.normalised, dtype=torch.float64), atol=CLOSE)
    first, second = (torch.tensor(m, dtype=torch.float64) for m in (step.first_mlp_matrix, step.second_mlp_matrix))
    whole = torch.nn.functional.layer_norm(normal + torch.relu(normal @ first) @ second, after.shape[1:], eps=1e-5)
    assert torch.allclose(whole, torch.tensor(masked.output, dtype=torch.float64), atol=CLOSE)


# --- blocks ------------------------------------------------------------------------------------------------------------------


def test_parts_of_a_block_add_up(work: Workspace) -> None:
    updates = artefact("block_updates")
    assert of_role(updates.by_model, "decoder").largest_gap < 1e-4
    reader = Reader(work, "decoder")
    ids = reader.ids(updates.text)
    out = transformers_itself(work, "decoder", ids)
    entry = of_role(updates.by_model, "decoder")
    for layer, state in zip(entry.layers[:-1], out.hidden_states[1:-1], strict=True):
        assert layer.after == pytest.approx(float(state[0, entry.place].norm()), rel=1e-4)


def test_post_norm_parts_give_the_next_state(work: Workspace) -> None:
    network = work.model_set.model("encoder").network
    ids = Reader(work, "encoder").ids(artefact("block_updates").text)
    for block, part in zip(network.encoder.layer, parts_of_blocks(network, ids), strict=True):
        with torch.inference_mode():
            middle = block.attention.output.LayerNorm(torch.tensor(part["in"] + part["attention"]))
            out = block.output.LayerNorm(middle + torch.tensor(part["mlp"]))
        assert np.abs(out.numpy() - part["out"]).max() < 1e-4


# --- positions ---------------------------------------------------------------------------------------------------------------


def scheme(kind: str) -> Any:
    return next(s for s in artefact("position_marks").schemes if s.kind == kind)


def test_sinusoids_by_the_formula() -> None:
    vectors = sinusoidal_vectors(20, 8)
    for p in range(20):
        for i in range(4):
            angle = p / 10_000 ** (2 * i / 8)
            assert vectors[p, 2 * i : 2 * i + 2] == pytest.approx([math.sin(angle), math.cos(angle)])


def test_learned_table_is_the_models(work: Workspace) -> None:
    table = position_table(work.model_set.model("encoder").network).weight.detach().numpy()
    learned = scheme("learned")
    assert (learned.positions, learned.dims) == table.shape
    theirs = cosine_similarity(table)
    for lag in (1, 16, 100):
        assert learned.similarity[lag] == pytest.approx(np.diagonal(theirs, lag).mean(), abs=1e-4)
    assert learned.norm_first == pytest.approx(np.linalg.norm(table[0]), abs=1e-3)


def test_rotary_likeness_is_what_the_librarys_rotation_leaves(work: Workspace) -> None:
    from transformers.models.llama.modeling_llama import apply_rotary_pos_emb

    network = work.model_set.model("decoder").network
    rotary = scheme("rotary")
    x = torch.ones(1, 1, len(rotary.lags), rotary.dims)
    with torch.inference_mode():
        cosines, sines = network.model.rotary_emb(x, torch.arange(len(rotary.lags))[None])
        turned, _ = apply_rotary_pos_emb(x, x, cosines, sines)
    products = (turned[0, 0] @ turned[0, 0, 0]).numpy() / rotary.dims
    assert np.abs(products - np.array(rotary.similarity)).max() < 1e-4


def test_cosines_by_lag_of_a_circle() -> None:
    angles = np.arange(12) * np.pi / 6
    assert cosines_by_lag(np.stack([np.cos(angles), np.sin(angles)], axis=1), [0, 3, 6]) == pytest.approx([1, 0, -1], abs=1e-4)


def test_what_enters_the_encoder_is_the_sum_normalised(work: Workspace) -> None:
    recipe = of_role(artefact("position_marks").recipes, "encoder")
    network = work.model_set.model("encoder").network
    ids = torch.tensor([Reader(work, "encoder").ids(recipe.text)])
    with torch.inference_mode():
        entering = network.embeddings(ids)[0]
    norms = {part.part: part.mean_norm for part in recipe.parts}
    assert norms["normalised"] == pytest.approx(float(entering.norm(dim=1).mean()), abs=1e-3)
    assert list(norms) == ["token", "position", "segment", "sum", "normalised"]
    assert [part.part for part in of_role(artefact("position_marks").recipes, "decoder").parts] == ["token"]


# --- order -------------------------------------------------------------------------------------------------------------------


def test_an_encoder_without_positions_is_equivariant_and_no_decoder_is(work: Workspace) -> None:
    order = artefact("word_order")
    for role in ROLES:
        entry = of_role(order.by_model, role)
        blind = next(c for c in entry.conditions if not c.positions and c.mask)
        seeing = next(c for c in entry.conditions if c.positions)
        assert seeing.difference[-1] > 0.05
        assert (blind.difference[-1] < 1e-5) == (role == "encoder")
    opened = next(c for c in of_role(order.by_model, "decoder").conditions if not c.mask)
    assert opened.difference[-1] < 1e-4
    assert sorted(ids_of(of_role(order.by_model, "encoder").tokens)) == sorted(ids_of(of_role(order.by_model, "encoder").swapped))


@pytest.mark.parametrize("role", ROLES)
def test_positions_come_back(work: Workspace, role: str) -> None:
    network = work.model_set.model(role).network
    ids = ids_of(of_role(artefact("attention_maps").by_model, role).tokens)
    before = transformers_itself(work, role, ids).hidden_states[-1]
    with without_positions(network):
        without = transformers_itself(work, role, ids).hidden_states[-1]
    assert not torch.allclose(before, without, atol=1e-3)
    assert torch.equal(before, transformers_itself(work, role, ids).hidden_states[-1])


# --- contexts and the experiment ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ROLES)
def test_cosines_of_bank_are_scikit_learns(work: Workspace, role: str) -> None:
    contexts = artefact("bank_contexts")
    entry = of_role(contexts.by_model, role)
    reader, layer = Reader(work, role), entry.layers[len(entry.layers) // 2]
    rows = []
    for occurrence, place in zip(contexts.occurrences, entry.places, strict=True):
        ids = reader.ids(occurrence.text)
        assert reader.token(ids[place]).raw.lstrip("Ġ") == contexts.word and place > 0
        rows.append(transformers_itself(work, role, ids).hidden_states[layer.layer][0, place].numpy())
    theirs = cosine_similarity(np.array(rows, dtype=np.float64))
    assert np.abs(theirs[np.triu_indices(len(rows), k=1)] - np.array(layer.cosines)).max() < 1e-4


def test_a_decoders_earlier_states_stay_the_same_to_the_last_bit(work: Workspace) -> None:
    changed = artefact("changed_words")
    decoder = of_role(changed.by_model, "decoder")
    ids = ids_of(decoder.tokens)
    before = torch.stack(transformers_itself(work, "decoder", ids).hidden_states)[:, 0]
    for replacement in decoder.replacements:
        other = list(ids)
        other[decoder.changed] = Reader(work, "decoder").word_id(replacement.word)
        after = torch.stack(transformers_itself(work, "decoder", other).hidden_states)[:, 0]
        assert torch.equal(before[:, : decoder.changed], after[:, : decoder.changed])
        assert replacement.unmoved == [n < decoder.changed for n in range(len(ids))]
        moved = movement(before.numpy(), after.numpy())
        assert np.abs(moved - np.array(replacement.movement)).max() < 1e-3
    assert not any(any(r.unmoved) for r in of_role(changed.by_model, "encoder").replacements)


def test_influences_are_measured_where_they_can_be(work: Workspace) -> None:
    for entry in artefact("changed_words").by_model:
        for influence in entry.influences:
            assert influence.query not in influence.keys
            assert all(entry.places[key] is not None for key in influence.keys)
            if entry.role == "decoder":
                assert all(key < influence.query for key in influence.keys)
            assert (influence.spearman_attention is None) == (len(influence.keys) < 4)


@pytest.mark.parametrize("role", ROLES)
def test_nearest_bank_by_a_plain_loop_and_none_where_all_are_one(role: str) -> None:
    contexts = artefact("bank_contexts")
    senses = [o.sense for o in contexts.occurrences]
    pairs = list(itertools.combinations(range(len(senses)), 2))
    for layer in of_role(contexts.by_model, role).layers:
        cosine = dict(zip(pairs, layer.cosines, strict=True))
        plain = range(contexts.plain)
        if min(cosine[pair] for pair in itertools.combinations(plain, 2)) == 1:
            assert (role, layer.layer, layer.nearest_same_sense) == ("decoder", 0, None)
            continue
        right = 0
        for i in plain:
            nearest = max((j for j in plain if j != i), key=lambda j: cosine[min(i, j), max(i, j)])
            right += senses[nearest] == senses[i]
        assert abs(right - layer.nearest_same_sense) <= 1  # cosines are rounded in the export: one pair may tie


def test_splits_are_all_and_each_once() -> None:
    assert len(splits_like([*"rrrrmmmmbbbb"])) == math.factorial(12) // (math.factorial(4) ** 3 * 6) == 5775
    found = splits_like([*"aabbb"])
    as_sets = {frozenset(frozenset(np.flatnonzero(row == n)) for n in set(row)) for row in found}
    assert len(found) == len(as_sets) == math.comb(5, 2)
    assert {frozenset({0, 1}), frozenset({2, 3, 4})} == {frozenset(np.flatnonzero(found[0] == n)) for n in (0, 1)}
    assert len(splits_like([*"aabb"])) == 3


def test_split_test_is_scipys_permutation_test() -> None:
    """Every order of six things, the largest of three layers: the same p as from the splits, of which each is many orders."""
    numbers = np.random.default_rng(3)
    vectors = numbers.normal(size=(3, 6, 4)) + np.repeat([[1.0], [0], [0]], 2, axis=0) * 0.7
    vectors /= np.linalg.norm(vectors, axis=2, keepdims=True)
    cosines = vectors @ vectors.transpose(0, 2, 1)
    senses = np.array([0, 0, 1, 1, 2, 2])

    def by_loop(labels: np.ndarray, kind: str) -> float:
        best = []
        for square in cosines:
            if kind == "nearest":
                order = [max((j for j in range(6) if j != i), key=lambda j: square[i, j]) for i in range(6)]
                best.append(sum(labels[j] == labels[i] for i, j in enumerate(order)))
            else:
                same = [square[i, j] for i, j in itertools.combinations(range(6), 2) if labels[i] == labels[j]]
                other = [square[i, j] for i, j in itertools.combinations(range(6), 2) if labels[i] != labels[j]]
                best.append(np.mean(same) - np.mean(other))
        return float(max(best))

    splits = splits_like([*"aabbcc"])
    for kind, scores in (("nearest", nearest_scores), ("gap", gap_scores)):
        ours = split_test(scores(cosines, splits))
        theirs = stats.permutation_test(
            (senses,), lambda labels: by_loop(labels, kind), permutation_type="pairings", n_resamples=np.inf, alternative="greater"  # noqa: B023
        )
        assert ours.observed == pytest.approx(theirs.statistic, abs=1e-4)
        assert ours.p == pytest.approx(theirs.pvalue, abs=1e-5)
        assert ours.expected == pytest.approx(theirs.null_distribution.mean(), abs=1e-4)


def test_one_vector_has_no_nearest() -> None:
    assert nearest_others(np.ones((4, 4))) is None
    assert nearest_others(np.array([[1, 0.2, 0.9], [0.2, 1, 0.1], [0.9, 0.1, 1]])).tolist() == [2, 0, 0]


@pytest.mark.parametrize("role", ROLES)
def test_tokens_beside_bank_stand_in_every_sentence(work: Workspace, role: str) -> None:
    """The gap of each, at its layer, from scikit-learn's cosines of transformers' own states."""
    tests = artefact("sense_tests")
    assert tests.splits == 5775
    reader, entry = Reader(work, role), of_role(tests.by_model, role)
    senses = [o.sense for o in tests.occurrences]
    for found in (entry.word, *entry.others):
        rows = []
        for occurrence in tests.occurrences:
            ids = reader.ids(occurrence.text)
            place = max(n for n, token in enumerate(ids) if token == found.token.id)
            assert place > 0 or role == "encoder"
            rows.append(transformers_itself(work, role, ids).hidden_states[found.gap.layer][0, place].numpy())
        theirs = cosine_similarity(np.array(rows, dtype=np.float64))
        pairs = list(itertools.combinations(range(len(senses)), 2))
        gap = np.mean([theirs[i, j] for i, j in pairs if senses[i] == senses[j]]) - np.mean(
            [theirs[i, j] for i, j in pairs if senses[i] != senses[j]]
        )
        assert found.gap.observed == pytest.approx(gap, abs=2e-4)


def test_spread_is_scipys_interval_of_a_mean() -> None:
    values = np.random.default_rng(1).normal(size=14)
    low, high = stats.ttest_1samp(values, 0).confidence_interval()
    found = spread(values)
    assert (found.mean, found.low, found.high) == pytest.approx((values.mean(), low, high), abs=1e-4)


def test_effect_of_kind_is_a_slope_between_residuals() -> None:
    """Frisch & Waugh: the effect is scipy's slope of what change leaves of movement on what change leaves of kind."""
    numbers = np.random.default_rng(2)
    change, kind = numbers.normal(1.2, 0.1, 39), np.arange(39) < 19
    moved = 0.5 * change - 0.03 * kind + numbers.normal(0, 0.05, 39)
    both = [LinearRegression().fit(change[:, None], y) for y in (moved, kind)]
    left = [y - fit.predict(change[:, None]) for y, fit in zip((moved, kind), both, strict=True)]
    line = stats.linregress(left[1], left[0])
    half = stats.t.ppf(0.975, 36) * line.stderr * math.sqrt(37 / 36)
    found = kind_effect(moved, change, kind)
    assert (found.effect, found.low, found.high) == pytest.approx((line.slope, line.slope - half, line.slope + half), abs=1e-4)
    assert found.slope == pytest.approx(LinearRegression().fit(np.column_stack([change, kind]), moved).coef_[0], abs=1e-4)


def test_waters_and_places_move_what_transformers_says(work: Workspace) -> None:
    """One by one, where the export runs them together."""
    kinds = artefact("word_exchanges").kinds
    ids = ids_of(kinds.tokens)
    before = transformers_itself(work, "encoder", ids).hidden_states
    reader = Reader(work, "encoder")
    for substitute in kinds.substitutes:
        other = list(ids)
        other[kinds.changed] = reader.word_id(substitute.word)
        after = transformers_itself(work, "encoder", other).hidden_states
        for state, ours in ((0, [substitute.change]), (-1, substitute.movement)):
            theirs = ((after[state] - before[state]).norm(dim=2) / before[state].norm(dim=2))[0].numpy()
            assert np.abs((theirs[[kinds.changed]] if state == 0 else theirs) - np.array(ours)).max() < 1e-3


def test_agreement_of_a_sentence_is_scipys(work: Workspace) -> None:
    """The encoder's first sentence, exchanged one word at a time."""
    both = [Reader(work, role) for role in ROLES]
    sentence = sentences_of(both, [s["text"] for s in work.words("bank_sentences")["sentences"]])[0]
    reader = both[1]
    ids = reader.ids(sentence.text)
    out = transformers_itself(work, "encoder", ids)
    weights = out.attentions[-1][0].mean(dim=0).numpy()
    moved = {}
    for place, options in enumerate(sentence.options, start=1):  # one token a word, after [CLS]
        if options:
            found = []
            for word in options:
                other = [*ids[:place], reader.word_id(word.lower()), *ids[place + 1:]]
                after = transformers_itself(work, "encoder", other).hidden_states[-1]
                found.append(((after - out.hidden_states[-1]).norm(dim=2) / out.hidden_states[-1].norm(dim=2))[0].numpy())
            moved[place] = np.mean(found, axis=0)
    rows = rows_of(reader, sentence)
    assert len(rows) == len(ids)
    for query, row in enumerate(rows):
        keys = [place for place in moved if place != query]
        theirs = stats.spearmanr(weights[query, keys], [moved[key][query] for key in keys]).statistic
        assert spearman(row.attention, row.movement) == pytest.approx(theirs, abs=1e-6)
        assert row.movement == pytest.approx([moved[key][query] for key in keys], abs=1e-4)


def test_units_have_length_one() -> None:
    assert np.linalg.norm(units(np.arange(1, 13, dtype=np.float32).reshape(3, 4)), axis=1) == pytest.approx(np.ones(3))


# --- the random set: learned positions in the decoder, no rotation -------------------------------------------------------------


def test_gpt2s_recipe_is_token_plus_position(exported) -> None:
    marks = read_artefact(exported / TINY_SET / "position_marks.json")[1]
    assert [part.part for part in of_role(marks.recipes, "decoder").parts] == ["token", "position", "sum"]
    assert [s.kind for s in marks.schemes] == ["sinusoidal", "learned", "learned"]


def test_order_in_random_models_is_the_architectures(exported) -> None:
    order = read_artefact(exported / TINY_SET / "word_order.json")[1]
    blind = {m.role: next(c for c in m.conditions if not c.positions and c.mask).difference[-1] for m in order.by_model}
    assert blind["encoder"] < 1e-5
    assert blind["decoder"] > 1e-3
    updates = read_artefact(exported / TINY_SET / "block_updates.json")[1]
    assert of_role(updates.by_model, "decoder").largest_gap < 1e-4


# --- the notebook --------------------------------------------------------------------------------------------------------------


def test_notebook_finds_what_the_site_shows(tmp_path) -> None:
    """It runs from top to bottom, agrees with the library, and its heatmap and experiment are the lesson's."""
    printed = "".join(outputs_of(executed(fresh_notebook("where-words-meet"), tmp_path)).values())
    assert printed.count("True") == 2 and "False" not in printed
    encoder = of_role(artefact("changed_words").by_model, "encoder")
    money = next(r for r in encoder.replacements if r.word == "money").movement[-1]
    assert f"    bank {money[encoder.bank]:.2f}" in printed
    maps = of_role(artefact("attention_maps").by_model, "encoder")
    row = unpack(maps.weights)[-1].astype(np.float64).mean(axis=0)[encoder.bank] / UNITS
    assert "    bank " + " ".join(f"{weight:6.2f}" for weight in row) in printed
