"""Who did not confirm is forgotten: the night after the days of their form are over."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from consent.models import SignUp, SignUpForm
from consent.models.sign_up_forms import OPEN_DAYS
from contacts.models import Contact
from lib.clock import ago, next_time_of_day
from lib.sql import run_text
from workspaces.current import working_in
from workspaces.models import Workspace
from workspaces.orphans import references

AT_ONCE = 1_000
NOBODY: dict[str, Any] = {"address": "", "said": {}, "page": "", "ip": None, "agent": ""}


def forget_tonight(workspace: Workspace) -> datetime | None:
    """The agenda's nightly work, a thousand requests a transaction. Returns the next night, None while nobody waits."""
    with working_in(workspace):
        forms = list(SignUpForm.objects.all())
    for form in forms:
        while _forget_some(workspace, form):
            pass
    with working_in(workspace):
        waits = undecided().exists()
    return next_time_of_day(workspace.zone, 3, 40) if waits else None


def undecided() -> "QuerySet[SignUp]":
    """Requests that hold somebody's address without their having confirmed it."""
    return SignUp.objects.filter(state__in=[SignUp.State.ASKED, SignUp.State.REFUSED]).exclude(address="")


def forget_unconfirmed(contact_ids: Sequence[int]) -> list[int]:
    """Delete those of these contacts who are nothing but an unconfirmed request; returns whom. May be repeated.

    Who said, did or got anything else stays. What is derived of them goes too: no foreign key holds that.
    """
    rows = run_text("SELECT forget_unconfirmed(%(people)s::bigint[])", {"people": list(contact_ids)})
    gone = [row[0] for row in rows]
    if gone:
        for model, field in references():
            if model.is_derived and field.related_model is Contact:
                model.objects.filter(**{f"{field.attname}__in": gone}).delete()
    return gone


def _forget_some(workspace: Workspace, form: SignUpForm) -> int:
    """The oldest requests of a form whose days are over; returns how many."""
    until = ago(days=OPEN_DAYS + form.days_kept)
    with working_in(workspace):
        due = undecided().filter(form=form, asked_at__lt=until).order_by("pk")
        rows = list(due.values_list("pk", "contact_id")[:AT_ONCE])
        ids = [pk for pk, _contact in rows]
        forget_unconfirmed(sorted({contact for _pk, contact in rows if contact}))
        SignUp.objects.filter(pk__in=ids).update(**NOBODY)
        SignUp.objects.filter(pk__in=ids, state=SignUp.State.ASKED).update(state=SignUp.State.FORGOTTEN)
    return len(rows)


def days_until_forgotten(form: SignUpForm) -> timedelta:
    """How long an address is kept without being confirmed."""
    return timedelta(days=OPEN_DAYS + form.days_kept)
