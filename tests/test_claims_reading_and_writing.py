"""The claims on reading and writing: well formed, true to the data, and every computed verdict turns where it should."""

from __future__ import annotations

import re
from typing import Any

import pytest

from artefacts.packing import pack, unpack
from artefacts.schemas.parts import TokenRef
from artefacts.schemas.reading import MaskExample, PairExample, Prediction
from sitegen.verdicts import VERDICTS, CheckResult
from tests.support.claims import Changed, checks_of, claims_of

CLAIMS = claims_of("reading_and_writing")
HOLDS, CAVEAT, FAILS, OPEN = VERDICTS

CHECKS = checks_of("reading_and_writing")


class Lesson(Changed):
    """The data with what this lesson is about exchanged."""

    def flow(self, role: str, **fields: Any) -> Lesson:
        flows = [f.model_copy(update=fields) if f.role == role else f for f in self["information_flow"].by_model]
        return self.changed("information_flow", by_model=flows)

    def changes(self, role: str) -> list[list[float]]:
        return [list(row) for row in next(f for f in self["information_flow"].by_model if f.role == role).changes]

    def counted(self, **fields: int) -> Lesson:
        last = self["masking_draws"].counts[-1].model_copy(update=fields)
        return self.changed("masking_draws", counts=[last])

    def source_pair(self, raw: list[str], segments: list[int] | None = None) -> Lesson:
        first, *rest = self["encoder_inputs"].inputs
        tokens = [TokenRef(id=n, raw=token) for n, token in enumerate(raw)]
        new = first.model_copy(update={"tokens": tokens, "segments": segments or first.segments})
        return self.changed("encoder_inputs", inputs=[new, *rest])

    def chance(self, context: str, word: str, probability: float) -> Lesson:
        def entry(e: Any) -> Any:
            words = [w.model_copy(update={"probability": probability}) if w.word == word else w for w in e.words]
            return e.model_copy(update={"words": words}) if e.context == context else e

        return self.changed("next_word_chances", by_context=[entry(e) for e in self["next_word_chances"].by_context])


@pytest.fixture(scope="module")
def data() -> Lesson:
    return Lesson()


def verdict(check: str, data: Lesson) -> str:
    return getattr(CHECKS, check)(data).verdict


# --- every claim ---------------------------------------------------------------------------------------------------------------


def test_every_check_serves_a_claim() -> None:
    defined = {name for name, value in vars(CHECKS).items() if getattr(value, "__module__", "") == CHECKS.__name__}
    assert {claim["check"] for claim in CLAIMS} == {name for name in defined if not name.startswith("_")}
    assert len({claim["id"] for claim in CLAIMS}) == len(CLAIMS) >= 25


@pytest.mark.parametrize("claim", CLAIMS, ids=[claim["id"] for claim in CLAIMS])
def test_check_runs_on_the_real_set(claim: dict[str, Any], data: Lesson) -> None:
    result = getattr(CHECKS, claim["check"])(data)
    assert isinstance(result, CheckResult) and result.verdict in VERDICTS
    for text in filter(None, (result.value, result.reason, result.analogue)):
        assert text == text.strip() and text and "None" not in text and not re.search(r"\d\.\d{5}", text)
    assert len(result.reason) < 260


# --- verdicts turn at their thresholds --------------------------------------------------------------------------------------------


def test_influence(data: Lesson) -> None:
    assert verdict("encoder_sees_everything", data) == HOLDS
    assert verdict("every_token_sees_every_other", data) == HOLDS
    blind = data.changes("encoder")
    blind[0][5] = 0.0
    assert verdict("encoder_sees_everything", data.flow("encoder", changes=blind)) == FAILS
    assert verdict("every_token_sees_every_other", data.flow("encoder", changes=blind)) == FAILS
    alone = data.changes("encoder")
    alone[3][3] = 0.0  # a token that does not notice its own replacement: still sees every other
    assert verdict("every_token_sees_every_other", data.flow("encoder", changes=alone)) == HOLDS


def test_causality(data: Lesson) -> None:
    assert verdict("reacts_to_past_only", data) == HOLDS
    assert verdict("only_previous_tokens", data) == CAVEAT
    assert verdict("clm_objective", data) == HOLDS
    leaking = data.changes("decoder")
    leaking[4][1] = 1e-6
    for check in ("reacts_to_past_only", "only_previous_tokens", "clm_objective", "gpt_uses_decoder_stack", "decoder_sequential"):
        assert verdict(check, data.flow("decoder", changes=leaking)) == FAILS
    maps = data["attention_maps"]
    entry = next(e for e in maps.by_model if e.role == "decoder")
    weights = unpack(entry.weights).copy()
    for n in range(1, weights.shape[-1]):
        weights[:, :, n, n] = 0
    strict = [e.model_copy(update={"weights": pack(weights)}) if e is entry else e for e in maps.by_model]
    assert verdict("only_previous_tokens", data.changed("attention_maps", by_model=strict)) == HOLDS
    everything = [[1.0] * len(leaking) for _ in leaking]
    assert verdict("less_globally_aware", data.flow("decoder", changes=everything)) == FAILS
    assert verdict("not_variants", data.flow("decoder", changes=everything)) == FAILS


