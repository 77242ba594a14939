"""The desk: tags, saved views, cases and their promises."""

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from conversations.cases import BadCaseError, close_case, open_case, settle_promise
from conversations.forms import CaseForm, SavedViewForm
from conversations.inbox.queues import read_view
from conversations.inbox.tagging import NoTagError, tag_conversation, untag_conversation
from conversations.models import Case, Conversation, SavedView
from conversations.views.inbox import view_of
from conversations.views.panes import panes
from lib.asked import whole_number
from workspaces.permissions import may, needs
from workspaces.requests import Request

MOST_VIEWS = 30


@require_POST
@needs("social.answer")
def tag(request: Request, pk: int) -> HttpResponse:
    """A word on the conversation, or one less."""
    conversation = get_object_or_404(Conversation, pk=pk)
    if gone := whole_number(request.POST.get("remove", "")):
        untag_conversation(conversation, gone, by=request.user)
        return panes(request, pk, toast=_("The tag is gone."))
    try:
        made = tag_conversation(conversation, request.POST.get("name", ""), by=request.user)
    except NoTagError:
        return panes(request, pk, toast=_("A tag needs a word, and twenty are the most. Nothing changed."), status=422)
    return panes(request, pk, toast=_("Tagged “%(name)s”.") % {"name": made.name})


@require_POST
@needs("social.see")
def keep_view(request: Request) -> HttpResponse:
    """What is looked at, under a name: for oneself, or for the team."""
    form, view = SavedViewForm(request.POST), view_of(request)
    mine = SavedView.objects.filter(user_id=request.user.pk)
    if not form.is_valid() or mine.count() >= MOST_VIEWS:
        messages.error(
            request, _("A view needs a name of up to 40 letters, and thirty are the most. Nothing was kept.")
        )
    else:
        is_shared = form.cleaned_data["is_shared"] and may(request.membership.role, "social.answer")
        name = form.cleaned_data["name"]
        SavedView.objects.create(name=name, query=view.query[:400], user_id=None if is_shared else request.user.pk)
        messages.success(request, _("“%(name)s” stands among your views.") % {"name": name})
    return redirect(f"{reverse('conversations:inbox')}?{view.query}")


@require_POST
@needs("social.see")
def remove_view(request: Request, pk: int) -> HttpResponse:
    """A view goes: one's own, or one of the team's."""
    own = Q(user_id=request.user.pk)
    theirs = own | Q(user_id=None) if may(request.membership.role, "social.answer") else own
    get_object_or_404(SavedView.objects.filter(theirs), pk=pk).delete()
    messages.success(request, _("The view is gone; what it showed stays."))
    return redirect(f"{reverse('conversations:inbox')}?{read_view(request.GET).query}")


@require_POST
@needs("social.answer")
def case(request: Request, pk: int) -> HttpResponse:
    """What went wrong, and what we promise."""
    conversation = get_object_or_404(Conversation.objects.select_related("author__contact"), pk=pk)
    form = CaseForm(request.POST, prefix="case")
    if form.is_valid():
        try:
            open_case(conversation, by=request.user, **form.facts())
        except BadCaseError as error:
            form.blame(str(error))
    if form.errors:
        return panes(request, pk, case_form=form, status=422)
    if conversation.author.contact is None:
        return panes(request, pk, toast=_("Written down. Whoever wrote is no contact: no offers go to them."))
    return panes(request, pk, toast=_("Written down. Offers pause while it is open."))


@require_POST
@needs("social.answer")
def promise(request: Request, pk: int) -> HttpResponse:
    """It was kept, or it was not."""
    row = get_object_or_404(Case.objects.select_related("conversation"), pk=pk)
    kept = "kept" in request.POST
    settle_promise(row, kept=kept, by=request.user)
    said = _("Kept.") if kept else _("Not kept. Promise something that will be.")
    return panes(request, row.conversation_id, toast=said)


@require_POST
@needs("social.answer")
def close_the_case(request: Request, pk: int) -> HttpResponse:
    """It is over: made good or not."""
    row = get_object_or_404(Case.objects.select_related("conversation__author__contact"), pk=pk)
    try:
        close_case(row, request.POST.get("outcome", ""), by=request.user)
    except BadCaseError:
        return panes(request, row.conversation_id, toast=_("Say whether it was made good."), status=422)
    return panes(request, row.conversation_id, toast=_("The case is closed. Offers go on."))
