"""Keys by which a sender's emails are signed (DKIM): made, told to DNS, and changed for new ones."""

import base64
from dataclasses import dataclass

from django.db import transaction

from delivery.content.dkim import ED25519, RSA, Signer, new_key
from delivery.models import Sender
from lib.clock import now
from lib.sealing import seal, unseal
from workspaces.auditing import audit
from workspaces.models import User

KEPT = 4  # keys of a sender: the newest of each kind sign, older ones stay in DNS for what is on its way
LONGEST_TEXT = 255  # of one string in DNS


@dataclass(frozen=True, slots=True)
class DnsLine:
    """What to write into the domain's DNS: a TXT record's name and its strings."""

    name: str
    strings: tuple[str, ...]


@transaction.atomic
def make_key(sender: Sender, *, algorithm: str = RSA, by: User | None = None) -> str:
    """A new key under a new selector; from now on the sender's emails are signed by it. Returns the selector.

    Made anew, it takes the place of the one before it of its kind, whose record should stay in DNS for some days.
    ValueError for another algorithm. Locks the sender.
    """
    if algorithm not in {RSA, ED25519}:
        raise ValueError(algorithm)
    row = Sender.objects.select_for_update().get(pk=sender.pk)
    selector = _free_selector(row, algorithm)
    pem, public = new_key(algorithm)
    sealed = seal(pem, workspace_id=row.workspace_id, purpose=_purpose(row, selector))
    key = {"selector": selector, "algorithm": algorithm, "public": public}
    row.dkim_keys = [*row.dkim_keys, key | {"sealed": base64.b64encode(sealed).decode()}][-KEPT:]
    row.save(update_fields=["dkim_keys"])
    sender.dkim_keys = row.dkim_keys
    audit("sender.key_made", by=by, target=row, selector=selector, algorithm=algorithm)
    return selector


def dns_lines(sender: Sender) -> list[DnsLine]:
    """The record of each of its keys, the newest first; none without a domain or a key."""
    domain = _domain(sender)
    return [
        DnsLine(f"{one['selector']}._domainkey.{domain}", _strings(f"v=DKIM1; k={one['algorithm']}; p={one['public']}"))
        for one in reversed(sender.dkim_keys)
        if domain
    ]


def signers_of(sender: Sender) -> list[Signer]:
    """Who signs: the newest key of each kind. SealBrokenError."""
    newest = {one["algorithm"]: one for one in sender.dkim_keys}
    return [
        Signer.of(_domain(sender), one["selector"], _opened(sender, one)) for one in newest.values() if _domain(sender)
    ]


def _opened(sender: Sender, key: dict[str, str]) -> str:
    sealed = base64.b64decode(key["sealed"])
    return unseal(sealed, workspace_id=sender.workspace_id, purpose=_purpose(sender, key["selector"]))


def _free_selector(sender: Sender, algorithm: str) -> str:
    """ecrm<year><month><kind>, with a number where this month has one already."""
    stem = f"ecrm{now():%Y%m}{algorithm[0]}"
    taken = {one["selector"] for one in sender.dkim_keys}
    return next(one for one in (stem, *(f"{stem}{n}" for n in range(2, 1_000))) if one not in taken)


def _strings(text: str) -> tuple[str, ...]:
    return tuple(text[at : at + LONGEST_TEXT] for at in range(0, len(text), LONGEST_TEXT))


def _domain(sender: Sender) -> str:
    return str(sender.settings.get("from_email", "")).rpartition("@")[2].lower()


def _purpose(sender: Sender, selector: str) -> str:
    return f"dkim:{sender.pk}:{selector}"
