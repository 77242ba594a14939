"""Erasing: of a person stays a row without a word, the hash that keeps their address from being written to, and the sums.

Two people agree where the workspace has two who may. What was erased is also written down outside the database, so that a
restored backup forgets it again (`manage.py replay_erasures`).
"""

import json
import os
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from consent.consenting import addresses_of_all, suppress_all
from consent.models import Suppression
from consent.privacy.model import PrivacyRequest
from contacts.channels import sendable
from contacts.merging import relatives_of
from contacts.models import Contact
from contacts.news import contacts_changed
from lib.clock import now
from lib.rooms import house
from workspaces.auditing import audit
from workspaces.current import current_workspace_id, working_in
from workspaces.models import Membership, User, Workspace
from workspaces.permissions import MAY

State = PrivacyRequest.State


class NotSecondError(ValueError):
    """The second person who agrees is the first one."""


class NotAskedError(ValueError):
    """The request is answered already, is not about erasing, or nobody knows whom it is about."""


def needs_second() -> bool:
    """Whether the open workspace has two people who may erase."""
    roles = [role for role, permissions in MAY.items() if "contacts.privacy" in permissions]
    members = Membership.objects.filter(workspace_id=current_workspace_id(), role__in=roles, user__is_active=True)
    return members.count() > 1


@transaction.atomic
def agree_to_erase(request: PrivacyRequest, *, by: User) -> bool:
    """This person agrees that it is done; returns whether the person is erased now, or a second one has to agree first.

    NotAskedError, NotSecondError.
    """
    request = PrivacyRequest.objects.select_for_update().get(pk=request.pk)
    if request.kind != PrivacyRequest.Kind.ERASE or not request.is_open or request.contact_id is None:
        raise NotAskedError(request.pk)
    if request.state == State.OPEN and needs_second():
        request.state, request.agreed_by_id = State.AGREED, by.pk
        request.note("agreed", by_id=by.pk)
        request.save()
        audit("privacy.agreed", by=by, target=request)
        return False
    if request.agreed_by_id == by.pk:
        raise NotSecondError(request.pk)
    contact_id = request.contact_id
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
    list(Contact.objects.select_for_update().filter(pk__in=ids).order_by("pk"))
    for channel in sendable():
        suppress_all(addresses_of_all(ids, channel), channel=channel, reason=Suppression.Reason.ERASED)
    Contact.objects.filter(pk__in=ids, erased_at=None).update(erased_at=now())  # the owner's functions ask for it
    gone = {str(kind.name): kind.erase(ids) for kind in house.personal_data}
    audit("contact.erased", by=by, target=Contact(pk=contact_id), others=[one for one in ids if one != contact_id])
    contacts_changed.tell(contact_ids=ids)
    workspace_id = current_workspace_id()
    transaction.on_commit(lambda: _remember(workspace_id, ids))
    return gone


def erasures_file() -> Path:
    """Where erasures are written down, outside the database: ids and moments, no values."""
    return Path(settings.VAR_DIR) / "erasures.jsonl"


def replay_erasures() -> int:
    """Erase again whoever was erased and is back, as after a restored backup; returns how many people that was."""
    back = 0
    for workspace_id, ids in _remembered():
        workspace = Workspace.objects.filter(pk=workspace_id).first()
        if workspace is None:
            continue
        with working_in(workspace):
            for pk in Contact.objects.filter(pk__in=ids, erased_at=None).values_list("pk", flat=True):
                erase_person(pk, by=None)
                back += 1
    return back


def _remember(workspace_id: int, ids: Collection[int]) -> None:
    path = erasures_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    line = json.dumps({"workspace": workspace_id, "contacts": sorted(ids), "at": now().isoformat()}) + "\n"
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(handle, line.encode())
        os.fsync(handle)
    finally:
        os.close(handle)


def _remembered() -> Iterator[tuple[int, list[int]]]:
    path = erasures_file()
    if not path.exists():
        return
    for line in path.read_text().splitlines():
        entry: dict[str, Any] = json.loads(line)
        yield entry["workspace"], entry["contacts"]
