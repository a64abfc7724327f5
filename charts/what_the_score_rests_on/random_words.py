"""RSA on random sets of words, by how frequent the words are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt

from artefacts.schemas.scores import BandSample, WordSamples
from charts.figure import Column, Control, Figure, Table, figure
from charts.layout import controlled
from charts.reading import capitalised, fixed
from charts.theme import is_narrow
from charts.what_the_score_rests_on.other_categories import key_of
from charts.what_the_score_rests_on.parts import axis_x, lanes, list_of_ranks, names_of_set, pair_name


def _label(band: BandSample) -> str:
    return f"{band.first_rank:,}–{band.last_rank:,}"


def _all(samples: WordSamples) -> list[tuple[str, BandSample]]:
    return [(_label(band), band) for band in samples.bands] + ([("any rank", samples.any_words)] if samples.any_words else [])


def _title(samples: WordSamples, names: dict[str, str]) -> str:
    pair = pair_name(samples.pairs[0], names)
    if len(samples.bands) < 2:
        return f"Too few words of this set's models can be told apart by frequency; {pair} score {fixed(samples.published_scores[0])}"
    first = samples.bands[0]
    rest = [band.quantiles[0][2] for band in samples.bands[1:]]
    return (
        f"Random words, no categories: {pair} score {fixed(first.quantiles[0][2])} on the most frequent words and "
        f"{fixed(min(rest))} to {fixed(max(rest))} on rarer ones"
    )


def _rows(samples: WordSamples) -> list[dict[str, Any]]:
    found = []
    for n, pair in enumerate(samples.pairs):
        for place, (label, band) in enumerate(_all(samples)):
            low, inner_low, middle, inner_high, high = band.quantiles[n]
            found.append(
                {
                    "pair": key_of(pair),
                    "place": place,
                    "label": label,
                    "tone": "ink" if label == "any rank" else "baseline",
                    "value": middle,
                    "low": low,
                    "high": high,
                    "inner_low": inner_low,
                    "inner_high": inner_high,
                    "shown": fixed(middle),
                }
            )
    return found


def _chart(samples: WordSamples, width: int) -> alt.TopLevelMixin:
    quantiles = [q for _, band in _all(samples) for row in band.quantiles for q in row] or [0.0, 1.0]
    tips = [
        alt.Tooltip("label:N", title="rank"),
        alt.Tooltip("value:Q", title="median", format=".2f"),
        alt.Tooltip("low:Q", title="5%", format=".2f"),
        alt.Tooltip("high:Q", title="95%", format=".2f"),
    ]
    x = axis_x(min(0.0, *quantiles), max(quantiles), f"RSA score of {samples.published_words} random words")
    left = 100 if is_narrow(width) else 120
    plot = lanes("bands", max(1, len(_all(samples))), width, x=x, left=left, chosen="datum.pair == pair", tips=tips, thin=True)
    return controlled(plot, pair=key_of(samples.pairs[0]))


@figure(needs=("model_facts", "word_samples"))
def random_words(data: Mapping[str, Any]) -> Figure:
    samples: WordSamples = data["word_samples"]
    names = names_of_set(data)
    table = [
        {"pair": pair_name(pair, names), "ranks": label, "pool": band.words}
        | dict(zip(("q05", "q25", "q50", "q75", "q95"), band.quantiles[n], strict=True))
        for n, pair in enumerate(samples.pairs)
        for label, band in _all(samples)
    ]
    sentences = [
        f"{row['pair']}, {'ranks ' if row['ranks'] != 'any rank' else ''}{row['ranks']}: median {fixed(row['q50'])}, nine of ten between "
        f"{fixed(row['q05'])} and {fixed(row['q95'])}."
        for row in table
    ]
    first = pair_name(samples.pairs[0], names)
    return Figure(
        title=_title(samples, names),
        caption=(
            f"{samples.samples} random sets of {samples.published_words} words for each band of ranks in {list_of_ranks(names)} (1 is the "
            f"most frequent), out of {samples.pool:,} words that are one token in all spaces. "
            "The dot is the median; the thick line holds half "
            "of the sets, the thin one nine of ten. *Where it misleads:* frequent words are also shorter, more of them are function "
            "words, and a whole vocabulary knows them: frequency is not all that differs between bands."
        ),
        description=capitalised(" ".join(sentences)) or "No band holds enough words.",
        table=Table(
            [
                Column("pair", "spaces"),
                Column("ranks", "ranks"),
                Column("pool", "words to draw from", "integer"),
                Column("q05", "5%", "number", 2),
                Column("q25", "25%", "number", 2),
                Column("q50", "median", "number", 2),
                Column("q75", "75%", "number", 2),
                Column("q95", "95%", "number", 2),
            ],
            table,
            default_rows=lambda row: row["pair"] == first,
        ),
        chart=lambda width: _chart(samples, width),
        datasets={"bands": _rows(samples)},
        controls=[
            Control(
                "pair",
                "Spaces",
                "select",
                key_of(samples.pairs[0]),
                options=[(key_of(p), pair_name(p, names)) for p in samples.pairs],
            )
        ],
    )
