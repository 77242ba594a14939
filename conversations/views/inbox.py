"""The inbox: queues, list, conversation, card; and the poll that keeps it live."""

from typing import Any

from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from contacts.mentioning import members_by_name
from contacts.showing import sees_names
from conversations.answers.approving import APPROVE, drafts_in
from conversations.answers.canned_replies import fill_in
from conversations.answers.reading_drafts import read_beside
from conversations.answers.replying import newer_than
from conversations.assigning import answerers
from conversations.forms import CaseForm, ReplyForm, TeamNoteForm
from conversations.inbox.counting import count_queues
from conversations.inbox.live import inbox_version, place_of, tell_inbox
from conversations.inbox.queues import ONLY, View, read_rows, read_view
from conversations.inbox.quiet_polls import keep_answerers, poll_token
from conversations.inbox.reading import author_shown, read_conversation, read_part
from conversations.inbox.tagging import tags_used
from conversations.merges.threads import where_it_went
from conversations.models import CannedReply, Case, Conversation, ConversationTag, Mention, SavedView
from conversations.naming import saw_notes
from conversations.telling_members import saw_conversation
from delivery.content.segments import count_segments
from lib.asked import whole_number
from lib.once import reading_once
from workspaces.permissions import may, needs
from workspaces.presence import Other, note_presence, others_at, stamp_of
from workspaces.requests import Request


@require_safe
@needs("social.see")
@reading_once()
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
@reading_once()
def conversation(request: Request, pk: int) -> HttpResponse:
    """One conversation in its queue; htmx gets only the two right panes."""
    row = _conversation(pk)
    if row.state == Conversation.State.MERGED:
        address = reverse("conversations:conversation", args=[where_it_went(row).pk])
        return redirect(f"{address}?{request.GET.urlencode()}")
    is_part = request.htmx and not request.htmx.history_restore_request
    if is_part and "before" in request.GET:
        may_answer = may(request.membership.role, "social.answer")
        context = read_part(request, row) | {"view": view_of(request), "may_answer": may_answer}
        context["may_approve"] = may(request.membership.role, APPROVE)
        return render(request, "conversations/messages.html#part", context)
    saw_conversation(row.pk, request.user.pk or 0)
    if saw_notes(row, request.user):
        tell_inbox()
    here = _who_is_here(request, row, writes=False)
    context = conversation_context(request, row) | {"is_open": True, "others": here, "others_stamp": stamp_of(here)}
    if is_part:
        return render(request, "conversations/swap.html", context | {"view": view_of(request), "current": pk})
    return render(request, "conversations/inbox.html", list_context(request, pk) | context)


@require_safe
@needs("social.see")
def live(request: Request) -> HttpResponse:
    """204 when nothing changed since the version the page knows, nor who else is here; else what may have.

    `open` is the conversation on the page, `here` that it is on the screen, `writes` that an answer is being written.
    What is being written stays as it is; what was said since it was begun is told above it.
    """
    pk = whole_number(request.GET.get("open", "")) or 0
    row = Conversation.objects.select_related("author__contact", "connection").filter(pk=pk).first() if pk else None
    row = where_it_went(row) if row else None
    here = _who_is_here(request, row, writes="writes" in request.GET) if row and "here" in request.GET else []
    is_same, stamp = request.GET.get("version") == inbox_version(), stamp_of(here)
    if is_same and request.GET.get("others", "") == stamp:
        return HttpResponse(status=204)
    context = {"oob": True, "others": here, "others_stamp": stamp, "only_others": is_same}
    if is_same:
        context |= {"view": view_of(request), "current": pk, "version": request.GET.get("version")}
        context["poll"] = poll_of(request)
    else:
        context |= list_context(request, row.pk if row else None)
    if row is not None:
        context |= {"conversation": row} if is_same else conversation_context(request, row)
        context["goes_on"] = not is_same and getattr(context["thread"], "since", "") == request.GET.get("since")
        context |= _told_since(request, row)
    return render(request, "conversations/live.html", context)


