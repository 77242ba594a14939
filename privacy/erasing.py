"""Erasing: of a person stays a row without a word, the hash that keeps their address from being written to, and the sums.

Two people agree where the workspace has two who may. What was erased is also written down outside the database, so that a
restored backup forgets it again (`manage.py replay_erasures`).
"""

import json
import os
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import Q

from consent.consenting import addresses_of_all
from consent.models import Suppression
from consent.suppressing import suppress_all
from contacts.channels import sendable
from contacts.merging import relatives_of, survivor_of, unlink_contact
from contacts.models import Contact, Merged
from contacts.news import contacts_changed
from lib.clock import next_time_of_day, now
from lib.rooms import house
from privacy.acknowledging import tell_erased
from privacy.asking import NotCheckedError
from privacy.models import PrivacyRequest
from workspaces.agenda import set_due
from workspaces.auditing import audit
from workspaces.current import current_workspace, current_workspace_id, working_in
from workspaces.models import Membership, User, Workspace
from workspaces.permissions import MAY

AGAIN = "privacy.erase_what_came"
SOON, LOOKED_AFTER = timedelta(minutes=15), timedelta(days=2)

log = structlog.get_logger(__name__)
State = PrivacyRequest.State


class NotSecondError(ValueError):
    """The second person who agrees is the first one."""


class NotAskedError(ValueError):
    """The request is answered already, or is not about erasing."""


def needs_second() -> bool:
    """Whether the open workspace has two people who may erase."""
    roles = [role for role, permissions in MAY.items() if "contacts.privacy" in permissions]
    members = Membership.objects.filter(workspace_id=current_workspace_id(), role__in=roles, user__is_active=True)
    return members.count() > 1


@transaction.atomic
def agree_to_erase(request: PrivacyRequest, *, by: User) -> bool:
    """This person agrees that it is done; returns whether the person is erased now, or a second one has to agree first.

    Whoever is erased is told so by email, once it stands.
    NotAskedError, NotCheckedError, NotSecondError.
    """
    request = PrivacyRequest.objects.select_for_update().get(pk=request.pk)
    if request.kind != PrivacyRequest.Kind.ERASE or not request.is_open:
        raise NotAskedError(request.pk)
    if not request.identity or request.contact_id is None:
        raise NotCheckedError(request.pk)
    if request.state == State.OPEN and needs_second():
        request.state, request.agreed_by_id = State.AGREED, by.pk
        request.note("agreed", by_id=by.pk)
        request.save()
        audit("privacy.agreed", by=by, target=request)
        return False
    if request.agreed_by_id == by.pk and needs_second():
        raise NotSecondError(request.pk)
    contact_id = request.contact_id
    tell_erased(current_workspace(), Contact.objects.get(pk=survivor_of(contact_id)))
    request.state, request.answered_at = State.ANSWERED, now()
    request.note("erased", by_id=by.pk)
    request.save()
    erase_person(contact_id, by=by)
    return True


@transaction.atomic
def erase_person(contact_id: int, *, by: User | None) -> dict[str, int]:
    """Take away all that is held about them, in every room, and of everybody who is this person; name of the kind → how many.

    May be repeated. First the addresses go onto the suppression list, by their hash; last it is written down for a restore.
    """
    ids = relatives_of([contact_id])
    gone = _erase(ids)
    _tell(contact_id, ids, by)
    workspace_id = current_workspace_id()
    transaction.on_commit(lambda: _remember(workspace_id, ids))
    return gone


def erase_what_came(workspace: Workspace) -> datetime | None:
    """The agenda's work: once more through every room for who was erased of late.

    A fact, a row of a file, an answer on its way may have known them before and be written down behind the erasure: it
    waits for that to end, and not for ever. Also writes down for a restore what a stop in between kept from it.
    """
    with working_in(workspace):
        lately = Contact.objects.filter(erased_at__gt=now() - LOOKED_AFTER)
        ids = list(lately.order_by("pk").values_list("pk", flat=True))
        if not ids:
            return None
        _erase(ids)
        known = {one for entry in _remembered() if entry.workspace_id == workspace.pk for one in entry.contact_ids}
        if forgotten := [one for one in ids if one not in known]:
            transaction.on_commit(lambda: _remember(workspace.pk, forgotten))
    return next_time_of_day(workspace.zone, 3, 50)


def _erase(ids: Sequence[int]) -> dict[str, int]:
    """Of exactly these contacts, who are all that there is of somebody."""
    list(Contact.objects.select_for_update().filter(pk__in=ids).order_by("pk"))
    for channel in sendable():
        suppress_all(addresses_of_all(ids, channel), channel=channel, reason=Suppression.Reason.ERASED)
    Contact.objects.filter(pk__in=ids, erased_at=None).update(erased_at=now())  # the owner's functions ask for it
    return {str(kind.name): kind.erase(ids) for kind in house.personal_data}


def _tell(contact_id: int, ids: Sequence[int], by: User | None) -> None:
    audit("contact.erased", by=by, target=Contact(pk=contact_id), others=[one for one in ids if one != contact_id])
    contacts_changed.tell(contact_ids=ids)
    set_due(AGAIN, now() + SOON)


def erasures_file() -> Path:
    """Where erasures are written down, outside the database: ids and moments, no values."""
    return Path(settings.VAR_DIR) / "erasures.jsonl"


def replay_erasures() -> int:
    """Erase again whoever was erased and is back, as after a restored backup; returns how many people that was.

    Numbers are given anew after a restore: who was made later than the erasure is somebody else. So is who had been
    merged when the backup was made and no longer when the person was erased.
    """
    back = 0
    for entry in _remembered():
        workspace = Workspace.objects.filter(pk=entry.workspace_id).first()
        if workspace is None:
            continue
        with working_in(workspace):
            people = Contact.objects.filter(pk__in=entry.contact_ids, created_at__lte=entry.at)
            ids = list(people.order_by("pk").values_list("pk", flat=True))
            if found := people.filter(erased_at=None).count():
                _part_from_others(ids)
                _erase(ids)
                _tell(ids[0], ids, None)
                back += found
    return back


def _part_from_others(ids: Collection[int]) -> None:
    for link in Merged.objects.filter(Q(loser__in=ids) | Q(survivor__in=ids)):
        if (link.loser_id in ids) != (link.survivor_id in ids):
            unlink_contact(link.loser_id)


def _remember(workspace_id: int, ids: Collection[int]) -> None:
    path = erasures_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    line = json.dumps({"workspace": workspace_id, "contacts": sorted(ids), "at": now().isoformat()}) + "\n"
    if path.exists() and not path.read_bytes().endswith(b"\n"):
        line = "\n" + line  # a crash cut the last one short
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(handle, line.encode())
        os.fsync(handle)
    finally:
        os.close(handle)


@dataclass(frozen=True, slots=True)
class _Entry:
    """One line of the file."""

    workspace_id: int
    contact_ids: list[int]
    at: datetime


def _remembered() -> Iterator[_Entry]:
    """What is written down. A line that a crash cut short is told of and hides none of the others."""
    path = erasures_file()
    for number, line in enumerate(path.read_text().splitlines() if path.exists() else (), 1):
        try:
            said: dict[str, Any] = json.loads(line)
            yield _Entry(
                int(said["workspace"]), [int(one) for one in said["contacts"]], datetime.fromisoformat(said["at"])
            )
        except (ValueError, KeyError, TypeError) as error:
            log.warning("erasure_unreadable", file=str(path), line=number, error=str(error))
