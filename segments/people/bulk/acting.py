"""Doing something to many people, and taking it back for a day.

Whom an action means is written down when it begins, so that what it does cannot change whom it means. A few are changed
at once, many by the agenda's work, 1,000 a transaction: a killed worker goes on where the last transaction ended.
Nobody is emailed. Taken back is what the action changed and nobody changed since.
"""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from contacts.models import Contact, Merged
from contacts.news import contacts_changed
from lib.clock import now
from lib.sql import array_of, run_sql
from segments.models import BulkAction, BulkChange
from segments.people.bulk.base import Before, BulkError, BulkVerb, Doing
from segments.people.bulk.ending import EndConsents
from segments.people.bulk.fields import SetField
from segments.people.bulk.lists import AddToList
from segments.people.bulk.roles import AddRole, EndRole
from segments.people.bulk.tags import AddTag, RemoveTag
from segments.people.bulk.withdrawal import Withdraw
from segments.work import BULK
from workspaces import agenda
from workspaces.auditing import audit
from workspaces.current import current_workspace_id, working_in
from workspaces.models import User, Workspace

VERBS: dict[str, BulkVerb] = {
    one.name: one
    for one in (AddTag(), RemoveTag(), AddRole(), EndRole(), SetField(), Withdraw(), EndConsents(), AddToList())
}
State = BulkAction.State
AT_ONCE, FEW = 1_000, 500
UNDO_FOR = timedelta(days=1)


@transaction.atomic
def act(verb: str, argument: dict[str, object], people: Sequence[int], *, by: User) -> BulkAction:
    """Begin to do this to these people; with a few of them it is done when this returns. BulkError."""
    if verb not in VERBS:
        raise BulkError(_("Choose what to do."))
    if not people:
        raise BulkError(_("Tick somebody first."))
    action = BulkAction.objects.create(verb=verb, argument=argument, by_id=by.pk, total_count=len(people))
    params = {"workspace": current_workspace_id(), "action": action.pk, "contacts": array_of(sorted(people))}
    run_sql("segments/mean_people", params)
    audit("people.changed", by=by, target=action, verb=verb, people=len(people))
    _set_going(action)
    return action


@transaction.atomic
def undo(action: BulkAction, *, by: User) -> BulkAction:
    """Begin to take it back. May be repeated. BulkError when a day is over, or it is not done yet."""
    action = BulkAction.objects.select_for_update().get(pk=action.pk)
    if action.state == State.RUNNING:
        raise BulkError(_("This is still going on. Wait until it is done, then take it back."))
    if not can_undo(action):
        raise BulkError(_("A day is over: this can no longer be taken back."))
    if action.state == State.DONE:
        action.state = State.UNDOING
        action.save(update_fields=["state"])
        audit("people.change_undone", by=by, target=action, verb=action.verb, people=action.changed_count)
        _set_going(action)
    return action


def can_undo(action: BulkAction) -> bool:
    """Whether less than a day has passed."""
    return now() < action.at + UNDO_FOR


def go_on(workspace: Workspace) -> datetime | None:
    """The agenda's work: what is not done yet, then forget how it was before where a day is over."""
    while True:
        with working_in(workspace):
            going = BulkAction.objects.filter(state__in=[State.RUNNING, State.UNDOING]).order_by("pk").first()
            if going is None:
                break
            _step(going)
    with working_in(workspace):
        over = BulkAction.objects.filter(at__lt=now() - UNDO_FOR)
        BulkChange.objects.filter(action__in=over.values("pk")).delete()
        kept = BulkAction.objects.filter(at__gte=now() - UNDO_FOR).order_by("at").first()
        return kept.at + UNDO_FOR + timedelta(minutes=1) if kept else None


def _set_going(action: BulkAction) -> None:
    if action.total_count <= FEW:
        while action.state in {State.RUNNING, State.UNDOING}:
            _step(action)
        agenda.set_due(BULK, action.at + UNDO_FOR + timedelta(minutes=1))
    else:
        agenda.set_due(BULK)


@transaction.atomic
def _step(action: BulkAction) -> None:
    """A thousand people of an action, one way or the other. Holds the action's row."""
    held = BulkAction.objects.select_for_update().get(pk=action.pk)
    if held.state == State.RUNNING:
        _do_some(held)
    elif held.state == State.UNDOING:
        _undo_some(held)
    held.save(update_fields=["state", "done_count", "changed_count", "undone_count"])
    for name in ("state", "done_count", "changed_count", "undone_count"):
        setattr(action, name, getattr(held, name))


def _do_some(action: BulkAction) -> None:
    waiting = BulkChange.objects.filter(action=action, is_done=False).order_by("contact")
    people = list(waiting.values_list("contact_id", flat=True)[:AT_ONCE])
    if not people:
        action.state = State.DONE
        return
    gone = set(Merged.objects.filter(loser__in=people).values_list("loser_id", flat=True))
    known = Contact.objects.filter(pk__in=people, erased_at=None).exclude(pk__in=gone).order_by("pk")
    before = VERBS[action.verb].apply(list(known.values_list("pk", flat=True)), _doing(action))
    _keep(action, people, before)
    action.done_count += len(people)
    action.changed_count += len(before)
    if len(people) < AT_ONCE:
        action.state = State.DONE


def _undo_some(action: BulkAction) -> None:
    changed = BulkChange.objects.filter(action=action, is_done=True, before__isnull=False).order_by("contact")
    before: Before = dict(changed.values_list("contact_id", "before")[:AT_ONCE])
    if before:
        undone = VERBS[action.verb].undo(before, _doing(action))
        if undone:
            contacts_changed.tell(contact_ids=sorted(undone))
        _keep(action, list(before), {})
        action.undone_count += len(undone)
    if len(before) < AT_ONCE:
        action.state = State.UNDONE


def _keep(action: BulkAction, people: Sequence[int], before: Before) -> None:
    if before and action.state == State.RUNNING:
        contacts_changed.tell(contact_ids=sorted(before))
    rows = json.dumps([{"contact": one, "before": before.get(one)} for one in people])
    run_sql("segments/keep_before", {"workspace": current_workspace_id(), "action": action.pk, "rows": rows})


def _doing(action: BulkAction) -> Doing:
    return Doing(action.argument, action.by_id, action.at)