def _who_is_here(request: Request, row: Conversation, *, writes: bool) -> list[Other]:
    """Say that this member is here, and see who else is. Those who only read are nobody's rival."""
    if not may(request.membership.role, "social.answer"):
        return []
    members = answerers()
    keep_answerers(members)
    note_presence(place_of(row.pk), request.user.pk or 0, writes=writes)
    return others_at(place_of(row.pk), request.user.pk or 0, members)


def _told_since(request: Request, row: Conversation) -> dict[str, Any]:
    """What was said since the answer on the page was begun: by a colleague, or by the person."""
    seen, begun = whole_number(request.GET.get("seen", "")), whole_number(request.GET.get("mention", ""))
    mention = Mention.objects.filter(pk=begun or 0, conversation=row).first()
    if mention is None or seen is None:
        return {}
    answer, word = newer_than(row, mention, seen)
    if answer and answer.by_id == request.user.pk:
        answer = None
    by = answerers().get(answer.by_id or 0, "") if answer else ""
    return {"newer_answer": answer, "newer_by": by, "newer_word": word}


def view_of(request: Request) -> View:
    """The view that the address asks for; words are looked for among names only by those who see any."""
    return read_view(request.GET, finds_names=sees_names(request))


def poll_of(request: Request) -> str:
    """With what this page asks whether anything is new."""
    return poll_token(request.user.pk or 0, may_answer=may(request.membership.role, "social.answer"))


def list_context(request: Request, current: int | None) -> dict[str, Any]:
    """The two left panes."""
    view, version = view_of(request), inbox_version()  # the version first: what comes in between is seen next time
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
        "poll": poll_of(request),
        "picking": (picking := "pick" in request.GET),
        "receivers": answerers() if picking else {},
        "may_answer": may(request.membership.role, "social.answer"),
        "may_approve": may(request.membership.role, APPROVE),
        "may_connect": may(request.membership.role, "social.connect"),
        "counts": count_queues(request.user.pk, version),
        "kinds": [{"key": key, "name": name, "icon": sign} for key, (name, sign) in ONLY.items() if key != "missed"],
        "saved_views": SavedView.objects.filter(Q(user_id=request.user.pk) | Q(user_id=None)),
    }


@reading_once()
def conversation_context(request: Request, row: Conversation, form: ReplyForm | None = None) -> dict[str, Any]:
    """The two right panes. What this member began to write stands in the box, unless a canned answer was chosen."""
    chosen = whole_number(request.GET.get("canned", ""))
    canned = CannedReply.objects.filter(pk=chosen).first() if chosen else None
    context, may_approve = read_conversation(request, row), may(request.membership.role, APPROVE)
    begun, asked = drafts_in(row, request.user)
    asked = asked if may_approve else None
    shown = asked or begun
    text = fill_in(canned.text, author_shown(request, row.author)[0]) if canned else shown.text if shown else ""
    case = Case.objects.filter(conversation=row, closed_at=None).first()
    context |= read_beside(context["last"], shown, request.POST)
    return context | {
        "form": form
        or ReplyForm.blank(text, "direct" if "privately" in request.GET else shown.visibility if shown else ""),
        "draft": begun,
        "segments": count_segments(text.strip()) if context["in_segments"] else None,
        "asked": asked,
        "asked_by": context["member_names"].get(asked.user_id, _("Somebody")) if asked else "",
        "may_approve": may_approve,
        "note_form": TeamNoteForm(prefix="note"),
        "named": [name for name, _email in members_by_name().values()],
        "case": case,
        "promised_by": answerers().get(case.promised_by_id or 0, "") if case else "",
        "case_form": CaseForm(prefix="case", initial=_said_in(case)),
        "tags": ConversationTag.objects.filter(conversation=row),
        "tags_used": tags_used(),
        "may_answer": may(request.membership.role, "social.answer"),
        "may_edit": may(request.membership.role, "contacts.edit"),
        "view": view_of(request),
    }


def _said_in(case: Case | None) -> dict[str, Any]:
    if case is None:
        return {}
    return {"what": case.what, "promise": case.promise, "promised_by": case.promised_by_id, "due_at": case.due_at}


def _conversation(pk: int) -> Conversation:
    return get_object_or_404(Conversation.objects.select_related("author__contact", "connection"), pk=pk)
