"""Forgetting strangers: who wrote in public, and neither talked with us nor became a contact, is forgotten after a while.

Name, handle and words go; that somebody wrote, on which network, when and in which mood stays, for the sums.
"""

from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, QuerySet

from conversations.conversation_state import refresh
from conversations.models import Conversation, Mention, PublicAuthor, Reply
from conversations.models.connections import ERASED
from conversations.personal_data import blank
from lib.clock import next_time_of_day, now
from privacy.keeping import retention
from workspaces.agenda import set_due
from workspaces.current import working_in
from workspaces.models import Workspace

WORK = "conversations.forget_authors"
AT_ONCE = 500


def plan_forgetting_authors(workspace: Workspace) -> None:
    """A new workspace forgets strangers each night."""
    set_due(WORK, next_time_of_day(workspace.zone, 3, 40))


def forget_tonight(workspace: Workspace) -> datetime:
    """The agenda's nightly work, 500 people a transaction. Returns the next night."""
    while True:
        with working_in(workspace):
            if forget_authors() < AT_ONCE:
                return next_time_of_day(workspace.zone, 3, 40)


def forget_authors() -> int:
    """Forget the next 500 of those whose time has come; returns how many it was."""
    authors = list(strangers(now() - timedelta(days=retention().authors_days))[:AT_ONCE])
    if authors:
        mentions = Mention.objects.filter(author__in=authors)
        talks = Conversation.objects.filter(author__in=authors)
        blank(PublicAuthor.objects.filter(pk__in=[one.pk for one in authors]), talks, mentions)
        mentions.update(is_silent=True)  # nobody can be answered any more
        refresh(talks.values_list("pk", flat=True))
    return len(authors)


def strangers(before: datetime) -> QuerySet[PublicAuthor]:
    """Who is no contact, was heard of last before that moment, and never talked with us: in private, or answered by us."""
    own = Conversation.objects.filter(author=OuterRef("pk"))
    words = Reply.objects.filter(kind=Reply.Kind.WORDS, state=Reply.State.SENT)  # a like begins no talk
    answered = words.filter(conversation__author=OuterRef("pk"))
    return (
        PublicAuthor.objects.filter(contact=None, seen_at__lt=before)
        .exclude(handle__startswith=ERASED)
        .exclude(Exists(own.filter(is_public=False)))
        .exclude(Exists(answered))
        .order_by("seen_at", "pk")
    )
