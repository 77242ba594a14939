"""Forwarding a message by email: a page of its own, and what is done with what was forwarded."""

from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from contacts.showing import sees_names
from conversations.answers.approving import APPROVE
from conversations.answers.replying import UNDO, GoneError
from conversations.forms import ForwardForm
from conversations.forwards.addresses import CannotForwardError, answers_go_to, is_colleague
from conversations.forwards.approving import approve_forward, ask_again, ask_to_forward, return_forward
from conversations.forwards.forwarding import GONE, take_back, try_again
from conversations.forwards.forwarding import forward as forward_message
from conversations.inbox.reading import author_shown
from conversations.mentions.came_along import files_beside, going_along
from conversations.models import Forward, Mention
from conversations.views.panes import panes
from conversations.visibility import Visibility, visibility_of
from delivery.personal.direct_emails import find_direct_sender
from workspaces.permissions import may, needs
from workspaces.requests import Request

PRIVATE = {"", Visibility.FOLLOWERS, Visibility.DIRECT}


@needs("social.answer")
def forward(request: Request, pk: int) -> HttpResponse:
    """To whom, and with which words; what was typed stays where it cannot go."""
    rows = Mention.objects.select_related("author", "conversation__author")
    rows = rows if request.method == "POST" else rows.exclude(GONE)  # what was typed meanwhile is kept
    mention = get_object_or_404(rows, pk=pk, twin_of=None)
    form = ForwardForm(request.POST or None, initial={"key": uuid4()})
    if request.method == "POST" and form.is_valid() and _forwarded(request, mention, form):
        return redirect("conversations:conversation", mention.conversation_id)
    context = {
        "form": form,
        "mention": mention,
        "files": going_along(files_beside([mention]).get(mention.pk, ())),
        "author_name": author_shown(request, mention.author)[0],
        "is_private": visibility_of(mention.visibility, is_public=mention.conversation.is_public) in PRIVATE,
        "answers_to": answers_go_to(mention),
        "has_sender": find_direct_sender() is not None,
        "may_set_up": may(request.membership.role, "workspace.settings"),
        "may_approve": may(request.membership.role, APPROVE),
    }
    return render(request, "conversations/forward.html", context, status=422 if form.errors else 200)


def _forwarded(request: Request, mention: Mention, form: ForwardForm) -> bool:
    said = form.cleaned_data
    address, note = said["address"], said["note"]
    facts: dict[str, Any] = {"by": request.user, "key": said["key"], "names_author": sees_names(request)}
    try:
        if may(request.membership.role, APPROVE) or is_colleague(address):
            forward_message(mention, address, note, **facts, wait=UNDO)
            words = _("It leaves in ten seconds. Until then you can take it back below.")
        else:
            ask_to_forward(mention, address, note, **facts)
            words = _("It waits to be approved. Whoever may approve it has been told.")
        messages.success(request, words)
    except GoneError:
        form.add_error(None, _("Its author deleted it. Nothing was sent."))
    except CannotForwardError as error:
        form.add_error("address", str(error))
    return not form.errors


@require_POST
@needs("social.answer")
def undo_forward(request: Request, pk: int) -> HttpResponse:
    """Take a forward back that has not left yet."""
    row = get_object_or_404(Forward, pk=pk, by_id=request.user.pk)
    if not take_back(row, by=request.user):
        return panes(request, row.conversation_id, toast=_("It has left already."), status=409)
    return panes(request, row.conversation_id, toast=_("Nothing was forwarded."))


@require_POST
@needs("social.answer")
def forward_again(request: Request, pk: int) -> HttpResponse:
    """Send one more time what did not leave, or perhaps left."""
    row = get_object_or_404(Forward.objects.select_related("conversation__connection"), pk=pk)
    if row.state == Forward.State.RETURNED:
        ask_again(row, by=request.user)
        said = _("It waits to be approved. Whoever may approve it has been told.")
        return panes(request, row.conversation_id, toast=said)
    try:
        try_again(row, by=request.user)
    except GoneError:
        said = _("What it forwards was deleted. Nothing was sent.")
        return panes(request, row.conversation_id, toast=said, status=409)
    except CannotForwardError as error:
        return panes(request, row.conversation_id, toast=str(error), status=409)
    return panes(request, row.conversation_id, toast=_("Trying again."))


@require_POST
@needs(APPROVE)
def let_forward_go(request: Request, pk: int) -> HttpResponse:
    """What a colleague wants to forward leaves."""
    row = get_object_or_404(Forward, pk=pk)
    try:
        goes = approve_forward(row, by=request.user)
    except GoneError:
        said = _("What it forwards was deleted. Nothing was sent.")
        return panes(request, row.conversation_id, toast=said, status=409)
    except CannotForwardError as error:
        return panes(request, row.conversation_id, toast=str(error), status=409)
    if not goes:
        return panes(request, row.conversation_id, toast=_("It asks for nothing any more."), status=409)
    return panes(request, row.conversation_id, toast=_("Approved: it is on its way."))


@require_POST
@needs(APPROVE)
def give_forward_back(request: Request, pk: int) -> HttpResponse:
    """What a colleague wants to forward stays here."""
    row = get_object_or_404(Forward.objects.select_related("conversation"), pk=pk)
    if not return_forward(row, by=request.user):
        return panes(request, row.conversation_id, toast=_("It asks for nothing any more."), status=409)
    return panes(request, row.conversation_id, toast=_("Given back to its writer, who is told. Nothing was sent."))
