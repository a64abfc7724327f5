"""BERT's input, its masking game and its heads, and who sees whom: against transformers itself, on the bundled models."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from artefacts.envelope import read_artefact
from precompute.models import open_set
from precompute.reading import masking_draws
from precompute.reading.information_flow import attention_blocks, last_vectors
from precompute.reading.pretraining_heads import _fill, _is_next, has_heads, open_heads
from precompute.special_tokens import with_special_tokens
from tests.support import ROOT

DATA = ROOT / "content" / "data" / "smollm2-minilm"
SENTENCE = "The cat sat on the mat."


def exported(name: str) -> Any:
    return read_artefact(DATA / f"{name}.json")[1]


@pytest.fixture(scope="module")
def encoder() -> Any:
    return open_set().model("encoder")


@pytest.fixture(scope="module")
def bert_tokenizer(encoder: Any) -> Any:
    """As transformers opens it from the model's folder, which has bert-base-uncased's own vocabulary."""
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(encoder.folder, local_files_only=True)


# --- what BERT is given ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("entry", exported("encoder_inputs").inputs, ids=lambda entry: entry.name)
def test_inputs_are_those_of_the_library(entry: Any, bert_tokenizer: Any) -> None:
    texts = (entry.first,) if entry.second is None else (entry.first, entry.second)
    given = bert_tokenizer(*texts)
    assert [token.id for token in entry.tokens] == given["input_ids"]
    assert [token.raw for token in entry.tokens] == bert_tokenizer.convert_ids_to_tokens(given["input_ids"])
    assert entry.segments == given["token_type_ids"]


def test_the_source_prints_other_tokens() -> None:
    pair, one_text = exported("encoder_inputs").inputs[:2]
    raw = [token.raw for token in pair.tokens]
    assert raw.count(".") == 2 and raw == [token.lower() if not token.startswith("[") else token for token in raw]
    assert [token.raw for token in one_text.tokens].count("[SEP]") == 1


# --- masking ------------------------------------------------------------------------------------------------------------------------


def test_draws_keep_the_collators_promises(bert_tokenizer: Any) -> None:
    drawn = exported("masking_draws")
    ids = [token.id for token in drawn.tokens]
    assert ids == bert_tokenizer(drawn.text)["input_ids"]
    inputs, labels = masking_draws.draw(open_set().tokenizer("bert").raw_tokens(), ids, 200)
    chosen = labels != -100
    assert not chosen[:, [0, -1]].any()  # special tokens are never selected
    assert (np.where(chosen, labels, ids) == ids).all()  # what is asked for is the original
    assert (inputs[~chosen] == np.broadcast_to(ids, inputs.shape)[~chosen]).all()
    again, _ = masking_draws.draw(open_set().tokenizer("bert").raw_tokens(), ids, 200)
    assert (inputs == again).all()


def test_counts_add_up_and_come_near_the_nominal_shares() -> None:
    drawn = exported("masking_draws")
    for counted in drawn.counts:
        assert counted.selected == counted.masked + counted.random + counted.kept
        spread = math.sqrt(drawn.probability * (1 - drawn.probability) / counted.tokens)
        assert abs(counted.selected / counted.tokens - drawn.probability) < 4 * spread
    last = drawn.counts[-1]
    for share, nominal in ((last.masked, 0.8), (last.random, 0.1), (last.kept, 0.1)):
        assert abs(share / last.selected - nominal) < 4 * math.sqrt(nominal * (1 - nominal) / last.selected)
    assert sum(drawn.selected_per_draw) == last.draws
    assert sum(n * number for n, number in enumerate(drawn.selected_per_draw)) == last.selected
    first = [position for positions in drawn.draws[:10] for position in positions]
    assert len(first) == drawn.counts[0].selected


def test_the_originals_rule_by_hand() -> None:
    drawn = exported("masking_draws")
    assert drawn.original_rule == round(0.15 * len(drawn.tokens)) == 4


# --- heads ---------------------------------------------------------------------------------------------------------------------------


def test_a_sentence_encoder_has_lost_its_heads(encoder: Any) -> None:
    assert not has_heads(encoder.folder)
    heads = exported("pretraining_heads")
    assert not heads.mask_head and not heads.pair_head and heads.model == "bert-base-uncased"
    assert [p.text for p in heads.masks[0].predictions[:2]] == ["fashion", "role"]


def test_heads_that_are_there_answer_as_in_the_library(tmp_path: Path) -> None:
    """A small random BERT saved with both heads; its answers against transformers' own classes for each head."""
    import torch
    from transformers import BertConfig, BertForMaskedLM, BertForNextSentencePrediction, BertForPreTraining

    class Opened:
        tokenizer_kind = "wordpiece"

        def raw_tokens(self) -> list[str]:
            return open_set().tokenizer("bert").raw_tokens()

        def tokenize(self, text: str) -> list[int]:
            return open_set().tokenizer("bert").tokenize(text)

    torch.manual_seed(0)
    sizes = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32}
    BertForPreTraining(BertConfig(vocab_size=30522, max_position_embeddings=64, **sizes)).save_pretrained(tmp_path)
    assert has_heads(tmp_path)
    network, mask_head, pair_head = open_heads(tmp_path)
    assert mask_head and pair_head

    raw = Opened().raw_tokens()
    ids = [raw.index("[CLS]"), *Opened().tokenize("the cat sat on the [MASK]."), raw.index("[SEP]")]
    with torch.inference_mode():
        logits = BertForMaskedLM.from_pretrained(tmp_path).eval()(torch.tensor([ids])).logits[0, ids.index(raw.index("[MASK]"))]
    theirs = logits.softmax(-1).topk(5)
    ours = _fill(network, Opened(), "the cat sat on the [MASK].").predictions
    assert [p.probability for p in ours] == pytest.approx(theirs.values.tolist(), abs=1e-5)

    pair = [*ids[:-1], raw.index("[SEP]"), *Opened().tokenize("it slept."), raw.index("[SEP]")]
    segments = [0] * len(ids) + [1] * (len(pair) - len(ids))
    with torch.inference_mode():
        judged = BertForNextSentencePrediction.from_pretrained(tmp_path).eval()
        score = judged(torch.tensor([pair]), token_type_ids=torch.tensor([segments])).logits.softmax(-1)[0, 0].item()
    assert _is_next(network, Opened(), "the cat sat on the [MASK].", "it slept.") == pytest.approx(score, abs=1e-5)


