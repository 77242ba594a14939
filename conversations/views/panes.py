"""What an act answers with: all panes for htmx, the page again for a plain browser."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from conversations.forms import ReplyForm
from conversations.inbox.queues import read_rows
from conversations.models import Conversation
from conversations.views.inbox import conversation_context, list_context, view_of
from lib.web.htmx import with_toast
from workspaces.requests import Request


def following(request: Request, pk: int) -> int | None:
    """The conversation that comes after this one in what is looked at: the next line, else the one before; None alone."""
    ids = [row["id"] for row in read_rows(view_of(request), request.user.pk).rows]
    if pk not in ids:
        return next(iter(ids), None)
    here = ids.index(pk)
    return ids[here + 1] if here + 1 < len(ids) else ids[here - 1] if here else None


def panes(
    request: Request,
    pk: int,
    *,
    form: ReplyForm | None = None,
    status: int = 200,
    toast: str = "",
    undo: str = "",
    then: int | None = None,
    **more: object,
) -> HttpResponse:
    """All panes after an act on `pk`, with the conversation `then` opened where it is another one.

    A plain browser is sent to the page, unless there is a mistake to show.
    """
    shown, query = then or pk, view_of(request).query
    here = f"{reverse('conversations:conversation', args=[shown])}?{query}"
    if not request.htmx and status == 200:
        messages.success(request, toast)
        return redirect(here)
    row = get_object_or_404(Conversation.objects.select_related("author__contact", "connection"), pk=shown)
    context = list_context(request, shown) | conversation_context(request, row, form)
    context |= {"is_open": True, "current": shown} | more
    if not request.htmx:
        if toast:
            messages.error(request, toast)
        return render(request, "conversations/inbox.html", context, status=status)
    response = render(request, "conversations/swap.html", context | {"whole": True, "oob": True}, status=status)
    undo_url = f"{reverse(f'conversations:{undo}', args=[pk])}" if undo else ""
    if shown != pk:
        response["HX-Push-Url"] = here
    return with_toast(response, toast, undo_url=undo_url) if toast else response
