"""What is done with a conversation. Each act is a POST; htmx gets all panes, a plain browser goes back to the page."""

from collections.abc import Callable
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_POST

from contacts.models import Contact
from conversations import assigning
from conversations.authors.authoring import make_contact
from conversations.authors.linking_by_hand import link_by_hand
from conversations.authors.parting import StillNamedError, part_author
from conversations.authors.shared_senders import tell_somebody_new, tell_who, users_behind
from conversations.authors.suggesting import suggest_contact
from conversations.classifying import MILLI, correct_sentiment
from conversations.forms import TeamNoteForm
from conversations.models import Conversation, Mention
from conversations.views.panes import following, panes
from lib.asked import whole_number
from lib.clock import now
from workspaces.current import current_workspace
from workspaces.models import User
from workspaces.permissions import needs
from workspaces.requests import Request


@require_POST
@needs("social.answer")
def note(request: Request, pk: int) -> HttpResponse:
    """A word among colleagues."""
    conversation = get_object_or_404(Conversation, pk=pk)
    form = TeamNoteForm(request.POST, prefix="note")
    if not form.is_valid():
        return panes(request, pk, note_form=form, status=422)
    assigning.add_team_note(conversation, form.cleaned_data["text"], by=request.user)
    return panes(request, pk, toast=_("Noted. Only your team sees it."))


@require_POST
@needs("social.answer")
def assign(request: Request, pk: int) -> HttpResponse:
    """Give it to a member, or to nobody."""
    conversation = get_object_or_404(Conversation, pk=pk)
    chosen = request.POST.get("to", "")
    to = User.objects.filter(pk=whole_number(chosen) or 0).first()
    try:
        if chosen and to is None:
            raise assigning.NotAMemberError(chosen)
        assigning.assign(conversation, to, by=request.user)
    except assigning.NotAMemberError:
        return panes(request, pk, toast=_("This person answers nobody here. Nothing changed."), status=422)
    return panes(request, pk, toast=_("Given to %(name)s.") % {"name": to} if to else _("Nobody cares for it now."))


@require_POST
@needs("social.answer")
def take(request: Request, pk: int) -> HttpResponse:
    """I care for it."""
    assigning.take(get_object_or_404(Conversation, pk=pk), by=request.user)
    return panes(request, pk, toast=_("It is yours."))


@require_POST
@needs("social.answer")
def snooze(request: Request, pk: int) -> HttpResponse:
    """Out of sight until later."""
    until, after = moment_of(request.POST.get("until", "")), following(request, pk)
    assigning.snooze(get_object_or_404(Conversation, pk=pk), until, by=request.user)
    return panes(request, pk, toast=_("Out of sight until then, or until they write."), undo="reopen", then=after)


@require_POST
@needs("social.answer")
def close(request: Request, pk: int) -> HttpResponse:
    """Nothing more to say."""
    after = following(request, pk)
    assigning.close(get_object_or_404(Conversation, pk=pk), by=request.user)
    return panes(request, pk, toast=_("Closed."), undo="reopen", then=after)


@require_POST
@needs("social.answer")
def spam(request: Request, pk: int) -> HttpResponse:
    """Nobody answers it."""
    after = following(request, pk)
    assigning.mark_spam(get_object_or_404(Conversation, pk=pk), by=request.user)
    return panes(request, pk, toast=_("Marked as spam."), undo="reopen", then=after)


@require_POST
@needs("social.answer")
def reopen(request: Request, pk: int) -> HttpResponse:
    """It waits again."""
    assigning.reopen(get_object_or_404(Conversation, pk=pk), by=request.user)
    return panes(request, pk, toast=_("It waits again."))


