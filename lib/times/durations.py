"""How a stretch of time is said in short: "26 min", "2 h 10", and from two days on in days: "2 d 3 h", "9 d"."""

from datetime import timedelta

from django.utils.translation import gettext as _

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
FROM = 2  # days: below that, hours say more
PLAIN_FROM = 7  # days: from there on hours say nothing


def in_days(time: timedelta, *, day: timedelta = DAY) -> str:
    """Such as "2 d", "2 d 3 h", "9 d", cut off; "" for less than two days. `day`: how long one counts, an hour or more."""
    if time < FROM * day:
        return ""
    days, rest = divmod(time, day)
    hours = 0 if days >= PLAIN_FROM else rest // HOUR
    return _("%(d)d d %(h)d h") % {"d": days, "h": hours} if hours else _("%(n)d d") % {"n": days}


def in_short(time: timedelta, *, day: timedelta = DAY) -> str:
    """The same, and below two days "26 min" or "2 h 10"; nothing is less than "0 min"."""
    minutes = max(int(time.total_seconds() // 60), 0)
    if minutes < 60:
        return _("%(n)d min") % {"n": minutes}
    return in_days(time, day=day) or _("%(h)d h %(m)02d") % {"h": minutes // 60, "m": minutes % 60}
