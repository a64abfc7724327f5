"""What the decoder expects: every exported probability against transformers itself, on the bundled model, opened once."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from scipy.stats import chisquare, kstest

from artefacts.envelope import read_artefact
from precompute.models import open_set
from precompute.softmax import softmax
from precompute.word_lists import read_word_list
from precompute.writing import continuations, next_tokens, rounding_draws
from precompute.writing.language_model import LanguageModel, best, entropy_bits, rank, significant
from tests.support import ROOT

DATA = ROOT / "content" / "data" / "smollm2-minilm"
CLOSE = 1e-5


def exported(name: str) -> Any:
    return read_artefact(DATA / f"{name}.json")[1]


class Library:
    """The model and its tokenizer as transformers opens them by itself, with its default attention."""

    def __init__(self, folder: Any, file: str):
        import torch
        from transformers import AutoModelForCausalLM, AutoTokenizer

        self.torch = torch
        self.tokenizer = AutoTokenizer.from_pretrained(folder, gguf_file=file, local_files_only=True)
        self.network = AutoModelForCausalLM.from_pretrained(folder, gguf_file=file, local_files_only=True, dtype=torch.float32).eval()
        self._known: dict[tuple[int, ...], np.ndarray] = {}

    def ids(self, text: str) -> list[int]:
        return self.tokenizer(text, add_special_tokens=False)["input_ids"]

    def logits(self, ids: list[int]) -> np.ndarray:
        """[position, token] float64."""
        if tuple(ids) not in self._known:
            with self.torch.inference_mode():
                self._known[tuple(ids)] = self.network(self.torch.tensor([ids])).logits[0].double().numpy()
        return self._known[tuple(ids)]

    def probabilities(self, ids: list[int], temperature: float = 1.0) -> np.ndarray:
        scores = self.torch.from_numpy(self.logits(ids)) / temperature
        return scores.softmax(dim=-1).numpy()


@pytest.fixture(scope="module")
def library() -> Library:
    model = open_set().model("decoder")
    return Library(model.folder, model.spec.path.rsplit("/", 1)[-1])


def after_start(library: Library, start: Any, text: str) -> list[int]:
    return [*([start.id] if start else []), *library.ids(text)]


def test_every_step_of_every_text(library: Library) -> None:
    data = exported("next_token_steps")
    assert data.even_bits == pytest.approx(math.log2(len(library.tokenizer)), abs=1e-6)
    for text in [*data.texts, *data.garden_path]:
        ids = after_start(library, data.start, text.text)
        assert [step.token.id for step in text.steps] == ids[1:]
        rows = library.probabilities(ids)
        for place, step in enumerate(text.steps):
            row = rows[place]
            assert step.probability == pytest.approx(row[step.token.id], abs=CLOSE)
            assert [c.probability for c in step.candidates] == pytest.approx(row[[c.token.id for c in step.candidates]], abs=CLOSE)
            assert step.candidates[0].probability == pytest.approx(row.max(), abs=CLOSE)
            assert step.surprisal_bits == pytest.approx(-math.log2(row[step.token.id]), abs=1e-3)
            assert step.entropy_bits == pytest.approx(-(row * np.log2(row, where=row > 0, out=np.zeros_like(row))).sum(), abs=1e-3)


def test_bits_are_the_libraries_loss(library: Library) -> None:
    """The loss that transformers would train on: the mean surprisal in nats."""
    data = exported("next_token_steps")
    text = data.texts[0]
    ids = library.torch.tensor([after_start(library, data.start, text.text)])
    with library.torch.inference_mode():
        loss = library.network(ids, labels=ids).loss.item()
    assert text.total_bits == pytest.approx(loss * len(text.steps) / math.log(2), abs=1e-3)


def test_every_chance_of_a_word(library: Library) -> None:
    for entry in exported("next_word_chances").by_context:
        row = library.probabilities(after_start(library, entry.start, entry.context))[-1]
        for word in entry.words:
            assert word.token is not None and library.ids(f" {word.word}") == [word.token.id]
            assert word.probability == pytest.approx(row[word.token.id], abs=CLOSE)
        assert [c.probability for c in entry.candidates] == pytest.approx(np.sort(row)[::-1][: len(entry.candidates)], abs=CLOSE)


def bits_of(library: Library, ids: list[int]) -> list[float]:
    """Of each token but the first, in a plain loop."""
    rows = library.probabilities(ids)
    return [-math.log2(rows[n, token]) for n, token in enumerate(ids[1:])]


def test_what_a_text_loses_without_its_start_token(library: Library) -> None:
    data = exported("next_token_steps")
    topics = read_word_list(ROOT / "content" / "words" / "search_sentences.toml")["topics"]
    changes: dict[int, list[float]] = {}
    for sentences in topics.values():
        for sentence in sentences[: next_tokens.SENTENCES_PER_TOPIC]:
            ids = library.ids(sentence)
            usual, bare = bits_of(library, after_start(library, data.start, sentence)), bits_of(library, ids)
            for place in range(2, len(ids) + 1):
                changes.setdefault(place, []).append(bare[place - 2] - usual[place - 1])
    kept = {place: found for place, found in changes.items() if len(found) >= next_tokens.FEWEST}
    assert [effect.place for effect in data.without_start] == list(kept)
    for effect in data.without_start:
        found = kept[effect.place]
        assert effect.texts == len(found)
        assert effect.mean_change_bits == pytest.approx(sum(map(abs, found)) / len(found), abs=1e-3)
        assert effect.costlier == pytest.approx(sum(change > 0 for change in found) / len(found), abs=1e-3)


def test_every_opening(library: Library) -> None:
    openings = exported("next_word_chances").openings
    (word,) = library.ids(f" {openings.word}")
    for opening in openings.before:
        ids = [*(token.id for token in opening.before), *library.ids(openings.context)]
        if opening.text is not None:
            ids = library.ids(opening.text + openings.context)
            assert [token.id for token in opening.before] == ids[: len(opening.before)]
        row = library.probabilities(ids)[-1]
        assert opening.probability == pytest.approx(row[word], abs=CLOSE)
        assert opening.favourite.token.id == row.argmax()


def test_every_exchanged_first_word(library: Library) -> None:
    """Total variation as what one distribution has in excess of the other, in the place of half the sum of the differences."""
    openings = exported("next_word_chances").openings
    (word,) = library.ids(f" {openings.word}")
    assert {entry.start for entry in openings.first_words} == {None, exported("next_token_steps").start}
    for entry in openings.first_words:
        usual = library.probabilities(after_start(library, entry.start, openings.context))
        changed = library.probabilities(after_start(library, entry.start, openings.context.replace("The", entry.word, 1)))
        at = 1 if entry.start else 0
        assert entry.probability == pytest.approx(changed[-1, word], abs=CLOSE)
        assert entry.moved_at_once == pytest.approx(np.maximum(usual[at] - changed[at], 0).sum(), abs=1e-4)
        assert entry.moved_at_the_end == pytest.approx(np.maximum(usual[-1] - changed[-1], 0).sum(), abs=1e-4)


@pytest.mark.parametrize("kind", ["Q8_0", "Q4_1"])
def test_drawn_weights_round_to_the_copy_and_lie_evenly_around_it(kind: str) -> None:
    """gguf rounds each draw to just the bytes of the copy; away from the ends of a block the draws fill a step evenly."""
    from gguf import GGMLQuantizationType, dequantize, quantize

    generator, form = np.random.default_rng(3), GGMLQuantizationType[kind]
    packed = quantize(generator.normal(size=(200, 64)).astype(np.float32), form)
    copy = dequantize(packed, form)
    assert rounding_draws.format_of(copy) == kind
    drawn = rounding_draws.drawn_before_rounding(copy, kind, generator)
    assert np.array_equal(quantize(drawn, form), packed)
    blocks, shift = copy.reshape(-1, 32), (drawn - copy).reshape(-1, 32)
    lowest, highest = blocks.min(axis=1, keepdims=True), blocks.max(axis=1, keepdims=True)
    step = np.abs(blocks).max(axis=1, keepdims=True) / 127 if kind == "Q8_0" else (highest - lowest) / 15
    inside = (blocks > lowest) & (blocks < highest)
    assert kstest((shift / step)[inside], "uniform", args=(-0.5, 1)).pvalue > 0.01


def test_weights_that_were_not_rounded_have_no_format() -> None:
    assert rounding_draws.format_of(np.random.default_rng(1).normal(size=(70, 64)).astype(np.float32)) is None
    assert rounding_draws.format_of(np.ones((2, 33), dtype=np.float32)) is None


def test_the_last_draw_of_weights_says_what_was_exported(library: Library) -> None:
    """Put into the network that transformers opens; the relative size of the change by NumPy's norm."""
    data = exported("rounding_draws")
    last, (word,) = len(data.draws) - 1, library.ids(f" {data.word}")
    start = exported("next_token_steps").start
    assert library.probabilities(after_start(library, start, data.context))[-1, word] == pytest.approx(
        data.copy_as_it_is.probability, abs=CLOSE
    )
    matrices = [weight for weight in library.network.parameters() if weight.dim() == 2]
    kept = [weight.detach().numpy().copy() for weight in matrices]
    drawn = [
        rounding_draws.drawn_before_rounding(before, rounding_draws.format_of(before), np.random.default_rng([data.seed, last, n]))
        for n, before in enumerate(kept)
    ]
    lengths = [math.hypot(*(float(np.linalg.norm(m.astype(np.float64))) for m in of)) for of in (map(np.subtract, drawn, kept), kept)]
    assert data.relative_error == pytest.approx(lengths[0] / lengths[1], abs=2e-3)
    changed = Library.__new__(Library)
    changed.torch, changed.tokenizer, changed.network, changed._known = library.torch, library.tokenizer, library.network, {}
    try:
        for weight, new in zip(matrices, drawn, strict=True):
            weight.data.copy_(library.torch.from_numpy(new))
        row = changed.probabilities(after_start(library, start, data.context))[-1]
        bits = [sum(bits_of(changed, after_start(library, start, text))) for text in data.texts]
    finally:
        for weight, before in zip(matrices, kept, strict=True):
            weight.data.copy_(library.torch.from_numpy(before))
    assert data.draws[last].probability == pytest.approx(row[word], abs=CLOSE)
    assert data.draws[last].total_bits == pytest.approx(bits, abs=2e-3)


