"""Who enters a standing campaign, and when they get it: heard from segments and from what people do, inside their batch."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.db.models import QuerySet

from campaigns.models import StandingCampaign
from consent.rules import zone_of
from delivery.models import Message
from lib.clock import now
from lib.sql import array_of, array_of_moments, run_sql
from segments.models import Segment, SegmentMember
from touchpoints.kinds import FIRST_OWN_CODE, KINDS
from touchpoints.recording import Recorded
from touchpoints.rows import Row
from workspaces import agenda
from workspaces.current import current_workspace, current_workspace_id

WORK = "campaigns.standing"
Trigger = StandingCampaign.Trigger
# What a person does once in a while: what comes with every page or email would start nothing that anybody wants.
AWAITED = (
    "signed_up", "form", "purchase", "refund", "shop_visit", "event_registration", "event_visit", "event_no_show",
    "code_used", "meeting", "referral", "call", "callback_request", "chat", "question", "review", "rating", "nps",
    "survey", "idea", "community_post", "complaint", "resolved", "preference",
)  # fmt: skip
AWAITED_CODES = frozenset(KINDS[key].code for key in AWAITED)
WEIGHT = Row._fields.index("weight_milli")
FRESH = timedelta(days=2)  # older facts are history that somebody loads
Moves = Sequence[tuple[Segment, Sequence[int], Sequence[int]]]


def on_segments_moved(moves: Moves) -> None:
    """News: people entered segments. One statement to ask, one for each standing campaign that they enter."""
    entered = {segment.pk: people for segment, people, _left in moves if people}
    if entered:
        running = _running(Trigger.ENTERS).filter(campaign__segment__in=entered)
        for one in running.select_related("campaign"):
            enter(one, dict.fromkeys(entered[one.campaign.segment_id or 0], now()))


def on_filling_went_on(segment: Segment, people: Sequence[int]) -> None:
    """News: the same of a segment that is filled piece by piece."""
    on_segments_moved([(segment, people, [])])


def on_touchpoints_recorded(batch: Recorded) -> None:
    """News: people did something. Nothing is asked where nobody did what a campaign could wait for."""
    _ids, moments, contacts, _channels, kinds, *_rest = batch.fresh
    weights = batch.fresh[WEIGHT]
    awaited = {kind for kind in kinds if kind in AWAITED_CODES or kind >= FIRST_OWN_CODE}
    if not awaited:
        return
    oldest = now() - FRESH
    for one in _running(Trigger.HAPPENS).filter(kind__in=awaited):
        begin = max(oldest, one.started_at or oldest)
        did = dict[int, datetime]()
        for at, contact, kind, weight in zip(moments, contacts, kinds, weights, strict=True):
            if kind == one.kind and at >= begin and weight > 0:  # anybody can write a purchase with a public key
                did[contact] = min(at, did.get(contact, at))
        enter(one, did)


def enter(standing: StandingCampaign, since: Mapping[int, datetime]) -> int:
    """These people enter, each since a moment; returns how many do. Two statements, however many; may be repeated.

    Nobody enters twice for one occasion. The agenda hands them over to the engine when their delay is over.
    """
    delay = timedelta(minutes=standing.delay_minutes)
    return enter_at(standing, {one: (occasion_of(standing, at), at + delay) for one, at in since.items()})


def enter_at(standing: StandingCampaign, people: Mapping[int, tuple[int, datetime]]) -> int:
    """The same, by (occasion, moment at which they get it)."""
    if not people:
        return 0
    mine = {"workspace": current_workspace_id(), "standing": standing.pk, "again": standing.again_after_days or 0}
    mine |= {"once": standing.again_after_days is None and standing.trigger != Trigger.DATE}
    ordered = sorted(people)
    given = {
        "contacts": array_of(ordered),
        "occasions": array_of(people[one][0] for one in ordered),
        "dues": array_of_moments(people[one][1] for one in ordered),
    }
    dues = [due for (due,) in run_sql("campaigns/enter_standing", mine | given)]
    if dues:
        agenda.set_due(WORK, min(dues))
    return len(dues)


def enter_present(standing: StandingCampaign) -> int:
    """Whoever is in the segment as it starts enters too; returns how many."""
    members = SegmentMember.objects.filter(segment=standing.campaign.segment_id)
    return enter(standing, dict.fromkeys(members.values_list("contact_id", flat=True), now()))


def occasion_of(standing: StandingCampaign, at: datetime) -> int:
    """0 where nobody gets it twice, else the day."""
    if standing.again_after_days is None:
        return 0
    return at.astimezone(zone_of(current_workspace().zone)).date().toordinal()


def _running(trigger: str) -> QuerySet[StandingCampaign]:
    """Those that take people: also while their message is paused, whose people wait."""
    open_ones = [Message.State.SENDING, Message.State.PAUSED]
    rows = StandingCampaign.objects.filter(trigger=trigger, ended_at=None, campaign__message__state__in=open_ones)
    return rows.exclude(started_at=None)
