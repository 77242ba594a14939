"""Handing over: whose moment has come goes to the engine, if they still stand in the segment, as one batch an occasion."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Min
from django.utils.translation import gettext as _

from campaigns.models import StandingCampaign, StandingEntry
from campaigns.standing.days import look_for_days
from campaigns.standing.entering import Trigger
from campaigns.standing.hours import begin_of_today
from contacts.merging import survivors_of
from delivery.engine.controlling import pause_for
from delivery.engine.planning import add_recipients
from delivery.models import Message
from lib.clock import now
from lib.local_words import number
from segments.leaf_types.base import RuleError
from segments.members.membership import unfilled_in
from segments.rules.counting import ids_fitting
from segments.rules.statements import TooSlowError
from workspaces.current import working_in
from workspaces.models import Workspace

Fate = StandingEntry.Fate
SLICE = 5_000
LATEST = timedelta(hours=24)  # after its day a birthday is over; what somebody did stays true
WAIT = timedelta(seconds=5)  # for a segment that is being filled


def hand_over_due(workspace: Workspace) -> datetime | None:
    """The agenda's work: look for days that come, hand over whose moment has come; returns the next moment."""
    with working_in(workspace):
        running = StandingCampaign.objects.filter(ended_at=None).exclude(started_at=None)
        ids = list(running.order_by("pk").values_list("pk", flat=True))
    moments = []
    for one in ids:
        with working_in(workspace):
            moments.append(_go_on(one))
    return min(filter(None, moments), default=None)


@transaction.atomic
def _go_on(standing_id: int) -> datetime | None:
    """One of them; when it wants to be looked at again. Locks its row, then the message's."""
    rows = StandingCampaign.objects.select_related("campaign__message", "campaign__segment")
    standing = rows.select_for_update(of=("self",)).get(pk=standing_id)
    message = standing.campaign.message
    if standing.ended_at or message.state not in {Message.State.SENDING, Message.State.PAUSED}:
        return None
    again = look_for_days(standing) if standing.trigger == Trigger.DATE else None
    if message.state == Message.State.PAUSED:  # who waits is asked about when it goes on
        return again
    waiting = StandingEntry.objects.filter(standing=standing, done_at=None)
    due = list(waiting.filter(due_at__lte=now()).order_by("due_at", "pk")[:SLICE])
    if due and (segment := standing.campaign.segment) is not None and unfilled_in(segment.rule):
        return now() + WAIT
    if due and not _asks_first(standing, due):
        try:
            _hand_over(standing, due)
        except (RuleError, TooSlowError) as error:
            pause_for(message, _("The audience cannot be planned: %(why)s") % {"why": error})
            return again
    next_due = waiting.aggregate(at=Min("due_at"))["at"] if message.state == Message.State.SENDING else None
    return min(filter(None, (again, next_due)), default=None)


def _asks_first(standing: StandingCampaign, due: Sequence[StandingEntry]) -> bool:
    """Pause where more would get it today than its owner believes: a rule was changed, a file loaded, a form flooded."""
    allowed = standing.allowed_until
    unseen = [one for one in due if allowed is None or one.made_at > allowed]
    today = StandingEntry.objects.filter(standing=standing, fate=Fate.GIVEN, done_at__gte=begin_of_today())
    if allowed is not None:
        today = today.filter(made_at__gt=allowed)
    together = len(unseen) + today.count()
    if not unseen or together <= standing.most_a_day:
        return False
    waits = StandingEntry.objects.filter(standing=standing, done_at=None, due_at__lte=now()).count()
    StandingCampaign.objects.filter(pk=standing.pk).update(allowed_until=now())
    text = _("%(n)s people would get it today; you expected %(most)s at most. Look who waits, then resume or end it.")
    words = {"n": number(together - len(due) + waits), "most": number(standing.most_a_day)}
    pause_for(standing.campaign.message, text % words)
    return True


def _hand_over(standing: StandingCampaign, due: Sequence[StandingEntry]) -> None:
    """The engine gets them by occasion; each entry gets its word. RuleError, TooSlowError."""
    persons = survivors_of([one.contact_id for one in due])
    segment = standing.campaign.segment
    rule = segment.rule if segment is not None else {"all": []}
    fitting = ids_fitting(rule, only=sorted(set(persons.values())))
    by_occasion, fates = defaultdict[int, set[int]](set), defaultdict[str, list[int]](list)
    for entry in due:
        person = persons.get(entry.contact_id, entry.contact_id)
        late = standing.trigger == Trigger.DATE and now() - entry.due_at > LATEST
        fate = Fate.LATE if late else Fate.GIVEN if person in fitting else Fate.LEFT
        fates[fate].append(entry.pk)
        if fate == Fate.GIVEN:
            by_occasion[entry.occasion].add(person)
    for occasion in sorted(by_occasion):
        add_recipients(standing.campaign.message, sorted(by_occasion[occasion]), occasion=occasion)
    for word, entries in fates.items():
        StandingEntry.objects.filter(pk__in=entries).update(done_at=now(), fate=word)
