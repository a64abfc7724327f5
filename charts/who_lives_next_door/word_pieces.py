"""Words are not tokens: the pieces into which each tokenizer cuts a word, with and without the space before it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from artefacts.schemas.vocabularies import TokenisationExample, TokenisationExamples
from artefacts.tokens import visible_text
from charts.figure import Column, Figure, Table, figure
from charts.reading import listed

SOURCE_WORDS = ("banana", "apple", "cosmic")  # the source looks at them without a space
SHOWN_WORDS = (*SOURCE_WORDS, "Mike", "running", "unhappiness")  # before anybody asks for the whole table


def raw_pieces(example: TokenisationExample, tokenizer: str) -> list[str]:
    """The raw tokens; an empty list where the tokenizer was not asked."""
    return next((t.raw for t in example.by_tokenizer if t.tokenizer == tokenizer), [])


def distinct_tokenizers(examples: TokenisationExamples) -> dict[str, str]:
    """Tokenizer -> heading of its column. Those that cut every example alike share one column; kinds stand together."""
    cuts: dict[str, list[list[str]]] = {}
    headings: dict[str, str] = {}
    kind_order = list(dict.fromkeys(examples.tokenizer_kinds.values()))
    for tokenizer, name in examples.tokenizer_names.items():
        cut = [raw_pieces(example, tokenizer) for example in examples.examples]
        same = next((other for other, known in cuts.items() if known == cut), None)
        if same is None:
            cuts[tokenizer], headings[tokenizer] = cut, name
        elif name not in headings[same].split(", "):
            headings[same] += f", {name}"
    return dict(sorted(headings.items(), key=lambda item: kind_order.index(examples.tokenizer_kinds[item[0]])))


def _title(examples: TokenisationExamples) -> str:
    """Says which of the source's words a space makes whole in GPT-2, as counted."""
    number = {(e.word, e.leading_space): len(raw_pieces(e, "gpt2")) for e in examples.examples}
    mended = [word for word in SOURCE_WORDS if number.get((word, False), 1) > 1 and number.get((word, True)) == 1]
    if mended:
        name, words = examples.tokenizer_names["gpt2"], listed(f"“{word}”" for word in mended)
        return f"A space decides: {name} cuts {words} into pieces, but not with a space in front"
    return f"Words are not tokens: {len(examples.examples)} texts as {listed(examples.tokenizer_names.values())} cut them"


@figure(needs=("tokenisation_examples",))
def word_pieces(data: Mapping[str, Any]) -> Figure:
    examples = data["tokenisation_examples"]
    kinds, headings = examples.tokenizer_kinds, distinct_tokenizers(examples)
    described = []
    for example in examples.examples:
        if example.word in SOURCE_WORDS:
            cuts = "; ".join(
                f"{heading} {' + '.join(visible_text(raw, kinds[tokenizer]) for raw in raw_pieces(example, tokenizer))}"
                for tokenizer, heading in headings.items()
            )
            described.append(f"“{example.word}” {'with' if example.leading_space else 'without'} a space in front: {cuts}.")
    return Figure(
        title=_title(examples),
        caption=(
            "The same text through each tokenizer, with (␣) and without a space in front; every chip is one token, and only a "
            "single token has a row of its own in the matrix. A byte-level tokenizer such as GPT-2's keeps the space as part of "
            "the token, BERT's drops it and marks the rest of a word with ##. *Where it misleads:* these words were picked to "
            "show differences; in running text most words have a space in front, and most frequent words are whole."
        ),
        description=" ".join(described) or "A table of words and their tokens.",
        table=Table(
            [
                Column("text", "text"),
                *(Column(tokenizer, heading, "tokens", tokenizer_kind=kinds[tokenizer]) for tokenizer, heading in headings.items()),
            ],
            [
                {"text": f"␣{example.word}" if example.leading_space else example.word, "word": example.word}
                | {tokenizer: " ".join(raw_pieces(example, tokenizer)) for tokenizer in headings}
                for example in examples.examples
            ],
            default_rows=lambda row: row["word"] in SHOWN_WORDS,
        ),
    )
