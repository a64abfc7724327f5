"""What the page /explore/rsa/ shows before a script runs, the words of the lesson, and the settings from which its scripts go on."""

from __future__ import annotations

import json
from itertools import combinations
from typing import Any

from artefacts.schemas.explore import LiveTokenizer
from artefacts.schemas.lab import LabSpace, LabWords
from artefacts.schemas.rsa import RsaAgreement, RsaInference, RsaSimilarities, SpaceSimilarities, WordLeftOut
from sitegen.explorer_inputs import ExplorerInputs
from sitegen.notebooks import notebook_json

DEPTHS = ("static", "third", "two_thirds", "last")
FIRST, SECOND = "d0", "e0"  # the spaces that the page opens with
COEFFICIENTS = {"pearson": "Pearson’s r", "spearman": "Spearman’s rho", "rho_a": "rho-a", "tau_a": "tau-a"}
LEVELS = 12  # of colour in the pictures
DRAWS, SEED, LEVEL = 10_000, 11, 0.95


def explorer_values(inputs: ExplorerInputs) -> dict[str, Any]:
    """What the template shows."""
    data = inputs.data
    lab: LabWords = data["lab_words"]
    similarities: RsaSimilarities = data["rsa_similarities"]
    spaces = [_space(space, inputs.names) for space in lab.spaces]
    label = {space["code"]: space["label"] for space in spaces}
    both = [next(entry for entry in similarities.by_model if entry.role == role) for role in ("decoder", "encoder")]
    settings = {
        "data": inputs.data_href,
        "beside": inputs.beside_href,
        "citation": inputs.citation,
        "spaces": spaces,
        "first": FIRST,
        "second": SECOND,
        "coefficients": COEFFICIENTS,
        "draws": DRAWS,
        "seed": SEED,
        "level": LEVEL,
        "tokenizers": [_tokenizer(inputs, role) for role in ("decoder", "encoder") if f"live_tokenizer_{role}" in data],
        "names": inputs.names,
    }
    return {
        "settings_json": json.dumps(settings, ensure_ascii=True),
        "worker_url": inputs.scripts["explore-rsa-worker.js"],
        "offered": len(lab.words),
        "most_words": lab.most_words,
        "draws": DRAWS,
        "carriers": lab.carriers,
        "static_name": inputs.names.get("static"),
        "spaces": spaces,
        "first": FIRST,
        "second": SECOND,
        "sets": [{"key": s.key, "title": s.title, "note": s.note, "words": sum(len(g.words) for g in s.groups)} for s in lab.sets],
        "left_out": "; ".join(_reason(word, inputs.names) for word in similarities.left_out),
        "words": similarities.words,
        "groups": _groups(similarities),
        "pairs": similarities.pairs,
        "within": similarities.within,
        "across": similarities.across,
        "matrices": [_matrix(entry, len(similarities.words), label[code]) for entry, code in zip(both, (FIRST, SECOND), strict=True)],
        "scatter": _scatter(both, similarities.categories, [label[FIRST], label[SECOND]]),
        "between": _between(data["rsa_inference"]),
        "selectivity": _selectivity(both, data["rsa_inference"]),
        "with_categories": _with_categories(data["rsa_agreement"]),
    }


def explorer_files(inputs: ExplorerInputs) -> dict[str, bytes]:
    """What lies beside the page: the notebook into which the page writes the reader's words."""
    return {"notebook.json": notebook_json(inputs.content / "notebooks" / "rsa-lab.py").encode("utf-8")}


def _space(space: LabSpace, names: dict[str, str]) -> dict[str, Any]:
    name = names[space.role]
    where = f"after layer {space.layer} of {space.layers}" if space.layer else ("rows of tokens" if space.layers else "")
    label = f"{name}, {where}" if where else name
    return space.model_dump() | {"code": f"{space.role[0]}{DEPTHS.index(space.depth)}", "name": name, "label": label}


def _tokenizer(inputs: ExplorerInputs, role: str) -> dict[str, str]:
    """What tells the reader how a missing word is cut."""
    live: LiveTokenizer = inputs.data[f"live_tokenizer_{role}"]
    return {"role": role, "name": inputs.names[role], "kind": inputs.kinds[role], "artefact": f"live_tokenizer_{live.same_as or role}"}


