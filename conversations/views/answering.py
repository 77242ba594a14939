"""Answering: what a member writes is kept as they type, sent after ten seconds, and taken back until then."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from conversations import assigning
from conversations.answers.approving import (
    APPROVE,
    NoLongerAskedError,
    approve,
    ask_in_words,
    likes_need_approval,
    send_back,
    send_draft,
    take_back_as_draft,
)
from conversations.answers.drafted_files import Chosen, LookAgainError, WordlessError, describe
from conversations.answers.drafting import keep_draft
from conversations.answers.liking import CannotLikeError
from conversations.answers.liking import like as give_like
from conversations.answers.reading_drafts import alts_in
from conversations.answers.replying import (
    UNDO,
    AlreadyAnsweredError,
    GoneError,
    NotAllowedError,
    WroteAgainError,
    try_again,
)
from conversations.attaching import NoFilesError
from conversations.channels import channel_of, network_name
from conversations.forms import ReplyForm
from conversations.inbox.live import place_of
from conversations.models import AnswerDraft, Conversation, Mention, Reply
from conversations.views.drafted_files import keep_with_draft, why_not_beside
from conversations.views.panes import following, panes
from delivery.content.segments import count_segments
from workspaces.permissions import may, needs
from workspaces.presence import forget_presence, others_at
from workspaces.requests import Request

REFUSALS = (
    AlreadyAnsweredError,
    WroteAgainError,
    NotAllowedError,
    GoneError,
    NoLongerAskedError,
    NoFilesError,
    LookAgainError,
    WordlessError,
)
SAID = ("text", "key", "even_so", "keep_open", "seen", "visibility")


@require_POST
@needs("social.answer")
def reply(request: Request, pk: int) -> HttpResponse:
    """Answer a mention. Whatever was said meanwhile, or is being written by a colleague, is shown first, and asks."""
    mention = get_object_or_404(Mention.objects.select_related("author__contact", "conversation", "connection"), pk=pk)
    form = ReplyForm(request.POST)
    chosen = keep_with_draft(request, mention, form)
    if not form.is_valid():
        return panes(request, mention.conversation_id, form=form, status=422)
    said = form.cleaned_data
    me, members = request.user.pk or 0, assigning.answerers()
    writing = [one for one in others_at(place_of(mention.conversation_id), me, members) if one.writes]
    if writing and not said["all_the_same"]:
        return panes(request, mention.conversation_id, form=form, status=422, others=writing, are_writing=True)
    after, words = following(request, mention.conversation_id), {name: said[name] for name in SAID} | {"wait": UNDO}
    try:
        if not may(request.membership.role, APPROVE):
            return _ask(request, mention, said, chosen)
        if said["approves"]:
            row = approve(said["approves"], mention, by=request.user, said=words, chosen=chosen)
        else:
            row = send_draft(mention, by=request.user, said=words, chosen=chosen)
    except REFUSALS as error:
        return panes(request, mention.conversation_id, form=form, status=422, **_why_not(error, form, members))
    forget_presence(place_of(mention.conversation_id), me)
    if row.state == Reply.State.SENT:
        return panes(request, mention.conversation_id, toast=_("Answer noted."))
    said_so = _("Your answer is on its way to %(where)s.") % {"where": network_name(mention.network)}
    return panes(request, mention.conversation_id, toast=said_so, leaving=row, after=_named(after))


def _ask(request: Request, mention: Mention, said: Mapping[str, Any], chosen: Chosen) -> HttpResponse:
    toast = ask_in_words(mention, said, by=request.user, chosen=chosen)
    forget_presence(place_of(mention.conversation_id), request.user.pk or 0)
    return panes(request, mention.conversation_id, toast=toast)


@require_POST
@needs(APPROVE)
def back(request: Request, pk: int) -> HttpResponse:
    """An answer that asks to be approved goes back to its writer."""
    draft = get_object_or_404(AnswerDraft.objects.select_related("conversation__connection"), pk=pk)
    if not send_back(draft.pk, draft.conversation, by=request.user):
        return panes(request, draft.conversation_id, toast=_("It asks for nothing any more."), status=409)
    return panes(request, draft.conversation_id, toast=_("It is a draft of its writer’s again, who is told."))


def _named(pk: int | None) -> Conversation | None:
    return Conversation.objects.select_related("author").filter(pk=pk).first() if pk else None


@require_POST
@needs("social.answer")
def undo(request: Request, pk: int) -> HttpResponse:
    """Take an answer back that has not left yet; its words stand in the box again."""
    row = get_object_or_404(Reply.objects.select_related("conversation"), pk=pk, by_id=request.user.pk)
    conversation = row.conversation
    if not take_back_as_draft(row, by=request.user):
        return panes(request, conversation.pk, toast=_("It has left already."), status=409)
    return panes(request, conversation.pk, toast=_("Nothing was sent. Your words stand below."))


@require_POST
@needs("social.answer")
def draft(request: Request, pk: int) -> HttpResponse:
    """What is being written is kept, so that it is there on another device."""
    conversation = get_object_or_404(Conversation.objects.select_related("connection"), pk=pk)
    text, visibility = request.POST.get("text", ""), request.POST.get("visibility", "")
    kept = keep_draft(conversation, text, by=request.user, visibility=visibility)
    describe(conversation, alts_in(request.POST), by=request.user)
    counts = channel_of(conversation.connection).capabilities().in_segments
    segments = count_segments(text.replace("\r\n", "\n").strip()) if counts else None
    return render(request, "conversations/draft_kept.html", {"kept": kept, "segments": segments})


def _why_not(error: Exception, form: ReplyForm, members: Mapping[int, str]) -> dict[str, Any]:
    """What the page says of an answer that did not go out; its text is kept."""
    match error:
        case AlreadyAnsweredError():
            return {"first_answer": error.reply, "first_by": members.get(error.reply.by_id or 0, "")}
        case WroteAgainError():
            return {"newer_word": error.mention}
        case GoneError():
            return {"is_gone": True}
        case WordlessError():
            form.add_error("attached", why_not_beside(error))
            return {"wordless": error.pks}
        case LookAgainError():
            form.add_error("attached", why_not_beside(error))
        case NoLongerAskedError():
            form.add_error(
                "text", _("It was sent, changed or taken back meanwhile. Nothing was sent; the words stand here.")
            )
        case _:
            form.add_error("attached" if isinstance(error, NoFilesError) else "text", str(error))
    return {}


@require_POST
@needs("social.answer")
def like(request: Request, pk: int) -> HttpResponse:
    """A like instead of words."""
    mention = get_object_or_404(Mention.objects.select_related("author__contact", "connection"), pk=pk)
    if not may(request.membership.role, APPROVE):
        return panes(request, mention.conversation_id, toast=likes_need_approval(), status=403)
    after = following(request, mention.conversation_id)
    try:
        row = give_like(mention, by=request.user)
    except GoneError:
        return panes(request, mention.conversation_id, toast=_("Its author deleted it. Nothing was liked."), status=409)
    except (CannotLikeError, NotAllowedError) as error:
        return panes(request, mention.conversation_id, toast=str(error), status=409)
    said = _("Liked on %(where)s.") % {"where": network_name(mention.network)}
    state = Conversation.objects.values_list("state", flat=True).get(pk=row.conversation_id)
    then = after if state == Conversation.State.DONE else None
    return panes(request, mention.conversation_id, toast=said, then=then)


@require_POST
@needs("social.answer")
def send_again(request: Request, pk: int) -> HttpResponse:
    """Send a failed answer once more."""
    row = get_object_or_404(Reply, pk=pk)
    try:
        try_again(row, by=request.user)
    except GoneError:
        return panes(
            request, row.conversation_id, toast=_("What it answers was deleted. Nothing was sent."), status=409
        )
    except AlreadyAnsweredError:
        return panes(
            request, row.conversation_id, toast=_("Somebody answered meanwhile. Nothing was sent."), status=409
        )
    except NotAllowedError as error:
        return panes(request, row.conversation_id, toast=str(error), status=409)
    return panes(request, row.conversation_id, toast=_("Trying again."))
