"""Open complaints: while somebody waits for an answer to one, we want nothing of them."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from contacts.models import Contact
from contacts.news import contacts_changed
from lib.sql import run_sql
from workspaces.current import current_workspace_id


@transaction.atomic
def open_complaints(since: Mapping[int, datetime]) -> list[int]:
    """Contact id → the moment of the complaint: it is open from then on; returns for whom that is new.

    One statement and one piece of news, whatever the number. May be repeated: an open one keeps its first moment.
    """
    if not since:
        return []
    params = {"workspace": current_workspace_id(), "contacts": list(since), "moments": list(since.values())}
    opened = sorted(row[0] for row in run_sql("contacts/open_complaints", params))
    if opened:
        contacts_changed.tell(contact_ids=opened)
    return opened


@transaction.atomic
def close_complaint(contact: Contact) -> None:
    """It is resolved: what we may want of them is what it was before. May be repeated."""
    if Contact.objects.filter(pk=contact.pk, complaint_since__isnull=False).update(complaint_since=None):
        contacts_changed.tell(contact_ids=[contact.pk])
