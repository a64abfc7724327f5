"""Writes attention_heads: what every head does on average over a corpus, and the name that a stated rule gives it.

A score is the mean weight that a head's queries give to tokens of one kind (Clark et al. 2019; Vig & Belinkov 2019); "broad" is the
mean entropy of a row as a share of what an even spread would have. The same scores of an even spread stand beside them, because in
short sentences every head must look at something.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field

import numpy as np

from artefacts.envelope import read_artefact
from artefacts.schemas.attention_explorer import AttentionHeads, HeadsOfModel, Kind, NamedHead, ScoredHead, ScoreKind
from artefacts.tokens import token_text
from precompute.attention.passes import attention_of_many
from precompute.attention.texts import Text, read
from precompute.context.networks import Reader, readers, rotary_part
from precompute.statistics_of import rounded
from precompute.workspace import Workspace

FEWEST_SEEN = 4
TIMES_UNIFORM = 2.0
LEAST_LEFT = 0.01
MOST_NAMED = 6  # heads of a model whose queries and keys are exported
LEAST: dict[Kind, float] = {
    "previous": 0.4,
    "next": 0.4,
    "first": 0.4,
    "separator": 0.4,
    "self": 0.4,
    "duplicate": 0.4,
    "broad": 0.8,
}
RULES: dict[Kind, str] = {
    "previous": "weight on the token just before, unless that is the first",
    "next": "weight on the token just after, unless that is the last",
    "first": "weight on the first token, from all others",
    "separator": "weight on punctuation and [SEP], from words that see some",
    "self": "weight of a word on itself, the first token left out",
    "duplicate": "weight on other places of the same token, from words that see one",
    "broad": "mean entropy of a row, as a share of that of an even spread",
}
WORD_LISTS = ("attention_sentences", "search_sentences")
OPTIONS = {"fewest_seen": FEWEST_SEEN, "times_uniform": TIMES_UNIFORM, "least_left": LEAST_LEFT, "least": LEAST, "named": MOST_NAMED}


def export(work: Workspace) -> AttentionHeads:
    """Scores and names of all heads of both models. Computed once a run: other exports name heads by it."""
    return work.once("attention heads", lambda: _computed(work))


def heads(work: Workspace) -> AttentionHeads:
    """The same for other exporters: from the file where that is up to date."""
    if work.is_current("attention_heads"):
        return read_artefact(work.data_dir / "attention_heads.json")[1]
    return export(work)


def _computed(work: Workspace) -> AttentionHeads:
    own = [Text(s["text"], s.get("second")).whole for s in work.words("attention_sentences")["sentence"]]
    searched = [text for texts in work.words("search_sentences")["topics"].values() for text in texts]
    texts = own + searched
    return AttentionHeads(
        corpus=f"the {len(own)} sentences of this page and the {len(searched)} sentences of the lesson on search",
        corpus_sentences=len(texts),
        fewest_seen=FEWEST_SEEN,
        times_uniform=TIMES_UNIFORM,
        least_left=LEAST_LEFT,
        by_model=[_of_model(reader, texts) for reader in readers(work)],
    )


# --- one text ------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Looks:
    """Which cells of a text's matrix count for what. All [query, key] of bool but `queries`, [query]."""

    visible: np.ndarray
    queries: dict[Kind, np.ndarray]
    targets: dict[Kind, np.ndarray]


def looks(reader: Reader, ids: list[int], hidden: int | None = None) -> Looks:
    """hidden: a place that is taken out of the matrix, as a key and as a query."""
    tokens = len(ids)
    visible = np.ones((tokens, tokens), dtype=bool)
    if reader.role == "decoder":
        visible = np.tril(visible)
    special = set(reader.model.special_ids())
    first, last = np.arange(tokens) == 0, np.arange(tokens) == tokens - 1
    separator = np.array([n > 0 and (i in special or _is_punctuation(reader, i)) for n, i in enumerate(ids)])
    if hidden is not None:
        visible[:, hidden] = False
    places = np.array(ids)
    targets: dict[Kind, np.ndarray] = {
        "previous": np.eye(tokens, k=-1, dtype=bool) & ~first,
        "next": np.eye(tokens, k=1, dtype=bool) & ~last,
        "first": np.tile(first, (tokens, 1)),
        "separator": np.tile(separator, (tokens, 1)),
        "self": np.eye(tokens, dtype=bool),
        "duplicate": (places[:, None] == places) & ~np.eye(tokens, dtype=bool) & ~separator & ~first,
        "broad": np.ones_like(visible),
    }
    if reader.role == "decoder":
        del targets["next"]  # masked
    if hidden == 0:
        del targets["first"]
    counted = (visible.sum(axis=1) >= FEWEST_SEEN) & ~first
    if hidden is not None:
        counted[hidden] = False
    words = counted & ~separator
    rows = {"separator": words, "self": words, "duplicate": words}
    queries = {kind: rows.get(kind, counted) & (cells & visible).any(axis=1) for kind, cells in targets.items()}
    return Looks(visible, queries, targets)


