"""Short cuts inside Altair, which does some work again and again. They change no chart; tests/test_figure_drawing.py compares."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import altair as alt
from altair.utils import schemapi

_SHARED = (alt.MarkDef, alt.FacetedEncoding)
"""Parts of a chart that nothing changes once the chart holds them: Altair puts another in their place."""


def take_short_cuts() -> None:
    """Let Altair, in this process, hash its schemas once and copy of a chart what can change."""
    schemapi._FromDict = _Remembering
    schemapi._deep_copy = _copied


class _Remembering(schemapi._FromDict):
    """Finds the class for a shorthand such as "cosine:Q" by hashes of the schemas of all classes. Altair makes these anew each time."""

    class_dict = schemapi._FromDict(alt.VegaLiteSchema._default_wrapper_classes()).class_dict

    def __init__(self, wrapper_classes: object, /) -> None:
        """The classes asked for are always those of Vega-Lite."""


def _copied(part: Any, by_ref: Iterable[str] = ()) -> Any:
    """A copy of a chart or a part of it, as Altair makes it, but for the shared parts.

    Altair copies a chart whole, several times at each level of nesting: two and a half million calls for the figures of this site.
    by_ref: names of what is not copied.
    """
    if isinstance(part, _SHARED):
        return part
    if isinstance(part, alt.SchemaBase):
        args = [_copied(kept, by_ref) for kept in part._args]
        with schemapi.debug_mode(False):
            return type(part)(*args, **_copied(part._kwds, by_ref))
    if isinstance(part, list):
        return [_copied(kept, by_ref) for kept in part]
    if isinstance(part, dict):
        return {name: kept if name in by_ref else _copied(kept, by_ref) for name, kept in part.items()}
    return part
