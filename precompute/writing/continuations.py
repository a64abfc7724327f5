"""Writes continuations: how the decoder goes on, greedily and by chance.

Greedy takes the most probable token again and again. Sampling draws one with its probability at a temperature: to each score, over the
temperature, noise of Gumbel's distribution is added, and the highest wins. The noise comes from a generator seeded by prompt, temperature
and draw, so that each continuation can be had again by itself. Another machine's scores differ in their last digits; its text is another
only where the two highest sums of a step lie as near to each other. (Throwing one number against summed probabilities would move with
every digit of all scores before it.)
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from artefacts.schemas.writing import Continuation, Continuations
from precompute.softmax import softmax
from precompute.statistics_of import rounded
from precompute.workspace import Workspace
from precompute.writing.language_model import CHAT, LanguageModel, open_language_model

SEED = 9  # of a few, one whose closest draw is far from a tie, 7e-4 in the scores of SmolLM2, and whose texts suit a classroom
LENGTH = 24  # tokens
DRAWS = 6
TEMPERATURES = (0.5, 1.0, 1.5)
OPTIONS = {"seed": SEED, "length": LENGTH, "draws": DRAWS, "temperatures": list(TEMPERATURES)}
# The form in which SmolLM2 was tuned on conversations; its own template puts this system message first.
SYSTEM = "You are a helpful AI assistant named SmolLM, trained by Hugging Face"
CHAT_FORM = f"{CHAT}system\n{SYSTEM}<|im_end|>\n{CHAT}user\n{{prompt}}<|im_end|>\n{CHAT}assistant\n"


def export(work: Workspace) -> Continuations:
    """Greedy and seeded continuations of each prompt at each temperature, as a text and, where the model has the marks, as a chat."""
    model, lists = open_language_model(work), work.words("reading_and_writing")["continuations"]
    asked = [(prompt, False) for prompt in lists["prompts"]]
    if CHAT in model.raw:
        asked += [(prompt, True) for prompt in lists["chat"]]
    return Continuations(
        start=model.start,
        length=LENGTH,
        seed=SEED,
        temperatures=list(TEMPERATURES),
        draws=DRAWS,
        continuations=[c for n, (prompt, chat) in enumerate(asked) for c in continuations_of(model, n, prompt, chat)],
    )


def continuations_of(model: LanguageModel, number: int, prompt: str, chat: bool) -> list[Continuation]:
    """The greedy one and all draws of a prompt, computed side by side. number: of the prompt; it seeds the draws."""
    ids = model.ids(CHAT_FORM.format(prompt=prompt)) if chat else model.started(model.ids(prompt))
    ways = [(0.0, 1), *((temperature, draw) for temperature in TEMPERATURES for draw in range(1, DRAWS + 1))]
    generators = [np.random.default_rng([SEED, number, round(temperature * 10), draw]) for temperature, draw in ways]
    written, bits = continue_text(model, ids, [temperature for temperature, _ in ways], generators)
    found = []
    for (temperature, draw), tokens, surprisals in zip(ways, written, bits, strict=True):
        end = next((n for n, token in enumerate(tokens) if token in model.special), None)
        length = len(tokens) if end is None else end + 1
        found.append(
            Continuation(
                prompt=prompt,
                chat=chat,
                temperature=temperature,
                draw=draw,
                tokens=[model.raw[i] for i in tokens[:length]],
                text=model.text(tokens[:length]),
                bits_per_token=rounded(sum(surprisals[:length]) / length, 4),
                ended=end is not None,
            )
        )
    return found


def continue_text(
    model: LanguageModel, ids: Sequence[int], temperatures: Sequence[float], generators: Sequence[np.random.Generator]
) -> tuple[list[list[int]], list[list[float]]]:
    """([way, step] token ids, [way, step] their surprisal in bits at temperature 1): LENGTH steps for each temperature."""
    import torch

    ways = len(temperatures)
    written: list[list[int]] = [[] for _ in range(ways)]
    bits: list[list[float]] = [[] for _ in range(ways)]
    given, memory = torch.tensor([list(ids)] * ways), None
    for _ in range(LENGTH):
        with torch.inference_mode():
            output = model.network(given, past_key_values=memory, use_cache=True)
        memory, scores = output.past_key_values, output.logits[:, -1].double().numpy()
        chosen = [
            pick(row, temperature, generator)
            for row, temperature, generator in zip(scores, temperatures, generators, strict=True)
        ]
        for way, token in enumerate(chosen):
            written[way].append(token)
            bits[way].append(-math.log2(softmax(scores[way])[token]))
        given = torch.tensor([[token] for token in chosen])
    return written, bits


def pick(logits: np.ndarray, temperature: float, generator: np.random.Generator) -> int:
    """One token: the most probable at temperature 0, else drawn, by the Gumbel-max trick (Maddison et al. 2014, A* Sampling, sec. 2)."""
    if temperature == 0:
        return int(np.argmax(logits))
    return int(np.argmax(logits / temperature + generator.gumbel(size=len(logits))))
