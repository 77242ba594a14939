"""What a member began to write: kept as they type, until it is sent or emptied."""

from conversations.answers.drafted_files import beside_again, stand_beside
from conversations.models import AnswerDraft, AnswerDraftFile, Conversation, Reply
from conversations.visibility import WIDTHS
from lib.clock import now
from workspaces.models import User

LONGEST = 5_000


def keep_draft(conversation: Conversation, text: str, *, by: User, visibility: str = "") -> AnswerDraft | None:
    """This is what they have written so far; an empty one goes, unless something stands beside it. May be repeated: the
    last one counts.

    One that asks to be approved asks no longer once it says something else.
    """
    if not text.strip() and not _has_files(conversation, by):
        drop_draft(conversation, by=by)
        return None
    said = {"text": text[:LONGEST], "visibility": visibility if visibility in WIDTHS else ""}
    held = draft_of(conversation, by)
    if held is not None and held.asked_at and {"text": held.text, "visibility": held.visibility} == said:
        return held
    facts = {**said, "changed_at": now(), "asked_at": None}
    return AnswerDraft.objects.update_or_create(conversation=conversation, user_id=by.pk, defaults=facts)[0]


def _has_files(conversation: Conversation, by: User) -> bool:
    return AnswerDraftFile.objects.filter(draft__conversation=conversation, draft__user_id=by.pk).exists()


def drop_draft(conversation: Conversation, *, by: User) -> None:
    """It was sent, or given up. May be repeated."""
    AnswerDraft.objects.filter(conversation=conversation, user_id=by.pk).delete()


def draft_of(conversation: Conversation, user: User) -> AnswerDraft | None:
    """What this member began to write here."""
    return AnswerDraft.objects.filter(conversation=conversation, user_id=user.pk).first()


def keep_unsent(reply: Reply) -> None:
    """An answer that cannot go out stands in its writer's box again, with its files, unless they began something else."""
    if reply.by_id is None or reply.is_like:
        return
    said = {"text": reply.text[:LONGEST], "visibility": reply.visibility}
    whose = {"conversation": reply.conversation, "user_id": reply.by_id}
    draft, is_new = AnswerDraft.objects.get_or_create(**whose, defaults=said)
    if is_new:
        stand_beside(draft, beside_again(reply))
