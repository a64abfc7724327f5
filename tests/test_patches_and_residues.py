"""Tokens that are no words: what is computed when a Vision Transformer or a protein model is at hand, and nothing when none is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from artefacts.envelope import read_artefact
from artefacts.schemas.patches_and_residues import OtherTokensOfModel, PatchesAndResidues
from precompute.context.patches_and_residues import OPTIONAL, PROTEINS, SHARED_RESIDUE, picture, residue_ids
from tests.tiny_models import ESM_ALPHABET, TINY_SET, TinyModels

COMMITTED = Path(__file__).resolve().parent.parent / "content" / "data" / "smollm2-minilm" / "patches_and_residues.json"


@pytest.fixture
def by_unit(exported: Path) -> dict[str, OtherTokensOfModel]:
    _, data = read_artefact(exported / TINY_SET / "patches_and_residues.json")
    return {model.unit: model for model in data.by_model}


def test_the_file_names_the_models_it_was_made_from(exported: Path) -> None:
    envelope, _ = read_artefact(exported / TINY_SET / "patches_and_residues.json")
    assert [model.id for model in envelope.models] == list(OPTIONAL)
    assert all(model.version.startswith("folder sha256:") for model in envelope.models)


def test_a_set_without_such_models_exports_none() -> None:
    envelope, data = read_artefact(COMMITTED)
    assert data == PatchesAndResidues(by_model=[])
    assert envelope.models == []


def test_patches_are_counted_as_the_network_cuts_them(by_unit: dict[str, OtherTokensOfModel], tiny: TinyModels) -> None:
    from transformers import ViTModel  # here, because importing it is slow, and every process lists these tests

    network = ViTModel.from_pretrained(tiny.models_dir / "vit-base-patch16-224")
    found = by_unit["patch"]
    pixels = torch.from_numpy(picture(32, "slope"))[None]
    with torch.inference_mode():
        assert network(pixel_values=pixels).last_hidden_state.shape == (1, found.units + found.added, found.width)
    assert found.unit_values == network.embeddings.patch_embeddings.projection.weight[0].numel()


def test_a_shared_token_enters_as_one_vector_and_leaves_as_two(by_unit: dict[str, OtherTokensOfModel]) -> None:
    for found in by_unit.values():
        assert found.shared_by_layer[0] == pytest.approx(1, abs=1e-4)
        assert found.shared_by_layer[-1] < found.shared_by_layer[0]
        assert len(found.shared_by_layer) == len(found.others_by_layer) == 3  # what enters, and two blocks


def test_both_pictures_hold_the_shared_patch_and_differ_elsewhere() -> None:
    one, other = picture(224, "stripes"), picture(224, "slope")
    assert np.array_equal(one[:, 112:128, 112:128], other[:, 112:128, 112:128])
    assert not np.array_equal(one, other)
    assert max(abs(one).max(), abs(other).max()) <= 1


def test_both_proteins_hold_the_shared_residue_and_differ_elsewhere() -> None:
    one, other = PROTEINS
    assert len(one) == len(other)
    assert one[SHARED_RESIDUE - 1] == other[SHARED_RESIDUE - 1]
    assert len(one) / 2 < sum(a == b for a, b in zip(one, other, strict=True)) < len(one)
    ids = residue_ids(ESM_ALPHABET, one)
    assert [ESM_ALPHABET[ids[0]], ESM_ALPHABET[ids[SHARED_RESIDUE]], ESM_ALPHABET[ids[-1]]] == ["<cls>", "L", "<eos>"]