def test_every_temperature(library: Library) -> None:
    data = exported("temperatures")
    for context in data.contexts:
        ids = after_start(library, data.start, context.context)
        chosen = [token.id for token in context.candidates]
        for n, temperature in enumerate(data.temperatures):
            row = library.probabilities(ids, temperature)[-1]
            # a low temperature makes more of the last digits of the scores, which depend on the number of threads
            close = CLOSE / min(1.0, temperature)
            assert context.probabilities[n] == pytest.approx(row[chosen], abs=close)
            assert context.rest[n] == pytest.approx(1 - row[chosen].sum(), abs=close)


def test_greedy_text_is_what_generate_writes(library: Library) -> None:
    """With a mask of ones: without it, generate would take the start token for padding and leave it out."""
    data = exported("continuations")
    first = next(one for one in data.continuations if one.temperature == 0 and not one.chat)
    ids = library.torch.tensor([after_start(library, data.start, first.prompt)])
    whole = library.network.generate(
        ids, attention_mask=library.torch.ones_like(ids), do_sample=False, max_new_tokens=10, pad_token_id=0
    )
    assert library.tokenizer.convert_ids_to_tokens(whole[0, ids.shape[1] :].tolist()) == first.tokens[:10]


def test_a_message_is_put_as_the_models_own_template_puts_it(library: Library) -> None:
    from precompute.writing.continuations import CHAT_FORM

    template = library.tokenizer.apply_chat_template(
        [{"role": "user", "content": "The cat sat on"}], add_generation_prompt=True, tokenize=False
    )
    assert template == CHAT_FORM.format(prompt="The cat sat on")


