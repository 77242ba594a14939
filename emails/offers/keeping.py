"""Making a pool of codes, changing it, withdrawing it or one of its codes."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from emails.models import OfferCode, OfferPool
from emails.news import codes_moved
from emails.offers.reading import KEY, LONGEST_CODE, fold
from lib.clock import is_storable, now
from lib.foreign.cleaning import to_line
from workspaces.auditing import audit
from workspaces.models import User


class BadPoolError(ValueError):
    """Nothing was kept: `field` says where, the text why."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field


@transaction.atomic
def make_pool(facts: Mapping[str, Any], *, by: User | None) -> OfferPool:
    """A new pool, without codes yet. `facts`: name, key, kind, worth, expires_at, shared_code. BadPoolError."""
    pool = OfferPool(
        key=str(facts.get("key", "")).strip().lower(),
        kind=facts.get("kind") or OfferPool.Kind.UNIQUE,
        shared_code=to_line(str(facts.get("shared_code") or ""), LONGEST_CODE),
        made_by_id=by.pk if by else None,
    )
    if not KEY.match(pool.key):
        raise BadPoolError("key", _("Small letters, digits and _, a letter first, as spring or spring_2026."))
    if pool.kind not in OfferPool.Kind.values:
        raise BadPoolError("kind", _("There is no such kind."))
    if pool.is_shared and not pool.shared_code:
        raise BadPoolError("shared_code", _("Write the code that everybody gets."))
    pool.shared_code = pool.shared_code if pool.is_shared else ""
    pool.shared_folded = fold(pool.shared_code)
    if pool.is_shared and OfferCode.objects.filter(is_shared=False, folded=pool.shared_folded).exists():
        raise BadPoolError("shared_code", _("Another offer has this code already."))
    _say(pool, facts)
    try:
        with transaction.atomic():
            pool.save()
    except IntegrityError as error:
        is_code = "one_pool_a_shared_code" in str(error)
        text = _("Another offer has this code already.") if is_code else _("Another offer has this key already.")
        raise BadPoolError("shared_code" if is_code else "key", text) from error
    audit("offer.made", by=by, target=pool)
    return pool


@transaction.atomic
def change_pool(pool: OfferPool, facts: Mapping[str, Any], *, by: User | None) -> None:
    """Another name, worth or end (name, worth, expires_at); what is left out stays. BadPoolError."""
    _say(pool, facts)
    pool.save(update_fields=["name", "worth", "expires_at"])
    audit("offer.changed", by=by, target=pool)


def withdraw_pool(pool: OfferPool, *, by: User | None, again: bool = False) -> None:
    """From now on no code of it is given or redeemed; `again`: they are. Codes that were given stay whose they are."""
    pool.withdrawn_at = None if again else pool.withdrawn_at or now()
    pool.save(update_fields=["withdrawn_at"])
    audit("offer.restored" if again else "offer.withdrawn", by=by, target=pool)


@transaction.atomic
def withdraw_code(code: OfferCode, *, by: User | None) -> bool:
    """This code is not given and not redeemed any more; whose it is stays. True when it was withdrawn just now, False for
    one that was used or withdrawn before: may be repeated.
    """
    open_one = OfferCode.objects.filter(pk=code.pk, is_shared=False, withdrawn_at=None, redeemed_at=None)
    if not open_one.update(withdrawn_at=now()):
        return False
    if code.contact_id is not None:
        codes_moved.tell(contact_ids=[code.contact_id])
    audit("offer.code_withdrawn", by=by, target=code)
    return True


def _say(pool: OfferPool, facts: Mapping[str, Any]) -> None:
    if "name" in facts:
        pool.name = to_line(str(facts["name"] or ""), 80)
    if "worth" in facts:
        pool.worth = to_line(str(facts["worth"] or ""), 120)
    if "expires_at" in facts:
        ends: datetime | None = facts["expires_at"]
        if ends is not None and not is_storable(ends):
            raise BadPoolError("expires_at", _("Choose a date from 1900 to 2200."))
        pool.expires_at = ends
    if not pool.name:
        raise BadPoolError("name", _("It needs a name."))
