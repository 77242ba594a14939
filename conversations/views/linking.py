"""Who wrote: a member looks for the person, sees what speaks for it and what will move, and says why."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from contacts.merging import survivor_of
from contacts.models import Contact
from contacts.showing import shown
from conversations.authors.linking_by_hand import CannotLinkError, is_shared, link_by_hand, undo_link, what_moves
from conversations.authors.parting import StillNamedError
from conversations.authors.suggesting import suggest_contact
from conversations.authors.weighing_accounts import find_linkable, signs_between
from conversations.channels import network_icon, network_name
from conversations.forms import WhyForm
from conversations.inbox.reading import author_shown
from conversations.models import Conversation
from conversations.views.inbox import view_of
from conversations.views.panes import panes
from lib.asked import whole_number
from workspaces.permissions import needs
from workspaces.requests import Request

LONGEST_SEARCH = 200
WHY_NOT = {
    "shared": gettext_lazy(
        "Several people use this address or number: say in the card who wrote this conversation. Nothing changed."
    ),
    "gone": gettext_lazy("This person was erased. Nothing changed."),
}
STILL_NAMED = gettext_lazy(
    "%(address)s is among the ways to recognise this contact. Take it away there first; nothing was changed."
)


@needs("contacts.edit")
def who(request: Request, pk: int) -> HttpResponse:
    """`?find=` looks for people, `?contact=` is the one they chose; a POST links them."""
    rows = Conversation.objects.select_related("author__contact", "connection")
    conversation = get_object_or_404(rows, pk=pk)
    chosen = _chosen(request)
    form, status = WhyForm(request.POST or None), 200
    if request.method == "POST":
        if chosen is not None and form.is_valid() and _link(request, conversation, chosen, form.cleaned_data["why"]):
            return redirect(f"{reverse('conversations:conversation', args=[pk])}?{view_of(request).query}")
        status = 422
    context = _page(request, conversation) | _of_chosen(request, conversation, chosen) | {"why_form": form}
    return render(request, "conversations/who.html", context, status=status)


@require_POST
@needs("contacts.edit")
def undo(request: Request, pk: int) -> HttpResponse:
    """What a member linked is taken back."""
    author = get_object_or_404(Conversation.objects.select_related("author"), pk=pk).author
    try:
        former = undo_link(author, by=request.user)
    except StillNamedError as error:
        return panes(request, pk, toast=STILL_NAMED % {"address": error}, status=422)
    said = _("Taken back: it is %(name)s again.") % {"name": shown(request, former).name} if former else ""
    return panes(request, pk, toast=said or _("Taken back: they are a stranger again."))


def _link(request: Request, conversation: Conversation, chosen: Contact, why: str) -> bool:
    """Whether it was done; says so, or why not."""
    try:
        made = link_by_hand(conversation.author, chosen, why=why, by=request.user)
    except CannotLinkError as error:
        messages.error(request, WHY_NOT[error.code])
    except StillNamedError as error:
        messages.error(request, STILL_NAMED % {"address": error})
    else:
        name = shown(request, made).name
        said = _("Linked to %(name)s, with everything they wrote. The card says why, and takes it back.")
        messages.success(request, said % {"name": name})
        return True
    return False


def _chosen(request: Request) -> Contact | None:
    """404 for who is not there; who was merged is whoever stands for them."""
    asked = request.POST.get("contact") or request.GET.get("contact", "")
    if not asked:
        return None
    pk = survivor_of(whole_number(asked) or 0)
    return get_object_or_404(Contact, pk=pk, erased_at=None)


def _page(request: Request, conversation: Conversation) -> dict[str, Any]:
    author = conversation.author
    asked = request.GET.get("find", "").strip()[:LONGEST_SEARCH]
    suggested = None if asked else suggest_contact(author)
    found = find_linkable(author, asked) if asked else [suggested.contact] if suggested else []
    name, handle = author_shown(request, author)
    last = conversation.mentions.filter(twin_of=None, deleted_at=None).order_by("-published_at").first()
    return {
        "conversation": conversation,
        "view": view_of(request),
        "asked": asked,
        "author_name": name,
        "author_handle": handle,
        "network": network_name(author.network),
        "network_icon": network_icon(author.network),
        "last": last,
        "now_is": shown(request, author.contact) if author.contact else None,
        "is_shared": is_shared(author),
        "found": [{"contact": one, "person": shown(request, one)} for one in found],
        "suggested_why": suggested.why if suggested else "",
    }


def _of_chosen(request: Request, conversation: Conversation, chosen: Contact | None) -> dict[str, Any]:
    if chosen is None:
        return {}
    author = conversation.author
    return {
        "chosen": chosen,
        "person": shown(request, chosen),
        "is_theirs": author.contact_id is not None and survivor_of(author.contact_id) == chosen.pk,
        "signs": signs_between(author, chosen),
        "moving": what_moves(author),
    }
