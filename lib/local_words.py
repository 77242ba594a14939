"""Days and numbers as the language of the page writes them: "10 June" or "10. Juni", "1,234.5" or "1.234,5"."""

from datetime import date
from typing import Any

from django.utils import dateformat, formats
from django.utils.translation import get_language, pgettext_lazy

# How a day is written, in the letters of Django's `date`. A language writes its own; "c" and the like are for machines.
DAYS = {
    "j M Y": pgettext_lazy("day", "j M Y"),
    "j M": pgettext_lazy("day", "j M"),
    "j M Y H:i": pgettext_lazy("day", "j M Y H:i"),
    "j M Y, H:i": pgettext_lazy("day", "j M Y, H:i"),
    "j M, H:i": pgettext_lazy("day", "j M, H:i"),
    "j M H:i": pgettext_lazy("day", "j M H:i"),
    "j F": pgettext_lazy("day", "j F"),
    "j F Y": pgettext_lazy("day", "j F Y"),
    "l, j F": pgettext_lazy("day", "l, j F"),
}


def date_format(moment: date, pattern: str) -> str:
    """`moment` in `pattern`, which is turned into that of the language. A datetime must be in its zone already."""
    return dateformat.format(moment, str(DAYS.get(pattern, pattern)))


def number(value: Any, decimals: int = 0) -> str:
    """`value` rounded to `decimals`, with separators of thousands, and a true minus."""
    return formats.number_format(round(value, decimals), decimals, use_l10n=True, force_grouping=True).replace("-", "−")


def in_sentence(label: Any) -> str:
    """A label in the middle of a sentence: English writes it small, German keeps its nouns."""
    text = str(label)
    return text.lower() if (get_language() or "en").startswith("en") else text
