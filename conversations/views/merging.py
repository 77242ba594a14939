"""Two conversations become one, one becomes two: each on a page of its own, which needs no JavaScript."""

from collections.abc import Callable
from functools import wraps

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from conversations.channels import network_icon, network_name
from conversations.inbox.reading import author_shown
from conversations.merges.merging import (
    CannotMergeError,
    CannotPartError,
    merge_conversations,
    merges_into,
    suggest_merges,
    undo_merge,
)
from conversations.merges.splitting import CannotSplitError, split_conversation
from conversations.merges.threads import where_they_went
from conversations.models import Conversation, ConversationMerge, Mention
from conversations.views.inbox import view_of
from lib.asked import whole_number
from workspaces.permissions import needs
from workspaces.requests import Request

WHY_NOT = {
    "same": gettext_lazy("A conversation cannot be merged with itself. Nothing changed."),
    "merged": gettext_lazy("One of the two was merged already. Nothing changed."),
    "other_person": gettext_lazy("It is with somebody else. Nothing changed."),
    "other_readers": gettext_lazy("One is public, the other is private: they stay apart. Nothing changed."),
    "spam": gettext_lazy("One of the two is marked as spam. Reopen it first. Nothing changed."),
    "two_cases": gettext_lazy("Both have an open case. Close one of them first. Nothing changed."),
    "too_late": gettext_lazy("It was merged more than 30 days ago. Split off what is to stand apart."),
    "later": gettext_lazy("It was merged once more since. Undo that first. Nothing changed."),
}
type View = Callable[..., HttpResponse]


def where_it_stands(view: View) -> View:
    """The view of a conversation, with the one it is in today: who reads is sent to its page, an act is done there."""

    @wraps(view)
    def stands(request: Request, pk: int) -> HttpResponse:
        merged = Conversation.objects.filter(pk=pk, state=Conversation.State.MERGED).exists()
        today = where_they_went([pk])[pk] if merged else pk
        if today == pk or request.method == "POST":
            return view(request, pk=today)
        return _page_of(request, today)

    return stands


@needs("social.answer")
def merge(request: Request, pk: int) -> HttpResponse:
    """The other conversations of this person; what is chosen goes into this one."""
    rows = Conversation.objects.select_related("author", "connection")
    row, status = get_object_or_404(rows, pk=pk), 200
    if request.method == "POST":
        other = get_object_or_404(rows, pk=whole_number(request.POST.get("other", "")) or 0)
        try:
            merge_conversations(other, row, by=request.user)
        except CannotMergeError as error:
            messages.error(request, WHY_NOT[error.code])
            status = 422
        else:
            messages.success(request, _("Merged. “Merge” at the top undoes it for 30 days."))
            return _page_of(request, pk)
    context = {"conversation": row, "view": view_of(request), "others": _shown(request, suggest_merges(row))}
    merges = merges_into(row)
    lost = _shown(request, [one.lost for one in merges])
    context["merges"] = [{"merge": one, "lost": shown} for one, shown in zip(merges, lost, strict=True)]
    return render(request, "conversations/merge.html", context, status=status)


@require_POST
@needs("social.answer")
def undo(request: Request, pk: int) -> HttpResponse:
    """What was merged stands apart again."""
    row = get_object_or_404(ConversationMerge.objects.select_related("lost", "survivor"), pk=pk)
    try:
        undo_merge(row, by=request.user)
    except CannotPartError as error:
        messages.error(request, WHY_NOT[error.code])
    else:
        messages.success(request, _("They are two conversations again."))
    return _page_of(request, row.survivor_id)


@needs("social.answer")
def split(request: Request, pk: int) -> HttpResponse:
    """One message, or it and all after it, become a conversation of their own."""
    rows = Mention.objects.filter(twin_of=None).select_related("conversation", "author")
    mention = get_object_or_404(rows, pk=pk)
    if request.method == "POST":
        try:
            part = split_conversation(mention, by=request.user, only="only" in request.POST)
        except CannotSplitError:
            messages.error(request, _("Nothing would stay behind. Nothing changed."))
        else:
            messages.success(request, _("It is a conversation of its own now. Merging the two undoes it."))
            return _page_of(request, part.pk)
    status = 422 if request.method == "POST" else 200
    name = author_shown(request, mention.author)[0]
    context = {"mention": mention, "conversation": mention.conversation, "author_name": name, "view": view_of(request)}
    return render(request, "conversations/split.html", context, status=status)


def _shown(request: Request, rows: list[Conversation]) -> list[dict[str, object]]:
    return [
        {
            "row": one,
            "who": author_shown(request, one.author)[0],
            "network": network_name(one.author.network),
            "icon": network_icon(one.author.network),
        }
        for one in rows
    ]


def _page_of(request: Request, pk: int) -> HttpResponse:
    return redirect(f"{reverse('conversations:conversation', args=[pk])}?{view_of(request).query}")
