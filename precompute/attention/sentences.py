"""Writes attention_sentences and own_sentences: the attention of every head to each sentence, far and near, and of changed sentences."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from artefacts.attention_weights import DEPTH_ERROR, OVERVIEW_ERROR, cells, far, near
from artefacts.envelope import dump_json
from artefacts.packing import pack, pack_deflated, quantise
from artefacts.schemas.attention_explorer import (
    AttentionDepth,
    AttentionFile,
    AttentionOverview,
    AttentionSentences,
    ChangedSentence,
    ChangeOffer,
    ExplainedSentence,
    HeadFile,
    HeadProducts,
    HeadsOfModel,
    SentenceOfModel,
)
from artefacts.shard_names import shard_name
from precompute.attention import own_texts
from precompute.attention.head_scores import entropy_bits, heads
from precompute.attention.passes import Pass, pass_of
from precompute.attention.texts import Reading, Text, counterparts, read, token_of_word, whole_words
from precompute.context.changed_words import movement, rollouts
from precompute.context.networks import Reader, readers
from precompute.shards import digest_of_shards
from precompute.statistics_of import rounded
from precompute.workspace import Workspace
from problems import Problem, ProjectError

LONGEST = 22  # tokens, in each model
LAYERS_IN_DEPTH = 5  # of a depth file
OPTIONS = {"longest": LONGEST, "layers_in_depth": LAYERS_IN_DEPTH}
WORD_LISTS = ("attention_sentences", "search_sentences")


@dataclass(frozen=True)
class Asked:
    """A sentence as its author wrote it down."""

    name: str
    text: Text
    shows: str
    look_for: str
    focus: str | None = None  # a word
    changes: list[tuple[str, str]] = field(default_factory=list)


def export(work: Workspace) -> tuple[AttentionSentences, dict[str, bytes]]:
    """The sentences of content/words/attention_sentences.toml."""
    asked = [
        Asked(
            s["name"],
            Text(s["text"], s.get("second")),
            s["shows"],
            s["look_for"],
            s["focus"],
            [(word, other) for word, other in s.get("changes", [])],
        )
        for s in work.words("attention_sentences")["sentence"]
    ]
    return explained(work, asked)


def export_own(work: Workspace) -> tuple[AttentionSentences, dict[str, bytes]]:
    """The reader's own: those that the file of an earlier run holds, and one that is to be added."""
    texts = own_texts.kept(work)
    asked = [Asked(own_texts.name_of(text), text, "your own", "Your own sentence.") for text in texts]
    return explained(work, asked)


def explained(work: Workspace, asked: list[Asked]) -> tuple[AttentionSentences, dict[str, bytes]]:
    """The index and its shards. Raises ProjectError for sentences that are too long."""
    shards: dict[str, bytes] = {}
    left_out: list[str] = []
    if asked:  # where there are none, no model is opened
        check_lengths(readers(work), [one.text for one in asked])
    sentences = [_explained(work, one, shards, left_out) for one in asked]
    index = AttentionSentences(
        longest=LONGEST,
        overview_error=OVERVIEW_ERROR,
        depth_error=DEPTH_ERROR,
        left_out_changes=left_out,
        sentences=sentences,
        shards=len(shards),
        shard_sha256=digest_of_shards(shards),
    )
    return index, shards


def check_lengths(both: list[Reader], texts: list[Text]) -> None:
    """Raises ProjectError that says how many tokens there are, and in which model."""
    problems = []
    for text in texts:
        for reader in both:
            count = len(read(reader, text).ids)
            if not 2 <= count <= LONGEST:
                added = ", those that it adds around a text included" if reader.adds_specials else ""
                what = f"is {count} token{'s' * (count != 1)} in {reader.name}{added}; the explorer draws 2 to {LONGEST}"
                cure = f"Take out about {count - LONGEST}, or make two sentences of it." if count > LONGEST else "Write a longer sentence."
                problems.append(Problem(repr(text.whole), None, what, cure))
    if problems:
        raise ProjectError(problems)


def _explained(work: Workspace, asked: Asked, shards: dict[str, bytes], left_out: list[str]) -> ExplainedSentence:
    both = readers(work)
    readings = [read(reader, asked.text) for reader in both]
    offers = _offers(both, readings, asked, left_out)
    by_model = []
    for reader, reading, other in zip(both, readings, reversed(readings), strict=True):
        scored = next(one for one in heads(work).by_model if one.role == reader.role)
        files = _Files(asked.name, reader.role, shards)
        by_model.append(
            SentenceOfModel(
                role=reader.role,
                causal=reader.role == "decoder",
                tokens=reader.tokens(reading.ids),
                focus=token_of_word(reading, asked.text.whole, asked.focus),
                counterparts=counterparts(reading.spans, other.spans),
                layers_in_depth=LAYERS_IN_DEPTH,
                **_written(reader, reading, scored, files),
                changes=[_changed(reader, reading, read(reader, text), files) for _, text in offers],
            )
        )
    return ExplainedSentence(
        name=asked.name,
        shows=asked.shows,
        text=asked.text.first,
        second=asked.text.second,
        look_for=asked.look_for,
        changes=[ChangeOffer(word=change[0], other=change[1], text=text.whole) for change, text in offers],
        by_model=by_model,
    )


