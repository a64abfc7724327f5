"""The two embedding matrices as pictures: a row a token, a column a dimension."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from artefacts.packing import unpack
from artefacts.schemas.matrices import MatrixEntriesOfModel
from charts.figure import Column, Figure, Table, figure
from charts.matrix import Matrix, MatrixView
from charts.reading import fixed, listed, members, of_role, percent

RANGE = 0.15  # the source’s colours end there
PRESETS = (("the source’s ±0.15", 0.15), ("its “typical” ±0.1", 0.1), ("±0.4", 0.4))
THRESHOLD_STEP, THRESHOLD_MAXIMUM = 0.005, 0.5
LISTED = (0.0, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5)


def share_beyond(entry: MatrixEntriesOfModel, threshold: float) -> float:
    """Share of all numbers whose size is larger, at a threshold of the exported grid."""
    return entry.share_beyond[min(range(len(entry.thresholds)), key=lambda n: abs(entry.thresholds[n] - threshold))]


def saturated(entry: MatrixEntriesOfModel) -> str:
    """How many numbers are beyond the colours of the picture, as a percentage."""
    return percent(share_beyond(entry, RANGE))


@figure(needs=("model_facts", "matrix_entries"))
def matrix_pictures(data: Mapping[str, Any]) -> Figure:
    models = members(data)
    found = {role: of_role(data["matrix_entries"].by_model, role) for role in models}
    matrices = [
        Matrix(
            name=role,
            label=f"{models[role].name}’s matrix",
            values=unpack(entry.sample),
            low=-entry.limit,
            high=entry.limit,
            row_labels=[models[role].shown(token.raw) for token in entry.sample_tokens],
            entries=entry.tokens * entry.dims,
            shares=entry.share_beyond,
        )
        for role, entry in found.items()
    ]
    table = [
        {"model": models[role].name, "threshold": t, "share": share_beyond(entry, t), "limit": entry.limit, "error": entry.error_bound}
        for role, entry in found.items()
        for t in LISTED
    ]
    described = " ".join(
        f"{models[role].name}: {entry.tokens:,} rows of {entry.dims:,} numbers from {fixed(entry.minimum)} to {fixed(entry.maximum)}, "
        f"standard deviation {fixed(entry.standard_deviation, 3)}; {percent(share_beyond(entry, 0.1))} are larger than 0.1 in size, "
        f"{percent(share_beyond(entry, 0.15))} larger than 0.15. The picture shows {len(entry.sample_tokens)} rows, evenly spaced."
        for role, entry in found.items()
    )
    parts = listed(f"{saturated(entry)} of {models[role].name}’s numbers" for role, entry in found.items())
    return Figure(
        title=f"With the source’s colours, ±{RANGE}, {parts} lie beyond the end of the scale",
        caption=(
            "A row is a token, a column a dimension. Zoom in, move about, set where the colours end, and fade what is small; the share "
            "beyond your threshold is counted over the *whole* matrix, not only over the rows shown. The rows are evenly spaced over the "
            "vocabulary. "
            + " ".join(
                f"For {models[role].name} the picture holds ±{fixed(entry.limit)} at most, to within {fixed(entry.error_bound, 4)}."
                for role, entry in found.items()
            )
            + " *Where it misleads:* colours end where you say; a narrow range makes every matrix look full of extremes, a wide one makes "
            "it look empty. And the eye looks for shapes in columns whose order means nothing."
        ),
        description=described,
        table=Table(
            [
                Column("model", "model"),
                Column("threshold", "larger in size than", "number", 2),
                Column("share", "share of all numbers", "number", 4),
                Column("limit", "picture holds up to", "number", 2),
                Column("error", "error of the picture", "number", 4),
            ],
            table,
            default_rows=lambda row: row["threshold"] in (0.1, 0.15),
        ),
        matrices=matrices,
        matrix_view=MatrixView(
            range=RANGE,
            range_step=0.05,
            range_maximum=0.5,
            presets=PRESETS,
            threshold=0.0,
            threshold_step=THRESHOLD_STEP,
            threshold_maximum=THRESHOLD_MAXIMUM,
        ),
        roles=tuple(models),
    )
