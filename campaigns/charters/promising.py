"""What a programme promised, and whether it keeps it: how much it sells, how often it writes, whether it matters."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.charters.counting import WEEKS, Counted
from campaigns.checking.warnings import LEAST_EMAILS, QUARTER
from campaigns.models import Campaign, Programme
from delivery.models import Message
from engagement.relevance import kept_relevance
from lib.clock import ago
from lib.local_words import number

MOST_COMPLAINTS = 0.1  # in percent: from here mailbox providers begin to look


@dataclass(frozen=True, slots=True)
class Promise:
    """`is_kept` None: nobody can say yet, or nothing was promised. `now` is the figure, `says` what it means."""

    name: str
    small: str
    now: str
    says: str
    is_kept: bool | None


@dataclass(frozen=True, slots=True)
class Selling:
    """Emails of the last 90 days, and how many of them were offers."""

    emails: int
    offers: int
    promised: int

    @property
    def is_kept(self) -> bool | None:
        """Whether no more are offers than it promised; None below three emails."""
        return None if self.emails < LEAST_EMAILS else self.offers * 100 <= self.promised * self.emails


def selling_of(programme: Programme) -> Selling:
    """What it sent in the last 90 days. One statement."""
    sent = Campaign.objects.seen().filter(programme=programme, message__planned_at__gte=ago(days=QUARTER.days))
    purposes = list(sent.values_list("message__purpose", flat=True))
    return Selling(len(purposes), purposes.count(Message.Purpose.MARKETING), programme.selling_percent)


def promises_of(programme: Programme, counted: Counted | None) -> Sequence[Promise]:
    """Each with its figure; those over many people only once they are counted. A few statements."""
    found = [_matters(programme), _selling(selling_of(programme))]
    if counted is not None and counted.did.messages:
        found += [_rhythm(programme, counted), _leaving(counted), _complaints(counted)]
    return [one for one in found if one is not None]


def _matters(programme: Programme) -> Promise | None:
    mine = kept_relevance(Campaign.objects.filter(programme=programme).values_list("message_id", flat=True))
    every = kept_relevance()
    if mine is None or every is None:
        return None
    says = _("everything of ours: %(n)s %%") % {"n": every.percent}
    return Promise(
        _("It matters"),
        _("clicked, answered or bought by it"),
        f"{mine.percent} %",
        says,
        mine.percent >= every.percent,
    )


def _selling(sold: Selling) -> Promise:
    words = {None: _("too few emails to say"), True: _("kept"), False: _("it sells more than it promised")}
    name = _("Offers: %(n)s %% of its emails at most") % {"n": sold.promised}
    shown = _("%(offers)s of %(emails)s") % {"offers": sold.offers, "emails": sold.emails}
    return Promise(name, _("last 90 days"), shown, words[sold.is_kept], sold.is_kept)


def _rhythm(programme: Programme, counted: Counted) -> Promise:
    did = counted.did
    name = ngettext("%(n)s email a week at most", "%(n)s emails a week at most", programme.weekly_cap)
    over = ngettext("%(n)s person got more", "%(n)s people got more", did.over_cap) % {"n": number(did.over_cap)}
    small = _("the most that anybody got in a week")
    is_kept = not did.over_cap
    return Promise(
        name % {"n": programme.weekly_cap}, small, number(did.most_a_week), _("kept") if is_kept else over, is_kept
    )


def _leaving(counted: Counted) -> Promise:
    did = counted.did
    small = _("unsubscribed, of %(n)s people in %(weeks)s weeks") % {"n": number(did.people), "weeks": WEEKS}
    share = f"{number(100 * did.unsubscribed / did.people, 1)} %" if did.people else "–"
    return Promise(_("Who leaves because of it"), small, number(did.unsubscribed), share, None)


def _complaints(counted: Counted) -> Promise:
    did = counted.did
    percent = 100 * did.complained / did.people if did.people else 0.0
    return Promise(
        _("Nobody complains"),
        _("marked it as spam"),
        number(did.complained),
        f"{number(percent, 2)} %",
        percent < MOST_COMPLAINTS,
    )