def _groups(similarities: RsaSimilarities) -> list[dict[str, Any]]:
    named = list(zip(similarities.words, similarities.categories, strict=True))
    return [{"name": name, "words": [w for w, c in named if c == name]} for name in dict.fromkeys(similarities.categories)]


def _reason(word: WordLeftOut, names: dict[str, str]) -> str:
    cut = [f"{count} tokens in {names[role]}" if count else f"unknown to {names[role]}" for role, count in word.pieces.items()]
    return f"{word.word} ({', '.join(cut)})"


def _matrix(entry: SpaceSimilarities, words: int, label: str) -> dict[str, Any]:
    """The matrix as one path a level of colour, each cell a square of one unit; the diagonal stays empty."""
    low, high = min(entry.cosines), max(entry.cosines)
    paths = [""] * LEVELS
    for (row, column), cosine in zip(combinations(range(words), 2), entry.cosines, strict=True):
        level = min(LEVELS - 1, int((cosine - low) / ((high - low) or 1) * LEVELS))
        paths[level] += f"M{column} {row}h1v1h-1zM{row} {column}h1v1h-1z"
    described = f"Matrix of cosines of {words} words in {label}, from {low:.2f} to {high:.2f}, sorted by category."
    return {"role": entry.role, "label": label, "picture": paths, "low": low, "high": high, "described": described}


def _scatter(both: list[SpaceSimilarities], categories: list[str], labels: list[str]) -> dict[str, str]:
    """The pairs as dots in a square of 100 units: a path of dots within categories and one across."""
    across = [categories[i] != categories[j] for i, j in combinations(range(len(categories)), 2)]
    (x_low, x_high), (y_low, y_high) = ((min(entry.cosines), max(entry.cosines)) for entry in both)
    dots = ["", ""]
    for x, y, kind in zip(both[0].cosines, both[1].cosines, across, strict=True):
        right, down = 100 * (x - x_low) / ((x_high - x_low) or 1), 100 * (y_high - y) / ((y_high - y_low) or 1)
        dots[kind] += f"M{right:.1f} {down:.1f}h0"
    described = f"{len(across)} pairs of words as points: across, the cosine in {labels[0]}; up, the cosine in {labels[1]}."
    return {"within": dots[0], "across": dots[1], "described": described}


def _between(inference: RsaInference) -> list[dict[str, Any]]:
    tests = {test.coefficient: test for test in inference.tests if (test.first, test.second) == ("decoder", "encoder")}
    return [
        {
            "key": key,
            "name": name,
            "value": tests[key].observed,
            "p": tests[key].p,
            "low": tests[key].low,
            "high": tests[key].high,
            "permutations": tests[key].permutations,
        }
        for key, name in COEFFICIENTS.items()
    ]


def _selectivity(both: list[SpaceSimilarities], inference: RsaInference) -> list[dict[str, Any]]:
    tests = {test.first: test for test in inference.tests if test.second == "category" and test.coefficient == "pearson"}

    def row(key: str, name: str, values: list[float | None], decimals: int = 3) -> dict[str, Any]:
        return {"key": key, "name": name, "shown": ["–" if value is None else f"{value:.{decimals}f}" for value in values]}

    return [
        row("within", "mean within categories", [entry.within_mean for entry in both]),
        row("across", "mean across categories", [entry.across_mean for entry in both]),
        row("difference", "difference", [_difference(entry) for entry in both]),
        row("pearson", "r with the categories", [tests[entry.role].observed for entry in both]),
        row("p", "p", [tests[entry.role].p for entry in both], 4),
    ]


def _difference(entry: SpaceSimilarities) -> float | None:
    return None if entry.within_mean is None or entry.across_mean is None else entry.within_mean - entry.across_mean


def _with_categories(agreement: RsaAgreement) -> list[dict[str, Any]]:
    value = {
        (entry.first, entry.coefficient): entry.value
        for entry in agreement.agreements
        if entry.second == "category" and entry.measure == "cosine"
    }
    ceiling = {entry.coefficient: entry.value for entry in agreement.ceilings}
    return [
        {"key": key, "name": name, "first": value["decoder", key], "second": value["encoder", key], "ceiling": ceiling[key]}
        for key, name in COEFFICIENTS.items()
    ]
