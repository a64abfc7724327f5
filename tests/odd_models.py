"""Small random models of odd shapes, saved to a folder, and the sets that they make up.

    odd-equal     GPT-2 of one layer and one head, output untied; DistilBERT of the same width: no segments, no pooler. Three models
                  accompany them, two of which are as wide as each other, as gpt2-medium and bert-large are.
    odd-narrow    GPT-2 of three layers and three heads; ALBERT: rows narrower than its states, one layer's weights for all. Nothing static.
    odd-bytes     GPT-2 with one head; RoBERTa: a byte-level vocabulary in an order of its own, four heads, <s> and </s>, one segment.

Vocabularies are those of `small_vocabularies`, with fewer words.
"""

from __future__ import annotations

from pathlib import Path

from precompute.models import open_set
from precompute.twins.corpus import WORDNET
from precompute.twins.package import package_files
from tests.small_vocabularies import BytePairs, frequent_words, listed_words, small_byte_pairs, small_wordpiece
from tests.tiny_models import SEED, STATIC_MODEL, TinyModels, save_bert, save_gpt2, save_static

ODD_SETS = ("odd-equal", "odd-narrow", "odd-bytes")
WORDS, FIRST_MERGES = 1200, 800
ROBERTA_SPECIAL = ("<s>", "<pad>", "</s>", "<unk>", "<mask>")

_MODEL = """\
[models.{key}]
role = "{role}"
format = "folder"
name = "{name}"
full_name = "random {name}"
architecture = "{architecture}"
source = "Random weights from a fixed seed."
source_url = "https://huggingface.co/docs/transformers/"
licence = "CC0-1.0"
tokenizer_kind = "{kind}"
positions = "learned table"

"""

_MODELS = (
    ("odd-gpt2-single", "decoder", "odd GPT-2", "GPT-2", "byte_level_bpe"),
    ("odd-gpt2-threefold", "decoder", "odd GPT-2", "GPT-2", "byte_level_bpe"),
    ("odd-gpt2-one-head", "decoder", "odd GPT-2", "GPT-2", "byte_level_bpe"),
    ("odd-gpt2-medium", "decoder", "odd GPT-2 medium", "GPT-2", "byte_level_bpe"),
    ("odd-gpt2-xl", "decoder", "odd GPT-2 XL", "GPT-2", "byte_level_bpe"),
    ("odd-bert-large", "encoder", "odd BERT large", "BERT", "wordpiece"),
    ("odd-distilbert", "encoder", "odd DistilBERT", "DistilBERT", "wordpiece"),
    ("odd-albert", "encoder", "odd ALBERT", "ALBERT", "wordpiece"),
    ("odd-roberta", "encoder", "odd RoBERTa", "RoBERTa", "byte_level_bpe"),
)

_SETS = f"[models.odd-static]\n{STATIC_MODEL}\n" + """\
[sets.odd-equal]
title = "One layer, one head, one width"
note = "Random networks: whatever they show, chance shows, too."
decoder = "odd-gpt2-single"
encoder = "odd-distilbert"
static = "odd-static"
more = ["odd-gpt2-medium", "odd-gpt2-xl", "odd-bert-large"]
tokenizers = { gpt2 = "gpt2", bert = "bert" }
twins = { texts = 3000, minimum_count = 2, epochs = 1 }

[sets.odd-narrow]
title = "Shared layers and narrow rows"
note = "Random networks: whatever they show, chance shows, too."
decoder = "odd-gpt2-threefold"
encoder = "odd-albert"
tokenizers = { gpt2 = "gpt2", bert = "bert" }
twins = { texts = 3000, minimum_count = 2, epochs = 1 }

[sets.odd-bytes]
title = "Two byte-level vocabularies"
note = "Random networks: whatever they show, chance shows, too."
decoder = "odd-gpt2-one-head"
encoder = "odd-roberta"
static = "odd-static"
tokenizers = { gpt2 = "gpt2", bert = "bert" }
twins = { texts = 3000, minimum_count = 2, epochs = 1 }
"""


