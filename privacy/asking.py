"""Asking: a request is written down, whose it is is checked, it is given to somebody, answered in time or refused."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from consent.consenting import addresses_of_all, withdraw_all
from consent.models import Suppression
from consent.suppressing import suppress_all
from contacts.channels import sendable
from contacts.history.saying import saying
from contacts.merging import relatives_of, survivor_of
from contacts.models import Contact
from contacts.news import contacts_changed
from lib.clock import now
from privacy.acknowledging import acknowledge
from privacy.models import PrivacyRequest
from privacy.packing import want_package
from privacy.terms import EXTENDED, due_date
from workspaces.auditing import audit
from workspaces.current import current_workspace
from workspaces.models import User

Kind, State, Identity, Way = PrivacyRequest.Kind, PrivacyRequest.State, PrivacyRequest.Identity, PrivacyRequest.Way
PACKED = {Kind.ACCESS, Kind.MOVE}
MADE = {PrivacyRequest.Package.WANTED, PrivacyRequest.Package.READY}
MOST_WORDS = 10_000
OPEN = (State.OPEN, State.AGREED)


class NotCheckedError(ValueError):
    """Whose request it is has not been checked, or nobody knows whom it is about."""


class NotOpenError(ValueError):
    """The request has been answered."""


class NoReasonError(ValueError):
    """A refusal, or more time, needs the reason that the person is told."""


@transaction.atomic
def open_request(
    kind: str,
    contact: Contact | None,
    *,
    way: str,
    by: User | None,
    who: str = "",
    details: str = "",
    received_at: datetime | None = None,
    identity: str = Identity.UNCHECKED,
    is_told: bool = True,
) -> PrivacyRequest:
    """Write down what somebody asks; its clock runs from the moment it came.

    The same thing asked again while it is open is the same request, and whoever proves now that it is them has proven it
    of that. What is asked with a signed link is checked by that; an access request of theirs is packed at once. The
    person is told that it was taken in, once, at their own address, unless it is about whose address that is.
    """
    moment = received_at or now()
    who_id = survivor_of(contact.pk) if contact else None
    same = PrivacyRequest.objects.filter(kind=kind, contact=who_id, state__in=OPEN).first() if who_id else None
    if same is not None:
        return _ask_again(same, details, identity, by)
    request = PrivacyRequest(
        kind=kind,
        contact_id=who_id,
        who=who[:200],
        details=details[:MOST_WORDS],
        way=way,
        received_at=moment,
        due_on=due_date(moment, current_workspace().zone),
        identity=identity,
    )
    request.note("asked", by_id=by.pk if by else None)
    _take_in(request, by=by, is_told=is_told)
    return request


def _take_in(request: PrivacyRequest, *, by: User | None, is_told: bool) -> None:
    """It stands, is packed where whose it is was proved, and they are told."""
    if request.kind in PACKED and request.contact_id and request.identity:
        want_package(request)
    request.save()
    audit("privacy.asked", by=by, target=request, kind=request.kind)
    if request.contact_id and is_told:
        acknowledge(current_workspace(), request, Contact.objects.get(pk=request.contact_id))


@transaction.atomic
def check_identity(request: PrivacyRequest, how: str, *, by: User, contact: Contact | None = None) -> None:
    """Somebody made sure that it is this person; a package is made now, where one is asked for. NotOpenError."""
    request = _held(request)
    if contact is not None:
        request.contact_id = survivor_of(contact.pk)
    if request.contact_id is None:
        raise NotCheckedError(request.pk)
    request.identity = how
    request.note("checked", by_id=by.pk)
    if request.kind in PACKED and request.package_state != PrivacyRequest.Package.WANTED:
        want_package(request)
    request.save()
    audit("privacy.checked", by=by, target=request, how=how)


@transaction.atomic
def assign(request: PrivacyRequest, user_id: int | None, *, by: User) -> None:
    """This colleague answers it; None: nobody yet. NotOpenError."""
    request = _held(request)
    request.assignee_id = user_id
    request.note("assigned", by_id=by.pk)
    request.save()


@transaction.atomic
def extend(request: PrivacyRequest, why: str, *, by: User) -> None:
    """Two more months, for a reason that the person is told within the first (article 12(3)). NotOpenError, NoReasonError."""
    request = _held(request)
    if not why.strip():
        raise NoReasonError(request.pk)
    request.is_extended = True
    request.due_on = due_date(request.received_at, current_workspace().zone, months=EXTENDED)
    request.note("extended", by_id=by.pk, note=why)
    request.save()
    audit("privacy.extended", by=by, target=request)


@transaction.atomic
def answer(request: PrivacyRequest, *, by: User, note: str = "") -> None:
    """It is done: what the kind asks for follows at once. NotOpenError, NotCheckedError.

    Object: no message any more and no score. Restrict: the same, and the addresses are blocked until somebody lifts that.
    """
    request = _held(request)
    if request.kind == Kind.ERASE:
        raise NotOpenError(request.pk)  # erasing has a way of its own
    if not request.identity or request.contact_id is None:
        raise NotCheckedError(request.pk)
    if request.kind in {Kind.OBJECT, Kind.RESTRICT}:
        _stop(relatives_of([request.contact_id]), blocks=request.kind == Kind.RESTRICT)
    request.state, request.answered_at = State.ANSWERED, now()
    request.note("answered", by_id=by.pk, note=note)
    request.save()
    audit("privacy.answered", by=by, target=request)


@transaction.atomic
def refuse(request: PrivacyRequest, why: str, *, by: User) -> None:
    """It is not done, for a reason that the person is told (article 12(4)). NotOpenError, NoReasonError."""
    request = _held(request)
    if not why.strip():
        raise NoReasonError(request.pk)
    request.state, request.answered_at = State.REFUSED, now()
    request.note("refused", by_id=by.pk, note=why)
    request.save()
    audit("privacy.refused", by=by, target=request)


def _ask_again(request: PrivacyRequest, details: str, identity: str, by: User | None) -> PrivacyRequest:
    request = PrivacyRequest.objects.select_for_update().get(pk=request.pk)
    by_id = by.pk if by else None
    together = f"{request.details}\n\n{details}".strip()
    if details and details not in request.details and len(together) <= MOST_WORDS:
        request.details = together
        request.note("asked_again", by_id=by_id)
    if identity and not request.identity:
        request.identity = identity
        request.note("checked", by_id=by_id)
    if request.kind in PACKED and request.identity and request.package_state not in MADE:
        want_package(request)
    request.save()
    return request


def _held(request: PrivacyRequest) -> PrivacyRequest:
    found = PrivacyRequest.objects.select_for_update().get(pk=request.pk)
    if not found.is_open:
        raise NotOpenError(found.pk)
    return found


def _stop(ids: Sequence[int], *, blocks: bool) -> None:
    source = "Privacy desk"
    with saying(source):
        Contact.objects.filter(pk__in=ids).update(is_profiled=False)
    for channel in sendable():
        withdraw_all(ids, topic=None, channel=channel, source=source)
        if blocks:
            addresses = addresses_of_all(ids, channel)
            suppress_all(addresses, channel=channel, reason=Suppression.Reason.MANUAL, source=source)
    contacts_changed.tell(contact_ids=list(ids))
