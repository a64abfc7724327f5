"""Short cuts inside Altair, which does some work again and again. They change no chart; tests/test_figure_drawing.py compares."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

import altair as alt
from altair.utils import schemapi
from altair.vegalite.v6 import api

_SHARED = (alt.MarkDef, alt.FacetedEncoding)
"""Parts of a chart that nothing changes once the chart holds them: Altair puts another in their place."""
_COMPOSED = (alt.LayerChart, alt.ConcatChart, alt.HConcatChart, alt.VConcatChart, alt.FacetChart, alt.RepeatChart)
"""Charts of charts, which see to what they are made of whenever they are made; all others only keep what they are given."""
_PLAIN = frozenset((str, int, float, bool, type(None), type(alt.Undefined)))
_todict = schemapi._todict
_tables = api.nw
_is_data_type = api._is_data_type


def take_short_cuts() -> None:
    """Let Altair, in this process, understand each shorthand once, copy of a chart what can change, and take no text for a table."""
    schemapi._FromDict = _Remembering
    schemapi._deep_copy = _copied
    schemapi._todict = _as_plain
    schemapi._PropertySetter.__get__ = _bound
    api.nw = _Tables()
    api._is_data_type = _is_table


class _Remembering(schemapi._FromDict):
    """Finds the class for a shorthand such as "cosine:Q" by hashes of the schemas of all classes, and then by trying one schema after
    the other. Altair makes the hashes anew each time, and tries again."""

    class_dict = schemapi._FromDict(alt.VegaLiteSchema._default_wrapper_classes()).class_dict
    found: ClassVar[dict[Any, Any]] = {}  # charts use the same shorthands

    def __init__(self, wrapper_classes: object, /) -> None:
        """The classes asked for are always those of Vega-Lite."""

    def from_dict(self, dct: Any, tp: type | None = None, *others: Any, **schemas: Any) -> Any:
        """As Altair's; remembered for plain values of a known class."""
        if tp is None or type(dct) is not dict or others or schemas:
            return super().from_dict(dct, tp, *others, **schemas)
        try:
            key = (tp, _to_look_up(dct))
        except TypeError:
            return super().from_dict(dct, tp)
        if key not in self.found:
            self.found[key] = super().from_dict(dct, tp)
        return _copied(self.found[key])


def _to_look_up(value: Any) -> tuple[type, Any]:
    """A plain value, also one of dicts and lists, as a key of a dict. TypeError if something in it is not plain."""
    kind = type(value)
    if kind is dict:
        return dict, tuple((name, _to_look_up(inner)) for name, inner in value.items())
    if kind is list:
        return list, tuple(map(_to_look_up, value))
    if kind not in _PLAIN:
        raise TypeError(f"{kind.__name__} is not plain")
    return kind, value


def _copied(part: Any, by_ref: Iterable[str] = ()) -> Any:
    """A copy of a chart or a part of it, as Altair makes it, but for the shared parts.

    Altair copies a chart whole, several times at each level of nesting: two and a half million calls for the figures of this site.
    by_ref: names of what is not copied.
    """
    if isinstance(part, _SHARED) or type(part) in _PLAIN:
        return part
    if isinstance(part, alt.SchemaBase):
        args = [_copied(kept, by_ref) for kept in part._args]
        kwds = _copied(part._kwds, by_ref)
        if isinstance(part, _COMPOSED):
            with schemapi.debug_mode(False):
                return type(part)(*args, **kwds)
        copy = object.__new__(type(part))
        object.__setattr__(copy, "_args", tuple(args))
        object.__setattr__(copy, "_kwds", kwds)
        return copy
    if isinstance(part, list):
        return [_copied(kept, by_ref) for kept in part]
    if isinstance(part, dict):
        return {name: kept if type(kept) in _PLAIN or name in by_ref else _copied(kept, by_ref) for name, kept in part.items()}
    return part


def _as_plain(part: Any, context: dict[str, Any] | None, np_opt: Any, pd_opt: Any) -> Any:
    """A part of a chart as plain values. Altair looks whether a text is an array of numpy, a table, a date and more."""
    if type(part) in _PLAIN:
        return part
    if type(part) is dict:
        return {name: _as_plain(kept, context, np_opt, pd_opt) for name, kept in part.items() if kept is not alt.Undefined}
    if type(part) is list:
        return [_as_plain(kept, context, np_opt, pd_opt) for kept in part]
    return _todict(part, context, np_opt, pd_opt)


def _bound(setter: Any, channel: Any, of: type) -> Any:
    """`alt.X("cosine:Q").scale`, to be called. Altair looks up a signature and puts a text of help together each time."""
    setter.obj, setter.cls = channel, of
    return setter


class _Tables:
    """Narwhals as Altair uses it, which asks of a chart's data whether they are a table of any of ten libraries."""

    def __getattr__(self, name: str) -> Any:
        return getattr(_tables, name)

    def from_native(self, data: Any, **options: Any) -> Any:
        """As narwhals' for a table; Altair's own classes for data are none."""
        if isinstance(data, alt.SchemaBase):
            raise TypeError("no table")
        return _tables.from_native(data, **options)


def _is_table(data: Any) -> bool:
    return not isinstance(data, alt.SchemaBase) and _is_data_type(data)
