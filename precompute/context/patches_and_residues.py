"""Writes patches_and_residues: one patch in two pictures, one residue in two proteins, layer by layer.

Only for those of the set's optional models that are at hand: a Vision Transformer and a protein model (ESM-2) are needed by nothing
else. Both are given two inputs that share one token at the same place, so that what differs in its vector comes from the others.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from artefacts.schemas.patches_and_residues import OtherTokensOfModel, PatchesAndResidues
from precompute.context.bank_contexts import units
from precompute.statistics_of import rounded
from precompute.workspace import Workspace

OPTIONAL = ("vit-base-patch16-224", "esm2-t6-8m")

# Ubiquitin, and the ubiquitin-like NEDD8 (UniProt P0CG48, residues 1 to 76, and Q15843, residues 1 to 76): alike in shape,
# with more than half of their residues in common.
PROTEINS = (
    "MQIFVKTLTGKTITLEVEPSDTIENVKAKIQDKEGIPPDQQRLIFAGKQLEDGRTLSDYNIQKESTLHLVLRLRGG",
    "MLIKVKTLTGKEIEIDIEPTDKVERIKERVEEKEGIPPQQQRLIYSGKQMNDEKTAADYKILGGSVLHLVLALRGG",
)
SHARED_RESIDUE = 43  # counted from 1: leucine in both; also its place in the input, where a mark stands before the first


def export(work: Workspace) -> PatchesAndResidues:
    """The models that are at hand, each with its pair of inputs. Raises LeftOutError where none is."""
    return PatchesAndResidues(by_model=[_of_model(work.model_set.model(key)) for key in present(work)])


def present(work: Workspace) -> list[str]:
    """Those of `OPTIONAL` that the set declares and that can be opened without fetching anything."""
    model_set = work.model_set
    return [key for key in OPTIONAL if key in model_set.members and model_set.model(key).is_here()]


def _of_model(model: Any) -> OtherTokensOfModel:
    if hasattr(model.network.config, "patch_size"):
        return _of_patches(model)
    return _of_residues(model)


# --- images ----------------------------------------------------------------------------------------------------------------------


def picture(size: int, background: str) -> np.ndarray:
    """[colour, row, column] float32 from -1 to 1: a bright disc in the middle, on stripes or on a slope of grey."""
    rows, columns = np.mgrid[0:size, 0:size] / (size - 1)
    plain = np.where((columns * 16).astype(int) % 2 == 0, 0.6, -0.6) if background == "stripes" else 2 * rows - 1
    inside = (rows - 0.5) ** 2 + (columns - 0.5) ** 2 < 0.4**2
    colours = [np.where(inside, disc, plain) for disc in (0.9, 0.2, -0.5)]
    return np.stack(colours).astype(np.float32)


def _of_patches(model: Any) -> OtherTokensOfModel:
    import torch

    config = model.network.config
    side = config.image_size // config.patch_size
    pictures = torch.from_numpy(np.stack([picture(config.image_size, background) for background in ("stripes", "slope")]))
    with torch.inference_mode():
        states = torch.stack(model.network(pixel_values=pictures, output_hidden_states=True).hidden_states).numpy()
    added = states.shape[2] - side * side
    middle = added + (side // 2) * side + side // 2  # inside the disc in both pictures
    shared, others = _by_layer(states, middle)
    return OtherTokensOfModel(
        key=model.spec.key,
        name=model.spec.name,
        unit="patch",
        units=side * side,
        added=added,
        width=config.hidden_size,
        unit_values=config.patch_size**2 * config.num_channels,
        shared=f"row {side // 2 + 1}, column {side // 2 + 1}",
        shared_by_layer=shared,
        others_by_layer=others,
    )


# --- proteins ------------------------------------------------------------------------------------------------------------------------


def residue_ids(vocabulary: list[str], protein: str) -> list[int]:
    """Ids of a protein's residues, one letter each, between the marks of beginning and end (ESM's vocab.txt, a token a line)."""
    id_of = {token: n for n, token in enumerate(vocabulary)}
    return [id_of["<cls>"], *(id_of[residue] for residue in protein), id_of["<eos>"]]


def _of_residues(model: Any) -> OtherTokensOfModel:
    import torch

    vocabulary = (model.folder / "vocab.txt").read_text(encoding="utf-8").split()
    ids = torch.tensor([residue_ids(vocabulary, protein) for protein in PROTEINS])
    with torch.inference_mode():
        states = torch.stack(model.network(input_ids=ids, output_hidden_states=True).hidden_states).numpy()
    shared, others = _by_layer(states, SHARED_RESIDUE)
    return OtherTokensOfModel(
        key=model.spec.key,
        name=model.spec.name,
        unit="residue",
        units=len(PROTEINS[0]),
        added=ids.shape[1] - len(PROTEINS[0]),
        width=states.shape[3],
        unit_values=1,
        shared=f"{PROTEINS[0][SHARED_RESIDUE - 1]}{SHARED_RESIDUE}",
        shared_by_layer=shared,
        others_by_layer=others,
    )


def _by_layer(states: np.ndarray, place: int) -> tuple[list[float], list[float]]:
    """Cosines of the token at `place` in the two inputs, and the mean over all other pairs of places; [layer, input, token, dim]."""
    first, second = units(states[:, 0]), units(states[:, 1])
    cosines = np.einsum("lid,ljd->lij", first, second)
    others = ~np.eye(cosines.shape[1], dtype=bool)
    return [rounded(c[place, place], 4) for c in cosines], [rounded(c[others].mean(), 4) for c in cosines]
