"""The calendar: what goes out, went out and is meant to, four weeks at a time, and what one person gets in a week."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from campaigns.list_figures import people_of
from campaigns.models import Campaign, CampaignReview, StandingCampaign
from campaigns.standing.rhythms import count_entries, standing_named
from contacts.channels import CHANNELS, Channel
from delivery.models import Message
from delivery.rhythms import count_templates, templates_named
from delivery.senders import channel_of
from lib.sql import run_sql
from workspaces.current import current_workspace_id

WEEKS = 4
COUNTED = 200_000  # deliveries of a week that are counted while somebody waits
STANDING_DAYS = 28
ICONS = {"sent": "check", "moving": "player-play", "waits": "hourglass", "review": "hourglass", "draft": "pencil"}
State = Message.State
OVER, MOVING = {State.SENT}, {State.PLANNING, State.SENDING, State.PAUSED}


@dataclass(frozen=True, slots=True)
class Going:
    """One campaign at its moment. `kind`: sent, moving, scheduled, waits (approved), review or draft.

    `planned`: people of all versions. `icon` shows the kind, of what is scheduled the channel: colour is never the only sign.
    """

    campaign: Campaign
    at: datetime
    kind: str
    channel: int
    planned: int

    @property
    def people(self) -> int | None:
        """Who gets or got it: planned, else who stands in its segment by now; None where nobody was chosen yet."""
        message = self.campaign.message
        if message.planned_at:
            return self.planned
        return self.campaign.segment.member_count if self.campaign.segment else None

    @property
    def icon(self) -> str:
        """Its sign."""
        scheduled = "send" if self.channel == Channel.EMAIL else CHANNELS[Channel(self.channel)].icon
        return ICONS.get(self.kind, scheduled)

    @property
    def is_open(self) -> bool:
        """Whether it has still to go out."""
        return self.kind not in {"sent", "moving"}


@dataclass
class Day:
    """A day of the calendar, and what goes out on it in the order of its hours."""

    on: date
    is_today: bool = False
    going: list[Going] = field(default_factory=list)


def first_monday(day: date) -> date:
    """The Monday of its week."""
    return day - timedelta(days=day.weekday())


def weeks_from(monday: date) -> list[list[Day]]:
    """Four weeks of seven days with what goes out in them, in the zone of who looks. Three statements."""
    today = timezone.localdate()
    days = [Day(one, is_today=one == today) for one in (monday + timedelta(days=no) for no in range(7 * WEEKS))]
    by_day = {one.on: one for one in days}
    for going in going_between(monday, monday + timedelta(days=7 * WEEKS)):
        by_day[going.at.date()].going.append(going)
    return [days[no : no + 7] for no in range(0, len(days), 7)]


def going_between(first: date, end: date) -> list[Going]:
    """Campaigns whose moment lies from the first day up to the last, the earliest first; none that were cancelled, none
    that go out by themselves.
    """
    rows = Campaign.objects.seen().annotate(at=Coalesce("message__planned_at", "message__scheduled_at", "intended_at"))
    rows = rows.filter(at__gte=_midnight(first), at__lt=_midnight(end)).exclude(message__state=State.CANCELLED)
    rows = rows.filter(message__is_standing=False)
    rows = rows.select_related("message__sender", "programme", "segment").order_by("at", "pk")
    shown = list(rows)
    people = people_of(shown)
    asked = set(CampaignReview.objects.filter(verdict="").values_list("campaign_id", flat=True))
    return [
        Going(one, timezone.localtime(one.at), _kind(one, asked), channel_of(one.message.sender), people[one.pk])  # type: ignore[attr-defined]
        for one in shown
    ]


def standing_emails() -> list[tuple[str, str, float]]:
    """What goes out by itself: (name, page, how many a day over the last four weeks), the most first.

    A campaign that runs stands here also where nobody got it yet.
    """
    since = timezone.localdate() - timedelta(days=STANDING_DAYS)
    found = []
    running = StandingCampaign.objects.filter(ended_at=None).exclude(started_at=None).values_list("pk", flat=True)
    for counts, named, known in (
        (count_entries, standing_named, list(running)),
        (count_templates, templates_named, list[int]()),
    ):
        sums: Counter[int] = Counter(dict.fromkeys(known, 0))
        for key, _day, count in counts(since):
            sums[key] += count
        names = named(list(sums))
        found += [(*names[key], count / STANDING_DAYS) for key, count in sums.items() if key in names]
    return sorted(found, key=lambda one: (-one[2], one[0]))


def emails_a_person(week: Sequence[Going]) -> list[tuple[int, int]] | None:
    """(campaigns of this week, people who got so many), the fewest first; None where they are too many to count now."""
    out = [one for one in week if not one.is_open]
    if sum(one.planned for one in out) > COUNTED:
        return None
    ids = [one.campaign.pk for one in out]
    every = Campaign.objects.filter(Q(pk__in=ids) | Q(variant_of__in=ids)).order_by()
    params = {"workspace": current_workspace_id(), "messages": list(every.values_list("message_id", flat=True))}
    return [(int(number), int(people)) for number, people in run_sql("campaigns/emails_a_person", params)]


def crowded_day(weeks: Sequence[Sequence[Day]]) -> Day | None:
    """The next day on which more than one is still to go out."""
    today = timezone.localdate()
    days = [day for week in weeks for day in week if day.on >= today]
    return next((day for day in days if sum(one.is_open for one in day.going) > 1), None)


def _kind(campaign: Campaign, asked: set[int]) -> str:
    state = campaign.message.state
    if state in OVER:
        return "sent"
    if state in MOVING:
        return "moving"
    if state == State.SCHEDULED:
        return "scheduled"
    if state == State.APPROVED:
        return "waits"
    return "review" if campaign.pk in asked else "draft"


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))
