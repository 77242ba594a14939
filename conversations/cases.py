"""Cases: something went wrong for somebody, we promised something, and it was kept or not.

A case opens the complaint of who is a contact, so that offers pause; closing the last one resolves it.
"""

from datetime import datetime

from django.db import transaction

from conversations.assigning import answerers, hold_complaint, resolve_complaint
from conversations.events import ENDED, OPENED, SETTLED, tell_cases
from conversations.inbox.live import tell_inbox
from conversations.models import Case, Conversation, PublicAuthor
from conversations.service_levels.reminding import first_reminder_of
from conversations.telling_members import promise_is_due
from lib.clock import now
from lib.foreign.cleaning import to_line
from workspaces.auditing import audit
from workspaces.models import User

LONGEST = 300
CHANGEABLE = ("what", "promise", "promised_by_id", "due_at")


class BadCaseError(ValueError):
    """A case says what happened; a promise says by whom and until when. The text is the field that is wrong."""


@transaction.atomic
def open_case(conversation: Conversation, *, by: User | None, what: str, **promise: object) -> Case:
    """Something went wrong: it is written down, offers pause, the person stands among the critics.

    `promise`: `promise`, `promised_by_id`, `due_at`. May be repeated: an open case of the conversation is changed.
    BadCaseError. Locks the conversation.
    """
    Conversation.objects.select_for_update(no_key=True).get(pk=conversation.pk)
    case = Case.objects.filter(conversation=conversation, closed_at=None).first()
    is_new = case is None
    case = case or Case(conversation=conversation, opened_by_id=by.pk if by else None)
    before = case.promise, case.due_at
    for name, value in {"what": what, **promise}.items():
        if name not in CHANGEABLE:
            raise BadCaseError(name)
        setattr(case, name, to_line(str(value), LONGEST) if name in {"what", "promise"} else value)
    _check(case)
    if (case.promise, case.due_at) != before:
        case.was_kept, case.remind_at = None, first_reminder_of(case, now()) if case.promise else None
    case.save()
    audit("case.opened" if is_new else "case.changed", by=by, target=conversation, promised=bool(case.promise))
    if case.promise:
        promise_is_due(case.remind_at or case.due_at)
    if is_new:
        hold_complaint(conversation, by=by)
        tell_cases(OPENED, [case])
    tell_inbox()
    return case


@transaction.atomic
def settle_promise(case: Case, *, kept: bool, by: User | None) -> None:
    """What was promised was done, or was not. A promise that was settled already stays as it is."""
    changed = Case.objects.filter(pk=case.pk, was_kept=None, closed_at=None).exclude(promise="")
    field = "kept_count" if kept else "broken_count"
    if changed.update(was_kept=kept, **{field: getattr(case, field) + 1}):
        audit("case.promise_kept" if kept else "case.promise_broken", by=by, target=case.conversation)
        tell_cases(SETTLED, [case])
        tell_inbox()


@transaction.atomic
def close_case(case: Case, outcome: str, *, by: User | None) -> None:
    """It is over: made good, or not. Where it was the last open one of the person, offers go on. May be repeated."""
    if outcome not in {Case.Outcome.RECOVERED, Case.Outcome.LOST}:
        raise BadCaseError("outcome")
    if not Case.objects.filter(pk=case.pk, closed_at=None).update(closed_at=now(), outcome=outcome):
        return
    audit("case.closed", by=by, target=case.conversation, outcome=outcome)
    tell_cases(ENDED, [case])
    author = case.conversation.author
    whose = {"contact": author.contact} if author.contact else {"pk": author.pk}
    theirs = PublicAuthor.objects.filter(**whose)
    if not Case.objects.filter(conversation__author__in=theirs, closed_at=None).exists():
        resolve_complaint(case.conversation, by=by)
    tell_inbox()


def promises_of(user_id: int | None, *, until: datetime | None = None) -> list[Case]:
    """Promises that are due, the earliest first; of one member, or of all. One query."""
    rows = Case.objects.filter(closed_at=None, was_kept=None).exclude(promise="").exclude(due_at=None)
    rows = rows.filter(promised_by_id=user_id) if user_id is not None else rows
    rows = rows.filter(due_at__lte=until) if until is not None else rows
    return list(rows.select_related("conversation__author").order_by("due_at", "pk")[:100])


def _check(case: Case) -> None:
    if not case.what:
        raise BadCaseError("what")
    if bool(case.promise) != bool(case.due_at):
        raise BadCaseError("due_at" if case.promise else "promise")
    if case.promise and case.promised_by_id not in answerers():
        raise BadCaseError("promised_by_id")
