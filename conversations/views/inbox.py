"""The inbox: queues, list, conversation, card; and the poll that keeps it live."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from contacts.showing import sees_names
from conversations.canned_replies import fill_in
from conversations.forms import ReplyForm, TeamNoteForm
from conversations.live import inbox_version
from conversations.models import CannedReply, Conversation
from conversations.queues import View, count_queues, read_rows, read_view
from conversations.reading import author_shown, read_conversation, read_messages
from lib.asked import whole_number
from workspaces.permissions import may, needs
from workspaces.requests import Request


@require_safe
@needs("social.see")
def inbox(request: Request) -> HttpResponse:
    """A queue, its first conversation beside it; htmx gets the next page of the list."""
    if request.htmx and request.GET.get("after"):
        return render(request, "conversations/list.html#rows", list_context(request, None))
    context = list_context(request, None)
    first = context["rows"][0]["id"] if context["rows"] else None
    if first is not None:
        conversation = Conversation.objects.select_related("author__contact", "connection").get(pk=first)
        context |= conversation_context(request, conversation) | {"current": first}
    return render(request, "conversations/inbox.html", context)


@require_safe
@needs("social.see")
def conversation(request: Request, pk: int) -> HttpResponse:
    """One conversation in its queue; htmx gets only the two right panes."""
    row = _conversation(pk)
    context = conversation_context(request, row) | {"is_open": True}
    if request.htmx and not request.htmx.history_restore_request:
        return render(request, "conversations/swap.html", context | {"view": view_of(request), "current": pk})
    return render(request, "conversations/inbox.html", list_context(request, pk) | context)


@require_safe
@needs("social.see")
def live(request: Request) -> HttpResponse:
    """204 when nothing changed since the version the page knows; else the panes that may have."""
    if request.GET.get("version") == inbox_version():
        return HttpResponse(status=204)
    pk = request.GET.get("open", "")
    row = Conversation.objects.select_related("author").filter(pk=whole_number(pk) or 0).first()
    context = list_context(request, row.pk if row else None) | {"oob": True}
    if row is not None:
        context |= read_messages(request, row) | {"may_answer": may(request.membership.role, "social.answer")}
    return render(request, "conversations/live.html", context)


def view_of(request: Request) -> View:
    """The view that the address asks for; words are looked for among names only by those who see any."""
    return read_view(request.GET, finds_names=sees_names(request))


def list_context(request: Request, current: int | None) -> dict[str, Any]:
    """The two left panes."""
    view, version = (
        view_of(request),
        inbox_version(),
    )  # first the version: what comes in between is seen next time
    page = read_rows(view, request.user.pk, cursor=request.GET.get("after", ""))
    rows = page.rows
    if not sees_names(request):
        rows = [row | {"who": f"#{row['id']}"} for row in rows]
    return {
        "view": view,
        "rows": rows,
        "cursor": page.cursor,
        "current": current,
        "version": version,
        "picking": "pick" in request.GET,
        "may_answer": may(request.membership.role, "social.answer"),
        "may_connect": may(request.membership.role, "social.connect"),
        "counts": count_queues(request.user.pk),
    }


def conversation_context(request: Request, row: Conversation, form: ReplyForm | None = None) -> dict[str, Any]:
    """The two right panes."""
    canned = CannedReply.objects.filter(pk=whole_number(request.GET.get("canned", "")) or 0).first()
    text = fill_in(canned.text, author_shown(request, row.author)[0]) if canned else ""
    return read_conversation(request, row) | {
        "form": form or ReplyForm.blank(text),
        "note_form": TeamNoteForm(prefix="note"),
        "may_answer": may(request.membership.role, "social.answer"),
        "may_edit": may(request.membership.role, "contacts.edit"),
        "view": view_of(request),
    }


def _conversation(pk: int) -> Conversation:
    return get_object_or_404(Conversation.objects.select_related("author__contact", "connection"), pk=pk)
