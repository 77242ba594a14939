"""Icons, avatars, bars in a template, a builtin of all. Each tag is one short piece of markup, safe by escaping."""

import re
from collections.abc import Sequence
from datetime import datetime
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from django import template
from django.conf import settings
from django.core.files.storage import Storage, storages
from django.template.defaultfilters import date
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from lib.charts.marks import draw_bullet, draw_spark, signed_part, stack_parts
from lib.charts.scales import at, share
from lib.clock import now
from lib.local_words import DAYS
from lib.local_words import in_sentence as in_sentence_
from lib.rooms import house
from lib.times.durations import in_short

register = template.Library()

NOTHING = mark_safe("")
ICONS = Path(settings.BASE_DIR) / "static" / "icons.svg"


@cache
def icon_names() -> frozenset[str]:
    """The icons that are in the sprite."""
    return frozenset(re.findall(r'id="i-([\w-]+)"', ICONS.read_text()))


@register.simple_tag
def icon(name: str, size: str = "", label: str | Promise = "", tone: str = "") -> SafeString:
    """`{% icon "mail" %}`, small: `{% icon "mail" "tiny" %}`; alone it needs `label=`. `tone` is a class."""
    if settings.DEBUG and name not in icon_names():
        raise ValueError(f"{name} is not in static/icons.svg: add it to tools/icons.py")
    return _drawn(name, " ".join(filter(None, ("icon", size, tone))), str(label), _sprite(storages["staticfiles"]))


@cache
def _sprite(files: Storage) -> str:
    return str(files.url("icons.svg"))


@lru_cache(2_000)
def _drawn(name: str, classes: str, label: str, where: str) -> SafeString:
    """A page has some hundred of them, most of them alike."""
    if label:
        said = '<svg class="{}" role="img" aria-label="{}"><use href="{}#i-{}"/></svg>'
        return format_html(said, classes, label, where, name)
    return format_html('<svg class="{}" aria-hidden="true"><use href="{}#i-{}"/></svg>', classes, where, name)


def _fill(colour: str) -> tuple[str, str]:
    """(class of the svg, class of the rect): a sign's colour by its own token, any other by its class."""
    sign = house.signs.get(colour)
    return (f"bar {sign.name}", "fill-own") if sign else ("bar", colour)


@register.simple_tag
def bar(value: float | None, colour: str = "fill-accent", whole: float = 100, mark: float | None = None) -> SafeString:
    """A bar from 0 to `whole`; `colour` is a sign's name or a class: fill-accent, fill-mute …"""
    css, fill = _fill(colour)
    notch = NOTHING
    if mark is not None:
        notch = format_html('<rect class="notch" x="{}" width="1.2" height="6"/>', at(share(mark, whole) - 0.6))
    return format_html(
        '<svg class="{}" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">'
        '<rect class="track" width="100" height="6"/><rect class="{}" width="{}" height="6"/>{}</svg>',
        css, fill, at(share(value or 0, whole)), notch,
    )  # fmt: skip


@register.simple_tag
def signed(value: float | None, colour: str = "intimacy", whole: float = 100) -> SafeString:
    """A bar from −`whole` to `whole` with the zero in the middle."""
    css, fill = _fill(colour)
    part = signed_part(value or 0, fill, whole)
    return format_html(
        '<svg class="{}" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true"><rect class="track" width="100"'
        ' height="6"/><rect class="{}" x="{}" width="{}" height="6"/><rect class="notch" x="49.6" width=".8" height="6"/>'
        "</svg>",
        css, part.colour, part.x, part.width,
    )  # fmt: skip


@register.simple_tag
def stack(parts: Sequence[tuple[str, float, str]], size: str = "tall") -> SafeString:
    """Shares of a whole: parts of (colour, value, label); size tall or thick. A key or table beside says the figures."""
    height = 20 if size == "thick" else 14
    rects = format_html_join(
        "",
        '<rect class="{}" x="{}" width="{}" height="{}"><title>{}</title></rect>',
        ((part.colour, part.x, part.width, height, part.label) for part in stack_parts(parts)),
    )
    return format_html(
        '<svg class="bar {}" viewBox="0 0 100 {}" preserveAspectRatio="none" aria-hidden="true">{}</svg>',
        size, height, rects,
    )  # fmt: skip


