"""Models of odd shapes go through every export: what is special about each is what it should be, computed again by transformers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from artefacts.envelope import read_artefact
from artefacts.packing import unpack
from artefacts.registry import ARTEFACTS
from precompute.attention.passes import pass_of
from precompute.attention.texts import Text, read
from precompute.context.block_updates import parts_of_blocks
from precompute.context.networks import Reader, blocks, position_vectors
from precompute.exporters import EXPORTERS
from precompute.layers.capture import capture
from precompute.models import open_set
from precompute.workspace import Workspace
from tests.odd_models import ODD_SETS
from tests.support import ROOT
from tests.tiny_models import TinyModels

TEXT = "The bank of the river."
LEFT_OUT = {
    "odd-equal": set(),
    "odd-narrow": {exporter.artefact for exporter in EXPORTERS if exporter.needs_static},
    "odd-bytes": set(),
}


@pytest.fixture(scope="module")
def works(odd: TinyModels, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Workspace]:
    where = {"models_dir": odd.models_dir, "sets_file": odd.sets_file, "offline": True}
    words = ROOT / "content" / "words"
    return {name: Workspace(open_set(name, **where), tmp_path_factory.mktemp(name), words) for name in ODD_SETS}


def data(odd_exported: Path, set_name: str, artefact: str) -> Any:
    return read_artefact(odd_exported / set_name / f"{artefact}.json")[1]


def of_role(found: Any, role: str) -> Any:
    return next(model for model in found if model.role == role)


# --- what is exported, and what is left out ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ODD_SETS)
def test_every_artefact_that_the_models_allow_is_exported(name: str, odd_exported: Path) -> None:
    assert {file.stem for file in (odd_exported / name).glob("*.json")} == set(ARTEFACTS) - LEFT_OUT[name]
    for artefact in set(ARTEFACTS) - LEFT_OUT[name]:
        read_artefact(odd_exported / name / f"{artefact}.json")


def test_what_cannot_be_made_is_left_out_and_told(
    odd: TinyModels, odd_exported: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What another run made of other models goes; without static vectors nothing is opened to find that out."""
    from precompute.__main__ import main

    where = ["--models-dir", str(odd.models_dir), "--sets-file", str(odd.sets_file), "--data-dir", str(tmp_path), "--offline"]
    (tmp_path / "odd-narrow").mkdir()
    stale = tmp_path / "odd-narrow" / "word_map_static.json"
    stale.write_text("of other models")
    assert main(["--set", "odd-narrow", "--only", "word_map_static", *where]) == 0
    assert "left out: the set odd-narrow has no static vectors" in capsys.readouterr().out
    assert not stale.exists()
    assert main(["--set", "odd-narrow", "--list", "--only", "word_map_static", *where]) == 0
    assert "word_map_static                 left out: the set has no static vectors" in capsys.readouterr().out


# --- widths ---------------------------------------------------------------------------------------------------------------------------


def test_equal_widths_are_compared_number_by_number_and_unequal_ones_are_not(odd_exported: Path) -> None:
    """As gpt2 and bert-base, gpt2-medium and bert-large, with gpt2-xl for the unequal case."""
    found = data(odd_exported, "odd-equal", "direct_comparisons")
    compared = {frozenset((pair.first, pair.second)): pair.correlations is not None for pair in found.pairs}
    assert compared[frozenset(("decoder", "encoder"))]
    assert compared[frozenset(("odd-gpt2-medium", "odd-bert-large"))]
    assert not compared[frozenset(("odd-gpt2-xl", "odd-bert-large"))]
    assert data(odd_exported, "odd-equal", "same_word").widths_equal
    assert not data(odd_exported, "odd-narrow", "same_word").widths_equal
    names = {m.name for m in data(odd_exported, "odd-equal", "published_measurements").measurements}
    assert "correlation of the with the" in names
    assert "correlation of the with the" not in {m.name for m in data(odd_exported, "odd-bytes", "published_measurements").measurements}


def test_the_models_that_accompany_a_set_are_in_the_matrix_of_scores(odd_exported: Path) -> None:
    assert {"odd-gpt2-medium", "odd-gpt2-xl", "odd-bert-large"} <= {s.key for s in data(odd_exported, "odd-equal", "score_matrix").spaces}


def test_facts_say_what_is_odd(odd_exported: Path) -> None:
    facts = {name: {m.role: m for m in data(odd_exported, name, "model_facts").models} for name in ODD_SETS}
    single = facts["odd-equal"]["decoder"]
    assert (single.layers, single.attention_heads, single.tied_embeddings) == (1, 1, False)
    assert facts["odd-narrow"]["decoder"].tied_embeddings is True
    assert facts["odd-narrow"]["encoder"].embedding_dims == 8
    assert "static" not in facts["odd-narrow"]