def save_odd_models(folder: Path) -> TinyModels:
    """Save the models and the TOML of their sets into `folder`; the same bytes every time."""
    odd = TinyModels.saved_in(folder)
    real = open_set()
    (bert_file,), (vocabulary_file, merges_file) = (real.tokenizer(name).files for name in ("bert", "gpt2"))
    entries = bert_file.read_text(encoding="utf-8").rstrip("\n").split("\n")
    words = frequent_words(entries, WORDS)
    kept = [*words, *listed_words()]
    pairs = small_byte_pairs(vocabulary_file, merges_file, kept, FIRST_MERGES)
    pieces = small_wordpiece(entries, kept)

    def gpt2(key: str, **shape: int | bool) -> None:
        save_gpt2(odd.models_dir / key, pairs.vocabulary, pairs.merges, **shape)

    gpt2("odd-gpt2-single", n_embd=16, n_layer=1, n_head=1, tie_word_embeddings=False)
    gpt2("odd-gpt2-threefold", n_embd=18, n_layer=3, n_head=3)
    gpt2("odd-gpt2-one-head", n_embd=14, n_layer=2, n_head=1)
    gpt2("odd-gpt2-medium", n_embd=20)
    gpt2("odd-gpt2-xl", n_embd=28)
    save_bert(odd.models_dir / "odd-bert-large", pieces, hidden_size=20)
    _save_distilbert(odd.models_dir / "odd-distilbert", pieces)
    _save_albert(odd.models_dir / "odd-albert", pieces)
    _save_roberta(odd.models_dir / "odd-roberta", pairs)
    save_static(odd.models_dir / "odd-static", words)
    names = ("key", "role", "name", "architecture", "kind")
    declared = [_MODEL.format(**dict(zip(names, model, strict=True))) for model in _MODELS]
    odd.sets_file.write_text("".join([*declared, _SETS]), encoding="utf-8")
    package_files(WORDNET)
    return odd


def save_odd_distilled(folder: Path) -> None:
    """A small decoder and a small DistilBERT in the folders that the README's example names."""
    (bert_file,), (vocabulary_file, merges_file) = (open_set().tokenizer(name).files for name in ("bert", "gpt2"))
    entries = bert_file.read_text(encoding="utf-8").rstrip("\n").split("\n")
    words = [*frequent_words(entries, WORDS), *listed_words()]
    pairs = small_byte_pairs(vocabulary_file, merges_file, words, FIRST_MERGES)
    save_gpt2(folder / "distilgpt2", pairs.vocabulary, pairs.merges, n_layer=1)
    _save_distilbert(folder / "distilbert-base-uncased", small_wordpiece(entries, words))


def _save_distilbert(folder: Path, pieces: list[str]) -> None:
    """1 layer, 1 head, width 16; a bare vocab.txt."""
    import torch
    from transformers import DistilBertConfig, DistilBertModel

    torch.manual_seed(SEED)
    config = DistilBertConfig(vocab_size=len(pieces), dim=16, n_layers=1, n_heads=1, hidden_dim=24, max_position_embeddings=64)
    DistilBertModel(config).save_pretrained(folder)
    (folder / "vocab.txt").write_text("\n".join(pieces) + "\n", encoding="utf-8")


def _save_albert(folder: Path, pieces: list[str]) -> None:
    """Rows of 8, states of 20; 3 layers with the same weights, 2 heads. Its real vocabulary, a unigram one, is none that the site shows."""
    import torch
    from transformers import AlbertConfig, AlbertModel

    torch.manual_seed(SEED)
    sizes = {"embedding_size": 8, "hidden_size": 20, "num_hidden_layers": 3, "num_attention_heads": 2, "intermediate_size": 24}
    AlbertModel(AlbertConfig(vocab_size=len(pieces), max_position_embeddings=64, **sizes)).save_pretrained(folder)
    (folder / "vocab.txt").write_text("\n".join(pieces) + "\n", encoding="utf-8")


def _save_roberta(folder: Path, pairs: BytePairs) -> None:
    """2 layers, 4 heads, width 24, no pooler. Ids as in RoBERTa: special tokens first, entries by frequency, <mask> last."""
    import torch
    from transformers import RobertaConfig, RobertaModel, RobertaTokenizer

    entries = [token for token in pairs.vocabulary if token != "<|endoftext|>"]
    entries = [*entries[len(entries) // 2 :], *entries[: len(entries) // 2]]  # GPT-2's ids are no order of frequency
    ids = {token: n for n, token in enumerate([*ROBERTA_SPECIAL[:4], *entries, ROBERTA_SPECIAL[4]])}
    torch.manual_seed(SEED)
    sizes = {"hidden_size": 24, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 32}
    special = {"pad_token_id": 1, "bos_token_id": 0, "eos_token_id": 2}
    config = RobertaConfig(vocab_size=len(ids), max_position_embeddings=66, type_vocab_size=1, **special, **sizes)
    RobertaModel(config, add_pooling_layer=False).save_pretrained(folder)
    RobertaTokenizer(vocab=ids, merges=pairs.merges).save_pretrained(folder)
