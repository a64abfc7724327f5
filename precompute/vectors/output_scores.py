"""Writes output_scores: the decoder's scores for the next token are dot products of its last vector with rows of a matrix."""

from __future__ import annotations

import math

import numpy as np

from artefacts.schemas.vectors import OutputScores, ScoredPrompt, ScoredToken
from precompute.softmax import softmax
from precompute.space import row_norms
from precompute.statistics_of import rounded
from precompute.workspace import Workspace

BEST = 10
OPTIONS = {"best": BEST}


def export(work: Workspace) -> OutputScores:
    """The highest scores after each prompt, taken apart into length and cosine; whether input and output share one matrix."""
    import torch

    model = work.model_set.model("decoder")
    network = model.network
    output = network.get_output_embeddings().weight
    tied = output.data_ptr() == network.get_input_embeddings().weight.data_ptr()
    rows = output.detach().numpy().astype(np.float64)
    norms = row_norms(rows)
    prompts = []
    for prompt in work.words("vector_examples")["prompts"]:
        ids = model.tokenize(prompt)
        with torch.inference_mode():
            vector = network.base_model(torch.tensor([ids])).last_hidden_state[0, -1]
            own = network(torch.tensor([ids])).logits[0, -1].numpy().astype(np.float64)
        prompts.append(_scored(prompt, ids, model.raw_tokens(), rows, norms, vector.numpy().astype(np.float64), own))
    return OutputScores(tied=tied, vocabulary=len(rows), prompts=prompts)


def _scored(
    prompt: str, ids: list[int], raw: list[str], rows: np.ndarray, norms: np.ndarray, vector: np.ndarray, own: np.ndarray
) -> ScoredPrompt:
    """own: [token], the network's scores, with which ours are compared. Raises ValueError if they are other numbers."""
    scores = rows @ vector
    difference = float(np.abs(scores - own).max())
    if difference > 1e-3 * max(1.0, float(np.abs(own).max())):
        raise ValueError(f"{prompt!r}: dot products with the output matrix are not the network's scores, off by {difference}")
    length = float(np.linalg.norm(vector))
    cosines = scores / np.where(norms > 0, norms, 1) / length
    probabilities = softmax(scores)
    order = np.argsort(-scores, kind="stable")[:BEST]
    best = [
        ScoredToken(
            token={"id": int(n), "raw": raw[n]},
            score=rounded(scores[n], 4),
            norm=rounded(norms[n], 4),
            cosine=rounded(cosines[n], 5),
            probability=rounded(probabilities[n], 6),
            rank_by_cosine=int((cosines > cosines[n]).sum()) + 1,
        )
        for n in order
    ]
    return ScoredPrompt(
        prompt=prompt,
        tokens=[{"id": n, "raw": raw[n]} for n in ids],
        vector_norm=rounded(length, 4),
        best=best,
        maximum_absolute_difference=10.0 ** math.ceil(math.log10(difference)) if difference > 0 else 0.0,
    )
