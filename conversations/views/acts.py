"""What is done with a conversation. Each act is a POST; htmx gets all panes, a plain browser goes back to the page."""

from collections.abc import Callable, Mapping
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from contacts.models import Contact
from conversations import assigning
from conversations.authoring import link_author, make_contact, suggest_contact
from conversations.channels import network_name
from conversations.classifying import MILLI, correct_sentiment
from conversations.forms import ReplyForm, TeamNoteForm
from conversations.models import Conversation, Mention, Reply
from conversations.presence import forget_presence, others_at
from conversations.queues import read_view
from conversations.replying import AlreadyAnsweredError, NotAllowedError, WroteAgainError, reply_to, try_again
from conversations.shared_senders import tell_somebody_new, tell_who, users_behind
from conversations.views.inbox import conversation_context, list_context
from lib.asked import whole_number
from lib.clock import now
from lib.htmx import with_toast
from workspaces.current import current_workspace
from workspaces.models import User
from workspaces.permissions import needs
from workspaces.requests import Request

MOST_PICKED = 200
SAID = ("text", "key", "even_so", "keep_open", "seen")


@require_POST
@needs("social.answer")
def reply(request: Request, pk: int) -> HttpResponse:
    """Answer a mention. Whatever was said meanwhile, or is being written by a colleague, is shown first, and asks."""
    mention = get_object_or_404(Mention.objects.select_related("author__contact", "conversation", "connection"), pk=pk)
    form = ReplyForm(request.POST)
    if not form.is_valid():
        return _panes(request, mention.conversation_id, form=form, status=422)
    said = form.cleaned_data
    me, members = request.user.pk or 0, assigning.answerers()
    writing = [one for one in others_at(mention.conversation_id, me, members) if one.writes]
    if writing and not said["all_the_same"]:
        return _panes(request, mention.conversation_id, form=form, status=422, others=writing, are_writing=True)
    try:
        row = reply_to(mention, by=request.user, **{name: said[name] for name in SAID})
    except (AlreadyAnsweredError, WroteAgainError, NotAllowedError) as error:
        return _panes(request, mention.conversation_id, form=form, status=422, **_why_not(error, form, members))
    forget_presence(mention.conversation_id, me)
    where = network_name(mention.network)
    said_so = (
        _("Answer noted.")
        if row.state == Reply.State.SENT
        else _("Your answer is on its way to %(where)s.") % {"where": where}
    )
    return _panes(request, mention.conversation_id, toast=said_so)


def _why_not(
    error: AlreadyAnsweredError | WroteAgainError | NotAllowedError, form: ReplyForm, members: Mapping[int, str]
) -> dict[str, Any]:
    """What the page says of an answer that did not go out; its text is kept."""
    match error:
        case AlreadyAnsweredError():
            return {"first_answer": error.reply, "first_by": members.get(error.reply.by_id or 0, "")}
        case WroteAgainError():
            return {"newer_word": error.mention}
    form.add_error("text", str(error))
    return {}


@require_POST
@needs("social.answer")
def send_again(request: Request, pk: int) -> HttpResponse:
    """Send a failed answer once more."""
    row = get_object_or_404(Reply, pk=pk)
    try_again(row, by=request.user)
    return _panes(request, row.conversation_id, toast=_("Trying again."))


@require_POST
@needs("social.answer")
def note(request: Request, pk: int) -> HttpResponse:
    """A word among colleagues."""
    conversation = get_object_or_404(Conversation, pk=pk)
    form = TeamNoteForm(request.POST, prefix="note")
    if not form.is_valid():
        return _panes(request, pk, note_form=form, status=422)
    assigning.add_team_note(conversation, form.cleaned_data["text"], by=request.user)
    return _panes(request, pk, toast=_("Noted. Only your team sees it."))


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
        return _panes(request, pk, toast=_("This person answers nobody here. Nothing changed."), status=422)
    return _panes(request, pk, toast=_("Given to %(name)s.") % {"name": to} if to else _("Nobody cares for it now."))


@require_POST
@needs("social.answer")
def take(request: Request, pk: int) -> HttpResponse:
    """I care for it."""
    assigning.take(get_object_or_404(Conversation, pk=pk), by=request.user)
    return _panes(request, pk, toast=_("It is yours."))


@require_POST
@needs("social.answer")
def snooze(request: Request, pk: int) -> HttpResponse:
    """Out of sight until later."""
    until = _until(request.POST.get("until", ""))
    assigning.snooze(get_object_or_404(Conversation, pk=pk), until, by=request.user)
    return _panes(request, pk, toast=_("Out of sight until then, or until they write."), undo="reopen")


@require_POST
@needs("social.answer")
def close(request: Request, pk: int) -> HttpResponse:
    """Nothing more to say."""
    assigning.close(get_object_or_404(Conversation, pk=pk), by=request.user)
    return _panes(request, pk, toast=_("Closed."), undo="reopen")


