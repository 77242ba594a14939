"""Pictures and files beside a begun answer: added, described and taken out while it is written, seen by who approves it."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from contacts.downloads import as_download, as_picture
from conversations.answers.approving import APPROVE, approved_by
from conversations.answers.drafted_files import (
    Chosen,
    FileRefusedError,
    LookAgainError,
    WordlessError,
    add_files,
    describe,
    take_out,
)
from conversations.answers.drafting import draft_of, keep_draft
from conversations.answers.reading_drafts import alts_in, read_beside
from conversations.forms import ReplyForm
from conversations.merges.threads import held_conversation
from conversations.models import AnswerDraftFile, Mention, Reply
from conversations.views.files import thumbnail_of
from conversations.views.inbox import view_of
from lib.asked import whole_number
from lib.web.uploads import was_too_large
from workspaces.permissions import may, needs
from workspaces.requests import Request


@require_POST
@needs("social.answer")
def files(request: Request, pk: int) -> HttpResponse:
    """Add to what goes with an answer to this mention, or take out one (`take_out`); its words are kept, too."""
    rows = Mention.objects.select_related("author__contact", "conversation", "connection")
    mention = get_object_or_404(rows, pk=pk)
    said = request.POST
    keep_draft(mention.conversation, said.get("text", ""), by=request.user, visibility=said.get("visibility", ""))
    describe(mention.conversation, alts_in(said), by=request.user)
    if (gone := whole_number(said.get("take_out", ""))) is not None:
        take_out(mention.conversation, gone, by=request.user)
        trouble, added = "", list[int]()
    else:
        trouble, added = _added(request, mention)
    if request.htmx:
        draft = draft_of(mention.conversation, request.user)
        context = {"last": mention, "trouble": trouble, "added": added[:1]} | read_beside(mention, draft, request.POST)
        return render(request, "conversations/drafted_files.html", context, status=422 if trouble else 200)
    if trouble:
        messages.error(request, trouble)
    contact = mention.author.contact_id
    if contact and said.get("at") == "person":
        return redirect(f"{reverse('contacts:contact', args=[contact])}?compose=answer#reply-files")
    here = reverse("conversations:conversation", args=[mention.conversation_id])
    return redirect(f"{here}?{view_of(request).query}#reply-files")


@require_safe
@needs("social.answer")
def file(request: Request, pk: int) -> HttpResponse:
    """A picture as it will be shown, or a file, to its writer, and while it asks to be approved to who may approve it."""
    row = _seen_by(request, pk, "thumbnail")
    return as_picture(bytes(row.data)) if row.width else as_download(row)  # of some width: we made it ourselves


@require_safe
@needs("social.answer")
def small(request: Request, pk: int) -> HttpResponse:
    """The small picture of it, to the same."""
    row = _seen_by(request, pk, "data")
    if not row.thumbnail:
        raise Http404
    return thumbnail_of(row)


def _seen_by(request: Request, pk: int, but: str) -> AnswerDraftFile:
    row = get_object_or_404(AnswerDraftFile.objects.select_related("draft").defer(but), pk=pk)
    is_asked = row.draft.asked_at is not None and may(request.membership.role, APPROVE)
    if row.draft.user_id != request.user.pk and not is_asked:
        raise Http404
    return row


def keep_with_draft(request: Request, mention: Mention, form: ReplyForm) -> Chosen:
    """What is about to be sent as the sender sees it: files that came with this very form are kept beside their draft first.

    What cannot be kept is an error of the form's field `attached`.
    """
    held_conversation(mention)  # while it is approved, nothing is kept that a moment later belongs to no answer
    said, alts = request.POST, alts_in(request.POST)
    seen = {number for one in said.getlist("beside") if (number := whole_number(one)) is not None}
    only = seen & {whole_number(one) for one in said.getlist("with")} if said.get("approves") else seen
    if not said.get("approves") and not _is_sent(form, mention):
        describe(mention.conversation, alts, by=request.user)
        if request.FILES or was_too_large(request):
            text, visibility = said.get("text", ""), said.get("visibility", "")
            keep_draft(mention.conversation, text, by=request.user, visibility=visibility)
            trouble, added = _added(request, mention)
            seen, only = seen | set(added), only | set(added)
            if trouble:
                form.add_error("attached", trouble)
    return Chosen(seen=frozenset(seen), only=frozenset(only), alts=alts)


def why_not_beside(error: WordlessError | LookAgainError) -> str:
    """Why what stands beside an answer did not go, in a sentence."""
    if isinstance(error, WordlessError):
        return _("Say in words what each picture shows: who cannot see it hears that. Nothing was sent.")
    return _("What goes with it was changed meanwhile. Nothing was sent: look at it as it stands below.")


def _is_sent(form: ReplyForm, mention: Mention) -> bool:
    """Whether this very form was sent before, or approved: its files are on their way."""
    key = form.cleaned_data.get("key") if form.is_valid() else None
    if key is None:
        return False
    return Reply.objects.filter(key=key).exists() or approved_by(key, mention.conversation_id) is not None


def _added(request: Request, mention: Mention) -> tuple[str, list[int]]:
    """(why nothing was added, in a sentence; the numbers of what was)."""
    given: list[Any] = request.FILES.getlist("attached")
    if was_too_large(request):
        return _("This is too large to be uploaded. None was added."), []
    if not given:
        return "", []
    try:
        return "", add_files(mention, given, by=request.user)
    except FileRefusedError as error:
        return str(error), []
