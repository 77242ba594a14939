"""Colleagues named in a note (@Anna): it stands among what mentions them."""

import re
from collections.abc import Mapping
from datetime import timedelta

from django.db.models import QuerySet

from conversations.models import Conversation, NoteMention, TeamNote
from lib.clock import now
from workspaces.models import User

KEPT = timedelta(days=30)


def named_in(text: str, members: Mapping[int, str]) -> list[int]:
    """The members whom a note names with an @: by their whole name, or by a first name that one of them alone has."""
    folded = text.casefold()
    firsts = [name.split()[0].casefold() for name in members.values() if name.split()]
    found = []
    for pk, name in members.items():
        first = name.split()[0].casefold() if name.split() else ""
        ways = [name.casefold(), first] if first and firsts.count(first) == 1 else [name.casefold()]
        if any(way and re.search(rf"(?<![\w.])@{re.escape(way)}(?!\w)", folded) for way in ways):
            found.append(pk)
    return found


def tell_named(note: TeamNote, members: Mapping[int, str], *, by: User | None) -> list[int]:
    """Whom the note names will find it among what mentions them; the writer is never told. Returns whom. May be repeated."""
    named = [pk for pk in named_in(note.text, members) if by is None or pk != by.pk]
    rows = [NoteMention(note=note, conversation_id=note.conversation_id, user_id=pk) for pk in named]
    NoteMention.objects.bulk_create(rows, ignore_conflicts=True)
    return named


def saw_notes(conversation: Conversation, user: User) -> bool:
    """They have seen what names them here; whether that was news. May be repeated."""
    return bool(unseen_by(user.pk).filter(conversation=conversation).update(seen_at=now()))


def unseen_by(user_id: int) -> QuerySet[NoteMention]:
    """What names this member and was not seen."""
    return NoteMention.objects.filter(user_id=user_id, seen_at=None, created_at__gt=now() - KEPT)