# --- who sees whom --------------------------------------------------------------------------------------------------------------------


def test_changes_in_the_encoder_are_those_of_the_library(encoder: Any) -> None:
    """With transformers' default attention instead of the eager one."""
    import torch
    from transformers import AutoModel

    flow = next(f for f in exported("information_flow").by_model if f.role == "encoder")
    ids = [token.id for token in flow.tokens]
    assert ids == with_special_tokens(encoder, SENTENCE)
    network = AutoModel.from_pretrained(encoder.folder, local_files_only=True).eval()
    changed = [[*ids[:n], other.id, *ids[n + 1 :]] for n, other in enumerate(flow.replacements)]
    with torch.inference_mode():
        states = network(torch.tensor([ids, *changed])).last_hidden_state.double().numpy()
    relative = np.linalg.norm(states[1:] - states[0], axis=2) / np.linalg.norm(states[0], axis=1)
    assert np.abs(np.array(flow.changes) - relative).max() < 1e-5
    assert attention_blocks(encoder.network) == (flow.layers, False)


def test_no_bit_of_the_past_moves_in_a_decoder() -> None:
    flow = next(f for f in exported("information_flow").by_model if f.role == "decoder")
    changes = np.array(flow.changes)
    assert (changes[np.tril_indices(len(changes), -1)] == 0).all()
    assert (changes[np.triu_indices(len(changes))] > 0).all()


def test_cross_attention_is_counted_and_named() -> None:
    from transformers import GPT2Config, GPT2LMHeadModel

    sizes = {"n_embd": 8, "n_layer": 2, "n_head": 2, "vocab_size": 16, "n_positions": 8}
    assert attention_blocks(GPT2LMHeadModel(GPT2Config(**sizes))) == (2, False)
    assert attention_blocks(GPT2LMHeadModel(GPT2Config(add_cross_attention=True, **sizes))) == (4, True)


def test_a_network_without_dropout_gives_the_same_vectors_twice(encoder: Any) -> None:
    ids = with_special_tokens(encoder, SENTENCE)
    assert (last_vectors(encoder.network, ids) == last_vectors(encoder.network, ids)).all()
