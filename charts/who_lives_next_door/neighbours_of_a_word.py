"""The twenty nearest tokens of a word in both models, each beside what random pairs of that model score."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import altair as alt

from artefacts.schemas.neighbours import Neighbour, Neighbourhoods, WordNeighbourhood
from charts.figure import Column, Control, Figure, Table, figure
from charts.layout import controlled, cosine_domain, cosine_x, heading, one, panels, rows, stacked
from charts.palette import SHAPES, light
from charts.reading import Member, count, degrees, fixed, listed, members, of_role, rounded
from charts.theme import SMALL, is_narrow

NAME = "Mike"
BARE = f"{NAME} (no space)"  # an extra choice in sets whose decoder has the name without a space as one token
SAME_DIRECTION = 0.95  # cosine; 18 degrees. Above it we would let "the same direction" pass
ROW = 18  # px


@dataclass(frozen=True)
class Choice:
    """One entry of the select: a word, and the neighbourhood of it in each model."""

    word: str
    entries: dict[str, WordNeighbourhood | None]


def choices(lists: Neighbourhoods, models: dict[str, Member]) -> list[Choice]:
    """The curated words, and the bare name where the decoder has it as one token."""
    found = {(e.role, e.word, e.leading_space): e for e in lists.entries}

    def entry(member: Member, word: str, bare: bool = False) -> WordNeighbourhood | None:
        return found.get((member.role, word, member.leading_space and not bare))

    result = [Choice(word, {role: entry(member, word) for role, member in models.items()}) for word in lists.words]
    bare = {role: entry(member, NAME, bare=True) for role, member in models.items()}
    decoder = models.get("decoder")
    if decoder and decoder.leading_space and bare["decoder"] and bare["decoder"].token:
        result.insert(1, Choice(BARE, bare))
    return result


def marks_of(neighbour: Neighbour) -> str:
    """What is written beside a neighbour: why it could be folded."""
    words = [f"{neighbour.variant} variant"] if neighbour.variant else []
    return ", ".join(words + list(neighbour.flags))


def published_of(choice: Choice, lists: Neighbourhoods, member: Member) -> dict[str, float]:
    """Raw token -> cosine as the source prints it; only for the bare name, which is what the source looked up."""
    if choice.word != BARE or member.role != "decoder":
        return {}
    return {p.text.replace(" ", "Ġ"): p.cosine for p in lists.published_name_neighbours}


def _rows(chosen: list[Choice], lists: Neighbourhoods, models: dict[str, Member]) -> list[dict[str, Any]]:
    """Every neighbour of every choice, for drawing and for the table."""
    found = []
    for choice in chosen:
        for role, entry in choice.entries.items():
            if entry is None or entry.lists is None:
                continue
            member, published = models[role], published_of(choice, lists, models[role])
            for rank, n in enumerate(entry.lists.cosine, start=1):
                found.append(
                    {
                        "word": choice.word,
                        "role": role,
                        "model": member.name,
                        "rank": rank,
                        "raw": n.token.raw,
                        "kind": member.tokenizer_kind,
                        "cosine": n.cosine,
                        "angle_degrees": n.angle_degrees,
                        "marks": marks_of(n),
                        "first_name": n.first_name,
                        "published_cosine": published.get(n.token.raw),
                        "in_degree": n.in_degree,
                    }
                )
    return found


def _table(found: list[dict[str, Any]], first_word: str, with_published: bool) -> Table:
    shown = [row | {"first_name": {True: "yes", False: "no", None: ""}[row["first_name"]]} for row in found]
    columns = [
        Column("word", "word"),
        Column("model", "model"),
        Column("rank", "rank", "integer"),
        Column("raw", "neighbour", "token", tokenizer_kind_column="kind"),
        Column("cosine", "cosine", "number", 3),
        Column("angle_degrees", "angle in degrees", "number", 1),
        Column("marks", "marked as"),
        Column("first_name", "first name (by hand)"),
        Column("in_degree", "stands in so many lists", "integer"),
    ]
    if with_published:
        columns.insert(6, Column("published_cosine", "published cosine", "number", 3))
    return Table(columns, shown, default_rows=lambda row: row["word"] == first_word)


def _status_rows(chosen: list[Choice], lists: Neighbourhoods, models: dict[str, Member]) -> list[dict[str, Any]]:
    """One line above each panel: what the word is here, and what was folded."""
    status = []
    for choice in chosen:
        for role, member in models.items():
            entry = choice.entries[role]
            if entry is None or entry.lists is None:
                pieces = listed(member.shown(raw) for raw in entry.pieces) if entry else "nothing"
                line = f"{choice.word}: no single token ({pieces})"
                status.append({"word": choice.word, "role": role, "open": line, "folded": line})
                continue
            token, near = member.quoted(entry.token.raw), entry.lists.cosine
            foldable = sum(bool(marks_of(n)) for n in near)
            names = [n.first_name for n in near if n.first_name is not None]
            line = f"{len(near)} nearest to {token}"
            if names:
                line += f"; {sum(names)} first names (filled)"
            status.append(
                {
                    "word": choice.word,
                    "role": role,
                    "open": line,
                    "folded": f"nearest to {token}; {foldable} of {len(near)} hidden",
                }
            )
    return status


def _drawn(found: list[dict[str, Any]], member: Member) -> list[dict[str, Any]]:
    """What is drawn of a model's neighbours."""
    return [
        {
            "word": row["word"],
            "rank": row["rank"],
            "token": member.shown(row["raw"]),
            "cosine": rounded(row["cosine"]),
            "marks": row["marks"],
            "name": row["first_name"] is not False,
            **({"published": row["published_cosine"]} if row["published_cosine"] is not None else {}),
        }
        for row in found
        if row["role"] == member.role
    ]


