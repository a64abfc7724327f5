"""Small random GPT-2 and BERT models, saved to a folder, and sets that open them.

They go through the very path that gpt2 and bert-base-uncased take from a folder: `open_set("tiny-random", sets_file=tiny.sets_file,
models_dir=tiny.models_dir)`. That set is exported whole, so its vocabularies are parts of the real ones (`small_vocabularies`): the time
of many exports grows with the vocabulary, or with its square. The models of "tiny-whole" have the real tokenizers, all of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from precompute.models import open_set
from precompute.twins.corpus import WORDNET
from precompute.twins.package import package_files
from tests.small_vocabularies import frequent_words, listed_words, small_byte_pairs, small_wordpiece

TINY_SET = "tiny-random"
WHOLE_SET = "tiny-whole"
SEED = 0

_GPT2_AND_BERT = """\
[models.{prefix}-gpt2]
role = "decoder"
format = "folder"
name = "tiny GPT-2"
full_name = "random GPT-2, width 24"
architecture = "GPT-2"
source = "Random weights from a fixed seed, with GPT-2's tokenizer."
source_url = "https://huggingface.co/docs/transformers/model_doc/gpt2"
licence = "CC0-1.0"
tokenizer_kind = "byte_level_bpe"
positions = "learned table"

[models.{prefix}-bert]
role = "encoder"
format = "folder"
name = "tiny BERT"
full_name = "random BERT, width 16"
architecture = "BERT"
source = "Random weights from a fixed seed, with bert-base-uncased's tokenizer."
source_url = "https://huggingface.co/docs/transformers/model_doc/bert"
licence = "CC0-1.0"
tokenizer_kind = "wordpiece"
positions = "learned table"

"""

# what follows the name of a random static model in a file of sets
STATIC_MODEL = """\
role = "static"
format = "vectors"
name = "tiny vectors"
full_name = "random word vectors, width 8"
architecture = "word vectors"
vectors = "vectors.npy"
words = "words.parquet"
source = "Random vectors from a fixed seed."
source_url = "https://nlp.stanford.edu/projects/glove/"
licence = "CC0-1.0"
tokenizer_kind = "words"
"""
_SETS_TOML = f"[models.tiny-static]\n{STATIC_MODEL}\n" + """\
[models."vit-base-patch16-224"]
role = "encoder"
format = "folder"
name = "tiny ViT"
full_name = "random Vision Transformer, width 12"
architecture = "Vision Transformer"
source = "Random weights from a fixed seed."
source_url = "https://huggingface.co/docs/transformers/model_doc/vit"
licence = "CC0-1.0"
positions = "learned table"

[models."esm2-t6-8m"]
role = "encoder"
format = "folder"
name = "tiny ESM-2"
full_name = "random ESM-2, width 16"
architecture = "ESM-2"
source = "Random weights from a fixed seed."
source_url = "https://huggingface.co/docs/transformers/model_doc/esm"
licence = "CC0-1.0"
positions = "rotary"

[sets.tiny-random]
title = "Random GPT-2 and BERT"
note = "Two small networks that nobody has trained: whatever they show, chance shows, too."
decoder = "tiny-gpt2"
encoder = "tiny-bert"
static = "tiny-static"
optional = ["vit-base-patch16-224", "esm2-t6-8m"]
tokenizers = { gpt2 = "gpt2", bert = "bert" }
twins = { texts = 3000, minimum_count = 2, epochs = 2 }

