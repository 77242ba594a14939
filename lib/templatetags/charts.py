"""Figures with title, unit, drawing and table: `{% load charts %}`. Views pass plain numbers and labels."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import template
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from lib.charts.grids import draw_cohort, draw_heat
from lib.charts.scales import share, short
from lib.charts.steps import draw_funnel, draw_interval
from lib.charts.trends import Annotation, Series, change, draw_trend
from lib.local_words import number
from lib.rooms import house

register = template.Library()
type Word = str | Promise
type Context = dict[str, Any]


@register.inclusion_tag("components/charts/table.html")
def chart_table(columns: Sequence[Word], rows: Sequence[Sequence[Any]], caption: Word = "") -> Context:
    """The table behind a toggle under a chart: `columns` are heads, the first cell of each row is its head."""
    return {"columns": columns, "rows": rows, "caption": caption}


@register.inclusion_tag("components/charts/trend.html")
def trend(
    series: Series,
    *,
    title: Word = "",
    unit: Word = "",
    kind: str = "accent",
    say: Word = "",
    annotations: Sequence[Annotation | tuple[str, int, int]] = (),
    low: float | None = None,
    high: float | None = None,
    period: Word = "",
    figure: bool = True,
    table: bool = True,
    wide: bool = False,
    good: str = "up",
    marks: Sequence[tuple[str, float]] = (),
    half: bool = False,
) -> Context:
    """One series of `(label, value)`, oldest first. `kind` one of the four I's, accent or a channel's channel-mail …

    `annotations` are (label, first position, last position). `figure` shows the last value and the change in
    `period`; `table=False` where one table stands for several charts; `wide` for a chart across the page, `half` across half
    of it.
    `marks` are `(label, value)`: dashed lines across.
    """
    sign = house.signs.get(kind)
    key, name = (sign.name, title or sign.label) if sign else (kind, title)
    notes = [note if isinstance(note, Annotation) else Annotation(*note) for note in annotations]
    size = {"width": 960, "height": 200} if wide else {"width": 640, "height": 190} if half else {}
    drawn = draw_trend(series, annotations=notes, low=low, high=high, marks=marks, **size)
    known = [(label, value) for label, value in series if value is not None]
    return {
        "chart": drawn, "title": name, "unit": unit, "kind": f"{key} wide" if wide else key,
        "say": say, "shape": sign.shape if sign else None, "four": key if sign else "", "figure": figure,
        "table": table, "period": period, "good": good, "change": _rounded(change(series)),
        "last": short(known[-1][1]) if known else "", "first": short(known[0][1]) if known else "",
        "columns": (_("When"), name),
        "rows": [(label, "–" if value is None else short(value)) for label, value in series],
    }  # fmt: skip


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1 if abs(value) < 10 else 0)


@register.inclusion_tag("components/charts/cohort.html")
def cohort(
    rows: Sequence[tuple[str, int, Sequence[float | None]]], columns: Sequence[str], title: Word, unit: Word = ""
) -> Context:
    """Rows of `(name, people, values)`, None for times that have not come yet."""
    cells = [(name, people, *("–" if v is None else short(v) for v in values)) for name, people, values in rows]
    heads = ("", _("People"), *columns)
    return {"chart": draw_cohort(rows, columns), "title": title, "unit": unit, "columns": heads, "rows": cells}


@register.inclusion_tag("components/charts/heat.html")
def heat(rows: Sequence[tuple[str, Sequence[float]]], columns: Sequence[str], title: Word, unit: Word = "") -> Context:
    """Rows of `(name, values)`: days by hours, say."""
    cells = [(name, *(short(value) for value in values)) for name, values in rows]
    return {"chart": draw_heat(rows, columns), "title": title, "unit": unit, "columns": ("", *columns), "rows": cells}


@register.inclusion_tag("components/charts/funnel.html")
def funnel(steps: Sequence[tuple[Any, ...]], title: Word = "") -> Context:
    """`(label, value)` or `(label, value, address of its people)` from wide to narrow; the figures stand under the
    drawing, so it needs no table. A fourth is the place of the step that it is a part of, where that is not the one before.
    """
    bases = {place: step[3] for place, step in enumerate(steps) if step[3:]}
    drawn = draw_funnel([(label, value) for label, value, *_more in steps], bases)
    return {"steps": [(step, *url, "")[:2] for step, (_l, _v, *url) in zip(drawn, steps, strict=True)], "title": title}


@register.inclusion_tag("components/charts/interval.html")
def interval(low: float, estimate: float, high: float, title: Word = "", unit: Word = "") -> Context:
    """An estimate with its 95 % bounds against a heavy zero; `unit` is "points", say."""
    words = {"estimate": short(estimate), "low": short(low), "high": short(high), "unit": unit}
    return {"chart": draw_interval(low, estimate, high), "title": title, "unit": unit, "words": words}


@register.inclusion_tag("components/charts/rate.html")
def rate(series: Sequence[tuple[str, float]], title: Word, unit: Word = "") -> Context:
    """Speed of long work over the last minutes: `(label, value)`, oldest first."""
    drawn = draw_trend(series, low=0, width=320, height=90)
    return {"chart": drawn, "title": title, "unit": unit, "now": short(series[-1][1]) if series else ""}


@register.inclusion_tag("components/charts/hbar.html")
def hbar(
    rows: Sequence[Mapping[str, Any] | tuple[Word, float]], title: Word = "", unit: Word = "", colour: str = "fill-accent",
    whole: float | None = None,
) -> Context:  # fmt: skip
    """Bars by name, longest first as given. Rows are `(label, value)` or dicts with label, value, note, colour, url."""
    items: list[dict[str, Any]] = [
        dict(row) if isinstance(row, Mapping) else {"label": row[0], "value": row[1]} for row in rows
    ]
    end = whole if whole is not None else max((item["value"] for item in items), default=1) or 1
    for item in items:
        item.setdefault("colour", colour)
        item.setdefault("shown", short(item["value"]))
    return {"items": items, "whole": end, "title": title, "unit": unit}


@register.filter
def percent_of(value: float, whole: float) -> str:
    """`{{ part|percent_of:all }}` → "62.6"."""
    return number(share(value, whole), 1)


@register.filter
def in_percent(share: float | None, places: int = 1) -> str:
    """`{{ 0.626|in_percent }}` → "62.6"; a dash where nobody knows."""
    return "–" if share is None else number(share * 100, places)
