"""The box of a campaign that is going out: how far it is, how fast, until when, and who takes it more slowly."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns.checking.warming_words import while_warming_up
from campaigns.models import Campaign
from campaigns.reporting import Figures
from delivery.models import Message
from delivery.pace.taken import taken_of
from delivery.pace.throttling import NO_DOMAINS, Slowed, slowed
from lib.clock import now
from lib.local_words import number

OPEN = {Message.State.SENDING, Message.State.PAUSED, Message.State.PLANNING}
SHOWN_SLOWED = 3


def sending_of(campaign: Campaign, figures: Figures) -> dict[str, Any]:
    """What the box shows; `is_open` False when the campaign has ended or not begun."""
    message = campaign.message
    if message.state not in OPEN or (message.is_standing and not figures.left):
        return {"is_open": False}
    taken = taken_of(message)
    done = max(figures.sent, taken.total) if figures.sent or taken.total else 0
    done = min(done, figures.may_be_written_to)
    left = time_left(figures.left - (done - figures.sent), taken.per_second)
    return {
        "is_open": True,
        "is_live": message.state != Message.State.PAUSED,
        "warming": while_warming_up(message),
        "done": done,
        "total": figures.may_be_written_to,
        "per_second": taken.per_second,
        "series": [
            (_clock(datetime.fromtimestamp(at, timezone.get_current_timezone())), value) for at, value in taken.series
        ],
        "left": _span(left) if left else "",
        "done_by": now() + left if left else None,
        "slower": [_slower(one) for one in _slowed_of(message)[:SHOWN_SLOWED]],
    }


def time_left(people: int, per_second: float) -> timedelta | None:
    """How long it takes at this pace; None when nobody can say."""
    return timedelta(seconds=round(people / per_second)) if per_second > 0.01 and people > 0 else None


def _slowed_of(message: Message) -> list[Slowed]:
    sender = message.sender
    return slowed(message.workspace_id, sender.pk, sender.per_second) if sender else []


def _slower(one: Slowed) -> str:
    domain = _("The provider") if one.domain == NO_DOMAINS else one.domain
    if one.stopped_until is not None:
        return _("%(domain)s refuses this sender by its rules: it gets nothing before %(time)s.") % {
            "domain": domain,
            "time": timezone.localtime(one.stopped_until).strftime("%H:%M"),
        }
    return _("%(domain)s asked us to wait at %(time)s: it gets %(rate)s a second, and soon more again.") % {
        "domain": domain,
        "time": timezone.localtime(one.since).strftime("%H:%M"),
        "rate": number(one.per_second, 1),
    }


def _clock(at: datetime) -> str:
    return at.strftime("%H:%M:%S")


def _span(left: timedelta) -> str:
    """Minutes and seconds; hours when it takes that long."""
    minutes, seconds = divmod(int(left.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return _("%(h)s h %(m)s min") % {"h": hours, "m": minutes}
    return _("%(m)s min %(s)s s") % {"m": minutes, "s": seconds} if minutes else _("%(s)s s") % {"s": seconds}
