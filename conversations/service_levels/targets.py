"""Which time to answer something has: by what it asks and by the kind of channel; and how that is said."""

from collections.abc import Iterable, Mapping
from datetime import timedelta

from django.utils.functional import Promise
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from conversations.models import Conversation, Mention
from conversations.service_levels.channel_kinds import CHANNEL_KINDS, PUBLIC, channel_kind
from conversations.service_levels.sla_clock import COMPLAINT, NORMAL, PRAISE, RESOLVED, URGENT
from conversations.service_levels.team_hours import hours_for
from conversations.service_levels.working_hours import Hours
from lib.local_words import date_format
from lib.times.durations import FROM, in_short

ASKED = (COMPLAINT, NORMAL, PRAISE)
COLUMNS: dict[str, str | Promise] = {
    COMPLAINT: gettext_lazy("Complaint"),
    NORMAL: pgettext_lazy("target", "Normal"),
    PRAISE: gettext_lazy("Praise"),
    RESOLVED: pgettext_lazy("target", "Resolved"),
}
# What a new team begins with, in working minutes.
SUGGESTED: dict[str, dict[str, int]] = {
    PUBLIC: {COMPLAINT: 60},
    "reviews": {COMPLAINT: 60},
    "community": {COMPLAINT: 240, NORMAL: 540},
    "email": {COMPLAINT: 240},
    "calls": {COMPLAINT: 60, NORMAL: 240},
}
_WHY: dict[str, str | Promise] = {
    COMPLAINT: gettext_lazy("for a complaint"),
    NORMAL: gettext_lazy("as usual"),
    PRAISE: gettext_lazy("for praise"),
    URGENT: gettext_lazy("for what is urgent"),
}
_PRAISES, _ASKS = Mention.Intent.PRAISE, {Mention.Intent.QUESTION, Mention.Intent.REQUEST}


def asks_for(mention: Mapping[str, object]) -> str:
    """COMPLAINT, PRAISE or NORMAL, of a mention's intent, sentiment and urgency.

    Praise is what asks for nothing and complains of nothing.
    """
    intent, felt = mention["intent"], mention["sentiment"]
    if intent == Mention.Intent.COMPLAINT:
        return COMPLAINT
    if intent in _ASKS or felt == Mention.Sentiment.NEGATIVE or mention["is_urgent"]:
        return NORMAL
    return PRAISE if intent == _PRAISES or felt == Mention.Sentiment.POSITIVE else NORMAL


def kind_of_channel(row: Conversation, mentions: Iterable[Mapping[str, object]]) -> str:
    """The kind of channel (channel_kinds.py) that a conversation came in by; its author is read with it."""
    is_rated = any(one["rating"] is not None for one in mentions)
    return channel_kind(row.author.network, is_public=row.is_public, is_rated=is_rated)


def due_sentence(row: Conversation) -> str:
    """Until when it is to be answered, and why then; "" where nobody waits.

    "Answer by Mon 09:30: within 1 h of business hours for a complaint (Public posts)."
    """
    if row.due_at is None:
        return ""
    at = date_format(localtime(row.due_at), "D H:i")
    kind, _dot, because = row.due_for.partition(".")
    if row.due_minutes is None or kind not in CHANNEL_KINDS or because not in _WHY:
        return _("Answer by %(at)s.") % {"at": at}
    said = {
        "at": at,
        "time": _target(row.due_minutes, hours_for(row)),
        "why": _WHY[because],
        "channel": CHANNEL_KINDS[kind][0],
    }
    return _("Answer by %(at)s: within %(time)s of business hours %(why)s (%(channel)s).") % said


def _target(minutes: int, hours: Hours) -> str:
    """A target in short: whole hours without minutes, from two of the team's days on in those."""
    if minutes >= 60 and minutes % 60 == 0 and timedelta(minutes=minutes) < FROM * hours.day:
        return _("%(n)d h") % {"n": minutes // 60}
    return in_short(timedelta(minutes=minutes), day=hours.day)
