"""What belongs to a programme: its campaigns, those that go out by themselves, sign-up forms, segments; a figure for each."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.db.models import Count

from campaigns.list_figures import Line, lines_of, people_of
from campaigns.models import Campaign, Programme, StandingCampaign
from consent.models import FormVersion, SignUp, SignUpForm
from delivery.models import Message
from lib.clock import ago
from lib.local_words import number
from segments.models import Segment

MOST = 50
DAYS = 90


class CampaignPart(NamedTuple):
    """A campaign, its line of figures where there is one, whether it sells, and who was planned for it."""

    campaign: Campaign
    line: Line | None
    sells: bool
    people: int

    @property
    def bought(self) -> str:
        """What those who clicked ordered within 72 hours of it, in the workspace's currency."""
        return number(self.line.revenue_minor / 100) if self.line else "–"


class FormPart(NamedTuple):
    """A form that asks for the programme's topic, and how many confirmed by it in the last 90 days."""

    form: SignUpForm
    confirmed: int


class SegmentPart(NamedTuple):
    """A segment, its people, and how many of the campaigns go to it."""

    segment: Segment
    people: int
    uses: int


@dataclass(frozen=True, slots=True)
class Parts:
    """All of it; `count` is of campaigns, of which the newest 50 are here."""

    once: Sequence[CampaignPart]
    standing: Sequence[CampaignPart]
    forms: Sequence[FormPart]
    segments: Sequence[SegmentPart]
    count: int

    @property
    def is_empty(self) -> bool:
        """Whether there is no campaign yet."""
        return not self.count


def parts_of(programme: Programme) -> Parts:
    """What belongs to it now, in a constant number of statements."""
    rows = Campaign.objects.seen().filter(programme=programme).select_related("segment", "message__sender")
    shown = list(rows[:MOST])
    count = len(shown) if len(shown) < MOST else rows.count()
    lines = lines_of(shown)
    repeats = set(StandingCampaign.objects.filter(campaign__in=shown).values_list("campaign", flat=True))
    people = people_of(shown)
    parts = [
        CampaignPart(one, lines.get(one.pk), one.message.purpose == Message.Purpose.MARKETING, people[one.pk])
        for one in shown
    ]
    return Parts(
        once=[one for one in parts if one.campaign.pk not in repeats],
        standing=[one for one in parts if one.campaign.pk in repeats],
        forms=_forms(programme),
        segments=_segments(shown),
        count=count,
    )


def _forms(programme: Programme) -> list[FormPart]:
    """Those whose newest published version asks for its topic."""
    if programme.topic_id is None:
        return []
    published = FormVersion.objects.filter(number__gt=0, form__archived_at=None).select_related("form")
    newest = {one.form_id: one for one in published.order_by("number")}
    forms = [one.form for one in newest.values() if programme.topic_id in one.topic_ids]
    confirmed = SignUp.objects.filter(form__in=forms, state=SignUp.State.CONFIRMED, asked_at__gte=ago(days=DAYS))
    counts = dict(confirmed.values_list("form").annotate(count=Count("pk")).order_by()) if forms else {}
    return [FormPart(one, counts.get(one.pk, 0)) for one in forms]


def _segments(campaigns: Sequence[Campaign]) -> list[SegmentPart]:
    uses = Counter(one.segment_id for one in campaigns if one.segment_id)
    known = {one.segment.pk: one.segment for one in campaigns if one.segment and not one.segment.is_private}
    return [SegmentPart(one, one.member_count, uses[pk]) for pk, one in known.items()]
