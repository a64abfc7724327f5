"""What the decoder expects: every exported probability against transformers itself, on the bundled model, opened once."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from scipy.stats import chisquare

from artefacts.envelope import read_artefact
from precompute.models import open_set
from precompute.softmax import softmax
from precompute.word_lists import read_word_list
from precompute.writing import continuations
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
    for text in data.texts:
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
