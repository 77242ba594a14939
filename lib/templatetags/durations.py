"""`{{ moment|short_since }}`: how long ago, as short as a narrow column wants it."""

from datetime import datetime

from django import template

from lib.clock import now
from lib.durations import in_short

register = template.Library()


@register.filter
def short_since(moment: datetime) -> str:
    """Time since a moment by the calendar: "26 min", "3 h 58", "2 d 3 h", "9 d"."""
    return in_short(now() - moment)
