"""Writes word_order: two words change places; do the states only change places with them, or do they change?"""

from __future__ import annotations

import numpy as np

from artefacts.schemas.positions import OrderCondition, OrderOfModel, WordOrder
from precompute.context.networks import Reader, Run, readers
from precompute.statistics_of import rounded
from precompute.workspace import Workspace
from problems import Problem, ProjectError

CONDITIONS = {"decoder": ((True, True), (False, True), (False, False)), "encoder": ((True, True), (False, True))}


def export(work: Workspace) -> WordOrder:
    """How far states differ from those of the same tokens in the other order, by layer, with marks of position and mask and without."""
    order = work.words("bank_sentences")["order"]
    models = [_of_model(reader, order["text"], order["swap"]) for reader in readers(work)]
    return WordOrder(text=order["text"], swap=order["swap"], by_model=models)


def _of_model(reader: Reader, text: str, swap: list[str]) -> OrderOfModel:
    ids = reader.ids(text)
    a, b = (_place(reader, ids, word) for word in swap)
    new = list(range(len(ids)))
    new[a], new[b] = b, a  # place i of the new order holds token new[i] of the old one
    swapped = [ids[i] for i in new]
    conditions = []
    for positions, mask in CONDITIONS[reader.role]:
        before, after = (reader.run_ids(i, positions=positions, mask=mask) for i in (ids, swapped))
        conditions.append(_condition(before, after, new, positions, mask))
    return OrderOfModel(role=reader.role, tokens=reader.tokens(ids), swapped=reader.tokens(swapped), conditions=conditions)


def _place(reader: Reader, ids: list[int], word: str) -> int:
    if reader.word_id(word) not in ids:
        cure = "Choose words that are single tokens in both models."
        raise ProjectError(Problem("content/words/bank_sentences.toml", None, f"{word!r} is no token of the text in [order]", cure))
    return ids.index(reader.word_id(word))


def _condition(before: Run, after: Run, new: list[int], positions: bool, mask: bool) -> OrderCondition:
    here, there = before.states[:, new].astype(np.float64), after.states.astype(np.float64)
    relative = np.linalg.norm(there - here, axis=2) / np.linalg.norm(here, axis=2)
    return OrderCondition(
        positions=positions,
        mask=mask,
        difference=[float(f"{x:.2g}") for x in relative.mean(axis=1)],
        # As a bound: rounded up to one digit, so that the last bits of another machine do not show.
        maximum_difference=_bound(np.abs(there[-1] - here[-1]).max()),
        largest_number=rounded(np.abs(here[-1]).max(), 2),
    )


def _bound(value: float) -> float:
    if value == 0:
        return 0.0
    unit = 10.0 ** np.floor(np.log10(value))
    return float(f"{np.ceil(value / unit) * unit:.1g}")
