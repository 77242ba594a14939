"""Changing how to reach people: which of their addresses is the one that messages go to, and which are former."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db import transaction

from contacts.models import Contact, Identity
from lib.clock import now
from lib.sql import array_of, load_sql, run_sql
from workspaces.current import current_workspace_id


@dataclass(frozen=True, slots=True)
class Chosen:
    """The address of this kind that messages to this contact go to; "" for none of them.

    `retires`: the one used so far is theirs no longer (it still recognises them); else it stays beside the new one.
    """

    contact_id: int
    kind: int
    value: str
    retires: bool = True


@transaction.atomic
def use_addresses(chosen: Sequence[Chosen]) -> list[tuple[int, int, str, str]]:
    """Messages go to these addresses from now on; returns (contact id, kind, old, new) of those that changed.

    What is no identity of its contact already is left alone; Contact.email follows. One statement for the set; may
    be repeated.
    """
    if not chosen:
        return []
    primary = load_sql(
        "contacts/primary_address", contact="chosen.contact_id", kind="chosen.kind", email="chosen.email"
    )
    params = {
        "workspace": current_workspace_id(),
        "contacts": [one.contact_id for one in chosen],
        "kinds": [int(one.kind) for one in chosen],
        "values": [one.value for one in chosen],
        "retires": [one.retires for one in chosen],
        "email_kind": int(Identity.Kind.EMAIL),
        "phone_kind": int(Identity.Kind.PHONE),
        "now": now(),
    }
    return [tuple(row) for row in run_sql("contacts/use_addresses", params, primary=primary)]  # type: ignore[misc]


def addresses_in_use(contact_ids: Sequence[int], kinds: Collection[int]) -> dict[tuple[int, int], str]:
    """(contact id, kind) → the address that messages to them go to, for those who have one."""
    params = {
        "workspace": current_workspace_id(),
        "contacts": array_of(contact_ids),
        "kinds": [int(kind) for kind in kinds],
    }
    return {(contact, kind): value for contact, kind, value in run_sql("contacts/addresses_in_use", params)}


def primary_of(contact: Contact, kind: int) -> str:
    """The address of this kind that messages to the contact go to, or ""."""
    return addresses_in_use([contact.pk], [kind]).get((contact.pk, int(kind)), "")
