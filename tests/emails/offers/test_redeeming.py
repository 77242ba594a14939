"""Codes are redeemed once: on the timeline of whose they are, idempotent by order, as news, by the coupon of a purchase."""

import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from emails.models import OfferCode, OfferPool
from emails.offers.adding import add_codes
from emails.offers.finding import figures_of
from emails.offers.giving import give_codes
from emails.offers.keeping import withdraw_code, withdraw_pool
from emails.offers.personal_data import erase_codes, gather_codes
from emails.offers.reading import fold
from emails.offers.redeeming import (
    AlreadyRedeemedError,
    NoCodeError,
    OverError,
    Use,
    redeem,
    redeem_all,
)
from lib.clock import now
from tests.factories.contacts import make_contact
from tests.factories.offers import make_offer
from touchpoints.facts import BadFactError, Fact
from touchpoints.kinds import KINDS
from touchpoints.models import Touchpoint
from touchpoints.recording import record
from touchpoints.sources import source_for
from workspaces.current import working_in
from workspaces.keys import make_key
from workspaces.models import Event

pytestmark = pytest.mark.django_db
USED = KINDS["code_used"].code


def uses_of(contact) -> list[Touchpoint]:
    return list(Touchpoint.objects.filter(contact=contact, kind=USED))


def bought(contact, coupon: object, order: str = "A-1", **more) -> Fact:
    payload = {"coupon": coupon, "order_id": order, "currency": "EUR"}
    return Fact("purchase", f"p-{order}", contact_id=contact.pk, value_minor=2490, payload=payload, **more)


def test_a_code_is_redeemed_once_on_the_timeline_of_whose_it_is(inside):
    pool, mina, other = make_offer(["TEA-1"]), make_contact(), make_contact()
    give_codes(["spring"], [mina.pk], message_id=7)

    first = redeem(Use(" tea-1", value_minor=2490, currency="EUR", contact_id=other.pk))
    with pytest.raises(AlreadyRedeemedError) as second:
        redeem(Use("TEA-1"))

    assert first.is_new
    assert second.value.at == first.row.redeemed_at
    (fact,) = uses_of(mina)
    assert (fact.value_minor, fact.currency, fact.message_id) == (2490, "EUR", 7)
    assert (fact.payload["code"], fact.payload["pool"]) == ("TEA-1", "Spring")
    assert uses_of(other) == []
    found = figures_of([pool])[pool.pk]
    assert (found.left, found.given, found.redeemed, found.revenue, found.share) == (0, 1, 1, {"EUR": 2490}, 100)
    event = Event.objects.get(type="offer.redeemed")
    assert event.data["offer"] == "spring"


def test_the_same_order_may_say_it_again(inside):
    make_offer(["TEA-1"])
    make_offer(key="all", name="All", kind="one", shared_code="TEATIME")

    answers = [redeem(Use(code, order="R-9")).is_new for code in ("TEA-1", "TEA-1", "teatime", "teatime")]

    assert answers == [True, False, True, False]
    assert OfferCode.objects.exclude(redeemed_at=None).count() == 2
    assert [one.is_new for one in redeem_all([Use("TEATIME", order="R-10"), Use("TEATIME", order="R-10")])] == [
        True,
        False,
    ]


def test_a_shared_code_is_used_by_whom_the_caller_names(inside):
    make_offer(kind="one", shared_code="TEATIME")
    mina = make_contact()

    redeem(Use("TEATIME", contact_id=mina.pk))
    redeem(Use("TEATIME"))

    assert len(uses_of(mina)) == 1
    assert OfferCode.objects.filter(is_shared=True).count() == 2


def test_what_is_over_withdrawn_or_unknown_is_refused(inside):
    pool = make_offer(["TEA-1", "TEA-2"])
    withdraw_code(OfferCode.objects.get(code="TEA-2"), by=None)

    with pytest.raises(NoCodeError):
        redeem(Use("TEA-3"))
    with pytest.raises(NoCodeError):
        redeem(Use("TEA-1", pool_id=pool.pk + 1))
    with pytest.raises(OverError):
        redeem(Use("TEA-2"))
    with pytest.raises(BadFactError):
        redeem(Use("TEA-1", at=now() + timedelta(days=1)))
    OfferPool.objects.update(expires_at=now() - timedelta(hours=1))
    with pytest.raises(OverError):
        redeem(Use("TEA-1"))
    assert redeem(Use("TEA-1", at=now() - timedelta(hours=2))).is_new
    withdraw_pool(pool, by=None)
    with pytest.raises(OverError):
        redeem(Use("TEA-2", at=now() - timedelta(hours=2)))