def test_blocks(data: Lesson) -> None:
    assert verdict("not_variants", data) == CAVEAT
    assert verdict("gpt_uses_decoder_stack", data) == CAVEAT
    layers = data["information_flow"].by_model[0].layers
    crossing = data.flow("decoder", attention_blocks=2 * layers, cross_attention=True)
    assert verdict("not_variants", crossing) == HOLDS
    assert verdict("gpt_uses_decoder_stack", crossing) == HOLDS
    other = [m.model_copy(update={"architecture": "RoBERTa"}) if m.role == "encoder" else m for m in data["model_facts"].models]
    assert verdict("bert_uses_encoder_stack", data.changed("model_facts", models=other)) == OPEN


def test_input_tokens(data: Lesson) -> None:
    source = CHECKS.SOURCE_TOKENS
    assert verdict("source_example_tokens", data) == FAILS
    assert verdict("source_example_tokens", data.source_pair(source)) == HOLDS
    lower = [token if token.startswith("[") else token.lower() for token in source]
    assert verdict("source_example_tokens", data.source_pair(lower)) == CAVEAT
    assert verdict("cls_is_start", data) == CAVEAT
    assert verdict("sep_marks_boundaries", data) == CAVEAT
    assert verdict("segment_ids", data) == HOLDS
    pair = data["encoder_inputs"].inputs[0]
    assert verdict("segment_ids", data.source_pair([t.raw for t in pair.tokens], [0] * len(pair.tokens))) == FAILS
    assert verdict("nsp_input_format", data) == CAVEAT


def test_masking(data: Lesson) -> None:
    assert verdict("eighty_ten_ten", data) == HOLDS
    last = data["masking_draws"].counts[-1]
    shifted = round(0.02 * last.selected)
    assert verdict("eighty_ten_ten", data.counted(masked=last.masked - shifted, kept=last.kept + shifted)) == FAILS
    assert verdict("fifteen_percent", data) == CAVEAT
    assert verdict("fifteen_percent", data.counted(masked=last.selected, random=0, kept=0)) == HOLDS
    assert verdict("fifteen_percent", data.counted(selected=2 * last.selected)) == FAILS
    assert verdict("predict_all_selected", data.counted(kept=last.kept - 1)) == FAILS


def test_heads(data: Lesson) -> None:
    assert verdict("mlm_fox", data) == OPEN and verdict("nsp_source_pairs", data) == OPEN

    def answers(*words: str) -> Lesson:
        example = MaskExample(text=CHECKS.FOX, predictions=[Prediction(text=word, probability=0.1) for word in words])
        return data.changed("pretraining_heads", mask_head=True, masks=[example])

    assert verdict("mlm_fox", answers("fox", "dog")) == HOLDS
    assert verdict("mlm_fox", answers("dog", "fox")) == CAVEAT
    assert verdict("mlm_fox", answers("dog", "cat")) == FAILS

    def judged(sunny: float, purring: float) -> Lesson:
        pairs = [PairExample(first="", second="", is_next=p) for p in (sunny, purring)]
        return data.changed("pretraining_heads", pair_head=True, pairs=pairs)

    assert verdict("nsp_source_pairs", judged(0.1, 0.9)) == HOLDS
    assert verdict("nsp_source_pairs", judged(0.8, 0.9)) == CAVEAT
    assert verdict("nsp_source_pairs", judged(0.9, 0.8)) == FAILS
    assert verdict("nsp_source_pairs", judged(0.1, 0.2)) == FAILS


def test_mat_and_laptop(data: Lesson) -> None:
    assert verdict("mat_likely", data) == FAILS
    assert verdict("mat_likely", data.chance("The cat sat on", "mat", 0.02)) == HOLDS
    assert verdict("mat_likely", data.chance("The cat sat on the", "mat", 0.0099)) == FAILS
    assert verdict("mat_likely", data.chance("The cat sat on", "laptop", 0.5)) == FAILS


def test_chain_rule(data: Lesson) -> None:
    assert verdict("chain_rule", data) == CAVEAT
    first, *rest = data["next_token_steps"].texts
    wrong = first.model_copy(update={"total_bits": first.total_bits + 1})
    assert verdict("chain_rule", data.changed("next_token_steps", texts=[wrong, *rest])) == FAILS
    assert verdict("chain_rule", data.changed("next_token_steps", start=None)) == HOLDS