@register.simple_tag
def key(colour: str, label: str | Promise) -> SafeString:
    """A swatch and its word, for `<ul class="key"><li>`."""
    return format_html(
        '<span><svg viewBox="0 0 10 10" aria-hidden="true"><rect class="{}" width="10" height="10" rx="2"/></svg>{}'
        "</span>",
        colour, label,
    )  # fmt: skip


@register.simple_tag
def spark(values: Sequence[float], colour: str = "", width: int = 84, height: int = 22) -> SafeString:
    """A line without axes, nothing when fewer than two values are known."""
    line, sign = draw_spark(values, width, height), house.signs.get(colour)
    if line is None:
        return NOTHING
    return format_html(
        '<svg class="spark {0}" width="{1}" height="{2}" viewBox="0 0 {1} {2}" aria-hidden="true">'
        '<path d="{3}"/><circle cx="{4}" cy="{5}" r="2.4"/></svg>',
        sign.name if sign else colour, line.width, line.height, line.path, line.x, line.y,
    )  # fmt: skip


@register.simple_tag
def bullet(base: float, now: float, target: float, whole: float | None = None) -> SafeString:
    """A programme's way: bar = now, notch = where it began, line = target."""
    way = draw_bullet(base, now, target, whole)
    return format_html(
        '<svg class="bar bullet" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">'
        '<rect class="track" y="2" width="100" height="6"/><rect class="fill-accent" y="2" width="{}" height="6"/>'
        '<rect class="baseline" x="{}" y="2" width=".9" height="6"/><rect class="target" x="{}" width=".8" height="10"/></svg>',
        way.now, way.base, way.target,
    )  # fmt: skip


@register.simple_tag
def diverge(theirs: float, ours: float, whole: float, colour: str = "fill-accent") -> SafeString:
    """They to us (left, full) and we to them (right, pale) around one middle."""
    left, right = share(theirs, whole), share(ours, whole)
    return format_html(
        '<svg class="bar tall" viewBox="0 0 200 12" preserveAspectRatio="none" aria-hidden="true">'
        '<rect class="{0}" x="{1}" width="{2}" height="12"/><rect class="{0} outward" x="100" width="{3}" height="12"/>'
        '<rect class="notch" x="99.5" width="1" height="12"/></svg>',
        colour, at(100 - left), at(left), at(right),
    )  # fmt: skip


@register.simple_tag
def change(value: float | None, unit: str = "", good: str = "up") -> SafeString:
    """↑ 7 or ↓ 4 in green or red; `good="down"` where less is better, `good=""` where neither is."""
    if value is None:
        return NOTHING
    way = "up" if value > 0 else "down" if value < 0 else "flat"
    tone = "steady" if way == "flat" or not good else "rising" if way == good else "falling"
    word = {"up": gettext("up"), "down": gettext("down"), "flat": gettext("unchanged")}[way]
    arrow = {"up": "↑", "down": "↓", "flat": "→"}[way]
    return format_html(
        '<span class="{} unbroken"><span aria-hidden="true">{}</span><span class="visually-hidden">{} </span> {}{}</span>',
        tone, arrow, word, at(abs(value)), unit,
    )  # fmt: skip


@register.filter
def minus(value: float | None) -> str:
    """A whole score with a true minus: −41, 58; "–" for what is not known."""
    return "–" if value is None else f"{value:.0f}".replace("-0", "0").replace("-", "−")


@register.simple_tag
def avatar(name: str, size: str = "", quiet: bool = False) -> SafeString:
    """Two letters in a circle; size small or large."""
    words = [word for word in re.split(r"[\s@._-]+", name or "") if word[:1].isalnum()]
    letters = (words[0][:1] + (words[-1][:1] if len(words) > 1 else "")).upper() if words else "?"
    classes = " ".join(filter(None, ("avatar", size, "quiet" if quiet else "")))
    return format_html('<span class="{}" aria-hidden="true">{}</span>', classes, letters)


@register.filter("date", expects_localtime=True, is_safe=False)
def day_in_words(value: Any, pattern: str | None = None) -> str:
    """Django's `date`, with the day as the language writes it: "10 June" or "10. Juni"."""
    return str(date(value, str(DAYS.get(pattern or "", pattern or "")) or None))


@register.filter
def in_sentence(label: Any) -> str:
    """A label in the middle of a sentence, as the language writes it."""
    return in_sentence_(label)


@register.filter
def short_since(moment: datetime) -> str:
    """Time since a moment by the calendar, for a narrow column: "26 min", "3 h 58", "2 d 3 h", "9 d"."""
    return in_short(now() - moment)
