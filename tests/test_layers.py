"""Inside the layers: what is captured is what transformers computes, and every score is what rsatoolbox and scikit-learn make of it.

The real models run on two carriers and a few sentences: the same code, in a fraction of the time.
"""

from __future__ import annotations

import math
import re
import shutil
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rsatoolbox
import torch
from scipy.stats import pearsonr
from sklearn.linear_model import LinearRegression
from sklearn.metrics.pairwise import cosine_similarity

from artefacts.envelope import read_artefact
from precompute.context.networks import Reader, readers
from precompute.layers import geometry, layer_map, layer_selectivity, map_corner, queries_keys_values
from precompute.layers.capture import Capture, capture
from precompute.layers.many_layers import cosine_scores, d_of_r, kernel_scores, largest_cells, shuffled
from precompute.layers.reference_frame import TREATMENTS, contributions, frames, kin
from precompute.layers.words_in_carriers import (
    SLOT,
    Parts,
    carriers,
    compared,
    decoder_parts,
    layer_vectors,
    reference_states,
)
from precompute.models import open_set
from precompute.rsa.cka import debiased_cka, linear_cka
from precompute.rsa.inference import drawn_words
from precompute.rsa.partial import partial_coefficient
from precompute.rsa.rdms import category_dissimilarities, pair_cosines
from precompute.rsa.selectivity import cohens_d, selectivity
from precompute.workspace import Workspace
from problems import ProjectError
from tests.support import ROOT
from tests.support.notebooks import printed_as_program
from tests.tiny_models import TINY_SET, TinyModels

DATA = ROOT / "content" / "data" / "smollm2-minilm"
ROLES = ("decoder", "encoder")
EXPORTS = {
    "layer_words": geometry.export_words,
    "layer_geometry": geometry.export_geometry,
    "rogue_dimensions": geometry.export_rogue,
    "layer_map": layer_map.export,
    "layer_selectivity": layer_selectivity.export,
    "map_corner": map_corner.export,
    "queries_keys_values": queries_keys_values.export,
}
CLOSE = 1e-6


@cache
def artefact(name: str) -> Any:
    return read_artefact(DATA / f"{name}.json")[1]


def of_role(entries: Any, role: str) -> Any:
    return next(entry for entry in entries if entry.role == role)


