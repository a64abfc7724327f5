"""The loader against transformers itself, and what it says when a model cannot be had."""

from __future__ import annotations

import errno
import hashlib
import io
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from artefacts.tokens import token_text
from precompute import model_files
from precompute.model_specs import read_catalogue
from precompute.model_table import print_models
from precompute.models import ModelSet, known_sets, open_set
from problems import ProjectError
from tests.tiny_models import TINY_SET, WHOLE_SET, TinyModels, save_tiny_models

ROOT = Path(__file__).resolve().parent.parent
TEXTS = [
    "The quick brown fox, don't you think? I'll see.",
    "  two spaces, a\ttab and\n\na blank line ",
    "naïve café, Ελληνικά, 日本語, emoji 😀, and \u202eright to left",
    "cosmic banana apple Mike mike MIKE unbelievably [SEP] <|endoftext|> end",
    "",
]


@pytest.fixture(scope="module")
def default(real_models: ModelSet) -> ModelSet:
    return real_models


@pytest.fixture(scope="module")
def tiny_set(tiny: TinyModels) -> ModelSet:
    return open_set(WHOLE_SET, sets_file=tiny.sets_file, models_dir=tiny.models_dir)


def problem(caught: pytest.ExceptionInfo[ProjectError]):
    (found,) = caught.value.problems
    assert found.cure
    return found


# --- the declared sets ---------------------------------------------------------------------------------------------------------


def test_both_sets_are_declared_with_all_that_a_page_needs():
    assert known_sets() == ["smollm2-minilm", "gpt2-bert"]
    for name in known_sets():
        models = open_set(name)
        assert models.roles == ("decoder", "encoder", "static")
        assert set(models.tokenizers) == {"gpt2", "bert"}
        assert models.title
        assert models.note
        for spec in models.members.values():
            assert spec.source_url.startswith("https://")
            assert spec.source.endswith(".")
            assert spec.licence


def test_gpt2_bert_comes_from_pinned_revisions():
    models = open_set("gpt2-bert")
    assert models.model("decoder").identity().id == "openai-community/gpt2"
    assert models.model("encoder").identity().id == "google-bert/bert-base-uncased"
    for key, spec in models.members.items():
        assert spec.wheel or len(spec.revision) == 40, key


