"""Writes token_kinds: what the entries of each vocabulary are, each counted once, and how long they are by four definitions."""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict

import numpy as np

from artefacts.schemas.cutting import KindCount, KindsOfVocabulary, LengthDefinition, LengthsByDefinition, TokenKind, TokenKinds
from artefacts.schemas.parts import Histogram, TokenizerKind
from artefacts.tokens import is_partial_utf8, token_text
from precompute.space import PLACEHOLDER
from precompute.statistics_of import rounded
from precompute.vocabularies import TOKENIZERS
from precompute.workspace import Workspace

LONGEST = 24  # characters; longer entries are counted together
EXAMPLES = 6
OPTIONS = {"longest": LONGEST, "examples": EXAMPLES}

RULES: dict[TokenKind, str] = {
    "special": "stands for no text, such as [CLS]",
    "placeholder": "[unusedN], kept free",
    "part of a character": "bytes that are no whole character by themselves",
    "letters of other scripts": "letters, at least one of them not Latin",
    "starts a word": "Latin letters after a space (byte-level BPE), or without ## (WordPiece)",
    "continues a word": "Latin letters without a space before them (byte-level BPE), or after ## (WordPiece)",
    "digits": "digits only, with or without the mark",
    "signs and blanks": "all the rest: punctuation, symbols, blanks, code, mixtures",
}


def export(work: Workspace) -> TokenKinds:
    """Counts of the kinds of entries and lengths of tokens, for all four tokenizers."""
    return TokenKinds(rules=RULES, tokenizers=[_of_tokenizer(work, name) for name in TOKENIZERS])


def _of_tokenizer(work: Workspace, name: str) -> KindsOfVocabulary:
    part = work.model_set.tokenizer(name)
    return kinds_of_vocabulary(name, part.spec.name, part.kind, part.raw_tokens(), set(part.special_ids()))


def kinds_of_vocabulary(tokenizer: str, name: str, kind: TokenizerKind, tokens: list[str], special: set[int]) -> KindsOfVocabulary:
    """tokens: [token], raw. special: ids that stand for no text."""
    found: dict[TokenKind, list[int]] = {rule: [] for rule in RULES}
    for i, raw in enumerate(tokens):
        found[kind_of(raw, kind, i in special)].append(i)
    twins = twins_of(tokens, kind, special)
    return KindsOfVocabulary(
        tokenizer=tokenizer,
        name=name,
        kind=kind,
        size=len(tokens),
        kinds=[KindCount(kind=what, tokens=len(ids), examples=_examples([tokens[i] for i in ids])) for what, ids in found.items()],
        **twins,
        lengths=[_lengths(definition, tokens, kind, special) for definition in LengthDefinition.__args__],
    )


def kind_of(raw: str, tokenizer_kind: TokenizerKind, special: bool) -> TokenKind:
    """The first of `RULES` that fits a vocabulary entry."""
    if special:
        return "special"
    if PLACEHOLDER.fullmatch(raw):
        return "placeholder"
    if is_partial_utf8(raw, tokenizer_kind):
        return "part of a character"
    text = token_text(raw, tokenizer_kind)
    bare = text.removeprefix(" ")
    if bare.isalpha():
        if not all(is_latin(character) for character in bare):
            return "letters of other scripts"
        return "starts a word" if starts_word(raw, text, tokenizer_kind) else "continues a word"
    return "digits" if bare.isdigit() else "signs and blanks"


def starts_word(raw: str, text: str, kind: TokenizerKind) -> bool:
    """Whether a token begins a word: no ## in WordPiece, a leading space in byte-level BPE."""
    return not (raw.startswith("##") and len(raw) > 2) if kind == "wordpiece" else text.startswith(" ")


def is_latin(character: str) -> bool:
    """Whether a character is ASCII or, by its Unicode name, a Latin letter."""
    return character.isascii() or "LATIN" in unicodedata.name(character, "")


def twins_of(tokens: list[str], kind: TokenizerKind, special: set[int]) -> dict[str, int]:
    """How many entries of letters repeat another one with another space (or ##) or case."""
    entries = []
    for i, raw in enumerate(tokens):
        text = token_text(raw, kind)
        if i not in special and text.removeprefix(" ").isalpha() and not is_partial_utf8(raw, kind):
            entries.append((text.removeprefix(" "), starts_word(raw, text, kind)))
    sides: dict[str, set[bool]] = defaultdict(set)
    cases: dict[tuple[str, bool], set[str]] = defaultdict(set)
    for word, start in entries:
        sides[word].add(start)
        cases[word.lower(), start].add(word)
    has_space_twin = [len(sides[word]) > 1 for word, _ in entries]
    has_case_twin = [len(cases[word.lower(), start]) > 1 for word, start in entries]
    return {
        "space_twins": sum(has_space_twin),
        "case_twins": sum(has_case_twin),
        "twins": sum(a or b for a, b in zip(has_space_twin, has_case_twin, strict=True)),
        "distinct_words": len({word.lower() for word, _ in entries}),
        "letter_entries": len(entries),
    }


def _examples(tokens: list[str]) -> list[str]:
    """A few entries, evenly spaced, so that early and late ids are among them."""
    return [tokens[i] for i in np.unique(np.linspace(0, len(tokens) - 1, EXAMPLES).round().astype(int))] if tokens else []


def _lengths(definition: LengthDefinition, tokens: list[str], kind: TokenizerKind, special: set[int]) -> LengthsByDefinition:
    def length(raw: str) -> int:
        if definition == "raw":
            return len(raw)
        if definition == "decoded":  # as the tokenizer prints one token: BERT's keeps the ##
            return len(raw if kind == "wordpiece" else token_text(raw, kind))
        return len(token_text(raw, kind).removeprefix(" "))

    dropped = definition == "stripped, no placeholders"
    kept = [raw for i, raw in enumerate(tokens) if not (dropped and (i in special or PLACEHOLDER.fullmatch(raw)))]
    numbers = np.array([length(raw) for raw in kept])
    common = Counter(numbers.tolist()).most_common()
    counts = np.bincount(numbers[numbers <= LONGEST], minlength=LONGEST + 1)
    return LengthsByDefinition(
        definition=definition,
        entries=len(kept),
        lengths=Histogram(edges=[float(n) for n in range(LONGEST + 2)], counts=counts.tolist()),
        longer=int(np.count_nonzero(numbers > LONGEST)),
        peaks=[n for n, _ in sorted(common, key=lambda pair: (-pair[1], pair[0]))[:3]],
        mean=rounded(numbers.mean(), 4),
    )