# --- networks ---------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ODD_SETS)
@pytest.mark.parametrize("role", ["decoder", "encoder"])
def test_queries_and_keys_make_the_attention_that_transformers_returns(name: str, role: str, works: dict[str, Workspace]) -> None:
    """softmax(q k / sqrt(dims)) from what was captured, layer by layer: the right parts, in the right order."""
    reader = Reader(works[name], role)
    found = pass_of(reader, read(reader, Text(TEXT)))
    scores = np.einsum("lqhd,lkhd->lhqk", found.queries, found.keys) / np.sqrt(found.queries.shape[-1])
    if role == "decoder":
        scores = np.where(np.tril(np.ones(scores.shape[-2:], dtype=bool)), scores, -np.inf)
    weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
    np.testing.assert_allclose(weights / weights.sum(axis=-1, keepdims=True), found.attention, atol=2e-6)
    assert len(found.states) == len(found.attention) + 1 == len(blocks(reader.network)) + 1


@pytest.mark.parametrize("name", ODD_SETS)
def test_what_attention_and_mlp_add_makes_the_blocks_output(name: str, works: dict[str, Workspace]) -> None:
    """The encoders normalise after each sum: LayerNorm(LayerNorm(in + attention) + mlp) is what leaves the block."""
    import torch

    reader = Reader(works[name], "encoder")
    block = blocks(reader.network)[0]
    norms = [module for key, module in block.named_modules() if "norm" in key.lower().split(".")[-1]]
    order = {"odd-equal": (0, 1), "odd-narrow": (1, 0), "odd-bytes": (0, 1)}[name]  # ALBERT declares the last one first
    for part in parts_of_blocks(reader.network, reader.ids(TEXT)):
        given, attention, mlp, out = (torch.from_numpy(part[key]) for key in ("in", "attention", "mlp", "out"))
        with torch.inference_mode():
            made = norms[order[1]](norms[order[0]](given + attention) + mlp)
        np.testing.assert_allclose(made.numpy(), out.numpy(), atol=1e-5)


def test_one_block_passed_three_times_is_three_layers(odd_exported: Path, works: dict[str, Workspace]) -> None:
    reader = Reader(works["odd-narrow"], "encoder")
    found = capture(reader.network, [reader.ids(TEXT)])
    assert found.states.shape[0] == 4
    assert found.inputs.shape[0] == 3
    np.testing.assert_array_equal(found.inputs[:, 0], found.states[:3, 0])
    heads = of_role(data(odd_exported, "odd-narrow", "attention_heads").by_model, "encoder")
    assert (heads.layers, heads.heads_in_layer) == (3, 2)


def test_robertas_positions_begin_after_its_padding_row(odd_exported: Path, works: dict[str, Workspace]) -> None:
    import torch

    reader = Reader(works["odd-bytes"], "encoder")
    ids = reader.ids(TEXT)
    assert [reader.token(ids[0]).raw, reader.token(ids[-1]).raw] == ["<s>", "</s>"]
    embeddings = reader.network.embeddings
    with torch.inference_mode():
        whole = embeddings.word_embeddings.weight[ids] + embeddings.token_type_embeddings.weight[0]
        whole = whole + torch.from_numpy(position_vectors(reader.network)[: len(ids)].astype(np.float32))
        expected = embeddings.LayerNorm(whole).numpy()
    np.testing.assert_allclose(reader.run(TEXT).states[0], expected, atol=1e-6)
    sinks = of_role(data(odd_exported, "odd-bytes", "attention_sinks").by_model, "encoder")
    assert (sinks.first_token, sinks.last_token) == ("<s>", "</s>")


def test_a_pair_of_texts_is_framed_as_each_encoder_was_trained(works: dict[str, Workspace]) -> None:
    pair = Text("Is it late?", "It is late.")
    for name, first, middle in (("odd-equal", "[CLS]", ["[SEP]"]), ("odd-bytes", "<s>", ["</s>", "</s>"])):
        reader = Reader(works[name], "encoder")
        raw = [reader.token(i).raw for i in read(reader, pair).ids]
        assert raw[0] == first
        start = raw.index(middle[0])
        assert raw[start : start + len(middle)] == middle and raw[start + len(middle)] != middle[0]


def test_narrow_rows_have_parts_of_their_own_width(odd_exported: Path, works: dict[str, Workspace]) -> None:
    """ALBERT normalises rows of 8 and widens them afterwards: the recipe's last part is what LayerNorm gives, of width 8."""
    recipe = of_role(data(odd_exported, "odd-narrow", "position_marks").recipes, "encoder")
    reader = Reader(works["odd-narrow"], "encoder")
    seen: list[np.ndarray] = []
    handle = reader.network.embeddings.LayerNorm.register_forward_hook(lambda m, given, out: seen.append(out[0].detach().numpy()))
    reader.run(TEXT)
    handle.remove()
    last = recipe.parts[-1]
    assert (last.part, seen[0].shape[1]) == ("normalised", 8)
    assert last.mean_norm == pytest.approx(np.linalg.norm(seen[0], axis=1).mean(), abs=1e-3)
    space = next(s for s in data(odd_exported, "odd-narrow", "lab_words").spaces if (s.role, s.depth) == ("encoder", "static"))
    assert data(odd_exported, "odd-narrow", space.artefact).dims == 8
    assert unpack(data(odd_exported, "odd-narrow", "attention_maps").by_model[1].weights).shape[0] == 3
