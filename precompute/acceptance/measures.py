"""How each published figure is found in the exported data: a name of figures.toml -> a function of the data and of its `of`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from artefacts.envelope import read_artefact
from artefacts.packing import dequantise, unpack


class NotExportedError(Exception):
    """The data do not hold what a figure is about. The message says what is missing."""


class Exported:
    """The artefacts of one set, read when they are first asked for."""

    def __init__(self, folder: Path):
        self.folder = folder
        self._read: dict[str, Any] = {}

    def artefact(self, name: str) -> Any:
        """Raises NotExportedError where there is no such file, ProjectError where it is damaged."""
        if name not in self._read:
            path = self.folder / f"{name}.json"
            if not path.is_file():
                raise NotExportedError(f"there is no {name}.json")
            self._read[name] = read_artefact(path)[1]
        return self._read[name]

    def of_role(self, name: str, role: str) -> Any:
        """The part of an artefact that is about one model."""
        return _first((m for m in self.artefact(name).by_model if m.role == role), f"{name} has no {role}")

    def vocabulary(self, tokenizer: str) -> dict[str, int]:
        """Raw token -> id."""
        return {raw: n for n, raw in enumerate(self.artefact(f"vocabulary_{tokenizer}").tokens)}

    @cached_property
    def measurements(self) -> dict[str, float]:
        """Name -> value, of published_measurements. Raises NotExportedError."""
        return {m.name: m.value for m in self.artefact("published_measurements").measurements}


MEASURES: dict[str, Callable[..., Any]] = {}


def _measure(function: Callable[..., Any]) -> Callable[..., Any]:
    MEASURES[function.__name__] = function
    return function


def _first(found: Iterable[Any], otherwise: str) -> Any:
    for item in found:
        return item
    raise NotExportedError(otherwise)


def _of(found: Mapping[Any, Any], key: Any, where: str) -> Any:
    if key not in found:
        raise NotExportedError(f"{where} has no {key!r}")
    return found[key]


# --- tokenizers ------------------------------------------------------------------------------------------------------------------


@_measure
def vocabulary_size(data: Exported, tokenizer: str) -> int:
    """Entries of the vocabulary. tokenizer: "gpt2" or "bert"."""
    return len(data.artefact(f"vocabulary_{tokenizer}").tokens)


@_measure
def token_ids(data: Exported, tokenizer: str, *raw: str) -> list[int | None]:
    """[token]: the id of each raw token, None for what the vocabulary does not have."""
    ids = data.vocabulary(tokenizer)
    return [ids.get(token) for token in raw]


def _counts(data: Exported, tokenizer: str) -> Any:
    found = data.artefact("vocabulary_statistics").tokenizers
    return _first((t for t in found if t.tokenizer == tokenizer), f"vocabulary_statistics has no {tokenizer}")


@_measure
def count_in_vocabulary(data: Exported, tokenizer: str, what: str) -> int:
    """How many entries are of a kind. what: a field of the counts of vocabulary_statistics."""
    return getattr(_counts(data, tokenizer), what)


@_measure
def share_of_vocabulary(data: Exported, tokenizer: str, what: str) -> float:
    """The same as a share of all entries, 0 to 1."""
    counts = _counts(data, tokenizer)
    return getattr(counts, what) / counts.size


@_measure
def whole_words_of_wordpiece(data: Exported, tokenizer: str) -> float:
    """Entries of two letters or more, pieces inside a word left out, of all."""
    entries = data.artefact(f"vocabulary_{tokenizer}").tokens
    return sum(raw.isalpha() and len(raw) > 1 for raw in entries) / len(entries)


@_measure
def commonest_lengths(data: Exported, tokenizer: str) -> list[int]:
    """Of entries as the file spells them, most common first."""
    found = _first((t for t in data.artefact("token_kinds").tokenizers if t.tokenizer == tokenizer), f"token_kinds has no {tokenizer}")
    return next(lengths.peaks for lengths in found.lengths if lengths.definition == "raw")


@_measure
def pieces(data: Exported, tokenizer: str, *words: str) -> list[str]:
    """Of bare words, with spaces between."""
    cut = {
        e.word: " ".join(next(t.raw for t in e.by_tokenizer if t.tokenizer == tokenizer))
        for e in data.artefact("tokenisation_examples").examples
        if not e.leading_space
    }
    return [_of(cut, word, "tokenisation_examples") for word in words]


# --- matrices ----------------------------------------------------------------------------------------------------------------------


@_measure
def sizes(data: Exported, role: str, *what: str) -> list[Any]:
    """[fact]: fields of model_facts for the model in a role, such as `layers`. Raises NotExportedError."""
    facts = _first((m for m in data.artefact("model_facts").models if m.role == role), f"model_facts has no {role}")
    return [getattr(facts, name) for name in what]


@_measure
def norms(data: Exported, role: str, *raw: str) -> list[float]:
    """[token]: Euclidean lengths of the rows of these raw tokens, as exported in 16 bits."""
    ids, marks = data.vocabulary(role), data.artefact(f"token_marks_{role}")
    lengths = dequantise(unpack(marks.norms), 0, marks.norm_max)
    return [float(lengths[_of(ids, token, f"vocabulary_{role}")]) for token in raw]


@_measure
def share_beyond(data: Exported, role: str, threshold: float) -> float:
    """Share of the matrix's entries whose size exceeds the threshold, 0 to 1; only thresholds that matrix_entries has."""
    entries = data.of_role("matrix_entries", role)
    return _of(dict(zip(entries.thresholds, entries.share_beyond, strict=True)), threshold, "matrix_entries")