@require_POST
@needs("social.answer")
def spam(request: Request, pk: int) -> HttpResponse:
    """Nobody answers it."""
    assigning.mark_spam(get_object_or_404(Conversation, pk=pk), by=request.user)
    return _panes(request, pk, toast=_("Marked as spam."), undo="reopen")


@require_POST
@needs("social.answer")
def reopen(request: Request, pk: int) -> HttpResponse:
    """It waits again."""
    assigning.reopen(get_object_or_404(Conversation, pk=pk), by=request.user)
    return _panes(request, pk, toast=_("It waits again."))


@require_POST
@needs("social.answer")
def complaint(request: Request, pk: int) -> HttpResponse:
    """A complaint begins, or is resolved."""
    conversation = get_object_or_404(Conversation.objects.select_related("author__contact"), pk=pk)
    verb: Callable[..., None] = assigning.resolve_complaint if "resolved" in request.POST else assigning.hold_complaint
    verb(conversation, by=request.user)
    said = _("Resolved. Offers go on.") if "resolved" in request.POST else _("Offers pause until it is resolved.")
    return _panes(request, pk, toast=said)


@require_POST
@needs("social.answer")
def sentiment(request: Request, pk: int) -> HttpResponse:
    """A person says how it is meant."""
    mention, label = get_object_or_404(Mention, pk=pk), request.POST.get("label", "")
    if label not in MILLI:
        return _panes(
            request, mention.conversation_id, status=422, toast=_("There is no such feeling. Nothing changed.")
        )
    correct_sentiment(mention, label, by=request.user)
    return _panes(request, mention.conversation_id, toast=_("Corrected. The scores follow."))


@require_POST
@needs("contacts.edit")
def contact(request: Request, pk: int) -> HttpResponse:
    """The author becomes a contact."""
    conversation = get_object_or_404(Conversation.objects.select_related("author"), pk=pk)
    if users_behind(conversation.author):
        made = tell_somebody_new(conversation, by=request.user)
    else:
        made = make_contact(conversation.author, by=request.user)
    return _panes(request, pk, toast=_("%(name)s is a contact now, with everything they wrote.") % {"name": made})


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
    if suggested is None or asked != str(suggested.pk):
        raise Http404
    link_author(conversation.author, suggested, by=request.user)
    return _panes(request, pk, toast=_("Linked to %(name)s, with everything they wrote.") % {"name": suggested})


def _told(request: Request, conversation: Conversation, user: Contact | None) -> HttpResponse:
    """Who of those who share the address wrote; whom a colleague named a moment ago stays."""
    if user is None and conversation.author.contact is None:
        raise Http404
    name = conversation.author.contact if user is None else tell_who(conversation, user, by=request.user)
    if user is None or name != user:
        return _panes(
            request, conversation.pk, toast=_("A colleague said already that it was %(name)s.") % {"name": name}
        )
    return _panes(request, conversation.pk, toast=_("Linked to %(name)s: this conversation alone.") % {"name": name})


@require_POST
@needs("social.answer")
def close_many(request: Request) -> HttpResponse:
    """Done with all that were picked."""
    asked = (whole_number(one) for one in request.POST.getlist("pick")[:MOST_PICKED])
    picked = [one for one in asked if one is not None]
    rows = list(Conversation.objects.filter(pk__in=picked))
    for row in rows:
        assigning.close(row, by=request.user)
    messages.success(
        request, ngettext("%(n)d conversation done.", "%(n)d conversations done.", len(rows)) % {"n": len(rows)}
    )
    return redirect(f"{reverse('conversations:inbox')}?{read_view(request.GET).query}")


def _panes(
    request: Request,
    pk: int,
    *,
    form: ReplyForm | None = None,
    status: int = 200,
    toast: str = "",
    undo: str = "",
    **more: object,
) -> HttpResponse:
    """All panes after an act. A plain browser is sent back to the page, unless there is a mistake to show."""
    if not request.htmx and status == 200:
        messages.success(request, toast)
        return redirect(f"{reverse('conversations:conversation', args=[pk])}?{read_view(request.GET).query}")
    row = get_object_or_404(Conversation.objects.select_related("author__contact", "connection"), pk=pk)
    context = (
        list_context(request, pk) | conversation_context(request, row, form) | {"is_open": True, "current": pk} | more
    )
    if not request.htmx:
        if toast:
            messages.error(request, toast)
        return render(request, "conversations/inbox.html", context, status=status)
    response = render(request, "conversations/swap.html", context | {"whole": True, "oob": True}, status=status)
    undo_url = f"{reverse(f'conversations:{undo}', args=[pk])}" if undo else ""
    return with_toast(response, toast, undo_url=undo_url) if toast else response


def _until(chosen: str) -> datetime:
    """In three hours, tomorrow or on Monday at nine in the workspace's zone."""
    zone = ZoneInfo(current_workspace().zone)
    here = now().astimezone(zone)
    if chosen == "later":
        return now() + timedelta(hours=3)
    days = (7 - here.weekday()) if chosen == "monday" else 1
    return datetime.combine(here.date() + timedelta(days=days), time(9), zone)