def shortened(folder: Path) -> Path:
    """The word lists with two carriers and one sentence a topic."""
    for name in ("rsa_words", "layer_carriers", "search_sentences"):
        shutil.copy(ROOT / "content" / "words" / f"{name}.toml", folder)
    lines = (folder / "layer_carriers.toml").read_text(encoding="utf-8").splitlines()
    texts = [line for line in lines if line.startswith('    "')]
    kept = [line for line in lines if line not in texts[2:]]
    (folder / "layer_carriers.toml").write_text("\n".join(kept), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def work(real_models, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """The real models with the shortened lists."""
    patch = pytest.MonkeyPatch()
    patch.setattr("precompute.layers.words_in_carriers.SENTENCES_PER_TOPIC", 1)
    patch.setattr("precompute.layers.layer_map.PERMUTATIONS", 200)
    patch.setattr("precompute.layers.layer_selectivity.PERMUTATIONS", 200)
    patch.setattr("precompute.layers.map_corner.RESAMPLES", 200)
    patch.setattr("precompute.layers.queries_keys_values.PERMUTATIONS", 20)
    patch.setattr("precompute.layers.queries_keys_values.SEEDS", 2)
    yield Workspace(model_set=real_models, data_dir=DATA, words_dir=shortened(tmp_path_factory.mktemp("words")))
    patch.undo()


@pytest.fixture(scope="module")
def tiny_work(tiny: TinyModels) -> Workspace:
    models = open_set(TINY_SET, sets_file=tiny.sets_file, models_dir=tiny.models_dir)
    return Workspace(model_set=models, data_dir=DATA, words_dir=ROOT / "content" / "words")


def a_text(reader: Reader) -> list[int]:
    return reader.ids("We talked about the moon for a long time.")


# --- what is captured --------------------------------------------------------------------------------------------------------


def transformers_itself(reader: Reader, ids: list[int]) -> Any:
    with torch.inference_mode():
        return reader.network.base_model(torch.tensor([ids]), output_attentions=True, output_hidden_states=True)


def attention_of(found: Capture, causal: bool) -> np.ndarray:
    """[layer, head, query, key] by the formula: each query head with the key head that it reads."""
    q, k = (part[:, 0].astype(np.float64).transpose(0, 2, 1, 3) for part in (found.queries, found.keys))
    k = np.repeat(k, q.shape[1] // k.shape[1], axis=1)
    scores = q @ k.transpose(0, 1, 3, 2) / math.sqrt(q.shape[-1])
    if causal:
        scores = np.where(np.tri(scores.shape[-1], dtype=bool), scores, -np.inf)
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


@pytest.mark.parametrize("which", ["work", "tiny_work"])
@pytest.mark.parametrize("role", ROLES)
def test_captured_queries_and_keys_give_the_models_attention(which: str, role: str, request: pytest.FixtureRequest) -> None:
    """Rotated, grouped, scaled, masked: nothing else may happen between what is captured and the weights of transformers."""
    reader = of_role(readers(request.getfixturevalue(which)), role)
    found, theirs = capture(reader.network, [a_text(reader)]), transformers_itself(reader, a_text(reader))
    assert np.abs(attention_of(found, role == "decoder") - torch.stack(theirs.attentions)[:, 0].numpy()).max() < 1e-5
    assert np.array_equal(found.states[:, 0], torch.stack(theirs.hidden_states)[:, 0].numpy())


@pytest.mark.parametrize("which", ["work", "tiny_work"])
def test_captured_keys_and_values_are_those_of_the_cache(which: str, request: pytest.FixtureRequest) -> None:
    reader = readers(request.getfixturevalue(which))[0]
    found = capture(reader.network, [a_text(reader)])
    with torch.inference_mode():
        kept = reader.network.base_model(torch.tensor([a_text(reader)]), use_cache=True).past_key_values
    for layer in range(len(found.keys)):
        keys, values = (part[0].transpose(0, 1).numpy() for part in (kept.layers[layer].keys, kept.layers[layer].values))
        assert np.abs(found.keys[layer, 0] - keys).max() < 1e-5
        assert np.abs(found.values[layer, 0] - values).max() < 1e-5


def test_nothing_stays_behind_in_the_network(tiny_work: Workspace) -> None:
    reader = readers(tiny_work)[0]

    def hooks() -> int:
        return sum(len(block.attn.c_attn._forward_hooks) for block in reader.network.transformer.h)

    before = hooks()
    capture(reader.network, [a_text(reader)])
    assert hooks() == before


def test_what_follows_leaves_a_decoders_parts_exactly_as_they_are(work: Workspace) -> None:
    """Another word, and another ending of the same length: before it, not one bit differs."""
    reader = readers(work)[0]
    one, other = (capture(reader.network, [reader.ids(f"We talked about the {word} for a long time.")]) for word in ("moon", "lamp"))
    place = reader.ids("We talked about the moon for a long time.").index(reader.word_id("moon"))
    for name in ("states", "queries", "keys", "values"):
        a, b = getattr(one, name), getattr(other, name)
        assert np.array_equal(a[:, :, :place], b[:, :, :place])
        assert not np.array_equal(a[:, :, place], b[:, :, place])


def test_exported_causality_is_exact() -> None:
    found = artefact("queries_keys_values")
    assert [layer.before_largest_difference for layer in found.layers] == [0.0] * len(found.layers)
    assert found.published.different_rows_before == 1


def test_rotation_at_one_place_changes_no_cosine(work: Workspace) -> None:
    """All words of a carrier stand at one place, so their queries are turned alike."""
    reader = readers(work)[0]
    ids = [reader.ids(f"We talked about the {word} for a long time.") for word in ("moon", "lamp", "pear")]
    place = ids[0].index(reader.word_id("moon"))
    found = capture(reader.network, ids)
    block = reader.network.model.layers[3].self_attn
    with torch.inference_mode():
        plain = block.q_proj(torch.tensor(found.inputs[3, :, place])).numpy()
    turned = found.queries[3, :, place].reshape(3, -1)
    assert np.abs(turned - plain).max() > 0.1
    assert np.abs(pair_cosines(turned) - pair_cosines(plain)).max() < 1e-5


# --- words and carriers ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ROLES)
def test_vectors_are_the_states_at_the_word(work: Workspace, role: str) -> None:
    reader, vectors = of_role(readers(work), role), of_role(layer_vectors(work), role)
    words = compared(work).words
    for carrier, text in enumerate(carriers(work)):
        for word in ("moon", "apple"):
            ids = reader.ids(text.replace(SLOT, word))
            place = vectors.places[carrier]
            assert place > 0 and ids[place] == reader.word_id(word)
            theirs = torch.stack(transformers_itself(reader, ids).hidden_states)[:, 0, place].numpy()
            ours = vectors.in_carriers[:, carrier, words.index(word)]
            assert np.abs(ours - theirs).max() < 1e-4 * np.abs(theirs).max()


def test_a_carrier_that_begins_with_the_word_is_refused(tiny_work: Workspace, tmp_path: Path) -> None:
    folder = shortened(tmp_path)
    file = folder / "layer_carriers.toml"
    file.write_text(file.read_text(encoding="utf-8").replace('"We talked about the {word}', '"{word} and the'), encoding="utf-8")
    work = Workspace(model_set=tiny_work.model_set, data_dir=DATA, words_dir=folder)
    with pytest.raises(ProjectError, match="cannot be found"):
        layer_vectors(work)


def test_at_least_eight_carriers_with_the_word_inside() -> None:
    found = artefact("layer_words")
    assert len(found.carriers) >= 8
    assert len(found.words) >= 30 and "sofa" in [left.word for left in found.left_out]
    for entry in found.by_model:
        assert min(entry.places) > 0
    assert all(text.split(SLOT)[1].count(" ") >= 2 for text in found.carriers)


# --- geometry ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ROLES)
def test_geometry_is_what_scikit_learn_computes(work: Workspace, role: str) -> None:
    entry = of_role(geometry.export_geometry(work).by_model, role)
    vectors, reference = of_role(layer_vectors(work), role), reference_states(work, role)
    layer = len(entry.layers) // 2
    found, states = entry.layers[layer], reference.states[layer].astype(np.float64)
    cosines = cosine_similarity(states)
    strange = [
        cosines[a, b]
        for a in range(len(states))
        for b in range(a)
        if reference.ids[a] != reference.ids[b] and reference.sentences[a] != reference.sentences[b]
    ]
    assert found.anisotropy == pytest.approx(np.mean(strange), abs=1e-4)
    assert found.norm == pytest.approx(np.linalg.norm(states, axis=1).mean(), abs=1e-3)
    upper = np.triu_indices(len(compared(work)), 1)
    assert found.words_alone == pytest.approx(cosine_similarity(vectors.alone[layer].astype(np.float64))[upper].mean(), abs=1e-4)
    inside = [cosine_similarity(c.astype(np.float64))[upper].mean() for c in vectors.in_carriers[layer]]
    assert found.words_in_carriers.mean == pytest.approx(np.mean(inside), abs=1e-4)
    first, second = vectors.in_carriers[layer].astype(np.float64)
    same = np.diag(cosine_similarity(first, second))
    assert (found.self_similarity.low, found.self_similarity.high) == pytest.approx((same.min(), same.max()), abs=1e-4)


def test_contributions_sum_to_the_mean_cosine(work: Workspace) -> None:
    reference = reference_states(work, "encoder")
    left_out, layer = kin(reference), reference.states[3].astype(np.float64)
    strangers = 1 - left_out.toarray()
    shares = contributions(layer, left_out)
    assert shares.sum() == pytest.approx((cosine_similarity(layer) * strangers).sum() / strangers.sum(), abs=CLOSE)
    loud = layer.copy()
    loud[:, 5] += 50 * np.abs(layer).mean()
    assert contributions(loud, left_out).argmax() == 5


@pytest.mark.parametrize("role", ROLES)
def test_treatments(work: Workspace, role: str) -> None:
    frame, states = frames(work, role)[2], reference_states(work, role).states[2].astype(np.float64)
    assert np.abs(frame.treated(states, "centred").mean(axis=0)).max() < 1e-9 * max(1, np.abs(states).max())
    standardised = frame.treated(states, "standardised")
    assert np.abs(standardised.std(axis=0) - 1).max() < CLOSE
    assert frame.treated(states, "without_rogue").shape[1] == states.shape[1] - 3
    assert np.array_equal(frame.treated(states, "raw"), states)


# --- RSA and CKA -------------------------------------------------------------------------------------------------------------


def of_rsatoolbox(first: np.ndarray, second: np.ndarray) -> float:
    upper = np.triu_indices(len(first), 1)
    one, other = (rsatoolbox.rdm.RDMs((1 - cosine_similarity(v)[upper])[None]) for v in (first, second))
    return float(rsatoolbox.rdm.compare(one, other, "corr")[0, 0])


def biased_cka_of_rsatoolbox(first: np.ndarray, second: np.ndarray) -> float:
    one, other = (rsatoolbox.rdm.calc_rdm(rsatoolbox.data.Dataset(v), method="euclidean") for v in (first, second))
    return float(rsatoolbox.rdm.compare(one, other, "cosine_cov")[0, 0])


@pytest.mark.parametrize("treatment", TREATMENTS)
def test_map_is_what_rsatoolbox_computes(work: Workspace, treatment: str) -> None:
    both = layer_vectors(work)
    maps = [layer_map._scores(work, vectors, "rsa", treatment) for vectors in both]
    values = maps[0][0] @ maps[1][0].T
    for d, e in ((0, 0), (5, 2), (17, 4), (values.shape[0] - 1, values.shape[1] - 1)):
        treated = [frames(work, v.role)[n].treated(v.mean[n], treatment) for v, n in zip(both, (d, e), strict=True)]
        assert values[d, e] == pytest.approx(of_rsatoolbox(*treated), abs=CLOSE)
        single = [frames(work, v.role)[n].treated(v.in_carriers[n, 1], treatment) for v, n in zip(both, (d, e), strict=True)]
        assert maps[0][1][1, d] @ maps[1][1][1, e] == pytest.approx(of_rsatoolbox(*single), abs=CLOSE)


def test_cka_of_layers(work: Workspace) -> None:
    """The biased estimator against rsatoolbox; the debiased one, product of two rows, against its formula."""
    decoder, encoder = (vectors.mean for vectors in layer_vectors(work))
    for d, e in ((1, 1), (12, 3), (30, 6)):
        assert linear_cka(decoder[d], encoder[e]) == pytest.approx(biased_cka_of_rsatoolbox(decoder[d], encoder[e]), abs=CLOSE)
        rows = kernel_scores(decoder[d]) @ kernel_scores(encoder[e])
        assert rows == pytest.approx(debiased_cka(decoder[d], encoder[e]), abs=CLOSE)


def test_the_best_cell_is_tested_against_the_best_of_shuffled_maps() -> None:
    numbers = np.random.default_rng(0)
    first, second = (cosine_scores(numbers.normal(size=(layers, 8, 5))) for layers in (3, 2))
    null = largest_cells(first, second, 50, seed=4)
    slowly = [max(pearsonr(a, b)[0] for a in first for b in block) for block in np.concatenate(list(shuffled(second, 50, 4)))]
    assert null == pytest.approx(slowly)
    assert np.quantile(null, 0.95) > np.quantile((np.concatenate(list(shuffled(second, 50, 4))) @ first.T).ravel(), 0.95)


def test_shuffled_pairs_belong_to_shuffled_words() -> None:
    points = np.random.default_rng(1).normal(size=(6, 4))
    for pairs in np.concatenate(list(shuffled(pair_cosines(points), 20, 2))):
        assert sorted(pairs) == pytest.approx(sorted(pair_cosines(points)))
        kernel = np.zeros((6, 6))
        kernel[np.triu_indices(6, 1)] = pairs
        kernel += kernel.T + np.eye(6)
        assert np.linalg.eigvalsh(kernel).min() > -1e-9  # still the cosines of some order of the same points
        assert np.linalg.eigvalsh(kernel) == pytest.approx(np.linalg.eigvalsh(cosine_similarity(points)))


def test_exported_map_is_consistent() -> None:
    found = artefact("layer_map")
    facts = {fact.role: fact for fact in artefact("model_facts").models}
    for one in found.maps:
        values = np.array(one.values)
        assert values.shape == (facts["decoder"].layers + 1, facts["encoder"].layers + 1)
        assert one.best.value == values.max() == values[one.best.decoder_layer, one.best.encoder_layer]
        assert one.null_maximum_mean < one.null_maximum_95
        assert (one.p < 0.05) is (one.best.value > one.null_maximum_95)
        assert (np.array(one.carriers_low) <= np.array(one.carriers_high)).all()
    assert found.biased_cka_of_noise > 0.8  # the bias that the debiased estimator is for


# --- the corner of the map ---------------------------------------------------------------------------------------------------


def test_corner_is_what_rsatoolbox_and_residuals_give(work: Workspace) -> None:
    """Plain scores by rsatoolbox; the partial ones as the correlation of what a regression on the category leaves of both."""
    decoder, encoder = layer_vectors(work)
    categories = np.array(compared(work).categories)
    i, j = np.triu_indices(len(categories), 1)
    known = np.column_stack([np.ones(len(i)), categories[i] == categories[j]])
    for score in map_corner.export(work).scores:
        treated = []
        for vectors, layer, treatment in ((decoder, score.decoder_layer, score.decoder), (encoder, 0, score.encoder)):
            plain = treatment.removesuffix("_nouns_centred").replace("nouns_centred", "raw")
            frame = frames(work, vectors.role)[layer]
            if treatment in map_corner.REMOVED:
                rows = np.delete(vectors.mean[layer], map_corner.dimensions_removed(frame, treatment), axis=1)
            else:
                rows = frame.treated(vectors.mean[layer], plain)
            treated.append(rows - rows.mean(axis=0) if "nouns" in treatment else rows)
        assert score.pearson.value == pytest.approx(of_rsatoolbox(*treated), abs=1e-4)
        pairs = [cosine_similarity(rows)[i, j] for rows in treated]
        left = [p - known @ np.linalg.lstsq(known, p, rcond=None)[0] for p in pairs]
        assert score.given_category.value == pytest.approx(pearsonr(*left)[0], abs=1e-4)
        ranks = log_ranks(work)
        assert score.explained_by_ranks == pytest.approx(LinearRegression().fit(ranks, pairs[0]).score(ranks, pairs[0]), abs=1e-4)


def log_ranks(work: Workspace) -> np.ndarray:
    """[pair, 2]: difference and sum of the log ids of two words in the decoder."""
    pairs = combinations(np.log(compared(work).token_ids["decoder"] + 1), 2)
    return np.array([[abs(one - other), one + other] for one, other in pairs])


def test_corner_with_ranks_held_constant(work: Workspace) -> None:
    """As the correlation of what a regression on the ranks, and on these and the category, leaves of both models' cosines."""
    found = map_corner.export(work).given_ranks
    ranks, categories = log_ranks(work), compared(work).categories
    same = np.array([[float(one == other)] for one, other in combinations(categories, 2)])
    i, j = np.triu_indices(len(categories), 1)
    cosines = [cosine_similarity(vectors.mean[0])[i, j] for vectors in layer_vectors(work)]
    for score, known in ((found.pearson, ranks), (found.given_category, np.hstack([ranks, same]))):
        left = [pairs - LinearRegression().fit(known, pairs).predict(known) for pairs in cosines]
        assert score.value == pytest.approx(pearsonr(*left)[0], abs=1e-4)
        assert score.low < score.value < score.high
    assert found.encoder_explained == pytest.approx(LinearRegression().fit(ranks, cosines[1]).score(ranks, cosines[1]), abs=1e-4)


def test_dimensions_removed_are_those_that_vary_most(work: Workspace) -> None:
    frame = frames(work, "decoder")[0]
    states = reference_states(work, "decoder").states[0]
    by_variance = np.argsort(-states.var(axis=0, dtype=np.float64), kind="stable")
    removed = {treatment: map_corner.dimensions_removed(frame, treatment) for treatment in map_corner.REMOVED}
    for treatment in ("without_few_varied", "without_some_varied", "without_many_varied"):
        assert removed[treatment].tolist() == by_variance[: max(1, round(map_corner.REMOVED[treatment] * len(by_variance)))].tolist()
    assert len(set(removed["without_many_by_lot"])) == len(removed["without_many_varied"])


def test_changes_are_taken_from_the_same_words(work: Workspace) -> None:
    """A way that changes nothing has a change of exactly 0 in every draw; a partial score is resampled as three plain ones are."""
    raw = [score for score in map_corner.export(work).scores if (score.decoder, score.encoder) == ("raw", "raw")]
    assert [score.decoder_layer for score in raw] == [0, 1]
    for found in [part for score in raw for part in (score.pearson, score.given_category)]:
        assert (found.change, found.change_low, found.change_high) == (0, 0, 0)
        assert found.low < found.value < found.high
    points = np.random.default_rng(5).normal(size=(2, 12, 4))
    first, second = (pair_cosines(rows) for rows in points)
    category = category_dissimilarities(["a"] * 5 + ["b"] * 7)
    rarity = np.random.default_rng(6).normal(size=len(first))
    partial = map_corner.sampled(map_corner.drawn_pairs(12), first, second, category, rarity).resampled
    counts = np.concatenate(list(drawn_words(12, map_corner.RESAMPLES, map_corner.SEED)))
    i, j = np.triu_indices(12, 1)
    for n in range(5):
        times = counts[n, i] * counts[n, j]
        one, other, *given = (np.repeat(values, times) for values in (first, second, category, rarity))
        assert partial[n] == pytest.approx(partial_coefficient("pearson", one, other, *given))


def test_exported_corner_is_the_maps() -> None:
    """Where the map has the same treatment of both models, its cell is the score."""
    maps = {one.treatment: one.values for one in artefact("layer_map").maps if one.measure == "rsa"}
    same = [score for score in artefact("map_corner").scores if score.decoder == score.encoder and score.decoder in maps]
    assert len(same) == 5
    for score in same:
        assert score.pearson.value == pytest.approx(maps[score.decoder][score.decoder_layer][0], abs=1e-4)


# --- selectivity -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ROLES)
def test_selectivity_of_layers(work: Workspace, role: str) -> None:
    entry = next(e for e in layer_selectivity.export(work).by_model if (e.role, e.treatment) == (role, "standardised"))
    vectors, layer = of_role(layer_vectors(work), role), len(entry.layers) // 2
    rows = frames(work, role)[layer].treated(vectors.mean[layer], "standardised")
    expected = selectivity(1 - pair_cosines(rows), compared(work).categories, permutations=10, seed=0)
    found = entry.layers[layer]
    assert (found.cohens_d, found.pearson) == pytest.approx((expected.cohens_d, expected.pearson), abs=1e-4)
    assert found.within - found.across == pytest.approx(expected.difference, abs=2e-4)


def test_d_of_r() -> None:
    numbers = np.random.default_rng(3)
    categories = ["a"] * 4 + ["b"] * 5
    pairs = numbers.normal(size=36)
    same = np.array([categories[i] == categories[j] for i, j in zip(*np.triu_indices(9, 1), strict=True)])
    r = pearsonr(pairs, same)[0]
    assert d_of_r(r, int(same.sum()), int((~same).sum())) == pytest.approx(cohens_d(-pairs, categories))


# --- queries, keys and values ------------------------------------------------------------------------------------------------


def test_parts_by_rsatoolbox(work: Workspace) -> None:
    parts = decoder_parts(work)
    layer = queries_keys_values._layer_of(parts, 6, kinds_of(work), np.random.default_rng(0))
    for pair in layer.pairs:
        both = [parts.at(name, 0)[6, :-1].astype(np.float64) for name in (pair.first, pair.second)]
        scores = [of_rsatoolbox(a, b) for a, b in zip(*both, strict=True)]
        assert (pair.rsa.mean, pair.rsa.low, pair.rsa.high) == pytest.approx((np.mean(scores), min(scores), max(scores)), abs=1e-4)
    one = next(p for p in layer.parts if p.part == "value")
    d = [cohens_d(1 - pair_cosines(rows), compared(work).categories) for rows in parts.at("value", 0)[6, :-1].astype(np.float64)]
    assert one.word.mean == pytest.approx(np.mean(d), abs=1e-4)


def kinds_of(work: Workspace) -> queries_keys_values.Kinds:
    categories = np.array(compared(work).categories)
    i, j = np.triu_indices(len(categories), 1)
    return queries_keys_values.Kinds(categories[i] == categories[j])


def test_keys_stand_beside_the_queries_that_read_them(work: Workspace) -> None:
    found = artefact("queries_keys_values")
    config = readers(work)[0].network.config
    assert (found.heads, found.key_value_heads) == (config.num_attention_heads, config.num_key_value_heads)
    assert found.mapping == [head // (found.heads // found.key_value_heads) for head in range(found.heads)]
    parts = decoder_parts(work)
    rows = parts.at("key", 0)[0, 0]
    wide = queries_keys_values._as_read(rows, parts)
    for head, read in enumerate(found.mapping):
        size = found.head_dims
        assert np.array_equal(wide[:, head * size : (head + 1) * size], rows[:, read * size : (read + 1) * size])


def test_random_matrices_keep_geometry_and_share_no_numbers() -> None:
    """The control does what it is for: wide random matrices agree pair by pair, and not number by number."""
    numbers = np.random.default_rng(0)
    given = numbers.normal(size=(3, 40))[np.arange(30) % 3] + numbers.normal(size=(30, 40))
    by_name = {name: np.zeros((1, 1, 3, 30, width), dtype=np.float32) for name, width in (("query", 600), ("key", 300), ("value", 300))}
    by_name["input"] = np.broadcast_to(given.astype(np.float32), (1, 1, 3, 30, 40))
    parts = Parts(by_name, heads=6, key_value_heads=3)
    made = queries_keys_values.random_projections(parts, 0, numbers)
    assert pearsonr(pair_cosines(made["query"][0]), pair_cosines(made["key"][0]))[0] > 0.9
    assert abs(queries_keys_values.direct(made, "query", "key", parts)[0]) < 0.1
    assert made["query"].shape == (1, 30, 600)


# --- other models ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", EXPORTS)
def test_models_of_other_depths_and_widths(name: str, tiny_work: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """A random GPT-2 (no rotation, one matrix for all three) and BERT: the exports hold what the schema asks for."""
    monkeypatch.setattr(layer_map, "PERMUTATIONS", 50)
    monkeypatch.setattr(layer_selectivity, "PERMUTATIONS", 50)
    monkeypatch.setattr(map_corner, "RESAMPLES", 50)
    monkeypatch.setattr(queries_keys_values, "PERMUTATIONS", 20)
    found = EXPORTS[name](tiny_work)
    assert type(found).model_validate_json(found.model_dump_json()) == found
    if name == "queries_keys_values":
        assert (found.heads, found.key_value_heads, found.mapping, found.rotary) == (2, 2, [0, 1], False)
        assert all(layer.before_largest_difference == 0 for layer in found.layers)


# --- the notebook ----------------------------------------------------------------------------------------------------------------


def test_notebook_finds_what_the_site_shows(tmp_path: Path) -> None:
    """It runs as one program, and what it finds with one of the carriers lies between the lowest and the highest of all of them."""
    printed = printed_as_program("inside-the-layers", tmp_path)
    found = re.findall(r"^layer \d+: same category ([\d.]+), other category ([\d.]+)$", printed, re.MULTILINE)
    categories = artefact("layer_words").categories
    same = [a == b for a, b in combinations(categories, 2)]
    exported = of_role(artefact("layer_geometry").by_model, "encoder").layers
    assert len(found) == len(exported)
    for (within, across), layer in zip(found, exported, strict=True):
        mean = np.where(same, float(within), float(across)).mean()
        assert layer.words_in_carriers.low - 0.005 <= mean <= layer.words_in_carriers.high + 0.005  # printed with two decimals
    trained = re.search(r"^trained: number by number (-?[\d.]+), pair by pair ([\d.]+)$", printed, re.MULTILINE)
    drawn = re.search(r"^random:  number by number (-?[\d.]+), pair by pair ([\d.]+)$", printed, re.MULTILINE)
    for by_number, by_pair in (trained.groups(), drawn.groups()):  # the point of its control: random matrices do the same
        assert abs(float(by_number)) < float(by_pair)
