"""DKIM keys of a domain: made here, sealed here, used by every sender of the domain; a new one before an old one goes."""

from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction

from deliverability.domains import domain_of
from deliverability.judging import PublicKey
from deliverability.models import DkimKey
from delivery.content.dkim import Signer, new_key, signer_of
from delivery.models import Sender
from lib.clock import now
from lib.sealing import SealBrokenError, seal, unseal
from workspaces.auditing import audit
from workspaces.models import User

KINDS = ("rsa", "ed25519")
RETIRED_KEPT = timedelta(days=7)  # emails under way are still checked with it


@transaction.atomic
def make_keys(domain: str, *, by: User | None) -> list[DkimKey]:
    """Keys of each kind for this domain, where it has none yet. May be repeated. They sign once the DNS shows them."""
    there = set(DkimKey.objects.filter(domain=domain, retired_at=None).values_list("kind", flat=True))
    return [_make(domain, kind, by) for kind in KINDS if kind not in there]


@transaction.atomic
def exchange_keys(domain: str, *, by: User | None) -> list[DkimKey]:
    """New keys under new names; the old ones sign until the new ones are seen, then they retire (`note_seen`)."""
    waiting = DkimKey.objects.filter(domain=domain, retired_at=None, seen_at=None)
    if waiting.exists():
        return list(waiting)
    return [_make(domain, kind, by) for kind in KINDS]


def keys_of(domain: str) -> Sequence[DkimKey]:
    """The keys of this domain that stand or wait to be seen, the newest of a kind last."""
    return list(DkimKey.objects.filter(domain=domain, retired_at=None).order_by("kind", "pk"))


def public_keys(domain: str) -> tuple[PublicKey, ...]:
    """What the DNS has to show: the newest of each kind."""
    newest = {one.kind: one for one in keys_of(domain)}
    return tuple(
        PublicKey(one.selector, "rsa" if one.kind == "rsa" else "ed25519", one.public) for one in newest.values()
    )


def note_seen(domain: str, selectors: set[str]) -> None:
    """The DNS shows these keys: they sign from now on, and older ones of their kind retire."""
    moment = now()
    for key in DkimKey.objects.filter(domain=domain, selector__in=selectors, retired_at=None, seen_at=None):
        DkimKey.objects.filter(pk=key.pk).update(seen_at=moment)
        older = DkimKey.objects.filter(domain=domain, kind=key.kind, retired_at=None, pk__lt=key.pk)
        older.update(retired_at=moment)
    old = DkimKey.objects.filter(retired_at__lt=moment - RETIRED_KEPT).exclude(sealed_private=b"")
    old.update(sealed_private=b"")  # the row stays: its name is never another key's


def signers_of(sender: Sender) -> list[Signer]:
    """How this sender's emails are signed: by each key that the DNS has shown. One that cannot be opened signs nothing."""
    domain = domain_of(sender)
    found = []
    for key in DkimKey.objects.filter(domain=domain, retired_at=None).exclude(seen_at=None) if domain else ():
        try:
            pem = unseal(key.sealed_private, workspace_id=key.workspace_id, purpose=_purpose(key))
        except SealBrokenError:
            continue
        found.append(signer_of(domain, key.selector, pem))
    return found


def _make(domain: str, kind: str, by: User | None) -> DkimKey:
    private, public = new_key(kind)
    number = DkimKey.objects.filter(domain=domain).count() + 1
    names = set(DkimKey.objects.filter(domain=domain).values_list("selector", flat=True))
    selector = next(name for name in (f"ecrm{no}" for no in range(number, number + 1000)) if name not in names)
    key = DkimKey.objects.create(domain=domain, kind=kind, selector=selector, public=public)
    key.sealed_private = seal(private, workspace_id=key.workspace_id, purpose=_purpose(key))
    key.save(update_fields=["sealed_private"])
    audit("dkim_key.made", by=by, target=key, selector=selector)
    return key


def _purpose(key: DkimKey) -> str:
    return f"dkim:{key.pk}"
