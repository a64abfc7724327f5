"""The four verdicts, and what a claim's check returns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

Verdict = Literal["holds", "holds with a caveat", "does not hold", "not computed here"]
VERDICTS: tuple[str, ...] = get_args(Verdict)


@dataclass(frozen=True)
class CheckResult:
    """What a check found in one set's data. All texts are plain text for a reader, numbers already rounded.

    analogue: what this set's own models show, where the claim is about a model that the set does not hold. Never a verdict.
    """

    verdict: Verdict
    value: str  # our number, short: "49 degrees"
    reason: str  # one sentence
    analogue: str | None = None