class _Files:
    """Numbers the shards."""

    def __init__(self, sentence: str, role: str, shards: dict[str, bytes]):
        self._sentence, self._role, self._shards = sentence, role, shards

    def add(self, **part: Any) -> int:
        number = len(self._shards)
        file = AttentionFile(sentence=self._sentence, role=self._role, **part)
        self._shards[shard_name(number)] = dump_json(file.model_dump(mode="json", exclude_none=True)).encode("utf-8")
        return number


def _written(reader: Reader, reading: Reading, scored: HeadsOfModel, files: _Files) -> dict[str, Any]:
    """The numbers of the files of a sentence."""
    run = pass_of(reader, reading)
    causal = reader.role == "decoder"
    weights = cells(run.attention, causal)
    tokens = len(reading.ids)
    entropies = entropy_bits(run.attention.astype(np.float64)).mean(axis=-1)
    overview = AttentionOverview(
        weights=pack_deflated(far(weights)),
        rollout=pack(far(cells(rollouts(run.attention), causal))),
        entropy_max=rounded(np.log2(tokens), 6),
        entropies=pack(quantise(entropies / np.log2(tokens), 0, 1)),
    )
    number = files.add(overview=overview)
    depth = [
        files.add(depth=AttentionDepth(first_layer=first + 1, remainders=pack(near(weights[first : first + LAYERS_IN_DEPTH]))))
        for first in range(0, len(weights), LAYERS_IN_DEPTH)
    ]
    products = []
    for named in scored.named:
        part = products_of(run, named.layer, named.head)
        products.append(HeadFile(layer=named.layer, head=named.head, file=files.add(products=part)))
    return {"overview": number, "depth": depth, "products": products}


def products_of(run: Pass, layer: int, head: int) -> HeadProducts:
    """layer, head: from 1. With grouped queries several heads read the keys of one."""
    group = run.queries.shape[2] // run.keys.shape[2]
    key_head = (head - 1) // group
    queries, query_scales = _scaled(run.queries[layer - 1, :, head - 1])
    keys, key_scales = _scaled(run.keys[layer - 1, :, key_head])
    return HeadProducts(
        layer=layer,
        head=head,
        key_value_head=key_head + 1,
        queries=pack(queries),
        query_scales=query_scales,
        keys=pack(keys),
        key_scales=key_scales,
    )


def _scaled(vectors: np.ndarray) -> tuple[np.ndarray, list[float]]:
    """Vectors [token, dim] as int16, and the scale of each: its largest number."""
    scales = [rounded(np.abs(vector).max(), 6) or 1.0 for vector in vectors.astype(np.float64)]
    whole = np.rint(vectors.astype(np.float64) / np.array(scales)[:, None] * 32_767)
    return np.clip(whole, -32_767, 32_767).astype(np.int16), scales


# --- another word --------------------------------------------------------------------------------------------------------------


def exchanged(text: Text, word: str, other: str) -> Text:
    """The first occurrence of the word, whole, exchanged. Raises ValueError where there is none."""
    for part in ("first", "second"):
        whole = getattr(text, part) or ""
        places = whole_words(whole, word)
        if places:
            fresh = whole[: places[0]] + other + whole[places[0] + len(word) :]
            return Text(fresh, text.second) if part == "first" else Text(text.first, fresh)
    raise ValueError(f"{word!r} does not stand in {text.whole!r}")


def _offers(both: list[Reader], readings: list[Reading], asked: Asked, left_out: list[str]) -> list[tuple[tuple[str, str], Text]]:
    """The changes that leave the number of tokens as it is in both models."""
    offers = []
    for word, other in asked.changes:
        text = exchanged(asked.text, word, other)
        same = all(len(read(reader, text).ids) == len(reading.ids) for reader, reading in zip(both, readings, strict=True))
        if same:
            offers.append(((word, other), text))
        else:
            left_out.append(f"{asked.name}: {word} -> {other}")
    return offers


def _changed(reader: Reader, before: Reading, after: Reading, files: _Files) -> int:
    first, second = pass_of(reader, before), pass_of(reader, after)
    moved = np.abs(first.attention.astype(np.float64) - second.attention).sum(axis=-1).mean(axis=-1) / 2
    return files.add(
        changed=ChangedSentence(
            tokens=reader.tokens(after.ids),
            changed=[n for n, (a, b) in enumerate(zip(before.ids, after.ids, strict=True)) if a != b],
            weights=pack_deflated(far(cells(second.attention, reader.role == "decoder"))),
            rows_moved=[[rounded(x, 3) for x in layer] for layer in moved],
            movement=[[rounded(x, 3) for x in layer] for layer in movement(first.states, second.states)],
        )
    )
