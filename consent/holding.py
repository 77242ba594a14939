"""Holds: an address that sends back whatever comes is left alone until a moment. It is no word of a person's.

Whoever counts what came back says until when; a hold ends by itself, or earlier where something arrives.
"""

from collections.abc import Collection, Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from consent.models import Suppression
from consent.suppressing import tell_of_addresses
from contacts.addresses import address_hashes
from contacts.channels import Channel
from lib.clock import now
from lib.sql import array_of_moments, array_of_texts, run_sql
from workspaces.current import current_workspace_id

SOURCE = "bounces"
Reason = Suppression.Reason


@transaction.atomic
def hold_addresses(until: Mapping[str, datetime], *, channel: int = Channel.EMAIL) -> int:
    """Hold these normalised addresses, each until its moment; returns of how many that is news.

    May be repeated. Two statements, whatever the number.
    """
    if not until:
        return 0
    hidden = address_hashes(until)
    hashes = sorted(hidden)
    params = {
        "workspace": current_workspace_id(),
        "channel": int(channel),
        "hashes": array_of_texts(hashes),
        "ends": array_of_moments(until[hidden[one]] for one in hashes),
        "reason": Reason.BOUNCING.value,
        "source": SOURCE,
        "now": now(),
    }
    changed = [hidden[row[0]] for row in run_sql("consent/hold", params)]
    if changed:
        tell_of_addresses(changed, channel)
    return len(changed)


def held_among(addresses: Collection[str], *, channel: int = Channel.EMAIL) -> set[str]:
    """Those of these normalised addresses that are held now."""
    hidden = address_hashes(addresses)
    return {hidden[one] for one in _standing(hidden, channel).values_list("address_hash", flat=True)}


@transaction.atomic
def release_addresses(addresses: Collection[str], *, channel: int = Channel.EMAIL) -> int:
    """Something arrived: they are held no longer; returns how many were. May be repeated."""
    released = held_among(addresses, channel=channel) if addresses else set()
    if released:
        _standing(address_hashes(released), channel).update(lifted_at=now())
        tell_of_addresses(released, channel)
    return len(released)


def _standing(hashes: Collection[str], channel: int) -> QuerySet[Suppression]:
    return Suppression.objects.filter(
        channel=channel, address_hash__in=list(hashes), reason=Reason.BOUNCING, lifted_at=None, ends_at__gt=now()
    )