def _panel(member: Member, k: int, baseline: Any, domain: list[float], labels: int, with_published: bool) -> alt.LayerChart:
    """One model: the band of random pairs, and a line for each neighbour."""
    colour, soft, height = light(member.role), light("ink-soft"), ROW * k
    low, high, mean = (rounded(v, 3) for v in (baseline.percentiles["1"], baseline.percentiles["99"], baseline.mean))
    random = one(low=low, high=high, mean=mean, middle=(low + high) / 2)
    band = random.mark_rect(color=light("baseline"), opacity=0.18).encode(
        x=cosine_x(domain, "low:Q", title="cosine and its angle; 1.0: same direction"),
        x2="high:Q",
        y=alt.YValue(0),
        y2=alt.Y2Value(height),
    )
    average = random.mark_rule(color=light("baseline"), strokeDash=[3, 3]).encode(
        x="mean:Q", y=alt.YValue(0), y2=alt.Y2Value(height)
    )
    band_name = random.mark_text(baseline="bottom", dy=-3, color=soft, text="98% of random pairs").encode(
        x="middle:Q", y=alt.YValue(0)
    )

    near = (
        rows(f"{member.role}_neighbours")
        .transform_filter("datum.word == word && !(fold && datum.marks)")
        # sorted, because Vega appends what an unfolded filter lets through again
        .transform_window(row="row_number()", groupby=["word"], sort=[alt.SortField("rank")])
        .transform_calculate(angle="acos(datum.cosine) * 180 / PI")
    )
    y = alt.Y("row:Q", scale=alt.Scale(domain=[0.5, height / ROW + 0.5], reverse=True, nice=False, zero=False), axis=None)
    lines = near.mark_rule(color=light("rule"), strokeDash=[1, 3]).encode(y=y, x="cosine:Q", x2=alt.X2Value(0))
    tooltip = [
        alt.Tooltip("token:N", title="token"),
        alt.Tooltip("cosine:Q", title="cosine", format=".3f"),
        alt.Tooltip("angle:Q", title="angle in degrees", format=".1f"),
        alt.Tooltip("marks:N", title="marked as"),
    ]
    dots = near.mark_point(shape=SHAPES[member.role], size=62, stroke=colour, strokeWidth=1.5).encode(
        x=alt.X("cosine:Q"),
        y=y,
        fill=alt.FillValue(light("paper"), condition={"test": "datum.name", "value": colour}),
        tooltip=tooltip,
    )
    names = near.mark_text(align="left", baseline="middle", limit=labels - 8, fontSize=SMALL + 0.5).encode(
        x=alt.XValue(-labels), y=y, text="token:N"
    )
    beyond = f"datum.cosine > {sum(domain) / 2}"  # beyond the middle there is more room on the left
    marks = near.mark_text(
        align=alt.expr(f"{beyond} ? 'right' : 'left'"),
        dx=alt.expr(f"{beyond} ? -9 : 9"),
        baseline="middle",
        color=soft,
        fontSize=SMALL - 0.5,
    ).encode(x="cosine:Q", y=y, text="marks:N")
    layers = [band, lines, average, band_name, dots, names, marks]
    if with_published:
        published = near.transform_filter("isValid(datum.published)").mark_tick(
            color=light("ink"), thickness=2, height=14, orient="vertical"
        )
        layers.append(published.encode(x="published:Q", y=y, tooltip=[alt.Tooltip("published:Q", title="published", format=".3f")]))
    line = (
        rows("status")
        .transform_filter(f"datum.word == word && datum.role == '{member.role}'")
        .transform_calculate(line="fold ? datum.folded : datum.open")
        .mark_text(align="left", baseline="bottom", color=soft)
        .encode(x=alt.XValue(-labels), y=alt.YValue(-20), text="line:N")
    )
    return stacked(*layers, line, height=height, title=heading(member))