@_measure
def row_statistic(data: Exported, role: str, measure: str, statistic: str) -> float:
    """A statistic over all rows. measure: a field of row_statistics, such as "variances"; statistic: a field of it, such as "mean"."""
    return getattr(getattr(data.of_role("row_statistics", role), measure), statistic)


@_measure
def variance_ratio(data: Exported) -> float:
    """The mean variance within a decoder's row, divided by that within an encoder's."""
    return row_statistic(data, "decoder", "variances", "mean") / row_statistic(data, "encoder", "variances", "mean")


@_measure
def variance_ranges_apart(data: Exported) -> bool:
    """Whether every row of the decoder varies more than any of the encoder."""
    return row_statistic(data, "decoder", "variances", "minimum") > row_statistic(data, "encoder", "variances", "maximum")


@_measure
def measurement(data: Exported, name: str) -> float:
    """One number of published_measurements by its name. Raises NotExportedError."""
    return _of(data.measurements, name, "published_measurements")


@_measure
def measurements(data: Exported, *names: str) -> list[float]:
    """[name]: several of them."""
    return [measurement(data, name) for name in names]


# --- neighbours --------------------------------------------------------------------------------------------------------------------


def _cosine_list(data: Exported, role: str, raw: str) -> list[Any]:
    entries = data.artefact("neighbourhoods").entries
    fitting = (e for e in entries if e.role == role and e.token is not None and e.token.raw == raw)
    return _first(fitting, f"neighbourhoods has no {raw!r}").lists.cosine


@_measure
def nearest(data: Exported, role: str, raw: str, how_many: int) -> list[str]:
    """The raw tokens of a word's first cosine neighbours, nearest first."""
    return [n.token.raw for n in _cosine_list(data, role, raw)[:how_many]]


@_measure
def nearest_cosines(data: Exported, role: str, raw: str, how_many: int) -> list[float]:
    """The cosines of a word's first neighbours, descending."""
    return [n.cosine for n in _cosine_list(data, role, raw)[:how_many]]


@_measure
def pair_cosines(data: Exported, role: str, *raw: str) -> list[float]:
    """Of the first with the second, of the third with the fourth, and so on."""
    found = {(p.first.raw, p.second.raw): p.cosine for p in data.artefact("pair_similarities").pairs if p.role == role}
    asked = list(zip(raw[::2], raw[1::2], strict=True))
    return [_of(found, pair, "pair_similarities") for pair in asked]


@_measure
def random_mean(data: Exported, role: str) -> float:
    """The mean cosine of two tokens drawn at random from the vocabulary."""
    return data.of_role("random_pairs", role).all_tokens.mean


# --- networks ----------------------------------------------------------------------------------------------------------------------


@_measure
def position_norms(data: Exported, role: str) -> list[float]:
    """Of the first and of the last row of a learned table."""
    schemes = data.artefact("position_marks").schemes
    scheme = _first((s for s in schemes if s.role == role and s.kind == "learned"), f"position_marks has no learned table of the {role}")
    return [scheme.norm_first, scheme.norm_last]


@_measure
def sink_shares(data: Exported, role: str, *layers: int) -> list[float]:
    """Mean weight on the first token; layers count from 1."""
    shares = {found.layer: found.first for found in data.of_role("attention_sinks", role).layers}
    return [_of(shares, layer, "attention_sinks") for layer in layers]


def _head(data: Exported, role: str, layer: int, head: int) -> tuple[Any, Any]:
    model = data.of_role("attention_heads", role)
    fitting = (h for h in model.heads if (h.layer, h.head) == (layer, head))
    return model, _first(fitting, f"attention_heads has no head {layer}.{head}")


@_measure
def head_score(data: Exported, role: str, layer: int, head: int, kind: str) -> float:
    """The score of a head (counted from 0) for a kind, such as "previous", on average over the corpus."""
    model, found = _head(data, role, layer, head)
    return found.scores[[k.kind for k in model.kinds].index(kind)]


@_measure
def head_label(data: Exported, role: str, layer: int, head: int) -> str | None:
    """What the head is named after, with the sink or without."""
    _, found = _head(data, role, layer, head)
    return found.label_without_sink or found.label


@_measure
def is_rogue(data: Exported, role: str, dim: int) -> bool:
    """Whether a dimension, from 0, is among those named for carrying most of the cosine of any two states."""
    return dim in data.of_role("rogue_dimensions", role).named


@_measure
def mask_words(data: Exported, text: str, *words: str) -> list[float]:
    """[word]: the probability of each word in place of [MASK]. Raises NotExportedError where no head, or no such word, was exported."""
    heads = data.artefact("pretraining_heads")
    if not heads.mask_head:
        raise NotExportedError("the encoder's file has no head for masked words")
    found = {p.text: p.probability for mask in heads.masks if mask.text == text for p in mask.predictions}
    return [_of(found, word, "pretraining_heads") for word in words]


# --- words of the RSA ----------------------------------------------------------------------------------------------------------------


@_measure
def rsa_words(data: Exported) -> list[int]:
    """Words of the source's list that decoder and encoder have as one token each, their pairs, and pairs within a category."""
    found = data.artefact("rsa_similarities")
    lost = {"decoder", "encoder"}
    kept = found.listed - sum(bool(lost & word.pieces.keys()) for word in found.left_out)
    return [kept, found.listed_pairs, found.listed_within]


@_measure
def category_ceilings(data: Exported, *coefficients: str) -> list[float]:
    """The most that untied values can reach against the categories of all listed words."""
    ceilings = {c.coefficient: c.value_listed for c in data.artefact("rsa_agreement").ceilings}
    return [_of(ceilings, name, "rsa_agreement") for name in coefficients]
