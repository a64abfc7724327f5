"""Writes source_code: each step of the source's code, tried with today's transformers and the real tokenizers.

The models are built from the library's default configurations with one layer, and no numbers are put into them: what is asked is whether
the names still exist and which shapes they have, and for that no weights are needed.
"""

from __future__ import annotations

import json
import math
import tempfile
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

from artefacts.schemas.source_code import ArchitectureFacts, CodeStep, SourceCode
from precompute.statistics_of import rounded
from precompute.workspace import Workspace

# The random numbers that the authors' own programs give to the matrix: model.py of openai/gpt-2 (a normal distribution),
# modeling.py of google-research/bert (a normal distribution, redrawn beyond two standard deviations).
AUTHORS_GPT2 = 0.02
AUTHORS_BERT, AUTHORS_BERT_CUT = 0.02, 2.0


def export(work: Workspace) -> SourceCode:
    """What each expression gives, or the error it ends with. Needs transformers, no weights."""
    import torch
    from transformers import BertConfig, BertModel, GPT2Config, GPT2Model

    with torch.device("meta"):  # shapes without numbers: drawing these takes longer than all that is asked
        gpt2, bert = GPT2Model(GPT2Config(n_layer=1)), BertModel(BertConfig(num_hidden_layers=1))
    gpt2, bert = (model.to_empty(device="cpu") for model in (gpt2, bert))
    with tempfile.TemporaryDirectory() as folder:
        tokenizer_g, tokenizer_b = tokenizers(work, Path(folder))
    return SourceCode(
        transformers_version=version("transformers"),
        steps=steps(gpt2, bert, tokenizer_g, tokenizer_b),
        architectures=[
            _architecture("GPT-2", gpt2.wte, gpt2.config.initializer_range, AUTHORS_GPT2, False),
            _architecture(
                "BERT", bert.embeddings.word_embeddings, bert.config.initializer_range,
                AUTHORS_BERT * truncated_normal_spread(AUTHORS_BERT_CUT), hasattr(bert.embeddings, "LayerNorm"),
            ),
        ],
    )  # fmt: skip


def tokenizers(work: Workspace, folder: Path) -> tuple[Any, Any]:
    """transformers' GPT2Tokenizer and BertTokenizer over the real vocabularies, from files of the form that the Hub has."""
    from transformers import BertTokenizer, GPT2Tokenizer

    part = work.model_set.tokenizer("gpt2")
    merges = json.loads(part.library_tokenizer.to_str())["model"]["merges"]
    vocabulary = {token: i for i, token in enumerate(part.raw_tokens())}
    lines = ["#version: 0.2", *(m if isinstance(m, str) else " ".join(m) for m in merges)]
    (folder / "vocab.json").write_text(json.dumps(vocabulary), encoding="utf-8")
    (folder / "merges.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "vocab.txt").write_text("\n".join(work.model_set.tokenizer("bert").raw_tokens()) + "\n", encoding="utf-8")
    return (
        GPT2Tokenizer(str(folder / "vocab.json"), str(folder / "merges.txt")),
        BertTokenizer(str(folder / "vocab.txt")),
    )


def steps(gpt2: Any, bert: Any, tokenizer_g: Any, tokenizer_b: Any) -> list[CodeStep]:
    """The source's expressions in its order. What it prints stands beside each."""
    return [
        _step("sizes", "59-63", "tokenizerB.vocab_size, tokenizerG.vocab_size", lambda: (tokenizer_b.vocab_size, tokenizer_g.vocab_size),
              (30522, 50257)),
        _step("encoder", "71", "tokenizerG.encoder.keys()", lambda: f"{len(tokenizer_g.encoder.keys()):,} keys", None),
        _step("vocabulary", "78", "tokenizerB.get_vocab().keys()", lambda: f"{len(tokenizer_b.get_vocab().keys()):,} keys", None),
        _step(
            "order", "70-79", "list(tokenizerG.get_vocab().values()) == list(range(50257))",
            lambda: list(tokenizer_g.get_vocab().values()) == list(range(tokenizer_g.vocab_size)), None,
        ),
        _step("wte", "103, 112", "gpt2.wte.weight.detach().numpy().shape", lambda: gpt2.wte.weight.detach().numpy().shape, (50257, 768)),
        _step(
            "word_embeddings", "106, 111", "bert.embeddings.word_embeddings.weight.detach().numpy().shape",
            lambda: bert.embeddings.word_embeddings.weight.detach().numpy().shape, (30522, 768),
        ),
        _step("decode", "151", "tokenizerB.decode(15000), tokenizerG.decode(15000)",
              lambda: (tokenizer_b.decode(15000), tokenizer_g.decode(15000)), None),
        _step("the_bert", "164, 179", "tokenizerB.encode('the')[1]", lambda: tokenizer_b.encode("the")[1], 1996),
        _step("the_gpt2", "165, 180", "tokenizerG.encode('the')[0]", lambda: tokenizer_g.encode("the")[0], 1169),
    ]  # fmt: skip


def _step(name: str, lines: str, code: str, run: Callable[[], Any], printed: Any) -> CodeStep:
    try:
        found = run()
    except AttributeError as error:  # what a renamed or removed name raises
        message = str(error).split("\n")[0][:120]
        return CodeStep(id=name, lines=lines, code=code, runs=False, found=message, as_printed=None)
    same = None if printed is None else (tuple(found) if isinstance(found, (tuple, list)) else found) == printed
    return CodeStep(id=name, lines=lines, code=code, runs=True, found=str(found), as_printed=same)


def truncated_normal_spread(cut: float) -> float:
    """The standard deviation of a standard normal number that is redrawn while its size exceeds the cut.

    Johnson, Kotz and Balakrishnan (1994), Continuous Univariate Distributions, volume 1, chapter 13.
    """
    density = math.exp(-(cut**2) / 2) / math.sqrt(2 * math.pi)
    return math.sqrt(1 - 2 * cut * density / math.erf(cut / math.sqrt(2)))


def _architecture(name: str, look_up: Any, initial: float, authors: float, normalised: bool) -> ArchitectureFacts:
    return ArchitectureFacts(
        name=name,
        rows=look_up.num_embeddings,
        dims=look_up.embedding_dim,
        initial_standard_deviation=float(initial),
        authors_initial_standard_deviation=rounded(authors),
        largest_norm_enforced=look_up.max_norm is not None,
        normalised_after_lookup=normalised,
    )
