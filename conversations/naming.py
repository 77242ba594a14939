"""Colleagues named in a note (@Anna): it stands among what mentions them."""

from datetime import timedelta

from django.db.models import QuerySet

from contacts.mentioning import members_by_name, mentioned_in
from conversations.models import Conversation, TeamNote, TeamNoteMention
from conversations.telling_members import NAMED
from lib.clock import now
from workspaces.models import User
from workspaces.notices.noticing import notify
from workspaces.permissions import who_may

KEPT = timedelta(days=30)


def tell_named(note: TeamNote, *, by: User | None) -> list[int]:
    """Whom the note names will find it among what mentions them; the writer is never told, nor who sees no inbox.

    Returns whom. May be repeated.
    """
    if "@" not in note.text:
        return []
    named = mentioned_in(note.text, members_by_name())[0] & who_sees() - {by.pk if by else None}
    rows = [TeamNoteMention(note=note, conversation_id=note.conversation_id, user_id=pk) for pk in sorted(named)]
    TeamNoteMention.objects.bulk_create(rows, ignore_conflicts=True)
    notify(NAMED, note.conversation_id, named, by_id=by.pk if by else None, occasion=note.pk)
    return sorted(named)


def who_sees() -> set[int]:
    """The members who see the inbox."""
    return set(who_may("social.see"))


def saw_notes(conversation: Conversation, user: User) -> bool:
    """They have seen what names them here; whether that was news. May be repeated."""
    return bool(unseen_by(user.pk).filter(conversation=conversation).update(seen_at=now()))


def unseen_by(user_id: int) -> QuerySet[TeamNoteMention]:
    """What names this member and was not seen."""
    return TeamNoteMention.objects.filter(user_id=user_id, seen_at=None, created_at__gt=now() - KEPT)
