"""Writes masking_draws: one text through transformers' own masking, thousands of times.

The rule of 15%, and of 80, 10 and 10%: Devlin et al. 2019, section 3.1. BERT's own program (google-research/bert,
create_pretraining_data.py) selects a fixed number of tokens in each text; the library's collator decides for each token by itself.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from artefacts.schemas.parts import TokenRef
from artefacts.schemas.reading import MaskedPosition, MaskingCount, MaskingDraws
from precompute.workspace import Workspace

SEED = 20190602
PROBABILITY, MASK, RANDOM = 0.15, 0.8, 0.1
DRAWS = 10_000
CHECKPOINTS = (10, 100, 1_000, 10_000)
SHOWN = 30
MOST_PREDICTIONS = 20  # a text, in BERT's own program
OPTIONS = {"seed": SEED, "probability": PROBABILITY, "mask": MASK, "random": RANDOM, "draws": DRAWS, "shown": SHOWN}


def export(work: Workspace) -> MaskingDraws:
    """Counts of what became of each position, with the seed. Devlin et al. 2019, section 3.1."""
    tokenizer = work.model_set.tokenizer("bert")
    raw, text = tokenizer.raw_tokens(), work.words("reading_and_writing")["masking"]["text"]
    ids = np.array([raw.index("[CLS]"), *tokenizer.tokenize(text), raw.index("[SEP]")])
    inputs, labels = draw(raw, ids.tolist(), DRAWS)
    selected, masked = labels != -100, (inputs == raw.index("[MASK]")) & (labels != -100)
    # A token drawn at random that happens to be the old one cannot be told from one that was kept: one case in 30,522.
    changed = selected & ~masked & (inputs != ids)
    kept = selected & ~masked & ~changed

    def position(n: int, place: int) -> MaskedPosition:
        kind = "masked" if masked[n, place] else "random" if changed[n, place] else "kept"
        token = int(inputs[n, place])
        return MaskedPosition(position=place, kind=kind, shown=TokenRef(id=token, raw=raw[token]))

    return MaskingDraws(
        text=text,
        tokens=[TokenRef(id=int(i), raw=raw[i]) for i in ids],
        seed=SEED,
        probability=PROBABILITY,
        mask_probability=MASK,
        random_probability=RANDOM,
        draws=[[position(n, int(place)) for place in np.flatnonzero(selected[n])] for n in range(SHOWN)],
        counts=[
            MaskingCount(
                draws=number,
                tokens=number * (len(ids) - 2),
                selected=int(selected[:number].sum()),
                masked=int(masked[:number].sum()),
                random=int(changed[:number].sum()),
                kept=int(kept[:number].sum()),
            )
            for number in CHECKPOINTS
        ],
        selected_per_draw=np.bincount(selected.sum(axis=1)).tolist(),
        original_rule=min(MOST_PREDICTIONS, max(1, round(len(ids) * PROBABILITY))),
    )


def draw(raw: list[str], ids: list[int], draws: int) -> tuple[np.ndarray, np.ndarray]:
    """([draw, position] what the model is given, [draw, position] what it must say, -100 where nothing)."""
    collator = _collator(raw)
    example = {"input_ids": ids, "special_tokens_mask": [1, *[0] * (len(ids) - 2), 1]}
    batch = collator([dict(example) for _ in range(draws)])
    return batch["input_ids"].numpy(), batch["labels"].numpy()


def _collator(raw: list[str]) -> Any:
    from transformers import BertTokenizer, DataCollatorForLanguageModeling

    tokenizer = BertTokenizer(vocab={token: i for i, token in enumerate(raw)})
    return DataCollatorForLanguageModeling(
        tokenizer, mlm_probability=PROBABILITY, mask_replace_prob=MASK, random_replace_prob=RANDOM, seed=SEED
    )