def test_surprise_of_what_was_written(library: Library) -> None:
    """The bits of sampled texts, computed step by step with a memory, against one run over the whole text."""
    data = exported("continuations")
    for one in [c for c in data.continuations if c.draw == 1 and not c.chat][:4]:
        ids = after_start(library, data.start, one.prompt)
        more = library.tokenizer.convert_tokens_to_ids(one.tokens)
        rows = library.probabilities([*ids, *more])
        bits = [-math.log2(rows[len(ids) - 1 + n, token]) for n, token in enumerate(more)]
        assert one.bits_per_token == pytest.approx(sum(bits) / len(bits), abs=2e-3)


class Rounded:
    """A network whose scores another machine would round otherwise: each is off by about 1e-5."""

    def __init__(self, network: Any, torch: Any):
        self.network, self.torch, self.generator = network, torch, torch.Generator().manual_seed(5)

    def __call__(self, *given: Any, **options: Any) -> Any:
        output = self.network(*given, **options)
        output.logits += 1e-5 * self.torch.randn(output.logits.shape, generator=self.generator)
        return output


@pytest.mark.parametrize(("number", "threads"), [(0, 1), (2, 2)])
def test_texts_do_not_hang_on_the_last_digits_of_scores(number: int, threads: int, library: Library) -> None:
    """The committed texts come again with another kind of attention, on one thread and on two, and with noise on every score."""
    prompt = read_word_list(ROOT / "content" / "words" / "reading_and_writing.toml")["continuations"]["prompts"][number]
    decoder, before = open_set().model("decoder"), library.torch.get_num_threads()
    model = LanguageModel(Rounded(library.network, library.torch), decoder.raw_tokens(), decoder.tokenizer_kind, decoder)
    library.torch.set_num_threads(threads)
    try:
        found = continuations.continuations_of(model, number, prompt, chat=False)
    finally:
        library.torch.set_num_threads(before)
    committed = [one for one in exported("continuations").continuations if one.prompt == prompt and not one.chat]
    assert len(committed) == 1 + continuations.DRAWS * len(continuations.TEMPERATURES)
    assert [one.tokens for one in found] == [one.tokens for one in committed]
    assert [one.bits_per_token for one in found] == pytest.approx([one.bits_per_token for one in committed], abs=2e-3)


