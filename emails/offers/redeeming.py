"""Redeeming codes: at a counter, by a shop's server, by the coupon of a purchase that comes in."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from emails.models import OfferCode, OfferPool
from emails.news import codes_moved
from emails.offers.reading import fold
from lib.clock import now
from lib.foreign.cleaning import to_storable
from touchpoints.facts import Fact, check_moment
from touchpoints.kinds import KINDS
from touchpoints.recording import Recorded, record
from touchpoints.rows import Row
from touchpoints.sources import source_for
from workspaces.auditing import audit
from workspaces.current import current_workspace
from workspaces.events import NewEvent, record_events
from workspaces.languages import team_language
from workspaces.models import User

REDEEMED = "offer.redeemed"
LONGEST_ORDER = 120
COUPONS = ("coupon", "coupon_code")
MOMENT, CONTACT, KIND, VALUE, WEIGHT = (
    Row._fields.index(name) for name in ("occurred_at", "contact_id", "kind", "value_minor", "weight_milli")
)


class NotRedeemedError(ValueError):
    """Nothing was redeemed; the text says why."""


class NoCodeError(NotRedeemedError):
    """There is no such code."""


class AlreadyRedeemedError(NotRedeemedError):
    """It was redeemed before, at `at`."""

    def __init__(self, at: datetime) -> None:
        super().__init__(_("This code was used already."))
        self.at = at


class OverError(NotRedeemedError):
    """The offer is over, or it or the code was withdrawn."""


@dataclass(frozen=True, slots=True)
class Use:
    """A code is used. Money in minor units; `contact_id` says who, where the code does not; `pool_id` which offer it must be."""

    code: str
    at: datetime | None = None
    value_minor: int | None = None
    currency: str = ""
    order: str = ""
    contact_id: int | None = None
    pool_id: int | None = None


@dataclass(frozen=True, slots=True)
class Redeemed:
    """The code with its redemption; `is_new` is False where the same order had redeemed it before."""

    row: OfferCode
    is_new: bool


def redeem(use: Use, *, by: User | None = None) -> Redeemed:
    """The code counts as used from now on, on the timeline of whose it is, and as news for machines.

    A unique code is redeemed once: AlreadyRedeemedError, but for the order that redeemed it, so that it may be repeated.
    One for everybody is redeemed by anybody, once an order. NoCodeError, OverError; BadFactError for a moment that
    cannot be.
    """
    check_moment(use.at or now(), now=now())
    found = redeem_all([use])[0]
    if isinstance(found, NotRedeemedError):
        raise found
    if found.is_new:
        audit("offer.redeemed", by=by, target=found.row)
    return found


@transaction.atomic
def redeem_all(uses: Sequence[Use]) -> list[Redeemed | NotRedeemedError]:
    """The same for many, each with what became of it. Some statements, whatever the number; locks their codes."""
    told = [replace(one, at=one.at or now(), order=to_storable(one.order, LONGEST_ORDER)) for one in uses]
    folded = [fold(to_storable(one.code)) for one in told]
    codes = OfferCode.objects.filter(is_shared=False, folded__in=folded).select_for_update(of=("self",))
    unique = {one.folded: one for one in codes.select_related("pool").order_by("pk")}
    shared: dict[str, OfferPool] = {}
    if any(one not in unique for one in folded):
        pools = OfferPool.objects.filter(shared_folded__in=[one for one in folded if one]).select_for_update()
        shared = {one.shared_folded: one for one in pools.order_by("pk")}
    earlier = _earlier(told, shared)
    found: list[Redeemed | NotRedeemedError] = []
    for use, key in zip(told, folded, strict=True):
        if key in unique:
            found.append(_use_unique(unique[key], use))
        else:
            found.append(_use_shared(shared.get(key), use, earlier))
    _keep([(use, one.row) for use, one in zip(told, found, strict=True) if isinstance(one, Redeemed) and one.is_new])
    return found


def on_touchpoints_recorded(batch: Recorded) -> None:
    """News: purchases that name a coupon redeem it. No statement for a batch without; one from a public key is not taken."""
    kinds, purchase = batch.fresh[KIND], KINDS["purchase"].code
    if purchase not in kinds:
        return
    uses = []
    for place, (kind, payload) in enumerate(zip(kinds, batch.payloads, strict=True)):
        code = next((payload[key] for key in COUPONS if payload.get(key)), None) if kind == purchase else None
        if isinstance(code, str) and batch.fresh[WEIGHT][place] > 0:
            currency, order = str(payload.get("currency") or "").upper(), payload.get("order_id")
            uses.append(
                Use(
                    code[:200],
                    batch.fresh[MOMENT][place],
                    batch.fresh[VALUE][place],
                    currency if len(currency) == 3 and currency.isalpha() else "",
                    str(order) if isinstance(order, str | int) else "",
                    batch.fresh[CONTACT][place],
                )
            )
    if uses:
        redeem_all(uses)


def _earlier(uses: Sequence[Use], shared: dict[str, OfferPool]) -> dict[tuple[int, str], OfferCode]:
    """(pool, order) → what it redeemed of a code that everybody has."""
    orders = [one.order for one in uses if one.order]
    if not shared or not orders:
        return {}
    rows = OfferCode.objects.filter(is_shared=True, pool__in=shared.values(), order_id__in=orders)
    return {(one.pool_id, one.order_id): one for one in rows.select_related("pool")}


def _use_unique(row: OfferCode, use: Use) -> Redeemed | NotRedeemedError:
    if use.pool_id not in {None, row.pool_id}:
        return NoCodeError(_("There is no such code in this offer."))
    if row.redeemed_at is not None:
        is_same = bool(use.order) and row.order_id == use.order
        return Redeemed(row, False) if is_same else AlreadyRedeemedError(row.redeemed_at)
    if why := _why_not(row.pool, use, row):
        return why
    row.contact_id = row.contact_id or (use.contact_id if row.given_at is None else None)
    return Redeemed(_with(row, use), True)


def _use_shared(
    pool: OfferPool | None, use: Use, earlier: dict[tuple[int, str], OfferCode]
) -> Redeemed | NotRedeemedError:
    if pool is None or use.pool_id not in {None, pool.pk}:
        return NoCodeError(_("There is no such code."))
    if use.order and (before := earlier.get((pool.pk, use.order))):
        return Redeemed(before, False)
    if why := _why_not(pool, use):
        return why
    row = OfferCode(
        pool=pool, code=pool.shared_code, folded=pool.shared_folded, is_shared=True, contact_id=use.contact_id
    )
    if use.order:
        earlier[pool.pk, use.order] = row
    return Redeemed(_with(row, use), True)


def _why_not(pool: OfferPool, use: Use, row: OfferCode | None = None) -> NotRedeemedError | None:
    if pool.withdrawn_at or (row is not None and row.withdrawn_at):
        return OverError(_("This code was withdrawn."))
    if pool.expires_at and use.at and pool.expires_at <= use.at:
        return OverError(_("The offer %(name)s is over.") % {"name": pool.name})
    return None


def _with(row: OfferCode, use: Use) -> OfferCode:
    row.redeemed_at, row.value_minor, row.order_id = use.at, use.value_minor, use.order
    row.currency = (use.currency or current_workspace().currency) if use.value_minor is not None else ""
    return row


def _keep(used: Sequence[tuple[Use, OfferCode]]) -> None:
    """The rows, the facts on their people's timelines, the news for machines."""
    if not used:
        return
    rows = [row for _use, row in used]
    if known := [one for one in rows if one.pk]:
        fields = ["contact_id", "redeemed_at", "value_minor", "currency", "order_id"]
        OfferCode.objects.bulk_update(
            known, [name.removesuffix("_id") if name == "contact_id" else name for name in fields]
        )
    OfferCode.objects.bulk_create([one for one in rows if not one.pk])
    facts = [_fact(one) for one in rows if one.contact_id is not None]
    if facts:
        with team_language():
            source = source_for("offers", _("Offer codes"))
        record(facts, source=source)
        codes_moved.tell(contact_ids=sorted({fact.contact_id for fact in facts}))
    record_events(
        NewEvent(REDEEMED, [one.contact_id] if one.contact_id else [], {"offer": one.pool.key, "code_id": one.pk})
        for one in rows
    )


def _fact(row: OfferCode) -> Fact:
    said: dict[str, Any] = {"code": row.code, "pool": row.pool.name, "name": row.pool.name}
    if row.order_id:
        said["order_id"] = row.order_id
    return Fact(
        "code_used",
        f"offer-{row.pk}",
        row.redeemed_at,
        row.contact_id,
        message_id=row.message_id,
        value_minor=row.value_minor,
        currency=row.currency or None,
        payload=said,
    )
