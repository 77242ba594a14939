"""Whose words opened a complaint: it goes where they go, when a stranger turns out to be a contact or not to be one.

Whoever is a critic by a complaint is one until a month after it was resolved; who was made one by hand stays one.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta

from django.db.models import Case, DateTimeField, Min, Value, When

from contacts.complaints import close_complaint, open_complaints
from contacts.editing import end_role
from contacts.merging import everyone_in
from contacts.models import Audience, AudienceRole, Contact
from conversations.conversation_state import refresh
from conversations.models import Conversation, PublicAuthor
from lib.clock import now
from lib.sql import run_sql
from touchpoints.kinds import KINDS
from workspaces.agenda import set_due
from workspaces.current import working_in
from workspaces.models import User, Workspace

CRITIC_SINCE = "complaint in the inbox"  # the source of the role that a complaint gives
WORK = "conversations.end_critics"
ENDS_AFTER, AT_ONCE = timedelta(days=30), 200


def note_complaints(since: Mapping[int, datetime]) -> None:
    """Author id → the moment of their complaint. One statement. May be repeated: an open one keeps its first moment."""
    moments = [When(pk=pk, then=Value(moment)) for pk, moment in since.items()]
    if moments:
        chosen = Case(*moments, output_field=DateTimeField())
        PublicAuthor.objects.filter(pk__in=since, complained_at=None).update(complained_at=chosen)


def bring_along(authors: Iterable[PublicAuthor]) -> None:
    """These are contacts by now: the open complaints of what they wrote are theirs. Offers pause. May be repeated."""
    since: dict[int, datetime] = {}
    for one in authors:
        if one.contact_id and one.complained_at:
            since[one.contact_id] = min(since.get(one.contact_id, one.complained_at), one.complained_at)
    open_complaints(since)


def take_along(author: PublicAuthor, contact: Contact, *, by: User | None) -> None:
    """The author is not this contact: a complaint that only they opened is the contact's no longer, nor is being a critic.

    What another account of the contact's complained of, or what began before, stays. Call when they are parted already.
    """
    if author.complained_at is None:
        return
    everyone = everyone_in(contact.pk)
    opened = Contact.objects.filter(pk__in=everyone, complaint_since=author.complained_at)
    others = PublicAuthor.objects.filter(contact__in=everyone).aggregate(first=Min("complained_at"))["first"]
    for one in opened:
        close_complaint(one)
        if others is not None:
            open_complaints({one.pk: others})
        else:
            _end_critic(one, author.complained_at, by)
        refresh(Conversation.objects.filter(author__contact=one).values_list("pk", flat=True))


def forget_complaints(contact_ids: Collection[int], author: PublicAuthor) -> None:
    """They are resolved: nothing of these contacts' accounts, and of this author, is open any more. May be repeated."""
    rows = PublicAuthor.objects.filter(contact__in=contact_ids) | PublicAuthor.objects.filter(pk=author.pk)
    rows.exclude(complained_at=None).update(complained_at=None)


def plan_to_end_critics() -> None:
    """A complaint is resolved: whom it made a critic is looked at a month later."""
    set_due(WORK, now() + ENDS_AFTER)


def end_critics(workspace: Workspace) -> datetime | None:
    """The agenda's work: critics whose last complaint was resolved a month ago are none any more. Returns when to go on."""
    params = {"role": int(Audience.CRITIC), "source": CRITIC_SINCE, "resolved": KINDS["resolved"].code}
    with working_in(workspace):
        resolved = run_sql("conversations/critics_done", params | {"workspace": workspace.pk})
        over = [(pk, at) for pk, at in resolved[:AT_ONCE] if at + ENDS_AFTER <= now()]
        for contact in Contact.objects.filter(pk__in=[pk for pk, _at in over]).order_by("pk"):
            end_role(contact, Audience.CRITIC, by=None)
    return next((at + ENDS_AFTER for _pk, at in resolved[len(over) :]), None)


def _end_critic(contact: Contact, since: datetime, by: User | None) -> None:
    given = AudienceRole.objects.filter(contact=contact, role=Audience.CRITIC, until=None, source=CRITIC_SINCE)
    if given.filter(since__gte=since).exists():
        end_role(contact, Audience.CRITIC, by=by)