def test_listing_and_identities_need_no_torch_and_no_network():
    code = """
import socket, sys
def refuse(*_, **__): raise AssertionError("the network was touched")
socket.socket.connect = socket.getaddrinfo = refuse
from precompute.model_table import print_models
from precompute.models import known_sets, open_set
print_models()
for name in known_sets():
    models = open_set(name)
    for key in models.members: models.model(key).identity()
assert not {"torch", "transformers"} & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


# --- the default set against transformers --------------------------------------------------------------------------------------


@pytest.mark.timeout(300)
def test_the_decoder_read_from_its_file_is_the_decoder_that_transformers_opens(default):
    decoder = default.model("decoder")
    read = decoder.token_embeddings()
    opened = decoder.network.get_input_embeddings().weight.detach().numpy()
    assert read.dtype == np.float32
    assert np.array_equal(read, opened)  # to the bit
    facts = decoder.facts()
    assert facts.parameters == sum(p.numel() for p in decoder.network.parameters())
    assert facts.tied_embeddings == decoder.network.config.tie_word_embeddings
    config = decoder.network.config
    assert (facts.layers, facts.attention_heads, facts.key_value_heads, facts.max_positions) == (
        config.num_hidden_layers,
        config.num_attention_heads,
        config.num_key_value_heads,
        config.max_position_embeddings,
    )
    assert config._attn_implementation == "eager"
    assert not decoder.network.training


@pytest.mark.timeout(120)
def test_the_decoder_tokenizer_is_that_of_transformers_but_for_digits(default):
    from transformers import AutoTokenizer

    decoder = default.model("decoder")
    reference = AutoTokenizer.from_pretrained(decoder.folder, gguf_file=Path(decoder.spec.path).name)
    raw = decoder.raw_tokens()
    assert raw == reference.convert_ids_to_tokens(range(len(raw)))
    for text in TEXTS + [token_text(token, "byte_level_bpe") for token in raw]:
        assert decoder.tokenize(text) == reference.encode(text, add_special_tokens=False), text
    # The file names the pre-tokenizer 'smollm', which sets digits apart first; transformers leaves that out when it reads a GGUF.
    pieces = [raw[i] for i in decoder.tokenize("\n\n  7 days")]
    assert pieces == ["ĊĊĠĠ", "7", "Ġdays"]
    assert decoder.special_ids() == list(range(17))


def test_the_encoder_is_the_encoder_that_transformers_opens(default):
    from transformers import AutoTokenizer

    encoder = default.model("encoder")
    assert np.array_equal(encoder.token_embeddings(), encoder.network.get_input_embeddings().weight.detach().numpy())
    assert encoder.facts().parameters == sum(p.numel() for p in encoder.network.parameters())
    reference = AutoTokenizer.from_pretrained(encoder.folder)
    assert encoder.raw_tokens() == reference.convert_ids_to_tokens(range(30522))
    assert encoder.special_ids() == sorted(reference.all_special_ids)
    for text in [*TEXTS, "longer than the 128 pieces at which its file cuts texts off " * 20]:
        assert encoder.tokenize(text) == reference.encode(text, add_special_tokens=False, truncation=False), text


def test_the_real_tokenizers_of_gpt2_and_bert(default):
    """Ids as published (see the lesson's sources), and everything as transformers' own classes have it."""
    from transformers import BertTokenizer, GPT2Tokenizer

    gpt2, bert = default.tokenizer("gpt2"), default.tokenizer("bert")
    assert (len(gpt2.raw_tokens()), len(bert.raw_tokens())) == (50257, 30522)
    assert (gpt2.kind, bert.kind) == ("byte_level_bpe", "wordpiece")
    assert [gpt2.word_token("the", space) for space in (False, True)] == [1169, 262]
    assert [gpt2.word_token("Mike", space) for space in (False, True)] == [16073, 4995]
    assert bert.word_token("the") == 1996
    assert gpt2.special_ids() == [50256]
    assert [bert.raw_tokens()[i] for i in bert.special_ids()] == ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    real_gpt2 = GPT2Tokenizer(*map(str, gpt2.files))
    real_bert = BertTokenizer(str(bert.files[0]))
    for text in TEXTS:
        assert gpt2.tokenize(text) == real_gpt2.encode(text), text
        assert bert.tokenize(text) == real_bert.encode(text, add_special_tokens=False), text


def test_a_word_of_several_tokens_has_no_row(default):
    decoder, encoder = default.model("decoder"), default.model("encoder")
    assert decoder.word_token("sofa") is None
    assert decoder.word_token("Mike", leading_space=False) is None
    assert decoder.raw_tokens()[decoder.word_token("Mike")] == "ĠMike"
    assert encoder.word_token("Mike", leading_space=True) == encoder.word_token("mike", leading_space=False)
    assert encoder.word_token("\u2603") is None  # [UNK] stands for no word


def test_static_vectors(default):
    static = default.model("static")
    vectors, words = static.token_embeddings(), static.raw_tokens()
    assert vectors.shape == (400_000, 50)
    assert len(words) == len(set(words)) == 400_000
    assert words[:3] == ["the", ",", "."]
    assert [words[i] for i in static.tokenize("The king of qwertyuiopia")] == ["the", "king", "of"]
    assert static.network is None
    assert static.facts().embedding_share == 1


def test_embeddings_cannot_be_changed_by_accident(default):
    with pytest.raises(ValueError, match="read-only"):
        default.model("encoder").token_embeddings()[0, 0] = 1


# --- the path of gpt2-bert, on small random models -----------------------------------------------------------------------------


def test_saved_models_give_the_same_numbers_as_transformers(tiny, tiny_set):
    import torch
    from transformers import BertModel, GPT2LMHeadModel

    for role, class_ in (("decoder", GPT2LMHeadModel), ("encoder", BertModel)):
        model = tiny_set.model(role)
        reference = class_.from_pretrained(tiny.models_dir / model.spec.key).eval()
        assert np.array_equal(model.token_embeddings(), reference.get_input_embeddings().weight.detach().numpy())
        assert len(model.raw_tokens()) == len(model.token_embeddings())
        ids = torch.tensor([model.tokenize("The bank of the river")])
        with torch.no_grad():
            ours, theirs = model.network(ids, output_attentions=True), reference(ids)
        assert torch.allclose(ours[0], theirs[0], atol=1e-6)
        assert len(ours.attentions) == 2
        assert torch.allclose(ours.attentions[0].sum(-1), torch.ones(1))
        assert model.facts().parameters == sum(p.numel() for p in reference.parameters())
    assert tiny_set.model("decoder").facts().tied_embeddings is True


def test_their_tokenizers_are_the_real_ones(default, tiny_set):
    for name in ("gpt2", "bert"):
        real, saved = default.tokenizer(name), tiny_set.tokenizer(name)
        assert saved.raw_tokens() == real.raw_tokens()
        assert saved.special_ids() == real.special_ids()
        assert [saved.tokenize(text) for text in TEXTS] == [real.tokenize(text) for text in TEXTS]
    assert tiny_set.tokenizer("gpt2") is tiny_set.model("decoder")


def test_saving_them_again_gives_the_same_bytes(tiny, tmp_path):
    def digests(folder):
        return {p.relative_to(folder): hashlib.sha256(p.read_bytes()).hexdigest() for p in folder.rglob("*") if p.is_file()}

    assert digests(save_tiny_models(tmp_path).models_dir) == digests(tiny.models_dir)


def test_gpt2_bert_opens_from_a_local_folder(tiny, tmp_path):
    """The declared set itself, with the small models in the places of gpt2 and bert-base-uncased."""
    shutil.copytree(tiny.models_dir / "whole-gpt2", tmp_path / "gpt2")
    shutil.copytree(tiny.models_dir / "whole-bert", tmp_path / "bert-base-uncased")
    models = open_set("gpt2-bert", models_dir=tmp_path, offline=True)
    assert models.model("decoder").token_embeddings().shape == (50257, 24)
    assert models.model("encoder").network.config.hidden_size == 16
    assert models.tokenizer("gpt2").word_token("Mike", leading_space=False) == 16073
    assert models.model("decoder").identity().version.startswith("folder sha256:")
    assert models.model("gpt2-xl").identity().version.startswith("revision ")


def test_gpt2_bert_opens_from_the_hubs_own_cache(tiny, tmp_path):
    """A cache as the Hub's client lays it out, the small model in it under gpt2's pinned revision; no network."""
    spec = open_set("gpt2-bert").members["decoder"]
    repository = tmp_path / "hub" / "models--openai-community--gpt2"
    shutil.copytree(tiny.models_dir / "whole-gpt2", repository / "snapshots" / spec.revision)
    code = """
from precompute.models import open_set
for offline in (True, False):
    decoder = open_set("gpt2-bert", offline=offline).model("decoder")
    assert decoder.is_here()
    assert decoder.token_embeddings().shape == (50257, 24)
    assert decoder.identity().version == "revision " + decoder.spec.revision
"""
    kept = {name: text for name, text in os.environ.items() if not name.startswith("HF_")}
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=kept | {"HF_HOME": str(tmp_path)}, check=True, timeout=60)


def test_a_full_disk_while_the_hub_delivers(monkeypatch):
    import huggingface_hub

    def fill(*_, **__):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(huggingface_hub, "snapshot_download", fill)
    monkeypatch.setattr(model_files, "_can_resolve_hub", lambda: True)
    with pytest.raises(ProjectError) as caught:
        open_set("gpt2-bert").model("gpt2-xl").token_embeddings()
    assert "the disk is full" in problem(caught).what
    assert "HF_HOME" in problem(caught).cure


def test_weights_without_safetensors_are_read_through_the_network(tiny, tiny_set, tmp_path):
    import torch

    shutil.copytree(tiny.models_dir, tmp_path / "models")
    network = tiny_set.model("encoder").network
    torch.save(network.state_dict(), tmp_path / "models" / "whole-bert" / "pytorch_model.bin")
    (tmp_path / "models" / "whole-bert" / "model.safetensors").unlink()
    encoder = open_set(WHOLE_SET, sets_file=tiny.sets_file, models_dir=tmp_path / "models").model("encoder")
    assert np.array_equal(encoder.token_embeddings(), tiny_set.model("encoder").token_embeddings())


def test_other_weights_are_another_identity(tiny, tmp_path):
    shutil.copytree(tiny.models_dir, tmp_path / "models")
    weights = tmp_path / "models" / "whole-gpt2" / "model.safetensors"

    def version():
        return open_set(WHOLE_SET, sets_file=tiny.sets_file, models_dir=tmp_path / "models").model("decoder").identity().version

    before = version()
    assert version() == before
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(content)
    assert version() != before


# --- what cannot be had --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("missing", ["config.json", "model.safetensors", "tokenizer.json"])
def test_a_folder_that_lacks_a_file_is_named(tiny, tmp_path, missing):
    shutil.copytree(tiny.models_dir, tmp_path / "models")
    (tmp_path / "models" / "whole-gpt2" / missing).unlink()
    models = open_set(WHOLE_SET, sets_file=tiny.sets_file, models_dir=tmp_path / "models")
    with pytest.raises(ProjectError) as caught:
        models.model("decoder").token_embeddings()
    assert problem(caught).file == str(tmp_path / "models" / "whole-gpt2")
    assert f"lacks {missing}" in problem(caught).what


def test_a_model_that_is_nowhere_is_named_with_the_ways_to_get_it(tmp_path, monkeypatch):
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "empty"))
    models = open_set("gpt2-bert", models_dir=tmp_path, offline=True)
    with pytest.raises(ProjectError) as caught:
        models.model("encoder").token_embeddings()
    found = problem(caught)
    assert found.file == "precompute/model_sets.toml"
    lines = (ROOT / found.file).read_text().splitlines()
    assert lines[found.line - 1] == "[models.bert-base-uncased]"
    assert "bert-base-uncased" in found.what
    for way in (
        "google-bert/bert-base-uncased",
        "86b5e093",
        f"{tmp_path}/bert-base-uncased",
        "--models-dir",
        "--set smollm2-minilm",
    ):
        assert way in found.cure


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [("HF_ENDPOINT", "https://hub.invalid", "cannot be reached"), ("HF_HUB_OFFLINE", "1", "HF_HUB_OFFLINE is set")],
)
def test_a_hub_out_of_reach_is_said_at_once(tmp_path, variable, value, said):
    """In a process of its own: the Hub's client reads these variables when it is imported."""
    code = """
from precompute.models import open_set
from problems import ProjectError
try:
    open_set("gpt2-bert").model("decoder").network
except ProjectError as error:
    print(error)
"""
    kept = {name: text for name, text in os.environ.items() if not name.startswith("HF_") and not name.lower().endswith("_proxy")}
    environment = kept | {variable: value, "HF_HOME": str(tmp_path)}
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    assert "the model gpt2 (GPT-2 small) cannot be had" in run.stdout, run.stderr
    assert said in run.stdout


def test_unknown_names_come_with_a_suggestion(default):
    for attempt, suggestion in (
        (lambda: open_set("smollm-minilm"), "'smollm2-minilm'"),
        (lambda: default.model("decodr"), "'decoder'"),
        (lambda: default.tokenizer("gpt-2"), "'gpt2'"),
    ):
        with pytest.raises(ProjectError) as caught:
            attempt()
        assert f"Did you mean {suggestion}" in problem(caught).cure


def test_a_models_dir_that_is_no_folder(tmp_path):
    with pytest.raises(ProjectError) as caught:
        open_set("gpt2-bert", models_dir=tmp_path / "nowhere")
    assert problem(caught).what == "is no folder"


SET = '[sets.a]\ntitle = "A"\nnote = ""\ndecoder = "gpt2"\nencoder = "gpt2"\ntokenizers = { gpt2 = "gpt2", bert = "bert" }\n'
MODEL = """\
[models.a]
role = "decoder"
format = "folder"
name = "A"
full_name = "A"
architecture = "GPT-2"
source = "A."
source_url = "https://example.org"
licence = "MIT"
"""


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("[sets.a\n", 1, "is no TOML"),
        ("\n[modles.a]\nname = 1\n", 2, "unknown table [modles]"),
        ('[wheels.a]\nrequirement = "a==1"\nfile = "a.whl"\nsha256 = "12"\nbytes = 1\nneeds = ["x"]\n', 4, "[wheels.a] sha256"),
        (SET.replace('note = ""\n', ""), 1, "[sets.a] has no `note`\n    Add a line: note = "),
        (SET.replace("note", "nots"), 3, "unknown field `nots`\n    Did you mean 'note'"),
        (SET.replace('bert = "bert"', 'bert = 1'), 6, "[sets.a] tokenizers.bert: "),
        (MODEL.replace('licence = "MIT"\n', ""), 1, '[models.a] has no `licence`\n    Add a line: licence = "MIT"'),
        (MODEL.replace("decoder", "decodr"), 2, 'for example: role = "decoder" (or "encoder", "static")'),
        (MODEL.replace("licence", "license"), 9, "unknown field `license`\n    Did you mean 'licence'"),
        (
            '\n\n[sets.a]\ntitle = "A"\nnote = ""\ndecoder = "gpt3"\nencoder = "gpt2"\ntokenizers = { gpt2 = "gpt2" }\n',
            3,
            "names 'gpt3', which is not declared",
        ),
    ],
)
def test_a_faulty_sets_file_is_reported_with_its_line(tmp_path, text, line, said):
    file = tmp_path / "sets.toml"
    file.write_text(text)
    with pytest.raises(ProjectError) as caught:
        read_catalogue(file)
    assert said in str(caught.value)
    assert (str(file), line) in {(p.file, p.line) for p in caught.value.problems}
    assert all(p.file == str(file) and p.line and p.cure for p in caught.value.problems)


def test_the_table_of_models_says_what_is_here(tiny):
    console = Console(record=True, width=200, file=io.StringIO())
    print_models(TINY_SET, models_dir=tiny.models_dir, sets_file=tiny.sets_file, console=console)
    print_models("gpt2-bert", console=console)
    text = console.export_text()
    assert "folder tiny-gpt2" in text
    (row,) = [line for line in text.splitlines() if "openai-community/gpt2 " in line]
    for part in ("decoder", "GPT-2 small", "MIT", "548.0 MB"):
        assert part in row
