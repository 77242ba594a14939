"""`/offers`: pools of codes, codes, redemptions."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Schema, Status
from pydantic import Field

from contacts.api.reading import find_contact
from emails.models import OfferCode, OfferPool
from emails.offers.adding import NotTakenError, add_codes
from emails.offers.finding import Figures, figures_of, pools_found
from emails.offers.generating import BadAmountError, ask_for_codes
from emails.offers.keeping import BadPoolError, change_pool, make_pool, withdraw_code, withdraw_pool
from emails.offers.reading import fold
from emails.offers.redeeming import AlreadyRedeemedError, NoCodeError, NotRedeemedError, Use, redeem
from lib.foreign.cleaning import to_storable
from touchpoints.facts import BadFactError
from workspaces.api.door import scope
from workspaces.api.pages import Id, Moment, Paged, PageOf, Taken, newest_first
from workspaces.api.problems import Problem, nothing_here, refuse

router = Router()
LARGEST_VALUE = 10**13


class PoolShape(Schema):
    """A pool of codes."""

    id: int
    key: str = Field(description="An email names it {{ offer.key }}.")
    name: str
    kind: str = Field(description="unique, or one for everybody.")
    worth: str
    expires_at: datetime | None
    is_withdrawn: bool
    left: int | None = Field(description="Codes that nobody has; null where everybody has the same.")
    given: int
    redeemed: int
    revenue_minor: dict[str, int] = Field(description="What redemptions brought, by currency, in hundredths.")
    to_make: int = Field(description="Codes that are still being made.")


class NewPool(Taken):
    """A pool to make."""

    key: str = Field(max_length=40)
    name: str = Field(max_length=80)
    kind: str = Field("unique", max_length=6)
    worth: str = Field("", max_length=120)
    shared_code: str = Field("", max_length=64, description="The code that everybody gets, where kind is one.")
    expires_at: Moment | None = None


class PoolChange(Taken):
    """What is to be different; what is left out stays."""

    name: str | None = Field(None, max_length=80)
    worth: str | None = Field(None, max_length=120)
    expires_at: Moment | None = None
    is_withdrawn: bool | None = None


class Codes(Taken):
    """Codes to take into a pool, or how many to make."""

    codes: list[str] = Field([], max_length=10_000)
    make: int = Field(0, ge=0, le=1_000_000)
    prefix: str = Field("", max_length=20)


class AddedCodesShape(Schema):
    """What became of them."""

    added: int
    known: int = Field(description="Were in a pool already, or stood there twice.")
    refused: list[int] = Field(description="The places, from 1, of those that are no codes: too long, or unreadable.")
    to_make: int


class CodeShape(Schema):
    """One code, or one redemption of a code that everybody has."""

    code: str
    offer: str
    contact_id: int | None
    given_at: datetime | None
    redeemed_at: datetime | None
    value_minor: int | None
    currency: str
    order_id: str
    is_withdrawn: bool


class Redemption(Taken):
    """That a code is used. With an `order_id` it may be repeated."""

    code: str = Field(max_length=200)
    at: Moment | None = None
    value_minor: int | None = Field(None, ge=-LARGEST_VALUE, le=LARGEST_VALUE, description="In hundredths.")
    currency: str = Field("", max_length=3, pattern=r"^([A-Z]{3})?$")
    order_id: str = Field("", max_length=120)
    contact_id: Id | None = Field(None, description="Who used it, where the code was given to nobody.")


@router.get("/offers", response=PageOf[PoolShape], summary="List pools of codes")
@scope("offers:read")
def list_offers(request: HttpRequest, asked: Query[Paged]) -> dict[str, Any]:
    """Newest first."""
    rows, after = newest_first(pools_found().order_by(), asked)
    figures = figures_of(rows)
    return {"items": [_shape(one, figures[one.pk]) for one in rows], "next": after}


@router.post("/offers", response={201: PoolShape}, summary="Make a pool of codes")
@scope("offers:write")
def make_offer(request: HttpRequest, said: NewPool) -> Status:
    """422 when the key is taken."""
    try:
        pool = make_pool(said.model_dump(), by=None)
    except BadPoolError as error:
        raise refuse(f"body.{error.field}", str(error)) from error
    return Status(201, _shape(pool, figures_of([pool])[pool.pk]))


@router.get("/offers/{key}", response=PoolShape, summary="One pool of codes")
@scope("offers:read")
def get_offer(request: HttpRequest, key: str) -> dict[str, Any]:
    """With how many codes are left, given and redeemed."""
    pool = _found(key)
    return _shape(pool, figures_of([pool])[pool.pk])


@router.patch("/offers/{key}", response=PoolShape, summary="Change a pool of codes")
@scope("offers:write")
def change_offer(request: HttpRequest, key: str, said: PoolChange) -> dict[str, Any]:
    """`is_withdrawn`: nothing of it is given or redeemed any more. May be repeated."""
    pool, given = _found(key), said.model_dump(exclude_unset=True)
    is_withdrawn = given.pop("is_withdrawn", None)
    facts = {name: value for name, value in given.items() if value is not None or name == "expires_at"}
    try:
        change_pool(pool, facts, by=None)
    except BadPoolError as error:
        raise refuse(f"body.{error.field}", str(error)) from error
    if is_withdrawn is not None and is_withdrawn != (pool.withdrawn_at is not None):
        withdraw_pool(pool, by=None, again=not is_withdrawn)
    return _shape(pool, figures_of([pool])[pool.pk])


@router.post("/offers/{key}/codes", response=AddedCodesShape, summary="Add codes to a pool")
@scope("offers:write")
def add_offer_codes(request: HttpRequest, key: str, said: Codes) -> dict[str, Any]:
    """Codes that are in a pool already add nothing. `make` asks for new ones, which are there within a minute."""
    pool = _found(key)
    try:
        added = add_codes(pool, map(to_storable, said.codes), by=None)
        if said.make:
            ask_for_codes(pool, said.make, prefix=to_storable(said.prefix), by=None)
    except NotTakenError as error:
        raise Problem(409, "Everybody has the same code of this offer.", code="shared") from error
    except BadAmountError as error:
        raise refuse("body.make", str(error)) from error
    pool.refresh_from_db(fields=["to_make"])
    refused = [line for line, _code in added.refused]
    return {"added": added.added, "known": added.known, "refused": refused, "to_make": pool.to_make}


@router.get("/offers/{key}/codes/{code}", response=CodeShape, summary="One code")
@scope("offers:read", "contacts:read")
def get_code(request: HttpRequest, key: str, code: str) -> dict[str, Any]:
    """Whose it is, and whether it was used."""
    return _code(_found_code(key, code))


@router.post("/offers/{key}/codes/{code}/withdrawal", response=CodeShape, summary="Withdraw a code")
@scope("offers:write", "contacts:read")
def withdraw_one_code(request: HttpRequest, key: str, code: str) -> dict[str, Any]:
    """It is given to nobody and taken from nobody any more. 409 for one that was used. May be repeated."""
    row = _found_code(key, code)
    withdraw_code(row, by=None)
    row.refresh_from_db(fields=["withdrawn_at", "redeemed_at"])
    if row.withdrawn_at is None:
        raise Problem(409, "This code was used already.", code="already_redeemed")
    return _code(row)


@router.post("/offers/{key}/redemptions", response={200: CodeShape, 201: CodeShape}, summary="Redeem a code")
@scope("offers:write", "contacts:read")
def redeem_code(request: HttpRequest, key: str, said: Redemption) -> Status:
    """201 the first time, 200 when the same order comes again. 409 for a code that was used, with when."""
    pool = _found(key)
    contact = find_contact(said.contact_id) if said.contact_id is not None else None
    use = Use(
        said.code, said.at, said.value_minor, said.currency, said.order_id, contact.pk if contact else None, pool.pk
    )
    try:
        found = redeem(use)
    except AlreadyRedeemedError as error:
        raise Problem(409, f"This code was used at {error.at.isoformat()}.", code="already_redeemed") from error
    except NoCodeError as error:
        raise Problem(404, str(error), code="no_such_code") from error
    except NotRedeemedError as error:
        raise Problem(409, str(error), code="over") from error
    except BadFactError as error:
        raise refuse("body.at", str(error)) from error
    return Status(201 if found.is_new else 200, _code(found.row))


def _found(key: str) -> OfferPool:
    found = OfferPool.objects.filter(key=to_storable(key)).first()
    if found is None:
        raise nothing_here("pool of codes")
    return found


def _found_code(key: str, code: str) -> OfferCode:
    rows = OfferCode.objects.filter(pool=_found(key), folded=fold(to_storable(code)), is_shared=False)
    found = rows.select_related("pool").first()
    if found is None:
        raise nothing_here("code")
    return found


def _shape(pool: OfferPool, figures: Figures) -> dict[str, Any]:
    plain = {name: getattr(pool, name) for name in ("key", "name", "kind", "worth", "expires_at", "to_make")}
    counted = {name: getattr(figures, name) for name in ("left", "given", "redeemed")}
    more = {"id": pool.pk, "is_withdrawn": pool.withdrawn_at is not None, "revenue_minor": figures.revenue}
    return plain | counted | more


def _code(row: OfferCode) -> dict[str, Any]:
    plain = ("code", "contact_id", "given_at", "redeemed_at", "value_minor", "currency", "order_id")
    is_withdrawn = row.withdrawn_at is not None or row.pool.withdrawn_at is not None
    return {name: getattr(row, name) for name in plain} | {"offer": row.pool.key, "is_withdrawn": is_withdrawn}
