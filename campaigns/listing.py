"""The list of campaigns narrowed: by where they stand, and by words of their name or subject."""

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from campaigns.models import Campaign, CampaignReview
from delivery.models import Message

State = Message.State
STATES: dict[str, set[str]] = {
    "draft": {State.DRAFT},
    "review": {State.DRAFT},
    "planned": {State.APPROVED, State.SCHEDULED},
    "sending": {State.PLANNING, State.SENDING, State.PAUSED},
    "sent": {State.SENT},
    "cancelled": {State.CANCELLED},
}
LISTED = (
    ("", _("All")),
    ("draft", _("Drafts")),
    ("review", _("In review")),
    ("planned", _("Approved, scheduled")),
    ("sending", _("On their way")),
    ("sent", _("Sent")),
    ("cancelled", _("Cancelled")),
)


def narrowed(rows: QuerySet[Campaign], state: str = "", words: str = "") -> QuerySet[Campaign]:
    """Those that stand there and whose name or subject has the words; a state that does not exist narrows nothing."""
    if state in STATES:
        rows = rows.filter(message__state__in=STATES[state])
    if state == "review":
        rows = rows.filter(Exists(CampaignReview.objects.filter(campaign=OuterRef("pk"), verdict="")))
    if words:
        rows = rows.filter(Q(message__name__icontains=words) | Q(message__content__subject__icontains=words))
    return rows