def test_a_purchase_with_a_coupon_redeems_it(inside):
    make_offer(["TEA-1", "TEA-2"])
    mina, source = make_contact(), source_for("shop", "Shop")
    give_codes(["spring"], [mina.pk], message_id=7)

    for _ in range(2):  # the shop sends it again
        record([bought(mina, "tea-1", occurred_at=now() - timedelta(minutes=5))], source=source)
    record([bought(mina, "nothing", "A-2"), bought(mina, 12, "A-3")], source=source)
    record([bought(mina, "TEA-2", "A-4", weight_milli=0)], source=source)

    (fact,) = uses_of(mina)
    assert fact.payload["order_id"] == "A-1"
    assert OfferCode.objects.get(code="TEA-1").value_minor == 2490
    assert OfferCode.objects.get(code="TEA-2").redeemed_at is None


def test_redeeming_costs_the_same_for_one_and_for_fifty(inside):
    pool = make_offer(60)
    people = [make_contact().pk for _ in range(51)]
    give_codes(["spring"], people, message_id=1)
    codes = list(OfferCode.objects.filter(pool=pool).exclude(given_at=None).values_list("code", flat=True))
    redeem_all([Use(codes.pop())])

    with CaptureQueriesContext(connection) as one:
        redeem_all([Use(codes[0])])
    with CaptureQueriesContext(connection) as forty:
        redeem_all([Use(code) for code in codes[1:]])

    assert len(one) == len(forty)


def test_lines_are_told_by_what_became_of_them(inside):
    pool = make_offer(["TEA-1"])
    make_offer(key="all", name="All", kind="one", shared_code="TEATIME")

    found = add_codes(pool, ["tea-1", " TEA-2 ", "TEA-2", "TEATIME", "", "x" * 65, "a\x07b"], by=None)

    assert (found.added, found.known, [line for line, _code in found.refused]) == (1, 3, [6, 7])


@pytest.mark.parametrize(("code", "folded"), [(" Tea 1", "tea1"), ("ＴＥＡ", "tea"), ("STRASSE", fold("straße"))])
def test_codes_are_compared_without_capitals_and_blanks(code, folded):
    assert fold(code) == folded


def test_the_erased_leave_a_used_code_without_their_name(inside):
    pool, mina = make_offer(["TEA-1"]), make_contact()
    give_codes(["spring"], [mina.pk], message_id=7)
    redeem(Use("TEA-1", order="R-9"))

    told = list(gather_codes([mina.pk]))
    erase_codes([mina.pk])

    assert [(one["code"], one["pool"], one["order_id"]) for one in told] == [("TEA-1", "Spring", "R-9")]
    row = OfferCode.objects.get()
    assert (row.contact_id, row.order_id, row.given_at is None) == (None, "", False)
    assert give_codes(["spring"], [make_contact().pk], message_id=8).codes == {}
    assert figures_of([pool])[pool.pk].redeemed == 1


def test_the_share_is_of_those_that_were_given(inside):
    pool = make_offer(["TEA-1", "TEA-2", "TEA-3", "TEA-4"])
    give_codes(["spring"], [make_contact().pk, make_contact().pk], message_id=7)
    given = OfferCode.objects.exclude(given_at=None).values_list("code", flat=True)

    redeem_all([Use(one) for one in ("TEA-1", "TEA-2", "TEA-3", "TEA-4") if one != given[0]])

    figures = figures_of([pool])[pool.pk]
    assert (figures.given, figures.redeemed, figures.share) == (2, 3, 50)


def test_a_purchase_that_anybody_could_have_written_redeems_nothing(client, kettle):
    with working_in(kettle):
        make_offer(["TEA-1"])
        key = make_key("browser", "Shop")[1]
    bought = {"type": "track", "event": "purchase", "userId": "u1", "properties": {"coupon": "TEA-1", "value": 9}}

    kept = client.post("/v1/batch", json.dumps({"writeKey": key, "batch": [bought]}), content_type="text/plain").json()

    assert kept["kept"] == 1
    with working_in(kettle):
        assert Touchpoint.objects.filter(kind=KINDS["purchase"].code).count() == 1
        assert OfferCode.objects.get().redeemed_at is None