def _is_punctuation(reader: Reader, token_id: int) -> bool:
    text = token_text(reader.token(token_id).raw, reader.kind).strip()
    return bool(text) and all(unicodedata.category(character).startswith("P") for character in text)


def entropy_bits(rows: np.ndarray) -> np.ndarray:
    """[...] of [..., key]: 0 log 0 is 0."""
    return -(rows * np.log2(np.where(rows > 0, rows, 1))).sum(axis=-1)


# --- sums over texts -----------------------------------------------------------------------------------------------------------


@dataclass
class Sums:
    """What a kind has added up: score and count by [layer, head], and the same for an even spread."""

    score: np.ndarray | float = 0.0
    count: np.ndarray | int = 0
    uniform: float = 0.0
    queries: int = 0


@dataclass
class Scores:
    """Running sums for the scores of all heads, by kind of target."""

    sums: dict[Kind, Sums] = field(default_factory=dict)

    def add(self, weights: np.ndarray, looked: Looks, kept: np.ndarray) -> None:
        """weights: [layer, head, query, key], rows sum to 1 where `kept`, [layer, head, query], says so."""
        seen = looked.visible.sum(axis=1)
        for kind, targets in looked.targets.items():
            rows = looked.queries[kind]
            if not rows.any():
                continue
            if kind == "broad":
                value = entropy_bits(weights[:, :, rows]) / np.log2(seen[rows])
                even = np.ones(rows.sum())
            else:
                value = (weights[:, :, rows] * targets[rows]).sum(axis=-1)
                even = (targets & looked.visible).sum(axis=1)[rows] / seen[rows]
            good = kept[:, :, rows]
            sums = self.sums.setdefault(kind, Sums())
            sums.score = sums.score + (value * good).sum(axis=-1)
            sums.count = sums.count + good.sum(axis=-1)
            sums.uniform += float(even.sum())
            sums.queries += int(rows.sum())

    def of_head(self, kind: Kind, layer: int, head: int) -> float | None:
        """Mean weight on the targets of a kind, over the queries that have such targets; None where none had."""
        sums = self.sums.get(kind)
        if sums is None or not sums.count[layer, head]:
            return None
        return rounded(sums.score[layer, head] / sums.count[layer, head], 4)

    def uniform(self, kind: Kind) -> float | None:
        """The same for a head that looks at all it may see alike."""
        sums = self.sums.get(kind)
        return rounded(sums.uniform / sums.queries, 4) if sums else None


def _of_model(reader: Reader, texts: list[str]) -> HeadsOfModel:
    read_texts = [read(reader, Text(text)).ids for text in texts]
    runs = [(ids, weights.astype(np.float32)) for ids, weights in attention_of_many(reader, read_texts)]
    sink, share = sink_of(runs)
    whole, without = Scores(), Scores()
    on_sink, entropy, rows_counted = 0.0, 0.0, 0
    for ids, weights in runs:
        looked = looks(reader, ids)
        counted = looked.queries["broad"]
        exact = weights.astype(np.float64)
        whole.add(exact, looked, np.ones(weights.shape[:3], dtype=bool))
        place = 0 if sink == "first" else len(ids) - 1
        on_sink = on_sink + exact[:, :, counted, place].sum(axis=-1)
        entropy = entropy + entropy_bits(exact[:, :, counted]).sum(axis=-1)
        rows_counted += int(counted.sum())
        rest, kept = without_sink(exact, place)
        without.add(rest, looks(reader, ids, hidden=place), kept)
    kinds = [kind for kind in RULES if kind in whole.sums]
    layers, heads_in_layer = np.shape(on_sink)
    found = [
        _scored(layer, head, kinds, whole, without, on_sink / rows_counted, entropy / rows_counted)
        for layer in range(layers)
        for head in range(heads_in_layer)
    ]
    config = reader.network.config
    return HeadsOfModel(
        role=reader.role,
        layers=layers,
        heads_in_layer=heads_in_layer,
        key_value_heads=getattr(config, "num_key_value_heads", None) or heads_in_layer,
        head_dims=config.hidden_size // heads_in_layer,
        rotary=rotary_part(reader.network) is not None,
        sink=sink,
        sink_share=rounded(share, 4),
        tokens=sum(map(len, read_texts)),
        kinds=[
            ScoreKind(
                kind=kind,
                rule=RULES[kind],
                least=LEAST[kind],
                queries=whole.sums[kind].queries,
                uniform=whole.uniform(kind),
                uniform_without_sink=without.uniform(kind),
            )
            for kind in kinds
        ],
        heads=found,
        named=_named(found, kinds),
    )