@require_POST
@needs("social.answer")
def complaint(request: Request, pk: int) -> HttpResponse:
    """A complaint begins, or is resolved."""
    conversation = get_object_or_404(Conversation.objects.select_related("author__contact"), pk=pk)
    verb: Callable[..., None] = assigning.resolve_complaint if "resolved" in request.POST else assigning.hold_complaint
    verb(conversation, by=request.user)
    said = _("Resolved. Offers go on.") if "resolved" in request.POST else _("Offers pause until it is resolved.")
    return panes(request, pk, toast=said)


@require_POST
@needs("social.answer")
def sentiment(request: Request, pk: int) -> HttpResponse:
    """A person says how it is meant."""
    mention, label = get_object_or_404(Mention, pk=pk), request.POST.get("label", "")
    if label not in MILLI:
        return panes(
            request, mention.conversation_id, status=422, toast=_("There is no such feeling. Nothing changed.")
        )
    correct_sentiment(mention, label, by=request.user)
    return panes(request, mention.conversation_id, toast=_("Corrected. The scores follow."))


@require_POST
@needs("contacts.edit")
def contact(request: Request, pk: int) -> HttpResponse:
    """The author becomes a contact."""
    conversation = get_object_or_404(Conversation.objects.select_related("author"), pk=pk)
    if users_behind(conversation.author):
        made = tell_somebody_new(conversation, by=request.user)
    else:
        made = make_contact(conversation.author, by=request.user)
    return panes(request, pk, toast=_("%(name)s is a contact now, with everything they wrote.") % {"name": made})


@require_POST
@needs("contacts.edit")
def link(request: Request, pk: int) -> HttpResponse:
    """The author is the contact they claim to be, or of those who share the address the one who wrote this.

    404 for anybody but those suggested.
    """
    conversation = get_object_or_404(Conversation.objects.select_related("author__contact"), pk=pk)
    users, asked = users_behind(conversation.author), request.POST.get("contact")
    if users or conversation.author.claimed_by < 0:
        return _told(request, conversation, next((one for one in users if str(one.pk) == asked), None))
    suggested = suggest_contact(conversation.author)
    if suggested is None or asked != str(suggested.contact.pk):
        raise Http404
    with override("en"):  # kept as what it is called; the history says it in the reader's language
        why = str(suggested.why)
    link_by_hand(conversation.author, suggested.contact, why=why, by=request.user)
    return panes(request, pk, toast=_("Linked to %(name)s, with everything they wrote.") % {"name": suggested.contact})


@require_POST
@needs("contacts.edit")
def part(request: Request, pk: int) -> HttpResponse:
    """The author is not this contact: what linking did is undone."""
    conversation = get_object_or_404(Conversation.objects.select_related("author__contact"), pk=pk)
    try:
        contact = part_author(conversation.author, by=request.user)
    except StillNamedError as error:
        words = _(
            "%(address)s is among the ways to recognise this contact. Take it away there first; nothing was changed."
        )
        return panes(request, pk, toast=words % {"address": error})
    if contact is None:
        return panes(request, pk, toast=_("They are nobody's account already."))
    return panes(request, pk, toast=_("Parted: what they wrote stands no longer with this contact."))


def _told(request: Request, conversation: Conversation, user: Contact | None) -> HttpResponse:
    """Who of those who share the address wrote; whom a colleague named a moment ago stays."""
    if user is None and conversation.author.contact is None:
        raise Http404
    name = conversation.author.contact if user is None else tell_who(conversation, user, by=request.user)
    if user is None or name != user:
        return panes(
            request, conversation.pk, toast=_("A colleague said already that it was %(name)s.") % {"name": name}
        )
    return panes(request, conversation.pk, toast=_("Linked to %(name)s: this conversation alone.") % {"name": name})


def moment_of(chosen: str) -> datetime:
    """In three hours, tomorrow or on Monday at nine in the workspace's zone."""
    zone = ZoneInfo(current_workspace().zone)
    here = now().astimezone(zone)
    if chosen == "later":
        return now() + timedelta(hours=3)
    days = (7 - here.weekday()) if chosen == "monday" else 1
    return datetime.combine(here.date() + timedelta(days=days), time(9), zone)
