"""One act on many conversations: done where it can be, and where it cannot, each says why."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from django.db import transaction
from django.utils.translation import gettext as _

from conversations import assigning
from conversations.answers.liking import CannotLikeError, like
from conversations.answers.replying import GoneError, NotAllowedError
from conversations.inbox.tagging import NoTagError, tag_conversation
from conversations.models import Conversation, Mention
from workspaces.models import User

State = Conversation.State
MOST = 200
BACK = {"close", "snooze", "spam"}  # what "reopen" takes back
type Verb = Callable[[Conversation], object]


class _LeftError(Exception):
    """This one is left as it is; the text says why."""


@dataclass(slots=True)
class Outcome:
    """The numbers of those it was done to, and those it was not done to, each with the reason."""

    done: list[int] = field(default_factory=list)
    left: list[tuple[Conversation, str]] = field(default_factory=list)


@transaction.atomic
def act_on_many(
    pks: Collection[int],
    act: str,
    *,
    by: User | None,
    to: User | None = None,
    until: datetime | None = None,
    tag: str = "",
) -> Outcome:
    """Close, snooze (`until`), mark as spam, reopen, assign (`to`, None: nobody), tag (`tag`) or like these, 200 at most.

    May be repeated. NotAMemberError and KeyError (no such act) change nothing. Locks the conversations in their order.
    """
    verb = _verb(act, by=by, to=to, until=until, tag=tag)
    if act == "assign" and to is not None and to.pk not in assigning.answerers():
        raise assigning.NotAMemberError(str(to))
    rows = Conversation.objects.filter(pk__in=list(pks)[:MOST]).select_related("author", "connection")
    rows = rows.exclude(state=State.MERGED)
    outcome = Outcome()
    for row in rows.select_for_update(of=("self",), no_key=True).order_by("pk"):
        try:
            with transaction.atomic():
                verb(row)
        except (_LeftError, NoTagError, GoneError, CannotLikeError, NotAllowedError) as error:
            outcome.left.append((row, _why(error)))
        else:
            outcome.done.append(row.pk)
    return outcome


def _verb(act: str, *, by: User | None, to: User | None, until: datetime | None, tag: str) -> Verb:
    verbs: dict[str, Verb] = {
        "close": partial(_close, by=by),
        "spam": partial(assigning.mark_spam, by=by),
        "reopen": partial(assigning.reopen, by=by),
        "assign": lambda row: assigning.assign(row, to, by=by),
        "tag": lambda row: tag_conversation(row, tag, by=by),
        "like": partial(_like, by=by),
    }
    if until is not None:
        verbs["snooze"] = partial(_snooze, until=until, by=by)
    return verbs[act]


def _close(row: Conversation, *, by: User | None) -> None:
    if row.state == State.DONE:
        raise _LeftError(_("closed already"))
    assigning.close(row, by=by)


def _snooze(row: Conversation, *, until: datetime, by: User | None) -> None:
    if row.state not in {State.WAITING, State.SNOOZED}:
        raise _LeftError(_("does not wait"))
    assigning.snooze(row, until, by=by)


def _like(row: Conversation, *, by: User | None) -> None:
    """The newest thing they wrote."""
    theirs = Mention.objects.filter(conversation=row, deleted_at=None, twin_of=None)
    newest = theirs.select_related("author__contact", "connection").order_by("-published_at", "-pk").first()
    if newest is None:
        raise GoneError
    like(newest, by=by)


def _why(error: Exception) -> str:
    match error:
        case NoTagError():
            return _("no such tag, or twenty already")
        case GoneError():
            return _("deleted by its author")
    return str(error).rstrip(".")