def sink_of(runs: list[tuple[list[int], np.ndarray]]) -> tuple[str, float]:
    """Which end of the texts gets more weight, on average over layers, heads and queries that see enough; and how much.

    In a causal model nobody but the last token sees the last.
    """
    shares = []
    for place in (0, -1):
        columns = [weights[:, :, FEWEST_SEEN - 1 :, place].mean(axis=(0, 1)) for _, weights in runs if weights.shape[2] >= FEWEST_SEEN]
        shares.append(float(np.concatenate(columns).mean()))
    return ("first", shares[0]) if shares[0] >= shares[1] else ("last", shares[1])


def without_sink(weights: np.ndarray, place: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows without a column, made to sum to 1 again; and which rows, [layer, head, query], have enough left for that.

    Rows with less than `LEAST_LEFT` left are 0.
    """
    rest = weights.copy()
    rest[..., place] = 0
    left = rest.sum(axis=-1)
    kept = left >= LEAST_LEFT
    return np.where(kept[..., None], rest / np.where(kept, left, 1)[..., None], 0), kept


# --- names ---------------------------------------------------------------------------------------------------------------------


def label_of(scores: dict[Kind, float | None], uniform: dict[Kind, float | None]) -> Kind | None:
    """The kind with the largest score among those that reach their threshold and `TIMES_UNIFORM` times an even spread.

    A head is broad only where it is nothing else: every row is a little of everything.
    """
    reached = {
        kind: score
        for kind, score in scores.items()
        if kind != "broad" and score is not None and score >= LEAST[kind] and score >= TIMES_UNIFORM * uniform[kind]
    }
    if reached:
        return max(reached, key=lambda kind: reached[kind])
    broad = scores.get("broad")
    return "broad" if broad is not None and broad >= LEAST["broad"] else None


def _scored(
    layer: int, head: int, kinds: list[Kind], whole: Scores, without: Scores, on_sink: np.ndarray, entropy: np.ndarray
) -> ScoredHead:
    by_kind, labels = [], []
    for scores in (whole, without):
        values = {kind: scores.of_head(kind, layer, head) for kind in kinds}
        by_kind.append(list(values.values()))
        labels.append(label_of(values, {kind: scores.uniform(kind) for kind in kinds}))
    return ScoredHead(
        layer=layer + 1,
        head=head + 1,
        label=labels[0],
        scores=by_kind[0],
        label_without_sink=labels[1],
        scores_without_sink=by_kind[1],
        sink=rounded(on_sink[layer, head], 4),
        entropy=rounded(entropy[layer, head], 3),
    )


def _named(found: list[ScoredHead], kinds: list[Kind]) -> list[NamedHead]:
    """The best head of each label; of a label that no head has, the best of those that have it without the sink."""
    named: list[NamedHead] = []
    for place, kind in enumerate(kinds):
        for without, scored in ((False, "scores"), (True, "scores_without_sink")):
            taken = {(one.layer, one.head) for one in named}
            label = "label_without_sink" if without else "label"
            having = [one for one in found if getattr(one, label) == kind and (one.layer, one.head) not in taken]
            if having:
                best = max(having, key=lambda one: getattr(one, scored)[place])
                named.append(NamedHead(layer=best.layer, head=best.head, kind=kind, without_sink=without))
                break
    return named[:MOST_NAMED]
