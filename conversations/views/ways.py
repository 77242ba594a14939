"""What is sent from the composer on a person's own page: an answer, a call."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from contacts.drafting import end_draft
from contacts.models import Contact
from contacts.views.people import contact_page
from conversations.answers.approving import (
    APPROVE,
    ask_in_words,
    send_draft,
)
from conversations.answers.drafted_files import Chosen, LookAgainError, WordlessError
from conversations.answers.replying import AlreadyAnsweredError, GoneError, NotAllowedError, WroteAgainError
from conversations.assigning import answerers
from conversations.attaching import NoFilesError
from conversations.channels import network_name
from conversations.composing import last_word_of
from conversations.forms import CallForm, ReplyForm
from conversations.mentions.calling import log_call
from conversations.models import Mention, Reply
from conversations.views.drafted_files import keep_with_draft, why_not_beside
from lib.asked import whole_number
from lib.local_words import date_format
from workspaces.current import current_workspace
from workspaces.permissions import may, needs
from workspaces.requests import Request

REFUSALS = (
    AlreadyAnsweredError,
    WroteAgainError,
    NotAllowedError,
    NoFilesError,
    GoneError,
    LookAgainError,
    WordlessError,
)


@require_POST
@needs("social.answer")
def answer(request: Request, contact_id: int) -> HttpResponse:
    """Answer what stands in the composer. What was said meanwhile is shown first, and the text stays."""
    contact = get_object_or_404(Contact, pk=contact_id, erased_at=None)
    form, mention = ReplyForm(request.POST), _answered(request, contact)
    if mention is None:
        form.add_error(None, _("There is nothing to answer any more. Your text stands below."))
        return contact_page(request, contact, way="answer", form=form, status=422)
    chosen = keep_with_draft(request, mention, form)
    if not form.is_valid():
        return contact_page(request, contact, way="answer", form=form, status=422)
    said = {name: form.cleaned_data[name] for name in ("text", "key", "even_so", "seen", "visibility")}
    is_new = not Reply.objects.filter(key=said["key"]).exists()
    try:
        if not may(request.membership.role, APPROVE):
            return _ask(request, contact, mention, said, chosen)
        row = send_draft(mention, by=request.user, said=said, chosen=chosen)
    except REFUSALS as error:
        form.add_error(None, _why_not(error))
        return contact_page(request, contact, way="answer", form=form, status=422)
    end_draft(contact, int(request.user.pk or 0), "answer", str(said["key"]))
    messages.success(request, _what_became(row, mention, is_new=is_new))
    return redirect("contacts:contact", contact.pk)


@require_POST
@needs("contacts.note")
def call(request: Request, contact_id: int) -> HttpResponse:
    """Write down a call; who wants to be called back waits in the inbox until then."""
    contact = get_object_or_404(Contact, pk=contact_id, erased_at=None)
    with timezone.override(current_workspace().zone):
        form = CallForm(request.POST)
        if not form.is_valid():
            return contact_page(request, contact, way="call", form=form, status=422)
        said = form.call()
        logged = log_call(contact, said, by=request.user)
        end_draft(contact, int(request.user.pk or 0), "call", said.token)
        words = [_("Call logged.") if logged.is_new else _("This call stands there already. It was not logged again.")]
        if logged.wish is not None and said.call_back_at is not None:
            when = date_format(timezone.localtime(said.call_back_at), "j M, H:i")
            words.append(_("It comes back to the inbox on %(when)s.") % {"when": when})
    messages.success(request, " ".join(words))
    return redirect("contacts:contact", contact.pk)


def _ask(request: Request, contact: Contact, mention: Mention, said: Mapping[str, Any], chosen: Chosen) -> HttpResponse:
    words = ask_in_words(mention, said, by=request.user, chosen=chosen)
    end_draft(contact, int(request.user.pk or 0), "answer", str(said["key"]))
    messages.success(request, words)
    return redirect("contacts:contact", contact.pk)


def _what_became(row: Reply, mention: Mention, *, is_new: bool) -> str:
    """What is true of the answer: on its way, or noted where the channel cannot send; a second click sends nothing."""
    if row.state == Reply.State.SENT:
        return _("Answer noted.") if is_new else _("This answer went out already. It was not sent again.")
    if row.state == Reply.State.FAILED:
        return _("This answer could not be sent. It waits in the inbox to be tried again.")
    return _("Your answer is on its way to %(where)s.") % {"where": network_name(mention.network)}


def _answered(request: Request, contact: Contact) -> Mention | None:
    """What the form answers: the word it was written to, if it is this person's and still stands."""
    asked = whole_number(request.POST.get("mention", ""))
    last = last_word_of(contact)
    if last is None or asked is None or last.pk == asked:
        return last
    return (
        Mention.objects.filter(
            pk=asked, conversation__author__contact=last.author.contact_id, deleted_at=None, twin_of=None
        )
        .select_related("conversation", "connection", "author__contact")
        .first()
    )


def _why_not(error: Any) -> str:
    match error:
        case AlreadyAnsweredError():
            by = answerers().get(error.reply.by_id or 0, "") or _("Somebody")
            return _("%(name)s answered meanwhile: “%(text)s” Yours stands below.") % {
                "name": by, "text": error.reply.text[:300],
            }  # fmt: skip
        case WroteAgainError():
            return _("They wrote again: “%(text)s” Your answer stands below.") % {"text": error.mention.text[:300]}
        case WordlessError() | LookAgainError():
            return why_not_beside(error)
    return str(error)
