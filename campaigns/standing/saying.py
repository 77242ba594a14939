"""A standing campaign in words: by what somebody gets it, how many wait, what came of those whose moment came."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta

from django.db.models import Count, Min, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.models import StandingCampaign, StandingEntry
from campaigns.standing.forms import DAY, HOUR
from campaigns.standing.hours import begin_of_today
from contacts.custom_fields.knowing import field_named
from lib.clock import now
from lib.local_words import in_sentence
from touchpoints.kinds import BY_CODE
from touchpoints.models import OwnKind

Trigger, Fate = StandingCampaign.Trigger, StandingEntry.Fate


@dataclass(frozen=True, slots=True)
class Standing:
    """How one stands now: counts of entries, and when the next is due."""

    waiting: int
    next_at: datetime | None
    today: int
    week: int
    given: int
    left: int
    late: int


NOBODY = Standing(0, None, 0, 0, 0, 0, 0)


def say_when(standing: StandingCampaign) -> str:
    """By what somebody gets it, as one sentence."""
    if standing.trigger == Trigger.DATE:
        return _day_words(standing)
    if standing.trigger == Trigger.HAPPENS:
        words = _("When somebody does this: %(kind)s. %(delay)s %(again)s")
        named = {"kind": _kind_words(standing.kind)}
    else:
        words = _("When somebody enters “%(segment)s”. %(delay)s %(again)s")
        named = {"segment": standing.campaign.segment.name if standing.campaign.segment else "–"}
    return words % (named | {"delay": _delay_words(standing.delay_minutes), "again": _again_words(standing)})


def how_it_stands(standing: StandingCampaign) -> Standing:
    """Counted of its entries; one statement."""
    return how_they_stand([standing])[standing.pk]


def how_they_stand(standings: Sequence[StandingCampaign]) -> dict[int, Standing]:
    """The same of many, by their ids; one statement."""
    given, waits = Q(fate=Fate.GIVEN), Q(done_at=None)
    entries = StandingEntry.objects.filter(standing__in=standings).order_by().values("standing_id")
    counted = entries.annotate(
        waiting=Count("pk", filter=waits),
        next_at=Min("due_at", filter=waits),
        today=Count("pk", filter=given & Q(done_at__gte=begin_of_today())),
        week=Count("pk", filter=given & Q(done_at__gte=now() - timedelta(days=7))),
        given=Count("pk", filter=given),
        left=Count("pk", filter=Q(fate=Fate.LEFT)),
        late=Count("pk", filter=Q(fate=Fate.LATE)),
    )
    names = ("standing_id", *(one.name for one in fields(Standing)))
    found = {one: Standing(*figures) for one, *figures in counted.values_list(*names)}
    return {one.pk: found.get(one.pk, NOBODY) for one in standings}


def _day_words(standing: StandingCampaign) -> str:
    found = field_named(standing.field)
    days = abs(standing.offset_days)
    named = {"field": found.label if found else standing.field, "hour": standing.at_hour, "n": days}
    if standing.offset_days == 0:
        words = _("On the day of “%(field)s”, at %(hour)s o’clock where they are.")
    elif standing.offset_days < 0:
        words = ngettext(
            "%(n)s day before “%(field)s”, at %(hour)s o’clock where they are.",
            "%(n)s days before “%(field)s”, at %(hour)s o’clock where they are.",
            days,
        )
    else:
        words = ngettext(
            "%(n)s day after “%(field)s”, at %(hour)s o’clock where they are.",
            "%(n)s days after “%(field)s”, at %(hour)s o’clock where they are.",
            days,
        )
    yearly = _("Each year.") if standing.is_yearly else _("Once for each such day.")
    return f"{words % named} {yearly}"


def _delay_words(minutes: int) -> str:
    if not minutes:
        return _("At once.")
    if minutes % DAY == 0:
        return ngettext("%(n)s day later.", "%(n)s days later.", minutes // DAY) % {"n": minutes // DAY}
    if minutes % HOUR == 0:
        return ngettext("%(n)s hour later.", "%(n)s hours later.", minutes // HOUR) % {"n": minutes // HOUR}
    return ngettext("%(n)s minute later.", "%(n)s minutes later.", minutes) % {"n": minutes}


def _again_words(standing: StandingCampaign) -> str:
    days = standing.again_after_days
    if days is None:
        return _("Nobody gets it twice.")
    words = ngettext("Again after %(n)s day at the earliest.", "Again after %(n)s days at the earliest.", days)
    return words % {"n": days}


def _kind_words(code: int | None) -> str:
    known = BY_CODE.get(code or 0)
    if known is not None:
        return in_sentence(known.name)
    return OwnKind.objects.filter(code=code or 0).values_list("key", flat=True).first() or "–"