[sets.tiny-whole]
title = "Random GPT-2 and BERT with whole vocabularies"
note = "Two small networks that nobody has trained, with the real tokenizers."
decoder = "whole-gpt2"
encoder = "whole-bert"
tokenizers = { gpt2 = "decoder", bert = "encoder" }
"""


@dataclass(frozen=True)
class TinyModels:
    """What `save_tiny_models` made: the arguments of `open_set(TINY_SET, ...)`."""

    models_dir: Path
    sets_file: Path

    @classmethod
    def saved_in(cls, folder: Path) -> TinyModels:
        return cls(folder / "models", folder / "tiny_sets.toml")


def save_tiny_models(folder: Path) -> TinyModels:
    """Save the models and the set's TOML into `folder`; the same bytes every time.

    Fetches the real tokenizers, and the text of the small models trained here, if need be.
    """
    tiny = TinyModels.saved_in(folder)
    models_dir = tiny.models_dir
    real = open_set()
    (bert_file,), (vocabulary_file, merges_file) = (real.tokenizer(name).files for name in ("bert", "gpt2"))
    entries = bert_file.read_text(encoding="utf-8").rstrip("\n").split("\n")
    words = frequent_words(entries)
    kept = [*words, *listed_words()]
    byte_pairs = small_byte_pairs(vocabulary_file, merges_file, kept)
    save_gpt2(models_dir / "tiny-gpt2", byte_pairs.vocabulary, byte_pairs.merges)
    save_gpt2(models_dir / "whole-gpt2", str(vocabulary_file), str(merges_file))
    save_bert(models_dir / "tiny-bert", small_wordpiece(entries, kept))
    save_bert(models_dir / "whole-bert", entries)
    save_static(models_dir / "tiny-static", words)
    _save_vit(models_dir / "vit-base-patch16-224")
    _save_esm(models_dir / "esm2-t6-8m")
    declared = [_GPT2_AND_BERT.format(prefix=prefix) for prefix in ("tiny", "whole")]
    tiny.sets_file.write_text("".join([*declared, _SETS_TOML]), encoding="utf-8")
    package_files(WORDNET)
    return tiny


def save_gpt2(folder: Path, vocabulary: str | dict[str, int], merges: str | list[tuple[str, str]], **sizes: int | bool) -> None:
    """2 layers, 2 heads, width 24, unless `sizes` says otherwise; the tokenizer as tokenizer.json, the way the Hub has it.

    vocabulary, merges: as GPT2Tokenizer takes them.
    """
    import torch
    from transformers import GPT2Config, GPT2LMHeadModel, GPT2Tokenizer

    tokenizer = GPT2Tokenizer(vocabulary, merges)
    end = tokenizer.convert_tokens_to_ids("<|endoftext|>")
    torch.manual_seed(SEED)
    shape = {"n_embd": 24, "n_layer": 2, "n_head": 2, "n_positions": 64} | sizes
    GPT2LMHeadModel(GPT2Config(vocab_size=len(tokenizer), bos_token_id=end, eos_token_id=end, **shape)).save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def save_bert(folder: Path, entries: list[str], **sizes: int) -> None:
    """2 layers, 2 heads, width 16, unless `sizes` says otherwise; the tokenizer as a bare vocab.txt, the way older copies have it."""
    import torch
    from transformers import BertConfig, BertModel

    torch.manual_seed(SEED)
    shape = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32} | sizes
    BertModel(BertConfig(vocab_size=len(entries), max_position_embeddings=64, **shape)).save_pretrained(folder)
    (folder / "vocab.txt").write_text("\n".join(entries) + "\n", encoding="utf-8")


def _save_vit(folder: Path) -> None:
    """2 layers, 2 heads, width 12; pictures of 32 x 32 pixels in patches of 8 x 8."""
    import torch
    from transformers import ViTConfig, ViTModel

    torch.manual_seed(SEED)
    sizes = {"hidden_size": 12, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 16}
    ViTModel(ViTConfig(image_size=32, patch_size=8, **sizes)).save_pretrained(folder)


ESM_ALPHABET = [*"<cls> <pad> <eos> <unk>".split(), *"LAGVSERTIDPKQNFYMHWCXBUZO.-", "<null_1>", "<mask>"]


def _save_esm(folder: Path) -> None:
    """2 layers, 2 heads, width 16, rotary positions; the alphabet as vocab.txt, the way the Hub has it."""
    import torch
    from transformers import EsmConfig, EsmModel

    torch.manual_seed(SEED)
    sizes = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32}
    ids = {"pad_token_id": ESM_ALPHABET.index("<pad>"), "mask_token_id": ESM_ALPHABET.index("<mask>")}
    config = EsmConfig(vocab_size=len(ESM_ALPHABET), position_embedding_type="rotary", token_dropout=True, **ids, **sizes)
    EsmModel(config).save_pretrained(folder)
    (folder / "vocab.txt").write_text("\n".join(ESM_ALPHABET), encoding="utf-8")


def save_static(folder: Path, words: list[str]) -> None:
    """Vectors of width 8."""
    from pyarrow import parquet, table

    folder.mkdir(parents=True)
    np.save(folder / "vectors.npy", np.random.default_rng(SEED).standard_normal((len(words), 8), dtype=np.float32))
    parquet.write_table(table({"word": words}), folder / "words.parquet")