def _title(first: Choice, models: dict[str, Member]) -> str:
    """Says how far the nearest neighbours of the first word are, and whether that is the same direction."""
    present = {role: e for role, e in first.entries.items() if e is not None and e.lists is not None}
    if not present:
        return (
            f"“{first.word}” is no single token in {listed(m.name for m in models.values())}: it has no row, and so no neighbours"
        )
    best = {role: entry.lists.cosine[0].cosine for role, entry in present.items()}
    where = listed(f"{degrees(cosine)} away in {models[role].name}" for role, cosine in best.items())
    if all(cosine < SAME_DIRECTION for cosine in best.values()):
        return f"Nobody lives right next door: the nearest neighbour of “{first.word}” is {where}"
    same = listed(models[role].name for role, cosine in best.items() if cosine >= SAME_DIRECTION)
    return f"The nearest neighbour of “{first.word}” is {where}: nearly the same direction in {same}"


def _published(chosen: list[Choice], lists: Neighbourhoods) -> str:
    """A sentence for the caption where the source's word can be looked up; otherwise nothing."""
    if not lists.published_name_neighbours or all(choice.word != BARE for choice in chosen):
        return ""
    values = listed(f"“{p.text.replace(' ', '␣')}” {fixed(p.cosine, 3)}" for p in lists.published_name_neighbours)
    return f"For {BARE} the upright strokes stand at the cosines that were published for GPT-2: {values}. "


def _inside_band(first: Choice, models: dict[str, Member], baselines: dict[str, Any]) -> str:
    """How many of the first word's neighbours do no better than a random pair may."""
    parts = []
    for role, entry in first.entries.items():
        if entry is not None and entry.lists is not None:
            high = baselines[role].percentiles["99"]
            inside = sum(n.cosine <= high for n in entry.lists.cosine)
            parts.append(f"{inside} of {len(entry.lists.cosine)} in {models[role].name}")
    return listed(parts)


def _description(first: Choice, lists: Neighbourhoods, models: dict[str, Member], baselines: dict[str, Any]) -> str:
    sentences = []
    for role, member in models.items():
        entry = first.entries[role]
        if entry is None or entry.lists is None:
            sentences.append(f"In {member.name} “{first.word}” is no single token.")
            continue
        near = entry.lists.cosine
        five = listed(f"{member.quoted(n.token.raw)} {fixed(n.cosine, 3)}" for n in near[:5])
        sentences.append(
            f"In {member.name} the {len(near)} tokens nearest to {member.quoted(entry.token.raw)} have cosines from "
            f"{fixed(near[0].cosine, 3)} ({degrees(near[0].cosine)}) down to {fixed(near[-1].cosine, 3)} "
            f"({degrees(near[-1].cosine)}); the first five are {five}."
        )
        names = [n.first_name for n in near if n.first_name is not None]
        if names:
            sentences.append(f"{sum(names)} of {count(len(names), 'labelled neighbour')} are first names.")
        band = baselines[role]
        sentences.append(
            f"Random pairs of its tokens average {fixed(band.mean)}; 98% of them lie between {fixed(band.percentiles['1'])} and "
            f"{fixed(band.percentiles['99'])}."
        )
    return " ".join(sentences)


@figure(needs=("model_facts", "neighbourhoods", "random_pairs"))
def neighbours_of_a_word(data: Mapping[str, Any]) -> Figure:
    models, lists = members(data), data["neighbourhoods"]
    baselines = {role: of_role(data["random_pairs"].by_model, role).all_tokens for role in models}
    chosen = choices(lists, models)
    first = next((choice for choice in chosen if choice.word == NAME), chosen[0])
    found = _rows(chosen, lists, models)
    with_published = any(row["published_cosine"] is not None for row in found)
    domain = cosine_domain([b.percentiles["1"] for b in baselines.values()] + [row["cosine"] for row in found])

    def chart(width: int) -> alt.TopLevelMixin:
        labels = 92 if is_narrow(width) else 96
        sides = [_panel(member, lists.k, baselines[role], domain, labels, with_published) for role, member in models.items()]
        return controlled(panels(sides, width, left=labels, below=36), word=first.word, fold=False)

    return Figure(
        title=_title(first, models),
        caption=(
            f"The {lists.k} tokens of the whole vocabulary with the largest cosine, exactly computed; below each cosine its "
            "angle. The grey band holds 98% of random pairs of tokens of that model, the dashed line is their average: a cosine "
            f"says little until it is compared with it. For “{first.word}”, {_inside_band(first, models, baselines)} lie no "
            "higher than the band's upper end. Filled marks are first names, by a hand-made list (for the other words all marks "
            f"are filled). {_published(chosen, lists)}*Hide* takes out spelling, case and space variants of the word, hubs, and "
            "odd tokens: under-trained, duplicate and special ones. *Where it misleads:* the two models' cosines share an axis but not a "
            "meaning; compare each with its own band."
        ),
        description=_description(first, lists, models, baselines),
        table=_table(found, first.word, with_published),
        chart=chart,
        datasets={f"{role}_neighbours": _drawn(found, member) for role, member in models.items()}
        | {"status": _status_rows(chosen, lists, models)},
        controls=[
            Control("word", "Word", "select", first.word, options=[(choice.word, choice.word) for choice in chosen]),
            Control("fold", "Hide variants, hubs and odd tokens", "checkbox", False),
        ],
        roles=tuple(models),
    )
