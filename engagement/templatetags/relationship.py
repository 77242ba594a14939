"""The signs of a relationship in a template: the four I's, levels, sentiment. A builtin of all templates."""

from django import template
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_lazy

from engagement.four import Four, find_four
from engagement.levels import ADVOCATE, ADVOCATE_LABEL, Level, key_of
from lib.charts.marks import draw_meter

register = template.Library()

NAMES: dict[str, str | Promise] = {**{key_of(level): level.label for level in Level}, ADVOCATE: ADVOCATE_LABEL}
REACHED = {**{key_of(level): int(level) for level in Level}, ADVOCATE: int(Level.CHAMPION)}
SENTIMENTS: dict[str, tuple[str, str | Promise]] = {
    "positive": ("positive", gettext_lazy("Positive")),
    "negative": ("negative", gettext_lazy("Negative")),
    "neutral": ("neutral", gettext_lazy("Neutral")),
    "mixed": ("neutral", gettext_lazy("Mixed")),
    "unclear": ("unclear", gettext_lazy("Unclear")),
}


def four_of(name: str) -> Four:
    """One of the four; KeyError for another name."""
    four = find_four(name)
    if four is None:
        raise KeyError(name)
    return four


@register.simple_tag
def shape(kind: str, dim: bool = False, label: bool = False) -> SafeString:
    """The shape of one of the four I's: ● ■ ◆ ▲. `label=True` where no word stands beside it."""
    four = four_of(kind)
    classes = f"shape {four.name} dim" if dim else f"shape {four.name}"
    if label:
        said = '<svg class="{}" viewBox="0 0 10 10" role="img" aria-label="{}">{}</svg>'
        return format_html(said, classes, four.label, four.shape)
    return format_html('<svg class="{}" viewBox="0 0 10 10" aria-hidden="true">{}</svg>', classes, four.shape)


@register.filter
def four_name(kind: str) -> str | Promise:
    """How one of the four I's is written, by its name."""
    return four_of(kind).label


@register.simple_tag
def level(name: str | int | None, direction: float = 0, big: bool = False) -> SafeString:
    """Meter, name and arrow of a relationship level; `name` is "loyal" or 5, `direction` any signed number."""
    key = key_of(name) if isinstance(name, int) else (name or "unknown").lower()
    way = (direction > 0) - (direction < 0)
    meter = draw_meter(REACHED.get(key, 0), way, big=big)
    drawn = format_html(
        '<svg class="meter" width="{0}" height="{1}" viewBox="0 0 {0} {1}" aria-hidden="true">{2}</svg>',
        meter.width, meter.height, format_html_join("", '<path class="{}" d="{}"/>', meter.segments),
    )  # fmt: skip
    words = {1: gettext("powering up"), -1: gettext("powering down"), 0: gettext("steady")}
    arrows = {1: ("rising", "↑"), -1: ("falling", "↓"), 0: ("steady", "→")}
    known = format_html(
        '<span class="direction {}">{}<span class="visually-hidden"> {}</span></span>', *arrows[way], words[way]
    )
    return format_html(
        '<span class="level{}">{}<span class="level-name">{}</span>{}</span>',
        " big" if big else "", drawn, NAMES.get(key, name), known if key != key_of(Level.UNKNOWN) else "",
    )  # fmt: skip


@register.simple_tag
def sentiment(name: str) -> SafeString:
    """Sign and word: positive, negative, neutral, mixed, unclear."""
    css, word = SENTIMENTS.get(name or "unclear", SENTIMENTS["unclear"])
    return format_html('<span class="sentiment {}">{}</span>', css, word)


@register.filter
def sentiment_class(name: str) -> str:
    """The edge's class on `.event`, `.item`, `.message`: positive, negative, neutral or unclear."""
    return SENTIMENTS.get(name or "unclear", SENTIMENTS["unclear"])[0]