# --- the arithmetic by itself ---------------------------------------------------------------------------------------------------


def test_temperature_by_hand() -> None:
    scores = np.log([8.0, 1.0, 1.0])
    assert softmax(scores) == pytest.approx([0.8, 0.1, 0.1])
    assert softmax(scores, 3.0) == pytest.approx([0.5, 0.25, 0.25])  # cube roots 2, 1, 1
    assert softmax(scores + 1e4, 1.0) == pytest.approx([0.8, 0.1, 0.1])


@pytest.mark.parametrize("temperature", [0.5, 1.0, 1.5])
def test_tokens_are_drawn_with_their_probabilities(temperature: float) -> None:
    scores, generator = np.log([8.0, 4.0, 2.0, 1.0, 1.0]), np.random.default_rng(1)
    drawn = np.bincount([continuations.pick(scores, temperature, generator) for _ in range(20_000)], minlength=5)
    assert chisquare(drawn, softmax(scores, temperature) * 20_000).pvalue > 0.01
    assert continuations.pick(scores, 0.0, generator) == 0


def test_entropy_rank_and_order_by_hand() -> None:
    fair, row = np.full(8, 1 / 8), np.array([0.25, 0.5, 0.25, 0.0])
    assert entropy_bits(fair) == pytest.approx(3)
    assert entropy_bits(row) == pytest.approx(1.5)
    assert (rank(row, 1), rank(row, 0), rank(row, 2), rank(row, 3)) == (1, 2, 2, 4)
    assert best(row, 3) == [1, 0, 2]


def test_significant_digits() -> None:
    assert significant(0.00001234567) == 0.0000123457
    assert significant(0.0) == 0.0
