"""Part 2's findings, one by one: as reported, by the same steps on this decoder, and by random matrices."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from charts.figure import Column, Figure, Table, figure
from charts.inside_the_layers.numbers_side_by_side import single_draws
from charts.inside_the_layers.parts import span
from charts.inside_the_layers.queries_keys_values import means
from charts.reading import fixed, members, percent

SURVIVES = {True: "not as a finding: random matrices give it, too", False: "yes: random matrices do not give it"}


@figure(needs=("model_facts", "layer_words", "queries_keys_values"))
def what_survives(data: Mapping[str, Any]) -> Figure:
    models, found, words = members(data), data["queries_keys_values"], data["layer_words"]
    published, name = found.published, models["decoder"].name
    random_direct, random_rsa = single_draws(found), means(found, "random_rsa")
    parts = [part for layer in found.layers for part in layer.parts if part.random is not None]
    real_d, random_d = ([getattr(part, field).mean for part in parts] for field in ("word", "random"))
    above = sum(part.word.mean > part.random.high for part in parts)
    by_chance = round(len(parts) / (found.seeds + 1))
    share = published.within_exceeds_across / published.cells
    mean_rsa, mean_random = sum(published.rsa_word) / len(published.rsa_word), sum(random_rsa) / len(random_rsa)
    rows = [
        {
            "finding": "Q, K and V are uncorrelated number by number",
            "reported": "r near 0, at a token where all prompts are alike",
            "here": f"at the word, r from {span(min(published.direct_word), max(published.direct_word))}",
            "random": f"r from {span(min(random_direct), max(random_direct))}",
            "survives": SURVIVES[max(map(abs, random_direct)) < 0.2],
        },
        {
            "finding": "RSA between Q, K and V is high",
            "reported": "0.85 to 0.9",
            "here": f"{span(min(published.rsa_word), max(published.rsa_word))}, mean {fixed(mean_rsa)}",
            "random": f"{span(min(random_rsa), max(random_rsa))}, mean {fixed(mean_random)}",
            "survives": SURVIVES[mean_random >= mean_rsa],
        },
        {
            "finding": "Words of one category are more alike in Q, K and V",
            "reported": "Cohen’s d shows it in each of them",
            "here": f"d from {span(min(real_d), max(real_d))}",
            "random": f"d from {span(min(random_d), max(random_d))}",
            "survives": f"{'in part' if above > by_chance else 'no more than by chance'}: {above} of "
            f"{len(parts)} beat all random ones, {by_chance} would by chance",
        },
        {
            "finding": "RSA within categories exceeds RSA across",
            "reported": "in all layers",
            "here": f"in {percent(share)} of layers and pairs",
            "random": f"in {percent(published.random_within_exceeds_across)}; shuffled categories "
            f"{percent(published.shuffled_within_exceeds_across)}",
            "survives": SURVIVES[published.random_within_exceeds_across >= share],
        },
    ]
    lost = sum(row["survives"] == SURVIVES[True] for row in rows)
    number = "none is" if not lost else f"{lost} {'is' if lost == 1 else 'are'}"
    return Figure(
        title=f"Of four findings about Q, K and V, {number} reached by random matrices as well",
        caption=(
            f"What a summary of part 2 reports for GPT-2 XL; the same steps on {name} (one prompt, “{words.published_carrier}”, "
            "for all but d, which is "
            f"over {len(words.carriers)} sentences); and matrices of random numbers with {name}’s input and shapes. *Where it "
            "misleads:* “survives” is "
            "about the conclusion, not the numbers. We do not doubt that GPT-2 XL gave the numbers reported."
        ),
        description=" ".join(
            f"{row['finding']}: reported {row['reported']}; {name} {row['here']}; random {row['random']}." for row in rows
        ),
        table=Table(
            [
                Column("finding", "finding"),
                Column("reported", "reported for GPT-2 XL"),
                Column("here", f"{name}, same steps"),
                Column("random", "random matrices"),
                Column("survives", "does it survive?"),
            ],
            rows,
        ),
        roles=("decoder",),
    )
