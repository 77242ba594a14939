"""The suppression list: addresses that are never written to, known by their keyed hash, outside any contact.

Nothing that happens to people brings an opt-out back.
"""

from collections.abc import Collection
from contextlib import suppress as ignoring
from datetime import datetime

from django.db import transaction

from consent.eligibility import statement_params
from consent.models import Suppression
from consent.news import consent_changed
from contacts.addresses import BadAddressError, address_hash, address_hashes, normalise_for
from contacts.channels import Channel, identity_kind_of
from lib.clock import now
from lib.sql import run_sql
from workspaces.current import current_workspace_id

Reason = Suppression.Reason


def suppress(address: str, *, channel: int = Channel.EMAIL, reason: str = Reason.MANUAL, source: str = "") -> None:
    """Never write to this address again. May be repeated; a lifted entry stands again. BadAddressError if unusable."""
    suppress_all([normalise_for(channel, address)], channel=channel, reason=reason, source=source)


@transaction.atomic
def suppress_all(
    addresses: Collection[str], *, channel: int = Channel.EMAIL, reason: str = Reason.MANUAL, source: str = ""
) -> int:
    """Never write to these addresses again; returns how many were usable. May be repeated.

    Two statements, whatever the number; whoever holds one of the addresses is told of as changed.
    """
    usable = set()
    for address in addresses:
        with ignoring(BadAddressError):
            usable.add(normalise_for(channel, address))
    if not usable:
        return 0
    params = {
        **statement_params(),
        "workspace": current_workspace_id(),
        "channel": int(channel),
        "hashes": sorted(address_hashes(usable)),
        "reason": reason,
        "source": source[:200],
        "now": now(),
    }
    run_sql("consent/suppress", params)
    tell_of_addresses(usable, channel)
    return len(usable)


@transaction.atomic
def lift_bounce(address: str, *, written_at: datetime) -> bool:
    """Their owner wrote from this email address at this moment: it works; returns whether that is news. May be repeated.

    A bounce since then stands, and so does all else that keeps the address on the list. An unusable address had none.
    """
    try:
        value = normalise_for(Channel.EMAIL, address)
    except BadAddressError:
        return False
    bounced = Suppression.objects.filter(
        channel=Channel.EMAIL, address_hash=address_hash(value), reason=Reason.BOUNCE, lifted_at=None
    )
    if not bounced.filter(at__lt=written_at).update(lifted_at=now()):
        return False
    tell_of_addresses([value], Channel.EMAIL)
    return True


def tell_of_addresses(addresses: Collection[str], channel: int) -> None:
    """Whoever holds one of these normalised addresses: what may be sent to them has changed."""
    params = {
        **statement_params(),
        "workspace": current_workspace_id(),
        "kind": identity_kind_of(channel),
        "addresses": sorted(addresses),
    }
    if holders := [row[0] for row in run_sql("consent/holders", params)]:
        consent_changed.tell(contact_ids=sorted(holders))


def is_suppressed(address: str, *, channel: int = Channel.EMAIL) -> bool:
    """Whether this address stands on the suppression list without an end, for whatever reason. An unusable one does."""
    try:
        hidden = address_hash(normalise_for(channel, address))
    except BadAddressError:
        return True
    standing = Suppression.objects.filter(channel=channel, address_hash=hidden, lifted_at=None, ends_at=None)
    return standing.exists()
